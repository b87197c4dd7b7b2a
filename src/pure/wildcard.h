/*
 * wildcard.h: patterns with "*" (any characters, also none) and "?" (one character).
 *
 * A pattern is a list of parts with all escapes resolved, so that a literal may hold any byte. It
 * always describes a whole value.
 */
#ifndef UD_PURE_WILDCARD_H
#define UD_PURE_WILDCARD_H

#include <stdbool.h>

#include "pure/charset.h"
#include "pure/span.h"

typedef enum UdWildcardKind
{
	UD_WILDCARD_LITERAL, /* text, never empty and never beside another literal */
	UD_WILDCARD_MANY,    /* "*" */
	UD_WILDCARD_ONE      /* "?" */
} UdWildcardKind;

typedef struct UdWildcardPart
{
	UdWildcardKind kind;
	UdSpan text; /* of a literal */
} UdWildcardPart;

typedef struct UdWildcard
{
	int nparts;
	const UdWildcardPart *parts;
} UdWildcard;

/* What an index or a planner wants to know of a pattern; spans point into the pattern. */
typedef struct UdWildcardShape
{
	UdSpan prefix;    /* the literal that every match begins with; may be empty */
	UdSpan suffix;    /* the literal that every match ends with; may be empty */
	UdSpan longest;   /* the longest literal, wherever it stands; may be empty */
	int nliterals;    /* parts that are literals */
	int nones;        /* parts that are "?" */
	bool only_many;   /* nothing but "*": matches everything */
	bool only_prefix; /* a literal and then "*": having the prefix is enough */
	bool only_suffix; /* "*" and then a literal: having the suffix is enough */
	bool only_infix;  /* "*", a literal, "*": containing the literal is enough */
} UdWildcardShape;

/*
 * ud_wildcard_matches returns whether the pattern describes text as a whole.
 *
 * It needs no memory and never backtracks over a "*": the time is at most in proportion to the
 * length of text times that of the pattern. Bytes are compared as they are; who wants case folded
 * folds both sides before. interrupt, if not NULL, is called now and then in a long search and need
 * not return.
 */
extern bool ud_wildcard_matches(const UdWildcard *pattern, UdSpan text, const UdCharset *charset,
								void (*interrupt)(void));

/* ud_wildcard_shape fills shape. Several "*" in a row count as one. */
extern void ud_wildcard_shape(const UdWildcard *pattern, UdWildcardShape *shape);

#endif
