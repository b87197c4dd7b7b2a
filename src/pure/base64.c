/*
 * base64.c: base64 (RFC 4648), to and from bytes.
 *
 * Nothing here is made for secrets: the time that it takes depends on the characters.
 */
#include "pure/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

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
