/*
 * custom_call.c: calling an action of a custom database.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/jsonb.h"

#include "base/settings.h"
#include "crypto/password_matches.h"
#include "crypto/reveal.h"
#include "crypto/secret.h"
#include "login/custom_action.h"
#include "login/custom_slots.h"
#include "login/guarded_call.h"

/* The arguments of the SQL function; behind these come what an action can be given. */
enum
{
	CONNECTION,
	ACTION,
	FUNCTION,
	FIRST_ARGUMENT
};

/* The columns of its result. */
enum
{
	ANSWER,
	CODE,
	MESSAGE,
	DETAIL,
	COLUMN_COUNT
};

typedef struct CustomCall
{
	const UdAction *action;
	const char *function;
	const NullableDatum *given; /* by UdActionArgument */
	Jsonb *answer;              /* NULL: nothing */
} CustomCall;

/* answer_to_jsonb returns what an action has answered as jsonb, in memory of the caller. */
static Jsonb *
answer_to_jsonb(Datum answer, Oid type)
{
	JsonbValue value;
	Jsonb *document;

	if (type == VOIDOID)
		return NULL;
	if (type == BOOLOID)
	{
		value.type = jbvBool;
		value.val.boolean = DatumGetBool(answer);
		return JsonbValueToJsonb(&value);
	}
	document = DatumGetJsonbP(answer);
	if (VARSIZE(document) > (Size)ud_payload_max_size_kb * 1024)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the answer has %u bytes", (unsigned)VARSIZE(document)),
						errdetail("The limit, userdir.payload_max_size, is %d kB.",
								  ud_payload_max_size_kb)));
	return document;
}

/* any_is_null tells whether one of the arguments of a call is null. */
static bool
any_is_null(FunctionCallInfo call)
{
	for (int i = 0; i < call->nargs; i++)
	{
		if (call->args[i].isnull)
			return true;
	}
	return false;
}

/*
 * hide_parameters keeps a password that was revealed out of what is logged of an action's own
 * statements: generic plans show parameters by their numbers, and since PostgreSQL 16 auto_explain
 * could tell their values.
 */
static void
hide_parameters(void)
{
	static const char *const values = "auto_explain.log_parameter_max_length";

	(void)set_config_option("plan_cache_mode", "force_generic_plan", PGC_USERSET, PGC_S_SESSION,
							GUC_ACTION_SAVE, true, 0, false);
	if (GetConfigOption(values, true, false) != NULL)
		(void)set_config_option(values, "0", PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
								false);
}

/* call_action is what runs under guard. */
static void
call_action(void *state)
{
	CustomCall *custom = state;
	UdActionFunction found = ud_action_resolve(custom->action, custom->function);
	LOCAL_FCINFO(call, UD_ACTION_MAX_ARGUMENTS);
	FmgrInfo function;
	Datum answer;
	int nest_level;

	fmgr_info(found.oid, &function);
	InitFunctionCallInfoData(*call, &function, found.count, InvalidOid, NULL, NULL);
	for (int i = 0; i < found.count; i++)
		call->args[i] = custom->given[custom->action->arguments[i]];
	if (function.fn_strict && any_is_null(call))
		return;

	nest_level = NewGUCNestLevel();
	hide_parameters();
	answer = ud_guarded_invoke(call);
	AtEOXact_GUC(false, nest_level);
	if (!call->isnull)
		custom->answer = answer_to_jsonb(answer, found.result);
}

/* run_guarded calls an action that may reveal its password. */
static void
run_guarded(CustomCall *custom, UdGuardedOutcome *outcome)
{
	const bool before = ud_reveal_allow(true);

	ud_password_matches_begin();
	PG_TRY();
	{
		ud_guarded_run(call_action, custom, ud_custom_database_timeout_ms, outcome);
	}
	PG_FINALLY();
	{
		(void)ud_reveal_allow(before);
	}
	PG_END_TRY();
}

/* run calls an action when there is a place for it. */
static void
run(const char *connection, CustomCall *custom, UdGuardedOutcome *outcome)
{
	UdCustomSlot slot;

	if (!ud_custom_slot_take(connection, &slot))
	{
		memset(outcome, 0, sizeof(*outcome));
		outcome->sqlstate = UD_ERR_CUSTOM_DATABASE_BUSY;
		outcome->message = psprintf("%d actions of the custom database are running already",
									ud_custom_database_max_concurrent);
		return;
	}
	run_guarded(custom, outcome);
	ud_custom_slot_give(&slot);
}

