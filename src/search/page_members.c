/*
 * page_members.c: the rows that the indexes of a query name as its matches.
 */
#include "base/userdir.h"

#include "access/amapi.h"
#include "access/genam.h"
#include "access/relscan.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "rewrite/rewriteManip.h"
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"
#include "utils/tuplesort.h"

#include "search/page_members.h"

/*
 * check_of_index_scan returns what tells of a row whether an index scan would have brought it. What
 * the predicate of a partial index says has been left out of the plan's conditions.
 */
static ExprState *
check_of_index_scan(IndexScanState *node)
{
	const IndexScan *plan = (const IndexScan *)node->ss.ps.plan;
	List *predicate = RelationGetIndexPredicate(node->iss_RelationDesc);
	MemoryContext caller;
	ExprState *check;

	if (predicate == NIL)
		return node->indexqualorig;
	ChangeVarNodes((Node *)predicate, 1, (int)plan->scan.scanrelid, 0);
	caller = MemoryContextSwitchTo(node->ss.ps.state->es_query_cxt);
	check = ExecInitQual(list_concat_copy(plan->indexqualorig, predicate), &node->ss.ps);
	MemoryContextSwitchTo(caller);
	return check;
}

/* find_lossy_condition finds the condition that a node's index serves. */
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
			if (castNode(IndexScanState, node)->iss_NumOrderByKeys > 0)
				return false;
			*condition = check_of_index_scan(castNode(IndexScanState, node));
			return true;
		default:
			return false;
	}
}

/*
 * is_plain_table returns whether an index of the table finds every row of it, and a snapshot each.
 */
static bool
is_plain_table(Relation table)
{
	return table->rd_rel->relkind == RELKIND_RELATION &&
		   table->rd_rel->relam == HEAP_TABLE_AM_OID && !table->rd_rel->relhassubclass;
}

bool
ud_page_scan_find(UdPageScan *scan, QueryDesc *query)
{
	if (query->plannedstmt->subplans != NIL ||
		!find_lossy_condition(query->planstate, &scan->lossy))
		return false;
	scan->node = (ScanState *)query->planstate;
	scan->table = scan->node->ss_currentRelation;
	scan->snapshot = query->estate->es_snapshot;
	return is_plain_table(scan->table);
}

double
ud_page_scan_rows(const UdPageScan *scan)
{
	return Max(scan->table->rd_rel->reltuples, 0);
}

bool
ud_page_scan_has_index(const UdPageScan *scan)
{
	const IndexScanState *node = (const IndexScanState *)scan->node;

	return IsA(scan->node, BitmapHeapScanState) ||
		   (IsA(scan->node, IndexScanState) && node->iss_NumRuntimeKeys == 0 &&
			node->iss_RelationDesc->rd_indam->amgetbitmap != NULL);
}

bool
ud_page_scan_meets(const UdPageScan *scan, TupleTableSlot *slot, bool is_sure)
{
	ExprContext *context = scan->node->ps.ps_ExprContext;

	ResetExprContext(context);
	context->ecxt_scantuple = slot;
	return (is_sure || scan->lossy == NULL || ExecQual(scan->lossy, context)) &&
		   (scan->node->ps.qual == NULL || ExecQual(scan->node->ps.qual, context));
}

/* ask_index asks the index of an index scan for all rows at once. */
static TIDBitmap *
ask_index(const IndexScanState *node, Snapshot snapshot)
{
	TIDBitmap *bitmap = tbm_create(work_mem * (Size)1024, NULL);
	IndexScanDesc scan =
		ud_index_beginscan_bitmap(node->iss_RelationDesc, snapshot, node->iss_NumScanKeys);

	index_rescan(scan, node->iss_ScanKeys, node->iss_NumScanKeys, NULL, 0);
	index_getbitmap(scan, bitmap);
	index_endscan(scan);
	return bitmap;
}

UdTidSet *
ud_page_members_ask(const UdPageScan *scan)
{
	Node *result = IsA(scan->node, IndexScanState)
					   ? (Node *)ask_index((IndexScanState *)scan->node, scan->snapshot)
					   : MultiExecProcNode(outerPlanState(&scan->node->ps));
	UdTidSet *members;

	if (result == NULL || !IsA(result, TIDBitmap))
		elog(ERROR, "unrecognized result from subplan");
	members = ud_tid_set_build((TIDBitmap *)result);
	tbm_free((TIDBitmap *)result);
	return members;
}

