/*
 * query_lower.c: from the tree as it was written to the kernel that everything is executed with.
 */
#include "pure/query_node.h"

#include <stdlib.h>

/*
 * Operands of an AND or OR that is being made. Constants never get in: one of them changes nothing,
 * the other decides everything.
 */
typedef struct Operands
{
	const UdArena *arena;
	UdQueryKind kind; /* AND or OR */
	size_t offset;
	UdQueryListBuilder builder;
	bool decided; /* there is a NONE in the AND, or an ALL in the OR */
} Operands;

static Operands
no_operands(const UdArena *arena, UdQueryKind kind, size_t offset)
{
	Operands operands = {arena, kind, offset, {{0, NULL}, 0}, false};

	return operands;
}

/* The constants that change nothing, and that decide everything */
static UdQueryKind
neutral(UdQueryKind kind)
{
	return kind == UD_QUERY_AND ? UD_QUERY_ALL : UD_QUERY_NONE;
}

static UdQueryKind
deciding(UdQueryKind kind)
{
	return kind == UD_QUERY_AND ? UD_QUERY_NONE : UD_QUERY_ALL;
}

/* add_operand adds a lowered node; false if there is none, for want of memory. */
static bool
add_operand(Operands *operands, UdQueryNode *node)
{
	if (node == NULL)
		return false;
	if (node->kind == neutral(operands->kind))
		return true;
	if (node->kind == deciding(operands->kind))
	{
		operands->decided = true;
		return true;
	}
	if (node->kind != operands->kind)
		return ud_query_list_add(&operands->builder, operands->arena, node);
	for (int i = 0; i < node->u.list.count; i++)
	{
		if (!ud_query_list_add(&operands->builder, operands->arena, node->u.list.nodes[i]))
			return false;
	}
	return true;
}

/* An operand to be compared with others; the hash tells most of them apart. */
typedef struct Candidate
{
	uint64_t hash;
	int index;
	UdQueryNode *node;
} Candidate;

