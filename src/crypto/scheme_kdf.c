/*
 * scheme_kdf.c: PBKDF2, scrypt, and Firebase's variant of scrypt.
 *
 *     $pbkdf2-sha256$i=600000,l=32$salt$hash
 *     $scrypt$ln=14,r=8,p=1$salt$hash
 *     $firebase-scrypt$ln=14,r=8,key=...,sep=Bw$salt$hash
 */
#include "base/userdir.h"

#include <sodium.h>

#include "crypto/hash_parse.h"
#include "crypto/schemes.h"

#define AES256_KEY_LENGTH 32

static void
parse_pbkdf2(UdSpan text, bool without_hash, UdStoredHash *hash)
{
	static const char *const parameters[] = {"i", "l", NULL};
	UdPhc phc;
	uint32 length;
	uint32 blocks;

	ud_hash_phc(text, parameters, &phc);
	hash->digest = ud_hash_digest(&phc, "pbkdf2-");
	length = ud_hash_number(&phc, "l", UD_HASH_MIN_LENGTH, UD_HASH_MAX_LENGTH);

	/* Every block of the result costs all the iterations. */
	blocks = (length + hash->digest->length - 1) / hash->digest->length;
	hash->iterations = ud_hash_number(&phc, "i", 1, hash->digest->speed * 1000000 / blocks);
	ud_hash_end(text, &phc, without_hash, length, hash);
	hash->r = length;
}

static UdHashOutcome
compute_pbkdf2(const UdStoredHash *hash, UdBytes input, uint8 *result, size_t *length)
{
	*length = hash->r;
	return ud_pbkdf2_compute(hash->digest, input, hash->salt, hash->iterations, result, *length)
			   ? UD_HASH_COMPUTED
			   : UD_HASH_FAILED;
}

static int
describe_pbkdf2(const UdStoredHash *hash, UdHashFact *facts)
{
	facts[0] = (UdHashFact){"scheme", "pbkdf2", 0};
	facts[1] = (UdHashFact){"digest", hash->digest->name, 0};
	facts[2] = (UdHashFact){"iterations", NULL, hash->iterations};
	return 3;
}

/* parse_scrypt_cost reads ln and r, and p where it can be. */
static void
parse_scrypt_cost(const UdPhc *phc, bool has_p, UdStoredHash *hash)
{
	uint32 kilobytes;

	hash->log_n = ud_hash_number(phc, "ln", 1, UD_HASH_MAX_LOG_N);
	hash->r = ud_hash_number(phc, "r", 1, UD_HASH_MAX_R);
	hash->p = has_p ? ud_hash_number(phc, "p", 1, UD_HASH_MAX_P) : 1;

	/* RFC 7914: n must be less than 2^(128 * r / 8). */
	if (hash->log_n >= 16 * hash->r)
		ud_hash_reject("parameter \"ln\" of a hash of scheme %.*s must be less than 16 times \"r\"",
					   (int)phc->id.length, phc->id.data);

	kilobytes = (uint32)((UINT64CONST(128) * hash->r << hash->log_n) / 1024);
	if (kilobytes > UD_HASH_MAX_MEMORY_KB)
		ud_hash_reject(
			"parameters \"ln\" and \"r\" of a hash of scheme %.*s ask for more memory than "
			"%d MB",
			(int)phc->id.length, phc->id.data, UD_HASH_MAX_MEMORY_KB / 1024);
	if ((uint64)kilobytes * hash->p > UD_HASH_MAX_SCRYPT_WORK_KB)
		ud_hash_reject(
			"parameter \"p\" of a hash of scheme %.*s is too large beside \"ln\" and \"r\"",
			(int)phc->id.length, phc->id.data);
}

static void
parse_scrypt(UdSpan text, bool without_hash, UdStoredHash *hash)
{
	static const char *const parameters[] = {"ln", "r", "p", NULL};
	UdPhc phc;

	ud_hash_phc(text, parameters, &phc);
	if (!ud_span_is(phc.id, "scrypt"))
		ud_hash_reject("a password hash of this scheme is not known");
	parse_scrypt_cost(&phc, true, hash);
	ud_hash_end(text, &phc, without_hash, 0, hash);
}

