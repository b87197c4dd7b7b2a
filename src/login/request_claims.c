/*
 * request_claims.c: the identity that a web front end claims for its request in a setting, for
 * installations that trust it.
 */
#include "base/userdir.h"

#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "base/settings.h"
#include "login/request_claims.h"

#define SETTING    "request.jwt.claims"
#define MAX_LENGTH (64 * 1024)

/* The last value, what it was read with, and its identity, in whose memory all of this is. */
static UdIdentity *identity = NULL;
static char *known_value;
static char *known_roles_claim;

static bool
is_known(const char *value)
{
	return identity != NULL && strcmp(value, known_value) == 0 &&
		   strcmp(ud_roles_claim, known_roles_claim) == 0;
}

static void
read_value(const char *value)
{
	UdIdentity *read;
	char *copy, *roles_claim;

	if (strlen(value) > MAX_LENGTH)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("setting \"%s\" is longer than %d bytes", SETTING, MAX_LENGTH)));
	read = ud_identity_make(
		DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(pstrdup(value)))),
		ud_roles_claim);
	copy = MemoryContextStrdup(read->context, value);
	roles_claim = MemoryContextStrdup(read->context, ud_roles_claim);

	/* Nothing raises from here on. */
	if (identity != NULL)
		ud_identity_free(identity);
	MemoryContextSetParent(read->context, TopMemoryContext);
	identity = read;
	known_value = copy;
	known_roles_claim = roles_claim;
}

const UdIdentity *
ud_request_claims_identity(void)
{
	const char *value = GetConfigOption(SETTING, true, false);

	/* A setting that was set in a transaction alone is empty after it. */
	if (value == NULL || value[0] == '\0')
		return NULL;
	if (!is_known(value))
		read_value(value);
	return identity;
}
