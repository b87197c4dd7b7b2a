/*
 * query_escape.h: a backslash and what it takes the meaning away from; for the query files only.
 */
#ifndef UD_PURE_QUERY_ESCAPE_H
#define UD_PURE_QUERY_ESCAPE_H

#include "pure/charset.h"

/*
 * ud_query_escape_read decodes the escape at at, whose backslash is there, into character, which
 * has room for UD_CHARSET_MAX bytes, and sets its length.
 *
 * Returns the bytes it takes in the text, 0 if it is none. Of a character of several bytes only the
 * first counts as escaped, as the others have no meaning that could be taken away.
 */
extern size_t ud_query_escape_read(const UdCharset *charset, const char *at, const char *end,
								   char *character, size_t *length);

/*
 * ud_query_escape_fault returns what should have been there instead of an escape that cannot be
 * read, and sets the bytes of the text to be shown as wrong: 0 if the text ends behind the
 * backslash.
 */
extern const char *ud_query_escape_fault(const char *at, const char *end, size_t *faulty);

#endif
