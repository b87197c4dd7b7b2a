/*
 * text_match.h: wildcard patterns on texts of this database.
 */
#ifndef UD_SEARCH_TEXT_MATCH_H
#define UD_SEARCH_TEXT_MATCH_H

#include "pure/span.h"
#include "pure/wildcard.h"

/* ud_text_match_span returns the bytes of a text, which must be neither compressed nor out of line.
 */
static inline UdSpan
ud_text_match_span(const text *value)
{
	return (UdSpan){VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)};
}

/*
 * ud_text_match_parse returns a pattern as one piece of memory in the current context.
 *
 * Errors: 22025 for a backslash at the end.
 */
extern UdWildcard *ud_text_match_parse(UdSpan pattern);

/* ud_text_match_try_parse does the same but returns NULL where that would raise its error. */
extern UdWildcard *ud_text_match_try_parse(UdSpan pattern);

/* ud_text_match_matches returns whether a whole value matches; it can be cancelled. */
extern bool ud_text_match_matches(const UdWildcard *pattern, UdSpan value);

#endif
