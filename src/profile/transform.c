/*
 * transform.c: what an attribute map may do to a value on its way.
 */
#include "base/userdir.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "profile/transform.h"
#include "pure/contact.h"
#include "pure/uri.h"

#define MAX_ARGUMENT_LENGTH 256 /* bytes */

void
ud_transform_set_text(JsonbValue *value, const char *text, int length)
{
	value->type = jbvString;
	value->val.string.val = unconstify(char *, text);
	value->val.string.len = length;
}

char *
ud_transform_lower(const char *text, int length)
{
	char *lower = pnstrdup(text, length);

	for (char *c = lower; *c != '\0'; c++)
		*c = pg_ascii_tolower((unsigned char)*c);
	return lower;
}

static bool
is_blank_character(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool
ud_transform_is_blank(const char *text, int length)
{
	for (int i = 0; i < length; i++)
	{
		if (!is_blank_character(text[i]))
			return false;
	}
	return true;
}

static bool
equals_word(const JsonbValue *value, const char *word)
{
	return value->val.string.len == strlen(word) &&
		   pg_strncasecmp(value->val.string.val, word, value->val.string.len) == 0;
}

/* trim_text narrows a string to what stands between its outer white space. */
static void
trim_text(JsonbValue *value)
{
	char *text = value->val.string.val;
	int length = value->val.string.len;

	while (length > 0 && is_blank_character(*text))
	{
		text++;
		length--;
	}
	while (length > 0 && is_blank_character(text[length - 1]))
		length--;
	ud_transform_set_text(value, text, length);
}

bool
ud_transform_to_text(JsonbValue *value)
{
	if (value->type == jbvNumeric)
	{
		/* 123.0 is the number 123 to every JSON reader, so it is the same id. */
		char *text = numeric_normalize(value->val.numeric);

		ud_transform_set_text(value, text, strlen(text));
	}
	return value->type == jbvString &&
		   !ud_transform_is_blank(value->val.string.val, value->val.string.len);
}

bool
ud_transform_to_boolean(JsonbValue *value)
{
	bool result;

	if (value->type == jbvBool)
		return true;
	if (value->type == jbvNumeric)
		(void)ud_transform_to_text(value);
	if (value->type != jbvString)
		return false;

	if (equals_word(value, "true") || equals_word(value, "1"))
		result = true;
	else if (equals_word(value, "false") || equals_word(value, "0"))
		result = false;
	else
		return false;
	value->type = jbvBool;
	value->val.boolean = result;
	return true;
}

bool
ud_transform_to_email(JsonbValue *value)
{
	if (value->type != jbvString)
		return false;
	trim_text(value);
	return value->val.string.len > 0;
}

bool
ud_transform_to_phone(JsonbValue *value)
{
	char phone[UD_PHONE_MAX_LENGTH];
	int length;

	if (value->type != jbvString)
		return false;
	trim_text(value);
	length = ud_contact_phone(value->val.string.val, value->val.string.len, phone);
	if (length == 0)
		return false;
	ud_transform_set_text(value, pnstrdup(phone, length), length);
	return true;
}

bool
ud_transform_to_web_uri(JsonbValue *value)
{
	if (value->type != jbvString)
		return false;
	trim_text(value);
	return ud_uri_is_web(value->val.string.val, value->val.string.len);
}

bool
ud_transform_local_part(JsonbValue *value)
{
	if (!ud_transform_to_text(value))
		return false;
	value->val.string.len = ud_contact_local_part(value->val.string.val, value->val.string.len);
	return value->val.string.len > 0;
}

/* The functions behind the names follow; their common comment is in transform.h. */

static bool
apply_to_text(JsonbValue *value, const char *argument, int argument_length)
{
	return ud_transform_to_text(value);
}

static bool
apply_to_bool(JsonbValue *value, const char *argument, int argument_length)
{
	return ud_transform_to_boolean(value);
}

static bool
apply_not(JsonbValue *value, const char *argument, int argument_length)
{
	if (!ud_transform_to_boolean(value))
		return false;
	value->val.boolean = !value->val.boolean;
	return true;
}

static bool
apply_lower(JsonbValue *value, const char *argument, int argument_length)
{
	if (!ud_transform_to_text(value))
		return false;
	value->val.string.val = ud_transform_lower(value->val.string.val, value->val.string.len);
	return true;
}

static bool
apply_trim(JsonbValue *value, const char *argument, int argument_length)
{
	if (!ud_transform_to_text(value))
		return false;
	trim_text(value);
	return true;
}

static bool
apply_local_part(JsonbValue *value, const char *argument, int argument_length)
{
	return ud_transform_local_part(value);
}

static bool
apply_email(JsonbValue *value, const char *argument, int argument_length)
{
	return ud_transform_to_email(value) &&
		   ud_contact_is_email(value->val.string.val, value->val.string.len);
}

static bool
apply_phone(JsonbValue *value, const char *argument, int argument_length)
{
	return ud_transform_to_phone(value);
}

static bool
apply_uri(JsonbValue *value, const char *argument, int argument_length)
{
	return ud_transform_to_web_uri(value);
}

/* is_container tells arrays and objects inside a document from scalars. */
static bool
is_array(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data);
}

