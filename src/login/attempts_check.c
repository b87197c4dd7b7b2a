/*
 * attempts_check.c: whether an attempt may go on, and what is counted when it ended.
 */
#include "base/userdir.h"

#include <math.h>

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "login/attempts_key.h"
#include "login/attempts_settings.h"
#include "login/attempts_store.h"

/* An attempt, the settings that hold for it, and under which keys it counts. */
typedef struct Attempt
{
	UdAttemptSettings settings;
	UdAttemptKey identifier;
	UdAttemptKey address;
	TimestampTz now;
} Attempt;

static UdAttemptStage
stage_by_name(const text *name)
{
	char *stage = text_to_cstring(name);

	if (strcmp(stage, "pre-login") == 0)
		return UD_STAGE_LOGIN;
	if (strcmp(stage, "pre-user-registration") == 0)
		return UD_STAGE_SIGNUP;
	if (strcmp(stage, "account") == 0)
		return UD_STAGE_ACCOUNT;
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("unknown stage \"%s\"",
						   pnstrdup(stage, pg_mbcliplen(stage, (int)strlen(stage), 64))),
					errhint("There are pre-login, pre-user-registration and account.")));
}

/* identifier_key returns the key of an identifier, from an address or from anywhere. */
static UdAttemptKey
identifier_key(const UdAttemptSettings *settings, const text *connection, const text *identifier,
			   inet *address)
{
	UdAttemptKey key = {MyDatabaseId};

	key.kind = settings->of_address_too ? UD_ATTEMPT_IDENTIFIER_IP : UD_ATTEMPT_IDENTIFIER;
	ud_attempts_key_hash(key.who, settings->salt, connection, identifier);
	if (settings->of_address_too && address != NULL)
		ud_attempts_key_set_address(&key, address);
	return key;
}

/* address_key returns the key of an address over all identifiers. */
static UdAttemptKey
address_key(const UdAttemptSettings *settings, UdAttemptStage stage, inet *address)
{
	UdAttemptKey key = {MyDatabaseId};

	key.kind = stage == UD_STAGE_LOGIN ? UD_ATTEMPT_LOGIN_IP : UD_ATTEMPT_SIGNUP_IP;
	ud_attempts_key_hash(key.who, settings->salt, NULL, NULL);
	ud_attempts_key_set_address(&key, address);
	return key;
}

/*
 * meet makes an attempt of the arguments connection, identifier and ip of a function; moment is the
 * place of the time, behind which stands whether the identifier is guarded.
 */
static Attempt
meet(FunctionCallInfo fcinfo, UdAttemptStage stage, int moment)
{
	text *connection = PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0);
	text *identifier = PG_ARGISNULL(1) ? NULL : PG_GETARG_TEXT_PP(1);
	inet *ip = PG_ARGISNULL(2) ? NULL : PG_GETARG_INET_PP(2);
	inet *address = ip == NULL ? NULL : ud_attempts_key_address(ip);
	Attempt attempt;

	if (PG_ARGISNULL(moment))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("the time of an attempt must not be null")));
	attempt.now = PG_GETARG_TIMESTAMPTZ(moment);
	attempt.settings = ud_attempts_settings_read(stage, ip);
	attempt.settings.identifier.counts &= PG_ARGISNULL(moment + 1) || PG_GETARG_BOOL(moment + 1);
	attempt.identifier = identifier_key(&attempt.settings, connection, identifier, address);
	if (attempt.settings.address.counts)
		attempt.address = address_key(&attempt.settings, stage, address);
	return attempt;
}

/* stage_argument returns what the fourth argument of a function names. */
static UdAttemptStage
stage_argument(FunctionCallInfo fcinfo)
{
	return stage_by_name(PG_ARGISNULL(3) ? cstring_to_text("") : PG_GETARG_TEXT_PP(3));
}

/* row_of returns a row of the type that a function is declared to return. */
static Datum
row_of(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc descriptor;

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
}

/* What stands in the way of an attempt. */
typedef struct Verdict
{
	bool allowed;
	const char *reason; /* the code of the limit that is reached, or NULL */
	TimestampTz until;  /* when the next attempt is allowed */
} Verdict;

static void
judge_identifier(const Attempt *attempt, Verdict *verdict)
{
	const UdAttemptLimit *limit = &attempt->settings.identifier;
	UdAttemptState standing;

	if (!limit->counts)
		return;
	standing = ud_attempts_store_read(&attempt->identifier, 0, attempt->now);
	if (standing.level >= limit->most)
		*verdict = (Verdict){!limit->blocks, "limit_wc", standing.expires_at};
}

