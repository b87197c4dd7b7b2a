/*
 * uri.c: the little that profiles need of RFC 3986.
 */
#include "pure/uri.h"

#include <string.h>

#include "pure/hex.h"

static bool
is_alphanumeric(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool
is_unreserved(unsigned char c)
{
	return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/* is_one_of is strchr without its answer for the terminator. */
static bool
is_one_of(unsigned char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* has_prefix compares without regard to the case of ASCII letters. */
static bool
has_prefix(const char *text, size_t length, const char *prefix)
{
	size_t prefix_length = strlen(prefix);

	if (length < prefix_length)
		return false;
	for (size_t i = 0; i < prefix_length; i++)
	{
		char c = text[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + ('a' - 'A'));
		if (c != prefix[i])
			return false;
	}
	return true;
}

/* measure_web_scheme returns the length of "http://" or "https://", 0 for every other scheme. */
static size_t
measure_web_scheme(const char *text, size_t length)
{
	if (has_prefix(text, length, "https://"))
		return strlen("https://");
	if (has_prefix(text, length, "http://"))
		return strlen("http://");
	return 0;
}

/* has_host returns whether the text behind "//" begins with a host, or with a user and a host. */
static bool
has_host(const char *text, size_t length)
{
	size_t host = 0;
	size_t end = 0;

	for (; end < length && !is_one_of((unsigned char)text[end], "/?#"); end++)
	{
		if (text[end] == '@')
			host = end + 1;
	}
	return host < end && text[host] != ':';
}

/* has_only_uri_characters checks the characters and the percent escapes. */
static bool
has_only_uri_characters(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char)text[i];

		if (c == '%')
		{
			if (length - i < 3 || ud_hex_digit(text[i + 1]) < 0 || ud_hex_digit(text[i + 2]) < 0)
				return false;
			i += 2;
		}
		else if (!is_unreserved(c) && !is_one_of(c, ":/?#[]@!$&'()*+,;="))
			return false;
	}
	return true;
}

bool
ud_uri_is_web(const char *text, size_t length)
{
	size_t scheme = measure_web_scheme(text, length);

	if (scheme == 0 || !has_host(text + scheme, length - scheme))
		return false;
	return has_only_uri_characters(text + scheme, length - scheme);
}

size_t
ud_uri_encode(const char *text, size_t length, char *target)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t written = 0;

	for (size_t i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char)text[i];

		if (is_unreserved(c))
			target[written++] = (char)c;
		else
		{
			target[written++] = '%';
			target[written++] = digits[c >> 4];
			target[written++] = digits[c & 15];
		}
	}
	return written;
}
