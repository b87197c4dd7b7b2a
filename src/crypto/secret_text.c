/*
 * secret_text.c: from a text of the database to the bytes that are hashed.
 *
 * What is allocated here is overwritten before it is freed. The server's own normalization frees
 * one working copy that is out of reach.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "catalog/namespace.h"
#include "common/unicode_norm.h"
#include "mb/pg_wchar.h"

#include "crypto/secret_text.h"

/* copy_whole copies bytes if they fit. */
static size_t
copy_whole(const void *bytes, size_t length, uint8 *target, size_t size, bool *fits)
{
	*fits = length <= size;
	if (*fits)
		memcpy(target, bytes, length);
	return *fits ? length : 0;
}

static void
raise_unconvertible(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
			 errmsg("the secret has a character that is not valid in encoding \"%s\"",
					GetDatabaseEncoding() == PG_SQL_ASCII ? "UTF8" : GetDatabaseEncodingName()),
			 errhidestmt(true), errhidecontext(true)));
}

/* convert_to_utf8 converts by the server's conversion, which must not report the bytes itself. */
static size_t
convert_to_utf8(const char *text, size_t length, uint8 *target, size_t size, bool *fits)
{
	const int encoding = GetDatabaseEncoding();
	Oid conversion = FindDefaultConversionProc(encoding, PG_UTF8);
	size_t room = length * MAX_CONVERSION_GROWTH + MAX_CONVERSION_INPUT_LENGTH;
	char *converted;
	size_t written;
	int consumed;

	if (!OidIsValid(conversion))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("a database in encoding \"%s\" cannot take secrets",
							   GetDatabaseEncodingName()),
						errdetail("The server has no conversion from it to UTF8."),
						errhidestmt(true), errhidecontext(true)));

	converted = palloc(room);
	consumed =
		pg_do_encoding_conversion_buf(conversion, encoding, PG_UTF8, (unsigned char *)text,
									  (int)length, (unsigned char *)converted, (int)room, true);
	written = strlen(converted);
	if (consumed == (int)length)
		written = copy_whole(converted, written, target, size, fits);
	sodium_memzero(converted, room);
	pfree(converted);
	if (consumed != (int)length)
		raise_unconvertible();
	return written;
}

size_t
ud_secret_text_to_utf8(const char *text, size_t length, uint8 *target, size_t size, bool *fits)
{
	/* No encoding needs more bytes than UTF-8 does; what is too long already is not worth a look.
	 */
	if (length > size * MAX_CONVERSION_GROWTH)
	{
		*fits = false;
		return 0;
	}
	if (GetDatabaseEncoding() != PG_UTF8 && GetDatabaseEncoding() != PG_SQL_ASCII)
		return convert_to_utf8(text, length, target, size, fits);

	if (!pg_verify_mbstr(PG_UTF8, text, (int)length, true))
		raise_unconvertible();
	return copy_whole(text, length, target, size, fits);
}

static bool
is_ascii(const uint8 *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if (bytes[i] >= 0x80)
			return false;
	}
	return true;
}

/* decode returns the code points of valid UTF-8, ended by a 0. */
static pg_wchar *
decode(const uint8 *utf8, size_t length)
{
	pg_wchar *points = palloc((length + 1) * sizeof(pg_wchar));
	size_t count = 0;

	for (size_t i = 0; i < length; i += pg_utf_mblen(utf8 + i))
		points[count++] = utf8_to_unicode(utf8 + i);
	points[count] = 0;
	return points;
}

/* encode writes code points as UTF-8. */
static size_t
encode(const pg_wchar *points, uint8 *target, size_t size, bool *fits)
{
	size_t written = 0;

	for (; *points != 0; points++)
	{
		uint8 character[4];
		size_t length;

		unicode_to_utf8(*points, character);
		length = pg_utf_mblen(character);
		if (written + length > size)
		{
			*fits = false;
			return 0;
		}
		memcpy(target + written, character, length);
		written += length;
	}
	*fits = true;
	return written;
}

/* erase overwrites code points and frees them. */
static void
erase(pg_wchar *points)
{
	size_t count = 0;

	while (points[count] != 0)
		count++;
	sodium_memzero(points, count * sizeof(pg_wchar));
	pfree(points);
}

size_t
ud_secret_text_normalize(const uint8 *utf8, size_t length, uint8 *target, size_t size, bool *fits)
{
	pg_wchar *points;
	pg_wchar *normalized;
	size_t written;

	if (is_ascii(utf8, length))
		return copy_whole(utf8, length, target, size, fits);

	points = decode(utf8, length);
	normalized = unicode_normalize(UNICODE_NFKC, points);
	written = encode(normalized, target, size, fits);
	erase(points);
	erase(normalized);
	return written;
}
