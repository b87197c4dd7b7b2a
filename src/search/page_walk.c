/*
 * page_walk.c: making a page by walking along an index in the order that is wanted.
 */
#include "base/userdir.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "catalog/pg_index.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "nodes/nodeFuncs.h"
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"

#include "search/page_walk.h"
#include "search/tid_set.h"

struct UdWalk
{
	QueryDesc *query;
	ScanState *scan;  /* the query's only node */
	ExprState *lossy; /* what an index condition has to be checked by, or NULL */
	Relation table;   /* opened and locked by the query */
	Relation index;   /* opened and locked here */
	AttrNumber key;   /* the sort key's column in the table */
	AttrNumber id;    /* the id's */
	bool descending;
};

/* find_lossy_condition returns the condition that a node's index serves. */
static bool
find_lossy_condition(PlanState *node, ExprState **condition)
{
	switch (nodeTag(node))
	{
		case T_SeqScanState:
			*condition = NULL;
			return true;
		case T_BitmapHeapScanState:
			*condition = castNode(BitmapHeapScanState, node)->bitmapqualorig;
			return true;
		case T_IndexScanState:
			*condition = castNode(IndexScanState, node)->indexqualorig;
			return castNode(IndexScanState, node)->iss_NumOrderByKeys == 0;
		default:
			return false;
	}
}

/* What the query is to be sorted by: a column of its table, and in which order of its values */
typedef struct OrderColumn
{
	AttrNumber attnum; /* 0: it is no column */
	Oid family;        /* of B-tree operators */
	Oid collation;
} OrderColumn;

/* find_order_column looks at an output column of the query. */
static OrderColumn
find_order_column(PlanState *node, int output)
{
	TargetEntry *entry = list_nth_node(TargetEntry, node->plan->targetlist, output - 1);
	Oid type = exprType((Node *)entry->expr);
	OrderColumn column = {
		.family = lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY)->btree_opf,
		.collation = exprCollation((Node *)entry->expr),
	};
	Var *var = (Var *)entry->expr;

	while (IsA(var, RelabelType))
		var = (Var *)((RelabelType *)var)->arg;
	if (IsA(var, Var) && var->varattno > 0 && var->varno == ((Scan *)node->plan)->scanrelid)
		column.attnum = var->varattno;
	return column;
}

/* orders_by returns whether a column of an index orders all rows as a column of the query does. */
static bool
orders_by(Relation index, int key, const OrderColumn *column)
{
	return index->rd_index->indkey.values[key] == column->attnum &&
		   index->rd_opfamily[key] == column->family &&
		   index->rd_indcollation[key] == column->collation && index->rd_indoption[key] == 0;
}

/* is_order_index returns whether an index orders all rows by one column and then the id. */
static bool
is_order_index(Relation index, const OrderColumn *column, const OrderColumn *id)
{
	Form_pg_index form = index->rd_index;

	return index->rd_rel->relam == BTREE_AM_OID && form->indisvalid && !form->indcheckxmin &&
		   form->indnkeyatts == 2 && RelationGetIndexPredicate(index) == NIL &&
		   orders_by(index, 0, column) && orders_by(index, 1, id);
}

static Relation
open_order_index(Relation table, const OrderColumn *column, const OrderColumn *id)
{
	List *indexes = RelationGetIndexList(table);
	ListCell *cell;
	Relation found = NULL;

	foreach (cell, indexes)
	{
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);

		if (is_order_index(index, column, id))
		{
			found = index;
			break;
		}
		index_close(index, AccessShareLock);
	}
	list_free(indexes);
	return found;
}

/* is_plain_table returns whether an index of the table finds every row of it, and a snapshot each.
 */
static bool
is_plain_table(Relation table)
{
	return table->rd_rel->relkind == RELKIND_RELATION &&
		   table->rd_rel->relam == HEAP_TABLE_AM_OID && !table->rd_rel->relhassubclass;
}

