/*
 * fold_case.c: case folding of texts in the database's encoding.
 *
 * Folding is defined on Unicode. In other encodings a character is folded by way of UTF-8; where
 * its folding does not exist in the encoding, or would not come back as itself, it stays as it is.
 * In SQL_ASCII, where nobody knows what the other bytes mean, the letters of ASCII fold alone.
 */
#include "base/userdir.h"

#include "catalog/pg_conversion.h"
#include "catalog/pg_namespace.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "pure/case_folding.h"
#include "search/fold_case.h"

/* More bytes than a character has in UTF-8 or in any encoding of the server. */
#define CHARACTER_ROOM 16

/* The ways from the database's encoding to UTF-8 and back; InvalidOid where there is none. */
typedef struct Conversions
{
	Oid to_utf8;
	Oid from_utf8;
} Conversions;

/* find_conversion returns the server's own conversion function: one that a user made is not asked.
 */
static Oid
find_conversion(int from, int to)
{
	return FindDefaultConversion(PG_CATALOG_NAMESPACE, from, to);
}

/*
 * convert_character writes a character in another encoding, with a zero behind it, and returns its
 * length; 0 when the encoding does not have it. target needs CHARACTER_ROOM bytes.
 */
static int
convert_character(Oid conversion, int from, int to, const unsigned char *character, int length,
				  unsigned char *target)
{
	unsigned char source[CHARACTER_ROOM];
	int converted;

	if (length >= CHARACTER_ROOM)
		return 0;
	memcpy(source, character, length);
	source[length] = '\0';
	memset(target, 0, CHARACTER_ROOM);
	converted = pg_do_encoding_conversion_buf(conversion, from, to, source, length, target,
											  CHARACTER_ROOM - 1, true);
	return converted == length ? (int)strlen((char *)target) : 0;
}

/*
 * fold_character writes the folding of a character beyond ASCII and returns its length; 0 when the
 * character stays as it is.
 */
static int
fold_character(const Conversions *conversions, const unsigned char *character, int length,
			   unsigned char *target)
{
	int encoding = GetDatabaseEncoding();
	unsigned char utf8[CHARACTER_ROOM];
	unsigned char folded[CHARACTER_ROOM];
	int utf8_length;
	int folded_length;
	int target_length;

	utf8_length =
		convert_character(conversions->to_utf8, encoding, PG_UTF8, character, length, utf8);
	if (utf8_length == 0 ||
		ud_case_folding_unchanged((char *)utf8, utf8_length) == (size_t)utf8_length)
		return 0;
	folded_length = (int)ud_case_folding_fold((char *)utf8, utf8_length, (char *)folded);

	target_length =
		convert_character(conversions->from_utf8, PG_UTF8, encoding, folded, folded_length, target);
	if (target_length == 0)
		return 0;

	/* Folding twice must be folding once, also where two characters of Unicode share a code. */
	if (convert_character(conversions->to_utf8, encoding, PG_UTF8, target, target_length, utf8) !=
			folded_length ||
		memcmp(utf8, folded, folded_length) != 0)
		return 0;
	return target_length;
}

/*
 * load_byte_foldings returns the folding of every byte of the database's encoding, one of single
 * bytes. It is made once in a session.
 */
static const unsigned char *
load_byte_foldings(void)
{
	static unsigned char foldings[256];
	static bool loaded = false;
	Conversions conversions;

	if (loaded)
		return foldings;

	conversions.to_utf8 = find_conversion(GetDatabaseEncoding(), PG_UTF8);
	conversions.from_utf8 = find_conversion(PG_UTF8, GetDatabaseEncoding());
	for (int i = 0; i < 256; i++)
	{
		unsigned char byte = (unsigned char)i;
		unsigned char folded[CHARACTER_ROOM];

		foldings[i] = byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte;
		if (IS_HIGHBIT_SET(byte) && OidIsValid(conversions.to_utf8) &&
			OidIsValid(conversions.from_utf8) &&
			fold_character(&conversions, &byte, 1, folded) == 1)
			foldings[i] = folded[0];
	}
	loaded = true;
	return foldings;
}

