/*
 * page.h: one page of the rows of a query, in an order, and how many rows there are.
 *
 * A query for a page is a SELECT of one table's rows: first the id that is wanted, then the sort
 * keys in their order. It has no ORDER BY and no LIMIT of its own, so that its plan tells what
 * finding all matches would cost, whichever way the page is then made.
 */
#ifndef UD_SEARCH_PAGE_H
#define UD_SEARCH_PAGE_H

#include "base/query.h"
#include "utils/tuplesort.h"

typedef struct UdPage
{
	/* what is wanted */
	int nkeys;              /* sort keys: columns 2 to nkeys + 1; the id always comes last */
	const bool *descending; /* one for each key; nulls stand last in both directions */
	int64 skip;
	int size;
	bool count_all; /* whether the total is to be exact */
	/* the place behind which the page begins, as texts; the query itself leaves out the rest */
	const char *start;    /* its first key; NULL is null, or no place */
	const char *start_id; /* its id; NULL: no place */

	/* what was found */
	Datum *ids; /* texts */
	int nids;
	double estimate; /* the planner's, of all matches */
	int64 total;     /* -1 when it was not counted */
	const char *how; /* "sorted", "walked", "walked by bitmap" or "planned" */
} UdPage;

/*
 * ud_page_check raises an error unless a started query has the columns of a query for the page: a
 * text, and a column for each of the sort keys. Errors: 42804.
 */
extern void ud_page_check(const UdPage *page, QueryDesc *query);

/* ud_page_begin_ids makes room for the page's ids, of which there are none at first. */
extern void ud_page_begin_ids(UdPage *page);

/* ud_page_add_id adds a copy of an id, in the current context. Errors: 22004 for a null. */
extern void ud_page_add_id(UdPage *page, Datum id, bool isnull);

/* ud_page_sort_begin begins a sort that keeps no more rows of a query than the page needs. */
extern Tuplesortstate *ud_page_sort_begin(const UdPage *page, TupleDesc row);

/* ud_page_sort_end sorts, and reads the page. */
extern void ud_page_sort_end(UdPage *page, Tuplesortstate *sort, TupleDesc row);

/* ud_page_sort runs a query to its end and sorts what comes; the total is exact then. */
extern void ud_page_sort(UdPage *page, QueryDesc *query);

/* ud_page_count runs a query to its end for nothing but the total. */
extern void ud_page_count(UdPage *page, QueryDesc *query);

/* ud_page_collect takes the ids of a query as they come, which has to bring no other rows. */
extern void ud_page_collect(UdPage *page, QueryDesc *query);

#endif
