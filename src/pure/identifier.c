/*
 * identifier.c: the syntax of the names by which users and connections are known.
 */
#include "pure/identifier.h"

#include <string.h>

static bool
is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_ascii_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* is_word_character includes all that is beyond ASCII. */
static bool
is_word_character(unsigned char c)
{
	return is_ascii_letter(c) || is_digit(c) || c >= 0x80;
}

static bool
is_one_of(unsigned char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

bool
ud_identifier_is_connection_name(const char *text, size_t length)
{
	bool after_letter = false;

	for (size_t i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char)text[i];
		bool letter = is_ascii_letter(c) || is_digit(c);

		if (!letter && (c != '-' || !after_letter))
			return false;
		after_letter = letter;
	}
	return after_letter;
}

/* is_dot_atom returns whether text is words of "atext", separated by single dots. */
static bool
is_dot_atom(const char *text, size_t length)
{
	bool after_character = false;

	for (size_t i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char)text[i];

		if (c == '.')
		{
			if (!after_character)
				return false;
			after_character = false;
		}
		else if (is_word_character(c) || is_one_of(c, "!#$%&'*+-/=?^_`{|}~"))
			after_character = true;
		else
			return false;
	}
	return after_character;
}

/* is_quoted_string returns whether text is a quoted-string with something in it. */
static bool
is_quoted_string(const char *text, size_t length)
{
	if (length < 3 || text[0] != '"' || text[length - 1] != '"')
		return false;
	for (size_t i = 1; i < length - 1; i++)
	{
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c == 0x7f || c == '"')
			return false;
		if (c == '\\' && ++i == length - 1)
			return false;
		if (c == '\\' && ((unsigned char)text[i] < ' ' || text[i] == 0x7f))
			return false;
	}
	return true;
}

/* is_label returns whether text is 1 to 63 letters, digits and inner hyphens. */
static bool
is_label(const char *text, size_t length)
{
	if (length == 0 || length > 63 || text[0] == '-' || text[length - 1] == '-')
		return false;
	for (size_t i = 0; i < length; i++)
	{
		if (!is_word_character((unsigned char)text[i]) && text[i] != '-')
			return false;
	}
	return true;
}

/* is_number returns whether text consists of digits only. */
static bool
is_number(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if (!is_digit((unsigned char)text[i]))
			return false;
	}
	return true;
}

/* is_domain returns whether text is a name of at least two labels under a top-level domain. */
static bool
is_domain(const char *text, size_t length)
{
	size_t start = 0;

	for (size_t i = 0; i < length; i++)
	{
		if (text[i] != '.')
			continue;
		if (!is_label(text + start, i - start))
			return false;
		start = i + 1;
	}
	return start > 0 && length - start >= 2 && is_label(text + start, length - start) &&
		   !is_number(text + start, length - start);
}

bool
ud_identifier_is_email(const char *text, size_t length)
{
	size_t at = length;

	while (at > 0 && text[at - 1] != '@')
		at--;
	if (at == 0)
		return false;
	return (is_dot_atom(text, at - 1) || is_quoted_string(text, at - 1)) &&
		   is_domain(text + at, length - at);
}

bool
ud_identifier_is_username(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char)text[i];

		if (!(c >= 'a' && c <= 'z') && !is_digit(c) && !is_one_of(c, "@^$.!`-#+'~_"))
			return false;
	}
	return length > 0;
}

bool
ud_identifier_is_phone_number(const char *text, size_t length)
{
	return length >= 2 && length <= 16 && text[0] == '+' && is_number(text + 1, length - 1);
}

bool
ud_identifier_is_user_id_part(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f)
			return false;
	}
	return length > 0;
}
