/*
 * count_login.c: the statistics of a user who logged in.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "base/statement.h"

static UdStatement count_again = {
	"UPDATE userdir.user_logins l SET last_login = $2, last_ip = coalesce($3, l.last_ip),"
	" logins_count = l.logins_count OPERATOR(pg_catalog.+) 1"
	" WHERE l.user_id OPERATOR(pg_catalog.=) $1",
	3,
	{TEXTOID, TIMESTAMPTZOID, INETOID}};

/* Another login may be the first at the same time, and the user may have been deleted. */
static UdStatement count_first = {
	"INSERT INTO userdir.user_logins AS l (user_id, last_login, last_ip, logins_count)"
	" SELECT u.user_id, $2, $3, 1 FROM userdir.users u"
	" WHERE u.user_id OPERATOR(pg_catalog.=) $1 FOR KEY SHARE"
	" ON CONFLICT (user_id) DO UPDATE SET last_login = excluded.last_login,"
	" last_ip = coalesce(excluded.last_ip, l.last_ip),"
	" logins_count = l.logins_count OPERATOR(pg_catalog.+) 1",
	3,
	{TEXTOID, TIMESTAMPTZOID, INETOID}};

UD_FUNCTION(userdir__count_login);

/*
 * userdir__count_login brings the login statistics of a user up to date: user_id, and the address
 * or null, which leaves the last one. Result: false when the user was deleted meanwhile.
 */
Datum
userdir__count_login(PG_FUNCTION_ARGS)
{
	Datum values[] = {PG_GETARG_DATUM(0), TimestampTzGetDatum(GetCurrentTimestamp()),
					  PG_GETARG_DATUM(1)};
	const bool nulls[] = {PG_ARGISNULL(0), false, PG_ARGISNULL(1)};

	PG_RETURN_BOOL(ud_statement_run(&count_again, values, nulls) > 0 ||
				   ud_statement_run(&count_first, values, nulls) > 0);
}
