/*
 * attempts_store.c: where attempts are counted: in shared memory, or in rows where there is none.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/statement.h"
#include "login/attempts_key.h"
#include "login/attempts_shared.h"
#include "login/attempts_store.h"

#define KEY_TYPES BYTEAOID, TEXTOID, INETOID
#define KEY_MATCHES                                                                                \
	" WHERE a.who OPERATOR(pg_catalog.=) $1 AND a.kind OPERATOR(pg_catalog.=) $2"                  \
	" AND a.address OPERATOR(pg_catalog.=) $3"

static UdStatement add_to_row = {"SELECT n.before, n.after FROM userdir._row_attempts_add("
								 "$2, $1, $3, $4, $5, $6, $7) n",
								 7,
								 {KEY_TYPES, FLOAT8OID, FLOAT8OID, FLOAT8OID, TIMESTAMPTZOID}};

static UdStatement read_row = {"SELECT a.level, a.counted_at, a.expires_at"
							   " FROM userdir.login_attempts a" KEY_MATCHES,
							   3,
							   {KEY_TYPES}};

static UdStatement delete_row = {
	"DELETE FROM userdir.login_attempts a" KEY_MATCHES " RETURNING a.expires_at", 3, {KEY_TYPES}};

/* name_key makes the first three arguments of these statements. */
static void
name_key(const UdAttemptKey *key, Datum *arguments)
{
	bytea *who = palloc(VARHDRSZ + sizeof(key->who));

	SET_VARSIZE(who, VARHDRSZ + sizeof(key->who));
	memcpy(VARDATA(who), key->who, sizeof(key->who));
	arguments[0] = PointerGetDatum(who);
	arguments[1] = CStringGetTextDatum(ud_attempts_key_kind_name(key->kind));
	arguments[2] = InetPGetDatum(ud_attempts_key_inet(key));
}

void
ud_attempts_store_add(const UdAttemptKey *key, const UdAttemptRule *rule, TimestampTz now,
					  double *before, double *after)
{
	Datum arguments[7];
	Datum values[2];
	bool nulls[2];

	if (ud_attempts_shared_exists())
	{
		ud_attempts_table_add(ud_attempts_shared_lock(true), key, rule, now, before, after);
		ud_attempts_shared_unlock();
		return;
	}
	name_key(key, arguments);
	arguments[3] = Float8GetDatum(rule->rate_ms);
	arguments[4] = Float8GetDatum(rule->ceiling);
	arguments[5] = Float8GetDatum(rule->lifetime_ms);
	arguments[6] = TimestampTzGetDatum(now);
	ud_statement_fetch(&add_to_row, arguments, values, nulls, 2);
	*before = DatumGetFloat8(values[0]);
	*after = DatumGetFloat8(values[1]);
}

UdAttemptState
ud_attempts_store_read(const UdAttemptKey *key, double rate_ms, TimestampTz now)
{
	UdAttemptState state = {0};
	Datum arguments[3];
	Datum values[3];
	bool nulls[3];

	if (ud_attempts_shared_exists())
	{
		state = ud_attempts_table_read(ud_attempts_shared_lock(false), key, rate_ms, now);
		ud_attempts_shared_unlock();
		return state;
	}
	name_key(key, arguments);
	if (ud_statement_fetch(&read_row, arguments, values, nulls, 3))
	{
		state.level = DatumGetFloat8(values[0]);
		state.counted_at = DatumGetTimestampTz(values[1]);
		state.expires_at = DatumGetTimestampTz(values[2]);
		state.level = ud_attempts_state_level(&state, rate_ms, now);
	}
	return state;
}

bool
ud_attempts_store_forget(const UdAttemptKey *key, TimestampTz now)
{
	Datum arguments[3];
	Datum expires_at;
	bool is_null;

	if (ud_attempts_shared_exists())
	{
		bool had_any = ud_attempts_table_forget(ud_attempts_shared_lock(true), key, now);

		ud_attempts_shared_unlock();
		return had_any;
	}
	name_key(key, arguments);
	return ud_statement_fetch(&delete_row, arguments, &expires_at, &is_null, 1) &&
		   DatumGetTimestampTz(expires_at) > now;
}
