/*
 * password_hash.c: hashing passwords, and verifying them against whatever is stored.
 *
 * Between taking a slot and giving it back nothing raises: libraries that allocate for themselves
 * run there.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/settings.h"
#include "crypto/hash_parse.h"
#include "crypto/hash_slots.h"
#include "crypto/password_hash.h"
#include "crypto/schemes.h"
#include "crypto/secret.h"
#include "crypto/secret_log.h"
#include "crypto/stored_hash.h"
#include "pure/base64.h"

#define SALT_LENGTH crypto_pwhash_SALTBYTES
#define HASH_LENGTH 32

/* The least that memory times passes may be: OWASP's weakest recommendation, 7 MB and 5 passes. */
#define MIN_WORK_KB (7168 * 5)

/* todays_cost returns the parameters that the settings ask for. */
static UdArgon2
todays_cost(void)
{
	UdArgon2 cost = {UD_ARGON2ID, 19, (uint32)ud_password_memory_kb, (uint32)ud_password_passes, 1};

	cost.passes = Max(cost.passes, (MIN_WORK_KB + cost.memory - 1) / cost.memory);
	return cost;
}

/* print_argon2id returns a PHC string. */
static char *
print_argon2id(const UdArgon2 *cost, const uint8 *salt, const uint8 *hash)
{
	char salt_text[UD_BASE64_SIZE(SALT_LENGTH)];
	char hash_text[UD_BASE64_SIZE(HASH_LENGTH)];

	ud_base64_encode(salt, SALT_LENGTH, salt_text);
	ud_base64_encode(hash, HASH_LENGTH, hash_text);
	return psprintf("$argon2id$v=19$m=%u,t=%u,p=1$%s$%s", cost->memory, cost->passes, salt_text,
					hash_text);
}

static void
raise_failure(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("a password could not be hashed"),
			 errdetail("Memory was short, or a stored hash has a salt that its library refuses."),
			 errhidestmt(true), errhidecontext(true)));
}

/* hash_bytes returns the Argon2id hash of bytes with a new salt. */
static char *
hash_bytes(UdBytes bytes)
{
	UdArgon2 cost = todays_cost();
	uint8 salt[SALT_LENGTH];
	uint8 hash[HASH_LENGTH];
	UdBytes salt_bytes = {salt, SALT_LENGTH};
	char *printed;
	bool ok;

	randombytes_buf(salt, sizeof(salt));
	ud_hash_slots_take();
	ok = ud_argon2_hash_compute(&cost, bytes, salt_bytes, hash, HASH_LENGTH);
	ud_hash_slots_give();
	CHECK_FOR_INTERRUPTS();

	if (!ok)
		raise_failure();
	printed = print_argon2id(&cost, salt, hash);
	sodium_memzero(hash, sizeof(hash));
	return printed;
}

char *
ud_password_hash(Datum datum)
{
	ErrorContextCallback frame;
	UdSecret secret;
	char *volatile hash = NULL;

	ud_secret_log_hide(&frame);
	ud_secret_open_password(datum, &secret);
	PG_TRY();
	{
		if (secret.normalized_length == 0)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("a password must not be empty")));
		hash = hash_bytes((UdBytes){secret.normalized, secret.normalized_length});
	}
	PG_FINALLY();
	{
		ud_secret_close(&secret);
	}
	PG_END_TRY();
	ud_secret_log_show(&frame);
	return hash;
}

/*
 * match_all tries the password as it is normalized and, where that is another, as it was typed:
 * others have hashed what was typed. work has room for either.
 */
static bool
match_all(const UdStoredHash *stored, const UdSecret *secret, uint8 *work, UdHashOutcome *outcome)
{
	bool matches = ud_stored_hash_matches(
		stored, (UdBytes){secret->normalized, secret->normalized_length}, work, outcome);

	if (!matches && *outcome == UD_HASH_COMPUTED && secret->typed != secret->normalized)
		matches = ud_stored_hash_matches(stored, (UdBytes){secret->typed, secret->typed_length},
										 work, outcome);
	return matches;
}

/* match_in_turn waits for a slot where the hash is slow, and then tries the password. */
static bool
match_in_turn(const UdStoredHash *stored, const UdSecret *secret)
{
	size_t size =
		ud_stored_hash_work_size(stored, Max(secret->normalized_length, secret->typed_length));
	uint8 *work = palloc(size);
	UdHashOutcome outcome;
	bool matches;

	if (ud_stored_hash_is_slow(stored))
		ud_hash_slots_take();
	matches = match_all(stored, secret, work, &outcome);
	ud_hash_slots_give();

	sodium_memzero(work, size);
	pfree(work);
	if (outcome == UD_HASH_FAILED)
		raise_failure();
	CHECK_FOR_INTERRUPTS();
	return matches;
}

bool
ud_password_verify(Datum datum, text *stored)
{
	ErrorContextCallback frame;
	UdStoredHash hash;
	UdSecret secret;
	volatile bool matches = false;

	ud_secret_log_hide(&frame);
	ud_stored_hash_parse((UdSpan){VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored)}, &hash);
	ud_secret_open_password(datum, &secret);
	PG_TRY();
	{
		matches = match_in_turn(&hash, &secret);
	}
	PG_FINALLY();
	{
		ud_secret_close(&secret);
	}
	PG_END_TRY();
	ud_secret_log_show(&frame);
	return matches;
}

