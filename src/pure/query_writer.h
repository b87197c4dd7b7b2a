/*
 * query_writer.h: writing the words of canonical text; for the query files only.
 */
#ifndef UD_PURE_QUERY_WRITER_H
#define UD_PURE_QUERY_WRITER_H

#include "pure/query.h"

/* Counts the bytes that are put, and keeps them if there is room for them. */
typedef struct UdQueryWriter
{
	char *target; /* NULL: count only */
	size_t length;
} UdQueryWriter;

/* What a piece of a word is part of, which decides what has to be escaped */
typedef enum UdQueryWordPart
{
	UD_WORD_FIELD,       /* a segment at the beginning of a path; also "." is escaped in it */
	UD_WORD_FIELD_INNER, /* a segment behind a dot */
	UD_WORD_BARE,        /* the beginning of a value without field */
	UD_WORD_VALUE,       /* the beginning of a value behind a colon */
	UD_WORD_INNER        /* a part of a pattern that is not its beginning */
} UdQueryWordPart;

extern void ud_query_writer_put(UdQueryWriter *writer, const char *text, size_t length);
extern void ud_query_writer_text(UdQueryWriter *writer, const char *terminated);

/*
 * ud_query_writer_word puts text with the escapes that a word needs. whole says that the word ends
 * with it, so that it must not read as a keyword.
 */
extern void ud_query_writer_word(UdQueryWriter *writer, UdSpan text, UdQueryWordPart part,
								 bool whole);

/* ud_query_writer_phrase puts text in quotation marks. */
extern void ud_query_writer_phrase(UdQueryWriter *writer, UdSpan text);

/* ud_query_writer_bound puts text as an unquoted bound of a range. */
extern void ud_query_writer_bound(UdQueryWriter *writer, UdSpan text);

#endif
