/*
 * server_charset.c: the encoding of this database, as src/pure wants to know it.
 */
#include "base/userdir.h"

#include "catalog/namespace.h"
#include "mb/pg_wchar.h"

#include "base/server_charset.h"

static size_t
single_length(const char *at, size_t left)
{
	return 1;
}

static size_t
multibyte_length(const char *at, size_t left)
{
	int length = pg_encoding_mblen(GetDatabaseEncoding(), at);

	return length <= 0 ? 1 : Min((size_t)length, left);
}

/*
 * encode writes a code point in the server's encoding. Only the conversion behind the functions
 * that the server offers can say without an error that the encoding lacks a character.
 */
static size_t
encode(uint32_t code_point, char *target)
{
	char utf8[UD_CHARSET_MAX];
	unsigned char converted[32]; /* the conversion asks for more room than it uses */
	int length = (int)ud_charset_utf8.encode(code_point, utf8);
	Oid conversion;

	if (code_point < 0x80)
	{
		target[0] = (char)code_point;
		return 1;
	}
	conversion = FindDefaultConversionProc(PG_UTF8, GetDatabaseEncoding());
	if (!OidIsValid(conversion) ||
		pg_do_encoding_conversion_buf(conversion, PG_UTF8, GetDatabaseEncoding(),
									  (unsigned char *)utf8, length, converted, sizeof(converted),
									  true) != length)
		return 0;
	length = (int)strlen((char *)converted);
	if (length > UD_CHARSET_MAX)
		return 0;
	memcpy(target, converted, (size_t)length);
	return (size_t)length;
}

static const UdCharset single_byte = {true, false, single_length, encode};
static const UdCharset multibyte = {false, false, multibyte_length, encode};

const UdCharset *
ud_server_charset(void)
{
	if (GetDatabaseEncoding() == PG_UTF8)
		return &ud_charset_utf8;
	return pg_database_encoding_max_length() == 1 ? &single_byte : &multibyte;
}
