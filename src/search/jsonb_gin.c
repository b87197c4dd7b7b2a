/*
 * jsonb_gin.c: the operator classes jsonb_query_ops and jsonb_query_paths_ops: finding JSON
 * documents in a GIN index.
 *
 * A scan looks the keys of all conditions up and asks, row by row, what the query says when these
 * keys are there and those are not: true, false, or that the row has to be looked at. The last is
 * the answer where a key was truncated, and for conditions whose keys are not looked up at all:
 * under a NOT a condition can exclude rows but not find any, so a walk through many keys for its
 * sake would be wasted; and an index of chosen paths knows nothing of others.
 *
 * No row is found for sure by the lack of a key. Rows of the pending list go into the tree key by
 * key while scans go on, which so may meet a row without some of its keys. What they miss by that
 * they have found in the pending list before; but what a NOT finds has to be looked at.
 */
#include "base/userdir.h"

#include "access/gin.h"
#include "access/stratnum.h"
#include "miscadmin.h"
#include "utils/jsonb.h"

#include "base/memory_arena.h"
#include "search/jsonb_gin.h"
#include "search/jsonb_match.h"
#include "search/jsonb_paths.h"
#include "search/jsonb_search_keys.h"
#include "search/userquery.h"

/* What the query makes of the keys that a row has. */
typedef enum CheckKind
{
	CHECK_ANY,    /* whether there is one of the keys first to first + count - 1 */
	CHECK_AND,    /* children */
	CHECK_OR,     /* children */
	CHECK_NOT,    /* one child */
	CHECK_ALWAYS, /* true */
	CHECK_UNKNOWN /* the keys do not tell */
} CheckKind;

typedef struct Check
{
	CheckKind kind;
	int first;
	int count;
	bool certain; /* of ANY: no key of it is, or can become, uncertain */
	int nchildren;
	struct Check **children;
} Check;

/* What the support functions of a scan share; each key's extra data is a SharedKey. */
typedef struct KeyScan
{
	const Check *check;
	UdJsonbSearchKeys search;
	const UdJsonbPaths *paths; /* of the index */
} KeyScan;

typedef struct SharedKey
{
	const KeyScan *scan;
	UdJsonbSearchKey *search;
} SharedKey;

/*
 * Making the check of a query
 */

static Check *
new_check(CheckKind kind, int nchildren)
{
	Check *check = palloc0(sizeof(Check));

	check->kind = kind;
	check->nchildren = nchildren;
	if (nchildren > 0)
		check->children = MemoryContextAllocHuge(CurrentMemoryContext,
												 sizeof(*check->children) * (Size)nchildren);
	return check;
}

/* make_any adds the keys of a condition to the scan. */
static Check *
make_any(KeyScan *scan, const UdJsonbLeaf *leaf)
{
	Check *check = new_check(CHECK_ANY, 0);

	check->first = scan->search.count;
	check->certain = true;
	ud_jsonb_search_keys_add(&scan->search, leaf);
	check->count = scan->search.count - check->first;
	for (int i = check->first; i < scan->search.count; i++)
	{
		const UdJsonbSearchKey *key = &scan->search.keys[i];

		if (key->uncertain || key->walk != UD_JSONB_WALK_NONE)
			check->certain = false;
	}
	return check;
}

/* joins returns whether the keys of b can be put to those of a. */
static bool
joins(const Check *a, const Check *b)
{
	return a->kind == CHECK_ANY && b->kind == CHECK_ANY && a->certain && b->certain &&
		   a->first + a->count == b->first;
}

static Check *make_check(KeyScan *scan, const UdJsonbNode *node, bool negated);

/* make_list makes the check of an AND or OR; an OR of single keys is one check. */
static Check *
make_list(KeyScan *scan, const UdJsonbNode *node, bool negated)
{
	Check *check = new_check(node->kind == UD_JSONB_AND ? CHECK_AND : CHECK_OR, node->nchildren);

	check->nchildren = 0;
	for (int i = 0; i < node->nchildren; i++)
	{
		Check *child = make_check(scan, node->children[i], negated);
		Check *last = check->nchildren > 0 ? check->children[check->nchildren - 1] : NULL;

		CHECK_FOR_INTERRUPTS();
		if (check->kind == CHECK_OR && last != NULL && joins(last, child))
			last->count += child->count;
		else
			check->children[check->nchildren++] = child;
	}
	return check;
}

