/*
 * fuzz_identifier.c: a text is a name, an address or a number exactly when regular expressions, a
 * second and independent reading of the same rules, say so.
 */
#include "fuzz.h"

#include <regex.h>
#include <stdbool.h>

#include "pure/contact.h"
#include "pure/identifier.h"

#define ATOM  "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\xff-]+"
#define WORD  "[A-Za-z0-9\x80-\xff]"
#define LABEL WORD "(" WORD "|-+" WORD ")*"

typedef struct Rule
{
	const char *expression;
	bool (*predicate)(const char *text, size_t length);
	bool compiled;
	regex_t regex;
} Rule;

static Rule rules[] = {
	{.expression = "^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$",
	 .predicate = ud_identifier_is_connection_name},
	{.expression = "^[a-z0-9@^$.!`#+'~_-]+$", .predicate = ud_identifier_is_username},
	{.expression = "^[+][0-9]{1,15}$", .predicate = ud_identifier_is_phone_number},
	{.expression = "^[^\x01-\x20\x7f]+$", .predicate = ud_identifier_is_user_id_part},
};

/* A dot-atom or a quoted-string, "@", and labels; the lengths of these are looked at by hand. */
static Rule email = {
	.expression =
		"^(" ATOM "(\\." ATOM ")*|\"([^\x01-\x1f\x7f\"\\\\]|\\\\[^\x01-\x1f\x7f])+\")@(" LABEL
		"\\.)+" LABEL "$",
};

/* matches compares a text; one with a zero byte matches nothing. */
static bool
matches(Rule *rule, const char *text, size_t length)
{
	char *terminated = malloc(length + 1);
	bool result;

	if (!rule->compiled)
	{
		DEMAND(regcomp(&rule->regex, rule->expression, REG_EXTENDED | REG_NOSUB) == 0);
		rule->compiled = true;
	}
	memcpy(terminated, text, length);
	terminated[length] = '\0';
	result = strlen(terminated) == length && regexec(&rule->regex, terminated, 0, NULL, 0) == 0;
	free(terminated);
	return result;
}

/* has_good_labels looks at the domain of what matched: no label above 63, the last of 2 at least
 * and no number. */
static bool
has_good_labels(const char *text, size_t length)
{
	size_t start = length;
	bool digits_only = true;
	size_t label = 0;

	while (start > 0 && text[start - 1] != '@')
		start--;
	for (size_t i = start; i <= length; i++)
	{
		if (i < length && text[i] != '.')
		{
			label++;
			digits_only = digits_only && text[i] >= '0' && text[i] <= '9';
			continue;
		}
		if (label > 63 || (i == length && (label < 2 || digits_only)))
			return false;
		label = 0;
		digits_only = true;
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	bool is_email = ud_identifier_is_email(text, size);

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		DEMAND(rules[i].predicate(text, size) == matches(&rules[i], text, size));
	DEMAND(is_email == (matches(&email, text, size) && has_good_labels(text, size)));

	/* What is an address has a local part. */
	if (is_email)
		DEMAND(ud_contact_local_part(text, size) > 0 && ud_contact_local_part(text, size) < size);
	return 0;
}
