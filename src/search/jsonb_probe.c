/*
 * jsonb_probe.c: how many rows an index of JSON documents holds under a key, or between two.
 *
 * An exact key is found by descending the tree of keys. A walk begins so too, and reads some pages
 * to the right. If it has not ended then, its end is looked up, and the way to its beginning and
 * the way to its end show about how many pages lie between: where the ways part, the children
 * between them can be counted, and below that each page of a way tells how many children it has on
 * the side that belongs to the walk. Of the pages between, some at even distances are read.
 */
#include "base/userdir.h"

#include "access/genam.h"
#include "access/gin_private.h"
#include "catalog/pg_type_d.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "base/memory_arena.h"
#include "search/jsonb_cover.h"
#include "search/jsonb_gin.h"
#include "search/jsonb_index.h"
#include "search/jsonb_probe.h"
#include "search/posting_tree.h"

/* Leaf pages that a walk reads in full, and of those that follow; more where few keys may match */
#define PAGES_IN_FULL         4
#define PAGES_SAMPLED         8
#define PAGES_SAMPLED_PATTERN 16

/* Posting trees that one walk looks at, and how many leaves of a tree if it is the only one */
#define TREES_OF_A_WALK  16
#define LEAVES_OF_A_TREE 4

/* No tree of keys gets deeper. */
#define MAX_LEVELS 16

struct UdJsonbProbe
{
	UdJsonbIndex *known;
	Relation index; /* NULL: not opened, as state */
	GinState *state;
	OffsetNumber attnum;
	double rows;
	int counts;
};

/* The way from the root to a leaf: which child was taken on each inner page. */
typedef struct Step
{
	BlockNumber block;
	int child; /* from 0 */
	int children;
} Step;

typedef struct Way
{
	int nsteps;
	Step steps[MAX_LEVELS];
} Way;

/* What a walk has seen. */
typedef struct Tally
{
	double rows;      /* of the matching keys */
	double keys;      /* that match */
	int trees;        /* posting trees that were looked at */
	double tree_rows; /* in these */
	int trees_passed; /* posting trees that were not */
	bool ended;       /* the walk's end was reached */
	BlockNumber next; /* the page to the right of the last one */
} Tally;

/*
 * Opening
 */

/* covered_part returns what of a query an index can tell: of NULL all or nothing, see the header.
 */
static const UdQueryNode *
covered_part(const UdJsonbIndex *index, const UdQueryNode *query)
{
	UdArena arena = ud_memory_arena(CurrentMemoryContext);

	return query == NULL ? NULL : ud_jsonb_cover_query(query, index->paths, &arena);
}

/* best_index returns the index to ask, NULL if there is none. */
static UdJsonbIndex *
best_index(List *indexes, double rows, const UdQueryNode *query, const UdQueryNode **covered)
{
	UdJsonbIndex *best = NULL;
	ListCell *cell;

	foreach (cell, indexes)
	{
		UdJsonbIndex *index = lfirst(cell);
		const UdQueryNode *part;

		if (index->pending > rows / 2)
			continue;
		part = covered_part(index, query);
		if (index->paths == NULL || (part != NULL && (best == NULL || part == query)))
		{
			best = index;
			*covered = part;
			if (index->paths == NULL || part == query)
				break;
		}
	}
	return best;
}

UdJsonbProbe *
ud_jsonb_probe_open(const PlannerInfo *root, Oid table, AttrNumber column, double rows,
					const UdQueryNode *query, const UdQueryNode **covered)
{
	UdJsonbIndex *index;
	UdJsonbProbe *probe;

	if (rows <= 0)
		return NULL;
	index = best_index(ud_jsonb_index_list(root, table, column), rows, query, covered);
	if (index == NULL)
		return NULL;
	probe = palloc(sizeof(UdJsonbProbe));
	probe->known = index;
	probe->index = NULL;
	probe->state = NULL;
	probe->attnum = index->attnum;
	probe->rows = rows - index->pending;
	probe->counts = 0;
	return probe;
}

/* open_index opens the index of a probe, which is needed for what is not known yet. */
static void
open_index(UdJsonbProbe *probe)
{
	if (probe->index != NULL)
		return;
	probe->index = index_open(probe->known->index, AccessShareLock);
	probe->state = palloc(sizeof(GinState));
	initGinState(probe->state, probe->index);
}

void
ud_jsonb_probe_close(UdJsonbProbe *probe)
{
	if (probe->index != NULL)
		index_close(probe->index, AccessShareLock);
}

double
ud_jsonb_probe_rows(const UdJsonbProbe *probe)
{
	return probe->rows;
}

Oid
ud_jsonb_probe_operator(const UdJsonbProbe *probe, bool is_value, Oid type)
{
	return get_opfamily_member(probe->known->family, JSONBOID, type,
							   is_value ? UD_JSONB_VALUE_STRATEGY : UD_JSONB_DOCUMENT_STRATEGY);
}

