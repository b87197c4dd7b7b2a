/*
 * ldap_value.c: values of attributes that are not simply text, those of Active Directory above all.
 */
#include "pure/ldap_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pure/hex.h"

bool
ud_ldap_value_uuid(const uint8_t *bytes, size_t length, UdLdapUuidOrder order, char *target)
{
	static const uint8_t windows[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	size_t written = 0;

	if (length != 16)
		return false;
	for (int i = 0; i < 16; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			target[written++] = '-';
		ud_hex_encode(&bytes[order == UD_LDAP_UUID_WINDOWS ? windows[i] : i], 1, target + written);
		written += 2;
	}
	return true;
}

bool
ud_ldap_value_sid(const uint8_t *bytes, size_t length, char *target)
{
	uint64_t authority = 0;
	size_t written;

	if (length < 8 || bytes[0] != 1 || bytes[1] > 15 || length != 8 + 4 * (size_t)bytes[1])
		return false;
	for (int i = 2; i < 8; i++)
		authority = authority << 8 | bytes[i];
	written = (size_t)snprintf(target, UD_LDAP_SID_SIZE, "S-1-%" PRIu64, authority);
	for (const uint8_t *part = bytes + 8; part < bytes + length; part += 4)
	{
		uint32_t value =
			(uint32_t)part[3] << 24 | (uint32_t)part[2] << 16 | (uint32_t)part[1] << 8 | part[0];

		written +=
			(size_t)snprintf(target + written, UD_LDAP_SID_SIZE - written, "-%" PRIu32, value);
	}
	return true;
}

/* read_escape reads what is behind a backslash; returns its length, or 0 when it is nothing. */
static size_t
read_escape(const char *text, size_t length, char *c)
{
	if (length >= 2 && ud_hex_digit(text[0]) >= 0 && ud_hex_digit(text[1]) >= 0)
	{
		*c = (char)(ud_hex_digit(text[0]) << 4 | ud_hex_digit(text[1]));
		return 2;
	}
	if (length == 0 || (unsigned char)text[0] <= 0x1f)
		return 0;
	*c = text[0];
	return 1;
}

bool
ud_ldap_value_rdn(const char *name, size_t length, char *target, size_t *written)
{
	const char *equals = length > 0 ? memchr(name, '=', length) : NULL;
	size_t i = equals == NULL ? length : (size_t)(equals - name) + 1;
	size_t kept = 0; /* without blanks at the end that are not escaped */

	*written = 0;
	while (i < length && name[i] == ' ')
		i++;
	if (equals == NULL || equals == name || (i < length && name[i] == '#'))
		return false;

	for (; i < length && name[i] != ',' && name[i] != ';' && name[i] != '+'; i++)
	{
		char c = name[i];
		bool is_escaped = c == '\\';

		if (is_escaped)
		{
			size_t used = read_escape(name + i + 1, length - i - 1, &c);

			if (used == 0)
				return false;
			i += used;
		}
		target[(*written)++] = c;
		if (is_escaped || c != ' ')
			kept = *written;
	}
	*written = kept;
	return kept > 0;
}

bool
ud_ldap_value_integer(const char *text, size_t length, int64_t *value)
{
	bool is_negative = length > 0 && text[0] == '-';
	uint64_t limit = (uint64_t)INT64_MAX + (is_negative ? 1 : 0);
	uint64_t magnitude = 0;
	size_t i = is_negative ? 1 : 0;

	if (i == length)
		return false;
	for (; i < length; i++)
	{
		uint64_t digit = (uint64_t)(text[i] - '0');

		if (text[i] < '0' || text[i] > '9' || magnitude > (limit - digit) / 10)
			return false;
		magnitude = magnitude * 10 + digit;
	}
	*value = is_negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return true;
}

int
ud_ldap_value_bind_code(const char *message, size_t length)
{
	static const char label[] = ", data ";
	const size_t label_length = sizeof(label) - 1;

	for (size_t i = 0; i + label_length < length; i++)
	{
		int code = 0;
		size_t j = i + label_length;

		if (memcmp(message + i, label, label_length) != 0)
			continue;
		for (; j < length && code < 0x10000 && ud_hex_digit(message[j]) >= 0; j++)
			code = code << 4 | ud_hex_digit(message[j]);
		return j < length && message[j] == ',' ? code : 0;
	}
	return 0;
}

static size_t
write_unit(uint32_t unit, uint8_t *target)
{
	target[0] = (uint8_t)unit;
	target[1] = (uint8_t)(unit >> 8);
	return 2;
}

/* read_character decodes one character of valid UTF-8 and returns its length. */
static size_t
read_character(const uint8_t *utf8, size_t length, uint32_t *character)
{
	size_t count = utf8[0] < 0x80 ? 1 : utf8[0] < 0xe0 ? 2 : utf8[0] < 0xf0 ? 3 : 4;

	*character = count == 1 ? utf8[0] : utf8[0] & (0xffu >> (count + 1));
	for (size_t i = 1; i < count && i < length; i++)
		*character = *character << 6 | (utf8[i] & 0x3f);
	return count;
}

size_t
ud_ldap_value_unicode_password(const uint8_t *utf8, size_t length, uint8_t *target)
{
	size_t written = write_unit('"', target);

	for (size_t i = 0; i < length;)
	{
		uint32_t character;

		i += read_character(utf8 + i, length - i, &character);
		if (character >= 0x10000)
		{
			written += write_unit(0xd800 + ((character - 0x10000) >> 10), target + written);
			character = 0xdc00 + ((character - 0x10000) & 0x3ff);
		}
		written += write_unit(character, target + written);
	}
	return written + write_unit('"', target + written);
}