static UdHashOutcome
compute_scrypt(const UdStoredHash *hash, UdBytes input, uint8 *result, size_t *length)
{
	*length = hash->expected.length;
	return ud_scrypt_compute(input, hash->salt, hash->log_n, hash->r, hash->p, result, *length)
			   ? UD_HASH_COMPUTED
			   : UD_HASH_FAILED;
}

static int
describe_scrypt(const UdStoredHash *hash, UdHashFact *facts)
{
	facts[0] = (UdHashFact){"scheme", hash->key.length > 0 ? "firebase-scrypt" : "scrypt", 0};
	facts[1] = (UdHashFact){"cost", NULL, (uint32)1 << hash->log_n};
	facts[2] = (UdHashFact){"block_size", NULL, hash->r};
	facts[3] = (UdHashFact){"parallelization", NULL, hash->p};
	return 4;
}

static void
parse_firebase(UdSpan text, bool without_hash, UdStoredHash *hash)
{
	static const char *const parameters[] = {"ln", "r", "key", "sep", NULL};
	UdPhc phc;
	const UdSpan *key;
	const UdSpan *separator;

	ud_hash_phc(text, parameters, &phc);
	parse_scrypt_cost(&phc, false, hash);
	key = ud_phc_find(&phc, "key");
	if (key == NULL)
		ud_hash_reject("a firebase-scrypt hash needs parameter \"key\"");
	hash->key = ud_hash_bytes(*key, "parameter \"key\" of a firebase-scrypt hash",
							  UD_HASH_MIN_LENGTH, UD_HASH_MAX_LENGTH);
	separator = ud_phc_find(&phc, "sep");
	if (separator != NULL)
		hash->separator = ud_hash_bytes(*separator, "parameter \"sep\" of a firebase-scrypt hash",
										1, UD_HASH_MAX_SALT_LENGTH);
	ud_hash_end(text, &phc, without_hash, hash->key.length, hash);

	if (hash->separator.length > 0)
	{
		uint8 *both = palloc(hash->salt.length + hash->separator.length);

		memcpy(both, hash->salt.bytes, hash->salt.length);
		memcpy(both + hash->salt.length, hash->separator.bytes, hash->separator.length);
		hash->salt = (UdBytes){both, hash->salt.length + hash->separator.length};
	}
}

/* compute_firebase encrypts the project's key under a key that scrypt makes of the password. */
static UdHashOutcome
compute_firebase(const UdStoredHash *hash, UdBytes input, uint8 *result, size_t *length)
{
	uint8 derived[AES256_KEY_LENGTH];
	bool ok = ud_scrypt_compute(input, hash->salt, hash->log_n, hash->r, hash->p, derived,
								sizeof(derived)) &&
			  ud_aes256_ctr_compute(derived, hash->key, result);

	sodium_memzero(derived, sizeof(derived));
	*length = hash->key.length;
	return ok ? UD_HASH_COMPUTED : UD_HASH_FAILED;
}

const UdHashScheme ud_scheme_pbkdf2 = {
	.prefix = "$pbkdf2-",
	.parse = parse_pbkdf2,
	.compute = compute_pbkdf2,
	.describe = describe_pbkdf2,
	.is_slow = true,
};

const UdHashScheme ud_scheme_scrypt = {
	.prefix = "$scrypt$",
	.parse = parse_scrypt,
	.compute = compute_scrypt,
	.describe = describe_scrypt,
	.is_slow = true,
	.is_memory_hard = true,
};

const UdHashScheme ud_scheme_firebase = {
	.prefix = "$firebase-scrypt$",
	.parse = parse_firebase,
	.compute = compute_firebase,
	.describe = describe_scrypt,
	.is_slow = true,
	.is_memory_hard = true,
};
