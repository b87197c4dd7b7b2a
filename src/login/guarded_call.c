/*
 * guarded_call.c: calling what others wrote, rules and actions of custom databases, so that it can
 * do no harm to who calls.
 *
 * Who calls is the directory's owner, in the session of an application. Neither may lend its rights
 * to the function. So it runs as its own owner, in the way that REFRESH MATERIALIZED VIEW and
 * CREATE INDEX run functions: it cannot change the role, make temporary objects, listen, or put off
 * a trigger until somebody else commits.
 */
#include "base/userdir.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/regproc.h"
#include "utils/resowner.h"
#include "utils/syscache.h"

#include "base/as_owner.h"
#include "base/directory.h"
#include "login/close_cursors.h"
#include "login/guarded_call.h"
#include "login/time_limit.h"

#define SEARCH_PATH "pg_catalog, pg_temp"

/* A rule that logs somebody in runs rules. */
#define MAX_DEPTH 8

/* How many guarded calls are running around this one. */
static int depth = 0;

bool
ud_guarded_is_running(void)
{
	return depth > 0;
}

/* passes_through tells whether an error is none of the body's, or not to be caught. */
static bool
passes_through(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_T_R_SERIALIZATION_FAILURE ||
		   error->sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED || ud_time_limit_is_foreign(error);
}

static void
describe_error(const ErrorData *error, UdGuardedOutcome *outcome)
{
	outcome->sqlstate = error->sqlerrcode;
	outcome->message = error->message != NULL ? error->message : pstrdup("missing error text");
	outcome->detail = error->detail;
	outcome->hint = error->hint;
	outcome->context = error->context;
}

/* describe_overrun replaces what came of the cancellation, whether it was caught or not. */
static void
describe_overrun(int limit_ms, UdGuardedOutcome *outcome)
{
	outcome->sqlstate = UD_ERR_RULE_TIMEOUT;
	outcome->message = psprintf("the time limit of %d ms was exceeded", limit_ms);
	outcome->detail = NULL;
	outcome->hint = NULL;
}

/* What a body is not to see of the session in which it runs. */
typedef struct Privacy
{
	const char *statement;
	ErrorContextCallback *stack;
	ErrorContextCallback frame;
	List *cursors;
} Privacy;

/* hide_from_log keeps what an action does with a password out of the server's log. */
static void
hide_from_log(void *argument)
{
	errhidestmt(true);
	errhidecontext(true);
}

/*
 * withhold hides what the caller is doing. current_query() would return the statement, with a
 * password in it perhaps, and the context of errors those around it; the server's log would have
 * the statement with every message of the body.
 */
static void
withhold(Privacy *privacy)
{
	privacy->statement = debug_query_string;
	debug_query_string = NULL;
	privacy->stack = error_context_stack;
	privacy->frame.callback = hide_from_log;
	privacy->frame.arg = NULL;
	privacy->frame.previous = NULL;
	error_context_stack = &privacy->frame;
	privacy->cursors = ud_withhold_cursors();
}

/* give_back ends what withhold has begun. */
static void
give_back(Privacy *privacy)
{
	ud_return_cursors(privacy->cursors);
	error_context_stack = privacy->stack;
	debug_query_string = privacy->statement;
}

/* leave ends the subtransaction of a body, for good or for nothing. */
static void
leave(bool keeps, MemoryContext memory, ResourceOwner owner)
{
	if (keeps)
		ReleaseCurrentSubTransaction();
	else
		RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(memory);
	CurrentResourceOwner = owner;
}

void
ud_guarded_run(void (*body)(void *state), void *state, int limit_ms, UdGuardedOutcome *outcome)
{
	MemoryContext memory = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	const int outer_depth = depth;
	UdApiState api;
	UdTimeLimit limit;
	Privacy privacy;

	memset(outcome, 0, sizeof(*outcome));
	if (depth >= MAX_DEPTH)
		ereport(ERROR, (errcode(ERRCODE_STATEMENT_TOO_COMPLEX),
						errmsg("rules and actions lead to one another too deeply"),
						errdetail("%d of them are running already.", depth)));

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(memory);
	api = ud_as_owner_suspend();
	withhold(&privacy);
	ud_time_limit_begin(&limit, limit_ms);
	PG_TRY();
	{
		depth++;
		body(state);
		ud_close_cursors_since(GetCurrentSubTransactionId());
	}
	PG_CATCH();
	{
		ErrorData *error;
		bool passes;

		depth = outer_depth;
		ud_as_owner_resume(api);
		MemoryContextSwitchTo(memory);
		error = CopyErrorData();
		passes = passes_through(error);
		if (ud_time_limit_end(&limit) && !passes)
			describe_overrun(limit_ms, outcome);
		else
			describe_error(error, outcome);
		FlushErrorState();
		give_back(&privacy);
		leave(false, memory, owner);
		/* Out of a subtransaction that nobody ends, the session would not find back. */
		if (passes)
			ReThrowError(error);
		return;
	}
	PG_END_TRY();

	depth = outer_depth;
	ud_as_owner_resume(api);
	if (ud_time_limit_end(&limit))
		describe_overrun(limit_ms, outcome);
	give_back(&privacy);
	leave(outcome->sqlstate == 0, memory, owner);
}

