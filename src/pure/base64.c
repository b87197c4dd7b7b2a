/*
 * base64.c: base64 (RFC 4648), to and from bytes.
 *
 * Nothing here is made for secrets: the time that it takes depends on the characters.
 */
#include "pure/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* What each character of the URL alphabet stands for; 0x40 for any other. */
static const uint8_t url_digits[256] = {
#define NONE_4  0x40, 0x40, 0x40, 0x40
#define NONE_16 NONE_4, NONE_4, NONE_4, NONE_4
	NONE_16, NONE_16, NONE_4, NONE_4, NONE_4, 0x40,   62,      0x40,    0x40,    52,      53,
	54,      55,      56,     57,     58,     59,     60,      61,      0x40,    0x40,    NONE_4,
	0x40,    0,       1,      2,      3,      4,      5,       6,       7,       8,       9,
	10,      11,      12,     13,     14,     15,     16,      17,      18,      19,      20,
	21,      22,      23,     24,     25,     0x40,   0x40,    0x40,    0x40,    63,      0x40,
	26,      27,      28,     29,     30,     31,     32,      33,      34,      35,      36,
	37,      38,      39,     40,     41,     42,     43,      44,      45,      46,      47,
	48,      49,      50,     51,     0x40,   NONE_4, NONE_16, NONE_16, NONE_16, NONE_16, NONE_16,
	NONE_16, NONE_16, NONE_16
#undef NONE_4
#undef NONE_16
};

size_t
ud_base64url_encode(const uint8_t *bytes, size_t length, char *target)
{
	char *at = target;
	size_t i = 0;

	for (; i + 3 <= length; i += 3)
	{
		uint32_t bits =
			((uint32_t)bytes[i] << 16) | ((uint32_t)bytes[i + 1] << 8) | (uint32_t)bytes[i + 2];

		*at++ = url_alphabet[bits >> 18];
		*at++ = url_alphabet[(bits >> 12) & 63];
		*at++ = url_alphabet[(bits >> 6) & 63];
		*at++ = url_alphabet[bits & 63];
	}
	if (i < length)
	{
		uint32_t bits =
			((uint32_t)bytes[i] << 16) | (i + 1 < length ? (uint32_t)bytes[i + 1] << 8 : 0);

		*at++ = url_alphabet[bits >> 18];
		*at++ = url_alphabet[(bits >> 12) & 63];
		if (i + 1 < length)
			*at++ = url_alphabet[(bits >> 6) & 63];
	}
	*at = '\0';
	return (size_t)(at - target);
}

bool
ud_base64url_decode(const char *text, size_t length, uint8_t *target, size_t *decoded)
{
	const uint8_t *at = (const uint8_t *)text;
	size_t left = length % 4;
	const uint8_t *end = at + (length - left);
	uint8_t *begin = target;
	uint8_t a, b, c, d;

	if (left == 1)
		return false;
	for (; at < end; at += 4)
	{
		a = url_digits[at[0]];
		b = url_digits[at[1]];
		c = url_digits[at[2]];
		d = url_digits[at[3]];
		if ((a | b | c | d) & 0x40)
			return false;
		*target++ = (uint8_t)(a << 2 | b >> 4);
		*target++ = (uint8_t)(b << 4 | c >> 2);
		*target++ = (uint8_t)(c << 6 | d);
	}
	if (left > 0)
	{
		a = url_digits[at[0]];
		b = url_digits[at[1]];
		c = left == 3 ? url_digits[at[2]] : 0;
		/* Bits that no byte takes must not make a second spelling. */
		if (((a | b | c) & 0x40) || (left == 2 ? (b & 15) : (c & 3)) != 0)
			return false;
		*target++ = (uint8_t)(a << 2 | b >> 4);
		if (left == 3)
			*target++ = (uint8_t)(b << 4 | c >> 2);
	}
	*decoded = (size_t)(target - begin);
	return true;
}

size_t
ud_base64_encode(const uint8_t *bytes, size_t length, char *target)
{
	uint32_t bits = 0;
	int held = 0;
	size_t written = 0;

	for (size_t i = 0; i < length; i++)
	{
		bits = (bits << 8) | bytes[i];
		for (held += 8; held >= 6; held -= 6)
			target[written++] = alphabet[(bits >> (held - 6)) & 63];
	}
	if (held > 0)
		target[written++] = alphabet[(bits << (6 - held)) & 63];
	target[written] = '\0';
	return written;
}

/* digit_value returns what a character of base64 stands for, or -1. */
static int
digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	if (c == '/' || c == '_')
		return 63;
	return -1;
}

/* unpadded_length returns the length without padding, or SIZE_MAX when the padding does not fit. */
static size_t
unpadded_length(const char *text, size_t length)
{
	size_t padding = 0;

	while (padding < length && padding < 3 && text[length - 1 - padding] == '=')
		padding++;
	if (padding > 2 || (padding > 0 && length % 4 != 0))
		return SIZE_MAX;
	return length - padding;
}

bool
ud_base64_decode(const char *text, size_t length, uint8_t *target, size_t *decoded)
{
	uint32_t bits = 0;
	int held = 0;
	size_t written = 0;

	length = unpadded_length(text, length);
	if (length == SIZE_MAX || length % 4 == 1)
		return false;

	for (size_t i = 0; i < length; i++)
	{
		int value = digit_value(text[i]);

		if (value < 0)
			return false;
		bits = ((bits << 6) | (uint32_t)value) & 0xfff;
		held += 6;
		if (held >= 8)
		{
			held -= 8;
			target[written++] = (uint8_t)(bits >> held);
		}
	}
	*decoded = written;
	return (bits & ((1u << held) - 1)) == 0;
}