int
ud_jsonb_probe_counts(const UdJsonbProbe *probe)
{
	return probe->counts;
}

/*
 * Going through the tree of keys
 */

/* lock_key_page returns the share-locked page of the tree of keys, having moved right if it split.
 */
static Buffer
lock_key_page(GinBtree tree, BlockNumber block)
{
	Buffer buffer = ReadBuffer(tree->index, block);

	LockBuffer(buffer, GIN_SHARE);
	while (!GinPageRightMost(BufferGetPage(buffer)) &&
		   tree->isMoveRight(tree, BufferGetPage(buffer)))
		buffer = ginStepRight(buffer, tree->index, GIN_SHARE);
	return buffer;
}

/* key_datum makes a value of type bytea of a key in target, which has room for every one. */
static Datum
key_datum(const UdJsonbKey *key, char *target)
{
	SET_VARSIZE_SHORT(target, key->length + VARHDRSZ_SHORT);
	memcpy(VARDATA_SHORT(target), key->bytes, (size_t)key->length);
	return PointerGetDatum(target);
}

/*
 * descend goes to the leaf where a key belongs, and returns it locked for reading. offset receives
 * where on it the key is or would be; the result is true in found if it is there.
 */
static Buffer
descend(const UdJsonbProbe *probe, const UdJsonbKey *key, Way *way, OffsetNumber *offset,
		bool *found)
{
	char datum[VARHDRSZ_SHORT + UD_JSONB_KEY_MAX];
	GinBtreeData tree;
	GinBtreeStack place = {.blkno = GIN_ROOT_BLKNO};

	ginPrepareEntryScan(&tree, probe->attnum, key_datum(key, datum), GIN_CAT_NORM_KEY,
						probe->state);
	way->nsteps = 0;
	for (;;)
	{
		Page page;
		BlockNumber child;

		CHECK_FOR_INTERRUPTS();
		place.buffer = lock_key_page(&tree, place.blkno);
		place.blkno = BufferGetBlockNumber(place.buffer);
		page = BufferGetPage(place.buffer);
		if (GinPageIsLeaf(page))
			break;
		child = tree.findChildPage(&tree, &place);
		if (way->nsteps == MAX_LEVELS)
			elog(ERROR, "index \"%s\" is too deep", RelationGetRelationName(probe->index));
		way->steps[way->nsteps++] =
			(Step){place.blkno, (int)place.off - 1, (int)PageGetMaxOffsetNumber(page)};
		UnlockReleaseBuffer(place.buffer);
		place.blkno = child;
	}
	*found = tree.findItem(&tree, &place);
	*offset = place.off;
	return place.buffer;
}

/* tally_key adds a matching key; a posting tree's root is kept in trees to be looked at later. */
static void
tally_key(Tally *tally, IndexTuple key, BlockNumber *trees, int *ntrees)
{
	tally->keys++;
	if (!GinIsPostingTree(key))
		tally->rows += GinGetNPosting(key);
	else if (tally->trees + *ntrees < TREES_OF_A_WALK)
		trees[(*ntrees)++] = GinGetPostingTree(key);
	else
		tally->trees_passed++;
}

/*
 * tally_page adds the keys of a locked leaf page, from an offset on, and gives the page back.
 * Posting trees are looked at when it is no longer locked.
 */
static void
tally_page(const UdJsonbProbe *probe, Buffer buffer, OffsetNumber offset, UdJsonbSearchKey *search,
		   Tally *tally)
{
	Page page = BufferGetPage(buffer);
	OffsetNumber last = PageGetMaxOffsetNumber(page);
	BlockNumber trees[TREES_OF_A_WALK];
	int ntrees = 0;

	tally->next = GinPageGetOpaque(page)->rightlink;
	for (; offset <= last && !tally->ended; offset = OffsetNumberNext(offset))
	{
		IndexTuple tuple = (IndexTuple)PageGetItem(page, PageGetItemId(page, offset));
		GinNullCategory category;
		Datum key;
		UdJsonbWalkResult result = UD_JSONB_WALK_END;

		if (gintuple_get_attrnum(probe->state, tuple) == probe->attnum)
		{
			key = gintuple_get_key(probe->state, tuple, &category);
			if (category == GIN_CAT_NORM_KEY)
				result = ud_jsonb_search_key_test(
					search, (UdSpan){VARDATA_ANY(DatumGetPointer(key)),
									 VARSIZE_ANY_EXHDR(DatumGetPointer(key))});
		}
		if (result == UD_JSONB_WALK_MATCH)
			tally_key(tally, tuple, trees, &ntrees);
		tally->ended = result == UD_JSONB_WALK_END;
	}
	if (tally->next == InvalidBlockNumber)
		tally->ended = true;
	UnlockReleaseBuffer(buffer);
	for (int i = 0; i < ntrees; i++)
		tally->tree_rows += ud_posting_tree_rows(probe->index, trees[i], 1);
	tally->trees += ntrees;
}

