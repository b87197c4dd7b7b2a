/*
 * breach_lookup.c: whether a password is known from a breach.
 *
 * Lists have the SHA-1 of what people typed; a password is looked up in its normalized form and,
 * where that is another, as it was typed. SHA-1 protects nothing here.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "utils/builtins.h"

#include "crypto/breach_key.h"
#include "crypto/common_passwords.h"
#include "crypto/policy_words.h"
#include "crypto/primitives.h"
#include "crypto/secret.h"
#include "crypto/secret_log.h"

/* The passwords with which the hosted service lets its users test what happens. */
static const char *const test_passwords[] = {"Paaf213XXYYZZ", "Paat739!!WWXXYYZZ"};
static const char test_prefix[] = "AUTH0-TEST-";

static void
raise_no_block(void)
{
	ereport(
		ERROR,
		(errcode(ERRCODE_DATA_CORRUPTED),
		 errmsg("table %s.breached_passwords holds a row that is no block of hashes", UD_SCHEMA),
		 errhint("Call %s.clear_breached_passwords() and load the lists again.", UD_SCHEMA),
		 errhidestmt(true), errhidecontext(true)));
}

size_t
ud_breach_block_open(uint64 first, bytea *block, uint64 *keys)
{
	const uint8 *bytes = (const uint8 *)VARDATA_ANY(block);
	size_t size = VARSIZE_ANY_EXHDR(block);
	size_t count = ud_breached_block_count(bytes, size);

	if (count == 0 || !ud_breached_block_read(first, bytes, size, keys))
		raise_no_block();
	return count;
}

/* compute_key returns the key of a password, the beginning of its SHA-1. */
static uint64
compute_key(const uint8 *password, size_t length)
{
	static const UdSpan name = {"sha1", 4};
	const UdDigest *sha1 = ud_digest_find(name);
	UdBytes nothing = {NULL, 0};
	uint8 digest[UD_DIGEST_MAX_LENGTH];
	uint64 key;

	ud_digest_require(sha1);
	if (!ud_digest_compute(sha1, (UdBytes){password, length}, nothing, 0, digest))
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("a password could not be hashed"),
						errhidestmt(true), errhidecontext(true)));
	key = ud_breached_key(digest);
	sodium_memzero(digest, sizeof(digest));
	return key;
}

/*
 * secret_key writes the key of a secret, normalized or as it was typed. It returns false when the
 * latter is the former.
 */
static bool
secret_key(Datum datum, bool as_typed, uint64 *key)
{
	ErrorContextCallback frame;
	UdSecret secret;
	bool differs;

	ud_secret_log_hide(&frame);
	ud_secret_open_password(datum, &secret);
	differs = !as_typed || secret.typed != secret.normalized;
	PG_TRY();
	{
		if (as_typed && differs)
			*key = compute_key(secret.typed, secret.typed_length);
		else if (differs)
			*key = compute_key(secret.normalized, secret.normalized_length);
	}
	PG_FINALLY();
	{
		ud_secret_close(&secret);
	}
	PG_END_TRY();
	ud_secret_log_show(&frame);
	return differs;
}

UD_FUNCTION(userdir__breach_key);

/*
 * userdir__breach_key returns the key under which a password is looked up, or null where the typed
 * password is the normalized one.
 *
 * Arguments: password userdir.secret, as_typed boolean.
 */
Datum
userdir__breach_key(PG_FUNCTION_ARGS)
{
	uint64 key;

	if (!secret_key(PG_GETARG_DATUM(0), PG_GETARG_BOOL(1), &key))
		PG_RETURN_NULL();
	PG_RETURN_INT64(ud_breach_key_to_int64(key));
}

UD_FUNCTION(userdir__breached_block_has);

/*
 * userdir__breached_block_has returns whether the key of a password is in a block.
 *
 * Arguments: first bigint, hashes bytea, password userdir.secret, as_typed boolean.
 * Errors: XX001 when it is no block.
 */
Datum
userdir__breached_block_has(PG_FUNCTION_ARGS)
{
	uint64 first = ud_breach_key_from_int64(PG_GETARG_INT64(0));
	bytea *block = PG_GETARG_BYTEA_PP(1);
	const uint8 *bytes = (const uint8 *)VARDATA_ANY(block);
	size_t size = VARSIZE_ANY_EXHDR(block);
	uint64 key;

	if (ud_breached_block_count(bytes, size) == 0)
		raise_no_block();
	PG_RETURN_BOOL(secret_key(PG_GETARG_DATUM(2), PG_GETARG_BOOL(3), &key) &&
				   ud_breached_block_has(first, bytes, size, key));
}

static bool
is_test_password(const UdSecret *secret)
{
	const char *text = (const char *)secret->normalized;
	size_t length = secret->normalized_length;

	for (int i = 0; i < lengthof(test_passwords); i++)
	{
		if (length == strlen(test_passwords[i]) && memcmp(text, test_passwords[i], length) == 0)
			return true;
	}
	return length >= strlen(test_prefix) && memcmp(text, test_prefix, strlen(test_prefix)) == 0;
}

static bool
is_common(const UdSecret *secret)
{
	UdSpan folded = ud_policy_words_fold_utf8(secret->normalized, secret->normalized_length);
	bool result = ud_common_passwords_have(UD_COMMON_ALL, folded);

	sodium_memzero(unconstify(char *, folded.data), folded.length);
	return result;
}

UD_FUNCTION(userdir__is_known_password);

/*
 * userdir__is_known_password returns whether a password is known without any list: one of those for
 * tests, or a common one in whatever case.
 *
 * Arguments: password userdir.secret.
 */
Datum
userdir__is_known_password(PG_FUNCTION_ARGS)
{
	ErrorContextCallback frame;
	UdSecret secret;
	bool result;

	ud_secret_log_hide(&frame);
	ud_secret_open_password(PG_GETARG_DATUM(0), &secret);
	result = is_test_password(&secret) || is_common(&secret);
	ud_secret_close(&secret);
	ud_secret_log_show(&frame);
	PG_RETURN_BOOL(result);
}
