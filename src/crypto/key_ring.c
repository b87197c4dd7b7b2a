/*
 * key_ring.c: the keys of userdir.signing_keys, parsed once in a session.
 */
#include "base/userdir.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/sinval.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "base/directory.h"
#include "base/statement.h"
#include "crypto/key_ring.h"
#include "crypto/seal.h"

static UdStatement read_keys = {
	"SELECT pg_catalog.array_agg(k.kid), pg_catalog.array_agg(k.issuer), "
	"pg_catalog.array_agg(k.alg), pg_catalog.array_agg(k.state), "
	"pg_catalog.array_agg(k.public_jwk::pg_catalog.text), pg_catalog.array_agg(k.sealed) "
	"FROM userdir.signing_keys k",
	0,
	{0},
	true};

enum
{
	KID,
	ISSUER,
	ALGORITHM,
	STATE,
	PUBLIC_JWK,
	SEALED,
	COLUMN_COUNT
};

/* The ring: what was read, and whether it still is what the table says. */
static UdRingKey *ring = NULL;
static int ring_count = 0;
static MemoryContext ring_memory = NULL;
static bool ring_is_valid = false;
static uint64 changes = 0;               /* how often the table was said to have changed */
static bool ring_is_provisional = false; /* read under the snapshot of a parallel query */
static Oid ring_table = InvalidOid;

/* forget is the relation cache's callback: no more than a flag, for the ring may be in use. */
static void
forget(Datum arg, Oid relid)
{
	if (relid == InvalidOid || relid == ring_table)
	{
		ring_is_valid = false;
		changes++;
	}
}

static void
drop_ring(void)
{
	for (int i = 0; i < ring_count; i++)
	{
		ud_key_free(ring[i].public_key);
		ud_key_free(ring[i].private_key);
		ring[i].public_key = ring[i].private_key = NULL;
	}
	ring = NULL;
	ring_count = 0;
	if (ring_memory != NULL)
		MemoryContextDelete(ring_memory);
	ring_memory = NULL;
}

static UdKeyState
state_of(const char *name)
{
	static const char *const names[] = {"current", "next", "previous", "revoked", "external"};

	for (size_t i = 0; i < lengthof(names); i++)
	{
		if (strcmp(name, names[i]) == 0)
			return (UdKeyState)i;
	}
	return UD_KEY_REVOKED;
}

/* fill makes the keys of the rows, in the ring's memory. */
static UdRingKey *
fill(Datum *columns, int *count)
{
	Datum *values[COLUMN_COUNT];
	bool *nulls[COLUMN_COUNT];
	UdRingKey *keys;

	for (int i = 0; i < COLUMN_COUNT; i++)
		deconstruct_array(DatumGetArrayTypeP(columns[i]), i == SEALED ? BYTEAOID : TEXTOID, -1,
						  false, TYPALIGN_INT, &values[i], &nulls[i], count);
	keys = palloc0((size_t)*count * sizeof(UdRingKey));
	for (int i = 0; i < *count; i++)
	{
		char *algorithm = TextDatumGetCString(values[ALGORITHM][i]);

		keys[i].kid = TextDatumGetCString(values[KID][i]);
		keys[i].issuer = TextDatumGetCString(values[ISSUER][i]);
		keys[i].algorithm = ud_algorithm_find(ud_span_of(algorithm));
		keys[i].state = state_of(TextDatumGetCString(values[STATE][i]));
		keys[i].public_jwk = TextDatumGetCString(values[PUBLIC_JWK][i]);
		keys[i].sealed = nulls[SEALED][i] ? NULL : DatumGetByteaPCopy(values[SEALED][i]);
		keys[i].memory = CurrentMemoryContext;
	}
	return keys;
}

