/*
 * policy_report.c: what a policy says of a password, rule by rule.
 *
 * Codes and messages are interface: front ends translate the codes and print the messages.
 */
#include "base/userdir.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "crypto/policy_report.h"

/* The classes in the order in which they are reported. */
static const struct
{
	unsigned class;
	const char *code;
	const char *message;
} items[] = {
	{UD_PASSWORD_LOWER, "lowerCase", "lower case letters (a-z)"},
	{UD_PASSWORD_UPPER, "upperCase", "upper case letters (A-Z)"},
	{UD_PASSWORD_DIGIT, "numbers", "numbers (i.e. 0-9)"},
	{UD_PASSWORD_SPECIAL, "specialCharacters", "special characters (e.g. !@#$%^&*)"},
};

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz";

static void
push_text(UdPolicyReport *report, JsonbIteratorToken token, const char *text)
{
	JsonbValue value;

	value.type = jbvString;
	value.val.string.val = pstrdup(text);
	value.val.string.len = (int)strlen(text);
	pushJsonbValue(&report->state, token, &value);
}

static void
push_number(UdPolicyReport *report, int number)
{
	JsonbValue value;

	value.type = jbvNumeric;
	value.val.numeric = DatumGetNumeric(DirectFunctionCall1(int4_numeric, Int32GetDatum(number)));
	pushJsonbValue(&report->state, WJB_ELEM, &value);
}

static void
push_bool(UdPolicyReport *report, bool boolean)
{
	JsonbValue value;

	value.type = jbvBool;
	value.val.boolean = boolean;
	pushJsonbValue(&report->state, WJB_VALUE, &value);
}

/* begin_object begins a rule or item with what all of them have. */
static void
begin_object(UdPolicyReport *report, const char *code, const char *message, bool verified)
{
	pushJsonbValue(&report->state, WJB_BEGIN_OBJECT, NULL);
	push_text(report, WJB_KEY, "code");
	push_text(report, WJB_VALUE, code);
	push_text(report, WJB_KEY, "message");
	push_text(report, WJB_VALUE, message);
	push_text(report, WJB_KEY, "verified");
	push_bool(report, verified);
}

static void
end_object(UdPolicyReport *report)
{
	pushJsonbValue(&report->state, WJB_END_OBJECT, NULL);
}

static void
begin_array(UdPolicyReport *report, const char *key)
{
	push_text(report, WJB_KEY, key);
	pushJsonbValue(&report->state, WJB_BEGIN_ARRAY, NULL);
}

static void
end_array(UdPolicyReport *report)
{
	pushJsonbValue(&report->state, WJB_END_ARRAY, NULL);
}

static void
begin_rule(UdPolicyReport *report, const char *code, const char *message, bool verified)
{
	begin_object(report, code, message, verified);
	report->verified = report->verified && verified;
}

static void
push_items(UdPolicyReport *report, unsigned wanted, unsigned found)
{
	begin_array(report, "items");
	for (int i = 0; i < lengthof(items); i++)
	{
		if ((wanted & items[i].class) == 0)
			continue;
		begin_object(report, items[i].code, items[i].message, (found & items[i].class) != 0);
		end_object(report);
	}
	end_array(report);
}

/* report_row adds a rule about rows of characters, with an example of what is one too long. */
static void
report_row(UdPolicyReport *report, const char *code, const char *message, int max,
		   const char *example, bool verified)
{
	begin_rule(report, code, message, verified);
	begin_array(report, "format");
	push_number(report, max);
	push_text(report, WJB_ELEM, example);
	end_array(report);
	end_object(report);
}

/* same_letters returns as many letters "a" as there must not be in a row. */
static char *
same_letters(int count)
{
	char *text = palloc(count + 1);

	memset(text, 'a', count);
	text[count] = '\0';
	return text;
}

static void
report_policy_rule(UdPolicyReport *report, const UdPasswordPolicy *policy, UdPasswordRule rule,
				   unsigned found, bool verified)
{
	switch (rule)
	{
		case UD_RULE_LENGTH:
			if (policy->min_length == 1)
				ud_policy_report_rule(report, "nonEmpty", "Non-empty password required", 0,
									  verified);
			else
				ud_policy_report_rule(report, "lengthAtLeast", "At least %d characters in length",
									  policy->min_length, verified);
			break;
		case UD_RULE_CONTAINS:
			begin_rule(report, "shouldContain", "Should contain:", verified);
			push_items(report, policy->classes, found);
			end_object(report);
			break;
		case UD_RULE_CONTAINS_AT_LEAST:
			begin_rule(report, "containsAtLeast",
					   "Contain at least %d of the following %d types of characters:", verified);
			begin_array(report, "format");
			push_number(report, policy->min_classes);
			push_number(report, ud_password_policy_count_classes(policy->classes));
			end_array(report);
			push_items(report, policy->classes, found);
			end_object(report);
			break;
		case UD_RULE_IDENTICAL:
			report_row(report, "identicalChars",
					   "No more than %d identical characters in a row (e.g., \"%s\" not allowed)",
					   policy->max_identical, same_letters(policy->max_identical + 1), verified);
			break;
		case UD_RULE_SEQUENTIAL:
			report_row(
				report, "sequentialChars",
				"No more than %d sequential alphanumeric characters (e.g., \"%s\" not allowed)",
				policy->max_sequential, pnstrdup(alphabet, policy->max_sequential + 1), verified);
			break;
		case UD_RULE_MAX_BYTES:
			ud_policy_report_rule(report, "maxLength", "Maximum password length exceeded",
								  policy->max_bytes, verified);
			break;
	}
}

void
ud_policy_report_begin(UdPolicyReport *report)
{
	report->state = NULL;
	report->verified = true;
	pushJsonbValue(&report->state, WJB_BEGIN_OBJECT, NULL);
	begin_array(report, "rules");
}

void
ud_policy_report_policy(UdPolicyReport *report, const UdPasswordPolicy *policy,
						const UdPasswordMeasures *measures)
{
	for (int i = 0; i < UD_RULE_COUNT; i++)
	{
		UdPasswordRule rule = (UdPasswordRule)i;

		if (ud_password_policy_has(policy, rule))
			report_policy_rule(report, policy, rule, measures->classes,
							   ud_password_policy_keeps(policy, rule, measures));
	}
}

void
ud_policy_report_rule(UdPolicyReport *report, const char *code, const char *message, int number,
					  bool verified)
{
	begin_rule(report, code, message, verified);
	if (number != 0)
	{
		begin_array(report, "format");
		push_number(report, number);
		end_array(report);
	}
	end_object(report);
}

Jsonb *
ud_policy_report_end(UdPolicyReport *report)
{
	end_array(report);
	push_text(report, WJB_KEY, "verified");
	push_bool(report, report->verified);
	return JsonbValueToJsonb(pushJsonbValue(&report->state, WJB_END_OBJECT, NULL));
}
