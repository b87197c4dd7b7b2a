/*
 * page_members.h: the rows that the indexes of a query name as its matches, before any is fetched.
 *
 * How many they are tells better than an estimate which way a page is made best.
 */
#ifndef UD_SEARCH_PAGE_MEMBERS_H
#define UD_SEARCH_PAGE_MEMBERS_H

#include "nodes/execnodes.h"

#include "search/page.h"
#include "search/tid_set.h"

/*
 * The one scan that a query is. Whoever reads the table on its behalf uses the query's own
 * conditions, privileges and row security, which were checked when it started.
 */
typedef struct UdPageScan
{
	ScanState *node;
	ExprState *lossy; /* what an index condition has to be checked by, or NULL */
	Relation table;   /* opened and locked by the query */
	Snapshot snapshot;
} UdPageScan;

/* ud_page_scan_find returns false unless a started query is a plain scan of one table. */
extern bool ud_page_scan_find(UdPageScan *scan, QueryDesc *query);

/* ud_page_scan_rows returns how many rows the table has, as last counted; 0 if unknown. */
extern double ud_page_scan_rows(const UdPageScan *scan);

/* ud_page_scan_has_index returns whether the plan finds the matches by indexes. */
extern bool ud_page_scan_has_index(const UdPageScan *scan);

/*
 * ud_page_scan_meets checks a row against everything that the query asks; is_sure: an index has
 * answered its part of the conditions for this row.
 */
extern bool ud_page_scan_meets(const UdPageScan *scan, TupleTableSlot *slot, bool is_sure);

/* ud_page_members_ask asks the indexes of a scan that has some. It may be called once. */
extern UdTidSet *ud_page_members_ask(const UdPageScan *scan);

/* ud_page_members_expect returns how many rows the members are, roughly where there are many. */
extern double ud_page_members_expect(const UdPageScan *scan, const UdTidSet *members);

/* ud_page_members_count counts the matches among the members. */
extern int64 ud_page_members_count(const UdPageScan *scan, const UdTidSet *members);

/* ud_page_members_sort makes a page by fetching all members; its total is exact then. */
extern void ud_page_members_sort(const UdPageScan *scan, const UdTidSet *members, UdPage *page,
								 TupleDesc row);

#endif
