/*
 * text_match.c: wildcard patterns in the database's encoding, and the operator =*.
 */
#include "base/userdir.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "search/text_match.h"

/* A pattern that a call site has seen last, kept because it will probably come again. */
typedef struct KeptPattern
{
	char *text;
	size_t length;
	UdWildcard *wildcard;
} KeptPattern;

/* encoding_length returns the length of a character in an encoding of several bytes. */
static size_t
encoding_length(const char *text, size_t rest)
{
	size_t length = (size_t)pg_encoding_mblen(GetDatabaseEncoding(), text);

	return length == 0 ? 1 : Min(length, rest);
}

/* The encodings of several bytes other than UTF-8, of which the server knows EUC and the like. */
static const UdCharset other_charset = {false, encoding_length, false};

const UdCharset *
ud_text_match_charset(void)
{
	if (GetDatabaseEncoding() == PG_UTF8)
		return &ud_charset_utf8;
	return pg_database_encoding_max_length() == 1 ? &ud_charset_bytes : &other_charset;
}

static void
check_for_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

UdWildcard *
ud_text_match_try_parse(const char *pattern, size_t length)
{
	/* One piece of memory, so that one pfree() is enough. */
	size_t header = MAXALIGN(sizeof(UdWildcard));
	UdWildcard *wildcard = palloc(header + ud_wildcard_room(pattern, length));

	if (!ud_wildcard_parse(wildcard, ud_text_match_charset(), pattern, length,
						   (char *)wildcard + header))
	{
		pfree(wildcard);
		return NULL;
	}
	wildcard->pause = check_for_interrupts;
	return wildcard;
}

UdWildcard *
ud_text_match_parse(const char *pattern, size_t length)
{
	UdWildcard *wildcard = ud_text_match_try_parse(pattern, length);

	if (wildcard == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_ESCAPE_SEQUENCE),
						errmsg("wildcard pattern ends in a backslash that escapes nothing"),
						errdetail("The backslash is character %d of the pattern.",
								  pg_mbstrlen_with_len(pattern, (int)length)),
						errhint("Write \\\\ for a backslash itself.")));
	return wildcard;
}

/* forget_pattern frees what a call site has kept. */
static void
forget_pattern(KeptPattern *kept)
{
	KeptPattern old = *kept;

	*kept = (KeptPattern){NULL, 0, NULL};
	if (old.wildcard != NULL)
	{
		pfree(old.wildcard);
		pfree(old.text);
	}
}

/* keep_pattern returns the parsed pattern of a call site, parsing it only when it is a new one. */
static const UdWildcard *
keep_pattern(FmgrInfo *site, const text *pattern)
{
	KeptPattern *kept = site->fn_extra;
	const char *bytes = VARDATA_ANY(pattern);
	size_t length = VARSIZE_ANY_EXHDR(pattern);
	KeptPattern new = {NULL, length, NULL};
	MemoryContext caller;

	if (kept != NULL && kept->wildcard != NULL && kept->length == length &&
		memcmp(kept->text, bytes, length) == 0)
		return kept->wildcard;

	caller = MemoryContextSwitchTo(site->fn_mcxt);
	if (kept == NULL)
		kept = site->fn_extra = palloc0(sizeof(KeptPattern));
	forget_pattern(kept);
	new.wildcard = ud_text_match_parse(bytes, length);
	new.text = palloc(length + 1);
	memcpy(new.text, bytes, length);
	*kept = new;
	MemoryContextSwitchTo(caller);
	return kept->wildcard;
}

UD_FUNCTION(userdir_matches_wildcard);

/*
 * userdir_matches_wildcard(value text, pattern text) returns whether the whole value matches.
 *
 * Errors: 22025 for a pattern that ends in a lone backslash.
 */
Datum
userdir_matches_wildcard(PG_FUNCTION_ARGS)
{
	text *value = PG_GETARG_TEXT_PP(0);
	const UdWildcard *wildcard = keep_pattern(fcinfo->flinfo, PG_GETARG_TEXT_PP(1));

	PG_RETURN_BOOL(ud_wildcard_match(wildcard, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)));
}
