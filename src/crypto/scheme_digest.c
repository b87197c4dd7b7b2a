/*
 * scheme_digest.c: plain digests and HMACs of a password, with a salt before or behind it.
 *
 *     $digest-sha1$pos=suffix$salt$hash
 *     $hmac-sha256$key=c2VjcmV0$salt$hash
 *
 * Without salt its field is empty; pos is prefix unless it says otherwise.
 */
#include "base/userdir.h"

#include "crypto/hash_parse.h"
#include "crypto/schemes.h"

static void
parse_digest(UdSpan text, bool without_hash, UdStoredHash *hash)
{
	static const char *const parameters[] = {"pos", NULL};
	UdPhc phc;

	ud_hash_phc(text, parameters, &phc);
	hash->digest = ud_hash_digest(&phc, "digest-");
	hash->salt_is_suffix = ud_hash_position(&phc);
	ud_hash_end(text, &phc, without_hash, hash->digest->length, hash);
}

static void
parse_hmac(UdSpan text, bool without_hash, UdStoredHash *hash)
{
	static const char *const parameters[] = {"key", "pos", NULL};
	UdPhc phc;
	const UdSpan *key;

	ud_hash_phc(text, parameters, &phc);
	hash->digest = ud_hash_digest(&phc, "hmac-");
	hash->salt_is_suffix = ud_hash_position(&phc);
	key = ud_phc_find(&phc, "key");
	if (key == NULL)
		ud_hash_reject("an hmac hash needs parameter \"key\"");
	hash->key =
		ud_hash_bytes(*key, "parameter \"key\" of an hmac hash", 1, UD_HASH_MAX_SALT_LENGTH);
	ud_hash_end(text, &phc, without_hash, hash->digest->length, hash);
}

static UdHashOutcome
compute_digest(const UdStoredHash *hash, UdBytes input, uint8 *result, size_t *length)
{
	UdBytes first = hash->salt_is_suffix ? input : hash->salt;
	UdBytes second = hash->salt_is_suffix ? hash->salt : input;
	bool ok = hash->key.length > 0 ? ud_hmac_compute(hash->digest, hash->key, first, second, result)
								   : ud_digest_compute(hash->digest, first, second, 0, result);

	*length = hash->digest->length;
	return ok ? UD_HASH_COMPUTED : UD_HASH_FAILED;
}

static int
describe_digest(const UdStoredHash *hash, UdHashFact *facts)
{
	int count = 0;

	facts[count++] = (UdHashFact){"scheme", hash->key.length > 0 ? "hmac" : "digest", 0};
	facts[count++] = (UdHashFact){"digest", hash->digest->name, 0};
	if (hash->salt.length > 0)
		facts[count++] = (UdHashFact){"position", hash->salt_is_suffix ? "suffix" : "prefix", 0};
	return count;
}

const UdHashScheme ud_scheme_digest = {
	.prefix = "$digest-",
	.parse = parse_digest,
	.compute = compute_digest,
	.describe = describe_digest,
};

const UdHashScheme ud_scheme_hmac = {
	.prefix = "$hmac-",
	.parse = parse_hmac,
	.compute = compute_digest,
	.describe = describe_digest,
};
