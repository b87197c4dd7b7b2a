/*
 * page_order.h: finding the index that holds the rows of a scan in the order of a page.
 */
#ifndef UD_SEARCH_PAGE_ORDER_H
#define UD_SEARCH_PAGE_ORDER_H

#include "base/userdir.h"

#include "nodes/execnodes.h"

typedef struct UdPageOrder
{
	Relation index; /* opened and locked */
	Oid types[2];   /* of the sort key and the id */
	AttrNumber id;  /* the id's column in the table */
	bool nullable;  /* the sort key may be null */
} UdPageOrder;

/*
 * ud_page_order_find looks for a B-tree of a scanned table that holds all its rows by what the scan
 * returns second, the sort key, and then by what it returns first, the id.
 *
 * The sort key may be a column or an expression, the id has to be a column. Returns false, with
 * nothing opened, if there is none.
 */
extern bool ud_page_order_find(UdPageOrder *order, const ScanState *scan);

#endif
