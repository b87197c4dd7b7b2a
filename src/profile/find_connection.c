/*
 * find_connection.c: looking a connection up by its name or id.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "base/statement.h"
#include "profile/strategy.h"

#define COLUMNS "SELECT c.id, c.name, c.strategy, c.options FROM userdir.connections c"

static UdStatement find_by_name = {
	COLUMNS " WHERE c.name OPERATOR(pg_catalog.=) $1", 1, {TEXTOID}, true};
static UdStatement find_by_id = {
	COLUMNS " WHERE c.id OPERATOR(pg_catalog.=) $1", 1, {TEXTOID}, true};

/* The columns of an answer. */
enum
{
	ID,
	NAME,
	STRATEGY,
	KIND,
	PROVIDER,
	OPTIONS,
	COLUMN_COUNT
};

typedef struct Connection
{
	Datum values[COLUMN_COUNT];
	bool nulls[COLUMN_COUNT];
	bool has_passwords;
} Connection;

static void
pg_attribute_noreturn() refuse_unknown(const text *name_or_id)
{
	char *name = name_or_id == NULL ? "<NULL>" : text_to_cstring(name_or_id);

	ereport(ERROR,
			(errcode(UD_ERR_INEXISTENT_CONNECTION),
			 errmsg("connection \"%s\" does not exist",
					pnstrdup(name, pg_mbcharcliplen(name, (int)strlen(name), 128))),
			 errhint("Roles with the bundle admin find its name by userdir.list_connections().")));
}

/* find returns the connection that the first argument of a function names. */
static Connection
find(FunctionCallInfo fcinfo)
{
	Datum argument = PG_GETARG_DATUM(0);
	Datum row[4];
	bool nulls[4];
	Connection found = {{0}};
	const UdStrategy *strategy;

	if (PG_ARGISNULL(0) || (!ud_statement_fetch(&find_by_name, &argument, row, nulls, 4) &&
							!ud_statement_fetch(&find_by_id, &argument, row, nulls, 4)))
		refuse_unknown(PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0));

	strategy = ud_strategy_lookup(TextDatumGetCString(row[2]));
	found.values[ID] = row[0];
	found.values[NAME] = row[1];
	found.values[STRATEGY] = row[2];
	found.values[OPTIONS] = row[3];
	found.nulls[KIND] = found.nulls[PROVIDER] = true;
	if (strategy != NULL && strategy->kind != UD_KIND_PROVISIONING &&
		strategy->kind != UD_KIND_PRESET)
	{
		found.nulls[KIND] = found.nulls[PROVIDER] = false;
		found.values[KIND] = CStringGetTextDatum(ud_strategy_kind_name(strategy->kind));
		found.values[PROVIDER] = CStringGetTextDatum(strategy->provider);
		found.has_passwords = strategy->kind == UD_KIND_DATABASE;
	}
	return found;
}

static Datum
row_of(FunctionCallInfo fcinfo, Connection *connection)
{
	TupleDesc descriptor;

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(
		heap_form_tuple(BlessTupleDesc(descriptor), connection->values, connection->nulls));
}

UD_FUNCTION(userdir__find_connection);

/*
 * userdir__find_connection returns a connection by its name or id: a row of id, name, strategy,
 * kind, provider and options.
 *
 * Errors: UD008 when there is none.
 */
Datum
userdir__find_connection(PG_FUNCTION_ARGS)
{
	Connection connection = find(fcinfo);

	return row_of(fcinfo, &connection);
}

UD_FUNCTION(userdir__find_password_connection);

/*
 * userdir__find_password_connection does the same for one whose users have passwords.
 *
 * Errors: UD008 when there is none, UD006 when it is of another kind.
 */
Datum
userdir__find_password_connection(PG_FUNCTION_ARGS)
{
	Connection connection = find(fcinfo);

	if (!connection.has_passwords)
		ereport(ERROR, (errcode(UD_ERR_OPERATION_NOT_SUPPORTED),
						errmsg("connection \"%s\" has no passwords",
							   TextDatumGetCString(connection.values[NAME])),
						errdetail("Its strategy is \"%s\".",
								  TextDatumGetCString(connection.values[STRATEGY]))));
	return row_of(fcinfo, &connection);
}
