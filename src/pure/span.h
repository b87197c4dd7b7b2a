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

/* ud_span_equal returns whether both spans hold the same bytes. */
static inline bool
ud_span_equal(UdSpan a, UdSpan b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

#endif