double
ud_page_members_expect(const UdPageScan *scan, const UdTidSet *members)
{
	double pages = Max(scan->table->rd_rel->relpages, 1);

	return ud_tid_set_count(members, Max(ud_page_scan_rows(scan) / pages, 1));
}

/* is_sure_of returns whether the indexes have named each match of a page, and nothing else. */
static bool
is_sure_of(const UdTidPage *page)
{
	return !page->recheck && !page->lossy;
}

/* put_into_sort puts what the query selects of a match into a sort. */
static void
put_into_sort(const UdPageScan *scan, TupleTableSlot *slot, Tuplesortstate *sort)
{
	ProjectionInfo *projection = scan->node->ps.ps_ProjInfo;

	if (projection != NULL)
	{
		projection->pi_exprContext->ecxt_scantuple = slot;
		slot = ExecProject(projection);
	}
	tuplesort_puttupleslot(sort, slot);
}

/*
 * fetch_page_rows fetches the rows of a page that may be matches; returns how many are, and puts
 * them into a sort if there is one.
 */
static int64
fetch_page_rows(const UdPageScan *scan, const UdTidPage *page, IndexFetchTableData *fetch,
				TupleTableSlot *slot, Tuplesortstate *sort)
{
	int64 count = 0;

	for (OffsetNumber offset = ud_tid_page_next(page, InvalidOffsetNumber);
		 offset != InvalidOffsetNumber; offset = ud_tid_page_next(page, offset))
	{
		ItemPointerData tid;
		bool again = false;
		bool all_dead = false;

		ItemPointerSet(&tid, page->block, offset);
		if (table_index_fetch_tuple(fetch, &tid, scan->snapshot, slot, &again, &all_dead) &&
			ud_page_scan_meets(scan, slot, is_sure_of(page)))
		{
			count++;
			if (sort != NULL)
				put_into_sort(scan, slot, sort);
		}
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
count_visible_page(const UdPageScan *scan, const UdTidPage *page)
{
	Buffer buffer = ReadBuffer(scan->table, page->block);
	int64 count = -1;
	Page heap;

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	heap = BufferGetPage(buffer);
	if (PageIsAllVisible(heap))
	{
		OffsetNumber last = PageGetMaxOffsetNumber(heap);

		count = 0;
		for (OffsetNumber offset = ud_tid_page_next(page, InvalidOffsetNumber);
			 offset != InvalidOffsetNumber && offset <= last;
			 offset = ud_tid_page_next(page, offset))
		{
			ItemId item = PageGetItemId(heap, offset);

			if (ItemIdIsNormal(item) || ItemIdIsRedirected(item))
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
 * visit_members returns how many of the members are matches, and puts them into a sort if there is
 * one. What the visibility map says is not enough to count them: it knows nothing of dead rows that
 * VACUUM took away after the indexes were asked.
 */
static int64
visit_members(const UdPageScan *scan, const UdTidSet *members, Tuplesortstate *sort)
{
	TupleTableSlot *slot = table_slot_create(scan->table, NULL);
	IndexFetchTableData *fetch = table_index_fetch_begin(scan->table);
	const bool indexes_decide =
		sort == NULL && scan->node->ps.qual == NULL && trusts_visibility(scan->snapshot);
	int64 count = 0;

	for (int i = 0; i < ud_tid_set_npages(members); i++)
	{
		const UdTidPage *page = ud_tid_set_page(members, i);
		int64 matches = -1;

		CHECK_FOR_INTERRUPTS();
		if (indexes_decide && is_sure_of(page))
			matches = count_visible_page(scan, page);
		count += matches >= 0 ? matches : fetch_page_rows(scan, page, fetch, slot, sort);
	}
	table_index_fetch_end(fetch);
	ExecDropSingleTupleTableSlot(slot);
	return count;
}

int64
ud_page_members_count(const UdPageScan *scan, const UdTidSet *members)
{
	return visit_members(scan, members, NULL);
}

void
ud_page_members_sort(const UdPageScan *scan, const UdTidSet *members, UdPage *page, TupleDesc row)
{
	Tuplesortstate *sort = ud_page_sort_begin(page, row);

	page->total = visit_members(scan, members, sort);
	ud_page_sort_end(page, sort, row);
}
