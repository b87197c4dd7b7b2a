/*
 * jsonb_split.c: parting a query between an index and a filter.
 */
#include "base/userdir.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "base/memory_arena.h"
#include "search/column_access.h"
#include "search/jsonb_estimate.h"
#include "search/jsonb_split.h"
#include "search/plan_memo.h"
#include "search/userquery.h"

/*
 * Microseconds, roughly: to put a row that a walk has found into its bitmap, to unpack a leaf of a
 * posting tree, and to fetch a row and evaluate a query on it. The last was seen to take 1.0 where
 * everything is in memory; where the table is not it takes more, which speaks for the index.
 */
#define COST_OF_WALKED_ROW 0.1
#define COST_OF_TREE_LEAF  30.0
#define COST_OF_FETCH      1.5

#define ROWS_OF_TREE_LEAF  6000.0

/* It is not worth the trouble for smaller tables, or for operands that save less: a condition more
 * takes the planner some microseconds. */
#define LEAST_ROWS   2000.0
#define LEAST_SAVING 20.0

/* Nor for a query so wide that looking at it would take long. */
#define MOST_OPERANDS 100

/* One operand of the AND, or several ranges on one path: together they are one range, most often.
 */
typedef struct Operand
{
	const UdQueryNode *first;
	UdQueryNode *query;
	const UdJsonbNode *compiled;
	double part; /* of the rows that match */
	bool in_index;
} Operand;

typedef struct Operands
{
	int count;
	Operand *operands;
	double rows; /* of the table */
} Operands;

/*
 * Looking at the statement
 */

/* column_of returns the column that a document is, NULL if it is something else. */
static const Var *
column_of(PlannerInfo *root, Node *document)
{
	const Var *var = (const Var *)strip_implicit_coercions(document);
	const RangeTblEntry *entry;

	if (root == NULL || !IsA(var, Var) || var->varlevelsup != 0 || var->varattno <= 0)
		return NULL;
	entry = planner_rt_fetch(var->varno, root);
	/* the conditions of a table with children are looked at again for each of these */
	if (entry->rtekind != RTE_RELATION || entry->inh)
		return NULL;
	return ud_column_access_allows(root, var) ? var : NULL;
}

static bool
calls_function(Node *node, Oid *function)
{
	if (node == NULL)
		return false;
	if (IsA(node, OpExpr))
		set_opfuncid((OpExpr *)node);
	if ((IsA(node, OpExpr) && ((OpExpr *)node)->opfuncid == *function) ||
		(IsA(node, FuncExpr) && ((FuncExpr *)node)->funcid == *function))
		return true;
	return expression_tree_walker(node, calls_function, function);
}

/* is_in_predicate returns whether a partial index is for rows that match a query, as it stands. */
static bool
is_in_predicate(Relation table, Oid function)
{
	List *indexes = RelationGetIndexList(table);
	ListCell *cell;
	bool result = false;

	foreach (cell, indexes)
	{
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);

		if (calls_function((Node *)RelationGetIndexPredicate(index), &function))
			result = true;
		index_close(index, AccessShareLock);
	}
	list_free(indexes);
	return result;
}

/* known_rows returns how many rows a table had when they were last counted, if it can be split. */
static double
known_rows(const RangeTblEntry *entry, Oid function)
{
	Relation table = table_open(entry->relid, NoLock);
	double rows = table->rd_rel->reltuples;

	if (rows < LEAST_ROWS || is_in_predicate(table, function))
		rows = 0;
	table_close(table, NoLock);
	return rows;
}

/*
 * Deciding
 */

/* drives returns whether rows can be found by an operand: not by what they do not have. */
static bool
drives(const UdJsonbNode *node)
{
	if (node->kind == UD_JSONB_LEAF || node->kind == UD_JSONB_NONE)
		return true;
	if (node->kind != UD_JSONB_AND && node->kind != UD_JSONB_OR)
		return false;
	for (int i = 0; i < node->nchildren; i++)
	{
		if (drives(node->children[i]) == (node->kind == UD_JSONB_AND))
			return node->kind == UD_JSONB_AND;
	}
	return node->kind == UD_JSONB_OR;
}

