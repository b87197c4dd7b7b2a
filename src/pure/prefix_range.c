/*
 * prefix_range.c: the first text behind all those that begin with a prefix.
 *
 * It is the prefix with its last character replaced by the next one. Where there is no next one the
 * character before is replaced instead, and what stands behind it goes.
 */
#include "pure/prefix_range.h"

#define LAST_ASCII         0x7f
#define FIRST_SURROGATE    0xd800
#define BEHIND_SURROGATES  0xe000
#define BEHIND_CODE_POINTS 0x110000

/* utf8_decode returns the code point of a character of valid UTF-8. */
static uint32_t
utf8_decode(const unsigned char *at, size_t length)
{
	static const unsigned char first_byte_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t code_point = at[0] & first_byte_bits[length];

	for (size_t i = 1; i < length; i++)
		code_point = code_point << 6 | (at[i] & 0x3f);
	return code_point;
}

/* next_code_point returns the code point behind another, 0 behind the last. */
static uint32_t
next_code_point(uint32_t code_point)
{
	if (code_point + 1 == FIRST_SURROGATE)
		return BEHIND_SURROGATES;
	return code_point + 1 < BEHIND_CODE_POINTS ? code_point + 1 : 0;
}

static void
make_utf8(UdSpan prefix, const UdCharset *charset, UdPrefixRange *range)
{
	size_t length = prefix.length;

	range->exact = true;
	while (length > 0)
	{
		size_t at = length - 1;
		uint32_t next;

		while (at > 0 && length - at < UD_CHARSET_MAX &&
			   ((unsigned char)prefix.data[at] & 0xc0) == 0x80)
			at--;
		next = next_code_point(utf8_decode((const unsigned char *)prefix.data + at, length - at));
		if (next != 0)
		{
			range->upper_length = at + charset->encode(next, range->upper + at);
			range->bounded = true;
			return;
		}
		length = at;
	}
}

/* A byte of ASCII is a character of its own in every encoding, so it can be seen anywhere. */
static void
make_ascii(UdSpan prefix, UdPrefixRange *range)
{
	for (size_t length = prefix.length; length > 0; length--)
	{
		unsigned char last = (unsigned char)prefix.data[length - 1];

		if (last < LAST_ASCII)
		{
			range->upper[length - 1] = (char)(last + 1);
			range->upper_length = length;
			range->bounded = true;
			range->exact = length == prefix.length;
			return;
		}
	}
	range->exact = prefix.length == 0;
}

void
ud_prefix_range_make(UdSpan prefix, const UdCharset *charset, char *room, UdPrefixRange *range)
{
	range->bounded = false;
	range->upper = room;
	range->upper_length = 0;
	if (prefix.length > 0)
		memcpy(room, prefix.data, prefix.length);
	if (charset->unicode)
		make_utf8(prefix, charset, range);
	else
		make_ascii(prefix, range);
}
