/*
 * statement.c: statements of userdir's own, which are planned once in a session.
 */
#include "base/userdir.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "utils/snapmgr.h"

#include "base/statement.h"

/* plan_once plans a statement unless this session has done it; a plan that is kept renews itself.
 */
static void
plan_once(UdStatement *statement)
{
	SPIPlanPtr plan;

	if (statement->plan != NULL)
		return;
	plan = SPI_prepare(statement->text, statement->arguments, statement->types);
	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", statement->text,
			 SPI_result_code_string(SPI_result));
	SPI_keepplan(plan);
	statement->plan = plan;
}

/* copy_column copies a column of the first row out of the memory that ends with the statement. */
static Datum
copy_column(int column, bool *is_null)
{
	Form_pg_attribute attribute = TupleDescAttr(SPI_tuptable->tupdesc, column);
	Datum value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column + 1, is_null);

	return *is_null ? (Datum)0 : SPI_datumTransfer(value, attribute->attbyval, attribute->attlen);
}

/* execute runs a statement; null_arguments may be NULL where no argument is null. */
static void
execute(UdStatement *statement, Datum *arguments, const bool *null_arguments)
{
	char nulls[UD_STATEMENT_ARGUMENTS];
	int result;

	for (int i = 0; null_arguments != NULL && i < statement->arguments; i++)
		nulls[i] = null_arguments[i] ? 'n' : ' ';
	plan_once(statement);
	result = SPI_execute_plan(statement->plan, arguments, null_arguments != NULL ? nulls : NULL,
							  statement->is_stable, 0);
	if (result < 0)
		elog(ERROR, "could not run \"%s\": %s", statement->text, SPI_result_code_string(result));
}

bool
ud_statement_fetch(UdStatement *statement, Datum *arguments, Datum *values, bool *nulls,
				   int columns)
{
	bool found;

	SPI_connect();
	execute(statement, arguments, NULL);
	found = SPI_processed > 0;
	if (found && SPI_tuptable->tupdesc->natts != columns)
		elog(ERROR, "\"%s\" has not %d columns", statement->text, columns);
	for (int column = 0; found && column < columns; column++)
		values[column] = copy_column(column, &nulls[column]);
	SPI_finish();
	return found;
}

bool
ud_statement_fetch_newest(UdStatement *statement, Datum *arguments, Datum *values, bool *nulls,
						  int columns)
{
	bool found;

	Assert(statement->is_stable);
	PushActiveSnapshot(IsInParallelMode() ? GetActiveSnapshot() : GetLatestSnapshot());
	found = ud_statement_fetch(statement, arguments, values, nulls, columns);
	PopActiveSnapshot();
	return found;
}

uint64
ud_statement_run(UdStatement *statement, Datum *arguments, const bool *null_arguments)
{
	uint64 written;

	SPI_connect();
	execute(statement, arguments, null_arguments);
	written = SPI_processed;
	SPI_finish();
	return written;
}
