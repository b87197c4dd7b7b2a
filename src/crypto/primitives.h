/*
 * primitives.h: digests, key derivation and the one cipher that password hashes are made of.
 *
 * They are OpenSSL's, from a library context of our own, so that the server's TLS and its
 * configuration neither change nor feel them. No function here raises, but ud_digest_require.
 */
#ifndef UD_CRYPTO_PRIMITIVES_H
#define UD_CRYPTO_PRIMITIVES_H

#include "pure/phc.h"

/* Bytes that belong to somebody else. */
typedef struct UdBytes
{
	const uint8 *bytes;
	size_t length;
} UdBytes;

typedef struct UdDigest
{
	const char *name; /* as our own strings have it */
	const char *openssl_name;
	size_t length; /* of its result */
	uint32 speed;  /* the lower, the slower: millions of PBKDF2 iterations that are bearable */
} UdDigest;

#define UD_DIGEST_MAX_LENGTH      64
#define UD_DIGEST_MAX_NAME_LENGTH 64

/*
 * ud_digest_find returns a digest by any name that OpenSSL has for it, in either case, or NULL.
 */
extern const UdDigest *ud_digest_find(UdSpan name);

/*
 * ud_digest_require raises 0A000 unless this server's OpenSSL has the digest.
 */
extern void ud_digest_require(const UdDigest *digest);

/*
 * ud_digest_compute writes the digest of two pieces, one behind the other, and then as often as
 * repeats says the digest of that result with the second piece behind it.
 */
extern bool ud_digest_compute(const UdDigest *digest, UdBytes first, UdBytes second, uint32 repeats,
							  uint8 *result);

/* ud_hmac_compute writes the HMAC of two pieces, one behind the other. */
extern bool ud_hmac_compute(const UdDigest *digest, UdBytes key, UdBytes first, UdBytes second,
							uint8 *result);

/* ud_pbkdf2_compute writes PBKDF2 with HMAC. */
extern bool ud_pbkdf2_compute(const UdDigest *digest, UdBytes password, UdBytes salt,
							  uint32 iterations, uint8 *result, size_t length);

/* ud_scrypt_compute writes scrypt with n = 2^log_n. */
extern bool ud_scrypt_compute(UdBytes password, UdBytes salt, uint32 log_n, uint32 r, uint32 p,
							  uint8 *result, size_t length);

/*
 * ud_memory_give_back returns to the system what a library has allocated and freed, if it was much.
 * The C library would keep the last of it for the next time, in each backend.
 */
extern void ud_memory_give_back(uint64 bytes);

/* ud_aes256_ctr_compute encrypts with AES-256 in counter mode from 0; key has 32 bytes. */
extern bool ud_aes256_ctr_compute(const uint8 *key, UdBytes plain, uint8 *result);

#endif
