/*
 * creation_guard.c: rules and actions create no objects, and leave the session's locks alone.
 */
#include "base/userdir.h"

#include "catalog/objectaccess.h"
#include "catalog/pg_largeobject.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "login/creation_guard.h"
#include "login/guarded_call.h"

static object_access_hook_type previous_hook = NULL;

/* is_of_session tells whether a function takes, or frees, what outlasts a transaction, or shows it.
 */
static bool
is_of_session(Oid function)
{
	switch (function)
	{
		case F_PG_ADVISORY_LOCK_INT8:
		case F_PG_ADVISORY_LOCK_INT4_INT4:
		case F_PG_ADVISORY_LOCK_SHARED_INT8:
		case F_PG_ADVISORY_LOCK_SHARED_INT4_INT4:
		case F_PG_TRY_ADVISORY_LOCK_INT8:
		case F_PG_TRY_ADVISORY_LOCK_INT4_INT4:
		case F_PG_TRY_ADVISORY_LOCK_SHARED_INT8:
		case F_PG_TRY_ADVISORY_LOCK_SHARED_INT4_INT4:
		case F_PG_ADVISORY_UNLOCK_INT8:
		case F_PG_ADVISORY_UNLOCK_INT4_INT4:
		case F_PG_ADVISORY_UNLOCK_SHARED_INT8:
		case F_PG_ADVISORY_UNLOCK_SHARED_INT4_INT4:
		case F_PG_ADVISORY_UNLOCK_ALL:
		case F_PG_PREPARED_STATEMENT:
			return true;
		default:
			return false;
	}
}

/* refuse_creation raises for what a rule or action creates. */
static void
refuse_creation(Oid catalog, const ObjectAccessPostCreate *creation)
{
	if (catalog != LargeObjectRelationId && (creation == NULL || !creation->is_internal))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("rules and actions cannot create objects of the database")));
}

/* refuse_session raises for a function that a rule or action is not to call. */
static void
refuse_session(Oid function)
{
	if (is_of_session(function))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("rules and actions cannot call %s()", get_func_name(function)),
				 errdetail("The session is that of the caller."),
				 function == F_PG_PREPARED_STATEMENT
					 ? 0
					 : errhint("Locks of the transaction, as of pg_advisory_xact_lock(), can be "
							   "taken.")));
}

/* watch is called by the server for all that is done to objects of its catalogs. */
static void
watch(ObjectAccessType access, Oid catalog, Oid object, int part, void *argument)
{
	if (previous_hook != NULL)
		previous_hook(access, catalog, object, part, argument);
	if (!ud_guarded_is_running())
		return;
	if (access == OAT_POST_CREATE)
		refuse_creation(catalog, argument);
	else if (access == OAT_FUNCTION_EXECUTE)
		refuse_session(object);
}

void
ud_creation_guard_start(void)
{
	previous_hook = object_access_hook;
	object_access_hook = watch;
}
