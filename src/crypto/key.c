/*
 * key.c: keys that sign and verify, and their algorithms.
 */
#include "base/userdir.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "miscadmin.h"

#include "crypto/key.h"
#include "crypto/key_parts.h"
#include "crypto/openssl_context.h"
#include "crypto/roca.h"

static const UdAlgorithm algorithms[] = {
	{"RS256", UD_KEY_RSA, "SHA256", false, NULL, NULL, 0},
	{"RS384", UD_KEY_RSA, "SHA384", false, NULL, NULL, 0},
	{"RS512", UD_KEY_RSA, "SHA512", false, NULL, NULL, 0},
	{"PS256", UD_KEY_RSA, "SHA256", true, NULL, NULL, 0},
	{"PS384", UD_KEY_RSA, "SHA384", true, NULL, NULL, 0},
	{"PS512", UD_KEY_RSA, "SHA512", true, NULL, NULL, 0},
	{"ES256", UD_KEY_EC, "SHA256", false, "P-256", "prime256v1", 32},
	{"ES384", UD_KEY_EC, "SHA384", false, "P-384", "secp384r1", 48},
	{"ES512", UD_KEY_EC, "SHA512", false, "P-521", "secp521r1", 66},
	{"EdDSA", UD_KEY_ED25519, NULL, false, "Ed25519", NULL, 32},
};

/* Room for a signature by ECDSA as OpenSSL writes it. */
#define MAX_EC_DER 160

/* What its parts begin with. Lengths from 128 on stand behind a byte that says so. */
#define DER_SEQUENCE    0x30
#define DER_INTEGER     0x02
#define DER_LONG_LENGTH 0x81

const UdAlgorithm *
ud_algorithm_find(UdSpan name)
{
	for (size_t i = 0; i < lengthof(algorithms); i++)
	{
		if (ud_span_is(name, algorithms[i].name))
			return &algorithms[i];
	}
	return NULL;
}

const char *
ud_algorithm_names(void)
{
	return "RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA";
}

const UdAlgorithm *
ud_key_algorithm(const UdKey *key)
{
	return key->algorithm;
}

const char *
ud_key_given_kid(const UdKey *key)
{
	return key->kid[0] != '\0' ? key->kid : NULL;
}

void
ud_key_free(UdKey *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_CTX_free(key->sign_state);
	EVP_PKEY_CTX_free(key->check_state);
	EVP_MD_CTX_free(key->digest_state);
	EVP_MD_free(key->digest);
	EVP_PKEY_free(key->pkey);
	OPENSSL_clear_free(key, sizeof(*key));
}

/* best_algorithm returns the algorithm that suits the type of a key, or NULL. */
static const UdAlgorithm *
best_algorithm(const EVP_PKEY *pkey)
{
	char group[32] = "";

	if (EVP_PKEY_is_a(pkey, "RSA"))
		return &algorithms[0];
	if (EVP_PKEY_is_a(pkey, "ED25519"))
		return &algorithms[lengthof(algorithms) - 1];
	if (EVP_PKEY_is_a(pkey, "EC") &&
		EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group),
									   NULL) == 1)
	{
		for (size_t i = 0; i < lengthof(algorithms); i++)
		{
			if (algorithms[i].group != NULL && strcmp(group, algorithms[i].group) == 0)
				return &algorithms[i];
		}
	}
	return NULL;
}

/* check_rsa returns what is wrong with an RSA key, or NULL. */
static const char *
check_rsa(EVP_PKEY *pkey)
{
	BIGNUM *exponent = NULL;
	BIGNUM *modulus = NULL;
	bool is_odd_and_fits = false;
	bool is_weak = true;
	int bits = EVP_PKEY_get_bits(pkey);

	if (bits < UD_KEY_MIN_RSA_BITS)
		return "has fewer than 2048 bits";
	if (bits > UD_KEY_MAX_RSA_BITS)
		return "has more than 8192 bits";
	if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1)
		is_odd_and_fits =
			BN_is_odd(exponent) && BN_num_bits(exponent) >= 2 && BN_num_bits(exponent) <= 64;
	BN_free(exponent);
	if (!is_odd_and_fits)
		return "has an exponent that is none";
	if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &modulus) == 1)
		is_weak = ud_roca_is_marked(modulus);
	BN_free(modulus);
	return is_weak ? "was made by a faulty generator and can be factored" : NULL;
}

