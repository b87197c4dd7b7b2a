/*
 * keys.c: the keys of a JSON object that has a fixed set of them.
 */
#include "base/userdir.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/varlena.h"

#include "ldap/keys.h"

/* More letters than this are not compared, nor shown. */
#define LONGEST_SHOWN 64

/* lower_case returns a key in lower case; the known ones are. */
static char *
lower_case(const char *key, int length)
{
	char *lower = pnstrdup(key, length);

	for (char *c = lower; *c != '\0'; c++)
		*c = (char)pg_ascii_tolower((unsigned char)*c);
	return lower;
}

/* nearest_key returns the known key that a wrong one is most likely meant to be, or NULL. */
static const char *
nearest_key(const char *wrong, int length, const char *const *known)
{
	const char *key = lower_case(wrong, length);
	const char *nearest = NULL;
	int smallest = length / 2 + 1;

	for (; *known != NULL; known++)
	{
		int known_length = (int)strlen(*known);
		int distance = varstr_levenshtein_less_equal(key, length, *known, known_length, 1, 1, 1,
													 smallest, true);

		if (distance < smallest ||
			(nearest == NULL && length >= 3 && strncmp(key, *known, length) == 0))
		{
			nearest = *known;
			smallest = Min(distance, smallest);
		}
	}
	return nearest;
}

/* list_keys returns the known keys in a sentence's form. */
static const char *
list_keys(const char *const *known)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; known[i] != NULL; i++)
		appendStringInfo(&list, "%s%s",
						 i == 0                 ? ""
						 : known[i + 1] == NULL ? " and "
												: ", ",
						 known[i]);
	return list.data;
}

static void
refuse_key(const JsonbValue *key, const char *const *known, const char *where)
{
	int shown = pg_mbcliplen(key->val.string.val, key->val.string.len, LONGEST_SHOWN);
	const char *nearest = key->val.string.len <= LONGEST_SHOWN
							  ? nearest_key(key->val.string.val, key->val.string.len, known)
							  : NULL;

	ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
					errmsg("unknown key \"%.*s\" in %s", shown, key->val.string.val, where),
					nearest != NULL ? errhint("Perhaps you mean \"%s\".", nearest)
									: errhint("The keys are %s.", list_keys(known))));
}

void
ud_ldap_keys_check(JsonbContainer *object, const char *const *known, const char *where)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue key;

	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		bool is_known = token != WJB_KEY;

		for (int i = 0; !is_known && known[i] != NULL; i++)
			is_known = key.val.string.len == (int)strlen(known[i]) &&
					   memcmp(key.val.string.val, known[i], key.val.string.len) == 0;
		if (!is_known)
			refuse_key(&key, known, where);
	}
}

/* find returns whether an object has a key with another value than null. */
static bool
find(JsonbContainer *object, const char *key, JsonbValue *value)
{
	return getKeyJsonValueFromContainer(object, key, (int)strlen(key), value) != NULL &&
		   value->type != jbvNull;
}

static void
refuse_type(const char *key, const char *wanted)
{
	ereport(ERROR,
			(errcode(UD_ERR_LDAP_CONFIGURATION), errmsg("\"%s\" has to be %s", key, wanted)));
}

const char *
ud_ldap_keys_utf8(const JsonbValue *string)
{
	char *text = pnstrdup(string->val.string.val, string->val.string.len);

	return pg_server_to_any(text, (int)strlen(text), PG_UTF8);
}

const char *
ud_ldap_keys_text(JsonbContainer *object, const char *key, const char *missing)
{
	JsonbValue value;

	if (!find(object, key, &value))
		return missing;
	if (value.type != jbvString || value.val.string.len == 0)
		refuse_type(key, "a string that is not empty");
	return ud_ldap_keys_utf8(&value);
}

bool
ud_ldap_keys_boolean(JsonbContainer *object, const char *key)
{
	JsonbValue value;

	if (!find(object, key, &value))
		return false;
	if (value.type != jbvBool)
		refuse_type(key, "true or false");
	return value.val.boolean;
}

double
ud_ldap_keys_number(JsonbContainer *object, const char *key, double lowest, double highest,
					double missing)
{
	JsonbValue value;
	double number;

	if (!find(object, key, &value))
		return missing;
	if (value.type != jbvNumeric)
		refuse_type(key, "a number");
	number = DatumGetFloat8(
		DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value.val.numeric)));
	if (!(number >= lowest && number <= highest))
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
						errmsg("\"%s\" has to be from %g to %g", key, lowest, highest)));
	return number;
}

JsonbContainer *
ud_ldap_keys_object(JsonbContainer *object, const char *key)
{
	JsonbValue value;

	if (!find(object, key, &value))
		return NULL;
	if (value.type != jbvBinary || !JsonContainerIsObject(value.val.binary.data))
		refuse_type(key, "an object");
	return value.val.binary.data;
}
