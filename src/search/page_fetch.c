/*
 * page_fetch.c: choosing how a page is made.
 *
 * Where the planner expects so many matches that they are met soon, the page is made by walking
 * along an index in the order that is wanted. Otherwise the indexes are asked for all matches. What
 * they name is then known and no longer estimated: few rows are fetched and sorted, and of many
 * those are fetched that the walk meets.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "executor/execdesc.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "nodes/plannodes.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "search/page.h"
#include "search/page_walk.h"

/*
 * What the ways cost, in microseconds for a row, roughly as on a million users in memory. A row
 * that is fetched to be sorted has to be read and checked; the walk reads its rows mostly in the
 * order in which they were written.
 */
#define SORT_ROW  2.0
#define WALK_ROW  0.5
#define COUNT_ROW 1.0  /* read and checked in the table's order */
#define ASK_ROW   0.2  /* named by the indexes */
#define STEP_ROW  0.05 /* an entry that the walk steps over */

/* So many rows more than expected are no reason to give up a walk. */
#define GRACE_ROWS 2000

/* Where no walk is possible, more matches than these are for the planner to order. */
#define FEW_MATCHES 3000

/* No page is larger. */
#define MOST_IDS 1000000

/* How much longer than expected a walk may take before it gives up. */
#define PATIENCE 4

/* expect_walk estimates how many rows a walk meets until the page is full. */
static double
expect_walk(const UdPage *page, const UdPageScan *scan)
{
	return (double)(page->skip + page->size) * Max(ud_page_scan_rows(scan), 1) /
		   Max(page->estimate, 1);
}

/*
 * make_of_members makes the page of the rows that the indexes name. A filter beside the indexes
 * takes some of them away, but not before they are fetched.
 */
static void
make_of_members(UdPage *page, UdWalk *walk, TupleDesc row)
{
	const UdPageScan *scan = ud_walk_scan(walk);
	UdTidSet *members = ud_page_members_ask(scan);
	const double named = ud_page_members_expect(scan, members);
	double to_fetch;

	if (scan->node->ps.qual == NULL || named < page->estimate)
		page->estimate = named;
	to_fetch = (double)(page->skip + page->size) * Max(named / Max(page->estimate, 1), 1);
	if (expect_walk(page, scan) * STEP_ROW + to_fetch * SORT_ROW < named * SORT_ROW)
	{
		if (page->count_all)
			page->total = ud_page_members_count(scan, members);
		ud_walk_run(walk, page, members, PG_INT64_MAX);
	}
	else
		ud_page_members_sort(scan, members, page, row);
}

/*
 * make_along makes the page along an index, or of what the indexes name; returns false where no
 * index serves the query and a walk does not promise to be fast, or did not keep the promise. The
 * other ways have seen all matches in the end; a walk has not, and who wants them counted pays for
 * it.
 */
static bool
make_along(UdPage *page, UdWalk *walk, TupleDesc row)
{
	const UdPageScan *scan = ud_walk_scan(walk);
	const bool has_index = ud_page_scan_has_index(scan);
	const double steps = expect_walk(page, scan);
	const double walked = steps * WALK_ROW + (page->count_all ? page->estimate * COUNT_ROW : 0);

	if (walked < page->estimate * (has_index ? ASK_ROW : SORT_ROW) &&
		ud_walk_run(walk, page, NULL, (int64)(steps * PATIENCE) + GRACE_ROWS))
		return true;
	if (has_index)
		make_of_members(page, walk, row);
	return has_index;
}

/* order_by writes the query with its order and limit, for the planner to find the way. */
static char *
order_by(const UdPage *page, const char *sql)
{
	StringInfoData ordered;

	initStringInfo(&ordered);
	appendStringInfo(&ordered, "%s ORDER BY ", sql);
	for (int i = 0; i < page->nkeys; i++)
		appendStringInfo(&ordered, "%d %s, ", i + 2,
						 page->descending[i] ? "DESC NULLS LAST" : "ASC");
	appendStringInfo(&ordered, "1 %s LIMIT %d OFFSET " INT64_FORMAT,
					 page->nkeys > 0 && page->descending[0] ? "DESC" : "ASC", page->size,
					 page->skip);
	return ordered.data;
}

