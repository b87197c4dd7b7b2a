/*
 * contact.c: e-mail addresses and phone numbers as identity providers write them.
 */
#include "pure/contact.h"

#include <string.h>

size_t
ud_contact_local_part(const char *email, size_t length)
{
	for (size_t i = length; i > 0; i--)
	{
		if (email[i - 1] == '@')
			return i - 1;
	}
	return length;
}

bool
ud_contact_is_email(const char *text, size_t length)
{
	size_t local = ud_contact_local_part(text, length);

	if (local == 0 || local + 1 >= length)
		return false;
	for (size_t i = 0; i < length; i++)
	{
		if ((unsigned char)text[i] <= ' ')
			return false;
	}
	return true;
}

/* starts_with_trunk_zero returns whether text begins with the "(0)" of "+44 (0)20 ...". */
static bool
starts_with_trunk_zero(const char *text, size_t length)
{
	return length >= 3 && memcmp(text, "(0)", 3) == 0;
}

size_t
ud_contact_phone(const char *text, size_t length, char *target)
{
	size_t written = 0;

	while (length > 0 && *text == ' ')
	{
		text++;
		length--;
	}
	if (length == 0 || *text != '+')
		return 0;
	target[written++] = '+';

	for (size_t i = 1; i < length; i++)
	{
		if (text[i] >= '0' && text[i] <= '9')
		{
			if (written == UD_PHONE_MAX_LENGTH)
				return 0;
			target[written++] = text[i];
		}
		else if (starts_with_trunk_zero(text + i, length - i))
			i += 2;
		else if (text[i] == '\0' || strchr(" -.()", text[i]) == NULL)
			return 0;
	}
	return written > 1 ? written : 0;
}
