/*
 * jsonb_index.c: the indexes of JSON documents that know all rows of a table.
 */
#include "base/userdir.h"

#include "access/genam.h"
#include "access/gin_private.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xlog.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "storage/bufmgr.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"

#include "search/jsonb_gin.h"
#include "search/jsonb_index.h"
#include "search/plan_memo.h"

/* The indexes on a column, as the memo of a statement keeps them. */
typedef struct UdIndexedColumn
{
	Oid table;
	AttrNumber column;
	List *indexes;
} UdIndexedColumn;

/* How many rows a search key finds; what it looks for is told in bytes. */
typedef struct UdJsonbIndexCount
{
	uint64 hash;
	int length;
	char *description;
	double rows;
} UdJsonbIndexCount;

/*
 * Finding indexes
 */

/* index_column returns the number of the index column on a table's column if the class is ours. */
static OffsetNumber
index_column(Relation index, AttrNumber column)
{
	for (int i = 0; i < IndexRelationGetNumberOfKeyAttributes(index); i++)
	{
		if (index->rd_index->indkey.values[i] == column &&
			index_getprocinfo(index, i + 1, GIN_EXTRACTVALUE_PROC)->fn_addr ==
				userdir__jsonb_gin_extract_value)
			return (OffsetNumber)(i + 1);
	}
	return InvalidOffsetNumber;
}

/* can_be_read returns whether this backend can read the pages of an index at all. */
static bool
can_be_read(Relation index)
{
	return !RELATION_IS_OTHER_TEMP(index) &&
		   (index->rd_rel->relpersistence != RELPERSISTENCE_UNLOGGED || !RecoveryInProgress());
}

/* knows_all_rows returns whether an index can be asked for the rows of its table. */
static bool
knows_all_rows(Relation index)
{
	return index->rd_rel->relkind == RELKIND_INDEX && index->rd_rel->relam == GIN_AM_OID &&
		   index->rd_index->indisvalid && index->rd_index->indisready &&
		   RelationGetIndexPredicate(index) == NIL && can_be_read(index);
}

/* pending_rows returns how many rows wait to get into the tree of keys. */
static double
pending_rows(Relation index)
{
	Buffer buffer = ReadBuffer(index, GIN_METAPAGE_BLKNO);
	double rows;

	LockBuffer(buffer, GIN_SHARE);
	rows = (double)GinPageGetMeta(BufferGetPage(buffer))->nPendingHeapTuples;
	UnlockReleaseBuffer(buffer);
	return rows;
}

/* describe returns an index in the current context, NULL if it is of no use. */
static UdJsonbIndex *
describe(Relation index, AttrNumber column)
{
	OffsetNumber attnum = knows_all_rows(index) ? index_column(index, column) : InvalidOffsetNumber;
	UdJsonbIndex *known;

	if (attnum == InvalidOffsetNumber)
		return NULL;
	known = palloc(sizeof(UdJsonbIndex));
	known->index = RelationGetRelid(index);
	known->attnum = attnum;
	known->family = index->rd_opfamily[attnum - 1];
	known->paths = ud_jsonb_paths_of(RelationGetIndexAttOptions(index, true)[attnum - 1]);
	known->pending = pending_rows(index);
	known->context = CurrentMemoryContext;
	known->ncounts = 0;
	return known;
}

/* is_gin returns whether an index is of that kind, which most are not, without opening it. */
static bool
is_gin(Oid index)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(index));
	bool result;

	if (!HeapTupleIsValid(tuple))
		return false;
	result = ((Form_pg_class)GETSTRUCT(tuple))->relam == GIN_AM_OID;
	ReleaseSysCache(tuple);
	return result;
}

/* list_indexes lists the indexes on a column in the current context. */
static List *
list_indexes(Oid table, AttrNumber column)
{
	Relation relation = table_open(table, NoLock);
	List *oids = RelationGetIndexList(relation);
	List *indexes = NIL;
	ListCell *cell;

	foreach (cell, oids)
	{
		Relation index;
		UdJsonbIndex *known;

		if (!is_gin(lfirst_oid(cell)))
			continue;
		index = index_open(lfirst_oid(cell), AccessShareLock);
		known = describe(index, column);
		index_close(index, AccessShareLock);
		if (known != NULL)
			indexes = lappend(indexes, known);
	}
	list_free(oids);
	table_close(relation, NoLock);
	return indexes;
}

/* keep_column lists the indexes on a column in the memory of a memo. */
static UdIndexedColumn *
keep_column(UdPlanMemo *memo, Oid table, AttrNumber column)
{
	MemoryContext caller = MemoryContextSwitchTo(memo->context);
	UdIndexedColumn *kept = palloc(sizeof(UdIndexedColumn));

	kept->table = table;
	kept->column = column;
	kept->indexes = list_indexes(table, column);
	memo->columns[memo->ncolumns++ % UD_PLAN_MEMO_COLUMNS] = kept;
	MemoryContextSwitchTo(caller);
	return kept;
}

List *
ud_jsonb_index_list(const PlannerInfo *root, Oid table, AttrNumber column)
{
	UdPlanMemo *memo = ud_plan_memo(root);

	if (memo == NULL)
		return list_indexes(table, column);
	for (int i = 0; i < Min(memo->ncolumns, UD_PLAN_MEMO_COLUMNS); i++)
	{
		if (memo->columns[i]->table == table && memo->columns[i]->column == column)
			return memo->columns[i]->indexes;
	}
	return keep_column(memo, table, column)->indexes;
}

/*
 * Keeping counts
 */

static UdJsonbIndexCount
describe_count(const UdJsonbSearchKey *search)
{
	UdJsonbIndexCount count = {0};
	StringInfoData bytes;

	initStringInfo(&bytes);
	ud_jsonb_search_key_describe(search, &bytes);
	count.description = bytes.data;
	count.length = bytes.len;
	count.hash = hash_bytes_extended((const unsigned char *)bytes.data, bytes.len, 0);
	return count;
}

bool
ud_jsonb_index_recall(const UdJsonbIndex *index, const UdJsonbSearchKey *search, double *rows)
{
	UdJsonbIndexCount wanted;
	bool found = false;

	if (index->ncounts == 0)
		return false;
	wanted = describe_count(search);
	for (int i = 0; i < index->ncounts && !found; i++)
	{
		const UdJsonbIndexCount *count = index->counts[i];

		found = count->hash == wanted.hash && count->length == wanted.length &&
				memcmp(count->description, wanted.description, (size_t)wanted.length) == 0;
		if (found)
			*rows = count->rows;
	}
	pfree(wanted.description);
	return found;
}

void
ud_jsonb_index_keep(UdJsonbIndex *index, const UdJsonbSearchKey *search, double rows)
{
	MemoryContext caller;
	UdJsonbIndexCount *count;

	if (index->ncounts == UD_JSONB_INDEX_COUNTS)
		return;
	caller = MemoryContextSwitchTo(index->context);
	count = palloc(sizeof(UdJsonbIndexCount));
	*count = describe_count(search);
	count->rows = rows;
	index->counts[index->ncounts++] = count;
	MemoryContextSwitchTo(caller);
}