static bool
is_object(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data);
}

/* is_present returns whether a value counts as one: not null, not blank, not empty. */
static bool
is_present(const JsonbValue *value)
{
	if (value->type == jbvNull)
		return false;
	if (value->type == jbvString)
		return !ud_transform_is_blank(value->val.string.val, value->val.string.len);
	return value->type != jbvBinary || JsonContainerSize(value->val.binary.data) > 0;
}

/* pick_element replaces an array by its first or last element that is present. */
static bool
pick_element(JsonbValue *value, bool last)
{
	JsonbContainer *array;
	uint32 count;

	if (!is_array(value))
		return true;
	array = value->val.binary.data;
	count = JsonContainerSize(array);
	for (uint32 i = 0; i < count; i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(array, last ? count - 1 - i : i);

		CHECK_FOR_INTERRUPTS();
		if (element != NULL && is_present(element))
		{
			*value = *element;
			return true;
		}
	}
	return false;
}

static bool
apply_first(JsonbValue *value, const char *argument, int argument_length)
{
	return pick_element(value, false);
}

static bool
apply_last(JsonbValue *value, const char *argument, int argument_length)
{
	return pick_element(value, true);
}

static bool
get_member(const JsonbValue *object, const char *name, int length, JsonbValue *member)
{
	return is_object(object) &&
		   getKeyJsonValueFromContainer(object->val.binary.data, name, length, member) != NULL;
}

/* find_preferred_locale builds the "en_US" of a preferredLocale; false when it is not complete. */
static bool
find_preferred_locale(const JsonbValue *object, StringInfo locale)
{
	JsonbValue preferred;
	JsonbValue part;

	if (!get_member(object, "preferredLocale", 15, &preferred) ||
		!get_member(&preferred, "language", 8, &part) || part.type != jbvString)
		return false;
	appendBinaryStringInfo(locale, part.val.string.val, part.val.string.len);
	if (get_member(&preferred, "country", 7, &part) && part.type == jbvString)
	{
		appendStringInfoChar(locale, '_');
		appendBinaryStringInfo(locale, part.val.string.val, part.val.string.len);
	}
	return true;
}

/* pick_any_member replaces an object by the first member of it that is a text. */
static bool
pick_any_member(JsonbValue *value)
{
	JsonbIterator *iterator = JsonbIteratorInit(value->val.binary.data);
	JsonbValue member;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &member, true)) != WJB_DONE)
	{
		if (token == WJB_VALUE && member.type == jbvString && is_present(&member))
		{
			*value = member;
			return true;
		}
	}
	return false;
}

/* apply_localized reads a text that comes in several languages, as LinkedIn's names do. */
static bool
apply_localized(JsonbValue *value, const char *argument, int argument_length)
{
	JsonbValue texts;
	JsonbValue text;
	StringInfoData locale;

	if (!is_object(value))
		return ud_transform_to_text(value);
	if (!get_member(value, "localized", 9, &texts))
		texts = *value;
	if (!is_object(&texts))
	{
		*value = texts;
		return ud_transform_to_text(value);
	}

	initStringInfo(&locale);
	if (find_preferred_locale(value, &locale) &&
		get_member(&texts, locale.data, locale.len, &text) && ud_transform_to_text(&text))
	{
		*value = text;
		return true;
	}
	*value = texts;
	return pick_any_member(value);
}

/*
 * find_text returns where needle first or last stands in a string, or -1. It goes by characters: in
 * encodings such as EUC_JP the end of one and the start of the next can look like a third.
 */