UdWalk *
ud_walk_prepare(const UdPage *page, QueryDesc *query)
{
	PlanState *node = query->planstate;
	ExprState *lossy;
	OrderColumn column;
	OrderColumn id;
	Relation table;
	Relation index;
	UdWalk *walk;

	if (page->nkeys != 1 || query->plannedstmt->subplans != NIL ||
		!find_lossy_condition(node, &lossy))
		return NULL;
	table = ((ScanState *)node)->ss_currentRelation;
	id = find_order_column(node, 1);
	column = find_order_column(node, 2);
	if (!is_plain_table(table) || id.attnum == InvalidAttrNumber ||
		column.attnum == InvalidAttrNumber ||
		!TupleDescAttr(RelationGetDescr(table), column.attnum - 1)->attnotnull)
		return NULL;
	index = open_order_index(table, &column, &id);
	if (index == NULL)
		return NULL;

	walk = palloc(sizeof(UdWalk));
	walk->query = query;
	walk->scan = (ScanState *)node;
	walk->lossy = lossy;
	walk->table = table;
	walk->index = index;
	walk->key = column.attnum;
	walk->id = id.attnum;
	walk->descending = page->descending[0];
	return walk;
}

double
ud_walk_rows(const UdWalk *walk)
{
	return Max(walk->table->rd_rel->reltuples, 0);
}

bool
ud_walk_has_bitmap(const UdWalk *walk)
{
	return IsA(walk->scan, BitmapHeapScanState);
}

void
ud_walk_end(UdWalk *walk)
{
	index_close(walk->index, AccessShareLock);
	pfree(walk);
}

/*
 * meets_conditions checks a row against everything that the query asks; is_sure: an index has
 * answered its part of the conditions for this row.
 */
static bool
meets_conditions(UdWalk *walk, TupleTableSlot *slot, bool is_sure)
{
	ExprContext *context = walk->scan->ps.ps_ExprContext;

	ResetExprContext(context);
	context->ecxt_scantuple = slot;
	return (is_sure || walk->lossy == NULL || ExecQual(walk->lossy, context)) &&
		   (walk->scan->ps.qual == NULL || ExecQual(walk->scan->ps.qual, context));
}

/* take_row skips a match or puts its id on the page; returns whether the page is full. */
static bool
take_row(UdWalk *walk, UdPage *page, TupleTableSlot *slot, int64 *skipped)
{
	bool isnull;
	Datum id;

	if (*skipped < page->skip)
	{
		(*skipped)++;
		return false;
	}
	id = slot_getattr(slot, walk->id, &isnull);
	ud_page_add_id(page, id, isnull);
	return page->nids == page->size;
}

/* start_key makes the key of an index scan that begins at the page's start. */
static void
start_key(const UdWalk *walk, const char *start, ScanKey key)
{
	Form_pg_attribute column = TupleDescAttr(RelationGetDescr(walk->table), walk->key - 1);
	StrategyNumber strategy =
		walk->descending ? BTLessEqualStrategyNumber : BTGreaterEqualStrategyNumber;
	Oid type = walk->index->rd_opcintype[0];
	Oid comparison = get_opfamily_member(walk->index->rd_opfamily[0], type, type, strategy);
	Oid input;
	Oid parameter;

	if (!OidIsValid(comparison))
		elog(ERROR, "values of type %u have no order", type);
	getTypeInputInfo(column->atttypid, &input, &parameter);
	ScanKeyEntryInitialize(key, 0, 1, strategy, InvalidOid, walk->index->rd_indcollation[0],
						   get_opcode(comparison),
						   OidInputFunctionCall(input, unconstify(char *, start), parameter, -1));
}

/* begin_walk starts a scan of the index at the page's start. */
static IndexScanDesc
begin_walk(UdWalk *walk, const UdPage *page)
{
	const int nkeys = page->start == NULL ? 0 : 1;
	IndexScanDesc scan =
		ud_index_beginscan(walk->table, walk->index, walk->query->estate->es_snapshot, nkeys);
	ScanKeyData key;

	if (page->start != NULL)
		start_key(walk, page->start, &key);
	index_rescan(scan, &key, nkeys, NULL, 0);
	return scan;
}

/*
 * walk_along meets rows in the index's order, those of members only if there are any, until the
 * page is full. Returns false after limit rows were fetched without that.
 */