/* check_whole returns what is wrong between the parts of a key, or NULL. */
static const char *
check_whole(EVP_PKEY *pkey, bool has_private)
{
	EVP_PKEY_CTX *state = EVP_PKEY_CTX_new_from_pkey(ud_openssl_context(), pkey, NULL);
	bool ok = state != NULL && EVP_PKEY_public_check(state) == 1 &&
			  (!has_private || EVP_PKEY_pairwise_check(state) == 1);

	EVP_PKEY_CTX_free(state);
	return ok ? NULL : "is none: its numbers do not belong together";
}

/* take_ed25519 copies a key of Ed25519 for libsodium. */
static const char *
take_ed25519(UdKey *key)
{
	size_t length = sizeof(key->ed_public);
	uint8 seed[crypto_sign_SEEDBYTES];
	uint8 derived[crypto_sign_PUBLICKEYBYTES];
	bool ok = EVP_PKEY_get_raw_public_key(key->pkey, key->ed_public, &length) == 1 &&
			  length == sizeof(key->ed_public) &&
			  crypto_core_ed25519_is_valid_point(key->ed_public) == 1;

	if (ok && key->has_private)
	{
		length = sizeof(seed);
		ok = EVP_PKEY_get_raw_private_key(key->pkey, seed, &length) == 1 &&
			 length == sizeof(seed) &&
			 crypto_sign_seed_keypair(derived, key->ed_secret, seed) == 0 &&
			 memcmp(derived, key->ed_public, sizeof(derived)) == 0;
		sodium_memzero(seed, sizeof(seed));
	}
	return ok ? NULL : "is no point of the curve, or its parts do not belong together";
}

/* prepare_digest fetches what texts are hashed with. */
static const char *
prepare_digest(UdKey *key)
{
	if (key->algorithm->digest == NULL)
		return NULL;
	key->digest = EVP_MD_fetch(ud_openssl_context(), key->algorithm->digest, NULL);
	key->digest_state = EVP_MD_CTX_new();
	return key->digest != NULL && key->digest_state != NULL
			   ? NULL
			   : "needs a digest that this server's OpenSSL does not have";
}

static const char *
examine(UdKey *key, const UdAlgorithm *wanted)
{
	const UdAlgorithm *best = best_algorithm(key->pkey);
	const char *problem = NULL;

	if (best == NULL)
		return "is of a type or on a curve that is not supported";
	key->algorithm = wanted != NULL ? wanted : best;
	if (key->algorithm->type != best->type || key->algorithm->group != best->group)
		return "is not of the type that its algorithm needs";

	if (key->algorithm->type == UD_KEY_ED25519)
		return take_ed25519(key);
	if (key->algorithm->type == UD_KEY_RSA)
		problem = check_rsa(key->pkey);
	if (problem == NULL)
		problem = check_whole(key->pkey, key->has_private);
	return problem != NULL ? problem : prepare_digest(key);
}

UdKey *
ud_key_adopt(EVP_PKEY *pkey, const UdAlgorithm *algorithm, bool has_private, const char **problem)
{
	UdKey *key = OPENSSL_zalloc(sizeof(UdKey));

	if (key == NULL)
	{
		EVP_PKEY_free(pkey);
		*problem = "does not fit into memory";
		return NULL;
	}
	key->pkey = pkey;
	key->has_private = has_private;
	*problem = examine(key, algorithm);
	ERR_clear_error();
	if (*problem != NULL)
	{
		ud_key_free(key);
		return NULL;
	}
	return key;
}

/*
 * continue_generation tells OpenSSL to give up once the statement is cancelled. Other interrupts,
 * such as those by which backends hear of a dropped database, wait.
 */
static int
continue_generation(EVP_PKEY_CTX *state)
{
	return QueryCancelPending || ProcDiePending ? 0 : 1;
}

/* start_generation sets what kind of key is to be made. */
static bool
start_generation(EVP_PKEY_CTX *state, const UdAlgorithm *algorithm, int bits)
{
	if (state == NULL || EVP_PKEY_keygen_init(state) != 1)
		return false;
	EVP_PKEY_CTX_set_cb(state, continue_generation);
	if (algorithm->type == UD_KEY_RSA)
		return EVP_PKEY_CTX_set_rsa_keygen_bits(state, bits) == 1;
	if (algorithm->type == UD_KEY_EC)
		return EVP_PKEY_CTX_set_group_name(state, algorithm->group) == 1;
	return true;
}

