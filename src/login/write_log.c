/*
 * write_log.c: writing an event to userdir.logs.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "utils/timestamp.h"

#include "base/statement.h"

/* The arguments of the SQL function. */
enum
{
	TYPE,
	DESCRIPTION,
	CONNECTION,
	USER_ID,
	USER_NAME,
	REQUEST,
	DETAILS
};

static UdStatement insert_event = {
	"INSERT INTO userdir.logs (date, log_id, type, description, connection, connection_id, "
	"strategy,"
	" strategy_type, user_id, user_name, client_id, ip, hostname, user_agent, audience, scope,"
	" details)"
	" VALUES ($1, pg_catalog.to_char($1 AT TIME ZONE 'UTC', '\"90\"YYYYMMDDHH24MISSUS')"
	" OPERATOR(pg_catalog.||) pg_catalog.lpad("
	"pg_catalog.trunc(pg_catalog.random() OPERATOR(pg_catalog.*) 1e8)::pg_catalog.text, 8, '0'),"
	" $2, $3, $4, $5, $6, $7, $8, $9,"
	" $10 OPERATOR(pg_catalog.->>) 'client_id',"
	" ($10 OPERATOR(pg_catalog.->>) 'ip')::pg_catalog.inet,"
	" $10 OPERATOR(pg_catalog.->>) 'hostname', $10 OPERATOR(pg_catalog.->>) 'user_agent',"
	" $10 OPERATOR(pg_catalog.->>) 'audience', $10 OPERATOR(pg_catalog.->>) 'scope', $11)",
	11,
	{TIMESTAMPTZOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID,
	 JSONBOID, JSONBOID}};

/* The columns of a connection that are logged, from the fourth parameter on. */
static const char *const connection_columns[] = {"name", "id", "strategy", "kind"};

UD_FUNCTION(userdir__write_log);

/*
 * userdir__write_log writes an event: type, description, connection (a row of id, name, strategy
 * and kind), user_id, user_name, request, details, each of which may be null.
 */
Datum
userdir__write_log(PG_FUNCTION_ARGS)
{
	Datum values[11];
	bool nulls[11];
	int count = 0;

#define ADD(value, is_null) (nulls[count] = (is_null), values[count++] = (value))
#define ADD_ARGUMENT(n)     ADD(PG_GETARG_DATUM(n), PG_ARGISNULL(n))
	ADD(TimestampTzGetDatum(GetCurrentTimestamp()), false);
	ADD_ARGUMENT(TYPE);
	ADD_ARGUMENT(DESCRIPTION);
	for (int i = 0; i < (int)lengthof(connection_columns); i++)
	{
		bool is_null = PG_ARGISNULL(CONNECTION);
		Datum value = is_null ? (Datum)0
							  : GetAttributeByName(PG_GETARG_HEAPTUPLEHEADER(CONNECTION),
												   connection_columns[i], &is_null);

		ADD(value, is_null);
	}
	ADD_ARGUMENT(USER_ID);
	ADD_ARGUMENT(USER_NAME);
	ADD_ARGUMENT(REQUEST);
	ADD_ARGUMENT(DETAILS);
#undef ADD_ARGUMENT
#undef ADD

	ud_statement_run(&insert_event, values, nulls);
	PG_RETURN_VOID();
}
