/*
 * test_charset.c: characters of UTF-8 and of encodings of one byte.
 */
#include "check_detail.h"
#include "pure/charset.h"

#include <string.h>

typedef struct Case
{
	const char *bytes;
	size_t left;
	size_t length;
} Case;

static const Case cases[] = {
	{"a", 1, 1},
	{"\x7f", 1, 1},
	{"\xc2\x80", 2, 2},
	{"\xdf\xbf", 2, 2},
	{"\xe4\xb8\xad", 3, 3},
	{"\xf0\x9f\x98\x80", 4, 4},
	{"\xc3\xbc", 1, 1},     /* cut */
	{"\xe4\xb8\xad", 2, 1}, /* cut */
	{"\xe4\xb8x", 3, 1},
	{"\xc3x", 2, 1},
	{"\x80\x80", 2, 1},
	{"\xc0\x80", 2, 1},
	{"\xc1\xbf", 2, 1},
	{"\xf5\x80\x80\x80", 4, 1},
	{"\xff", 1, 1},
};

/* Every code point is encoded to one character of the length that the encoding gives it. */
static void
try_every_code_point(void)
{
	long wrong = 0;

	for (uint32_t code = 1; code <= 0x10ffff; code++)
	{
		char target[UD_CHARSET_MAX];
		size_t expected = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
		size_t length;

		if (code >= 0xd800 && code <= 0xdfff)
			continue;
		length = ud_charset_utf8.encode(code, target);
		wrong += length != expected || ud_charset_utf8.length(target, length) != length;
	}
	CHECK_SAY(wrong == 0, "%ld", wrong);
}

int
main(void)
{
	char target[UD_CHARSET_MAX];

	for (int i = 0; i < LENGTH(cases); i++)
		CHECK_SAY(ud_charset_utf8.length(cases[i].bytes, cases[i].left) == cases[i].length,
				  "case %d", i);
	try_every_code_point();
	CHECK_SAY(ud_charset_utf8.encode(0x20ac, target) == 3 && memcmp(target, "\xe2\x82\xac", 3) == 0,
			  "the sign of the euro");
	CHECK_SAY(ud_charset_count(&ud_charset_utf8, "a\xc3\xbc\xe4\xb8\xad\xff", 7) == 4, "count");
	CHECK_SAY(ud_charset_count(&ud_charset_bytes, "a\xc3\xbc", 3) == 3, "count of bytes");
	CHECK_SAY(ud_charset_count(&ud_charset_utf8, "", 0) == 0, "count of nothing");
	CHECK_SAY(ud_charset_bytes.length("\xc3\xbc", 2) == 1, "one byte");
	CHECK_SAY(ud_charset_bytes.encode('A', target) == 1 && *target == 'A', "ASCII");
	CHECK_SAY(ud_charset_bytes.encode(0xe9, target) == 0, "beyond ASCII");
	return check_summary();
}
