/*
 * scheme_crypt.c: the strings of crypt(3), by libxcrypt.
 *
 *     $2b$10$salt and hash           bcrypt; also $2a$ and $2y$
 *     $1$salt$hash                   md5-crypt
 *     $5$rounds=5000$salt$hash       sha256-crypt, and $6$ for sha512-crypt
 *     $y$j9T$salt$hash               yescrypt
 */
#include "base/userdir.h"

#include <crypt.h>
#include <sodium.h>

#include "crypto/hash_parse.h"
#include "crypto/schemes.h"

#define BCRYPT_SETTING_LENGTH 29
#define BCRYPT_LENGTH         60
#define BCRYPT_MAX_INPUT      72 /* it looks at no more */
#define BCRYPT_MIN_COST       4
#define BCRYPT_MAX_COST       15

#define MAX_ROUNDS            1000000
#define DEFAULT_ROUNDS        5000
#define MIN_ROUNDS            1000

static bool
is_crypt_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
		   c == '/';
}

static bool
are_crypt_digits(UdSpan text)
{
	for (size_t i = 0; i < text.length; i++)
	{
		if (!is_crypt_digit(text.data[i]))
			return false;
	}
	return true;
}

/* split cuts setting and expected hash out of a string in which the setting has this length. */
static void
split(UdSpan text, size_t setting_length, UdStoredHash *hash)
{
	hash->setting = (UdSpan){text.data, setting_length};
	hash->expected =
		(UdBytes){(const uint8 *)text.data + setting_length, text.length - setting_length};
	hash->crypt_setting = pnstrdup(text.data, setting_length);
}

static void
parse_bcrypt(UdSpan text, bool without_hash, UdStoredHash *hash)
{
	UdSpan rest;

	if (text.length != (without_hash ? BCRYPT_SETTING_LENGTH : BCRYPT_LENGTH) ||
		text.data[6] != '$')
		ud_hash_reject("a bcrypt hash must have %d characters", BCRYPT_LENGTH);
	if (text.data[3] != '$' || strchr("aby", text.data[2]) == NULL)
		ud_hash_reject("a bcrypt hash must begin with $2a$, $2b$ or $2y$");
	rest = (UdSpan){text.data + 7, text.length - 7};
	if (!are_crypt_digits(rest))
		ud_hash_reject("a bcrypt hash has a character that cannot be there");

	if (text.data[4] < '0' || text.data[4] > '9' || text.data[5] < '0' || text.data[5] > '9')
		ud_hash_reject("the cost of a bcrypt hash must have two digits");
	hash->iterations = (uint32)((text.data[4] - '0') * 10 + text.data[5] - '0');
	if (hash->iterations < BCRYPT_MIN_COST || hash->iterations > BCRYPT_MAX_COST)
		ud_hash_reject("the cost of a bcrypt hash must be between %d and %d", BCRYPT_MIN_COST,
					   BCRYPT_MAX_COST);
	split(text, BCRYPT_SETTING_LENGTH, hash);
}

/* run_crypt hashes up to max bytes of input by crypt(3) and gives what stands behind the setting.
 */
static UdHashOutcome
run_crypt(const UdStoredHash *hash, UdBytes input, size_t max, struct crypt_data *data,
		  uint8 *result, size_t *length)
{
	char phrase[CRYPT_MAX_PASSPHRASE_SIZE];
	size_t phrase_length = Min(input.length, max);
	size_t setting_length = strlen(hash->crypt_setting);
	const char *hashed;

	/* crypt(3) would end at a NUL, and everything that goes on behind it would match. */
	if (phrase_length >= sizeof(phrase) || memchr(input.bytes, '\0', phrase_length) != NULL)
		return UD_HASH_IMPOSSIBLE;

	memcpy(phrase, input.bytes, phrase_length);
	phrase[phrase_length] = '\0';
	memset(data, 0, sizeof(*data));
	hashed = crypt_r(phrase, hash->crypt_setting, data);
	sodium_memzero(phrase, sizeof(phrase));
	if (hashed == NULL || hashed[0] != '$' || strlen(hashed) <= setting_length)
		return UD_HASH_FAILED;

	*length = strlen(hashed) - setting_length;
	memcpy(result, hashed + setting_length, *length);
	return UD_HASH_COMPUTED;
}

