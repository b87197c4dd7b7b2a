/*
 * charset.c: UTF-8 and the encodings of one byte.
 */
#include "pure/charset.h"

static bool
is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* utf8_expected returns how many bytes the first one asks for; 1 if it begins no character. */
static size_t
utf8_expected(unsigned char first)
{
	if (first < 0xc2 || first > 0xf4)
		return 1;
	if (first < 0xe0)
		return 2;
	return first < 0xf0 ? 3 : 4;
}

static size_t
utf8_length(const char *at, size_t left)
{
	size_t expected = utf8_expected((unsigned char)*at);

	if (expected > left)
		return 1;
	for (size_t i = 1; i < expected; i++)
	{
		if (!is_continuation(at[i]))
			return 1;
	}
	return expected;
}

static size_t
utf8_encode(uint32_t code_point, char *target)
{
	if (code_point < 0x80)
	{
		target[0] = (char)code_point;
		return 1;
	}
	if (code_point < 0x800)
	{
		target[0] = (char)(0xc0 | (code_point >> 6));
		target[1] = (char)(0x80 | (code_point & 0x3f));
		return 2;
	}
	if (code_point < 0x10000)
	{
		target[0] = (char)(0xe0 | (code_point >> 12));
		target[1] = (char)(0x80 | ((code_point >> 6) & 0x3f));
		target[2] = (char)(0x80 | (code_point & 0x3f));
		return 3;
	}
	target[0] = (char)(0xf0 | (code_point >> 18));
	target[1] = (char)(0x80 | ((code_point >> 12) & 0x3f));
	target[2] = (char)(0x80 | ((code_point >> 6) & 0x3f));
	target[3] = (char)(0x80 | (code_point & 0x3f));
	return 4;
}

static size_t
byte_length(const char *at, size_t left)
{
	(void)at;
	(void)left;
	return 1;
}

static size_t
byte_encode(uint32_t code_point, char *target)
{
	if (code_point >= 0x80)
		return 0;
	target[0] = (char)code_point;
	return 1;
}

const UdCharset ud_charset_utf8 = {true, true, utf8_length, utf8_encode};
const UdCharset ud_charset_bytes = {true, false, byte_length, byte_encode};

size_t
ud_charset_count(const UdCharset *charset, const char *text, size_t length)
{
	size_t count = 0;

	for (size_t at = 0; at < length; count++)
		at += charset->length(text + at, length - at);
	return count;
}
