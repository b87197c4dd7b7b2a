/*
 * query_parts.c: what a query is made of, for those who plan or explain a search.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"

#include "base/memory_arena.h"
#include "search/userquery.h"

/* Things of which each is wanted once, in the order in which they came */
typedef struct Distinct
{
	HTAB *seen; /* lists of things by their hashes */
	bool (*equal)(const void *, const void *);
	List *things;
} Distinct;

typedef struct Seen
{
	uint64 hash;
	List *things;
} Seen;

static Distinct
no_things(bool (*equal)(const void *, const void *))
{
	HASHCTL control = {.keysize = sizeof(uint64), .entrysize = sizeof(Seen)};
	Distinct none = {.equal = equal, .things = NIL};

	control.hcxt = CurrentMemoryContext;
	none.seen =
		hash_create("parts of a query", 32, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	return none;
}

/* add adds a thing unless there is an equal one. */
static void
add(Distinct *distinct, uint64 hash, void *thing)
{
	bool is_known;
	Seen *seen = hash_search(distinct->seen, &hash, HASH_ENTER, &is_known);
	ListCell *cell;

	if (!is_known)
		seen->things = NIL;
	foreach (cell, seen->things)
	{
		if (distinct->equal(lfirst(cell), thing))
			return;
	}
	seen->things = lappend(seen->things, thing);
	distinct->things = lappend(distinct->things, thing);
}

typedef void (*UseLeaf)(Distinct *distinct, UdQueryNode *leaf);

/* visit_leaves calls use for each leaf of a kernel tree. */
static void
visit_leaves(UdQueryNode *node, UseLeaf use, Distinct *distinct)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (node->kind != UD_QUERY_AND && node->kind != UD_QUERY_OR && node->kind != UD_QUERY_NOT)
	{
		use(distinct, node);
		return;
	}
	for (int i = 0; i < node->u.list.count; i++)
		visit_leaves(node->u.list.nodes[i], use, distinct);
}

/* read_kernel returns the kernel tree of a query. */
static UdQueryNode *
read_kernel(Datum query)
{
	UdArena arena = ud_memory_arena(CurrentMemoryContext);

	return ud_query_lower(ud_userquery_load(PG_DETOAST_DATUM_PACKED(query)), &arena);
}

static bool
are_equal_leaves(const void *a, const void *b)
{
	return ud_query_equal(a, b);
}

static void
add_leaf(Distinct *leaves, UdQueryNode *leaf)
{
	add(leaves, ud_query_hash(leaf), leaf);
}

UD_FUNCTION(userdir__query_parts);

/*
 * userdir__query_parts returns the leaves of a query, each once, as an array of queries.
 */
Datum
userdir__query_parts(PG_FUNCTION_ARGS)
{
	Distinct leaves = no_things(are_equal_leaves);
	Oid type = get_fn_expr_argtype(fcinfo->flinfo, 0);
	Datum *parts;
	int count = 0;
	ListCell *cell;

	visit_leaves(read_kernel(PG_GETARG_DATUM(0)), add_leaf, &leaves);
	parts = palloc(sizeof(Datum) * Max(list_length(leaves.things), 1));
	foreach (cell, leaves.things)
		parts[count++] = PointerGetDatum(ud_userquery_store(lfirst(cell)));
	PG_RETURN_ARRAYTYPE_P(construct_array(parts, count, type, -1, false, TYPALIGN_INT));
}

static bool
are_equal_names(const void *a, const void *b)
{
	return ud_span_equal(*(const UdSpan *)a, *(const UdSpan *)b);
}

/* add_field adds the first segment of a leaf's field. */
static void
add_field(Distinct *names, UdQueryNode *leaf)
{
	const UdSpan *name;

	if (leaf->field == NULL || leaf->field->any)
		return;
	name = &leaf->field->segments[0];
	add(names, hash_bytes_extended((const unsigned char *)name->data, (int)name->length, 0),
		unconstify(UdSpan *, name));
}

UD_FUNCTION(userdir__query_fields);

/*
 * userdir__query_fields returns the first segment of every field that a query names, each once.
 */
Datum
userdir__query_fields(PG_FUNCTION_ARGS)
{
	Distinct names = no_things(are_equal_names);
	Datum *fields;
	int count = 0;
	ListCell *cell;

	visit_leaves(read_kernel(PG_GETARG_DATUM(0)), add_field, &names);
	fields = palloc(sizeof(Datum) * Max(list_length(names.things), 1));
	foreach (cell, names.things)
	{
		const UdSpan *name = lfirst(cell);

		fields[count++] = PointerGetDatum(cstring_to_text_with_len(name->data, (int)name->length));
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(fields, count, TEXTOID, -1, false, TYPALIGN_INT));
}
