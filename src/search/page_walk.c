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
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"

#include "search/page_walk.h"
#include "search/tid_set.h"

struct UdWalk
{
	QueryDesc *query;
	ScanState *scan;  /* the query's only node */
	ExprState *lossy; /* what an index condition has to be checked by, or NULL */
	Relation table;   /* opened and locked by the query */
	Relation index;   /* opened and locked here */
	AttrNumber id;    /* the id's column in the table */
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

/* find_column returns which column of the scanned table an output column of the query is, or 0. */
static AttrNumber
find_column(PlanState *node, int output)
{
	TargetEntry *entry = list_nth_node(TargetEntry, node->plan->targetlist, output - 1);
	Var *var = (Var *)entry->expr;

	while (IsA(var, RelabelType))
		var = (Var *)((RelabelType *)var)->arg;
	if (IsA(var, CollateExpr))
		var = (Var *)((CollateExpr *)var)->arg;
	if (!IsA(var, Var) || var->varattno <= 0 || var->varno != ((Scan *)node->plan)->scanrelid)
		return InvalidAttrNumber;
	return var->varattno;
}

/* is_order_index returns whether an index orders all rows by one column and then the id. */
static bool
is_order_index(Relation index, AttrNumber column, AttrNumber id)
{
	Form_pg_index form = index->rd_index;

	return index->rd_rel->relam == BTREE_AM_OID && form->indisvalid && !form->indcheckxmin &&
		   form->indnkeyatts == 2 && form->indkey.values[0] == column &&
		   form->indkey.values[1] == id && RelationGetIndexPredicate(index) == NIL &&
		   index->rd_indoption[0] == 0 && index->rd_indoption[1] == 0;
}

static Relation
open_order_index(Relation table, AttrNumber column, AttrNumber id)
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
	AttrNumber column;
	AttrNumber id;
	Relation table;
	Relation index;
	UdWalk *walk;

	if (page->nkeys != 1 || query->plannedstmt->subplans != NIL ||
		!find_lossy_condition(node, &lossy))
		return NULL;
	table = ((ScanState *)node)->ss_currentRelation;
	id = find_column(node, 1);
	column = find_column(node, 2);
	if (!is_plain_table(table) || id == InvalidAttrNumber || column == InvalidAttrNumber ||
		!TupleDescAttr(RelationGetDescr(table), column - 1)->attnotnull)
		return NULL;
	index = open_order_index(table, column, id);
	if (index == NULL)
		return NULL;

	walk = palloc(sizeof(UdWalk));
	walk->query = query;
	walk->scan = (ScanState *)node;
	walk->lossy = lossy;
	walk->table = table;
	walk->index = index;
	walk->id = id;
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

	if (*skipped < page->skip)
	{
		(*skipped)++;
		return false;
	}
	page->ids[page->nids++] = datumCopy(slot_getattr(slot, walk->id, &isnull), false, -1);
	return page->nids == page->size;
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
	{
		Form_pg_attribute column = TupleDescAttr(RelationGetDescr(walk->index), 0);
		StrategyNumber strategy =
			walk->descending ? BTLessEqualStrategyNumber : BTGreaterEqualStrategyNumber;
		Oid comparison = get_opfamily_member(walk->index->rd_opfamily[0], column->atttypid,
											 column->atttypid, strategy);
		Oid input;
		Oid parameter;

		if (!OidIsValid(comparison))
			elog(ERROR, "values of type %u have no order", column->atttypid);
		getTypeInputInfo(column->atttypid, &input, &parameter);
		ScanKeyEntryInitialize(
			&key, 0, 1, strategy, InvalidOid, column->attcollation, get_opcode(comparison),
			OidInputFunctionCall(input, unconstify(char *, page->start), parameter, -1));
	}
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

	page->ids = palloc(sizeof(Datum) * Max(page->size, 1));
	page->nids = 0;
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
