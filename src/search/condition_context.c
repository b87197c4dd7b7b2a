/*
 * condition_context.c: finding out where in a statement a function is called.
 *
 * The planner hands a call to its support function without saying where it stands. So the statement
 * is searched for all calls. While the planner simplifies an expression the statement still holds
 * it as it was.
 */
#include "base/userdir.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "search/condition_context.h"

typedef struct Search
{
	Oid function;
	bool in_condition; /* the node at hand is one, or part of an AND or OR in one */
	bool is_found;     /* a call that is a condition */
} Search;

static bool search(Node *node, Search *state);

/*
 * may_hide_call returns whether the planner may put the body of a function in the place of its
 * call. The server's own functions call none of ours.
 */
static bool
may_hide_call(Oid function)
{
	HeapTuple tuple;
	bool is_sql;

	if (function < FirstNormalObjectId)
		return false;
	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		return true;
	is_sql = ((Form_pg_proc)GETSTRUCT(tuple))->prolang == SQLlanguageId;
	ReleaseSysCache(tuple);
	return is_sql;
}

/* search_in searches below a node that is a condition or is none. */
static bool
search_in(Node *node, Search *state, bool in_condition)
{
	bool before = state->in_condition;
	bool result;

	state->in_condition = in_condition;
	result = search(node, state);
	state->in_condition = before;
	return result;
}

static bool
search_children(Node *node, Search *state)
{
	bool before = state->in_condition;
	bool result;

	state->in_condition = false;
	result = expression_tree_walker(node, search, state);
	state->in_condition = before;
	return result;
}

/* search_call looks at the call of a function; true: it is out of place. */
static bool
search_call(Node *node, Oid function, Search *state)
{
	if (function == state->function)
	{
		if (!state->in_condition)
			return true;
		state->is_found = true;
	}
	else if (may_hide_call(function))
		return true;
	return search_children(node, state);
}

/* search_from searches a FROM clause with its joins, whose conditions may be null for false. */
static bool
search_from(Node *node, Search *state)
{
	ListCell *cell;

	check_stack_depth();
	if (node == NULL)
		return false;
	if (IsA(node, JoinExpr))
	{
		JoinExpr *join = (JoinExpr *)node;

		return search_from(join->larg, state) || search_from(join->rarg, state) ||
			   search_in(join->quals, state, true);
	}
	if (!IsA(node, FromExpr))
		return false;
	foreach (cell, ((FromExpr *)node)->fromlist)
	{
		if (search_from(lfirst(cell), state))
			return true;
	}
	return search_in(((FromExpr *)node)->quals, state, true);
}

/* search_entry searches a range table entry; the conditions of its policies are conditions. */
static bool
search_entry(RangeTblEntry *entry, Search *state)
{
	RangeTblEntry other = *entry;

	other.securityQuals = NIL;
	if (search_in((Node *)entry->securityQuals, state, true))
		return true;
	return range_table_entry_walker(&other, search, state, 0);
}

static bool
search_query(Query *query, Search *state)
{
	Query other = *query;
	ListCell *cell;

	if (search_from((Node *)query->jointree, state) || search_in(query->havingQual, state, true))
		return true;
	foreach (cell, query->rtable)
	{
		if (search_entry(lfirst(cell), state))
			return true;
	}
	other.jointree = NULL;
	other.havingQual = NULL;
	return query_tree_walker(&other, search, state, QTW_IGNORE_RANGE_TABLE);
}

/* search looks for calls of the function; true: one is out of place, or may be. */
static bool
search(Node *node, Search *state)
{
	ListCell *cell;

	check_stack_depth();
	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_Query:
		{
			bool before = state->in_condition;
			bool result;

			state->in_condition = false;
			result = search_query((Query *)node, state);
			state->in_condition = before;
			return result;
		}
		case T_List:
			foreach (cell, (List *)node)
			{
				if (search(lfirst(cell), state))
					return true;
			}
			return false;
		case T_BoolExpr:
			if (((BoolExpr *)node)->boolop == NOT_EXPR)
				return search_children(node, state);
			return search((Node *)((BoolExpr *)node)->args, state);
		case T_FuncExpr:
			return search_call(node, ((FuncExpr *)node)->funcid, state);
		case T_OpExpr:
			return search_call(node, get_opcode(((OpExpr *)node)->opno), state);
		default:
			return search_children(node, state);
	}
}

bool
ud_condition_context_is_where(PlannerInfo *root, Oid function)
{
	Search state = {function, false, false};

	if (root == NULL || root->parse == NULL)
		return false;
	if (search_in((Node *)root->parse, &state, false) ||
		search_in((Node *)root->append_rel_list, &state, false))
		return false;
	return state.is_found;
}
