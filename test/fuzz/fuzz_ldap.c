/*
 * fuzz_ldap.c: whatever is put into a filter or a name of LDAP stays one value and can be read
 * back; templates come apart into all of their text; nothing that a server sends as a value does
 * harm.
 */
#include "fuzz.h"

#include <stdbool.h>

#include "pure/hex.h"
#include "pure/ldap_escape.h"
#include "pure/ldap_template.h"
#include "pure/ldap_time.h"
#include "pure/ldap_url.h"
#include "pure/ldap_value.h"

/* unescape reads "\XX" back. */
static size_t
unescape(const char *text, size_t length, char *target)
{
	size_t written = 0;

	for (size_t i = 0; i < length; i++)
	{
		uint8_t byte = (uint8_t)text[i];

		if (text[i] == '\\')
		{
			DEMAND(length - i >= 3 && ud_hex_decode(text + i + 1, 2, &byte));
			i += 2;
		}
		target[written++] = (char)byte;
	}
	return written;
}

static void
check_escapes(const char *text, size_t length)
{
	char *escaped = malloc(UD_LDAP_ESCAPED_SIZE(length) + 1);
	char *back = malloc(UD_LDAP_ESCAPED_SIZE(length) + 1);
	size_t size = ud_ldap_escape_filter(text, length, escaped);

	for (size_t i = 0; i < size; i++)
		DEMAND(escaped[i] != '\0' && strchr("()*&|!=<>~ \n", escaped[i]) == NULL);
	DEMAND(unescape(escaped, size, back) == length && (length == 0 || !memcmp(back, text, length)));

	size = ud_ldap_escape_dn(text, length, escaped);
	for (size_t i = 0; i < size; i++)
		DEMAND(escaped[i] != '\0' && strchr(",+\"<>;=\n", escaped[i]) == NULL);
	DEMAND(size == 0 || (escaped[0] != ' ' && escaped[0] != '#' && escaped[size - 1] != ' '));
	DEMAND(unescape(escaped, size, back) == length && (length == 0 || !memcmp(back, text, length)));
	free(escaped);
	free(back);
}

static void
check_template(const char *text, size_t length)
{
	size_t position = 0;
	UdLdapPiece kind;
	UdSpan piece;

	do
	{
		size_t before = position;
		UdSpan name;
		UdSpan conversion;

		kind = ud_ldap_template_next((UdSpan){text, length}, &position, &piece);
		DEMAND(position <= length && piece.data + piece.length <= text + length);
		if (kind == UD_LDAP_PIECE_TEXT)
			DEMAND(position == before + piece.length && piece.length > 0);
		else if (kind == UD_LDAP_PIECE_NAME)
		{
			DEMAND(position == before + piece.length + 2 && piece.length > 0);
			if (ud_ldap_template_split(piece, &name, &conversion))
				DEMAND(name.length > 0 && memchr(name.data, ' ', name.length) == NULL);
		}
		else
			DEMAND(position == before);
	} while (kind == UD_LDAP_PIECE_TEXT || kind == UD_LDAP_PIECE_NAME);
}

static void
check_values(const char *text, size_t length)
{
	char *target = malloc(length + 1);
	uint8_t *units = malloc(2 * (length + 2));
	char written[UD_LDAP_SID_SIZE];
	int64_t value;
	size_t size;
	UdLdapUrl url;

	if (ud_ldap_value_rdn(text, length, target, &size))
		DEMAND(size > 0 && size <= length);
	if (ud_ldap_value_sid((const uint8_t *)text, length, written))
		DEMAND(strlen(written) < UD_LDAP_SID_SIZE);
	if (ud_ldap_time_windows(text, length, &value) == UD_LDAP_TIME_OK)
		DEMAND(ud_ldap_time_text(value, written) == 24);
	if (ud_ldap_time_generalized(text, length, &value) == UD_LDAP_TIME_OK)
		DEMAND(ud_ldap_time_text(value, written) == 24);
	(void)ud_ldap_value_integer(text, length, &value);
	DEMAND(ud_ldap_value_bind_code(text, length) >= 0);
	if (ud_ldap_url_parse((UdSpan){text, length}, &url) == NULL)
		DEMAND(url.scheme == UD_LDAP_SOCKET
				   ? url.path[0] == '/' && strlen(url.path) < UD_LDAP_PATH_SIZE
				   : url.host.length > 0 && url.host.length <= UD_LDAP_HOST_MAX && url.port > 0 &&
						 url.port <= 65535);
	/* For text that is no UTF-8 there is no promise but to stay within the target. */
	DEMAND(ud_ldap_value_unicode_password((const uint8_t *)text, length, units) <=
		   2 * (length + 2));
	free(target);
	free(units);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	check_escapes(text, size);
	check_template(text, size);
	check_values(text, size);
	return 0;
}
