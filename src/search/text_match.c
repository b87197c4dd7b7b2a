/*
 * text_match.c: wildcard patterns on texts of this database, and the operator =*.
 */
#include "base/userdir.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "base/server_charset.h"
#include "pure/wildcard_text.h"
#include "search/text_match.h"

/* The pattern that a call site has seen last, kept because it will probably come again. */
typedef struct KeptPattern
{
	char *text;
	size_t length;
	UdWildcard *pattern;
} KeptPattern;

static void
check_for_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

bool
ud_text_match_matches(const UdWildcard *pattern, UdSpan value)
{
	return ud_wildcard_matches(pattern, value, ud_server_charset(), check_for_interrupts);
}

UdWildcard *
ud_text_match_try_parse(UdSpan text)
{
	size_t header = MAXALIGN(sizeof(UdWildcard));
	UdWildcard *pattern = palloc(header + ud_wildcard_text_room(text));

	if (ud_wildcard_text_parse(text, ud_server_charset(), (char *)pattern + header, pattern))
		return pattern;
	pfree(pattern);
	return NULL;
}

UdWildcard *
ud_text_match_parse(UdSpan text)
{
	UdWildcard *pattern = ud_text_match_try_parse(text);

	if (pattern == NULL)
		ereport(
			ERROR,
			(errcode(ERRCODE_INVALID_ESCAPE_SEQUENCE),
			 errmsg("wildcard pattern ends in a backslash that escapes nothing, at character %d",
					pg_mbstrlen_with_len(text.data, (int)text.length)),
			 errhint("Write \\\\ for a backslash that stands for itself.")));
	return pattern;
}

/* forget_pattern frees what a call site has kept. */
static void
forget_pattern(KeptPattern *kept)
{
	KeptPattern old = *kept;

	*kept = (KeptPattern){NULL, 0, NULL};
	if (old.pattern != NULL)
	{
		pfree(old.pattern);
		pfree(old.text);
	}
}

/* keep_pattern returns the pattern of a call site, parsing it only when it is a new one. */
static const UdWildcard *
keep_pattern(FmgrInfo *site, UdSpan text)
{
	KeptPattern *kept = site->fn_extra;
	KeptPattern new = {NULL, text.length, NULL};
	MemoryContext caller;

	if (kept != NULL && kept->pattern != NULL && kept->length == text.length &&
		memcmp(kept->text, text.data, text.length) == 0)
		return kept->pattern;

	caller = MemoryContextSwitchTo(site->fn_mcxt);
	if (kept == NULL)
		kept = site->fn_extra = palloc0(sizeof(KeptPattern));
	forget_pattern(kept);
	new.pattern = ud_text_match_parse(text);
	new.text = palloc(text.length + 1);
	memcpy(new.text, text.data, text.length);
	*kept = new;
	MemoryContextSwitchTo(caller);
	return kept->pattern;
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
	UdSpan value = ud_text_match_span(PG_GETARG_TEXT_PP(0));
	UdSpan pattern = ud_text_match_span(PG_GETARG_TEXT_PP(1));

	PG_RETURN_BOOL(ud_text_match_matches(keep_pattern(fcinfo->flinfo, pattern), value));
}
