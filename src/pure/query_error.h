/*
 * query_error.h: filling of a query's error; between lexer, parser and their neighbours only.
 */
#ifndef UD_PURE_QUERY_ERROR_H
#define UD_PURE_QUERY_ERROR_H

#include "pure/query_lexer.h"

/* ud_query_error_reset makes error say that there is none. */
extern void ud_query_error_reset(UdQueryError *error);

/* ud_query_error_syntax reports the bytes from start up to end of the lexer's text. */
extern void ud_query_error_syntax(UdQueryError *error, const UdLexer *lexer, size_t start,
								  size_t end, const char *expected, const char *hint);

/* ud_query_error_unclosed reports that the text ends before what was opened at offset is closed. */
extern void ud_query_error_unclosed(UdQueryError *error, const UdLexer *lexer, size_t opened,
									const char *expected);

/* ud_query_error_opened adds to an error where the bracket was opened that it stands in. */
extern void ud_query_error_opened(UdQueryError *error, const UdLexer *lexer, size_t opened);

/* ud_query_error_unsupported reports the token as the beginning of a feature that is not there. */
extern void ud_query_error_unsupported(UdQueryError *error, const UdLexer *lexer,
									   const UdToken *token, UdQueryFeature feature);

/* ud_query_error_limit reports that limit was exceeded at offset. */
extern void ud_query_error_limit(UdQueryError *error, const UdLexer *lexer, size_t offset,
								 UdQueryErrorKind kind, size_t limit);

#endif