static bool
walk_along(UdWalk *walk, UdPage *page, UdTidSet *members, int64 limit)
{
	ScanDirection direction = walk->descending ? BackwardScanDirection : ForwardScanDirection;
	TupleTableSlot *slot = table_slot_create(walk->table, NULL);
	IndexScanDesc scan = begin_walk(walk, page);
	ItemPointer tid;
	int64 fetched = 0;
	int64 skipped = 0;
	bool full = page->size == 0;

	ud_page_begin_ids(page);
	while (!full && fetched < limit && (tid = index_getnext_tid(scan, direction)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		if (members != NULL && !ud_tid_set_has(members, tid))
			continue;
		fetched++;
		if (index_fetch_heap(scan, slot) && meets_conditions(walk, slot, false))
			full = take_row(walk, page, slot, &skipped);
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	return full || fetched < limit;
}

bool
ud_walk_run(UdWalk *walk, UdPage *page, int64 limit)
{
	page->how = "walked";
	return walk_along(walk, page, NULL, limit);
}

/* is_sure_of returns whether the indexes have named each match of a page, and nothing else. */
static bool
is_sure_of(const UdTidPage *page)
{
	return !page->recheck && !page->lossy;
}

/* count_page_rows counts the matches of a page by fetching each row that may be one. */
static int64
count_page_rows(UdWalk *walk, const UdTidPage *page, IndexFetchTableData *fetch,
				TupleTableSlot *slot)
{
	int64 count = 0;

	for (OffsetNumber offset = FirstOffsetNumber; offset <= MaxHeapTuplesPerPage; offset++)
	{
		ItemPointerData tid;
		bool again = false;
		bool all_dead = false;

		if (!ud_tid_page_has(page, offset))
			continue;
		ItemPointerSet(&tid, page->block, offset);
		if (table_index_fetch_tuple(fetch, &tid, walk->query->estate->es_snapshot, slot, &again,
									&all_dead) &&
			meets_conditions(walk, slot, is_sure_of(page)))
			count++;
	}
	return count;
}

/*
 * count_visible_page counts the matches of a page all of whose rows are visible to everybody, if
 * the indexes were sure of them; returns -1 where that does not hold. Rows that VACUUM has taken
 * away since the indexes were asked are not there any more: their places cannot be another row's,
 * which would be too new for everybody to see it.
 */
static int64
count_visible_page(UdWalk *walk, const UdTidPage *page)
{
	Buffer buffer = ReadBuffer(walk->table, page->block);
	int64 count = -1;
	Page heap;

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	heap = BufferGetPage(buffer);
	if (PageIsAllVisible(heap))
	{
		OffsetNumber last = PageGetMaxOffsetNumber(heap);

		count = 0;
		for (OffsetNumber offset = FirstOffsetNumber; offset <= last; offset++)
		{
			ItemId item = PageGetItemId(heap, offset);

			if (ud_tid_page_has(page, offset) && (ItemIdIsNormal(item) || ItemIdIsRedirected(item)))
				count++;
		}
	}
	UnlockReleaseBuffer(buffer);
	return count;
}

/*
 * trusts_visibility returns whether a snapshot sees what a page says that everybody sees. A
 * serializable transaction has to leave a trace on each row that it reads.
 */
static bool
trusts_visibility(Snapshot snapshot)
{
	return IsMVCCSnapshot(snapshot) && !snapshot->takenDuringRecovery &&
		   !IsolationIsSerializable() && !UD_SNAPSHOTS_EXPIRE;
}

/*
 * count_members counts the matches. What the visibility map says is not enough for that: it knows
 * nothing of dead rows that VACUUM took away after the indexes were asked.
 */
static int64
count_members(UdWalk *walk, UdTidSet *members)
{
	TupleTableSlot *slot = table_slot_create(walk->table, NULL);
	IndexFetchTableData *fetch = table_index_fetch_begin(walk->table);
	const bool indexes_decide =
		walk->scan->ps.qual == NULL && trusts_visibility(walk->query->estate->es_snapshot);
	int64 count = 0;

	for (int i = 0; i < ud_tid_set_npages(members); i++)
	{
		const UdTidPage *page = ud_tid_set_page(members, i);
		int64 matches = -1;

		CHECK_FOR_INTERRUPTS();
		if (indexes_decide && is_sure_of(page))
			matches = count_visible_page(walk, page);
		count += matches >= 0 ? matches : count_page_rows(walk, page, fetch, slot);
	}
	table_index_fetch_end(fetch);
	ExecDropSingleTupleTableSlot(slot);
	return count;
}

void
ud_walk_run_bitmap(UdWalk *walk, UdPage *page)
{
	Node *result = MultiExecProcNode(outerPlanState(&walk->scan->ps));
	UdTidSet *members;

	if (result == NULL || !IsA(result, TIDBitmap))
		elog(ERROR, "unrecognized result from subplan");
	members = ud_tid_set_build((TIDBitmap *)result);
	if (page->count_all)
		page->total = count_members(walk, members);
	walk_along(walk, page, members, PG_INT64_MAX);
	tbm_free((TIDBitmap *)result);
	page->how = "walked by bitmap";
}
