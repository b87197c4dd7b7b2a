/*
 * page_sort.c: making a page of rows that a query brings: sorted here, or in their order already.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/tuplesort.h"
#include "utils/typcache.h"

#include "search/page.h"

void
ud_page_check(const UdPage *page, QueryDesc *query)
{
	TupleDesc row = query->tupDesc;

	if (row->natts != page->nkeys + 1 || TupleDescAttr(row, 0)->atttypid != TEXTOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the query of a page must return a text and %d sort keys", page->nkeys)));
}

void
ud_page_begin_ids(UdPage *page)
{
	page->ids = palloc(sizeof(Datum) * Max(page->size, 1));
	page->nids = 0;
}

void
ud_page_add_id(UdPage *page, Datum id, bool isnull)
{
	if (isnull)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("the query of a page returned a row without an id")));
	page->ids[page->nids++] = datumCopy(id, false, -1);
}

/* Counts the rows of a query, and takes them into a sort if there is one. */
typedef struct Collector
{
	DestReceiver receiver; /* has to be the first */
	Tuplesortstate *sort;  /* NULL: counting is all */
	int64 count;
} Collector;

static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	Collector *collector = (Collector *)self;

	collector->count++;
	if (collector->sort != NULL)
		tuplesort_puttupleslot(collector->sort, slot);
	return true;
}

static void
ignore_start(DestReceiver *self, int operation, TupleDesc row)
{
}

static void
ignore_end(DestReceiver *self)
{
}

static Oid
find_order(Oid type, bool descending)
{
	TypeCacheEntry *entry = lookup_type_cache(type, TYPECACHE_LT_OPR | TYPECACHE_GT_OPR);

	return descending ? entry->gt_opr : entry->lt_opr;
}

/* The rows are sorted by the keys and then the id, which follows the first key's direction. */
Tuplesortstate *
ud_page_sort_begin(const UdPage *page, TupleDesc row)
{
	int n = page->nkeys + 1;
	AttrNumber *columns = palloc(sizeof(AttrNumber) * n);
	Oid *orders = palloc(sizeof(Oid) * n);
	Oid *collations = palloc(sizeof(Oid) * n);
	bool *nulls_first = palloc0(sizeof(bool) * n);
	Tuplesortstate *sort;

	for (int i = 0; i < n; i++)
	{
		const bool is_id = (i == page->nkeys);
		const bool descending =
			is_id ? (page->nkeys > 0 && page->descending[0]) : page->descending[i];
		Form_pg_attribute column;

		columns[i] = is_id ? 1 : i + 2;
		column = TupleDescAttr(row, columns[i] - 1);
		orders[i] = find_order(column->atttypid, descending);
		if (!OidIsValid(orders[i]))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_FUNCTION),
					 errmsg("values of type %s have no order", format_type_be(column->atttypid))));
		collations[i] = column->attcollation;
	}
	sort = tuplesort_begin_heap(row, n, columns, orders, collations, nulls_first, work_mem, NULL,
								TUPLESORT_ALLOWBOUNDED);
	tuplesort_set_bound(sort, Max(page->skip + page->size, 1));
	return sort;
}

/* take_sorted reads the page out of a sort that is done. */
static void
take_sorted(UdPage *page, Tuplesortstate *sort, TupleDesc row)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(row, &TTSOpsMinimalTuple);

	ud_page_begin_ids(page);
	tuplesort_skiptuples(sort, page->skip, true);
	while (page->nids < page->size && tuplesort_gettupleslot(sort, true, false, slot, NULL))
	{
		bool isnull;
		Datum id = slot_getattr(slot, 1, &isnull);

		ud_page_add_id(page, id, isnull);
	}
	ExecDropSingleTupleTableSlot(slot);
}

void
ud_page_sort_end(UdPage *page, Tuplesortstate *sort, TupleDesc row)
{
	tuplesort_performsort(sort);
	take_sorted(page, sort, row);
	tuplesort_end(sort);
	page->how = "sorted";
}

/* collect_rows runs a query to its end, with a sort for its rows or NULL. */
static void
collect_rows(UdPage *page, QueryDesc *query, Tuplesortstate *sort)
{
	Collector collector = {{receive_row, ignore_start, ignore_end, ignore_end, DestNone}, sort, 0};

	ud_query_run(query, &collector.receiver);
	page->total = collector.count;
}

void
ud_page_sort(UdPage *page, QueryDesc *query)
{
	Tuplesortstate *sort = ud_page_sort_begin(page, query->tupDesc);

	collect_rows(page, query, sort);
	ud_page_sort_end(page, sort, query->tupDesc);
}

void
ud_page_count(UdPage *page, QueryDesc *query)
{
	collect_rows(page, query, NULL);
}

/* Takes the ids of rows that come in their order already. */
typedef struct IdCollector
{
	DestReceiver receiver; /* has to be the first */
	UdPage *page;
	MemoryContext context;
} IdCollector;

static bool
receive_id(TupleTableSlot *slot, DestReceiver *self)
{
	IdCollector *collector = (IdCollector *)self;
	UdPage *page = collector->page;
	MemoryContext caller = MemoryContextSwitchTo(collector->context);
	bool isnull;
	Datum id = slot_getattr(slot, 1, &isnull);

	ud_page_add_id(page, id, isnull);
	MemoryContextSwitchTo(caller);
	return page->nids < page->size;
}

void
ud_page_collect(UdPage *page, QueryDesc *query)
{
	IdCollector collector = {
		{receive_id, ignore_start, ignore_end, ignore_end, DestNone}, page, CurrentMemoryContext};

	ud_page_begin_ids(page);
	page->how = "planned";
	if (page->size > 0)
		ud_query_run(query, &collector.receiver);
}
