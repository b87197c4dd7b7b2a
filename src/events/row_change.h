/*
 * row_change.h: what a statement did to a row, as a row trigger sees it.
 */
#ifndef UD_EVENTS_ROW_CHANGE_H
#define UD_EVENTS_ROW_CHANGE_H

#include "access/htup.h"
#include "access/tupdesc.h"
#include "nodes/pg_list.h"

typedef struct UdRowChange
{
	TupleDesc columns;
	HeapTuple before; /* NULL: the row is new */
	HeapTuple after;  /* NULL: the row was deleted */
} UdRowChange;

/*
 * ud_row_change_value returns the value of a column in one of the two rows.
 *
 * Errors: 42703 when there is no such column.
 */
extern Datum ud_row_change_value(const UdRowChange *change, HeapTuple row, const char *column,
								 bool *is_null);

/* ud_row_change_is_true tells whether a boolean column holds true in one of the two rows. */
extern bool ud_row_change_is_true(const UdRowChange *change, HeapTuple row, const char *column);

/*
 * ud_row_change_columns returns the names, as String nodes, of the columns whose values differ in
 * the two rows, but for that of "except". Values are compared as they are stored.
 */
extern List *ud_row_change_columns(const UdRowChange *change, const char *except);

#endif