static UdHashOutcome
compute_up_to(const UdStoredHash *hash, UdBytes input, size_t max, uint8 *result, size_t *length)
{
	struct crypt_data data;
	UdHashOutcome outcome = run_crypt(hash, input, max, &data, result, length);

	sodium_memzero(&data, sizeof(data));
	return outcome;
}

static UdHashOutcome
compute_bcrypt(const UdStoredHash *hash, UdBytes input, uint8 *result, size_t *length)
{
	return compute_up_to(hash, input, BCRYPT_MAX_INPUT, result, length);
}

static UdHashOutcome
compute_crypt(const UdStoredHash *hash, UdBytes input, uint8 *result, size_t *length)
{
	return compute_up_to(hash, input, input.length, result, length);
}

static int
describe_bcrypt(const UdStoredHash *hash, UdHashFact *facts)
{
	facts[0] = (UdHashFact){"scheme", "bcrypt", 0};
	facts[1] = (UdHashFact){"cost", NULL, hash->iterations};
	return 2;
}

/*
 * take_field cuts off the front of *rest what stands before "$". A field that nothing follows is
 * not taken.
 */
static bool
take_field(UdSpan *rest, UdSpan *field)
{
	const char *end = memchr(rest->data, '$', rest->length);

	if (end == NULL)
		return false;
	*field = (UdSpan){rest->data, (size_t)(end - rest->data)};
	rest->length -= field->length + 1;
	rest->data = end + 1;
	return true;
}

/* check_salt refuses salts that crypt(3) would cut, or that no crypt(3) makes. */
static void
check_salt(UdSpan salt, size_t max)
{
	if (salt.length > max)
		ud_hash_reject("the salt of a crypt hash has %zu characters, but may have %zu", salt.length,
					   max);
	for (size_t i = 0; i < salt.length; i++)
	{
		if (salt.data[i] <= ' ' || salt.data[i] > '~' || strchr("!*:;\\", salt.data[i]) != NULL)
			ud_hash_reject("the salt of a crypt hash has a character that cannot be there");
	}
}

/*
 * parse_end reads "salt$hash" at the end of a string of crypt(3).
 */
static void
parse_end(UdSpan text, UdSpan rest, size_t max_salt, size_t hash_length, bool without_hash,
		  UdStoredHash *hash)
{
	UdSpan salt;

	if (!take_field(&rest, &salt))
		ud_hash_reject("a crypt hash is not whole");
	check_salt(salt, max_salt);
	if (without_hash)
		hash_length = 0;
	if (rest.length != hash_length || !are_crypt_digits(rest))
		ud_hash_reject(
			"a crypt hash that begins with %.3s must end in %zu characters of its alphabet",
			text.data, hash_length);
	split(text, text.length - hash_length, hash);
}

static void
parse_md5_crypt(UdSpan text, bool without_hash, UdStoredHash *hash)
{
	UdSpan rest = {text.data + 3, text.length - 3};

	parse_end(text, rest, 8, 22, without_hash, hash);
}

/* parse_sha_crypt reads the rounds, which need not be there. */
static void
parse_sha_crypt(UdSpan text, size_t hash_length, bool without_hash, UdStoredHash *hash)
{
	UdSpan rest = {text.data + 3, text.length - 3};

	hash->iterations = DEFAULT_ROUNDS;
	if (ud_hash_starts_with(rest, "rounds="))
	{
		UdSpan rounds;

		if (!take_field(&rest, &rounds))
			ud_hash_reject("a crypt hash is not whole");
		rounds.data += strlen("rounds=");
		rounds.length -= strlen("rounds=");
		if (!ud_phc_decimal(rounds, &hash->iterations) || hash->iterations < MIN_ROUNDS ||
			hash->iterations > MAX_ROUNDS)
			ud_hash_reject("the rounds of a crypt hash must be between %d and %d", MIN_ROUNDS,
						   MAX_ROUNDS);
	}
	parse_end(text, rest, 16, hash_length, without_hash, hash);
}