/* is_definer tells whether a function's owner has declared that it runs with the owner's rights. */
static bool
is_definer(Oid function, Oid *owner)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc proc;
	bool declared;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION),
						errmsg("function with OID %u does not exist", function)));
	proc = (Form_pg_proc)GETSTRUCT(tuple);
	*owner = proc->proowner;
	declared = proc->prosecdef;
	ReleaseSysCache(tuple);
	return declared;
}

/* consenting_owner returns the owner of a function, with the check of ud_guarded_check. */
static Oid
consenting_owner(Oid function)
{
	Oid owner;

	if (!is_definer(function, &owner) && !has_privs_of_role(ud_directory_owner(), owner))
		ereport(
			ERROR,
			(errcode(UD_ERR_NOT_A_RULE),
			 errmsg("function %s of role \"%s\" is not for the directory to call",
					format_procedure_qualified(function), GetUserNameFromId(owner, false)),
			 errdetail("It would run with the rights of its owner, and those the owner of the "
					   "directory has not."),
			 errhint("The owner of the function allows it by ALTER FUNCTION %s SECURITY DEFINER.",
					 format_procedure_qualified(function))));
	return owner;
}

void
ud_guarded_check(Oid function)
{
	consenting_owner(function);
}

/* set_search_path makes names without a schema mean the same whoever calls. */
static void
set_search_path(void)
{
	if (strcmp(namespace_search_path, SEARCH_PATH) != 0)
		(void)set_config_option("search_path", SEARCH_PATH, PGC_USERSET, PGC_S_SESSION,
								GUC_ACTION_SAVE, true, 0, false);
}

Datum
ud_guarded_invoke(FunctionCallInfo call)
{
	PgStat_FunctionCallUsage usage;
	Oid owner = consenting_owner(call->flinfo->fn_oid);
	Oid caller;
	int caller_context;
	int nest_level;
	Datum result;

	/* What follows is not undone here when the function fails, but by the subtransaction. */
	Assert(depth > 0);
	GetUserIdAndSecContext(&caller, &caller_context);
	SetUserIdAndSecContext(owner, caller_context | SECURITY_LOCAL_USERID_CHANGE |
									  SECURITY_RESTRICTED_OPERATION);
	nest_level = NewGUCNestLevel();
	set_search_path();

	pgstat_init_function_usage(call, &usage);
	result = FunctionCallInvoke(call);
	pgstat_end_function_usage(&usage, true);
	if (ud_time_limit_is_over())
		ereport(ERROR, (errcode(UD_ERR_RULE_TIMEOUT), errmsg("the cancellation was caught")));

	AtEOXact_GUC(false, nest_level);
	SetUserIdAndSecContext(caller, caller_context);
	return result;
}

/* A call of one function. */
typedef struct SingleCall
{
	Oid function;
	int count;
	const NullableDatum *arguments;
	Datum result;
	bool is_null;
} SingleCall;

/* call_function is the body of ud_guarded_call. */
static void
call_function(void *state)
{
	SingleCall *single = state;
	LOCAL_FCINFO(call, FUNC_MAX_ARGS);
	FmgrInfo function;

	fmgr_info(single->function, &function);
	InitFunctionCallInfoData(*call, &function, single->count, InvalidOid, NULL, NULL);
	if (single->count > 0)
		memcpy(call->args, single->arguments, single->count * sizeof(NullableDatum));
	for (int i = 0; function.fn_strict && i < single->count; i++)
	{
		if (call->args[i].isnull)
			return;
	}
	single->result = ud_guarded_invoke(call);
	single->is_null = call->isnull;
}

Datum
ud_guarded_call(Oid function, int count, const NullableDatum *arguments, int limit_ms,
				bool *is_null, UdGuardedOutcome *outcome)
{
	SingleCall single = {function, count, arguments, (Datum)0, true};

	Assert(count <= FUNC_MAX_ARGS);
	ud_guarded_run(call_function, &single, limit_ms, outcome);
	*is_null = outcome->sqlstate != 0 || single.is_null;
	return *is_null ? (Datum)0 : single.result;
}

UD_FUNCTION(userdir__check_callable);

/*
 * userdir__check_callable raises UD066 unless the directory may call a function, given by its OID,
 * with the rights of its owner.
 */
Datum
userdir__check_callable(PG_FUNCTION_ARGS)
{
	ud_guarded_check(PG_GETARG_OID(0));
	PG_RETURN_VOID();
}
