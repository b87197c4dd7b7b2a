/*
 * option_names.c: options of a connection that are misspelled.
 *
 * Two names are compared by their letters and digits alone, without case: "disable-signUp" is as
 * good as "disable_signup" to whoever reads it, and to nobody else.
 */
#include "base/userdir.h"

#include "utils/builtins.h"
#include "utils/varlena.h"

#include "profile/option_names.h"

/* A longer name is nobody's mistake for one of ours. */
#define LONGEST_MISTAKE 64

/* As much of the beginning of a name says which one is meant. */
#define SHORTEST_BEGINNING 10

/* Those that are acted on. */
static const char *const known_names[] = {"allowed_audiences",
										  "attribute_map",
										  "brute_force_protection",
										  "client_id",
										  "customScripts",
										  "disable_self_service_change_password",
										  "disable_signup",
										  "enabledDatabaseCustomization",
										  "enabled_clients",
										  "fieldsMap",
										  "id_token_signed_response_algs",
										  "import_mode",
										  "non_persistent_attrs",
										  "passwordPolicy",
										  "password_complexity_options",
										  "password_dictionary",
										  "password_history",
										  "password_nist_options",
										  "password_no_personal_info",
										  "password_options",
										  "requires_username",
										  "set_user_root_attributes",
										  "tenantId",
										  "useCommonEndpoint",
										  "user_id_attribute",
										  "validation"};

/* An option of SAML connections at the hosted service that only looks like disable_signup. */
static const char *const namesake = "disablesignout";

/* plain_name returns the letters and digits of a name, in lower case. */
static char *
plain_name(const char *name, int length)
{
	char *plain = palloc(length + 1);
	int count = 0;

	for (int i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char)name[i];

		if (c != '_' && c != '-' && c != '.' && c != ' ')
			plain[count++] = (char)pg_ascii_tolower(c);
	}
	plain[count] = '\0';
	return plain;
}

/* allowed_distance returns how many letters may be wrong in a name of that length. */
static int
allowed_distance(int length)
{
	if (length < 9)
		return 0;
	return length < 13 ? 1 : 2;
}

/* is_like returns whether a name is so near to a known one that it is likely to be meant. */
static bool
is_like(const char *plain, const char *known)
{
	char *plain_known = plain_name(known, (int)strlen(known));
	int length = (int)strlen(plain);
	int known_length = (int)strlen(plain_known);
	int allowed = allowed_distance(known_length);

	if (length >= SHORTEST_BEGINNING && strncmp(plain, plain_known, length) == 0)
		return true;
	return varstr_levenshtein_less_equal(plain, length, plain_known, known_length, 1, 1, 1, allowed,
										 true) <= allowed;
}

/* find_meant returns the known name that a name is a mistake for, or NULL. */
static const char *
find_meant(const char *name, int length)
{
	char *plain;

	for (int i = 0; i < (int)lengthof(known_names); i++)
	{
		if (length == (int)strlen(known_names[i]) && memcmp(name, known_names[i], length) == 0)
			return NULL;
	}
	if (length > LONGEST_MISTAKE)
		return NULL;
	plain = plain_name(name, length);
	if (strcmp(plain, namesake) == 0)
		return NULL;
	for (int i = 0; i < (int)lengthof(known_names); i++)
	{
		if (is_like(plain, known_names[i]))
			return known_names[i];
	}
	return NULL;
}

void
ud_option_names_check(JsonbContainer *options)
{
	JsonbIterator *iterator = JsonbIteratorInit(options);
	JsonbIteratorToken token;
	JsonbValue key;

	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		const char *meant;

		if (token != WJB_KEY)
			continue;
		meant = find_meant(key.val.string.val, key.val.string.len);
		if (meant != NULL)
			ereport(ERROR, (errcode(UD_ERR_INVALID_CONNECTION),
							errmsg("connection option \"%s\" is unknown",
								   pnstrdup(key.val.string.val, key.val.string.len)),
							errhint("Perhaps \"%s\" is meant. Unknown options are kept, but not "
									"one that looks like a known one.",
									meant)));
	}
}
