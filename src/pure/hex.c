/*
 * hex.c: hexadecimal digits, to and from bytes.
 */
#include "pure/hex.h"

static const char digits[] = "0123456789abcdef";

bool
ud_hex_decode(const char *text, size_t length, uint8_t *target)
{
	if (length % 2 != 0)
		return false;
	for (size_t i = 0; i < length; i += 2)
	{
		int high = ud_hex_digit(text[i]);
		int low = ud_hex_digit(text[i + 1]);

		if (high < 0 || low < 0)
			return false;
		target[i / 2] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void
ud_hex_encode(const uint8_t *bytes, size_t length, char *target)
{
	for (size_t i = 0; i < length; i++)
	{
		target[2 * i] = digits[bytes[i] >> 4];
		target[2 * i + 1] = digits[bytes[i] & 15];
	}
	target[2 * length] = '\0';
}
