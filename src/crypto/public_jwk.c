/*
 * public_jwk.c: from the numbers of a public key to PEM, by OpenSSL. Nothing here may raise, so
 * that what OpenSSL allocates is freed.
 */
#include "base/userdir.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <sodium.h>

#include "crypto/public_jwk.h"

/* make_key lets OpenSSL make a public key of a type from parameters, which it frees. */
static EVP_PKEY *
make_key(const char *type, OSSL_PARAM *parameters)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (context == NULL || parameters == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
		EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(parameters);
	return key;
}

/* is_sound lets OpenSSL check a public key as SP 800-56 wants it: a point on its curve, say. */
static bool
is_sound(EVP_PKEY *key)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	bool sound = context != NULL && EVP_PKEY_public_check(context) == 1;

	EVP_PKEY_CTX_free(context);
	return sound;
}

/* write_pem writes a key as a text; false when it does not fit. */
static bool
write_pem(EVP_PKEY *key, char *pem)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *written = NULL;
	long length = 0;
	bool fits = false;

	if (out != NULL && PEM_write_bio_PUBKEY(out, key) == 1)
		length = BIO_get_mem_data(out, &written);
	if (length > 0 && length < UD_JWK_MAX_PEM)
	{
		memcpy(pem, written, length);
		pem[length] = '\0';
		fits = true;
	}
	BIO_free(out);
	return fits;
}

/* finish checks and writes a key, which may be NULL, and frees it. */
static const char *
finish(EVP_PKEY *key, const char *problem, char *pem)
{
	if (key != NULL && is_sound(key))
		problem = write_pem(key, pem) ? NULL : "could not be written by OpenSSL";
	EVP_PKEY_free(key);
	ERR_clear_error();
	return problem;
}

static int
count_bits(const UdJwkNumber *number)
{
	size_t first = 0;
	int bits;

	while (first < number->length && number->bytes[first] == 0)
		first++;
	bits = (int)(number->length - first) * 8;
	for (int mask = 0x80; bits > 0 && (number->bytes[first] & mask) == 0; mask >>= 1)
		bits--;
	return bits;
}

/* is_sound_exponent refuses 1, which would make every text its own signature, and even numbers. */
static bool
is_sound_exponent(const UdJwkNumber *e)
{
	return count_bits(e) > 1 && count_bits(e) <= UD_JWK_MAX_EXPONENT * 8 &&
		   (e->bytes[e->length - 1] & 1) != 0;
}

const char *
ud_public_jwk_rsa_to_pem(const UdJwkNumber *n, const UdJwkNumber *e, char *pem)
{
	OSSL_PARAM_BLD *builder;
	OSSL_PARAM *parameters = NULL;
	BIGNUM *modulus;
	BIGNUM *exponent;

	if (count_bits(n) < UD_JWK_MIN_MODULUS_BITS || count_bits(n) > UD_JWK_MAX_MODULUS_BITS)
		return "has a modulus that is not of 2048 to 8192 bits";
	if (!is_sound_exponent(e))
		return "has an exponent that is even, below 3 or of more than 64 bits";

	builder = OSSL_PARAM_BLD_new();
	modulus = BN_bin2bn(n->bytes, (int)n->length, NULL);
	exponent = BN_bin2bn(e->bytes, (int)e->length, NULL);
	if (builder != NULL && modulus != NULL && exponent != NULL &&
		OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
		OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
		parameters = OSSL_PARAM_BLD_to_param(builder);
	OSSL_PARAM_BLD_free(builder);
	BN_free(modulus);
	BN_free(exponent);
	return finish(make_key("RSA", parameters), "has a modulus that is none of RSA", pem);
}

const char *
ud_public_jwk_ec_to_pem(const char *curve, const UdJwkNumber *x, const UdJwkNumber *y, char *pem)
{
	uint8 point[1 + 2 * UD_JWK_MAX_COORDINATE];
	OSSL_PARAM_BLD *builder;
	OSSL_PARAM *parameters = NULL;

	Assert(x->length <= UD_JWK_MAX_COORDINATE && y->length == x->length);
	point[0] = POINT_CONVERSION_UNCOMPRESSED;
	memcpy(point + 1, x->bytes, x->length);
	memcpy(point + 1 + x->length, y->bytes, y->length);

	builder = OSSL_PARAM_BLD_new();
	if (builder != NULL &&
		OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) == 1 &&
		OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point,
										 1 + 2 * x->length) == 1)
		parameters = OSSL_PARAM_BLD_to_param(builder);
	OSSL_PARAM_BLD_free(builder);
	return finish(make_key("EC", parameters), "is no point on its curve", pem);
}

const char *
ud_public_jwk_ed25519_to_pem(const UdJwkNumber *x, char *pem)
{
	/* Under a point of small order there are signatures that hold for many texts. */
	if (crypto_core_ed25519_is_valid_point(x->bytes) == 0)
		return "is no point on its curve, or one of small order";
	return finish(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, x->bytes, x->length),
				  "is refused by OpenSSL", pem);
}