/* work_of_leaf returns what an index spends on a condition that so many rows fulfil. */
static double
work_of_leaf(const UdJsonbLeaf *leaf, double rows, double found)
{
	if (ud_jsonb_search_keys_walks(leaf))
		return rows * COST_OF_WALKED_ROW;
	return Min(found, rows / ROWS_OF_TREE_LEAF) * COST_OF_TREE_LEAF;
}

/*
 * work returns the microseconds that an index spends on an operand beside others that find so many
 * rows. part is that of the operand if it is known, else negative. Conditions under a NOT that need
 * a walk are not looked up at all.
 */
static double
work(UdJsonbProbe *probe, const UdJsonbNode *node, double part, bool negated, double found)
{
	double sum = 0;

	if (node->kind == UD_JSONB_LEAF)
	{
		if (negated && ud_jsonb_search_keys_walks(node->leaf))
			return 0;
		if (part < 0)
			part = ud_jsonb_estimate(probe, node);
		return work_of_leaf(node->leaf, part * ud_jsonb_probe_rows(probe), found);
	}
	for (int i = 0; i < node->nchildren; i++)
	{
		bool is_not = node->kind == UD_JSONB_NOT;

		sum += work(probe, node->children[i], is_not && part >= 0 ? 1 - part : -1,
					negated != is_not, found);
	}
	return sum;
}

static int
compare_operands(const void *a, const void *b)
{
	double left = ((const Operand *)a)->part;
	double right = ((const Operand *)b)->part;

	return (left > right) - (left < right);
}

/*
 * choose marks the operands for the index: the rarest that drives, and each that excludes enough of
 * what the chosen ones find. Returns whether there are operands of both kinds.
 */
static bool
choose(UdJsonbProbe *probe, Operands *all)
{
	double found = -1;
	bool splits = false;

	qsort(all->operands, (size_t)all->count, sizeof(Operand), compare_operands);
	for (int i = 0; i < all->count && found < 0; i++)
	{
		if (drives(all->operands[i].compiled))
		{
			all->operands[i].in_index = true;
			found = all->operands[i].part * all->rows;
		}
	}
	if (found < 0)
		return false;
	for (int i = 0; i < all->count; i++)
	{
		Operand *operand = &all->operands[i];
		double loss;

		if (operand->in_index)
			continue;
		loss = work(probe, operand->compiled, operand->part, false, found) -
			   found * (1 - operand->part) * COST_OF_FETCH;
		operand->in_index = loss < LEAST_SAVING;
		if (operand->in_index)
			found *= operand->part;
		else
			splits = true;
	}
	return splits;
}

/* is_range_beside returns whether two operands are ranges on the same path. */
static bool
is_range_beside(const UdQueryNode *a, const UdQueryNode *b)
{
	return a->kind == UD_QUERY_RANGE && b->kind == UD_QUERY_RANGE && a->field != NULL &&
		   b->field != NULL && ud_span_equal(a->field->printed, b->field->printed);
}

/* join_ranges makes an AND of an operand, which may be one already, and another. */
static UdQueryNode *
join_ranges(const UdArena *arena, UdQueryNode *operand, UdQueryNode *range)
{
	UdQueryNode *joined = ud_arena_zeroed(arena, sizeof(UdQueryNode));
	int count = operand->kind == UD_QUERY_AND ? operand->u.list.count : 1;
	UdQueryNode **nodes = ud_arena_allocate(arena, sizeof(*nodes) * (size_t)(count + 1));

	memcpy(nodes, operand->kind == UD_QUERY_AND ? operand->u.list.nodes : &operand,
		   sizeof(*nodes) * (size_t)count);
	nodes[count] = range;
	joined->kind = UD_QUERY_AND;
	joined->u.list.count = count + 1;
	joined->u.list.nodes = nodes;
	return joined;
}