static int
find_text(const JsonbValue *value, const char *needle, int needle_length, bool last)
{
	const char *text = value->val.string.val;
	int found = -1;

	for (int i = 0; i + needle_length <= value->val.string.len; i += pg_mblen(text + i))
	{
		if (memcmp(text + i, needle, needle_length) == 0)
		{
			found = i;
			if (!last)
				break;
		}
	}
	return found;
}

/*
 * cut_text keeps what stands before or behind a needle. A text without the needle stays as it is:
 * the form with it and the one without it are generations of one attribute.
 */
static bool
cut_text(JsonbValue *value, const char *needle, int needle_length, bool last, bool behind)
{
	int found;

	if (!ud_transform_to_text(value))
		return false;
	found = find_text(value, needle, needle_length, last);
	if (found >= 0 && behind)
		ud_transform_set_text(value, value->val.string.val + found + needle_length,
							  value->val.string.len - found - needle_length);
	else if (found >= 0)
		value->val.string.len = found;
	return value->val.string.len > 0;
}

static bool
apply_after_first(JsonbValue *value, const char *argument, int argument_length)
{
	return cut_text(value, argument, argument_length, false, true);
}

static bool
apply_after_last(JsonbValue *value, const char *argument, int argument_length)
{
	return cut_text(value, argument, argument_length, true, true);
}

static bool
apply_before_first(JsonbValue *value, const char *argument, int argument_length)
{
	return cut_text(value, argument, argument_length, false, false);
}

static bool
apply_before_last(JsonbValue *value, const char *argument, int argument_length)
{
	return cut_text(value, argument, argument_length, true, false);
}

/* apply_prefix puts a text before one that does not begin with it. */
static bool
apply_prefix(JsonbValue *value, const char *argument, int argument_length)
{
	char *text;
	int length;

	if (!ud_transform_to_text(value))
		return false;
	length = value->val.string.len;
	if (length >= argument_length && memcmp(value->val.string.val, argument, argument_length) == 0)
		return true;
	text = palloc(argument_length + length);
	memcpy(text, argument, argument_length);
	memcpy(text + argument_length, value->val.string.val, length);
	ud_transform_set_text(value, text, argument_length + length);
	return true;
}

typedef struct TransformInfo
{
	const char *name;
	UdTransformFunction apply;
	bool takes_argument;
} TransformInfo;

static const TransformInfo transforms[] = {
	{"after_first", apply_after_first, true},
	{"after_last", apply_after_last, true},
	{"before_first", apply_before_first, true},
	{"before_last", apply_before_last, true},
	{"email", apply_email, false},
	{"first", apply_first, false},
	{"last", apply_last, false},
	{"local_part", apply_local_part, false},
	{"localized", apply_localized, false},
	{"lower", apply_lower, false},
	{"not", apply_not, false},
	{"phone", apply_phone, false},
	{"prefix", apply_prefix, true},
	{"to_bool", apply_to_bool, false},
	{"to_text", apply_to_text, false},
	{"trim", apply_trim, false},
	{"uri", apply_uri, false},
};

bool
ud_transform_find(const char *text, int length, UdTransform *transform, const char **problem)
{
	const char *colon = memchr(text, ':', length);
	int name_length = colon ? colon - text : length;

	*problem = "unknown transform";
	for (int i = 0; i < lengthof(transforms); i++)
	{
		const TransformInfo *info = &transforms[i];

		if (strlen(info->name) != name_length || memcmp(info->name, text, name_length) != 0)
			continue;
		transform->apply = info->apply;
		transform->argument = colon ? colon + 1 : NULL;
		transform->argument_length = colon ? length - name_length - 1 : 0;
		if (info->takes_argument && transform->argument_length == 0)
			*problem = "transform needs an argument";
		else if (transform->argument_length > MAX_ARGUMENT_LENGTH)
			*problem = "argument of transform is too long";
		else if (!info->takes_argument && colon != NULL)
			*problem = "transform takes no argument";
		else
			return true;
		return false;
	}
	return false;
}

char *
ud_transform_names(void)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < lengthof(transforms); i++)
		appendStringInfo(&names, "%s%s%s", i > 0 ? ", " : "", transforms[i].name,
						 transforms[i].takes_argument ? ":..." : "");
	return names.data;
}
