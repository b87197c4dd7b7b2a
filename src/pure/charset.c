/*
 * charset.c: where the characters of a text end, in any encoding of a server.
 */
#include "pure/charset.h"

static size_t
byte_length(const char *text, size_t rest)
{
	(void)text;
	(void)rest;
	return 1;
}

static size_t
utf8_length(const char *text, size_t rest)
{
	unsigned char lead = (unsigned char)*text;
	size_t length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF8 ? 4 : 1;

	return length < rest ? length : rest;
}

const UdCharset ud_charset_bytes = {true, byte_length, false};
const UdCharset ud_charset_utf8 = {true, utf8_length, true};

const char *
ud_charset_skip(const UdCharset *charset, const char *text, const char *end, size_t characters)
{
	while (characters-- > 0)
	{
		if (text == end)
			return NULL;
		text += charset->length(text, (size_t)(end - text));
	}
	return text;
}

size_t
ud_charset_count(const UdCharset *charset, const char *text, const char *end)
{
	size_t characters = 0;

	for (; text < end; characters++)
		text += charset->length(text, (size_t)(end - text));
	return characters;
}
