/*
 * tid_set.h: the rows of a bitmap, for asking whether one row is among them.
 *
 * PostgreSQL's bitmaps can only be read from the first page to the last. A walk along another index
 * meets the rows in another order and asks for each.
 */
#ifndef UD_SEARCH_TID_SET_H
#define UD_SEARCH_TID_SET_H

#include "nodes/tidbitmap.h"
#include "storage/itemptr.h"

typedef struct UdTidSet UdTidSet;

/* What is known of the rows of one heap page. */
typedef struct UdTidPage
{
	BlockNumber block;
	bool lossy;    /* every row of the page may be meant */
	bool recheck;  /* the condition has to be looked at again */
	uint64 *words; /* one bit for each offset number; unused if lossy */
} UdTidPage;

/* ud_tid_set_build reads a bitmap once; the set lives in the current memory context. */
extern UdTidSet *ud_tid_set_build(TIDBitmap *bitmap);

/* ud_tid_set_has returns whether a row is in the set, or may be, if its page is lossy. */
extern bool ud_tid_set_has(UdTidSet *set, ItemPointer tid);

/* ud_tid_set_npages and ud_tid_set_page enumerate the pages in the order of their numbers. */
extern int ud_tid_set_npages(const UdTidSet *set);
extern const UdTidPage *ud_tid_set_page(const UdTidSet *set, int number);

/* ud_tid_set_count returns how many rows are in the set, if a lossy page has so many as given. */
extern double ud_tid_set_count(const UdTidSet *set, double rows_per_page);

/* ud_tid_page_has returns whether an offset of the page is in the set, or may be. */
extern bool ud_tid_page_has(const UdTidPage *page, OffsetNumber offset);

/*
 * ud_tid_page_next returns the first offset behind another one that is in the set or may be;
 * InvalidOffsetNumber comes before the first and after the last.
 */
extern OffsetNumber ud_tid_page_next(const UdTidPage *page, OffsetNumber offset);

#endif