static void
judge_address(const Attempt *attempt, Verdict *verdict)
{
	const UdAttemptLimit *limit = &attempt->settings.address;
	const double rate_ms = attempt->settings.rate_ms;
	double excess;

	if (!limit->counts)
		return;
	excess =
		ud_attempts_store_read(&attempt->address, rate_ms, attempt->now).level - (limit->most - 1);
	if (excess > 0)
		*verdict = (Verdict){!limit->blocks, "limit_mu",
							 attempt->now + (TimestampTz)rint(excess * rate_ms * 1000)};
}

static Verdict
judge(const Attempt *attempt)
{
	Verdict verdict = {true, NULL, 0};

	judge_identifier(attempt, &verdict);
	if (verdict.allowed)
		judge_address(attempt, &verdict);
	return verdict;
}

/*
 * verdict_row returns a row of whether an attempt may go on, which limit is reached, until when,
 * and, where the function that was called tells that, whether passwords are to be looked up.
 */
static Datum
verdict_row(FunctionCallInfo fcinfo, const Attempt *attempt, const Verdict *verdict)
{
	Datum values[4] = {BoolGetDatum(verdict->allowed)};
	bool nulls[4] = {false, true, true, false};

	if (verdict->reason != NULL)
	{
		values[1] = CStringGetTextDatum(verdict->reason);
		values[2] = TimestampTzGetDatum(verdict->until);
		nulls[1] = nulls[2] = false;
	}
	values[3] = BoolGetDatum(attempt->settings.detects_breaches);
	return row_of(fcinfo, values, nulls);
}

UD_FUNCTION(userdir__attempt_allowed);

/*
 * userdir__attempt_allowed tells whether an attempt may go on: connection, identifier and ip, which
 * may be null, stage, time, whether attempts of the identifier count. Result: a row of whether it
 * may, which limit is reached if any, until when.
 */
Datum
userdir__attempt_allowed(PG_FUNCTION_ARGS)
{
	Attempt attempt = meet(fcinfo, stage_argument(fcinfo), 4);
	Verdict verdict = judge(&attempt);

	return verdict_row(fcinfo, &attempt, &verdict);
}

UD_FUNCTION(userdir__attempt_failed);

/*
 * userdir__attempt_failed counts an attempt; its arguments are those of userdir__attempt_allowed.
 * Result: a row of two booleans, whether it was this attempt that reached the limit of the
 * identifier, and that of the address.
 */
Datum
userdir__attempt_failed(PG_FUNCTION_ARGS)
{
	Attempt attempt = meet(fcinfo, stage_argument(fcinfo), 4);
	const UdAttemptSettings *settings = &attempt.settings;
	double before;
	double after;
	Datum values[2] = {BoolGetDatum(false), BoolGetDatum(false)};
	bool nulls[2] = {false, false};

	if (settings->identifier.counts)
	{
		const double most = settings->identifier.most;
		const UdAttemptRule rule = {0, most, UD_ATTEMPTS_LIFETIME_MS};

		ud_attempts_store_add(&attempt.identifier, &rule, attempt.now, &before, &after);
		values[0] = BoolGetDatum(before < most && after >= most);
	}
	if (settings->address.counts)
	{
		const double most = settings->address.most;
		const UdAttemptRule rule = {settings->rate_ms, most, UD_ATTEMPTS_LIFETIME_MS};

		ud_attempts_store_add(&attempt.address, &rule, attempt.now, &before, &after);
		values[1] = BoolGetDatum(before <= most - 1 && after > most - 1);
	}
	return row_of(fcinfo, values, nulls);
}

UD_FUNCTION(userdir__attempt_succeeded);

/*
 * userdir__attempt_succeeded asks once more whether a login may go on, and if so forgets the failed
 * ones of the identifier: connection, identifier and ip, which may be null, time, whether attempts
 * of the identifier count. Result: that of userdir__attempt_allowed, and whether the password is to
 * be looked up among breached ones.
 */
Datum
userdir__attempt_succeeded(PG_FUNCTION_ARGS)
{
	Attempt attempt = meet(fcinfo, UD_STAGE_LOGIN, 3);
	Verdict verdict = judge(&attempt);

	if (verdict.allowed)
		ud_attempts_store_forget(&attempt.identifier, attempt.now);
	return verdict_row(fcinfo, &attempt, &verdict);
}