/* to_utf8 returns a message as secrets are written, or NULL where there is none. */
static const char *
to_utf8(const char *message)
{
	return message == NULL ? NULL : pg_server_to_any(message, (int)strlen(message), PG_UTF8);
}

/* holds tells whether a message in UTF-8 has a secret in it. */
static bool
holds(const char *message, const UdSecret *secret)
{
	size_t length = message == NULL ? 0 : strlen(message);

	for (size_t i = 0; secret->typed_length > 0 && i + secret->typed_length <= length; i++)
	{
		if (memcmp(message + i, secret->typed, secret->typed_length) == 0)
			return true;
	}
	return false;
}

/*
 * hide_secrets takes out of an error what nobody may see in a log: a password that the action has
 * revealed, and the row that a constraint has refused, in which a hash may be. What the action has
 * written itself for its callers stays.
 */
static void
hide_secrets(const NullableDatum *password, UdGuardedOutcome *outcome)
{
	const char *message;
	const char *detail;
	bool message_tells;
	bool detail_tells;
	UdSecret secret;

	if (outcome->sqlstate == 0 || outcome->sqlstate == UD_ERR_WRONG_CREDENTIALS ||
		outcome->sqlstate == UD_ERR_UNAUTHORIZED || outcome->sqlstate == UD_ERR_ACTION_VALIDATION)
		return;
	if (ERRCODE_TO_CATEGORY(outcome->sqlstate) == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION)
		outcome->detail = NULL;
	if (password->isnull)
		return;
	message = to_utf8(outcome->message);
	detail = to_utf8(outcome->detail);
	ud_secret_open(password->value, &secret);
	message_tells = holds(message, &secret);
	detail_tells = holds(detail, &secret);
	ud_secret_close(&secret);
	if (message_tells)
		outcome->message = pstrdup("the message has the password in it");
	if (detail_tells)
		outcome->detail = NULL;
}

/* name_argument returns an argument that says what is to be called. */
static char *
name_argument(FunctionCallInfo fcinfo, int number)
{
	if (PG_ARGISNULL(number))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("connection, action and function must not be null")));
	return text_to_cstring(PG_GETARG_TEXT_PP(number));
}

static void
set_text(Datum *value, bool *is_null, const char *content)
{
	if (content == NULL)
		return;
	*value = CStringGetTextDatum(content);
	*is_null = false;
}

UD_FUNCTION(userdir__call_custom_action);

/*
 * userdir__call_custom_action calls an action of a custom database. Arguments: the connection's id,
 * the names of the action and of the function, and what an action can be given, in the order of
 * UdActionArgument. Result: a row of the answer, and of SQLSTATE, message and detail of the error
 * that came instead; UD066 when there is no such function, UD064 when its time ran out, UD202 when
 * too many run already.
 *
 * Errors: 22023 for an unknown action, or one of the first three that is null; those of
 * ud_guarded_run.
 */
Datum
userdir__call_custom_action(PG_FUNCTION_ARGS)
{
	NullableDatum given[UD_ACTION_ARGUMENTS];
	const char *connection = name_argument(fcinfo, CONNECTION);
	CustomCall custom = {ud_action_find(name_argument(fcinfo, ACTION)),
						 name_argument(fcinfo, FUNCTION), given, NULL};
	UdGuardedOutcome outcome;
	Datum values[COLUMN_COUNT] = {0};
	bool nulls[COLUMN_COUNT];
	TupleDesc descriptor;

	memcpy(given, fcinfo->args + FIRST_ARGUMENT, sizeof(given));
	run(connection, &custom, &outcome);
	hide_secrets(&given[UD_ACTION_PASSWORD], &outcome);

	memset(nulls, true, sizeof(nulls));
	if (outcome.sqlstate != 0)
	{
		set_text(&values[CODE], &nulls[CODE], unpack_sql_state(outcome.sqlstate));
		set_text(&values[MESSAGE], &nulls[MESSAGE], outcome.message);
		set_text(&values[DETAIL], &nulls[DETAIL], outcome.detail);
	}
	else if (custom.answer != NULL)
	{
		values[ANSWER] = JsonbPGetDatum(custom.answer);
		nulls[ANSWER] = false;
	}
	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
}
