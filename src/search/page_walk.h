/*
 * page_walk.h: making a page by walking along an index in the order that is wanted.
 */
#ifndef UD_SEARCH_PAGE_WALK_H
#define UD_SEARCH_PAGE_WALK_H

#include "search/page_members.h"

typedef struct UdWalk UdWalk;

/*
 * ud_walk_prepare looks whether the page of a started query can be made by a walk: the query is a
 * plain scan of one table with a single sort key, a column or an expression, and an index of the
 * table holds that and then the id, both in the order that a sort has. Returns NULL if not.
 */
extern UdWalk *ud_walk_prepare(const UdPage *page, QueryDesc *query);

/* ud_walk_scan returns the scan of the query, while the walk lives. */
extern const UdPageScan *ud_walk_scan(const UdWalk *walk);

/*
 * ud_walk_run walks until the page is full, fetching every row on the way, or those of members if
 * there are any, and checking the conditions on it. Gives up and returns false after limit rows.
 */
extern bool ud_walk_run(UdWalk *walk, UdPage *page, UdTidSet *members, int64 limit);

/* ud_walk_end closes what ud_walk_prepare opened; the query stays open. */
extern void ud_walk_end(UdWalk *walk);

#endif
