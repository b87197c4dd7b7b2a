/*
 * page_walk.h: making a page by walking along an index in the order that is wanted.
 */
#ifndef UD_SEARCH_PAGE_WALK_H
#define UD_SEARCH_PAGE_WALK_H

#include "search/page.h"

typedef struct UdWalk UdWalk;

/*
 * ud_walk_prepare looks whether the page of a started query can be made by a walk: the query is a
 * plain scan of one table with a single sort key, a column or an expression, and an index of the
 * table holds that and then the id, both in the order that a sort has. Returns NULL if not.
 *
 * The walk uses the query's own conditions, privileges and row security, checked when it started.
 */
extern UdWalk *ud_walk_prepare(const UdPage *page, QueryDesc *query);

/* ud_walk_rows returns how many rows the walked table has, as last counted; 0 if unknown. */
extern double ud_walk_rows(const UdWalk *walk);

/* ud_walk_has_bitmap returns whether the plan finds the matches by bitmaps of indexes. */
extern bool ud_walk_has_bitmap(const UdWalk *walk);

/*
 * ud_walk_run walks until the page is full, fetching every row on the way and checking the
 * conditions on it. Gives up and returns false after limit rows.
 */
extern bool ud_walk_run(UdWalk *walk, UdPage *page, int64 limit);

/*
 * ud_walk_run_bitmap asks the indexes for all matches first, and fetches only those of them that
 * the walk meets. With page->count_all it counts them too.
 */
extern void ud_walk_run_bitmap(UdWalk *walk, UdPage *page);

/* ud_walk_end closes what ud_walk_prepare opened; the query stays open. */
extern void ud_walk_end(UdWalk *walk);

#endif
