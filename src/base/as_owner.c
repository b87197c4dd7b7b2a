/*
 * as_owner.c: running a function of the directory with the rights of its owner.
 *
 * A public function that has to write rows which its callers may not write themselves is declared
 * with userdir_as_owner as its C function. Its body is the private function of the same name with
 * an underscore before it and the same arguments; that one runs as the owner of userdir.users.
 *
 * So the rights are those of the directory, as in a referential-integrity trigger. SECURITY DEFINER
 * would give the rights of whoever created the extension, which is a superuser.
 */
#include "base/userdir.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/as_owner.h"
#include "base/directory.h"

/* The trigger depth at which the innermost running API function stands; -1 outside of any. */
static int api_trigger_depth = -1;

/* Whether that function is install() or uninstall(). */
static bool api_is_installer = false;

/* Who has called that function; invalid outside of any. */
static Oid api_caller = InvalidOid;

/*
 * find_body returns the private function behind the public one that is being called; it is looked
 * up once for each call site.
 */
static FmgrInfo *
find_body(FmgrInfo *flinfo)
{
	Oid public_function = flinfo->fn_oid;
	FmgrInfo *body;
	HeapTuple tuple;
	Form_pg_proc proc;
	char *name;
	Oid found;

	if (flinfo->fn_extra != NULL)
		return flinfo->fn_extra;

	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(public_function));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", public_function);
	proc = (Form_pg_proc)GETSTRUCT(tuple);
	name = psprintf("_%s", NameStr(proc->proname));

	found =
		GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(name),
						PointerGetDatum(&proc->proargtypes), ObjectIdGetDatum(proc->pronamespace));
	if (!OidIsValid(found))
		ereport(ERROR, (errcode(UD_ERR_VERSION_MISMATCH),
						errmsg("function userdir.%s has no body in this version of userdir",
							   NameStr(proc->proname)),
						errhint("Run \"ALTER EXTENSION userdir UPDATE;\".")));

	ReleaseSysCache(tuple);

	body = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(FmgrInfo));
	fmgr_info_cxt(found, body, flinfo->fn_mcxt);
	flinfo->fn_extra = body;
	return body;
}

/* current_trigger_depth returns how many triggers are running around the caller. */
static int
current_trigger_depth(void)
{
	return DatumGetInt32(DirectFunctionCall1(pg_trigger_depth, (Datum)0));
}

/* call_body calls the private function with the arguments of the public one. */
static Datum
call_body(FmgrInfo *body, FunctionCallInfo fcinfo)
{
	LOCAL_FCINFO(call, FUNC_MAX_ARGS);
	Datum result;

	InitFunctionCallInfoData(*call, body, fcinfo->nargs, fcinfo->fncollation, NULL, NULL);
	memcpy(call->args, fcinfo->args, fcinfo->nargs * sizeof(NullableDatum));
	result = FunctionCallInvoke(call);
	fcinfo->isnull = call->isnull;
	return result;
}

/*
 * call_in_api calls the private function while the guard triggers know that it runs. An abort
 * restores the user by itself, but knows nothing of our depth.
 */
static Datum
call_in_api(FmgrInfo *body, FunctionCallInfo fcinfo, Oid caller, bool is_installer)
{
	const int caller_depth = api_trigger_depth;
	const bool caller_is_installer = api_is_installer;
	const Oid outer_caller = api_caller;
	Datum result = (Datum)0;

	PG_TRY();
	{
		api_trigger_depth = current_trigger_depth();
		api_is_installer = is_installer;
		api_caller = caller;
		result = call_body(body, fcinfo);
	}
	PG_FINALLY();
	{
		api_trigger_depth = caller_depth;
		api_is_installer = caller_is_installer;
		api_caller = outer_caller;
	}
	PG_END_TRY();
	return result;
}

/*
 * check_writable raises where a function that writes could only fail: less clearly, and halfway. A
 * login in a read-only transaction would have counted, or forgotten, attempts in shared memory.
 */
