/*
 * page_order.c: finding the index that holds the rows of a scan in the order of a page.
 */
#include "base/userdir.h"

#include "access/genam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_index.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteManip.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/typcache.h"

#include "search/page_order.h"

#define ORDER_COLUMNS 2 /* the sort key and the id */

/* What an index has to hold in one of its columns. */
typedef struct Wanted
{
	Node *expression;  /* without relabels, of the table with number 1 */
	AttrNumber column; /* if it is one, else 0 */
	Oid type;
	Oid collation;
	Oid family; /* of the type's usual order */
} Wanted;

static Node *
without_relabel(Node *node)
{
	while (IsA(node, RelabelType))
		node = (Node *)((RelabelType *)node)->arg;
	return node;
}

/* want reads an output column of a scan. */
static Wanted
want(const ScanState *scan, int output)
{
	const Plan *plan = scan->ps.plan;
	const TargetEntry *entry = list_nth_node(TargetEntry, plan->targetlist, output - 1);
	Wanted wanted = {.column = InvalidAttrNumber};

	wanted.type = exprType((Node *)entry->expr);
	wanted.collation = exprCollation((Node *)entry->expr);
	wanted.family = lookup_type_cache(wanted.type, TYPECACHE_BTREE_OPFAMILY)->btree_opf;
	wanted.expression = copyObject(without_relabel((Node *)entry->expr));
	ChangeVarNodes(wanted.expression, (int)((const Scan *)plan)->scanrelid, 1, 0);
	if (IsA(wanted.expression, Var))
		wanted.column = ((Var *)wanted.expression)->varattno;
	return wanted;
}

/* is_held returns whether a column of an index holds what is wanted, in the usual order. */
static bool
is_held(Relation index, int column, const Wanted *wanted)
{
	AttrNumber attnum = index->rd_index->indkey.values[column];
	int expression = 0;

	if (index->rd_opfamily[column] != wanted->family ||
		index->rd_indcollation[column] != wanted->collation || index->rd_indoption[column] != 0)
		return false;
	if (attnum != InvalidAttrNumber)
		return attnum == wanted->column;
	for (int i = 0; i < column; i++)
	{
		if (index->rd_index->indkey.values[i] == InvalidAttrNumber)
			expression++;
	}
	return equal(without_relabel(list_nth(RelationGetIndexExpressions(index), expression)),
				 wanted->expression);
}

/* is_order returns whether an index orders all rows as wanted. */
static bool
is_order(Relation index, const Wanted *wanted)
{
	Form_pg_index form = index->rd_index;

	if (index->rd_rel->relam != BTREE_AM_OID || !form->indisvalid || form->indcheckxmin ||
		form->indnkeyatts != ORDER_COLUMNS || RelationGetIndexPredicate(index) != NIL)
		return false;
	for (int i = 0; i < ORDER_COLUMNS; i++)
	{
		if (!is_held(index, i, &wanted[i]))
			return false;
	}
	return true;
}

static Relation
open_order(Relation table, const Wanted *wanted)
{
	List *indexes = RelationGetIndexList(table);
	ListCell *cell;
	Relation found = NULL;

	foreach (cell, indexes)
	{
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);

		if (is_order(index, wanted))
		{
			found = index;
			break;
		}
		index_close(index, AccessShareLock);
	}
	list_free(indexes);
	return found;
}

bool
ud_page_order_find(UdPageOrder *order, const ScanState *scan)
{
	Relation table = scan->ss_currentRelation;
	Wanted wanted[ORDER_COLUMNS] = {want(scan, 2), want(scan, 1)};
	AttrNumber key = wanted[0].column;

	order->id = wanted[1].column;
	if (order->id <= InvalidAttrNumber || key < InvalidAttrNumber)
		return false;
	for (int i = 0; i < ORDER_COLUMNS; i++)
		order->types[i] = wanted[i].type;
	order->nullable =
		key == InvalidAttrNumber || !TupleDescAttr(RelationGetDescr(table), key - 1)->attnotnull;
	order->index = open_order(table, wanted);
	return order->index != NULL;
}
