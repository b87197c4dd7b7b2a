/*
 * match_cost.c: what it costs to evaluate a query on one document or row, for the planner.
 *
 * Costs are in units of cpu_operator_cost, taken for 25 nanoseconds, in which the costs of our
 * functions are declared too.
 */
#include "base/userdir.h"

#include <math.h>

#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"

#include "base/memory_arena.h"
#include "search/match_cost.h"
#include "search/plan_memo.h"
#include "search/userquery.h"

/* Finding the document or the row, and each condition on it */
#define COST_OF_DOCUMENT 10
#define COST_OF_ROW      40
#define COST_OF_LEAF     2

/* known_query returns the query of a call if it is a constant, else NULL. */
static const Const *
known_query(const Node *call)
{
	const List *arguments = NIL;
	const Const *query;

	if (call != NULL && IsA(call, OpExpr))
		arguments = ((const OpExpr *)call)->args;
	else if (call != NULL && IsA(call, FuncExpr))
		arguments = ((const FuncExpr *)call)->args;
	if (list_length(arguments) != 2 || !IsA(lsecond(arguments), Const))
		return NULL;
	query = lsecond(arguments);
	return query->constisnull ? NULL : query;
}

/* cost_of_document counts what is done; the values of a leaf are looked up among each other. */
static double
cost_of_document(const UdJsonbNode *node)
{
	double cost = 0;

	CHECK_FOR_INTERRUPTS();
	if (node->kind == UD_JSONB_LEAF)
		return node->leaf->test == UD_JSONB_TEST_ANY_OF
				   ? COST_OF_LEAF + log2((double)node->leaf->u.any_of.nstrings)
				   : COST_OF_LEAF;
	for (int i = 0; i < node->nchildren; i++)
		cost += cost_of_document(node->children[i]);
	return cost;
}

/* count_leaves returns how many conditions a query has. */
static double
count_leaves(const UdQueryNode *node)
{
	double count = 0;

	CHECK_FOR_INTERRUPTS();
	if (node->kind != UD_QUERY_AND && node->kind != UD_QUERY_OR && node->kind != UD_QUERY_NOT)
		return 1;
	for (int i = 0; i < node->u.list.count; i++)
		count += count_leaves(node->u.list.nodes[i]);
	return count;
}

static Node *
answer(SupportRequestCost *request, double units)
{
	request->startup = 0;
	request->per_tuple = units * cpu_operator_cost;
	return (Node *)request;
}

Node *
ud_match_cost_of_documents(SupportRequestCost *request, bool is_value)
{
	const Const *query = known_query(request->node);
	const UdJsonbNode *compiled =
		query == NULL ? NULL
					  : ud_plan_memo_query(request->root, query->constvalue, is_value).compiled;

	return compiled == NULL ? NULL : answer(request, COST_OF_DOCUMENT + cost_of_document(compiled));
}

Node *
ud_match_cost_of_rows(SupportRequestCost *request)
{
	UdArena arena = ud_memory_arena(CurrentMemoryContext);
	const Const *query = known_query(request->node);
	const UdQueryNode *lowered;

	if (query == NULL)
		return NULL;
	lowered = ud_query_lower(ud_userquery_load(PG_DETOAST_DATUM_PACKED(query->constvalue)), &arena);
	return answer(request, COST_OF_ROW + COST_OF_LEAF * count_leaves(lowered));
}
