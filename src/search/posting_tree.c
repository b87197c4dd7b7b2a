/*
 * posting_tree.c: how many rows a GIN index has under a key that has a tree of them.
 */
#include "base/userdir.h"

#include "access/gin_private.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

#include "search/posting_tree.h"

/*
 * count_ends counts the bytes below 0x80 among few, eight at a time: in each of the eight bytes of
 * ends there is room for as many as a piece of a posting list can have.
 */
static int
count_ends(const unsigned char *bytes, int length)
{
	const uint64 lowest_bits = UINT64CONST(0x0101010101010101);
	const uint64 every_other = UINT64CONST(0x00ff00ff00ff00ff);
	uint64 ends = 0;
	uint64 eight;
	int i = 0;
	int rest = 0;

	for (; i + 8 <= length && i < 255 * 8; i += 8)
	{
		memcpy(&eight, bytes + i, sizeof(eight));
		ends += (~eight >> 7) & lowest_bits;
	}
	for (; i < length; i++)
		rest += bytes[i] < 0x80;
	ends = (ends & every_other) + ((ends >> 8) & every_other);
	return rest + (int)((ends * UINT64CONST(0x0001000100010001)) >> 48);
}

/*
 * count_leaf counts the rows on a leaf of a posting tree. Each piece has its first row as it is,
 * and a delta to each further one, whose last byte alone is below 0x80.
 */
static double
count_leaf(Page page)
{
	const char *at = (const char *)GinDataLeafPageGetPostingList(page);
	const char *end = at + GinDataLeafPageGetPostingListSize(page);
	double rows = 0;

	if (!GinPageIsCompressed(page))
		return GinPageGetOpaque(page)->maxoff;
	while (at < end)
	{
		const GinPostingList *piece = (const GinPostingList *)at;

		if (piece->nbytes > end - at)
			break;
		rows += 1 + count_ends(piece->bytes, piece->nbytes);
		at += SizeOfGinPostingList(piece);
	}
	return rows;
}

double
ud_posting_tree_rows(Relation index, BlockNumber block, int leaves)
{
	Buffer buffer = ReadBuffer(index, block);
	BlockNumber children[UD_POSTING_TREE_MOST_LEAVES];
	int nchildren;
	int taken;
	double rows = 0;
	Page page;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	LockBuffer(buffer, GIN_SHARE);
	page = BufferGetPage(buffer);

	/* VACUUM may have taken the page out of the tree since its parent was read */
	if (!GinPageIsData(page) || GinPageIsDeleted(page))
	{
		UnlockReleaseBuffer(buffer);
		return 0;
	}
	if (GinPageIsLeaf(page))
	{
		rows = count_leaf(page);
		UnlockReleaseBuffer(buffer);
		return rows;
	}
	nchildren = GinPageGetOpaque(page)->maxoff;
	taken = Min(nchildren, Min(leaves, UD_POSTING_TREE_MOST_LEAVES));
	for (int i = 0; i < taken; i++)
	{
		int child = (2 * i + 1) * nchildren / (2 * taken) + 1;

		children[i] = PostingItemGetBlockNumber(GinDataPageGetPostingItem(page, child));
	}
	UnlockReleaseBuffer(buffer);
	for (int i = 0; i < taken; i++)
		rows += ud_posting_tree_rows(index, children[i], Max(leaves / 2, 1));
	return taken == 0 ? 0 : rows / taken * nchildren;
}
