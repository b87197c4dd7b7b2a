/*
 * fuzz_uri.c: what is encoded decodes to itself and fits into an address, whatever it is; a text is
 * a web address exactly when a second reading of RFC 3986, part by part, says so.
 */
#include "fuzz.h"

#include <stdbool.h>

#include "pure/uri.h"

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* is_part returns whether text is characters of RFC 3986, which besides those of a path may hold
 * the given others, and whole escapes. */
static bool
is_part(const char *text, size_t length, const char *others)
{
	static const char path[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
							   "!$&'()*+,;=:@/";
	size_t i = 0;

	while (i < length)
	{
		if (text[i] == '%')
		{
			if (length - i < 3 || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0)
				return false;
			i += 3;
			continue;
		}
		if (text[i] == '\0' || (strchr(path, text[i]) == NULL && strchr(others, text[i]) == NULL))
			return false;
		i++;
	}
	return true;
}

/* find returns the position of the first of some characters, length when there is none. */
static size_t
find(const char *text, size_t length, const char *characters)
{
	for (size_t i = 0; i < length; i++)
	{
		if (text[i] != '\0' && strchr(characters, text[i]) != NULL)
			return i;
	}
	return length;
}

/* is_web takes a text apart into scheme, authority and the rest. */
static bool
is_web(const char *text, size_t length)
{
	char scheme[8] = "";
	size_t colon = find(text, length, ":");
	size_t end;
	size_t at;
	size_t next;

	if (colon > 5 || length - colon < 3 || memcmp(text + colon, "://", 3) != 0)
		return false;
	for (size_t i = 0; i < colon; i++)
		scheme[i] = (char)(text[i] | 0x20);
	if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
		return false;
	text += colon + 3;
	length -= colon + 3;

	end = find(text, length, "/?#");
	if (!is_part(text, end, "[]") || !is_part(text + end, length - end, "[]?#"))
		return false;
	for (at = 0; (next = find(text + at, end - at, "@")) < end - at;)
		at += next + 1;
	return find(text + at, end - at, ":") > 0;
}

static void
check_encoding(const char *text, size_t length)
{
	char *address = malloc(3 * length + 10);
	char *encoded = address + 10;
	size_t written = ud_uri_encode(text, length, encoded);
	size_t at = 0;

	DEMAND(written <= 3 * length);
	for (size_t i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char)text[i];

		DEMAND(at < written);
		if (encoded[at] == '%')
		{
			DEMAND(written - at >= 3 &&
				   hex_value(encoded[at + 1]) * 16 + hex_value(encoded[at + 2]) == c);
			DEMAND(encoded[at + 1] < 'a' && encoded[at + 2] < 'a');
			at += 3;
		}
		else
			DEMAND(encoded[at++] == (char)c && c < 0x80 && c > ' ');
	}
	DEMAND(at == written);

	memcpy(address, "https://h/", 10);
	DEMAND(ud_uri_is_web(address, 10 + written));
	free(address);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	DEMAND(ud_uri_is_web(text, size) == is_web(text, size));
	check_encoding(text, size);
	return 0;
}
