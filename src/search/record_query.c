/*
 * record_query.c: from the kernel of a query to tests of columns, and back.
 */
#include "base/userdir.h"

#include "miscadmin.h"

#include "base/memory_arena.h"
#include "pure/query_node.h"
#include "search/record_query.h"
#include "search/userquery.h"

typedef struct Resolver
{
	TupleDesc row; /* NULL: unknown, every test is false */
	UdSpan text;   /* of the query */
} Resolver;

static UdRecordNode *resolve(const Resolver *resolver, const UdQueryNode *node, bool negated);

static UdRecordNode *
constant(bool value)
{
	UdRecordNode *node = palloc0(sizeof(UdRecordNode));

	node->kind = UD_RECORD_CONSTANT;
	node->value = value;
	return node;
}

static UdRecordNode *
test_node(UdTest *test, bool negated)
{
	UdRecordNode *node = palloc0(sizeof(UdRecordNode));

	node->kind = UD_RECORD_TEST;
	node->test = test;
	node->negated = negated;
	return node;
}

/* count_operands returns how many operands nodes make for an operator of that kind. */
static int
count_operands(UdRecordKind kind, UdRecordNode **nodes, int count)
{
	int operands = 0;

	for (int i = 0; i < count; i++)
		operands += nodes[i]->kind == kind ? nodes[i]->count : 1;
	return operands;
}

UdRecordNode *
ud_record_query_combine(UdRecordKind kind, UdRecordNode **nodes, int count)
{
	UdRecordNode *result = palloc0(sizeof(UdRecordNode));
	bool deciding = kind == UD_RECORD_OR;

	result->kind = kind;
	result->nodes = MemoryContextAllocHuge(CurrentMemoryContext,
										   sizeof(UdRecordNode *) *
											   (Size)Max(count_operands(kind, nodes, count), 1));
	for (int i = 0; i < count; i++)
	{
		UdRecordNode *node = nodes[i];

		if (node->kind == UD_RECORD_CONSTANT && node->value == deciding)
			return node;
		if (node->kind == UD_RECORD_CONSTANT)
			continue;
		if (node->kind != kind)
		{
			result->nodes[result->count++] = node;
			continue;
		}
		memcpy(result->nodes + result->count, node->nodes,
			   sizeof(UdRecordNode *) * (size_t)node->count);
		result->count += node->count;
	}
	if (result->count == 0)
		return constant(!deciding);
	return result->count == 1 ? result->nodes[0] : result;
}

/* resolve_leaf makes the test of a leaf on one field. */
static UdRecordNode *
resolve_leaf(const UdQueryNode *leaf, const UdField *field, UdFieldPlace place, bool negated)
{
	UdTest *test = ud_record_test_make(leaf, field, place);

	return test == NULL ? constant(negated) : test_node(test, negated);
}

/*
 * is_looked_for returns whether a leaf without field stands in one of the fields that it may. What
 * is only a part of a user_id is not: letters and digits that mean nothing would be found in it by
 * chance, and an index of every part of them would be larger than that of all names.
 */
static bool
is_looked_for(const UdQueryNode *leaf, const UdField *field, int nfields)
{
	const UdWildcard *pattern = &leaf->u.pattern;

	return leaf->kind != UD_QUERY_WILDCARD || nfields == 1 ||
		   pattern->parts[0].kind == UD_WILDCARD_LITERAL || strcmp(field->column, "user_id") != 0;
}

/* resolve_bare makes the tests of a leaf on every field that it may stand in. */
static UdRecordNode *
resolve_bare(const Resolver *resolver, const UdQueryNode *leaf, UdFieldPlace place, bool negated)
{
	UdField *fields;
	int count = ud_field_bare(resolver->row, place, &fields);
	UdRecordNode **nodes = palloc(sizeof(UdRecordNode *) * (size_t)count);
	int nnodes = 0;

	for (int i = 0; i < count; i++)
	{
		if (is_looked_for(leaf, &fields[i], count))
			nodes[nnodes++] = resolve_leaf(leaf, &fields[i], place, negated);
	}
	return ud_record_query_combine(negated ? UD_RECORD_AND : UD_RECORD_OR, nodes, nnodes);
}

static UdRecordNode *
resolve_test(const Resolver *resolver, const UdQueryNode *leaf, bool negated)
{
	UdFieldPlace place = {resolver->text, leaf->offset};
	UdField field;

	if (resolver->row == NULL)
		return constant(negated);
	if (leaf->field == NULL)
		return resolve_bare(resolver, leaf, place, negated);
	ud_field_resolve(resolver->row, leaf->field, place, &field);
	return resolve_leaf(leaf, &field, place, negated);
}

static UdRecordNode *
resolve_list(const Resolver *resolver, const UdQueryNode *node, bool negated)
{
	const UdQueryList *list = &node->u.list;
	UdRecordKind kind = (node->kind == UD_QUERY_AND) != negated ? UD_RECORD_AND : UD_RECORD_OR;
	UdRecordNode **nodes =
		MemoryContextAllocHuge(CurrentMemoryContext, sizeof(UdRecordNode *) * (Size)list->count);

	for (int i = 0; i < list->count; i++)
		nodes[i] = resolve(resolver, list->nodes[i], negated);
	return ud_record_query_combine(kind, nodes, list->count);
}

