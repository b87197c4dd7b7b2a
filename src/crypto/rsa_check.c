/*
 * rsa_check.c: checking signatures by RSA with PKCS #1 v1.5 padding.
 *
 * RFC 8017, section 8.2.2: the signature, raised to the public exponent, has to be, byte by byte,
 * the one encoding that the digest has. Nothing is parsed, so there is nothing that a forged
 * padding could hide in. OpenSSL does the same with its EVP_PKEY_verify, but reads and allocates
 * numbers for each call and takes two multiplications more, a seventh of the time. All of this is
 * public: nothing here has to take the same time always.
 */
#include "base/userdir.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

#include "crypto/key.h"
#include "crypto/rsa_check.h"

#define PREFIX_LENGTH 19

/* What stands before a digest: its algorithm and length, in DER (RFC 8017, section 9.2, note 1). */
static const struct
{
	const char *name;
	size_t length;
	uint8 prefix[PREFIX_LENGTH];
} digests[] = {
	{"SHA256",
	 32,
	 {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
	  0x05, 0x00, 0x04, 0x20}},
	{"SHA384",
	 48,
	 {0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02,
	  0x05, 0x00, 0x04, 0x30}},
	{"SHA512",
	 64,
	 {0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03,
	  0x05, 0x00, 0x04, 0x40}},
};

/* The exponent 2^16 + 1. */
#define EXPONENT         65537
#define EXPONENT_SQUARES 16

struct UdRsaCheck
{
	BIGNUM *modulus;
	BN_CTX *scratch;
	BN_MONT_CTX *montgomery; /* the modulus, prepared for multiplications */
	BIGNUM *base;
	BIGNUM *power;
	size_t bytes; /* of the modulus, and of every signature */
	size_t digest_length;
	uint8 expected[UD_KEY_MAX_SIGNATURE]; /* what a signature has to give, but for the digest */
};

/* fill_expected writes the encoding with room for the digest at its end. */
static bool
fill_expected(UdRsaCheck *check, const char *digest_name)
{
	for (size_t i = 0; i < lengthof(digests); i++)
	{
		size_t tail = PREFIX_LENGTH + digests[i].length;

		if (strcmp(digests[i].name, digest_name) != 0)
			continue;
		memset(check->expected, 0xff, check->bytes);
		check->expected[0] = 0x00;
		check->expected[1] = 0x01;
		check->expected[check->bytes - tail - 1] = 0x00;
		memcpy(check->expected + check->bytes - tail, digests[i].prefix, PREFIX_LENGTH);
		check->digest_length = digests[i].length;
		return true;
	}
	return false;
}

/* prepare fills in all of it. */
static bool
prepare(UdRsaCheck *check, const EVP_PKEY *pkey, const char *digest_name)
{
	BIGNUM *exponent = NULL;
	bool is_usual = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 &&
					BN_is_word(exponent, EXPONENT);

	BN_free(exponent);
	if (!is_usual || EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &check->modulus) != 1)
		return false;
	check->bytes = (size_t)BN_num_bytes(check->modulus);
	check->scratch = BN_CTX_new();
	check->montgomery = BN_MONT_CTX_new();
	check->base = BN_new();
	check->power = BN_new();
	return check->bytes >= UD_KEY_MIN_RSA_BITS / 8 && check->bytes <= sizeof(check->expected) &&
		   fill_expected(check, digest_name) && check->scratch != NULL &&
		   check->montgomery != NULL && check->base != NULL && check->power != NULL &&
		   BN_MONT_CTX_set(check->montgomery, check->modulus, check->scratch) == 1;
}

UdRsaCheck *
ud_rsa_check_new(const EVP_PKEY *pkey, const char *digest_name)
{
	UdRsaCheck *check = OPENSSL_zalloc(sizeof(UdRsaCheck));

	if (check != NULL && !prepare(check, pkey, digest_name))
	{
		ud_rsa_check_free(check);
		check = NULL;
	}
	return check;
}

void
ud_rsa_check_free(UdRsaCheck *check)
{
	if (check == NULL)
		return;
	BN_free(check->modulus);
	BN_CTX_free(check->scratch);
	BN_MONT_CTX_free(check->montgomery);
	BN_free(check->base);
	BN_free(check->power);
	OPENSSL_free(check);
}

/*
 * raise_base computes base^65537. A product by Montgomery's method lacks a factor, which the first
 * step puts in, and the last one, with the base as it is, takes out again.
 */
static bool
raise_base(UdRsaCheck *check)
{
	BIGNUM *power = check->power;
	bool ok = BN_to_montgomery(power, check->base, check->montgomery, check->scratch) == 1;

	for (int i = 0; ok && i < EXPONENT_SQUARES; i++)
		ok = BN_mod_mul_montgomery(power, power, power, check->montgomery, check->scratch) == 1;
	return ok &&
		   BN_mod_mul_montgomery(power, power, check->base, check->montgomery, check->scratch) == 1;
}

bool
ud_rsa_check(UdRsaCheck *check, const uint8 *signature, size_t length, const uint8 *digest,
			 size_t digest_length)
{
	uint8 found[UD_KEY_MAX_SIGNATURE];
	const size_t before_digest = check->bytes - check->digest_length;

	if (length != check->bytes || digest_length != check->digest_length)
		return false;
	/* A number that is not below the modulus would be another spelling of one that is. */
	if (BN_bin2bn(signature, (int)length, check->base) == NULL ||
		BN_ucmp(check->base, check->modulus) >= 0)
		return false;
	return raise_base(check) &&
		   BN_bn2binpad(check->power, found, (int)check->bytes) == (int)check->bytes &&
		   memcmp(found, check->expected, before_digest) == 0 &&
		   memcmp(found + before_digest, digest, digest_length) == 0;
}
