/*
 * identity_functions.c: what SQL may ask about who is acting. Policies ask it for each row.
 *
 * What is returned is a copy: an identity can end while a result is still in use, as the argument
 * of a procedure that commits.
 */
#include "base/userdir.h"

#include "utils/builtins.h"

#include "login/identity_state.h"

/* copy_text returns a copy of a text that is stored as such, with its whole header. */
static Datum
copy_text(const text *value)
{
	text *copy = palloc(VARSIZE(value));

	memcpy(copy, value, VARSIZE(value));
	return PointerGetDatum(copy);
}

/* current_claim finds the claim that the first argument names, of who is acting. */
static bool
current_claim(FunctionCallInfo fcinfo, JsonbValue *value)
{
	const UdIdentity *identity = ud_identity_state_current();
	text *path;

	if (identity == NULL)
		return false;
	path = PG_GETARG_TEXT_PP(0);
	return ud_identity_claim(identity, VARDATA_ANY(path), VARSIZE_ANY_EXHDR(path), value);
}

/* set_has tells whether a set has the name that is the first argument; a null is in none. */
static Datum
set_has(FunctionCallInfo fcinfo, const UdNameSet *set)
{
	text *name;

	if (PG_ARGISNULL(0))
		return BoolGetDatum(false);
	name = PG_GETARG_TEXT_PP(0);
	return BoolGetDatum(ud_name_set_has(set, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)));
}

UD_FUNCTION(userdir_user_id);

/*
 * userdir_user_id returns the id of who is acting, null for nobody.
 */
Datum
userdir_user_id(PG_FUNCTION_ARGS)
{
	const UdIdentity *identity = ud_identity_state_current();

	if (identity == NULL || identity->user_id == NULL)
		PG_RETURN_NULL();
	return copy_text(identity->user_id);
}

UD_FUNCTION(userdir_organization_id);

/*
 * userdir_organization_id returns the organization for which somebody is acting, or null.
 */
Datum
userdir_organization_id(PG_FUNCTION_ARGS)
{
	const UdIdentity *identity = ud_identity_state_current();

	if (identity == NULL || identity->organization_id == NULL)
		PG_RETURN_NULL();
	return copy_text(identity->organization_id);
}

UD_FUNCTION(userdir_claim);

/*
 * userdir_claim returns a claim of who is acting, null when there is none.
 */
Datum
userdir_claim(PG_FUNCTION_ARGS)
{
	JsonbValue value;

	if (!current_claim(fcinfo, &value))
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(JsonbValueToJsonb(&value));
}

UD_FUNCTION(userdir_claim_text);

/*
 * userdir_claim_text returns a claim of who is acting as ->> would: a string without its quotes,
 * null for null, anything else as JSON.
 */
Datum
userdir_claim_text(PG_FUNCTION_ARGS)
{
	JsonbValue value;

	if (!current_claim(fcinfo, &value) || value.type == jbvNull)
		PG_RETURN_NULL();
	if (value.type == jbvString)
		PG_RETURN_TEXT_P(cstring_to_text_with_len(value.val.string.val, value.val.string.len));
	PG_RETURN_TEXT_P(cstring_to_text(JsonbToCString(NULL, &JsonbValueToJsonb(&value)->root, -1)));
}

UD_FUNCTION(userdir_has_scope);

/*
 * userdir_has_scope tells whether who is acting has a scope; never null.
 */
Datum
userdir_has_scope(PG_FUNCTION_ARGS)
{
	const UdIdentity *identity = ud_identity_state_current();

	return identity == NULL ? BoolGetDatum(false) : set_has(fcinfo, &identity->scopes);
}

UD_FUNCTION(userdir_has_role);

/*
 * userdir_has_role tells whether who is acting has a role; never null.
 */
Datum
userdir_has_role(PG_FUNCTION_ARGS)
{
	const UdIdentity *identity = ud_identity_state_current();

	return identity == NULL ? BoolGetDatum(false) : set_has(fcinfo, &identity->roles);
}

UD_FUNCTION(userdir_has_permission);

/*
 * userdir_has_permission tells whether who is acting has a permission; never null.
 */
Datum
userdir_has_permission(PG_FUNCTION_ARGS)
{
	const UdIdentity *identity = ud_identity_state_current();

	return identity == NULL ? BoolGetDatum(false) : set_has(fcinfo, &identity->permissions);
}