UdKey *
ud_key_generate(const UdAlgorithm *algorithm, int bits, const char **problem)
{
	static const char *const types[] = {
		[UD_KEY_RSA] = "RSA", [UD_KEY_EC] = "EC", [UD_KEY_ED25519] = "ED25519"};
	EVP_PKEY_CTX *state =
		EVP_PKEY_CTX_new_from_name(ud_openssl_context(), types[algorithm->type], NULL);
	EVP_PKEY *pkey = NULL;
	bool ok = start_generation(state, algorithm, bits) && EVP_PKEY_generate(state, &pkey) == 1;

	EVP_PKEY_CTX_free(state);
	ERR_clear_error();
	if (!ok)
	{
		*problem = "could not be made";
		return NULL;
	}
	return ud_key_adopt(pkey, algorithm, true, problem);
}

/* prepare returns a state to sign or to verify with; NULL when OpenSSL fails. */
static EVP_PKEY_CTX *
prepare(const UdKey *key, int (*start)(EVP_PKEY_CTX *))
{
	const UdAlgorithm *algorithm = key->algorithm;
	EVP_PKEY_CTX *state = EVP_PKEY_CTX_new_from_pkey(ud_openssl_context(), key->pkey, NULL);
	bool ok = state != NULL && start(state) == 1 &&
			  EVP_PKEY_CTX_set_signature_md(state, key->digest) == 1;

	if (ok && algorithm->type == UD_KEY_RSA)
		ok = EVP_PKEY_CTX_set_rsa_padding(state, algorithm->is_pss ? RSA_PKCS1_PSS_PADDING
																   : RSA_PKCS1_PADDING) == 1;
	if (ok && algorithm->is_pss)
		ok = EVP_PKEY_CTX_set_rsa_pss_saltlen(state, RSA_PSS_SALTLEN_DIGEST) == 1 &&
			 EVP_PKEY_CTX_set_rsa_mgf1_md(state, key->digest) == 1;
	if (!ok)
	{
		EVP_PKEY_CTX_free(state);
		ERR_clear_error();
		return NULL;
	}
	return state;
}

/* digest_text hashes a text with the digest of the key's algorithm. */
static bool
digest_text(UdKey *key, UdSpan text, uint8 *digest, unsigned int *length)
{
	return EVP_DigestInit_ex2(key->digest_state, key->digest, NULL) == 1 &&
		   EVP_DigestUpdate(key->digest_state, text.data, text.length) == 1 &&
		   EVP_DigestFinal_ex(key->digest_state, digest, length) == 1;
}

/*
 * take_number reads a number of a signature in DER, and writes it filled up to size bytes. Returns
 * what stands behind it, NULL when it is none.
 */
static const uint8 *
take_number(const uint8 *at, const uint8 *end, uint8 *target, size_t size)
{
	size_t length;

	if (end - at < 2 || at[0] != DER_INTEGER || at[1] > end - at - 2)
		return NULL;
	length = at[1];
	at += 2;
	for (; length > size && *at == 0; length--)
		at++;
	if (length > size)
		return NULL;
	memset(target, 0, size - length);
	memcpy(target + size - length, at, length);
	return at + length;
}

/*
 * write_ecdsa turns a signature from OpenSSL's form, DER, into that of JWS: two numbers, filled up.
 * OpenSSL's own reader takes more time than hashing a token does.
 */
static bool
write_ecdsa(const UdAlgorithm *algorithm, const uint8 *der, size_t der_length, uint8 *signature,
			size_t *length)
{
	const size_t half = algorithm->coordinate_bytes;
	const uint8 *end = der + der_length;
	const uint8 *at = der + (der_length > 2 && der[1] == DER_LONG_LENGTH ? 3 : 2);

	*length = 2 * half;
	at = take_number(at, end, signature, half);
	if (at != NULL)
		at = take_number(at, end, signature + half, half);
	return at == end;
}

static bool
sign_digest(UdKey *key, const uint8 *digest, unsigned int digest_length, uint8 *signature,
			size_t *length)
{
	uint8 der[MAX_EC_DER];
	size_t der_length = sizeof(der);

	if (key->sign_state == NULL)
		key->sign_state = prepare(key, EVP_PKEY_sign_init);
	if (key->sign_state == NULL)
		return false;
	if (key->algorithm->type == UD_KEY_RSA)
	{
		*length = UD_KEY_MAX_SIGNATURE;
		return EVP_PKEY_sign(key->sign_state, signature, length, digest, digest_length) == 1;
	}
	return EVP_PKEY_sign(key->sign_state, der, &der_length, digest, digest_length) == 1 &&
		   write_ecdsa(key->algorithm, der, der_length, signature, length);
}

