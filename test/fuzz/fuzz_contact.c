/*
 * fuzz_contact.c: what is taken for a phone number is one, stays one, and is the digits of the
 * text; e-mail addresses are something, "@", something.
 */
#include "fuzz.h"

#include <stdbool.h>

#include "pure/contact.h"

static void
check_email(const char *text, size_t length)
{
	size_t local = ud_contact_local_part(text, length);
	bool blank = false;
	size_t behind = 0;

	DEMAND(local <= length);
	if (local < length)
		DEMAND(text[local] == '@' && memchr(text + local + 1, '@', length - local - 1) == NULL);
	else
		DEMAND(memchr(text, '@', length) == NULL);

	for (size_t i = 0; i < length; i++)
		blank = blank || (unsigned char)text[i] < 0x21;
	if (local < length)
		behind = length - local - 1;
	DEMAND(ud_contact_is_email(text, length) == (local > 0 && behind > 0 && !blank));
}

static bool
is_e164(const char *text, size_t length)
{
	if (length < 2 || length > 16 || text[0] != '+')
		return false;
	for (size_t i = 1; i < length; i++)
	{
		if (text[i] < '0' || text[i] > '9')
			return false;
	}
	return true;
}

/* reduce_phone writes what remains of a number without blanks before it, every "(0)" and the
 * separators; the result has the size of the text at most. */
static size_t
reduce_phone(const char *text, size_t length, char *target)
{
	char *rest = malloc(length + 1);
	size_t kept = 0;
	size_t written = 0;
	size_t start = 0;

	while (start < length && text[start] == ' ')
		start++;
	for (size_t i = start; i < length;)
	{
		if (length - i >= 3 && text[i] == '(' && text[i + 1] == '0' && text[i + 2] == ')')
			i += 3;
		else
			rest[kept++] = text[i++];
	}
	for (size_t i = 0; i < kept; i++)
	{
		if (i == 0 || rest[i] == '\0' || strchr(" -.()", rest[i]) == NULL)
			target[written++] = rest[i];
	}
	free(rest);
	/* a number begins with its sign, not with what is left out */
	return start < length && text[start] == '+' ? written : 0;
}

static void
check_phone(const char *text, size_t length)
{
	char *target = malloc(UD_PHONE_MAX_LENGTH);
	char *again = malloc(UD_PHONE_MAX_LENGTH);
	char *expected = malloc(length + 1);
	size_t written = ud_contact_phone(text, length, target);
	size_t reduced = reduce_phone(text, length, expected);

	if (written == 0)
		DEMAND(!is_e164(expected, reduced));
	else
	{
		DEMAND(is_e164(target, written));
		DEMAND(written == reduced && memcmp(target, expected, written) == 0);
		DEMAND(ud_contact_phone(target, written, again) == written);
		DEMAND(memcmp(target, again, written) == 0);
	}
	free(target);
	free(again);
	free(expected);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	check_email(text, size);
	check_phone(text, size);
	return 0;
}
