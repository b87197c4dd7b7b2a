/*
 * ldap_escape.c: a text as one value within an LDAP filter or a distinguished name.
 */
#include "pure/ldap_escape.h"

#include <stdbool.h>
#include <string.h>

static size_t
write_escaped(char c, char *target)
{
	static const char digits[] = "0123456789abcdef";

	target[0] = '\\';
	target[1] = digits[(unsigned char)c >> 4];
	target[2] = digits[(unsigned char)c & 15];
	return 3;
}

/* is_plain returns whether a byte means itself in a filter, wherever it stands. */
static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		   (c != '\0' && strchr("@._-+", c) != NULL);
}

size_t
ud_ldap_escape_filter(const char *text, size_t length, char *target)
{
	size_t written = 0;

	for (size_t i = 0; i < length; i++)
	{
		if (is_plain(text[i]))
			target[written++] = text[i];
		else
			written += write_escaped(text[i], target + written);
	}
	return written;
}

/* has_meaning returns whether a byte must not stand as it is in a distinguished name. */
static bool
has_meaning(const char *text, size_t length, size_t i)
{
	char c = text[i];

	if (c == ' ')
		return i == 0 || i + 1 == length;
	if (c == '#')
		return i == 0;
	return (unsigned char)c < 0x20 || c == 0x7f || strchr("\"+,;<>\\=", c) != NULL;
}

size_t
ud_ldap_escape_dn(const char *text, size_t length, char *target)
{
	size_t written = 0;

	for (size_t i = 0; i < length; i++)
	{
		if (has_meaning(text, length, i))
			written += write_escaped(text[i], target + written);
		else
			target[written++] = text[i];
	}
	return written;
}
