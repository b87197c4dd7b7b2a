/*
 * page_walk.c: making a page by walking along an index in the order that is wanted.
 */
#include "base/userdir.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "search/page_order.h"
#include "search/page_walk.h"
#include "search/tid_set.h"

struct UdWalk
{
	QueryDesc *query;
	ScanState *scan;  /* the query's only node */
	ExprState *lossy; /* what an index condition has to be checked by, or NULL */
	Relation table;   /* opened and locked by the query */
	UdPageOrder order;
	bool descending;
};

/*
 * A part of the index in which the rows stand as the page wants them. Nulls stand last in the index
 * and on the page, in both directions, so a walk backwards takes all others first.
 */
typedef struct Stretch
{
	int nkeys;
	ScanKeyData keys[2];
} Stretch;

/* Those that equal the start, those beyond it, and the nulls */
#define MOST_STRETCHES 3

typedef struct Stretches
{
	int count;
	Stretch stretches[MOST_STRETCHES];
} Stretches;

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
	UdPageOrder order;
	UdWalk *walk;

	if (page->nkeys != 1 || query->plannedstmt->subplans != NIL ||
		!find_lossy_condition(node, &lossy) ||
		!is_plain_table(((ScanState *)node)->ss_currentRelation) ||
		!ud_page_order_find(&order, (ScanState *)node))
		return NULL;

	walk = palloc(sizeof(UdWalk));
	walk->query = query;
	walk->scan = (ScanState *)node;
	walk->lossy = lossy;
	walk->table = walk->scan->ss_currentRelation;
	walk->order = order;
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
	index_close(walk->order.index, AccessShareLock);
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
	id = slot_getattr(slot, walk->order.id, &isnull);
	ud_page_add_id(page, id, isnull);
	return page->nids == page->size;
}

/* add_bound lets a stretch hold only what stands in a relation to a value, written as text. */
static void
add_bound(const UdWalk *walk, Stretch *stretch, AttrNumber column, StrategyNumber strategy,
		  const char *value)
{
	Relation index = walk->order.index;
	Oid type = index->rd_opcintype[column - 1];
	Oid comparison = get_opfamily_member(index->rd_opfamily[column - 1], type, type, strategy);
	Oid input;
	Oid parameter;

	if (!OidIsValid(comparison))
		elog(ERROR, "values of type %u have no order", type);
	getTypeInputInfo(walk->order.types[column - 1], &input, &parameter);
	ScanKeyEntryInitialize(&stretch->keys[stretch->nkeys++], 0, column, strategy, InvalidOid,
						   index->rd_indcollation[column - 1], get_opcode(comparison),
						   OidInputFunctionCall(input, unconstify(char *, value), parameter, -1));
}

/* add_null_test lets a stretch hold only nulls, or none. */
static void
add_null_test(Stretch *stretch, int test)
{
	ScanKeyEntryInitialize(&stretch->keys[stretch->nkeys++], SK_ISNULL | test, 1, InvalidStrategy,
						   InvalidOid, InvalidOid, InvalidOid, (Datum)0);
}

/* plan_stretches lists the parts of the index to walk through, one after the other. */
static void
plan_stretches(const UdWalk *walk, const UdPage *page, Stretches *all)
{
	const StrategyNumber beyond = walk->descending ? BTLessStrategyNumber : BTGreaterStrategyNumber;
	const bool starts_at_null = page->start_id != NULL && page->start == NULL;
	Stretch *stretch = all->stretches;

	memset(all, 0, sizeof(*all));
	if (page->start != NULL && page->start_id != NULL)
	{
		add_bound(walk, stretch, 1, BTEqualStrategyNumber, page->start);
		add_bound(walk, stretch++, 2, beyond, page->start_id);
	}
	if (page->start != NULL)
		add_bound(walk, stretch++, 1, beyond, page->start);
	else if (walk->order.nullable && !starts_at_null)
		add_null_test(stretch++, SK_SEARCHNOTNULL);
	else if (!walk->order.nullable)
		stretch++;
	if (walk->order.nullable)
	{
		add_null_test(stretch, SK_SEARCHNULL);
		if (starts_at_null)
			add_bound(walk, stretch, 2, beyond, page->start_id);
		stretch++;
	}
	all->count = (int)(stretch - all->stretches);
}

/* What a walk has done so far. */
typedef struct Progress
{
	UdTidSet *members; /* the rows that may match, or NULL */
	TupleTableSlot *slot;
	int64 limit; /* of rows to fetch */
	int64 fetched;
	int64 skipped;
	bool full; /* the page is */
} Progress;

/* walk_stretch meets the rows of a stretch until the page is full or the limit reached. */
static void
walk_stretch(UdWalk *walk, UdPage *page, Stretch *stretch, Progress *progress)
{
	ScanDirection direction = walk->descending ? BackwardScanDirection : ForwardScanDirection;
	IndexScanDesc scan = ud_index_beginscan(walk->table, walk->order.index,
											walk->query->estate->es_snapshot, stretch->nkeys);
	ItemPointer tid;

	index_rescan(scan, stretch->keys, stretch->nkeys, NULL, 0);
	while (!progress->full && progress->fetched < progress->limit &&
		   (tid = index_getnext_tid(scan, direction)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		if (progress->members != NULL && !ud_tid_set_has(progress->members, tid))
			continue;
		progress->fetched++;
		if (index_fetch_heap(scan, progress->slot) && meets_conditions(walk, progress->slot, false))
			progress->full = take_row(walk, page, progress->slot, &progress->skipped);
	}
	index_endscan(scan);
}

/*
 * walk_along meets rows in the order of the page, those of members only if there are any, until the
 * page is full. Returns false after limit rows were fetched without that.
 */
static bool
walk_along(UdWalk *walk, UdPage *page, UdTidSet *members, int64 limit)
{
	Progress progress = {.members = members, .limit = limit, .full = page->size == 0};
	Stretches all;

	ud_page_begin_ids(page);
	progress.slot = table_slot_create(walk->table, NULL);
	plan_stretches(walk, page, &all);
	for (int i = 0; i < all.count; i++)
		walk_stretch(walk, page, &all.stretches[i], &progress);
	ExecDropSingleTupleTableSlot(progress.slot);
	return progress.full || progress.fetched < limit;
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