/* add_operand adds an operand, to one before it if both are ranges on the same path. */
static void
add_operand(const UdArena *arena, Operands *all, UdQueryNode *node)
{
	for (int i = 0; i < all->count && node->kind == UD_QUERY_RANGE; i++)
	{
		UdQueryNode *query = all->operands[i].query;

		if (is_range_beside(all->operands[i].first, node))
		{
			all->operands[i].query = join_ranges(arena, query, node);
			return;
		}
	}
	all->operands[all->count].first = node;
	all->operands[all->count].query = node;
	all->count++;
}

/* list_operands lists and estimates the operands; false if the operator cannot evaluate one. */
static bool
list_operands(const UdArena *arena, UdJsonbProbe *probe, const UdQueryNode *query, bool is_value,
			  Operands *all)
{
	all->count = 0;
	all->rows = ud_jsonb_probe_rows(probe);
	all->operands = palloc0(sizeof(Operand) * (Size)query->u.list.count);
	for (int i = 0; i < query->u.list.count; i++)
		add_operand(arena, all, query->u.list.nodes[i]);
	for (int i = 0; i < all->count; i++)
	{
		Operand *operand = &all->operands[i];

		operand->compiled = ud_jsonb_match_try_compile(operand->query, is_value);
		if (operand->compiled == NULL)
			return false;
		operand->part = ud_jsonb_estimate(probe, operand->compiled);
	}
	return true;
}

/*
 * Making the condition
 */

/* query_of makes a constant of the operands of one kind. */
static Const *
query_of(const Operands *all, bool in_index, Oid type)
{
	UdQueryNode chain = {.kind = UD_QUERY_AND};
	UdQueryNode **nodes = palloc(sizeof(*nodes) * (Size)all->count);
	const UdQueryNode *query = &chain;

	chain.u.list.nodes = nodes;
	for (int i = 0; i < all->count; i++)
	{
		if (all->operands[i].in_index == in_index)
			nodes[chain.u.list.count++] = all->operands[i].query;
	}
	if (chain.u.list.count == 1)
		query = nodes[0];
	return makeConst(type, -1, InvalidOid, -1, PointerGetDatum(ud_userquery_store(query)), false,
					 false);
}

static Node *
make_condition(const Operands *all, Oid operator, Oid function, Node *document, Oid type)
{
	Expr *found = make_opclause(operator, BOOLOID, false, (Expr *)document,
								(Expr *)query_of(all, true, type), InvalidOid, InvalidOid);
	Expr *filter = (Expr *)makeFuncExpr(
		function, BOOLOID, list_make2(copyObject(document), query_of(all, false, type)), InvalidOid,
		InvalidOid, COERCE_EXPLICIT_CALL);

	set_opfuncid((OpExpr *)found);
	return (Node *)makeBoolExpr(AND_EXPR, list_make2(found, filter), -1);
}

Node *
ud_jsonb_split(PlannerInfo *root, Oid function, bool is_value, Node *document, Node *query)
{
	UdArena arena = ud_memory_arena(CurrentMemoryContext);
	const Var *column;
	const UdQueryNode *lowered;
	const UdQueryNode *covered;
	UdJsonbProbe *probe;
	Operands all;
	Node *result = NULL;
	double rows;
	Oid table;

	if (!IsA(query, Const) || ((Const *)query)->constisnull)
		return NULL;
	lowered = ud_plan_memo_query(root, ((Const *)query)->constvalue, is_value).lowered;
	if (lowered->kind != UD_QUERY_AND || lowered->u.list.count > MOST_OPERANDS)
		return NULL;
	column = column_of(root, document);
	if (column == NULL)
		return NULL;
	rows = known_rows(planner_rt_fetch(column->varno, root), function);
	table = planner_rt_fetch(column->varno, root)->relid;
	probe =
		rows > 0 ? ud_jsonb_probe_open(root, table, column->varattno, rows, NULL, &covered) : NULL;
	if (probe == NULL)
		return NULL;
	if (list_operands(&arena, probe, lowered, is_value, &all) && choose(probe, &all))
		result = make_condition(&all, ud_jsonb_probe_operator(probe, is_value, exprType(query)),
								function, document, exprType(query));
	ud_jsonb_probe_close(probe);
	return result;
}