/* make_text returns a new text with room for so many bytes. */
static text *
make_text(size_t length)
{
	text *result = palloc(VARHDRSZ + length);

	SET_VARSIZE(result, VARHDRSZ + length);
	return result;
}

/* fold_utf8 folds a text in a database of UTF-8. */
static text *
fold_utf8(text *value)
{
	const char *bytes = VARDATA_ANY(value);
	size_t length = VARSIZE_ANY_EXHDR(value);
	size_t same = ud_case_folding_unchanged(bytes, length);
	text *result;

	if (same == length)
		return value;
	result = make_text(same + ud_case_folding_bound(bytes + same, length - same));
	memcpy(VARDATA(result), bytes, same);
	same += ud_case_folding_fold(bytes + same, length - same, VARDATA(result) + same);
	SET_VARSIZE(result, VARHDRSZ + same);
	return result;
}

/* fold_ascii folds the letters of ASCII alone. */
static text *
fold_ascii(text *value)
{
	const char *bytes = VARDATA_ANY(value);
	size_t length = VARSIZE_ANY_EXHDR(value);
	text *result;

	if (ud_case_folding_unchanged_ascii(bytes, length) == length)
		return value;
	result = make_text(length);
	ud_case_folding_fold_ascii(bytes, length, VARDATA(result));
	return result;
}

/* fold_single_bytes folds a text in an encoding of single bytes. */
static text *
fold_single_bytes(text *value)
{
	const unsigned char *foldings = load_byte_foldings();
	const unsigned char *bytes = (unsigned char *)VARDATA_ANY(value);
	size_t length = VARSIZE_ANY_EXHDR(value);
	size_t same = 0;
	text *result;

	while (same < length && foldings[bytes[same]] == bytes[same])
		same++;
	if (same == length)
		return value;
	result = make_text(length);
	for (size_t i = 0; i < length; i++)
		VARDATA(result)[i] = (char)foldings[bytes[i]];
	return result;
}

/* fold_several_bytes folds a text in an encoding of several bytes that is not UTF-8. */
static text *
fold_several_bytes(text *value)
{
	int encoding = GetDatabaseEncoding();
	const unsigned char *at = (unsigned char *)VARDATA_ANY(value);
	size_t length = VARSIZE_ANY_EXHDR(value);
	const unsigned char *end = at + length;
	Conversions conversions;
	StringInfoData result;

	for (; at < end && !IS_HIGHBIT_SET(*at); at++)
		;
	if (at == end)
		return fold_ascii(value);

	conversions.to_utf8 = find_conversion(encoding, PG_UTF8);
	conversions.from_utf8 = find_conversion(PG_UTF8, encoding);
	initStringInfo(&result);
	for (at = (unsigned char *)VARDATA_ANY(value); at < end;)
	{
		int width = Max(1, Min(pg_encoding_mblen(encoding, (const char *)at), (int)(end - at)));
		unsigned char folded[CHARACTER_ROOM];
		int folded_length = 0;

		CHECK_FOR_INTERRUPTS();
		if (!IS_HIGHBIT_SET(*at))
			appendStringInfoChar(&result,
								 *at >= 'A' && *at <= 'Z' ? (char)(*at + ('a' - 'A')) : (char)*at);
		else
		{
			if (OidIsValid(conversions.to_utf8) && OidIsValid(conversions.from_utf8))
				folded_length = fold_character(&conversions, at, width, folded);
			if (folded_length > 0)
				appendBinaryStringInfo(&result, (char *)folded, folded_length);
			else
				appendBinaryStringInfo(&result, (const char *)at, width);
		}
		at += width;
	}
	return cstring_to_text_with_len(result.data, result.len);
}

text *
ud_fold_case_text(text *value)
{
	switch (GetDatabaseEncoding())
	{
		case PG_UTF8:
			return fold_utf8(value);
		case PG_SQL_ASCII:
			return fold_ascii(value);
		default:
			return pg_database_encoding_max_length() == 1 ? fold_single_bytes(value)
														  : fold_several_bytes(value);
	}
}

UD_FUNCTION(userdir_fold_case);

/*
 * userdir_fold_case(value text) returns the simple case folding of a text.
 */
Datum
userdir_fold_case(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(ud_fold_case_text(PG_GETARG_TEXT_PP(0)));
}
