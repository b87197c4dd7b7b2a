/*
 * jsonb_leaf.h: one condition of a query on the values that a path of a JSON document leads to.
 *
 * A condition is true when one of the values fulfils it. Arrays count for nothing on the way: the
 * path leads through each of their elements, and ends at each of them.
 */
#ifndef UD_SEARCH_JSONB_LEAF_H
#define UD_SEARCH_JSONB_LEAF_H

#include "base/userdir.h"

#include "pure/query.h"
#include "search/jsonb_value.h"

typedef enum UdJsonbTest
{
	UD_JSONB_TEST_EXISTS,  /* a value that is not null, [] or {} */
	UD_JSONB_TEST_ANY_OF,  /* one of the values in any_of */
	UD_JSONB_TEST_PATTERN, /* a string of that pattern */
	UD_JSONB_TEST_NUMBERS, /* a number in that range */
	UD_JSONB_TEST_DATES,   /* a string that is a date in dates */
	UD_JSONB_TEST_TEXTS    /* a string in that range, by its bytes */
} UdJsonbTest;

/* The instants from start up to, but without, end */
typedef struct UdInterval
{
	int64 start;
	int64 end;
} UdInterval;

/* What terms stand for; several of them on one path are one condition. Strings and numbers are
 * sorted. */
typedef struct UdJsonbAnyOf
{
	int nstrings;
	UdSpan *strings;
	int nnumbers;
	Numeric *numbers;
	int ndates;
	UdInterval *dates;
	bool booleans[2]; /* whether false and true are among the values */
} UdJsonbAnyOf;

typedef struct UdNumberRange
{
	Numeric low; /* NULL: no bound */
	Numeric high;
	bool low_inclusive;
	bool high_inclusive;
} UdNumberRange;

typedef struct UdJsonbLeaf
{
	int nnames; /* of the path, from the root of the document */
	const UdSpan *names;
	UdJsonbTest test;
	union
	{
		UdJsonbAnyOf any_of;
		UdWildcard pattern;
		UdNumberRange numbers;
		UdInterval dates;
		UdQueryRange texts;
	} u;
} UdJsonbLeaf;

/*
 * ud_jsonb_leaf_make makes one condition of leaves of a lowered query: of one leaf of any kind, or
 * the OR of terms with the same field.
 *
 * skip is how many segments of the field's path lead to the document itself. A leaf without field,
 * whose path is no longer than that, is a condition on the document's root. Allocates in the
 * current context and keeps pointers into the leaves.
 */
extern UdJsonbLeaf *ud_jsonb_leaf_make(UdQueryNode *const *leaves, int count, int skip);

/* ud_jsonb_leaf_matches evaluates a condition on a document. */
extern bool ud_jsonb_leaf_matches(const UdJsonbLeaf *leaf, const JsonbContainer *document);

/* ud_jsonb_leaf_has_string returns whether a string fulfils a condition; not for EXISTS. */
extern bool ud_jsonb_leaf_has_string(const UdJsonbLeaf *leaf, UdSpan string);

#endif
