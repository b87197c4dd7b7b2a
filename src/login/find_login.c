/*
 * find_login.c: who logs in by a name.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "funcapi.h"

#include "base/statement.h"

#define COLUMN_COUNT 5

/*
 * The kinds in the order of their names: email, phone_number, username. That is the order of the
 * index, so the first row that it gives is the one.
 */
static UdStatement find_login = {
	"SELECT n.user_id, n.provider, n.provider_user_id, coalesce(u.blocked, false), k.hash"
	" FROM userdir.identifiers n"
	" JOIN userdir.users u ON u.user_id OPERATOR(pg_catalog.=) n.user_id"
	" LEFT JOIN userdir.credentials k ON k.user_id OPERATOR(pg_catalog.=) n.user_id"
	" AND k.provider OPERATOR(pg_catalog.=) n.provider"
	" AND k.provider_user_id OPERATOR(pg_catalog.=) n.provider_user_id"
	" WHERE n.value OPERATOR(pg_catalog.=) pg_catalog.lower($1 COLLATE pg_catalog.\"C\")"
	" AND n.connection OPERATOR(pg_catalog.=) $2 AND n.kind OPERATOR(pg_catalog.<>) 'identity'"
	" ORDER BY n.kind LIMIT 1",
	2,
	{TEXTOID, TEXTOID},
	true};

UD_FUNCTION(userdir__find_login);

/*
 * userdir__find_login finds who logs in to a connection by an e-mail address, a phone number or a
 * user name. Arguments: the name and the connection's. Result: a row of user, provider, id within
 * the provider, whether the user is blocked, hash of the password, which is null when there is
 * none; all are null when there is nobody.
 */
Datum
userdir__find_login(PG_FUNCTION_ARGS)
{
	Datum values[COLUMN_COUNT] = {0};
	bool nulls[COLUMN_COUNT];
	TupleDesc descriptor;

	memset(nulls, true, sizeof(nulls));
	if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1))
	{
		Datum arguments[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)};

		ud_statement_fetch(&find_login, arguments, values, nulls, COLUMN_COUNT);
	}
	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
}
