/*
 * jsonb_match.c: the operators that evaluate a query on a JSON document.
 */
#include "base/userdir.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/jsonb.h"

#include "base/memory_arena.h"
#include "search/jsonb_match.h"
#include "search/query_cache.h"

/* How much of a term an error repeats, in bytes */
#define SHOWN_TERM 64

static UdJsonbNode *compile(const UdQueryNode *query);

static UdJsonbNode *
new_node(UdJsonbNodeKind kind, int nchildren)
{
	UdJsonbNode *node = palloc0(sizeof(UdJsonbNode));

	node->kind = kind;
	node->nchildren = nchildren;
	if (nchildren > 0)
		node->children =
			MemoryContextAllocHuge(CurrentMemoryContext, sizeof(*node->children) * (Size)nchildren);
	return node;
}

/* new_leaf makes the node of leaves that are one condition. */
static UdJsonbNode *
new_leaf(UdQueryNode *const *leaves, int count)
{
	UdJsonbNode *node = new_node(UD_JSONB_LEAF, 0);

	node->leaf = ud_jsonb_leaf_make(leaves, count, 0);
	return node;
}

static bool
is_term(const UdQueryNode *node)
{
	return node->kind == UD_QUERY_TERM;
}

static UdSpan
field_text(const UdQueryNode *node)
{
	UdSpan none = {"", 0};

	return node->field == NULL ? none : node->field->printed;
}

/* An operand of an OR; terms of one field are put beside each other. */
static int
compare_operands(const void *left, const void *right)
{
	const UdQueryNode *a = *(UdQueryNode *const *)left;
	const UdQueryNode *b = *(UdQueryNode *const *)right;
	UdSpan a_field;
	UdSpan b_field;

	if (!is_term(a) || !is_term(b))
		return is_term(b) - is_term(a);
	a_field = field_text(a);
	b_field = field_text(b);
	if (a_field.length != b_field.length)
		return a_field.length < b_field.length ? -1 : 1;
	return memcmp(a_field.data, b_field.data, a_field.length);
}

/* compile_or makes one condition of all terms with the same field. */
static UdJsonbNode *
compile_or(const UdQueryList *list)
{
	UdJsonbNode *node = new_node(UD_JSONB_OR, list->count);
	UdQueryNode **operands =
		MemoryContextAllocHuge(CurrentMemoryContext, sizeof(*operands) * (Size)list->count);
	int first = 0;

	memcpy(operands, list->nodes, sizeof(*operands) * (size_t)list->count);
	qsort(operands, (size_t)list->count, sizeof(*operands), compare_operands);
	node->nchildren = 0;
	while (first < list->count)
	{
		int next = first + 1;

		CHECK_FOR_INTERRUPTS();
		if (is_term(operands[first]))
		{
			while (next < list->count && compare_operands(&operands[first], &operands[next]) == 0)
				next++;
			node->children[node->nchildren++] = new_leaf(operands + first, next - first);
		}
		else
			node->children[node->nchildren++] = compile(operands[first]);
		first = next;
	}
	return node->nchildren == 1 ? node->children[0] : node;
}

static UdJsonbNode *
compile_list(UdJsonbNodeKind kind, const UdQueryList *list)
{
	UdJsonbNode *node = new_node(kind, list->count);

	for (int i = 0; i < list->count; i++)
		node->children[i] = compile(list->nodes[i]);
	return node;
}

/* compile recurses no deeper than a query can be. */
static UdJsonbNode *
compile(const UdQueryNode *query)
{
	UdQueryNode *leaf = unconstify(UdQueryNode *, query);

	switch (query->kind)
	{
		case UD_QUERY_ALL:
			return new_node(UD_JSONB_ALL, 0);
		case UD_QUERY_NONE:
			return new_node(UD_JSONB_NONE, 0);
		case UD_QUERY_AND:
			return compile_list(UD_JSONB_AND, &query->u.list);
		case UD_QUERY_OR:
			return compile_or(&query->u.list);
		case UD_QUERY_NOT:
			return compile_list(UD_JSONB_NOT, &query->u.list);
		default:
			return new_leaf(&leaf, 1);
	}
}

