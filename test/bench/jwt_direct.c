/*
 * jwt_direct.c: signatures as fast as OpenSSL and libsodium make and check them by themselves, with
 * a key that was parsed before. For test/bench/run_jwt.
 *
 * usage: jwt_direct KIND COUNT
 * kinds: rs256-sign rs256-verify es256-sign es256-verify eddsa-sign eddsa-verify hs256
 *
 * Each signs or checks the digest of a text as long as a token's first two parts. Prints operations
 * per second of time, and per second of the processor.
 */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXT_LENGTH 539

static unsigned char text[TEXT_LENGTH];

static double
now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void
need(bool ok)
{
	if (!ok)
	{
		fprintf(stderr, "jwt_direct: the library failed\n");
		exit(1);
	}
}

static EVP_PKEY_CTX *
prepare(EVP_PKEY *key, bool signs, bool is_rsa)
{
	EVP_PKEY_CTX *state = EVP_PKEY_CTX_new(key, NULL);

	need(state != NULL && (signs ? EVP_PKEY_sign_init(state) : EVP_PKEY_verify_init(state)) == 1);
	need(EVP_PKEY_CTX_set_signature_md(state, EVP_sha256()) == 1);
	need(!is_rsa || EVP_PKEY_CTX_set_rsa_padding(state, RSA_PKCS1_PADDING) == 1);
	return state;
}

/* The clocks when the keys were there. */
static double begin;
static double begin_cpu;

static void
start_clocks(void)
{
	begin = now(CLOCK_MONOTONIC);
	begin_cpu = now(CLOCK_PROCESS_CPUTIME_ID);
}

static void
run_openssl(bool is_rsa, bool signs, long count)
{
	EVP_PKEY *key = is_rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
	EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	EVP_MD_CTX *digest_state = EVP_MD_CTX_new();
	EVP_PKEY_CTX *signer = prepare(key, true, is_rsa);
	EVP_PKEY_CTX *checker = prepare(key, false, is_rsa);
	unsigned char digest[32];
	unsigned char signature[512];
	size_t length = sizeof(signature);

	need(EVP_Digest(text, sizeof(text), digest, NULL, sha256, NULL) == 1);
	need(EVP_PKEY_sign(signer, signature, &length, digest, sizeof(digest)) == 1);
	start_clocks();
	for (long i = 0; i < count; i++)
	{
		text[0] = signs ? (unsigned char)i : 0;
		need(EVP_DigestInit_ex2(digest_state, sha256, NULL) == 1 &&
			 EVP_DigestUpdate(digest_state, text, sizeof(text)) == 1 &&
			 EVP_DigestFinal_ex(digest_state, digest, NULL) == 1);
		if (signs)
		{
			length = sizeof(signature);
			need(EVP_PKEY_sign(signer, signature, &length, digest, sizeof(digest)) == 1);
		}
		else
			need(EVP_PKEY_verify(checker, signature, length, digest, sizeof(digest)) == 1);
	}
}

static void
run_sodium(bool signs, long count)
{
	unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
	unsigned char secret_key[crypto_sign_SECRETKEYBYTES];
	unsigned char signature[crypto_sign_BYTES];

	crypto_sign_keypair(public_key, secret_key);
	crypto_sign_detached(signature, NULL, text, sizeof(text), secret_key);
	start_clocks();
	for (long i = 0; i < count; i++)
	{
		if (signs)
			need(crypto_sign_detached(signature, NULL, text, sizeof(text), secret_key) == 0);
		else
			need(crypto_sign_verify_detached(signature, text, sizeof(text), public_key) == 0);
	}
}

static void
run_hmac(long count)
{
	EVP_MAC_CTX *state = EVP_MAC_CTX_new(EVP_MAC_fetch(NULL, "HMAC", NULL));
	OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0),
							   OSSL_PARAM_construct_end()};
	unsigned char result[32];
	size_t length;

	need(EVP_MAC_init(state, text, 32, parameters) == 1);
	start_clocks();
	for (long i = 0; i < count; i++)
		need(EVP_MAC_init(state, NULL, 0, NULL) == 1 &&
			 EVP_MAC_update(state, text, sizeof(text)) == 1 &&
			 EVP_MAC_final(state, result, &length, sizeof(result)) == 1);
}

static void
run(const char *kind, long count)
{
	const bool signs = strstr(kind, "-sign") != NULL;

	if (strncmp(kind, "rs256", 5) == 0)
		run_openssl(true, signs, count);
	else if (strncmp(kind, "es256", 5) == 0)
		run_openssl(false, signs, count);
	else if (strncmp(kind, "eddsa", 5) == 0)
		run_sodium(signs, count);
	else
		run_hmac(count);
}

int
main(int argc, char **argv)
{
	long count;

	if (argc != 3 || sodium_init() < 0)
		return 2;
	count = strtol(argv[2], NULL, 10);
	run(argv[1], count);
	printf("%.2f %.2f\n", (double)count / (now(CLOCK_MONOTONIC) - begin),
		   (double)count / (now(CLOCK_PROCESS_CPUTIME_ID) - begin_cpu));
	return 0;
}
