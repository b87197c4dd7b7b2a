/*
 * text_match.h: wildcard patterns in the database's encoding.
 */
#ifndef UD_SEARCH_TEXT_MATCH_H
#define UD_SEARCH_TEXT_MATCH_H

#include "pure/charset.h"
#include "pure/wildcard.h"

/* ud_text_match_charset returns where characters end in the texts of this database. */
extern const UdCharset *ud_text_match_charset(void);

/*
 * ud_text_match_parse returns a pattern in memory of the current context.
 *
 * A long match with it can be cancelled. Errors: 22025 for a backslash at the end.
 */
extern UdWildcard *ud_text_match_parse(const char *pattern, size_t length);

/*
 * ud_text_match_try_parse does the same but returns NULL where that would raise the error.
 */
extern UdWildcard *ud_text_match_try_parse(const char *pattern, size_t length);

#endif
