/*
 * test_case_folding.c: folding character by character and in texts, against what is known of single
 * characters and against the C library's upper and lower case.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* towlower_l */
#endif
#include "check_detail.h"
#include "pure/case_folding.h"
#include "pure/charset.h"

#include <locale.h>
#include <wctype.h>

#define LAST_CHARACTER 0x10FFFF

typedef struct Case
{
	const char *text;
	const char *folded;
} Case;

static const Case cases[] = {
	{"", ""},
	{"already folded", "already folded"},
	{"Jane", "jane"},
	{"@[`{ AZ az 09", "@[`{ az az 09"},
	{"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"},
	{"\xc3\x80\xc3\x89\xc3\x9c", "\xc3\xa0\xc3\xa9\xc3\xbc"}, /* A grave, E acute, U umlaut */
	{"\xc3\x97\xc3\xb7", "\xc3\x97\xc3\xb7"},                 /* times and division signs */
	{"stra\xc3\x9f"
	 "e",
	 "stra\xc3\x9f"
	 "e"},                                                    /* sharp s stays one letter */
	{"\xe1\xba\x9e", "\xc3\x9f"},                             /* its capital */
	{"I\xc4\xb0\xc4\xb1i", "i\xc4\xb0\xc4\xb1i"},             /* dotted I, dotless i */
	{"\xce\xa3\xcf\x83\xcf\x82", "\xcf\x83\xcf\x83\xcf\x83"}, /* the three sigmas */
	{"\xc2\xb5\xce\x9c", "\xce\xbc\xce\xbc"},                 /* micro sign, Mu */
	{"\xd0\x96\xd0\xb6\xd0\x81", "\xd0\xb6\xd0\xb6\xd1\x91"}, /* Zhe, zhe, Io */
	{"\xc7\x84\xc7\x85\xc7\x86", "\xc7\x86\xc7\x86\xc7\x86"}, /* DZ, Dz, dz with caron */
	{"\xc5\xbf\xe2\x84\xaa", "sk"},                           /* long s, Kelvin sign */
	{"\xe2\x84\xab\xe2\x84\xa6", "\xc3\xa5\xcf\x89"},         /* Angstrom, Ohm */
	{"\xc8\xba\xc8\xbe", "\xe2\xb1\xa5\xe2\xb1\xa6"},         /* fold to longer ones */
	{"\xef\xbc\xa1", "\xef\xbd\x81"},                         /* full width A */
	{"\xe2\x85\xa0\xe2\x92\xb6", "\xe2\x85\xb0\xe2\x93\x90"}, /* Roman one, circled A */
	{"\xea\xad\xb0\xe1\x8f\xb8", "\xe1\x8e\xa0\xe1\x8f\xb0"}, /* Cherokee folds to capitals */
	{"\xe1\xb2\x80", "\xd0\xb2"},                             /* rounded ve */
	{"\xe1\xb2\x90", "\xe1\x83\x90"},                         /* Georgian */
	{"\xf0\x90\x90\x80\xf0\x9e\xa4\xa1", "\xf0\x90\x90\xa8\xf0\x9e\xa5\x83"}, /* Deseret, Adlam */
	{"E\xcc\x81", "e\xcc\x81"},       /* a combining accent stays */
	{"\xcd\x85", "\xce\xb9"},         /* but the iota below is an iota */
	{"\xef\xac\x80", "\xef\xac\x80"}, /* ff would be two letters */
	{"\xe4\xb8\xad\xf0\x9f\x98\x80", "\xe4\xb8\xad\xf0\x9f\x98\x80"},
	{"1234567\xc3\x9c"
	 "ABCDEFGHIJ\xc3\x9c",
	 "1234567\xc3\xbc"
	 "abcdefghij\xc3\xbc"},
	/* No UTF-8: cut short, overlong, surrogate, too large, without beginning */
	{"A\xc3", "a\xc3"},
	{"A\xe1\xba", "a\xe1\xba"},
	{"A\xf0\x90\x90", "a\xf0\x90\x90"},
	{"\xc1\x81", "\xc1\x81"},
	{"\xe0\x81\x81"
	 "B",
	 "\xe0\x81\x81"
	 "b"},
	{"\xf0\x80\x83\x80", "\xf0\x80\x83\x80"},
	{"\xf5\x90\x90\x80", "\xf5\x90\x90\x80"},
	{"\xf4\x90\x90\x80", "\xf4\x90\x90\x80"},
	{"\x80\xff\xfe", "\x80\xff\xfe"},
};

/* fold returns a folding in new memory of exactly the room that was promised to be enough. */
static char *
fold(const char *text, size_t length, size_t *folded_length)
{
	size_t bound = ud_case_folding_bound(text, length);
	char *target = malloc(bound > 0 ? bound : 1);

	*folded_length = ud_case_folding_fold(text, length, target);
	return target;
}

