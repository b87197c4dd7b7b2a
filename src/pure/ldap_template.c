/*
 * ldap_template.c: texts with names in braces that stand for values, as in "(uid={login})".
 */
#include "pure/ldap_template.h"

/* find_brace returns the distance to the next brace of either kind, or the length. */
static size_t
find_brace(UdSpan text)
{
	size_t i = 0;

	while (i < text.length && text.data[i] != '{' && text.data[i] != '}')
		i++;
	return i;
}

UdLdapPiece
ud_ldap_template_next(UdSpan template_text, size_t *position, UdSpan *piece)
{
	UdSpan rest = {template_text.data + *position, template_text.length - *position};
	size_t brace = find_brace(rest);
	size_t end;

	*piece = rest;
	if (rest.length == 0)
		return UD_LDAP_PIECE_END;
	if (brace > 0)
	{
		piece->length = brace;
		*position += brace;
		return UD_LDAP_PIECE_TEXT;
	}

	if (rest.data[0] == '}')
		return UD_LDAP_PIECE_BAD;
	end = 1 + find_brace((UdSpan){rest.data + 1, rest.length - 1});
	if (end == rest.length || rest.data[end] == '{' || end == 1)
		return UD_LDAP_PIECE_BAD;
	piece->data = rest.data + 1;
	piece->length = end - 1;
	*position += end + 1;
	return UD_LDAP_PIECE_NAME;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* is_description returns whether a name is an attribute description. */
static bool
is_description(UdSpan name)
{
	bool is_number = name.length > 0 && is_digit(name.data[0]);
	bool at_start = true;
	bool in_options = false;

	for (size_t i = 0; i < name.length; i++)
	{
		char c = name.data[i];
		bool ends_part = c == ';' || (is_number && !in_options && c == '.');

		if (ends_part)
		{
			if (at_start)
				return false;
			in_options = in_options || c == ';';
			at_start = true;
			continue;
		}
		if (is_number && !in_options
				? !is_digit(c)
				: !is_letter(c) && ((at_start && !in_options) || (!is_digit(c) && c != '-')))
			return false;
		at_start = false;
	}
	return !at_start;
}

bool
ud_ldap_template_split(UdSpan text, UdSpan *name, UdSpan *conversion)
{
	const char *colon = text.length > 0 ? memchr(text.data, ':', text.length) : NULL;

	*name = text;
	*conversion = (UdSpan){text.data + text.length, 0};
	if (colon != NULL)
	{
		name->length = (size_t)(colon - text.data);
		*conversion = (UdSpan){colon + 1, text.length - name->length - 1};
		if (conversion->length == 0)
			return false;
	}
	return is_description(*name);
}