static void
check_writable(const FmgrInfo *body)
{
	if (!XactReadOnly || func_volatile(body->fn_oid) != PROVOLATILE_VOLATILE)
		return;
	if (RecoveryInProgress())
		ereport(ERROR, (errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
						errmsg("a directory cannot be changed on a standby"),
						errhint("Connect to the primary server.")));
	ereport(ERROR, (errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
					errmsg("a directory cannot be changed in a read-only transaction"),
					errhint("Begin it with READ WRITE.")));
}

UD_FUNCTION(userdir_as_owner);

/*
 * userdir_as_owner runs the private function behind the calling one as the directory's owner.
 *
 * Errors: UD101 without a directory, UD102 when library, SQL objects and tables do not fit, 25006
 * when the function writes and the transaction may not, and whatever the private function raises.
 */
Datum
userdir_as_owner(PG_FUNCTION_ARGS)
{
	FmgrInfo *body;
	Oid caller;
	int caller_context;
	Datum result;

	ud_directory_check_code();
	body = find_body(fcinfo->flinfo);
	check_writable(body);

	GetUserIdAndSecContext(&caller, &caller_context);
	SetUserIdAndSecContext(ud_directory_owner(), caller_context | SECURITY_LOCAL_USERID_CHANGE);
	ud_directory_check_data();
	result = call_in_api(body, fcinfo, caller, false);
	SetUserIdAndSecContext(caller, caller_context);
	return result;
}

UD_FUNCTION(userdir_as_installer);

/*
 * userdir_as_installer runs the private function behind the calling one as the directory's owner,
 * or as the caller where there is no directory yet, and asks for no version. So what install()
 * makes belongs to the owner whoever calls it, and the owner's triggers and views cannot make use
 * of a superuser who does.
 *
 * Errors: 42501 when the caller has not the rights of the owner, and whatever the private function
 * raises.
 */
Datum
userdir_as_installer(PG_FUNCTION_ARGS)
{
	FmgrInfo *body = find_body(fcinfo->flinfo);
	Oid caller;
	Oid owner;
	int caller_context;
	Datum result;

	GetUserIdAndSecContext(&caller, &caller_context);
	owner = ud_directory_find_owner();
	if (!OidIsValid(owner))
		owner = caller;
	if (!has_privs_of_role(caller, owner))
		ereport(
			ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("role \"%s\" does not own this directory", GetUserNameFromId(caller, false)),
			 errhint("Call this function as role \"%s\".", GetUserNameFromId(owner, false))));

	SetUserIdAndSecContext(owner, caller_context | SECURITY_LOCAL_USERID_CHANGE);
	result = call_in_api(body, fcinfo, caller, true);
	SetUserIdAndSecContext(caller, caller_context);
	return result;
}

UdApiState
ud_as_owner_suspend(void)
{
	UdApiState state = {api_trigger_depth, api_is_installer, api_caller};

	api_trigger_depth = -1;
	api_is_installer = false;
	api_caller = InvalidOid;
	return state;
}

void
ud_as_owner_resume(UdApiState state)
{
	api_trigger_depth = state.trigger_depth;
	api_is_installer = state.is_installer;
	api_caller = state.caller;
}

/* fired_by_api tells whether the trigger that asks was fired by a statement of an API function. */
static bool
fired_by_api(void)
{
	return api_trigger_depth >= 0 && current_trigger_depth() == api_trigger_depth + 1;
}

UD_FUNCTION(userdir__in_api);

/*
 * userdir__in_api tells the guard trigger of a table whether the statement that fired it stands in
 * one of userdir's own functions. A statement of a user's trigger does not, even when one of our
 * functions fired that trigger: it runs one level deeper.
 */
Datum
userdir__in_api(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(fired_by_api());
}

UD_FUNCTION(userdir__in_installer);

/*
 * userdir__in_installer tells the guard trigger of a table whether the statement that fired it
 * stands in a storage step: what an upgrade does to a row is no change of the user.
 */
Datum
userdir__in_installer(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(api_is_installer && fired_by_api());
}

UD_FUNCTION(userdir__api_caller);

/*
 * userdir__api_caller returns the role that has called the API function in which it stands, null
 * outside of any: the function itself runs as the directory's owner.
 */
Datum
userdir__api_caller(PG_FUNCTION_ARGS)
{
	if (!OidIsValid(api_caller))
		PG_RETURN_NULL();
	PG_RETURN_OID(api_caller);
}
