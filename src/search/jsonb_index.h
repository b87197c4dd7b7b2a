/*
 * jsonb_index.h: the indexes of JSON documents that know all rows of a table.
 */
#ifndef UD_SEARCH_JSONB_INDEX_H
#define UD_SEARCH_JSONB_INDEX_H

#include "base/userdir.h"

#include "access/attnum.h"
#include "nodes/pathnodes.h"
#include "storage/off.h"

#include "search/jsonb_paths.h"
#include "search/jsonb_search_keys.h"

/* How many counts stay known of an index. */
#define UD_JSONB_INDEX_COUNTS 64

/* One column of an index, as it was when it was looked at first. */
typedef struct UdJsonbIndex
{
	Oid index;
	OffsetNumber attnum;
	Oid family;                /* of operators */
	const UdJsonbPaths *paths; /* that it covers; NULL: all */
	double pending;            /* rows that wait to get into the tree of keys */

	MemoryContext context; /* that all this lives in */
	int ncounts;
	struct UdJsonbIndexCount *counts[UD_JSONB_INDEX_COUNTS];
} UdJsonbIndex;

/*
 * ud_jsonb_index_list returns the indexes, as UdJsonbIndex, on a column of a table that is locked
 * already. Partial indexes are not among them, as they do not know all rows.
 *
 * root: a statement that is being planned; its memo keeps them, and what they are found to hold.
 * With NULL they live in the current context.
 */
extern List *ud_jsonb_index_list(const PlannerInfo *root, Oid table, AttrNumber column);

/* ud_jsonb_index_recall returns whether it is known how many rows a search key finds. */
extern bool ud_jsonb_index_recall(const UdJsonbIndex *index, const UdJsonbSearchKey *search,
								  double *rows);

/* ud_jsonb_index_keep lets it be known. */
extern void ud_jsonb_index_keep(UdJsonbIndex *index, const UdJsonbSearchKey *search, double rows);

#endif
