/*
 * span.h: a piece of text by pointer and length; it is not terminated and may be empty.
 */
#ifndef UD_PURE_SPAN_H
#define UD_PURE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct UdSpan
{
	const char *data;
	size_t length;
} UdSpan;

/* UD_SPAN makes a span of a string constant. */
#define UD_SPAN(constant) ((UdSpan){(constant), sizeof(constant) - 1})

/* ud_span_of returns the whole of a C string. */
static inline UdSpan
ud_span_of(const char *text)
{
	return (UdSpan){text, strlen(text)};
}

/* ud_span_equal returns whether both spans hold the same bytes. */
static inline bool
ud_span_equal(UdSpan a, UdSpan b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

/* ud_span_is returns whether a span holds the text of a C string. */
static inline bool
ud_span_is(UdSpan span, const char *text)
{
	return ud_span_equal(span, ud_span_of(text));
}

#endif
