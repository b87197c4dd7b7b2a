/*
 * row_change.c: what a statement did to a row, as a row trigger sees it.
 */
#include "base/userdir.h"

#include "access/htup_details.h"
#include "nodes/value.h"
#include "utils/datum.h"

#include "events/row_change.h"

/* find_column returns the number of a column or raises. */
static int
find_column(TupleDesc columns, const char *name)
{
	for (int i = 0; i < columns->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(columns, i);

		if (!column->attisdropped && strcmp(NameStr(column->attname), name) == 0)
			return i + 1;
	}
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN), errmsg("column \"%s\" does not exist", name)));
}

Datum
ud_row_change_value(const UdRowChange *change, HeapTuple row, const char *column, bool *is_null)
{
	return heap_getattr(row, find_column(change->columns, column), change->columns, is_null);
}

bool
ud_row_change_is_true(const UdRowChange *change, HeapTuple row, const char *column)
{
	bool is_null;
	Datum value = ud_row_change_value(change, row, column, &is_null);

	return !is_null && DatumGetBool(value);
}

/*
 * is_same_toast tells whether two values lie in the same place outside of the row: an update that
 * leaves a large document alone need not read it.
 */
static bool
is_same_toast(Datum one, Datum other)
{
	struct varlena *a = (struct varlena *)DatumGetPointer(one);
	struct varlena *b = (struct varlena *)DatumGetPointer(other);

	return VARATT_IS_EXTERNAL_ONDISK(a) && VARATT_IS_EXTERNAL_ONDISK(b) &&
		   memcmp(a, b, VARSIZE_EXTERNAL(a)) == 0;
}

/* is_changed tells whether a column differs in the two rows. */
static bool
is_changed(const UdRowChange *change, int number)
{
	Form_pg_attribute column = TupleDescAttr(change->columns, number - 1);
	bool was_null;
	bool is_null;
	Datum before = heap_getattr(change->before, number, change->columns, &was_null);
	Datum after = heap_getattr(change->after, number, change->columns, &is_null);

	if (was_null || is_null)
		return was_null != is_null;
	if (column->attlen == -1 && is_same_toast(before, after))
		return false;
	return !datum_image_eq(before, after, column->attbyval, column->attlen);
}

List *
ud_row_change_columns(const UdRowChange *change, const char *except)
{
	List *names = NIL;

	for (int i = 0; i < change->columns->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(change->columns, i);

		if (!column->attisdropped && strcmp(NameStr(column->attname), except) != 0 &&
			is_changed(change, i + 1))
			names = lappend(names, makeString(pstrdup(NameStr(column->attname))));
	}
	return names;
}
