/*
 * query_node.h: making nodes and lists of them; for the query files only.
 */
#ifndef UD_PURE_QUERY_NODE_H
#define UD_PURE_QUERY_NODE_H

#include "pure/query.h"

/* A list that grows; zeroed it is empty. */
typedef struct UdQueryListBuilder
{
	UdQueryList list;
	int capacity;
} UdQueryListBuilder;

/* ud_query_list_add appends node; false without memory. */
extern bool ud_query_list_add(UdQueryListBuilder *builder, const UdArena *arena, UdQueryNode *node);

/* ud_query_node_new makes a node of depth 1 with all else zero; NULL without memory. */
extern UdQueryNode *ud_query_node_new(const UdArena *arena, UdQueryKind kind, size_t offset);

/* ud_query_node_set_depth computes the depth of a node from those of its operands. */
extern void ud_query_node_set_depth(UdQueryNode *node);

#endif
