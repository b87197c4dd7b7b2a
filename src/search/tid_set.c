/*
 * tid_set.c: the rows of a bitmap, for asking whether one row is among them.
 */
#include "base/userdir.h"

#include "access/htup_details.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "search/tid_set.h"

#define WORD_BITS 64
#define WORDS     ((MaxHeapTuplesPerPage + WORD_BITS) / WORD_BITS)

/*
 * The pages, sorted, because a bitmap is read in their order. A walk in the order of creation
 * meets mostly the same page as before, or one near it.
 */
struct UdTidSet
{
	int npages;
	int nlossy;
	double nexact; /* rows of the pages that are not lossy */
	int room;
	UdTidPage *pages;
	int last_found;
};

static UdTidPage *
append_page(UdTidSet *set, BlockNumber block)
{
	UdTidPage *page;

	if (set->npages == set->room)
	{
		set->room *= 2;
		set->pages = repalloc_huge(set->pages, sizeof(UdTidPage) * (Size)set->room);
	}
	page = &set->pages[set->npages++];
	page->block = block;
	page->lossy = false;
	page->recheck = false;
	page->words = NULL;
	return page;
}

static void
fill_page(UdTidPage *page, const OffsetNumber *offsets, int noffsets)
{
	page->words = palloc0(sizeof(uint64) * WORDS);
	for (int i = 0; i < noffsets; i++)
		page->words[offsets[i] / WORD_BITS] |= UINT64CONST(1) << (offsets[i] % WORD_BITS);
}

UdTidSet *
ud_tid_set_build(TIDBitmap *bitmap)
{
	UdTidSet *set = palloc(sizeof(UdTidSet));
	UdBitmapIterator *iterator = ud_bitmap_begin(bitmap);
	OffsetNumber offsets[MaxHeapTuplesPerPage];
	BlockNumber block;
	int noffsets;
	bool recheck;

	set->npages = 0;
	set->nlossy = 0;
	set->nexact = 0;
	set->room = 64;
	set->pages = palloc(sizeof(UdTidPage) * set->room);
	set->last_found = 0;

	while (ud_bitmap_next(iterator, &block, offsets, MaxHeapTuplesPerPage, &noffsets, &recheck))
	{
		UdTidPage *page = append_page(set, block);

		CHECK_FOR_INTERRUPTS();
		page->recheck = recheck;
		page->lossy = noffsets < 0;
		if (page->lossy)
			set->nlossy++;
		else
		{
			set->nexact += noffsets;
			fill_page(page, offsets, noffsets);
		}
	}
	ud_bitmap_end(iterator);
	return set;
}

bool
ud_tid_page_has(const UdTidPage *page, OffsetNumber offset)
{
	if (page->lossy)
		return true;
	if (offset > MaxHeapTuplesPerPage)
		return false;
	return (page->words[offset / WORD_BITS] >> (offset % WORD_BITS)) & 1;
}

OffsetNumber
ud_tid_page_next(const UdTidPage *page, OffsetNumber offset)
{
	int next = offset + 1;

	if (page->lossy)
		return next <= MaxHeapTuplesPerPage ? (OffsetNumber)next : InvalidOffsetNumber;
	for (int word = next / WORD_BITS; word < WORDS; word++, next = word * WORD_BITS)
	{
		uint64 behind = page->words[word] >> (next % WORD_BITS);

		if (behind != 0)
			return (OffsetNumber)(next + pg_rightmost_one_pos64(behind));
	}
	return InvalidOffsetNumber;
}

bool
ud_tid_set_has(UdTidSet *set, ItemPointer tid)
{
	const BlockNumber block = ItemPointerGetBlockNumber(tid);
	int low = 0;
	int high = set->npages;

	if (set->npages == 0)
		return false;
	if (set->pages[set->last_found].block == block)
		return ud_tid_page_has(&set->pages[set->last_found], ItemPointerGetOffsetNumber(tid));

	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (set->pages[middle].block < block)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == set->npages || set->pages[low].block != block)
		return false;
	set->last_found = low;
	return ud_tid_page_has(&set->pages[low], ItemPointerGetOffsetNumber(tid));
}

int
ud_tid_set_npages(const UdTidSet *set)
{
	return set->npages;
}

const UdTidPage *
ud_tid_set_page(const UdTidSet *set, int number)
{
	return &set->pages[number];
}

double
ud_tid_set_count(const UdTidSet *set, double rows_per_page)
{
	return set->nexact + set->nlossy * rows_per_page;
}