static UdRecordNode *
resolve(const Resolver *resolver, const UdQueryNode *node, bool negated)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	switch (node->kind)
	{
		case UD_QUERY_ALL:
			return constant(!negated);
		case UD_QUERY_NONE:
			return constant(negated);
		case UD_QUERY_AND:
		case UD_QUERY_OR:
			return resolve_list(resolver, node, negated);
		case UD_QUERY_NOT:
			return resolve(resolver, node->u.list.nodes[0], !negated);
		default:
			return resolve_test(resolver, node, negated);
	}
}

static UdRecordNode *
resolve_query(TupleDesc row, const struct varlena *query)
{
	UdArena arena = ud_memory_arena(CurrentMemoryContext);
	UdQueryNode *kernel = ud_query_lower(ud_userquery_load(query), &arena);
	/* the leaves' names and values are their own, so the text is needed for positions alone */
	Resolver resolver = {row, {VARDATA_ANY(query), VARSIZE_ANY_EXHDR(query)}};

	return resolve(&resolver, kernel, false);
}

UdRecordNode *
ud_record_query_resolve(TupleDesc row, const struct varlena *query)
{
	return resolve_query(row, query);
}

bool
ud_record_query_resolve_unknown(const struct varlena *query)
{
	return resolve_query(NULL, query)->value;
}

UdRecordNode *
ud_record_query_complement(const UdRecordNode *node)
{
	UdRecordNode *result = palloc(sizeof(UdRecordNode));

	check_stack_depth();
	*result = *node;
	switch (node->kind)
	{
		case UD_RECORD_CONSTANT:
			result->value = !node->value;
			break;
		case UD_RECORD_TEST:
			result->negated = !node->negated;
			break;
		case UD_RECORD_AND:
		case UD_RECORD_OR:
			result->kind = node->kind == UD_RECORD_AND ? UD_RECORD_OR : UD_RECORD_AND;
			result->nodes = MemoryContextAllocHuge(CurrentMemoryContext,
												   sizeof(UdRecordNode *) * (Size)node->count);
			for (int i = 0; i < node->count; i++)
				result->nodes[i] = ud_record_query_complement(node->nodes[i]);
			break;
	}
	return result;
}

/* Which leaf a test is written as: as one on a row, or as one on the document in its column */
typedef enum LeafForm
{
	LEAF_OF_ROW,
	LEAF_OF_DOCUMENT
} LeafForm;

static UdQueryNode *
new_node(const UdArena *arena, UdQueryKind kind)
{
	return ud_query_node_new(arena, kind, 0);
}

static UdQueryNode *
make_list(const UdArena *arena, UdQueryKind kind, UdQueryNode **nodes, int count)
{
	UdQueryNode *list = new_node(arena, kind);

	list->u.list.nodes = nodes;
	list->u.list.count = count;
	ud_query_node_set_depth(list);
	return list;
}

static UdQueryNode *
make_not(const UdArena *arena, UdQueryNode *node)
{
	UdQueryNode **operand = palloc(sizeof(UdQueryNode *));

	*operand = node;
	return make_list(arena, UD_QUERY_NOT, operand, 1);
}

static UdQueryNode *
make_test(const UdArena *arena, const UdRecordNode *node, LeafForm form)
{
	UdQueryNode *leaf = form == LEAF_OF_DOCUMENT ? node->test->document
												 : unconstify(UdQueryNode *, node->test->leaf);

	return node->negated ? make_not(arena, leaf) : leaf;
}

/* make_query writes a tree of tests as a tree of a query. */
static UdQueryNode *
make_query(const UdArena *arena, const UdRecordNode *node, LeafForm form)
{
	UdQueryNode **nodes;
	UdQueryNode *all;

	check_stack_depth();
	switch (node->kind)
	{
		case UD_RECORD_CONSTANT:
			all = new_node(arena, UD_QUERY_ALL);
			return node->value ? all : make_not(arena, all);
		case UD_RECORD_TEST:
			return make_test(arena, node, form);
		default:
			break;
	}
	nodes = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(UdQueryNode *) * (Size)node->count);
	for (int i = 0; i < node->count; i++)
		nodes[i] = make_query(arena, node->nodes[i], form);
	return make_list(arena, node->kind == UD_RECORD_AND ? UD_QUERY_AND : UD_QUERY_OR, nodes,
					 node->count);
}

struct varlena *
ud_record_query_of(const UdRecordNode *node)
{
	UdArena arena = ud_memory_arena(CurrentMemoryContext);

	return ud_userquery_store(make_query(&arena, node, LEAF_OF_ROW));
}

struct varlena *
ud_record_query_of_documents(const UdRecordNode *node)
{
	UdArena arena = ud_memory_arena(CurrentMemoryContext);

	return ud_userquery_store(make_query(&arena, node, LEAF_OF_DOCUMENT));
}
