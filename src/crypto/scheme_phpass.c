/*
 * scheme_phpass.c: the portable hashes of phpass, in PHP applications.
 *
 *     $P$BsaltsaltAAAAAAAAAAAAAAAAAAAAAA     WordPress and many more: MD5, iterated
 *     $H$9saltsaltAAAAAAAAAAAAAAAAAAAAAA     phpBB: the same
 *     $S$DsaltsaltAAAAA...                   Drupal 7: SHA-512, cut to 43 characters
 *
 * One character tells the binary logarithm of the iterations; eight are the salt, as they stand.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "crypto/hash_parse.h"
#include "crypto/schemes.h"

#define SETTING_LENGTH     12
#define SALT_LENGTH        8
#define MD5_TEXT_LENGTH    22
#define DRUPAL_TEXT_LENGTH 43
#define MIN_LOG_ITERATIONS 7
#define MAX_LOG_ITERATIONS 18

static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* digit_value returns the place of a character among the digits, or -1. */
static int
digit_value(char c)
{
	const char *found = c != '\0' ? strchr(digits, c) : NULL;

	return found ? (int)(found - digits) : -1;
}

static void
parse_as(UdSpan text, bool without_hash, const char *digest, size_t text_length, UdStoredHash *hash)
{
	size_t length = SETTING_LENGTH + (without_hash ? 0 : text_length);
	int log_iterations;

	if (text.length != length)
		ud_hash_reject("a phpass hash that begins with %.3s must have %zu characters", text.data,
					   length);
	log_iterations = digit_value(text.data[3]);
	if (log_iterations < MIN_LOG_ITERATIONS || log_iterations > MAX_LOG_ITERATIONS)
		ud_hash_reject("the cost of a phpass hash must be between \"%c\" and \"%c\"",
					   digits[MIN_LOG_ITERATIONS], digits[MAX_LOG_ITERATIONS]);
	for (size_t i = SETTING_LENGTH; i < length; i++)
	{
		if (digit_value(text.data[i]) < 0)
			ud_hash_reject("a phpass hash has a character that cannot be there");
	}

	hash->digest = ud_digest_find(ud_span_of(digest));
	ud_digest_require(hash->digest);
	hash->iterations = (uint32)1 << log_iterations;
	hash->setting = (UdSpan){text.data, SETTING_LENGTH};
	hash->salt = (UdBytes){(const uint8 *)text.data + SETTING_LENGTH - SALT_LENGTH, SALT_LENGTH};
	hash->expected = (UdBytes){(const uint8 *)text.data + SETTING_LENGTH, length - SETTING_LENGTH};
	hash->r = text_length;
}

static void
parse_md5(UdSpan text, bool without_hash, UdStoredHash *hash)
{
	parse_as(text, without_hash, "md5", MD5_TEXT_LENGTH, hash);
}

static void
parse_drupal(UdSpan text, bool without_hash, UdStoredHash *hash)
{
	parse_as(text, without_hash, "sha512", DRUPAL_TEXT_LENGTH, hash);
}

/* encode writes bytes in groups of three, the lowest bits first, as phpass does. */
static void
encode(const uint8 *bytes, size_t length, char *target)
{
	for (size_t i = 0; i < length; i += 3)
	{
		uint32 group = bytes[i];

		if (i + 1 < length)
			group |= (uint32)bytes[i + 1] << 8;
		if (i + 2 < length)
			group |= (uint32)bytes[i + 2] << 16;
		for (int digit = 0; digit < 4; digit++)
			*target++ = digits[(group >> (6 * digit)) & 63];
	}
}

static UdHashOutcome
compute_phpass(const UdStoredHash *hash, UdBytes input, uint8 *result, size_t *length)
{
	uint8 digest[UD_DIGEST_MAX_LENGTH];
	char encoded[(UD_DIGEST_MAX_LENGTH + 2) / 3 * 4];
	bool ok = ud_digest_compute(hash->digest, hash->salt, input, hash->iterations, digest);

	encode(digest, hash->digest->length, encoded);
	*length = hash->r;
	memcpy(result, encoded, *length);
	sodium_memzero(digest, sizeof(digest));
	sodium_memzero(encoded, sizeof(encoded));
	return ok ? UD_HASH_COMPUTED : UD_HASH_FAILED;
}

static int
describe_phpass(const UdStoredHash *hash, UdHashFact *facts)
{
	facts[0] = (UdHashFact){"scheme", "phpass", 0};
	facts[1] = (UdHashFact){"digest", hash->digest->name, 0};
	facts[2] = (UdHashFact){"iterations", NULL, hash->iterations};
	return 3;
}

const UdHashScheme ud_scheme_phpass = {
	.prefix = "$P$",
	.parse = parse_md5,
	.compute = compute_phpass,
	.describe = describe_phpass,
	.is_slow = true,
};

const UdHashScheme ud_scheme_phpass_bb = {
	.prefix = "$H$",
	.parse = parse_md5,
	.compute = compute_phpass,
	.describe = describe_phpass,
	.is_slow = true,
};

const UdHashScheme ud_scheme_phpass_drupal = {
	.prefix = "$S$",
	.parse = parse_drupal,
	.compute = compute_phpass,
	.describe = describe_phpass,
	.is_slow = true,
};
