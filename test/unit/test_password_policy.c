/*
 * test_password_policy.c: the rules of passwords, and words in them.
 */
#include "check.h"

#include "pure/password_policy.h"
#include "pure/password_words.h"

#define EVERY_CLASS                                                                                \
	(UD_PASSWORD_LOWER | UD_PASSWORD_UPPER | UD_PASSWORD_DIGIT | UD_PASSWORD_SPECIAL)

static UdPasswordMeasures
measure(const char *password)
{
	char *copy = check_copy(password, strlen(password));
	UdPasswordMeasures measures = ud_password_policy_measure(copy, strlen(password));

	free(copy);
	return measures;
}

static void
test_classes(void)
{
	static const char specials[] = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

	CHECK_INT(sizeof(specials) - 1, 33);
	for (int c = 1; c < 0x80; c++)
	{
		char text[2] = {(char)c, '\0'};
		unsigned expected = c >= 'a' && c <= 'z'          ? UD_PASSWORD_LOWER
							: c >= 'A' && c <= 'Z'        ? UD_PASSWORD_UPPER
							: c >= '0' && c <= '9'        ? UD_PASSWORD_DIGIT
							: strchr(specials, c) != NULL ? UD_PASSWORD_SPECIAL
														  : 0;

		CHECK_FOR(text, measure(text).classes == expected);
	}

	/* Letters, digits and signs beyond ASCII are of no class. */
	CHECK_INT(measure("\xc3\xa4\xc3\x84\xd9\xa3\xe2\x82\xac\xf0\x9f\x98\x80").classes, 0);
	CHECK_INT(measure("aA0 ").classes, EVERY_CLASS);
	CHECK_INT(ud_password_policy_count_classes(0), 0);
	CHECK_INT(ud_password_policy_count_classes(UD_PASSWORD_LOWER | UD_PASSWORD_SPECIAL), 2);
	CHECK_INT(ud_password_policy_count_classes(EVERY_CLASS), UD_PASSWORD_CLASSES);
}

static void
test_lengths(void)
{
	static const struct
	{
		const char *password;
		int characters;
		int bytes;
	} cases[] = {
		{"", 0, 0},
		{"a", 1, 1},
		{"\xc3\xa4", 1, 2},
		{"\xe2\x82\xac", 1, 3},
		{"\xf0\x9f\x98\x80", 1, 4},
		{"a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z", 5, 11},
		{"\xf4\x8f\xbf\xbf", 1, 4},
		/* no UTF-8: each byte counts */
		{"\xff\xfe", 2, 2},
		{"\xc3", 1, 1},
		{"\xe2\x82", 2, 2},
		{"\xf0\x9f\x98", 3, 3},
		{"\xc3z", 2, 2},
		{"\x80\x80", 2, 2},
		{"\xf5\x80\x80\x80", 4, 4},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		UdPasswordMeasures measures = measure(cases[i].password);

		CHECK_FOR(cases[i].password, (int)measures.characters == cases[i].characters);
		CHECK_FOR(cases[i].password, (int)measures.bytes == cases[i].bytes);
	}
}

