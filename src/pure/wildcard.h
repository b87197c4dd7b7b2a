/*
<<<<<<< HEAD
 * wildcard.h: patterns that a whole value matches or not.
 *
 *	pattern   = *( "*" / "?" / escaped / character )
 *	escaped   = "\" character               ; the character itself, whatever it is
 *
 * "*" stands for any number of characters, none included, "?" for one. Everything else stands for
 * itself, byte by byte; case is the caller's business.
 *
 * A parsed pattern is a list of literals, each with what may come before it, and what may come
 * after the last. Matching takes time proportional to the value; only where "?" stands between two
 * literals behind a "*", as in "*a?b*", can it reach that times the length of these literals.
=======
 * wildcard.h: patterns with "*" (any characters, also none) and "?" (one character).
 *
 * A pattern is a list of parts with all escapes resolved, so that a literal may hold any byte. It
 * always describes a whole value.
>>>>>>> main
 */
#ifndef UD_PURE_WILDCARD_H
#define UD_PURE_WILDCARD_H

#include <stdbool.h>
<<<<<<< HEAD
#include <stddef.h>

#include "pure/charset.h"

/* What stands for nothing in particular: so many characters, or when open so many or more. */
typedef struct UdWildcardGap
{
	size_t characters;
	bool open;
} UdWildcardGap;

typedef struct UdWildcardSegment
{
	UdWildcardGap gap; /* before the literal */
	const char *literal;
	size_t length;     /* of the literal, in bytes; never 0 */
	size_t characters; /* of the literal */
} UdWildcardSegment;

typedef struct UdWildcard
{
	const UdCharset *charset;
	size_t nsegments;
	UdWildcardSegment *segments;
	UdWildcardGap tail;  /* behind the last literal; the whole pattern when there is none */
	size_t least_length; /* no shorter value matches, in bytes */
	void (*pause)(void); /* called now and then during a long match, may not return; or NULL */
} UdWildcard;

/* ud_wildcard_room returns how many bytes ud_wildcard_parse() needs for a pattern. */
extern size_t ud_wildcard_room(const char *pattern, size_t length);

/*
 * ud_wildcard_parse reads a pattern.
 *
 * room is memory of ud_wildcard_room() bytes, aligned for anything, in which segments and literals
 * are laid down; the pattern itself is not needed afterwards. charset must live as long as wildcard
 * does. Returns false when the pattern ends in a backslash that escapes nothing, its only possible
 * fault.
 */
extern bool ud_wildcard_parse(UdWildcard *wildcard, const UdCharset *charset, const char *pattern,
							  size_t length, void *room);

/* ud_wildcard_match returns whether the whole value matches. */
extern bool ud_wildcard_match(const UdWildcard *wildcard, const char *value, size_t length);

/*
 * ud_wildcard_prefix and ud_wildcard_suffix return the literal that every matching value begins or
 * ends with, NULL when there is none.
 */
extern const UdWildcardSegment *ud_wildcard_prefix(const UdWildcard *wildcard);
extern const UdWildcardSegment *ud_wildcard_suffix(const UdWildcard *wildcard);

/* ud_wildcard_is_literal returns whether a single value matches: that of the prefix, or "". */
extern bool ud_wildcard_is_literal(const UdWildcard *wildcard);
=======

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
>>>>>>> main

#endif