/* make_by_plan leaves the whole of it to the planner. */
static void
make_by_plan(UdPage *page, const char *sql)
{
	QueryDesc *query = ud_query_open(order_by(page, sql));

	ud_page_collect(page, query);
	ud_query_close(query);
}

/* fetch_page makes the page. */
static void
fetch_page(UdPage *page, const char *sql)
{
	QueryDesc *query = ud_query_open(sql);
	UdWalk *walk;
	bool done = false;

	ud_page_check(page, query);
	walk = ud_walk_prepare(page, query);
	page->estimate = query->plannedstmt->planTree->plan_rows;
	if (walk != NULL)
	{
		done = make_along(page, walk, query->tupDesc);
		if (done && page->count_all && page->total < 0)
			ud_page_count(page, query);
		ud_walk_end(walk);
	}
	if (!done && (walk != NULL || page->count_all || page->estimate <= FEW_MATCHES))
	{
		ud_page_sort(page, query);
		done = true;
	}
	ud_query_close(query);
	if (!done)
		make_by_plan(page, sql);
}

/* get_descending reads the array of directions. */
static void
get_descending(UdPage *page, ArrayType *array)
{
	Datum *values;
	bool *nulls;
	bool *descending;

	deconstruct_array(array, BOOLOID, 1, true, TYPALIGN_CHAR, &values, &nulls, &page->nkeys);
	descending = palloc(sizeof(bool) * Max(page->nkeys, 1));
	for (int i = 0; i < page->nkeys; i++)
		descending[i] = !nulls[i] && DatumGetBool(values[i]);
	page->descending = descending;
}

static char *
get_optional_text(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(argument));
}

UD_FUNCTION(userdir__fetch_page);

/*
 * userdir__fetch_page makes one page of the rows of a query; see page.h for what it has to look
 * like.
 *
 * Arguments: the query; a direction for each of its sort keys, true is descending; how many rows
 * to skip; how many to return; whether all are to be counted; the first key and the id of the place
 * behind which the page begins, or nulls.
 * Result: the ids in their order; the number of all rows, null when they were not counted; the
 * planner's estimate of it; how the page was made. It runs with the rights of the caller, who may
 * be anybody. Errors: 22023 for too large a page, 42804 for a query of other columns,
 * 22004 for a row without an id.
 */
Datum
userdir__fetch_page(PG_FUNCTION_ARGS)
{
	char *sql;
	UdPage page = {0};
	TupleDesc result;
	Datum values[4];
	bool nulls[4] = {false};

	for (int i = 0; i < 5; i++)
	{
		if (PG_ARGISNULL(i))
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("argument %d of _fetch_page is null", i + 1)));
	}
	sql = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (get_call_result_type(fcinfo, NULL, &result) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	get_descending(&page, PG_GETARG_ARRAYTYPE_P(1));
	page.size = Max(PG_GETARG_INT32(3), 0);
	if (page.size > MOST_IDS)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a page has at most %d rows", MOST_IDS)));
	page.skip = Min(Max(PG_GETARG_INT64(2), 0), PG_INT64_MAX - page.size);
	page.count_all = PG_GETARG_BOOL(4);
	page.start = get_optional_text(fcinfo, 5);
	page.start_id = get_optional_text(fcinfo, 6);
	page.total = -1;
	fetch_page(&page, sql);

	values[0] =
		PointerGetDatum(construct_array(page.ids, page.nids, TEXTOID, -1, false, TYPALIGN_INT));
	values[1] = Int64GetDatum(page.total);
	nulls[1] = page.total < 0;
	values[2] = Float8GetDatum(page.estimate);
	values[3] = CStringGetTextDatum(page.how);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(result), values, nulls)));
}
