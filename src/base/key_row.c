/*
 * key_row.c: reading one row of the directory's tables by its key, without a query.
 */
#include "base/userdir.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"

#include "base/directory.h"
#include "base/key_row.h"

/* open_table opens a table of the directory. */
static Relation
open_table(const char *name)
{
	Oid oid = ud_directory_find_relation(name);

	if (!OidIsValid(oid))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("table \"" UD_SCHEMA ".%s\" does not exist", name)));
	return table_open(oid, AccessShareLock);
}

/* primary_key returns the index of a table's primary key, which has one column, and this column. */
static Oid
primary_key(Relation table, AttrNumber *column)
{
	Oid oid = UD_PRIMARY_KEY_INDEX(table);
	Relation index;

	if (!OidIsValid(oid))
		elog(ERROR, "table \"%s\" has no primary key", RelationGetRelationName(table));
	index = index_open(oid, AccessShareLock);
	*column = index->rd_index->indkey.values[0];
	index_close(index, AccessShareLock);
	return oid;
}

/* copy_first returns the first row of a scan, or NULL, and ends the scan. */
static HeapTuple
copy_first(SysScanDesc scan)
{
	HeapTuple found = systable_getnext(scan);

	if (HeapTupleIsValid(found))
		found = heap_copytuple(found);
	systable_endscan(scan);
	return found;
}

void
ud_key_row_open(UdKeyRow *row, const char *table, const text *key)
{
	ScanKeyData condition;
	AttrNumber column;
	Oid index;

	row->table = open_table(table);
	row->tuple = NULL;
	if (key == NULL)
		return;
	index = primary_key(row->table, &column);
	/* Its collation is C. */
	ScanKeyInit(&condition, column, BTEqualStrategyNumber, F_TEXTEQ, PointerGetDatum(key));
	row->tuple =
		copy_first(systable_beginscan(row->table, index, true, GetActiveSnapshot(), 1, &condition));
}

void
ud_key_row_open_only(UdKeyRow *row, const char *table)
{
	row->table = open_table(table);
	row->tuple =
		copy_first(systable_beginscan(row->table, InvalidOid, false, GetActiveSnapshot(), 0, NULL));
}

Datum
ud_key_row_get(const UdKeyRow *row, const char *column, bool *is_null)
{
	AttrNumber number;

	*is_null = true;
	if (row->tuple == NULL)
		return (Datum)0;
	number = get_attnum(RelationGetRelid(row->table), column);
	if (number == InvalidAttrNumber)
		elog(ERROR, "table \"%s\" has no column \"%s\"", RelationGetRelationName(row->table),
			 column);
	return heap_getattr(row->tuple, number, RelationGetDescr(row->table), is_null);
}

void
ud_key_row_close(UdKeyRow *row)
{
	table_close(row->table, AccessShareLock);
	row->table = NULL;
}