static void
try_case(const Case *tried)
{
	size_t length = strlen(tried->text);
	char *text = check_copy(tried->text, length);
	size_t once;
	size_t twice;
	char *folded = fold(text, length, &once);
	char *again = fold(folded, once, &twice);
	size_t same = ud_case_folding_unchanged(text, length);

	CHECK_TEXT(folded, once, tried->folded);
	CHECK_TEXT(again, twice, tried->folded);
	CHECK_FOR(tried->text, (same == length) == (strcmp(tried->text, tried->folded) == 0));
	CHECK_FOR(tried->text, memcmp(tried->text, tried->folded, same) == 0);
	free(again);
	free(folded);
	free(text);
}

/* Every capital at every place of a word of eight bytes, between its neighbours. */
static void
try_ascii(void)
{
	for (int byte = 1; byte < 256; byte++)
	{
		bool capital = byte >= 'A' && byte <= 'Z';

		for (size_t place = 0; place < 17; place++)
		{
			char text[17];
			char expected[17];
			char folded[17];

			memset(text, 'x', sizeof(text));
			text[place] = (char)byte;
			memcpy(expected, text, sizeof(text));
			if (capital)
				expected[place] = (char)(byte - 'A' + 'a');

			ud_case_folding_fold_ascii(text, sizeof(text), folded);
			CHECK(memcmp(folded, expected, sizeof(text)) == 0);
			CHECK(ud_case_folding_unchanged_ascii(text, sizeof(text)) == (capital ? place : 17));
			if (byte >= 0x80)
				continue;
			CHECK(ud_case_folding_unchanged(text, sizeof(text)) == (capital ? place : 17));
			CHECK(ud_case_folding_fold(text, sizeof(text), folded) == sizeof(text));
			CHECK(memcmp(folded, expected, sizeof(text)) == 0);
		}
	}
}

/* What holds of every character: folding ends, and in a text it is the same as alone. */
static void
try_every_character(void)
{
	long endless = 0;
	long different = 0;

	for (uint32_t character = 1; character <= LAST_CHARACTER; character++)
	{
		uint32_t folding = ud_case_folding_character(character);
		char text[UD_CHARSET_MAX];
		char expected[UD_CHARSET_MAX];
		char folded[2 * UD_CHARSET_MAX];
		size_t length;
		size_t expected_length;

		endless += ud_case_folding_character(folding) != folding;
		if (character >= 0xD800 && character < 0xE000)
			continue;
		length = ud_charset_utf8.encode(character, text);
		expected_length = ud_charset_utf8.encode(folding, expected);
		different += ud_case_folding_bound(text, length) < expected_length ||
					 ud_case_folding_fold(text, length, folded) != expected_length ||
					 memcmp(folded, expected, expected_length) != 0 ||
					 ud_case_folding_unchanged(text, length) != (folding == character ? length : 0);
	}
	CHECK_INT(endless, 0);
	CHECK_INT(different, 0);
	CHECK_INT(ud_case_folding_character(LAST_CHARACTER + 1), LAST_CHARACTER + 1);
	CHECK_INT(ud_case_folding_character(UINT32_MAX), UINT32_MAX);
}

/* is_newer returns whether letters of two cases were added here after Unicode 14. */
static bool
is_newer(uint32_t character)
{
	return character == 0x1C89 || (character >= 0xA7CB && character <= 0xA7DC) ||
		   (character >= 0x10D50 && character <= 0x10D85) ||
		   (character >= 0x16EA0 && character <= 0x16ED3);
}

/* A folding is another case of the letter, and capitals and small letters have the same one. */
static void
try_against_library(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	long unrelated = 0;
	long apart = 0;
	long folding_characters = 0;

	if (locale == (locale_t)0)
	{
		printf("*** SKIPPED: no locale C.UTF-8 to compare with ***\n");
		return;
	}
	for (uint32_t character = 1; character <= LAST_CHARACTER; character++)
	{
		uint32_t folding = ud_case_folding_character(character);
		uint32_t lower = (uint32_t)towlower_l((wint_t)character, locale);
		uint32_t upper = (uint32_t)towupper_l((wint_t)character, locale);

		if (folding != character)
		{
			folding_characters++;
			unrelated += folding != lower && folding != upper &&
						 folding != (uint32_t)towlower_l((wint_t)upper, locale);
		}
		/* The dotted and the dotless i are letters of their own to folding. */
		if (character != 0x130 && character != 0x131 && !is_newer(character))
			apart += ud_case_folding_character(lower) != folding;
	}
	CHECK_INT(unrelated, 0);
	CHECK_INT(apart, 0);
	CHECK(folding_characters > 1400);
	freelocale(locale);
}

int
main(void)
{
	for (int i = 0; i < LENGTH(cases); i++)
		try_case(&cases[i]);
	try_ascii();
	try_every_character();
	try_against_library();
	return check_summary();
}
