/*
 * case_folding.c: Unicode's simple case folding, the same wherever it runs.
 *
 * Most text is ASCII, so eight bytes are looked at in one step; the rest goes through the table.
 */
#include "pure/case_folding.h"

#include <stdbool.h>
#include <string.h>

#include "pure/case_folding_table.h"

#define WORD             sizeof(uint64_t)
#define IN_EVERY_BYTE(b) (UINT64_C(0x0101010101010101) * (b))
#define HIGH_BITS        IN_EVERY_BYTE(0x80)

static inline uint64_t
load_word(const char *text)
{
	uint64_t word;

	memcpy(&word, text, WORD);
	return word;
}

/*
 * mark_capitals returns a word whose bytes have their high bit set where those of word are A to Z.
 *
 * The additions work on seven bits a byte, so that no byte carries into its neighbour.
 */
static inline uint64_t
mark_capitals(uint64_t word)
{
	uint64_t low = word & ~HIGH_BITS;
	uint64_t from_a = low + IN_EVERY_BYTE(0x80 - 'A');
	uint64_t beyond_z = low + IN_EVERY_BYTE(0x80 - 'Z' - 1);

	return from_a & ~beyond_z & ~word & HIGH_BITS;
}

static inline bool
is_capital(char byte)
{
	return byte >= 'A' && byte <= 'Z';
}

uint32_t
ud_case_folding_character(uint32_t character)
{
	uint32_t difference;

	if (character < 0x80)
		return is_capital((char)character) ? character + ('a' - 'A') : character;
	if (character > UD_CASE_FOLDING_LAST)
		return character;
	difference =
		ud_case_folding_difference[ud_case_folding_block[character >> UD_CASE_FOLDING_SHIFT]]
								  [character & ((1 << UD_CASE_FOLDING_SHIFT) - 1)];
	return (character & ~UINT32_C(0xFFFF)) | ((character + difference) & 0xFFFF);
}

static inline bool
continues(char byte)
{
	return ((unsigned char)byte & 0xC0) == 0x80;
}

/*
 * decode reads the character of several bytes at the beginning of text and returns its length,
 * 1 where there is no such character.
 */
static inline size_t
decode(const char *text, size_t length, uint32_t *character)
{
	const unsigned char *bytes = (const unsigned char *)text;

	if (bytes[0] >= 0xC2 && bytes[0] < 0xE0 && length >= 2 && continues(text[1]))
	{
		*character = (bytes[0] & 0x1Fu) << 6 | (bytes[1] & 0x3Fu);
		return 2;
	}
	if (bytes[0] >= 0xE0 && bytes[0] < 0xF0 && length >= 3 && continues(text[1]) &&
		continues(text[2]))
	{
		*character = (bytes[0] & 0x0Fu) << 12 | (bytes[1] & 0x3Fu) << 6 | (bytes[2] & 0x3Fu);
		return *character >= 0x800 ? 3 : 1;
	}
	if (bytes[0] >= 0xF0 && bytes[0] < 0xF5 && length >= 4 && continues(text[1]) &&
		continues(text[2]) && continues(text[3]))
	{
		*character = (bytes[0] & 0x07u) << 18 | (bytes[1] & 0x3Fu) << 12 | (bytes[2] & 0x3Fu) << 6 |
					 (bytes[3] & 0x3Fu);
		return *character >= 0x10000 && *character <= 0x10FFFF ? 4 : 1;
	}
	return 1;
}

/* encode writes a character beyond ASCII and returns its length. */
static inline size_t
encode(uint32_t character, char *target)
{
	if (character < 0x800)
	{
		target[0] = (char)(0xC0 | character >> 6);
		target[1] = (char)(0x80 | (character & 0x3F));
		return 2;
	}
	if (character < 0x10000)
	{
		target[0] = (char)(0xE0 | character >> 12);
		target[1] = (char)(0x80 | (character >> 6 & 0x3F));
		target[2] = (char)(0x80 | (character & 0x3F));
		return 3;
	}
	target[0] = (char)(0xF0 | character >> 18);
	target[1] = (char)(0x80 | (character >> 12 & 0x3F));
	target[2] = (char)(0x80 | (character >> 6 & 0x3F));
	target[3] = (char)(0x80 | (character & 0x3F));
	return 4;
}

size_t
ud_case_folding_unchanged(const char *text, size_t length)
{
	size_t at = 0;

	while (at < length)
	{
		while (length - at >= WORD)
		{
			uint64_t word = load_word(text + at);

			if (((word & HIGH_BITS) | mark_capitals(word)) != 0)
				break;
			at += WORD;
		}
		for (; at < length && (unsigned char)text[at] < 0x80; at++)
		{
			if (is_capital(text[at]))
				return at;
		}
		while (at < length && (unsigned char)text[at] >= 0x80)
		{
			uint32_t character = 0;
			size_t width = decode(text + at, length - at, &character);

			if (width > 1 && ud_case_folding_character(character) != character)
				return at;
			at += width;
		}
	}
	return at;
}

size_t
ud_case_folding_bound(const char *text, size_t length)
{
	size_t growing = 0;

	for (size_t i = 0; i < length; i++)
		growing += (unsigned char)text[i] == UD_CASE_FOLDING_GROWING_LEAD;
	return length + growing;
}

size_t
ud_case_folding_fold(const char *text, size_t length, char *target)
{
	size_t at = 0;
	char *out = target;

	while (at < length)
	{
		while (length - at >= WORD)
		{
			uint64_t word = load_word(text + at);

			if ((word & HIGH_BITS) != 0)
				break;
			word += mark_capitals(word) >> 2; /* 0x80 >> 2 is 'a' - 'A' */
			memcpy(out, &word, WORD);
			at += WORD;
			out += WORD;
		}
		for (; at < length && (unsigned char)text[at] < 0x80; at++)
			*out++ = is_capital(text[at]) ? text[at] + ('a' - 'A') : text[at];
		while (at < length && (unsigned char)text[at] >= 0x80)
		{
			uint32_t character = 0;
			size_t width = decode(text + at, length - at, &character);
			uint32_t folded;

			if (width == 1)
				*out++ = text[at];
			else if ((folded = ud_case_folding_character(character)) < 0x80)
				*out++ = (char)folded; /* the Kelvin sign is a "k" */
			else
				out += encode(folded, out);
			at += width;
		}
	}
	return (size_t)(out - target);
}

size_t
ud_case_folding_unchanged_ascii(const char *text, size_t length)
{
	size_t at = 0;

	while (length - at >= WORD && mark_capitals(load_word(text + at)) == 0)
		at += WORD;
	while (at < length && !is_capital(text[at]))
		at++;
	return at;
}

void
ud_case_folding_fold_ascii(const char *text, size_t length, char *target)
{
	size_t at = 0;

	for (; length - at >= WORD; at += WORD)
	{
		uint64_t word = load_word(text + at);

		word += mark_capitals(word) >> 2;
		memcpy(target + at, &word, WORD);
	}
	for (; at < length; at++)
		target[at] = is_capital(text[at]) ? text[at] + ('a' - 'A') : text[at];
}
