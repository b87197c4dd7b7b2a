/*
 * test_identifier.c: the syntax of the names by which users and connections are known.
 */
#include "check.h"

#include "pure/identifier.h"

typedef bool (*Predicate)(const char *text, size_t length);

static bool
holds(Predicate predicate, const char *text)
{
	char *copy = check_copy(text, strlen(text));
	bool result = predicate(copy, strlen(text));

	free(copy);
	return result;
}

/* check_all demands one answer for a list of texts that ends with NULL. */
static void
check_all(Predicate predicate, bool expected, const char *const *texts)
{
	for (; *texts != NULL; texts++)
		CHECK_FOR(*texts, holds(predicate, *texts) == expected);
}

static void
test_connection_names(void)
{
	static const char *const good[] = {"a", "7", "customers", "Acme-GitLab-2", "a-b-c", NULL};
	static const char *const bad[] = {"",
									  "-",
									  "-a",
									  "a-",
									  "a--b",
									  "a b",
									  "a_b",
									  "a.b",
									  "a|b",
									  "a\n",
									  "b\xc3\xbc"
									  "cher",
									  NULL};

	check_all(ud_identifier_is_connection_name, true, good);
	check_all(ud_identifier_is_connection_name, false, bad);
	CHECK(!ud_identifier_is_connection_name("a\0b", 3));
}

static void
test_emails(void)
{
	static const char *const good[] = {
		"a@b.cd",
		"jane@example.com",
		"j.d+tag@sub.example.org",
		"!#$%&'*+-/=?^_`{|}~@example.com",
		"\"jane doe\"@example.com",
		"\"a@b\"@example.com",
		"\"a\\\"b\"@example.com",
		"\"\\\\\"@example.com",
		"j\xc3\xb6rg@b\xc3\xbc"
		"cher.example",
		"jane@xn--bcher-kva.example",
		"jane@1.example",
		"jane@example.c0m",
		"jane@a-b.example",
		NULL,
	};
	static const char *const bad[] = {
		"",
		"jane",
		"@",
		"@example.com",
		"jane@",
		"jane@example",
		"jane@.com",
		"jane@example.",
		"jane@example.c",
		"jane@example..com",
		"jane@example.com.",
		"jane@-example.com",
		"jane@example-.com",
		"jane@example.123",
		"jane@127.0.0.1",
		"jane@[127.0.0.1]",
		"jane@exa_mple.com",
		"jane@exam ple.com",
		"jane@example.com ",
		" jane@example.com",
		"jane doe@example.com",
		".jane@example.com",
		"jane.@example.com",
		"ja..ne@example.com",
		"jane@doe@example.com",
		"jane(comment)@example.com",
		"jane,doe@example.com",
		"<jane@example.com>",
		"Jane <jane@example.com>",
		"\"\"@example.com",
		"\"@example.com",
		"\"a\"b\"@example.com",
		"\"a\\\"@example.com",
		"\"a\nb\"@example.com",
		"\"a\\\nb\"@example.com",
		"jane\n@example.com",
		"jane@example.com\n",
		"jane\x7f@example.com",
		/* a label of 64 */
		"a@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example",
		NULL,
	};

	check_all(ud_identifier_is_email, true, good);
	check_all(ud_identifier_is_email, false, bad);
	CHECK(holds(ud_identifier_is_email,
				"a@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example"));
	CHECK(!ud_identifier_is_email("a\0@b.cd", 7));
	CHECK(!ud_identifier_is_email("a@b.cd\0", 7));
	CHECK(!ud_identifier_is_email("a@b\0.cd", 7));
}

static void
test_usernames(void)
{
	static const char *const good[] = {"a", "jane", "jane.doe-2_x", "@^$.!`-#+'~_", "0", NULL};
	static const char *const bad[] = {"",    "Jane", "jane doe",    "jane/doe", "a\"b",
									  "a|b", "a\n",  "j\xc3\xb6rg", NULL};

	check_all(ud_identifier_is_username, true, good);
	check_all(ud_identifier_is_username, false, bad);
	CHECK(!ud_identifier_is_username("a\0b", 3));
}

static void
test_phone_numbers(void)
{
	static const char *const good[] = {"+1", "+0", "+14255551212", "+123456789012345", NULL};
	static const char *const bad[] = {
		"",       "+",         "1",   "14255551212", "+1 425", "++1", "+1234567890123456",
		"+1425x", "+\xd9\xa1", " +1", "+1\n",        NULL};

	check_all(ud_identifier_is_phone_number, true, good);
	check_all(ud_identifier_is_phone_number, false, bad);
}

static void
test_user_id_parts(void)
{
	static const char *const good[] = {"1",       "a|b", "jane@example.com", "\xe2\x82\xac",
									   "x\\y\"z", NULL};
	static const char *const bad[] = {"", " ", "a b", "a\tb", "a\n", "\x7f", "\x01", NULL};

	check_all(ud_identifier_is_user_id_part, true, good);
	check_all(ud_identifier_is_user_id_part, false, bad);
	CHECK(!ud_identifier_is_user_id_part("a\0", 2));
}

int
main(void)
{
	test_connection_names();
	test_emails();
	test_usernames();
	test_phone_numbers();
	test_user_id_parts();
	return check_summary();
}
