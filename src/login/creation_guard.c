/*
 * creation_guard.c: rules and actions create no objects.
 */
#include "base/userdir.h"

#include "catalog/objectaccess.h"
#include "catalog/pg_largeobject.h"

#include "login/creation_guard.h"
#include "login/guarded_call.h"

static object_access_hook_type previous_hook = NULL;

/* refuse_creation is called by the server for all that is done to objects of its catalogs. */
static void
refuse_creation(ObjectAccessType access, Oid catalog, Oid object, int part, void *argument)
{
	if (previous_hook != NULL)
		previous_hook(access, catalog, object, part, argument);
	if (access != OAT_POST_CREATE || !ud_guarded_is_running() || catalog == LargeObjectRelationId)
		return;
	if (argument == NULL || !((ObjectAccessPostCreate *)argument)->is_internal)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("rules and actions cannot create objects of the database")));
}

void
ud_creation_guard_start(void)
{
	previous_hook = object_access_hook;
	object_access_hook = refuse_creation;
}