/* tally_rows returns the rows of a tally, with those in trees that were passed. */
static double
tally_rows(const Tally *tally)
{
	double of_a_tree = tally->trees > 0 ? tally->tree_rows / tally->trees : 0;

	return tally->rows + tally->tree_rows + of_a_tree * tally->trees_passed;
}

/* tally_block adds the keys of the leaf page with a number. */
static void
tally_block(const UdJsonbProbe *probe, BlockNumber block, UdJsonbSearchKey *search, Tally *tally)
{
	Buffer buffer = ReadBuffer(probe->index, block);

	CHECK_FOR_INTERRUPTS();
	LockBuffer(buffer, GIN_SHARE);
	tally_page(probe, buffer, FirstOffsetNumber, search, tally);
}

/*
 * Counting the keys of a walk
 */

/* end_of_walk makes a key that no key of the walk is beyond. */
static UdJsonbKey
end_of_walk(const UdJsonbSearchKey *search)
{
	UdJsonbKey end = search->start;

	if (search->walk == UD_JSONB_WALK_NUMBERS && search->high != NULL)
		return *search->high;
	end.length = search->value_at;
	if (search->walk == UD_JSONB_WALK_DATES)
	{
		end.length--; /* this adds the type as well */
		ud_jsonb_key_add_date(&end, search->dates.end);
		return end;
	}
	if (search->walk == UD_JSONB_WALK_TEXTS && !search->leaf->u.texts.high.open)
	{
		UdSpan high = search->leaf->u.texts.high.value;

		end.length--;
		ud_jsonb_key_add_string(&end, high);
		return end;
	}
	end.length = search->beginning;
	while (end.length > 0 && end.bytes[end.length - 1] == 0xff)
		end.length--;
	if (end.length > 0)
		end.bytes[end.length - 1]++;
	return end;
}

/* Pages of the tree that lie between two ways: some children of one page, of so many leaves each.
 */
typedef struct Stretch
{
	BlockNumber block;
	int first; /* child, from 0 */
	int count;
	double leaves; /* below each child */
} Stretch;

typedef struct Between
{
	int count;
	Stretch stretches[2 * MAX_LEVELS + 1];
	double leaves;
} Between;

static void
add_stretch(Between *between, BlockNumber block, int first, int count, double leaves)
{
	if (count <= 0)
		return;
	between->stretches[between->count++] = (Stretch){block, first, count, leaves};
	between->leaves += count * leaves;
}

/* find_between finds the leaves that lie between the ends of two ways, in order. */
static Between
find_between(const Way *low, const Way *high)
{
	Between between = {.count = 0};
	double leaves[MAX_LEVELS]; /* below a child of that level */
	int levels = Min(low->nsteps, high->nsteps);
	int parting = 0;

	if (levels == 0)
		return between;
	leaves[levels - 1] = 1;
	for (int level = levels - 2; level >= 0; level--)
		leaves[level] = leaves[level + 1] *
						(low->steps[level + 1].children + high->steps[level + 1].children) / 2;
	while (parting < levels - 1 && low->steps[parting].block == high->steps[parting].block &&
		   low->steps[parting].child == high->steps[parting].child)
		parting++;

	for (int level = levels - 1; level > parting; level--)
	{
		const Step *step = &low->steps[level];

		add_stretch(&between, step->block, step->child + 1, step->children - step->child - 1,
					leaves[level]);
	}
	if (low->steps[parting].block == high->steps[parting].block)
		add_stretch(&between, low->steps[parting].block, low->steps[parting].child + 1,
					high->steps[parting].child - low->steps[parting].child - 1, leaves[parting]);
	for (int level = parting + 1; level < levels; level++)
		add_stretch(&between, high->steps[level].block, 0, high->steps[level].child, leaves[level]);
	return between;
}

/* child_block returns the child of an inner page at a fraction of its way from first to last. */
static BlockNumber
child_block(const UdJsonbProbe *probe, BlockNumber block, int first, int count, double fraction,
			bool *is_leaf)
{
	Buffer buffer = ReadBuffer(probe->index, block);
	BlockNumber child = InvalidBlockNumber;
	Page page;

	CHECK_FOR_INTERRUPTS();
	LockBuffer(buffer, GIN_SHARE);
	page = BufferGetPage(buffer);
	*is_leaf = GinPageIsLeaf(page);
	if (!*is_leaf)
	{
		int children = (int)PageGetMaxOffsetNumber(page);
		int number = first + (int)(fraction * (count > 0 ? count : children));
		OffsetNumber offset = (OffsetNumber)(Min(number, children - 1) + 1);

		child = GinGetDownlink((IndexTuple)PageGetItem(page, PageGetItemId(page, offset)));
	}
	UnlockReleaseBuffer(buffer);
	return child;
}

