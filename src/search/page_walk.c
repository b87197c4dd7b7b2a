/*
 * page_walk.c: making a page by walking along an index in the order that is wanted.
 */
#include "base/userdir.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "access/tableam.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "search/page_order.h"
#include "search/page_walk.h"

struct UdWalk
{
	UdPageScan scan;
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

UdWalk *
ud_walk_prepare(const UdPage *page, QueryDesc *query)
{
	UdPageScan scan;
	UdPageOrder order;
	UdWalk *walk;

	if (page->nkeys != 1 || !ud_page_scan_find(&scan, query) ||
		!ud_page_order_find(&order, scan.node))
		return NULL;

	walk = palloc(sizeof(UdWalk));
	walk->scan = scan;
	walk->order = order;
	walk->descending = page->descending[0];
	return walk;
}

const UdPageScan *
ud_walk_scan(const UdWalk *walk)
{
	return &walk->scan;
}

void
ud_walk_end(UdWalk *walk)
{
	index_close(walk->order.index, AccessShareLock);
	pfree(walk);
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
	IndexScanDesc scan = ud_index_beginscan(walk->scan.table, walk->order.index,
											walk->scan.snapshot, stretch->nkeys);
	ItemPointer tid;

	index_rescan(scan, stretch->keys, stretch->nkeys, NULL, 0);
	while (!progress->full && progress->fetched < progress->limit &&
		   (tid = index_getnext_tid(scan, direction)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		if (progress->members != NULL && !ud_tid_set_has(progress->members, tid))
			continue;
		progress->fetched++;
		if (index_fetch_heap(scan, progress->slot) &&
			ud_page_scan_meets(&walk->scan, progress->slot, false))
			progress->full = take_row(walk, page, progress->slot, &progress->skipped);
	}
	index_endscan(scan);
}

bool
ud_walk_run(UdWalk *walk, UdPage *page, UdTidSet *members, int64 limit)
{
	Progress progress = {.members = members, .limit = limit, .full = page->size == 0};
	Stretches all;

	page->how = members != NULL ? "walked by bitmap" : "walked";
	ud_page_begin_ids(page);
	progress.slot = table_slot_create(walk->scan.table, NULL);
	plan_stretches(walk, page, &all);
	for (int i = 0; i < all.count; i++)
		walk_stretch(walk, page, &all.stretches[i], &progress);
	ExecDropSingleTupleTableSlot(progress.slot);
	return progress.full || progress.fetched < limit;
}