bool
ud_key_sign(UdKey *key, UdSpan text, uint8 *signature, size_t *length)
{
	uint8 digest[EVP_MAX_MD_SIZE];
	unsigned int digest_length;
	bool ok;

	if (!key->has_private)
		return false;
	if (key->algorithm->type == UD_KEY_ED25519)
	{
		*length = crypto_sign_BYTES;
		return crypto_sign_detached(signature, NULL, (const uint8 *)text.data, text.length,
									key->ed_secret) == 0;
	}
	ok = digest_text(key, text, digest, &digest_length) &&
		 sign_digest(key, digest, digest_length, signature, length);
	if (!ok)
		ERR_clear_error();
	return ok;
}

/* put_number writes a number in DER, without zeros in front of it; returns what follows it. */
static uint8 *
put_number(uint8 *at, const uint8 *number, size_t size)
{
	for (; size > 1 && number[0] == 0; size--)
		number++;
	*at++ = DER_INTEGER;
	*at++ = (uint8)(size + (number[0] >> 7));
	if (number[0] & 0x80)
		*at++ = 0;
	memcpy(at, number, size);
	return at + size;
}

/* read_ecdsa turns a signature into OpenSSL's form; returns its length. */
static size_t
read_ecdsa(const UdAlgorithm *algorithm, const uint8 *signature, uint8 *der)
{
	const size_t half = algorithm->coordinate_bytes;
	uint8 numbers[MAX_EC_DER];
	uint8 *end = put_number(put_number(numbers, signature, half), signature + half, half);
	const size_t length = (size_t)(end - numbers);
	uint8 *at = der;

	*at++ = DER_SEQUENCE;
	if (length >= 0x80)
		*at++ = DER_LONG_LENGTH;
	*at++ = (uint8)length;
	memcpy(at, numbers, length);
	return (size_t)(at - der) + length;
}

static bool
verify_digest(UdKey *key, const uint8 *digest, unsigned int digest_length, const uint8 *signature,
			  size_t length)
{
	uint8 der[MAX_EC_DER];

	if (key->check_state == NULL)
		key->check_state = prepare(key, EVP_PKEY_verify_init);
	if (key->check_state == NULL)
		return false;
	if (key->algorithm->type == UD_KEY_EC)
	{
		if (length != 2 * key->algorithm->coordinate_bytes)
			return false;
		length = read_ecdsa(key->algorithm, signature, der);
		signature = der;
	}
	else if (length != (size_t)EVP_PKEY_get_size(key->pkey))
		return false;
	return EVP_PKEY_verify(key->check_state, signature, length, digest, digest_length) == 1;
}

/*
 * digest_to_verify hashes a text. Ed25519 has no use for the digest, as it hashes the text together
 * with the signature; for its memo any will do.
 */
static bool
digest_to_verify(UdKey *key, UdSpan text, uint8 *digest, unsigned int *length)
{
	if (key->algorithm->type != UD_KEY_ED25519)
		return digest_text(key, text, digest, length);
	*length = crypto_generichash_BYTES;
	return crypto_generichash(digest, *length, (const uint8 *)text.data, text.length, NULL, 0) == 0;
}

/* is_right checks a signature of a text, of which the digest is given, too. */
static bool
is_right(UdKey *key, UdSpan text, const uint8 *digest, unsigned int digest_length,
		 const uint8 *signature, size_t length)
{
	if (key->algorithm->type != UD_KEY_ED25519)
		return verify_digest(key, digest, digest_length, signature, length);
	return length == crypto_sign_BYTES &&
		   crypto_sign_verify_detached(signature, (const uint8 *)text.data, text.length,
									   key->ed_public) == 0;
}

bool
ud_key_verify(UdKey *key, UdSpan text, const uint8 *signature, size_t length)
{
	uint8 digest[EVP_MAX_MD_SIZE];
	uint8 mark[UD_SIGNATURE_MARK_SIZE];
	unsigned int digest_length;

	if (digest_to_verify(key, text, digest, &digest_length))
	{
		ud_signature_mark(digest, digest_length, signature, length, mark);
		if (ud_signature_memo_has(&key->verified, mark))
			return true;
		if (is_right(key, text, digest, digest_length, signature, length))
		{
			ud_signature_memo_put(&key->verified, mark);
			return true;
		}
	}
	ERR_clear_error();
	return false;
}
