/*
 * custom_action.c: the actions of a custom database, and the functions that can be one.
 *
 * A connection keeps the name of a function as a text, which a dump carries, and looks it up at
 * every call: by its schema, its name and the exact types, whatever the search_path is, and whoever
 * may look into the schema.
 */
#include "base/userdir.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#include "crypto/secret.h"
#include "login/custom_action.h"
#include "login/guarded_call.h"

static const UdAction actions[] = {
	{"login",
	 "(login text, password userdir.secret, context jsonb) RETURNS jsonb",
	 3,
	 {UD_ACTION_NAME, UD_ACTION_PASSWORD, UD_ACTION_CONTEXT},
	 {JSONBOID}},
	{"get_user",
	 "(login text, context jsonb) RETURNS jsonb",
	 2,
	 {UD_ACTION_NAME, UD_ACTION_CONTEXT},
	 {JSONBOID}},
	{"create",
	 "(profile jsonb, password userdir.secret, context jsonb) RETURNS jsonb, boolean or void",
	 3,
	 {UD_ACTION_PROFILE, UD_ACTION_PASSWORD, UD_ACTION_CONTEXT},
	 {JSONBOID, BOOLOID, VOIDOID}},
	{"verify",
	 "(email text, context jsonb) RETURNS boolean",
	 2,
	 {UD_ACTION_NAME, UD_ACTION_CONTEXT},
	 {BOOLOID}},
	{"change_password",
	 "(login text, password userdir.secret, context jsonb) RETURNS boolean or jsonb",
	 3,
	 {UD_ACTION_NAME, UD_ACTION_PASSWORD, UD_ACTION_CONTEXT},
	 {BOOLOID, JSONBOID}},
	{"delete",
	 "(id text, context jsonb) RETURNS boolean or void",
	 2,
	 {UD_ACTION_NAME, UD_ACTION_CONTEXT},
	 {BOOLOID, VOIDOID}},
	{"change_email",
	 "(email text, new_email text, verified boolean, context jsonb) RETURNS boolean",
	 4,
	 {UD_ACTION_NAME, UD_ACTION_NEW_NAME, UD_ACTION_VERIFIED, UD_ACTION_CONTEXT},
	 {BOOLOID}},
};

const UdAction *
ud_action_find(const char *name)
{
	for (int i = 0; i < (int)lengthof(actions); i++)
	{
		if (strcmp(name, actions[i].name) == 0)
			return &actions[i];
	}
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("unknown action \"%s\"",
						   pnstrdup(name, pg_mbcliplen(name, (int)strlen(name), 64))),
					errhint("The actions are login, get_user, create, verify, change_password, "
							"delete and change_email.")));
}

static void
pg_attribute_noreturn() refuse(const UdAction *action, const char *function, const char *reason)
{
	int length = pg_mbcliplen(function, (int)strlen(function), 128);

	ereport(ERROR, (errcode(UD_ERR_NOT_A_RULE),
					errmsg("\"%s\" is no function for action \"%s\"", pnstrdup(function, length),
						   action->name),
					errdetail("%s", reason),
					errhint("It is a function of one's own, named with its schema: CREATE FUNCTION "
							"schema.name %s. The context may be left out.",
							action->signature)));
}

static Oid
argument_type(UdActionArgument argument)
{
	switch (argument)
	{
		case UD_ACTION_PASSWORD:
			return ud_secret_type();
		case UD_ACTION_PROFILE:
		case UD_ACTION_CONTEXT:
			return JSONBOID;
		case UD_ACTION_VERIFIED:
			return BOOLOID;
		default:
			return TEXTOID;
	}
}

/* find_function looks up a function of an action that takes the first of its arguments. */
static HeapTuple
find_function(const UdAction *action, Oid schema, const char *name, int count)
{
	Oid types[UD_ACTION_MAX_ARGUMENTS];

	for (int i = 0; i < count; i++)
		types[i] = argument_type(action->arguments[i]);
	return SearchSysCache3(PROCNAMEARGSNSP, CStringGetDatum(name),
						   PointerGetDatum(buildoidvector(types, count)), ObjectIdGetDatum(schema));
}

/* split_name takes a name apart; it returns why that cannot be, or NULL. */
static const char *
split_name(const char *function, char **schema, char **name)
{
	List *parts;

	if (!SplitIdentifierString(pstrdup(function), '.', &parts))
		return "This is no name.";
	if (list_length(parts) == 1)
		return "The name has no schema.";
	if (list_length(parts) != 2)
		return "This is no name of a schema and a function.";
	*schema = linitial(parts);
	*name = lsecond(parts);
	return NULL;
}

/* flaw_of returns why a function that takes the right arguments is none for an action, or NULL. */
static const char *
flaw_of(const UdAction *action, const FormData_pg_proc *proc)
{
	if (proc->prokind != PROKIND_FUNCTION)
		return "It is not an ordinary function.";
	if (proc->proretset)
		return "It returns a set.";
	for (int i = 0; i < (int)lengthof(action->results); i++)
	{
		if (proc->prorettype == action->results[i])
			return NULL;
	}
	return psprintf("It returns %s.", format_type_be(proc->prorettype));
}

UdActionFunction
ud_action_resolve(const UdAction *action, const char *function)
{
	UdActionFunction found = {InvalidOid, InvalidOid, action->count};
	char *schema_name;
	char *name;
	Oid schema;
	HeapTuple tuple = NULL;
	Form_pg_proc proc;
	const char *flaw = split_name(function, &schema_name, &name);

	if (flaw != NULL)
		refuse(action, function, flaw);
	schema = get_namespace_oid(schema_name, true);
	if (OidIsValid(schema))
		tuple = find_function(action, schema, name, found.count);
	if (OidIsValid(schema) && !HeapTupleIsValid(tuple))
		tuple = find_function(action, schema, name, --found.count);
	if (!HeapTupleIsValid(tuple))
		refuse(action, function, "There is no function of this name that takes these arguments.");

	proc = (Form_pg_proc)GETSTRUCT(tuple);
	found.oid = proc->oid;
	found.result = proc->prorettype;
	flaw = flaw_of(action, proc);
	ReleaseSysCache(tuple);
	if (flaw != NULL)
		refuse(action, function, flaw);
	ud_guarded_check(found.oid);
	return found;
}

UD_FUNCTION(userdir__check_custom_action);

/*
 * userdir__check_custom_action raises unless a function can be an action. Arguments: the names of
 * the action and of the function. Errors: 22023, UD066.
 */
Datum
userdir__check_custom_action(PG_FUNCTION_ARGS)
{
	const UdAction *action = ud_action_find(text_to_cstring(PG_GETARG_TEXT_PP(0)));

	(void)ud_action_resolve(action, text_to_cstring(PG_GETARG_TEXT_PP(1)));
	PG_RETURN_VOID();
}