/* load reads the table, as the directory's owner. */
static void
load(void)
{
	Oid caller;
	int context;
	Datum columns[COLUMN_COUNT];
	bool nulls[COLUMN_COUNT];
	MemoryContext before;
	MemoryContext memory;
	UdRingKey *keys = NULL;
	int count = 0;
	uint64 changes_before;

	drop_ring();
	memory = AllocSetContextCreate(CurrentMemoryContext, "userdir key ring", ALLOCSET_SMALL_SIZES);
	ring_table = get_relname_relid("signing_keys", get_namespace_oid(UD_SCHEMA, false));
	changes_before = changes;

	GetUserIdAndSecContext(&caller, &context);
	SetUserIdAndSecContext(ud_directory_owner(), context | SECURITY_LOCAL_USERID_CHANGE);
	ud_directory_check_data();
	ud_statement_fetch_newest(&read_keys, NULL, columns, nulls, COLUMN_COUNT);
	SetUserIdAndSecContext(caller, context);

	before = MemoryContextSwitchTo(memory);
	if (!nulls[KID])
		keys = fill(columns, &count);
	MemoryContextSwitchTo(before);

	MemoryContextSetParent(memory, TopMemoryContext);
	ring_memory = memory;
	ring = keys;
	ring_count = count;
	ring_is_provisional = IsInParallelMode();
	/* What has changed during the read may not have been seen by it. */
	ring_is_valid = changes == changes_before;
}

/* refresh sees to it that the ring is what the table says. */
static void
refresh(void)
{
	static bool registered = false;

	if (!registered)
	{
		CacheRegisterRelcacheCallback(forget, (Datum)0);
		registered = true;
	}
	AcceptInvalidationMessages();
	if (ring_is_provisional && !IsInParallelMode())
		ring_is_valid = false;
	for (int attempt = 0; !ring_is_valid && attempt < 3; attempt++)
		load();
}

char *
ud_key_purpose(const char *kid)
{
	return psprintf("signing_keys.sealed:%s", kid);
}

static void
pg_attribute_noreturn() raise_unknown(const char *what)
{
	ereport(ERROR, (errcode(UD_ERR_TOKEN_KEY), errmsg("the token's key is not known"),
					errdetail_internal("%s", what), errhidestmt(true), errhidecontext(true)));
}

static void
pg_attribute_noreturn() raise_unusable(const UdRingKey *key, const char *problem)
{
	ereport(ERROR, (errcode(UD_ERR_KEY_REFUSED),
					errmsg("key \"%s\" of the directory cannot be used", key->kid),
					errdetail("The key %s.", problem)));
}

/* open_private unseals and parses the private part of a key. */
static void
open_private(UdRingKey *key)
{
	const char *problem = NULL;
	char *purpose = ud_key_purpose(key->kid);
	size_t length;
	uint8 *der;

	if (key->private_key != NULL)
		return;
	der = ud_unseal(purpose, key->sealed, &length);
	key->private_key = ud_key_from_der(der, length, key->algorithm, &problem);
	ud_unseal_wipe(der, length);
	if (key->private_key == NULL)
		raise_unusable(key, problem);
}

static void
open_public(UdRingKey *key)
{
	const char *problem = NULL;

	if (key->public_key != NULL)
		return;
	key->public_key = ud_key_from_jwk(ud_span_of(key->public_jwk), key->algorithm, false, &problem);
	if (key->public_key == NULL)
		raise_unusable(key, problem);
}

/* find_own returns our own key of a kid, or NULL. */
static UdRingKey *
find_own(const char *kid)
{
	for (int i = 0; i < ring_count; i++)
	{
		if (ring[i].issuer[0] == '\0' && strcmp(ring[i].kid, kid) == 0)
			return &ring[i];
	}
	return NULL;
}

static UdRingKey *
find_current(const UdAlgorithm *algorithm)
{
	for (int i = 0; i < ring_count; i++)
	{
		if (ring[i].issuer[0] == '\0' && ring[i].state == UD_KEY_CURRENT &&
			ring[i].algorithm == algorithm)
			return &ring[i];
	}
	return NULL;
}

