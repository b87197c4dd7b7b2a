/*
 * query_decode.h: from tokens to texts, patterns and paths; for the query files only.
 *
 * Everything is made in arena; false means that there is no memory.
 */
#ifndef UD_PURE_QUERY_DECODE_H
#define UD_PURE_QUERY_DECODE_H

#include "pure/query_lexer.h"

/* ud_query_decode_value decodes a word, a phrase or a bound. */
extern bool ud_query_decode_value(const UdLexer *lexer, const UdToken *token, const UdArena *arena,
								  UdSpan *value);

/* ud_query_decode_pattern decodes a word with wildcards. */
extern bool ud_query_decode_pattern(const UdLexer *lexer, const UdToken *token,
									const UdArena *arena, UdWildcard *pattern);

/* ud_query_decode_field decodes a word or phrase that names a field: at dots its segments part. */
extern bool ud_query_decode_field(const UdLexer *lexer, const UdToken *token, const UdArena *arena,
								  UdSpan **segments, int *nsegments);

#endif
