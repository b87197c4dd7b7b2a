/*
 * test_contact.c: e-mail addresses and phone numbers as identity providers write them.
 */
#include "check.h"

#include "pure/contact.h"

static void
test_local_part(void)
{
	CHECK_INT(ud_contact_local_part("jane@example.com", 16), 4);
	CHECK_INT(ud_contact_local_part("jane+tag@example.com", 20), 8);
	CHECK_INT(ud_contact_local_part("\"a@b\"@example.com", 17), 5);
	CHECK_INT(ud_contact_local_part("@example.com", 12), 0);
	CHECK_INT(ud_contact_local_part("jane@", 5), 4);
	CHECK_INT(ud_contact_local_part("@", 1), 0);
	CHECK_INT(ud_contact_local_part("jane", 4), 4);
	CHECK_INT(ud_contact_local_part("", 0), 0);
	/* the length counts, not what stands behind it */
	CHECK_INT(ud_contact_local_part("jane@example.com", 3), 3);
	CHECK_INT(ud_contact_local_part("a\0b@c", 5), 3);
}

static bool
is_email(const char *text)
{
	char *copy = check_copy(text, strlen(text));
	bool result = ud_contact_is_email(copy, strlen(text));

	free(copy);
	return result;
}

static void
test_emails(void)
{
	static const char *const good[] = {"a@b",
									   "jane@example.com",
									   "j.d+x@sub.example.org",
									   "\"a@b\"@c",
									   "a@b@c",
									   "j\xc3\xb6rg@b\xc3\xbc"
									   "cher.example"};
	static const char *const bad[] = {"",      "jane",  "@",     "@example.com", "jane@",
									  "a@b@",  " a@b",  "a@b ",  "a b@c",        "a@b c",
									  "a\t@b", "a@b\n", "@jane", "\x01@b",       "a@\x1f"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK_FOR(good[i], is_email(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_FOR(bad[i], !is_email(bad[i]));
	CHECK(!ud_contact_is_email("a@b\0", 4));
	CHECK(!ud_contact_is_email("a@b", 2));
}

/* phone checks one text; expected is "" where it is no international number. */
static void
phone(const char *text, const char *expected)
{
	char target[UD_PHONE_MAX_LENGTH];
	char *copy = check_copy(text, strlen(text));
	size_t length = ud_contact_phone(copy, strlen(text), target);

	if (!CHECK_TEXT(target, length, expected))
		printf("   for \"%s\"\n", text);
	free(copy);
}

static void
test_phone_numbers(void)
{
	phone("+14255551212", "+14255551212");
	phone("+1 (425) 555-1212", "+14255551212");
	phone("+1.425.555.1212", "+14255551212");
	phone("+82 10-1234-1234", "+821012341234");
	phone("  +49 30 1234", "+49301234");
	phone("+49 (0)30 1234", "+49301234");
	phone("+44(0)20 7946 0958", "+442079460958");
	phone("+49 (0) 30", "+4930");
	phone("+49 (030) 1", "+490301");
	phone("+1 ", "+1");
	phone("+0", "+0");
	phone("+123456789012345", "+123456789012345");
	phone("+(1)", "+1");

	phone("", "");
	phone(" ", "");
	phone("+", "");
	phone("+ ", "");
	phone("+()", "");
	phone("+(0)", "");
	phone("+1234567890123456", "");
	phone("+1234567890123456 7", "");
	phone("14255551212", "");
	phone("010-1234-1234", "");
	phone("0049301234", "");
	phone("++1425", "");
	phone("+1+2", "");
	phone("+1425x12", "");
	phone("+1425;ext=12", "");
	phone("tel:+14255551212", "");
	phone("+1\t425", "");
	phone("+1/425", "");
	phone("+\xd9\xa1\xd9\xa2", "");

	CHECK_INT(ud_contact_phone("+1\0002", 4, (char[UD_PHONE_MAX_LENGTH]){0}), 0);
	CHECK_INT(ud_contact_phone("+12", 2, (char[UD_PHONE_MAX_LENGTH]){0}), 2);
}

int
main(void)
{
	test_local_part();
	test_emails();
	test_phone_numbers();
	return check_summary();
}
