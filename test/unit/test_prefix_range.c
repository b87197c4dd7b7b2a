/*
 * test_prefix_range.c: intervals of texts with a common beginning.
 */
#include "check.h"

#include <stdlib.h>

#include "pure/prefix_range.h"

/* upper_of returns the upper bound as a terminated text, or NULL without one. */
static char *
upper_of(const char *prefix, const UdCharset *charset, bool *exact)
{
	size_t length = strlen(prefix);
	/* no more than promised, so that the sanitizer sees what goes beyond */
	char *room = malloc(UD_PREFIX_RANGE_ROOM(length));
	UdPrefixRange range;
	char *upper = NULL;

	ud_prefix_range_make((UdSpan){prefix, length}, charset, room, &range);
	if (range.bounded)
	{
		upper = calloc(1, range.upper_length + 1);
		memcpy(upper, range.upper, range.upper_length);
	}
	*exact = range.exact;
	free(room);
	return upper;
}

static void
check_upper(const char *prefix, const UdCharset *charset, const char *expected, bool expected_exact)
{
	bool exact;
	char *upper = upper_of(prefix, charset, &exact);

	CHECK((upper == NULL) == (expected == NULL), "prefix \"%s\"", prefix);
	if (upper != NULL && expected != NULL)
		CHECK(strcmp(upper, expected) == 0, "prefix \"%s\": \"%s\"", prefix, upper);
	CHECK(exact == expected_exact, "prefix \"%s\"", prefix);
	free(upper);
}

static void
test_utf8(void)
{
	check_upper("", &ud_charset_utf8, NULL, true);
	check_upper("a", &ud_charset_utf8, "b", true);
	check_upper("mar", &ud_charset_utf8, "mas", true);
	check_upper("a\x7f", &ud_charset_utf8, "a\xc2\x80", true);
	check_upper("\xc3\xbf", &ud_charset_utf8, "\xc4\x80", true);
	check_upper("x\xdf\xbf", &ud_charset_utf8, "x\xe0\xa0\x80", true);
	check_upper("\xe2\x82\xbf", &ud_charset_utf8, "\xe2\x83\x80", true);
	/* no character is written between U+D7FF and U+E000 */
	check_upper("\xed\x9f\xbf", &ud_charset_utf8, "\xee\x80\x80", true);
	check_upper("\xef\xbf\xbf", &ud_charset_utf8, "\xf0\x90\x80\x80", true);
	/* nothing follows U+10FFFF, so the character before it is counted up */
	check_upper("a\xf4\x8f\xbf\xbf", &ud_charset_utf8, "b", true);
	check_upper("\xf4\x8f\xbf\xbf\xf4\x8f\xbf\xbf", &ud_charset_utf8, NULL, true);
}

static void
test_other_encodings(void)
{
	check_upper("", &ud_charset_bytes, NULL, true);
	check_upper("mar", &ud_charset_bytes, "mas", true);
	check_upper("a~", &ud_charset_bytes, "a\x7f", true);
	check_upper("a\x7f", &ud_charset_bytes, "b", false);
	check_upper("ab\xe9", &ud_charset_bytes, "ac", false);
	check_upper("\xe9", &ud_charset_bytes, NULL, false);
}

/* What is not valid must not be read or written past its end. */
static void
test_invalid(void)
{
	bool exact;

	free(upper_of("\x80\x80\x80\x80\x80\x80", &ud_charset_utf8, &exact));
	free(upper_of("\xff\xff\xff", &ud_charset_utf8, &exact));
	free(upper_of("\xf7\xbf\xbf\xbf", &ud_charset_utf8, &exact));
	CHECK(true, "survived");
}

/* in_range compares as strings of bytes are ordered. */
static bool
in_range(const char *text, const char *prefix, const char *upper)
{
	return strcmp(text, prefix) >= 0 && (upper == NULL || strcmp(text, upper) < 0);
}

/* Over all pairs of short texts of interesting characters, the range is what having the prefix is.
 */
static void
test_against_prefixes(void)
{
	static const char *const characters[] = {"a",
											 "b",
											 "\x7f",
											 "\xc2\x80",
											 "\xdf\xbf",
											 "\xe0\xa0\x80",
											 "\xed\x9f\xbf",
											 "\xee\x80\x80",
											 "\xf0\x90\x80\x80",
											 "\xf4\x8f\xbf\xbf"};
	char texts[LENGTH(characters) * (LENGTH(characters) + 1)][9];
	int count = 0;

	for (int i = 0; i < LENGTH(characters); i++)
	{
		sprintf(texts[count++], "%s", characters[i]);
		for (int j = 0; j < LENGTH(characters); j++)
			sprintf(texts[count++], "%s%s", characters[i], characters[j]);
	}
	for (int i = 0; i < count; i++)
	{
		bool exact;
		char *upper = upper_of(texts[i], &ud_charset_utf8, &exact);
		int wrong = 0;

		for (int j = 0; j < count; j++)
			wrong += in_range(texts[j], texts[i], upper) !=
					 (strncmp(texts[j], texts[i], strlen(texts[i])) == 0);
		CHECK(wrong == 0 && exact, "prefix \"%s\": %d texts", texts[i], wrong);
		free(upper);
	}
}

int
main(void)
{
	test_utf8();
	test_other_encodings();
	test_invalid();
	test_against_prefixes();
	return checks_report();
}