UdRingKey *
ud_key_ring_signer(const char *algorithm_name, const char *kid)
{
	const UdAlgorithm *algorithm =
		algorithm_name != NULL ? ud_algorithm_find(ud_span_of(algorithm_name)) : NULL;
	UdRingKey *key;

	if (algorithm_name != NULL && algorithm == NULL)
		ereport(ERROR, (errcode(UD_ERR_TOKEN_ALGORITHM),
						errmsg("there is no key of algorithm \"%s\"",
							   pnstrdup(algorithm_name,
										pg_mbcliplen(algorithm_name, strlen(algorithm_name), 32))),
						errhint("There are %s; and HS256, HS384 and HS512 in "
								"sign_jwt_with_secret().",
								ud_algorithm_names())));
	refresh();
	key = kid != NULL ? find_own(kid) : find_current(algorithm);
	if (key == NULL && kid == NULL)
		ereport(ERROR, (errcode(UD_ERR_NO_SIGNING_KEY),
						errmsg("there is no current key for %s",
							   algorithm_name ? algorithm_name : "(null)"),
						errhint("SELECT userdir.create_signing_key('%s');",
								algorithm_name ? algorithm_name : "RS256")));
	if (key == NULL || key->sealed == NULL ||
		(key->state != UD_KEY_CURRENT && key->state != UD_KEY_NEXT))
		ereport(ERROR, (errcode(UD_ERR_TOKEN_KEY),
						errmsg("there is no key \"%s\" to sign with",
							   pnstrdup(kid, pg_mbcliplen(kid, strlen(kid), 64))),
						errdetail("Only keys that are current or next sign.")));
	if (algorithm != NULL && key->algorithm != algorithm)
		ereport(ERROR, (errcode(UD_ERR_TOKEN_ALGORITHM),
						errmsg("key \"%s\" is for %s, not for %s", key->kid, key->algorithm->name,
							   algorithm->name)));
	open_private(key);
	return key;
}

/* has_keys_of returns whether an issuer has keys of its own in the table. */
static bool
has_keys_of(const char *issuer)
{
	for (int i = 0; i < ring_count; i++)
	{
		if (ring[i].issuer[0] != '\0' && strcmp(ring[i].issuer, issuer) == 0)
			return true;
	}
	return false;
}

/* find_by_kid returns the key of a kid among those of an issuer, or NULL. */
static UdRingKey *
find_by_kid(const char *issuer, UdSpan kid)
{
	for (int i = 0; i < ring_count; i++)
	{
		if (ud_span_is(kid, ring[i].kid) && strcmp(ring[i].issuer, issuer) == 0)
			return &ring[i];
	}
	return NULL;
}

/* find_only returns the one key of an issuer that is valid and of an algorithm; NULL if not one. */
static UdRingKey *
find_only(const char *issuer, const UdAlgorithm *algorithm)
{
	UdRingKey *found = NULL;

	for (int i = 0; i < ring_count; i++)
	{
		if (strcmp(ring[i].issuer, issuer) != 0 || ring[i].state == UD_KEY_REVOKED ||
			ring[i].algorithm != algorithm)
			continue;
		if (found != NULL)
			return NULL;
		found = &ring[i];
	}
	return found;
}

UdRingKey *
ud_key_ring_verifier(const char *issuer, UdSpan kid, UdSpan algorithm_name)
{
	const UdAlgorithm *algorithm = ud_algorithm_find(algorithm_name);
	UdRingKey *key;

	refresh();
	if (issuer == NULL || !has_keys_of(issuer))
		issuer = UD_RING_OWN_ISSUER;
	key = kid.data != NULL ? find_by_kid(issuer, kid) : find_only(issuer, algorithm);
	if (key == NULL)
		raise_unknown(kid.data != NULL
						  ? "Its kid is that of no key."
						  : "It names none, and not exactly one key is of its algorithm.");
	if (key->state == UD_KEY_REVOKED)
		raise_unknown("The key was revoked.");
	if (key->algorithm != algorithm)
		ereport(ERROR, (errcode(UD_ERR_TOKEN_ALGORITHM),
						errmsg("the token's algorithm is not that of its key"),
						errdetail("The key is for %s.", key->algorithm->name), errhidestmt(true),
						errhidecontext(true)));
	open_public(key);
	return key;
}

UD_FUNCTION(userdir__signing_keys_changed);

/*
 * userdir__signing_keys_changed makes all sessions read the keys again, from the end of this
 * transaction on, and this one at once. For the trigger on the table.
 */
Datum
userdir__signing_keys_changed(PG_FUNCTION_ARGS)
{
	Oid table = get_relname_relid("signing_keys", get_namespace_oid(UD_SCHEMA, false));

	ring_is_valid = false;
	if (OidIsValid(table))
		CacheInvalidateRelcacheByRelid(table);
	PG_RETURN_VOID();
}
