/*
 * jsonb_search_keys.h: what one condition of a query looks for among the keys of an index.
 */
#ifndef UD_SEARCH_JSONB_SEARCH_KEYS_H
#define UD_SEARCH_JSONB_SEARCH_KEYS_H

#include "base/userdir.h"

#include "lib/stringinfo.h"

#include "search/jsonb_keys.h"
#include "search/jsonb_leaf.h"

/* What a walk through the keys of one path and type tests. */
typedef enum UdJsonbWalk
{
	UD_JSONB_WALK_NONE, /* one key is looked up */
	UD_JSONB_WALK_NUMBERS,
	UD_JSONB_WALK_DATES,
	UD_JSONB_WALK_TEXTS,
	UD_JSONB_WALK_PATTERN
} UdJsonbWalk;

/*
 * A key to be looked up, or a piece of the index to be walked through. A document fulfils the
 * condition if and only if one of the condition's search keys finds it, unless that search key is
 * uncertain: then it may.
 */
typedef struct UdJsonbSearchKey
{
	UdJsonbKey start; /* the key, or the lowest one that a walk can match */
	UdJsonbWalk walk;
	bool uncertain; /* set by a walk that has met a truncated key which it could not judge */
	int value_at;   /* of a walk: the length of path and type, behind which the value begins */
	int beginning;  /* of a walk: how many bytes of start all keys of the walk begin with */
	const UdJsonbLeaf *leaf; /* of a walk: the condition */
	const UdJsonbKey *low;   /* of numbers and texts: the bounds as keys, or NULL */
	const UdJsonbKey *high;
	UdInterval dates; /* of dates */
	bool only_prefix; /* of a pattern: what begins like start matches for sure */
} UdJsonbSearchKey;

typedef struct UdJsonbSearchKeys
{
	int count;
	int room;
	UdJsonbSearchKey *keys;
} UdJsonbSearchKeys;

/* ud_jsonb_search_keys_add adds the search keys of a condition, in the current context. */
extern void ud_jsonb_search_keys_add(UdJsonbSearchKeys *search, const UdJsonbLeaf *leaf);

/* ud_jsonb_search_keys_walks returns whether a condition needs a walk. */
extern bool ud_jsonb_search_keys_walks(const UdJsonbLeaf *leaf);

/*
 * ud_jsonb_search_key_describe appends what a search key looks for, in bytes that are the same for
 * search keys that find the same.
 */
extern void ud_jsonb_search_key_describe(const UdJsonbSearchKey *search, StringInfo description);

typedef enum UdJsonbWalkResult
{
	UD_JSONB_WALK_SKIP,  /* this key does not match, later ones may */
	UD_JSONB_WALK_MATCH, /* this key matches, or cannot be judged and uncertain is set */
	UD_JSONB_WALK_END    /* neither this key nor any later one matches */
} UdJsonbWalkResult;

/* ud_jsonb_search_key_test tests a stored key that is not before start, for a walk. */
extern UdJsonbWalkResult ud_jsonb_search_key_test(UdJsonbSearchKey *search, UdSpan key);

#endif