/* find_bare returns a leaf without field, or NULL. */
static const UdQueryNode *
find_bare(const UdQueryNode *query)
{
	switch (query->kind)
	{
		case UD_QUERY_ALL:
		case UD_QUERY_NONE:
			return NULL;
		case UD_QUERY_AND:
		case UD_QUERY_OR:
		case UD_QUERY_NOT:
			for (int i = 0; i < query->u.list.count; i++)
			{
				const UdQueryNode *bare = find_bare(query->u.list.nodes[i]);

				if (bare != NULL)
					return bare;
			}
			return NULL;
		default:
			return query->field == NULL ? query : NULL;
	}
}

static void
raise_bare(const UdQueryNode *bare)
{
	UdArena arena = ud_memory_arena(CurrentMemoryContext);
	UdSpan text;

	if (!ud_query_print(bare, &arena, &text))
		elog(ERROR, "query printer failed");
	ereport(ERROR,
			(errcode(UD_ERR_QUERY_UNKNOWN_FIELD), errmsg("a bare term needs a field here"),
			 errdetail("The term is %.*s.", pg_mbcliplen(text.data, (int)text.length, SHOWN_TERM),
					   text.data),
			 errhint("Write the path into the document before it, as in \"address.city:Oslo\".")));
}

UdJsonbNode *
ud_jsonb_match_compile(const UdQueryNode *lowered)
{
	if (find_bare(lowered) != NULL)
		raise_bare(find_bare(lowered));
	return compile(lowered);
}

UdJsonbNode *
ud_jsonb_match_compile_value(const UdQueryNode *lowered)
{
	return compile(lowered);
}

UdJsonbNode *
ud_jsonb_match_try_compile(const UdQueryNode *lowered, bool is_value)
{
	return !is_value && find_bare(lowered) != NULL ? NULL : compile(lowered);
}

bool
ud_jsonb_match_evaluate(const UdJsonbNode *node, const JsonbContainer *document)
{
	switch (node->kind)
	{
		case UD_JSONB_ALL:
			return true;
		case UD_JSONB_NONE:
			return false;
		case UD_JSONB_NOT:
			return !ud_jsonb_match_evaluate(node->children[0], document);
		case UD_JSONB_LEAF:
			return ud_jsonb_leaf_matches(node->leaf, document);
		case UD_JSONB_AND:
		case UD_JSONB_OR:
			for (int i = 0; i < node->nchildren; i++)
			{
				CHECK_FOR_INTERRUPTS();
				if (ud_jsonb_match_evaluate(node->children[i], document) ==
					(node->kind == UD_JSONB_OR))
					return node->kind == UD_JSONB_OR;
			}
			return node->kind == UD_JSONB_AND;
	}
	return false;
}

static void *
compile_for_documents(const UdQueryNode *lowered)
{
	return ud_jsonb_match_compile(lowered);
}

static void *
compile_for_values(const UdQueryNode *lowered)
{
	return ud_jsonb_match_compile_value(lowered);
}

/* evaluate_call evaluates the query of a call on its document. */
static bool
evaluate_call(FunctionCallInfo fcinfo, UdQueryCompile compile_query)
{
	Jsonb *document = PG_GETARG_JSONB_P(0);
	const UdJsonbNode *query =
		ud_query_cache_get(fcinfo->flinfo, PG_GETARG_DATUM(1), compile_query);
	bool result = ud_jsonb_match_evaluate(query, &document->root);

	PG_FREE_IF_COPY(document, 0);
	return result;
}

UD_FUNCTION(userdir_jsonb_matches);

/*
 * userdir_jsonb_matches returns whether a document matches a query. Arguments: the document, the
 * query. Errors: UD022 for a value without field.
 */
Datum
userdir_jsonb_matches(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(evaluate_call(fcinfo, compile_for_documents));
}

UD_FUNCTION(userdir_jsonb_value_matches);

/*
 * userdir_jsonb_value_matches returns whether a document matches a query in which a value without
 * field is compared with the document itself. Arguments: the document, the query.
 */
Datum
userdir_jsonb_value_matches(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(evaluate_call(fcinfo, compile_for_values));
}