static void
test_rows(void)
{
	static const struct
	{
		const char *password;
		int same;
		int series;
	} cases[] = {
		{"", 0, 0},
		{"a", 1, 1},
		{"!", 1, 1},
		{"aa", 2, 1},
		{"aab", 2, 2},
		{"baaab", 3, 2},
		{"abab", 1, 2},
		{"aba", 1, 2},
		{"abcba", 1, 3},
		{"cba", 1, 3},
		{"dcbabc", 1, 4},
		{"123", 1, 3},
		{"0123456789", 1, 10},
		{"9876", 1, 4},
		{"890", 1, 2},
		{"xyzabc", 1, 3},
		{"ABCdef", 1, 3},
		{"aBc", 1, 1},
		{"a1b2c3", 1, 1},
		/* neighbours in ASCII that are no letters or digits make no series */
		{"/012", 1, 3},
		{"89:;", 1, 2},
		{"@ABC", 1, 3},
		{"YZ[", 1, 2},
		{"`abc{", 1, 3},
		{"!\"#$", 1, 1},
		{"ab cd", 1, 2},
		{"abbcd", 2, 3},
		/* beyond ASCII: rows of the same count, series do not */
		{"\xc3\xa4\xc3\xa4\xc3\xa4", 3, 1},
		{"\xce\xb1\xce\xb2\xce\xb3", 1, 1},
		{"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 3, 1},
		/* the same first byte is not the same character */
		{"\xc3\xa4\xc3\xb6", 1, 1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		UdPasswordMeasures measures = measure(cases[i].password);

		CHECK_FOR(cases[i].password, (int)measures.longest_same == cases[i].same);
		CHECK_FOR(cases[i].password, (int)measures.longest_series == cases[i].series);
	}
}

/* broken returns the rules that a password breaks, one letter for each: lcaism. */
static const char *
broken(const UdPasswordPolicy *policy, const char *password)
{
	static char letters[UD_RULE_COUNT + 1];
	UdPasswordMeasures measures = measure(password);
	int count = 0;

	for (int rule = 0; rule < UD_RULE_COUNT; rule++)
	{
		if (ud_password_policy_has(policy, (UdPasswordRule)rule) &&
			!ud_password_policy_keeps(policy, (UdPasswordRule)rule, &measures))
			letters[count++] = "lcaism"[rule];
	}
	letters[count] = '\0';
	return letters;
}

static void
test_levels(void)
{
	static const struct
	{
		const char *level;
		const char *password;
		const char *broken;
	} cases[] = {
		{"none", "", "l"},
		{"none", "x", ""},
		{"low", "12345", "l"},
		{"low", "123456", ""},
		{"fair", "", "lc"},
		{"fair", "abcdefgh", "c"},
		{"fair", "Abcdefg1", ""},
		{"fair", "Abcdef1", "l"},
		{"fair", "ABCDEFG1", "c"},
		{"good", "abcdefgh", "a"},
		{"good", "abcdefg1", "a"},
		{"good", "abcdef1!", ""},
		{"good", "Abcdefg1", ""},
		{"good", "Abcdefg!", ""},
		{"good", "ABCDEF1 ", ""},
		{"good", "ABCD1 ", "l"},
		{"excellent", "", "lai"},
		{"excellent", "Abcdefgh1", "l"},
		{"excellent", "Abcdefghi1", ""},
		{"excellent", "Abbbdefgh1", "i"},
		{"excellent", "Abbdeffgh1", ""},
		{"excellent", "abbbcccddd", "ai"},
		{"excellent",
		 "\xc3\xa4"
		 "bcdefgh1!",
		 ""},
	};
	UdPasswordPolicy policy;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		CHECK_FOR(cases[i].level,
				  ud_password_policy_level(cases[i].level, strlen(cases[i].level), &policy));
		CHECK_TEXT(broken(&policy, cases[i].password), strlen(broken(&policy, cases[i].password)),
				   cases[i].broken);
	}
	CHECK(!ud_password_policy_level("best", 4, &policy));
	CHECK(!ud_password_policy_level("", 0, &policy));
	CHECK(!ud_password_policy_level("fairly", 6, &policy));
	CHECK(!ud_password_policy_level("fair", 3, &policy));
}

static void
test_rules_apart(void)
{
	UdPasswordPolicy nothing = {0};
	UdPasswordPolicy bytes = {.max_bytes = 4};
	UdPasswordPolicy series = {.max_sequential = 2};
	UdPasswordPolicy any_two = {.classes = EVERY_CLASS, .min_classes = 2};
	UdPasswordPolicy all_four = {.classes = EVERY_CLASS};

	CHECK_TEXT(broken(&nothing, ""), strlen(broken(&nothing, "")), "");
	CHECK_TEXT(broken(&bytes, "1234"), strlen(broken(&bytes, "1234")), "");
	CHECK_TEXT(broken(&bytes, "12345"), strlen(broken(&bytes, "12345")), "m");
	CHECK_TEXT(broken(&bytes, "\xc3\xa4\xe2\x82\xac"),
			   strlen(broken(&bytes, "\xc3\xa4\xe2\x82\xac")), "m");
	CHECK_TEXT(broken(&bytes, ""), strlen(broken(&bytes, "")), "m");
	CHECK_TEXT(broken(&series, "ab12yx"), strlen(broken(&series, "ab12yx")), "");
	CHECK_TEXT(broken(&series, "abc"), strlen(broken(&series, "abc")), "s");
	CHECK_TEXT(broken(&any_two, "abc"), strlen(broken(&any_two, "abc")), "a");
	CHECK_TEXT(broken(&any_two, "abC"), strlen(broken(&any_two, "abC")), "");
	CHECK_TEXT(broken(&all_four, "abC1"), strlen(broken(&all_four, "abC1")), "c");
	CHECK_TEXT(broken(&all_four, "abC1~"), strlen(broken(&all_four, "abC1~")), "");
}

static UdSlice
slice(const char *text)
{
	return (UdSlice){text, strlen(text)};
}

static void
test_contains(void)
{
	CHECK(ud_password_words_contains(slice("my jane 1"), slice("jane")));
	CHECK(ud_password_words_contains(slice("jane"), slice("jane")));
	CHECK(ud_password_words_contains(slice("jjane"), slice("jane")));
	CHECK(ud_password_words_contains(slice("janjane"), slice("jane")));
	CHECK(!ud_password_words_contains(slice("jan"), slice("jane")));
	CHECK(!ud_password_words_contains(slice(""), slice("jane")));
	CHECK(!ud_password_words_contains(slice("jane"), slice("")));
	CHECK(!ud_password_words_contains(slice("j ane"), slice("jane")));
}

/* words prints the words of a text, each followed by a bar. */
static const char *
words(const char *text)
{
	static char printed[128];
	UdSlice rest = slice(text);
	UdSlice word;
	size_t length = 0;

	while (ud_password_words_next(&rest, &word))
		length += (size_t)snprintf(printed + length, sizeof(printed) - length, "%.*s|",
								   (int)word.length, word.text);
	printed[length] = '\0';
	CHECK_FOR(text, rest.length == 0);
	return printed;
}

static void
test_words(void)
{
	static const char *const cases[][2] = {
		{"", ""},
		{" .-", ""},
		{"jane", "jane|"},
		{"jane.doe+x@acme-shop.example", "jane|doe|x|acme|shop|example|"},
		{"  Username-Password-Authentication ", "Username|Password|Authentication|"},
		{"j\xc3\xb6rg m\xc3\xbcller", "j\xc3\xb6rg|m\xc3\xbcller|"},
		{"r2d2", "r2d2|"},
		{"a_b", "a|b|"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_TEXT(words(cases[i][0]), strlen(words(cases[i][0])), cases[i][1]);
}

static void
test_made_of(void)
{
	static const struct
	{
		const char *password;
		bool expected;
	} cases[] = {
		{"acme", true},
		{"acmejane", true},
		{"jane acme 2024!", true},
		{"2024acme", true},
		{"acmeacmeacme", true},
		{"4cm3", true},
		{"@cmej4n32024", true},
		{"1acme1", true},
		{"j0rg", false},
		{"", false},
		{"123456", false},
		{"acmex", false},
		{"xacme", false},
		{"acm", false},
		{"acmejan", false},
		{"acme\xc3\xa4", false},
		/* the longer word is tried where the shorter one leads nowhere */
		{"janet", true},
		{"janetjane", true},
		{"m\xc3\xbcller!", true},
		{"r2d2", true},
		{"r2d2r2", false},
	};
	UdSlice list[] = {slice("acme"),          slice("jane"), slice("janet"),
					  slice("m\xc3\xbcller"), slice("r2d2"), slice("")};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		size_t length = strlen(cases[i].password);
		unsigned char *work = malloc(length + 1);

		CHECK_FOR(cases[i].password, ud_password_words_is_made_of(slice(cases[i].password), list, 6,
																  work) == cases[i].expected);
		CHECK_FOR(cases[i].password,
				  !ud_password_words_is_made_of(slice(cases[i].password), list, 0, work));
		free(work);
	}
}

int
main(void)
{
	test_classes();
	test_lengths();
	test_rows();
	test_levels();
	test_rules_apart();
	test_contains();
	test_words();
	test_made_of();
	return check_summary();
}
