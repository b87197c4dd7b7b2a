/*
 * key_row.h: reading one row of the directory's tables by its key, without a query.
 *
 * What a login needs of several small tables is read in a fraction of the time that queries take.
 * Neither privileges nor row security are looked at: only for what runs as the directory's owner.
 */
#ifndef UD_BASE_KEY_ROW_H
#define UD_BASE_KEY_ROW_H

#include "access/htup.h"
#include "utils/rel.h"

/* A row of an open table; tuple is NULL when there is no such row. */
typedef struct UdKeyRow
{
	Relation table;
	HeapTuple tuple; /* a copy */
} UdKeyRow;

/*
 * ud_key_row_open finds a row, as the active snapshot sees it. key: the value of the one column of
 * the primary key, a text of collation C. With NULL there is none.
 *
 * Errors: 42P01 when there is no such table.
 */
extern void ud_key_row_open(UdKeyRow *row, const char *table, const text *key);

/* ud_key_row_open_only finds the row of a table that has one. Errors: as before. */
extern void ud_key_row_open_only(UdKeyRow *row, const char *table);

/* ud_key_row_get returns a column, which is null when there is no row. */
extern Datum ud_key_row_get(const UdKeyRow *row, const char *column, bool *is_null);

/* ud_key_row_close closes the table; what was got of the row stays. */
extern void ud_key_row_close(UdKeyRow *row);

#endif