bool
ud_password_verify_nothing(Datum secret)
{
	UdArgon2 cost = todays_cost();
	uint8 salt[SALT_LENGTH];
	uint8 hash[HASH_LENGTH];
	text *stored;

	/* The hash of no password at all: finding one that has it is as hard as breaking Argon2. */
	randombytes_buf(salt, sizeof(salt));
	randombytes_buf(hash, sizeof(hash));
	stored = cstring_to_text(print_argon2id(&cost, salt, hash));
	(void)ud_password_verify(secret, stored);
	pfree(stored);
	return false;
}

bool
ud_password_needs_rehash(text *stored)
{
	UdArgon2 cost = todays_cost();
	UdStoredHash hash;

	ud_stored_hash_parse((UdSpan){VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored)}, &hash);
	return hash.is_wrapped || hash.scheme != &ud_scheme_argon2 ||
		   hash.input.encoding != UD_ENCODING_UTF8 || hash.input.sha256_hex ||
		   hash.input.salt.length > 0 || memcmp(&hash.argon2, &cost, sizeof(cost)) != 0 ||
		   hash.salt.length != SALT_LENGTH || hash.expected.length != HASH_LENGTH;
}

bool
ud_password_is_costly(text *stored)
{
	UdArgon2 today = todays_cost();
	UdStoredHash hash;
	const UdArgon2 *cost;

	ud_stored_hash_parse((UdSpan){VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored)}, &hash);
	if (!hash.is_wrapped && hash.scheme != &ud_scheme_argon2)
		return false;
	cost = hash.is_wrapped ? &hash.wrapper : &hash.argon2;
	return (uint64)cost->memory * cost->passes * 2 >= (uint64)today.memory * today.passes;
}

UD_FUNCTION(userdir__hash_password);

/*
 * userdir__hash_password hashes a password.
 */
Datum
userdir__hash_password(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(ud_password_hash(PG_GETARG_DATUM(0))));
}

UD_FUNCTION(userdir__verify_password);

/*
 * userdir__verify_password verifies a password.
 */
Datum
userdir__verify_password(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(ud_password_verify(PG_GETARG_DATUM(0), PG_GETARG_TEXT_PP(1)));
}

UD_FUNCTION(userdir__verify_nothing);

/*
 * userdir__verify_nothing takes as long as verifying a password.
 */
Datum
userdir__verify_nothing(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(ud_password_verify_nothing(PG_GETARG_DATUM(0)));
}

UD_FUNCTION(userdir__password_needs_rehash);

/*
 * userdir__password_needs_rehash tells whether a stored hash should be replaced.
 */
Datum
userdir__password_needs_rehash(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(ud_password_needs_rehash(PG_GETARG_TEXT_PP(0)));
}

UD_FUNCTION(userdir__is_costly_hash);

/*
 * userdir__is_costly_hash tells whether verifying a stored hash takes about as long as one of
 * today.
 */
Datum
userdir__is_costly_hash(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(ud_password_is_costly(PG_GETARG_TEXT_PP(0)));
}

/* is_weak returns whether a hash is quick to guess: neither hard by itself nor wrapped by one. */
static bool
is_weak(const UdStoredHash *hash)
{
	return !hash->is_wrapped && !hash->scheme->is_memory_hard;
}

UD_FUNCTION(userdir__is_weak_hash);

/*
 * userdir__is_weak_hash tells whether a stored hash should be wrapped.
 *
 * Errors: UD030 when what is stored is no hash.
 */
Datum
userdir__is_weak_hash(PG_FUNCTION_ARGS)
{
	text *stored = PG_GETARG_TEXT_PP(0);
	ErrorContextCallback frame;
	UdStoredHash hash;

	ud_secret_log_hide(&frame);
	ud_stored_hash_parse((UdSpan){VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored)}, &hash);
	ud_secret_log_show(&frame);
	PG_RETURN_BOOL(is_weak(&hash));
}

UD_FUNCTION(userdir__wrap_password_hash);

/*
 * userdir__wrap_password_hash hashes what a fast hash came to with Argon2id.
 *
 * Result: the wrapped hash; the stored one where that is hard or wrapped already.
 * Errors: UD030 when what is stored is no hash, UD201, 53200.
 */
Datum
userdir__wrap_password_hash(PG_FUNCTION_ARGS)
{
	text *stored = PG_GETARG_TEXT_PP(0);
	ErrorContextCallback frame;
	UdStoredHash hash;
	char *outer;

	ud_secret_log_hide(&frame);
	ud_stored_hash_parse((UdSpan){VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored)}, &hash);
	outer = is_weak(&hash) ? hash_bytes(hash.expected) : NULL;
	ud_secret_log_show(&frame);
	if (outer == NULL)
		PG_RETURN_TEXT_P(stored);
	PG_RETURN_TEXT_P(cstring_to_text(
		psprintf("$wrapped%s%.*s", outer, (int)hash.setting.length, hash.setting.data)));
}
