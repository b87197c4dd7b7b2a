/*
 * prefix_range.h: the texts with a common beginning, as an interval of the order of bytes.
 */
#ifndef UD_PURE_PREFIX_RANGE_H
#define UD_PURE_PREFIX_RANGE_H

#include "pure/charset.h"
#include "pure/span.h"

/*
 * Every text that begins with the prefix is at least the prefix itself, and less than the upper
 * bound if there is one. exact says that no other valid text lies between the two.
 */
typedef struct UdPrefixRange
{
	bool bounded; /* false: there is no upper bound */
	bool exact;
	char *upper; /* in the room that the caller gave */
	size_t upper_length;
} UdPrefixRange;

/* How many bytes of room the upper bound of a prefix may need. */
#define UD_PREFIX_RANGE_ROOM(prefix_length) ((prefix_length) + UD_CHARSET_MAX)

/*
 * ud_prefix_range_make finds the upper bound of a prefix, which is a valid text of the charset.
 *
 * In UTF-8, where the order of bytes is that of the code points, the range is exact. In other
 * encodings nothing is known of which characters follow each other beyond ASCII; there the bound is
 * made of the part of the prefix that ends with the last ASCII character, and may let other texts
 * in. room has UD_PREFIX_RANGE_ROOM(prefix.length) bytes.
 */
extern void ud_prefix_range_make(UdSpan prefix, const UdCharset *charset, char *room,
								 UdPrefixRange *range);

#endif
