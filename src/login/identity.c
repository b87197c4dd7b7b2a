/*
 * identity.c: who is acting, made ready once so that a row that asks costs next to nothing.
 */
#include "base/userdir.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "login/identity.h"

/* Seconds from the epoch of tokens to that of the server. */
#define EPOCH_DISTANCE ((POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (double)SECS_PER_DAY)

static void
raise_malformed(const char *claim, const char *wanted)
{
	ereport(ERROR,
			(errcode(UD_ERR_TOKEN_MALFORMED), errmsg("claim \"%s\" is not %s", claim, wanted)));
}

/* find_claim returns a claim, NULL when there is none or it is null. */
static JsonbValue *
find_claim(const Jsonb *claims, const char *name, JsonbValue *value)
{
	JsonbContainer *container = unconstify(JsonbContainer *, &claims->root);

	if (getKeyJsonValueFromContainer(container, name, strlen(name), value) == NULL ||
		value->type == jbvNull)
		return NULL;
	return value;
}

/* text_claim returns a claim that has to be a text with something in it, NULL when there is none.
 */
static text *
text_claim(const Jsonb *claims, const char *name)
{
	JsonbValue value;

	if (find_claim(claims, name, &value) == NULL)
		return NULL;
	if (value.type != jbvString || value.val.string.len == 0)
		raise_malformed(name, "a string with something in it");
	return cstring_to_text_with_len(value.val.string.val, value.val.string.len);
}

static UdNameSet
set_claim(const Jsonb *claims, const char *name, bool splits)
{
	JsonbValue value;

	return ud_name_set_make(find_claim(claims, name, &value), splits);
}

/* time_claim returns the time of a claim that counts seconds since 1970, DT_NOEND without one. */
static TimestampTz
time_claim(const Jsonb *claims, const char *name)
{
	JsonbValue value;
	double seconds;

	if (find_claim(claims, name, &value) == NULL)
		return DT_NOEND;
	if (value.type != jbvNumeric)
		raise_malformed(name, "a number of seconds");
	seconds = DatumGetFloat8(
		DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value.val.numeric)));
	seconds -= EPOCH_DISTANCE;
	if (seconds >= (double)END_TIMESTAMP / USECS_PER_SEC)
		return DT_NOEND;
	if (seconds <= (double)MIN_TIMESTAMP / USECS_PER_SEC)
		return DT_NOBEGIN;
	return (TimestampTz)floor(seconds * USECS_PER_SEC);
}

UdIdentity *
ud_identity_make(const Jsonb *claims, const char *roles_claim)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "userdir identity", ALLOCSET_SMALL_SIZES);
	MemoryContext before = MemoryContextSwitchTo(context);
	UdIdentity *identity = palloc0(sizeof(UdIdentity));
	Jsonb *copy = palloc(VARSIZE(claims));

	if (!JB_ROOT_IS_OBJECT(claims))
		ereport(ERROR, (errcode(UD_ERR_TOKEN_MALFORMED), errmsg("the claims are not an object")));
	memcpy(copy, claims, VARSIZE(claims));
	identity->context = context;
	identity->claims = copy;
	identity->user_id = text_claim(copy, "sub");
	identity->organization_id = text_claim(copy, "org_id");
	identity->scopes = set_claim(copy, "scope", true);
	identity->roles = set_claim(copy, roles_claim, false);
	identity->permissions = set_claim(copy, "permissions", false);
	identity->expires_at = time_claim(copy, "exp");
	MemoryContextSwitchTo(before);
	return identity;
}

void
ud_identity_free(UdIdentity *identity)
{
	MemoryContextDelete(identity->context);
}

/*
 * find_longest finds the longest beginning of a path that is a key of an object. Result: its
 * length, -1 when none is.
 */
static int
find_longest(JsonbContainer *object, const char *path, int length, JsonbValue *value)
{
	for (int end = length; end >= 0; end--)
	{
		CHECK_FOR_INTERRUPTS();
		if ((end == length || path[end] == '.') &&
			getKeyJsonValueFromContainer(object, path, end, value) != NULL)
			return end;
	}
	return -1;
}

bool
ud_identity_claim(const UdIdentity *identity, const char *path, int length, JsonbValue *value)
{
	JsonbContainer *container = &identity->claims->root;

	while (true)
	{
		int used = find_longest(container, path, length, value);

		if (used < 0)
			return false;
		if (used == length)
			return true;
		path += used + 1;
		length -= used + 1;
		if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
			return false;
		container = value->val.binary.data;
	}
}
