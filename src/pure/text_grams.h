/*
 * text_grams.h: what an index keeps of a text so that wildcard patterns find it.
 *
 * A gram is a piece of a value: UD_GRAM_CHARACTERS characters, or as many fewer as fit into 8
 * bytes, or what is left at the end of the value. A value has a gram at each of its characters and
 * one more at its beginning that starts with a mark (which counts as a character), so "anna" has
 * ^ann, anna, nna, na and a. A gram is kept as a number with its first byte on top and zeros behind
 * its last, so that the order of numbers is that of bytes, a zero marks the end of the value, and
 * the grams that begin with given bytes are a range. So every piece of a value is a gram or a
 * beginning of one: a literal of any length can be looked for.
 */
#ifndef UD_PURE_TEXT_GRAMS_H
#define UD_PURE_TEXT_GRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pure/charset.h"
#include "pure/span.h"
#include "pure/wildcard.h"

#ifndef UD_GRAM_CHARACTERS
#define UD_GRAM_CHARACTERS 4
#endif

/* A pattern asks for at most so many grams; more would cost more than they exclude. */
#ifndef UD_GRAM_MAX_CONDITIONS
#define UD_GRAM_MAX_CONDITIONS 4
#endif

/* One thing that all values matching a pattern have: a gram, or a gram that begins so. */
typedef struct UdGramCondition
{
	uint64_t gram;
	uint64_t mask; /* of the bytes that are given: all, or the first ones */
} UdGramCondition;

typedef struct UdGramQuery
{
	int nconditions; /* at least 1 */
	UdGramCondition conditions[UD_GRAM_MAX_CONDITIONS];
	bool exact; /* every value that meets the conditions matches the pattern */
} UdGramQuery;

/* ud_grams_room returns the most grams that a value of so many bytes can have. */
extern size_t ud_grams_room(size_t length);

/*
 * ud_grams_of_value writes the different grams of a value in ascending order of int64_t and returns
 * their number, at least 1. grams needs room for ud_grams_room() of them.
 */
extern size_t ud_grams_of_value(UdSpan value, const UdCharset *charset, uint64_t *grams);

/* ud_grams_of_wildcard finds out what all values that match a pattern have. */
extern void ud_grams_of_wildcard(const UdWildcard *pattern, const UdCharset *charset,
								 UdGramQuery *query);

/* ud_gram_meets returns whether a gram is one that the condition asks for. */
static inline bool
ud_gram_meets(uint64_t gram, const UdGramCondition *condition)
{
	return (gram & condition->mask) == condition->gram;
}

#endif