/* leaf_at returns the leaf at a position among those between two ways. */
static BlockNumber
leaf_at(const UdJsonbProbe *probe, const Between *between, double position)
{
	const Stretch *stretch = between->stretches;
	BlockNumber block;
	BlockNumber child;
	double at;
	bool is_leaf;

	while (position >= stretch->count * stretch->leaves &&
		   stretch < between->stretches + between->count - 1)
	{
		position -= stretch->count * stretch->leaves;
		stretch++;
	}
	at = Min(position / stretch->leaves, stretch->count - 0.5);
	block = child_block(probe, stretch->block, stretch->first, stretch->count, at / stretch->count,
						&is_leaf);
	while (!is_leaf && block != InvalidBlockNumber)
	{
		child = child_block(probe, block, 0, 0, at - (int)at, &is_leaf);
		if (!is_leaf)
			block = child;
	}
	return block;
}

/*
 * count_sampled returns how many rows the leaves between two ways have, of which the first few are
 * in tally already. One match fewer than a half is not told apart from none.
 */
static double
count_sampled(const UdJsonbProbe *probe, UdJsonbSearchKey *search, const Between *between,
			  const Tally *first)
{
	double left = between->leaves - (PAGES_IN_FULL - 1);
	Tally sample = {.rows = 0};
	int wanted = search->walk == UD_JSONB_WALK_PATTERN && !search->only_prefix
					 ? PAGES_SAMPLED_PATTERN
					 : PAGES_SAMPLED;
	int pages = 0;
	double rows;

	if (left <= 0)
		return 0;
	for (int i = 0; i < wanted; i++)
	{
		double position = PAGES_IN_FULL - 1 + (i + 0.5) * left / wanted;
		BlockNumber block = leaf_at(probe, between, position);

		if (block == InvalidBlockNumber)
			continue;
		sample.ended = false;
		tally_block(probe, block, search, &sample);
		pages++;
	}
	if (pages == 0)
		return tally_rows(first) / PAGES_IN_FULL * left;
	rows = tally_rows(&sample);
	if (sample.keys == 0 && first->keys == 0)
		rows = 0.5;
	return rows / pages * left;
}

/* count_walk returns about how many rows the keys of a walk have. */
static double
count_walk(const UdJsonbProbe *probe, UdJsonbSearchKey *search)
{
	UdJsonbKey end;
	Tally tally = {.rows = 0};
	Tally last = {.rows = 0};
	Between between;
	Way low;
	Way high;
	OffsetNumber offset;
	bool found;
	Buffer buffer = descend(probe, &search->start, &low, &offset, &found);

	tally_page(probe, buffer, offset, search, &tally);
	for (int page = 1; page < PAGES_IN_FULL && !tally.ended; page++)
		tally_block(probe, tally.next, search, &tally);
	if (tally.ended)
		return tally_rows(&tally);

	end = end_of_walk(search);
	buffer = descend(probe, &end, &high, &offset, &found);
	tally_page(probe, buffer, FirstOffsetNumber, search, &last);
	between = find_between(&low, &high);
	return tally_rows(&tally) + tally_rows(&last) + count_sampled(probe, search, &between, &tally);
}

/* count_key returns about how many rows one key has. */
static double
count_key(const UdJsonbProbe *probe, const UdJsonbKey *key)
{
	Way way;
	OffsetNumber offset;
	bool found;
	double rows = 0;
	BlockNumber tree = InvalidBlockNumber;
	Buffer buffer = descend(probe, key, &way, &offset, &found);

	if (found)
	{
		Page page = BufferGetPage(buffer);
		IndexTuple tuple = (IndexTuple)PageGetItem(page, PageGetItemId(page, offset));

		if (GinIsPostingTree(tuple))
			tree = GinGetPostingTree(tuple);
		else
			rows = GinGetNPosting(tuple);
	}
	UnlockReleaseBuffer(buffer);
	return tree == InvalidBlockNumber ? rows
									  : ud_posting_tree_rows(probe->index, tree, LEAVES_OF_A_TREE);
}

double
ud_jsonb_probe_count(UdJsonbProbe *probe, UdJsonbSearchKey *search)
{
	double rows;

	probe->counts++;
	if (ud_jsonb_index_recall(probe->known, search, &rows))
		return rows;
	open_index(probe);
	rows = search->walk == UD_JSONB_WALK_NONE ? count_key(probe, &search->start)
											  : count_walk(probe, search);
	ud_jsonb_index_keep(probe->known, search, rows);
	return rows;
}