static void
parse_sha256_crypt(UdSpan text, bool without_hash, UdStoredHash *hash)
{
	parse_sha_crypt(text, 43, without_hash, hash);
}

static void
parse_sha512_crypt(UdSpan text, bool without_hash, UdStoredHash *hash)
{
	parse_sha_crypt(text, 86, without_hash, hash);
}

/*
 * parse_yescrypt reads the parameters in the two shapes that libxcrypt makes: j75 and j85, and
 * from j7T up to jDT, which needs 256 MB.
 */
static void
parse_yescrypt(UdSpan text, bool without_hash, UdStoredHash *hash)
{
	UdSpan rest = {text.data + 3, text.length - 3};
	UdSpan cost;
	bool known;

	if (!take_field(&rest, &cost))
		ud_hash_reject("a crypt hash is not whole");
	known =
		cost.length == 3 && cost.data[0] == 'j' &&
		((cost.data[2] == 'T' && cost.data[1] != '\0' && strchr("789ABCD", cost.data[1]) != NULL) ||
		 (cost.data[2] == '5' && (cost.data[1] == '7' || cost.data[1] == '8')));
	if (!known)
		ud_hash_reject(
			"the parameters of a yescrypt hash must be j75, j85, or between j7T and jDT");
	parse_end(text, rest, 86, 43, without_hash, hash);
}

static int
describe_md5_crypt(const UdStoredHash *hash, UdHashFact *facts)
{
	facts[0] = (UdHashFact){"scheme", "md5-crypt", 0};
	return 1;
}

static int
describe_sha_crypt(const UdStoredHash *hash, UdHashFact *facts)
{
	bool is_sha256 = hash->scheme == &ud_scheme_sha256_crypt;

	facts[0] = (UdHashFact){"scheme", is_sha256 ? "sha256-crypt" : "sha512-crypt", 0};
	facts[1] = (UdHashFact){"rounds", NULL, hash->iterations};
	return 2;
}

static int
describe_yescrypt(const UdStoredHash *hash, UdHashFact *facts)
{
	facts[0] = (UdHashFact){"scheme", "yescrypt", 0};
	facts[1] = (UdHashFact){"parameters", pnstrdup(hash->setting.data + 3, 3), 0};
	return 2;
}

const UdHashScheme ud_scheme_bcrypt = {
	.prefix = "$2",
	.parse = parse_bcrypt,
	.compute = compute_bcrypt,
	.describe = describe_bcrypt,
	.is_slow = true,
	.is_memory_hard = true,
	.ends_at_nul = true,
};

const UdHashScheme ud_scheme_md5_crypt = {
	.prefix = "$1$",
	.parse = parse_md5_crypt,
	.compute = compute_crypt,
	.describe = describe_md5_crypt,
	.is_slow = true,
	.ends_at_nul = true,
};

const UdHashScheme ud_scheme_sha256_crypt = {
	.prefix = "$5$",
	.parse = parse_sha256_crypt,
	.compute = compute_crypt,
	.describe = describe_sha_crypt,
	.is_slow = true,
	.ends_at_nul = true,
};

const UdHashScheme ud_scheme_sha512_crypt = {
	.prefix = "$6$",
	.parse = parse_sha512_crypt,
	.compute = compute_crypt,
	.describe = describe_sha_crypt,
	.is_slow = true,
	.ends_at_nul = true,
};

const UdHashScheme ud_scheme_yescrypt = {
	.prefix = "$y$",
	.parse = parse_yescrypt,
	.compute = compute_crypt,
	.describe = describe_yescrypt,
	.is_slow = true,
	.is_memory_hard = true,
	.ends_at_nul = true,
};
