/*
 * fuzz_case_folding.c: bytes that may be UTF-8. Folding must stay within its bound, change what it
 * says it changes, do nothing the second time, and be the folding of each character by itself.
 */
#include "fuzz.h"

#include <stdbool.h>

#include "pure/case_folding.h"
#include "pure/charset.h"

/* read_character reads a character the slow way: by writing all that it could be. */
static bool
read_character(const char *text, size_t length, uint32_t *character)
{
	char again[UD_CHARSET_MAX];
	unsigned char lead = (unsigned char)text[0];
	uint32_t value = length == 1   ? lead
					 : length == 2 ? lead & 0x1F
					 : length == 3 ? lead & 0x0F
								   : lead & 0x07;

	for (size_t i = 1; i < length; i++)
		value = value << 6 | ((unsigned char)text[i] & 0x3F);
	*character = value;
	return value <= 0x10FFFF && (length > 1 || lead < 0x80) &&
		   ud_charset_utf8.encode(value, again) == length && memcmp(again, text, length) == 0;
}

/* fold_slowly folds one character after the other. */
static size_t
fold_slowly(const char *text, size_t length, char *target)
{
	size_t written = 0;

	for (size_t at = 0, width; at < length; at += width)
	{
		uint32_t character;

		width = ud_charset_utf8.length(text + at, length - at);
		if (read_character(text + at, width, &character))
			written +=
				ud_charset_utf8.encode(ud_case_folding_character(character), target + written);
		else
		{
			memcpy(target + written, text + at, width);
			written += width;
		}
	}
	return written;
}

static void
try_ascii(const char *text, size_t length)
{
	char *folded = malloc(length + 1);
	size_t same = ud_case_folding_unchanged_ascii(text, length);

	ud_case_folding_fold_ascii(text, length, folded);
	DEMAND(same <= length && memcmp(text, folded, same) == 0);
	for (size_t i = 0; i < length; i++)
	{
		bool capital = text[i] >= 'A' && text[i] <= 'Z';

		DEMAND(folded[i] == (capital ? text[i] + ('a' - 'A') : text[i]));
		DEMAND(!capital || i >= same);
	}
	free(folded);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	size_t bound = ud_case_folding_bound(text, size);
	char *folded = malloc(bound + 1);
	char *slowly = malloc(2 * size + 1);
	size_t length = ud_case_folding_fold(text, size, folded);
	size_t same = ud_case_folding_unchanged(text, size);

	DEMAND(length <= bound);
	DEMAND(fold_slowly(text, size, slowly) == length && memcmp(slowly, folded, length) == 0);
	DEMAND(same <= size && same <= length && memcmp(text, folded, same) == 0);
	DEMAND((same == size) == (length == size && memcmp(text, folded, size) == 0));
	DEMAND(ud_case_folding_unchanged(folded, length) == length);
	try_ascii(text, size);
	free(slowly);
	free(folded);
	return 0;
}