static Check *
make_check(KeyScan *scan, const UdJsonbNode *node, bool negated)
{
	Check *check;

	switch (node->kind)
	{
		case UD_JSONB_LEAF:
			if ((negated && ud_jsonb_search_keys_walks(node->leaf)) ||
				!ud_jsonb_paths_cover_path(scan->paths, node->leaf->nnames, node->leaf->names))
				return new_check(CHECK_UNKNOWN, 0);
			return make_any(scan, node->leaf);
		case UD_JSONB_NOT:
			check = new_check(CHECK_NOT, 1);
			check->children[0] = make_check(scan, node->children[0], !negated);
			return check;
		case UD_JSONB_AND:
		case UD_JSONB_OR:
			return make_list(scan, node, negated);
		case UD_JSONB_ALL:
			return new_check(CHECK_ALWAYS, 0);
		case UD_JSONB_NONE:
			break; /* is the whole query, and has no keys */
	}
	return new_check(CHECK_UNKNOWN, 0);
}

/*
 * Evaluating it
 */

/* check_any: what an uncertain key has found may be something else. */
static GinTernaryValue
check_any(const KeyScan *scan, const Check *check, const GinTernaryValue *found)
{
	GinTernaryValue result = GIN_FALSE;

	found += check->first;
	if (check->certain)
	{
		if (memchr(found, GIN_TRUE, (size_t)check->count) != NULL)
			return GIN_TRUE;
		return memchr(found, GIN_MAYBE, (size_t)check->count) != NULL ? GIN_MAYBE : GIN_FALSE;
	}
	for (int i = 0; i < check->count; i++)
	{
		if (found[i] == GIN_TRUE && !scan->search.keys[check->first + i].uncertain)
			return GIN_TRUE;
		if (found[i] != GIN_FALSE)
			result = GIN_MAYBE;
	}
	return result;
}

static GinTernaryValue evaluate(const KeyScan *scan, const Check *check,
								const GinTernaryValue *found);

/* check_list evaluates an AND (decided by one FALSE) or an OR (decided by one TRUE). */
static GinTernaryValue
check_list(const KeyScan *scan, const Check *check, const GinTernaryValue *found,
		   GinTernaryValue deciding)
{
	GinTernaryValue result = deciding == GIN_TRUE ? GIN_FALSE : GIN_TRUE;

	for (int i = 0; i < check->nchildren; i++)
	{
		GinTernaryValue child = evaluate(scan, check->children[i], found);

		if (child == deciding)
			return child;
		if (child == GIN_MAYBE)
			result = GIN_MAYBE;
	}
	return result;
}

static GinTernaryValue
evaluate(const KeyScan *scan, const Check *check, const GinTernaryValue *found)
{
	GinTernaryValue child;

	switch (check->kind)
	{
		case CHECK_ANY:
			return check_any(scan, check, found);
		case CHECK_AND:
			return check_list(scan, check, found, GIN_FALSE);
		case CHECK_OR:
			return check_list(scan, check, found, GIN_TRUE);
		case CHECK_NOT:
			/* a key that is not there may be one that has not come yet */
			child = evaluate(scan, check->children[0], found);
			return child == GIN_TRUE ? GIN_FALSE : GIN_MAYBE;
		case CHECK_ALWAYS:
			return GIN_TRUE;
		case CHECK_UNKNOWN:
			break;
	}
	return GIN_MAYBE;
}

/* finds_without_keys returns whether rows may match that have none of the keys. */
static bool
finds_without_keys(const KeyScan *scan)
{
	GinTernaryValue *none = palloc0(sizeof(GinTernaryValue) * (Size)Max(scan->search.count, 1));
	bool result = evaluate(scan, scan->check, none) != GIN_FALSE;

	pfree(none);
	return result;
}

/*
 * Support functions
 */

UD_FUNCTION(userdir__jsonb_gin_compare);

/*
 * userdir__jsonb_gin_compare orders two keys by their bytes. Building an index calls hardly
 * anything else, and keys are never toasted.
 */
Datum
userdir__jsonb_gin_compare(PG_FUNCTION_ARGS)
{
	const char *a = PG_GETARG_POINTER(0);
	const char *b = PG_GETARG_POINTER(1);
	int a_length = (int)VARSIZE_ANY_EXHDR(a);
	int b_length = (int)VARSIZE_ANY_EXHDR(b);
	int order = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), (size_t)Min(a_length, b_length));

	PG_RETURN_INT32(order != 0 ? order : a_length - b_length);
}

/* paths_of_call returns what the index covers for which a support function is called. */
static const UdJsonbPaths *
paths_of_call(FunctionCallInfo fcinfo)
{
	return PG_HAS_OPCLASS_OPTIONS() ? ud_jsonb_paths_of(PG_GET_OPCLASS_OPTIONS()) : NULL;
}

UD_FUNCTION(userdir__jsonb_gin_extract_value);

/*
 * userdir__jsonb_gin_extract_value returns the keys of a document to be indexed.
 */
Datum
userdir__jsonb_gin_extract_value(PG_FUNCTION_ARGS)
{
	Jsonb *document = PG_GETARG_JSONB_P(0);
	int32 *nkeys = (int32 *)PG_GETARG_POINTER(1);

	PG_RETURN_POINTER(ud_jsonb_keys_of(&document->root, paths_of_call(fcinfo), nkeys));
}