static int
compare_candidates(const void *left, const void *right)
{
	const Candidate *a = left;
	const Candidate *b = right;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

/* drop_repeated marks with NULL every candidate that equals an earlier one of the same hash. */
static void
drop_repeated(Candidate *candidates, int count, UdQueryNode **nodes)
{
	for (int first = 0; first < count; first++)
	{
		if (nodes[candidates[first].index] == NULL)
			continue;
		for (int i = first + 1; i < count && candidates[i].hash == candidates[first].hash; i++)
		{
			if (nodes[candidates[i].index] != NULL &&
				ud_query_equal(candidates[first].node, candidates[i].node))
				nodes[candidates[i].index] = NULL;
		}
	}
}

/* remove_repeated keeps the first of equal operands, in their order. */
static bool
remove_repeated(Operands *operands)
{
	UdQueryList *list = &operands->builder.list;
	Candidate *candidates;
	int kept = 0;

	if (list->count < 2)
		return true;
	candidates = ud_arena_allocate(operands->arena, sizeof(*candidates) * (size_t)list->count);
	if (candidates == NULL)
		return false;
	for (int i = 0; i < list->count; i++)
		candidates[i] = (Candidate){ud_query_hash(list->nodes[i]), i, list->nodes[i]};
	qsort(candidates, (size_t)list->count, sizeof(*candidates), compare_candidates);
	drop_repeated(candidates, list->count, list->nodes);

	for (int i = 0; i < list->count; i++)
	{
		if (list->nodes[i] != NULL)
			list->nodes[kept++] = list->nodes[i];
	}
	list->count = kept;
	return true;
}

/* join makes the node of all operands; NULL without memory. */
static UdQueryNode *
join(Operands *operands)
{
	UdQueryNode *node;

	if (operands->decided)
		return ud_query_node_new(operands->arena, deciding(operands->kind), operands->offset);
	if (!remove_repeated(operands))
		return NULL;
	if (operands->builder.list.count == 0)
		return ud_query_node_new(operands->arena, neutral(operands->kind), operands->offset);
	if (operands->builder.list.count == 1)
		return operands->builder.list.nodes[0];

	node = ud_query_node_new(operands->arena, operands->kind, operands->offset);
	if (node == NULL)
		return NULL;
	node->u.list = operands->builder.list;
	ud_query_node_set_depth(node);
	return node;
}

/* negate makes the complement of a lowered node; NULL without memory. */
static UdQueryNode *
negate(UdQueryNode *node, const UdArena *arena, size_t offset)
{
	UdQueryListBuilder operand = {{0, NULL}, 0};
	UdQueryNode *result;

	if (node == NULL)
		return NULL;
	if (node->kind == UD_QUERY_NOT)
		return node->u.list.nodes[0];
	if (node->kind == UD_QUERY_ALL)
		return ud_query_node_new(arena, UD_QUERY_NONE, offset);
	if (node->kind == UD_QUERY_NONE)
		return ud_query_node_new(arena, UD_QUERY_ALL, offset);

	result = ud_query_node_new(arena, UD_QUERY_NOT, offset);
	if (result == NULL || !ud_query_list_add(&operand, arena, node))
		return NULL;
	result->u.list = operand.list;
	ud_query_node_set_depth(result);
	return result;
}

/* lower_list adds what the nodes of a list become. */
static bool
lower_list(Operands *operands, const UdQueryList *list)
{
	for (int i = 0; i < list->count; i++)
	{
		if (!add_operand(operands, ud_query_lower(list->nodes[i], operands->arena)))
			return false;
	}
	return true;
}

static UdQueryNode *
lower_chain(const UdQueryNode *node, const UdArena *arena)
{
	Operands operands = no_operands(arena, node->kind, node->offset);

	return lower_list(&operands, &node->u.list) ? join(&operands) : NULL;
}

/* any_of makes an OR of the nodes of a list. */
static UdQueryNode *
any_of(const UdQueryList *list, const UdArena *arena, size_t offset)
{
	Operands operands = no_operands(arena, UD_QUERY_OR, offset);

	return lower_list(&operands, list) ? join(&operands) : NULL;
}

/*
 * lower_occur: all of must, none of must_not, and one of should only if nothing else asks for
 * anything. With must_not alone it is the complement.
 */
static UdQueryNode *
lower_occur(const UdQueryNode *node, const UdArena *arena)
{
	const UdQueryOccur *occur = &node->u.occur;
	Operands operands = no_operands(arena, UD_QUERY_AND, node->offset);

	if (!lower_list(&operands, &occur->must))
		return NULL;
	if (occur->must.count == 0 && occur->should.count > 0 &&
		!add_operand(&operands, any_of(&occur->should, arena, node->offset)))
		return NULL;
	if (occur->must_not.count > 0 &&
		!add_operand(&operands,
					 negate(any_of(&occur->must_not, arena, occur->must_not.nodes[0]->offset),
							arena, occur->must_not.nodes[0]->offset)))
		return NULL;
	return join(&operands);
}

/* copy_leaf makes a leaf like node, but of another kind, and without a field that is any. */
static UdQueryNode *
copy_leaf(const UdQueryNode *node, UdQueryKind kind, const UdArena *arena)
{
	UdQueryNode *copy = ud_query_node_new(arena, kind, node->offset);

	if (copy == NULL)
		return NULL;
	copy->field = node->field != NULL && node->field->any ? NULL : node->field;
	copy->quoted = node->quoted;
	copy->u = node->u;
	return copy;
}

/* lower_existence makes EXISTS of the field of node, or ALL if it has none. */
static UdQueryNode *
lower_existence(const UdQueryNode *node, const UdArena *arena)
{
	UdQueryNode *result;

	if (node->field == NULL || node->field->any)
		return ud_query_node_new(arena, UD_QUERY_ALL, node->offset);
	result = ud_query_node_new(arena, UD_QUERY_EXISTS, node->offset);
	if (result != NULL)
		result->field = node->field;
	return result;
}

/*
 * order_wildcards copies a pattern with every run of wildcards in one order: each "?", then one "*"
 * if there was any.
 */
static bool
order_wildcards(const UdWildcard *pattern, const UdArena *arena, UdWildcard *ordered)
{
	const UdWildcardPart many = {UD_WILDCARD_MANY, {NULL, 0}};
	UdWildcardPart *parts = ud_arena_allocate(arena, sizeof(*parts) * (size_t)pattern->nparts);
	int nparts = 0;
	bool pending = false;

	if (parts == NULL)
		return false;
	for (int i = 0; i < pattern->nparts; i++)
	{
		if (pattern->parts[i].kind == UD_WILDCARD_MANY)
		{
			pending = true;
			continue;
		}
		if (pending && pattern->parts[i].kind == UD_WILDCARD_LITERAL)
		{
			parts[nparts++] = many;
			pending = false;
		}
		parts[nparts++] = pattern->parts[i];
	}
	if (pending)
		parts[nparts++] = many;
	ordered->parts = parts;
	ordered->nparts = nparts;
	return true;
}

static UdQueryNode *
lower_pattern(const UdQueryNode *node, const UdArena *arena)
{
	UdQueryNode *result;
	UdWildcardShape shape;

	ud_wildcard_shape(&node->u.pattern, &shape);
	if (shape.only_many)
		return lower_existence(node, arena);
	result = copy_leaf(node, UD_QUERY_WILDCARD, arena);
	if (result == NULL || !order_wildcards(&node->u.pattern, arena, &result->u.pattern))
		return NULL;
	return result;
}

static UdQueryNode *
lower_range(const UdQueryNode *node, const UdArena *arena)
{
	UdQueryNode *result;

	if (node->u.range.low.open && node->u.range.high.open)
		return lower_existence(node, arena);
	result = copy_leaf(node, UD_QUERY_RANGE, arena);
	if (result == NULL)
		return NULL;
	result->u.range.low.inclusive |= result->u.range.low.open;
	result->u.range.high.inclusive |= result->u.range.high.open;
	return result;
}

UdQueryNode *
ud_query_lower(const UdQueryNode *node, const UdArena *arena)
{
	switch (node->kind)
	{
		case UD_QUERY_ALL:
		case UD_QUERY_NONE:
		case UD_QUERY_EXISTS:
			return copy_leaf(node, node->kind, arena);
		case UD_QUERY_AND:
		case UD_QUERY_OR:
			return lower_chain(node, arena);
		case UD_QUERY_NOT:
			return negate(ud_query_lower(node->u.list.nodes[0], arena), arena, node->offset);
		case UD_QUERY_OCCUR:
			return lower_occur(node, arena);
		case UD_QUERY_TERM:
		case UD_QUERY_PHRASE:
			return copy_leaf(node, UD_QUERY_TERM, arena);
		case UD_QUERY_WILDCARD:
			return lower_pattern(node, arena);
		case UD_QUERY_RANGE:
			return lower_range(node, arena);
		case UD_QUERY_MISSING:
			return negate(lower_existence(node, arena), arena, node->offset);
	}
	return NULL;
}
