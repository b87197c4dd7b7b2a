/*
 * query_node.c: nodes and lists of nodes.
 */
#include "pure/query_node.h"

bool
ud_query_list_add(UdQueryListBuilder *builder, const UdArena *arena, UdQueryNode *node)
{
	UdQueryList *list = &builder->list;

	if (list->count == builder->capacity)
	{
		int capacity = builder->capacity > 0 ? 2 * builder->capacity : 4;
		UdQueryNode **nodes = ud_arena_allocate(arena, sizeof(*nodes) * (size_t)capacity);

		if (nodes == NULL)
			return false;
		if (list->count > 0)
			memcpy(nodes, list->nodes, sizeof(*nodes) * (size_t)list->count);
		list->nodes = nodes;
		builder->capacity = capacity;
	}
	list->nodes[list->count++] = node;
	return true;
}

UdQueryNode *
ud_query_node_new(const UdArena *arena, UdQueryKind kind, size_t offset)
{
	UdQueryNode *node = ud_arena_zeroed(arena, sizeof(*node));

	if (node == NULL)
		return NULL;
	node->kind = kind;
	node->depth = 1;
	node->offset = offset;
	return node;
}

static int
deepest(const UdQueryList *list)
{
	int depth = 0;

	for (int i = 0; i < list->count; i++)
	{
		if (list->nodes[i]->depth > depth)
			depth = list->nodes[i]->depth;
	}
	return depth;
}

void
ud_query_node_set_depth(UdQueryNode *node)
{
	int below = 0;

	switch (node->kind)
	{
		case UD_QUERY_AND:
		case UD_QUERY_OR:
		case UD_QUERY_NOT:
			below = deepest(&node->u.list);
			break;
		case UD_QUERY_OCCUR:
			below = deepest(&node->u.occur.must);
			if (deepest(&node->u.occur.should) > below)
				below = deepest(&node->u.occur.should);
			if (deepest(&node->u.occur.must_not) > below)
				below = deepest(&node->u.occur.must_not);
			break;
		default:
			break;
	}
	node->depth = below + 1;
}