/* compile_query reads the query of a scan. */
static const UdJsonbNode *
compile_query(Datum query, StrategyNumber strategy)
{
	UdArena arena = ud_memory_arena(CurrentMemoryContext);
	UdQueryNode *lowered =
		ud_query_lower(ud_userquery_load(PG_DETOAST_DATUM_PACKED(query)), &arena);

	return strategy == UD_JSONB_VALUE_STRATEGY ? ud_jsonb_match_compile_value(lowered)
											   : ud_jsonb_match_compile(lowered);
}

/* key_datum makes a value of type bytea of a key. */
static Datum
key_datum(const UdJsonbKey *key)
{
	int size = key->length + VARHDRSZ_SHORT;
	char *datum = palloc((Size)size);

	SET_VARSIZE_SHORT(datum, size);
	memcpy(VARDATA_SHORT(datum), key->bytes, (size_t)key->length);
	return PointerGetDatum(datum);
}

UD_FUNCTION(userdir__jsonb_gin_extract_query);

/*
 * userdir__jsonb_gin_extract_query returns the keys that a scan for a query needs, and how.
 *
 * Errors: those of the operator for a query that it cannot evaluate.
 */
Datum
userdir__jsonb_gin_extract_query(PG_FUNCTION_ARGS)
{
	int32 *nkeys = (int32 *)PG_GETARG_POINTER(1);
	bool **partial = (bool **)PG_GETARG_POINTER(3);
	Pointer **extra = (Pointer **)PG_GETARG_POINTER(4);
	int32 *mode = (int32 *)PG_GETARG_POINTER(6);
	const UdJsonbNode *query = compile_query(PG_GETARG_DATUM(0), PG_GETARG_UINT16(2));
	KeyScan *scan = palloc0(sizeof(KeyScan));
	SharedKey *scan_keys;
	Datum *keys;

	*nkeys = 0;
	if (query->kind == UD_JSONB_NONE)
		PG_RETURN_POINTER(NULL);
	scan->paths = paths_of_call(fcinfo);
	scan->check = make_check(scan, query, false);
	*nkeys = scan->search.count;
	if (finds_without_keys(scan))
		*mode = GIN_SEARCH_MODE_ALL;

	keys = palloc(sizeof(Datum) * (Size)Max(*nkeys, 1));
	scan_keys = palloc(sizeof(SharedKey) * (Size)Max(*nkeys, 1));
	*partial = palloc(sizeof(bool) * (Size)Max(*nkeys, 1));
	*extra = palloc(sizeof(Pointer) * (Size)Max(*nkeys, 1));
	for (int i = 0; i < *nkeys; i++)
	{
		UdJsonbSearchKey *search = &scan->search.keys[i];

		keys[i] = key_datum(&search->start);
		scan_keys[i] = (SharedKey){scan, search};
		(*partial)[i] = search->walk != UD_JSONB_WALK_NONE;
		(*extra)[i] = (Pointer)&scan_keys[i];
	}
	PG_RETURN_POINTER(keys);
}

UD_FUNCTION(userdir__jsonb_gin_compare_partial);

/*
 * userdir__jsonb_gin_compare_partial tests a stored key in a walk: negative to go on, zero for a
 * match, positive to end.
 */
Datum
userdir__jsonb_gin_compare_partial(PG_FUNCTION_ARGS)
{
	bytea *key = PG_GETARG_BYTEA_PP(1);
	const SharedKey *scan_key = (const SharedKey *)PG_GETARG_POINTER(3);
	UdSpan bytes = {VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key)};

	CHECK_FOR_INTERRUPTS();
	switch (ud_jsonb_search_key_test(scan_key->search, bytes))
	{
		case UD_JSONB_WALK_SKIP:
			PG_RETURN_INT32(-1);
		case UD_JSONB_WALK_MATCH:
			PG_RETURN_INT32(0);
		case UD_JSONB_WALK_END:
			break;
	}
	PG_RETURN_INT32(1);
}

UD_FUNCTION(userdir__jsonb_gin_triconsistent);

/*
 * userdir__jsonb_gin_triconsistent returns whether a row with these keys matches.
 */
Datum
userdir__jsonb_gin_triconsistent(PG_FUNCTION_ARGS)
{
	const GinTernaryValue *found = (const GinTernaryValue *)PG_GETARG_POINTER(0);
	int32 nkeys = PG_GETARG_INT32(3);
	Pointer *extra = (Pointer *)PG_GETARG_POINTER(4);
	const KeyScan *scan;

	/* a scan without keys is one through all rows, for a query that says nothing by itself */
	if (nkeys == 0)
		PG_RETURN_GIN_TERNARY_VALUE(GIN_MAYBE);
	scan = ((const SharedKey *)extra[0])->scan;
	PG_RETURN_GIN_TERNARY_VALUE(evaluate(scan, scan->check, found));
}
