/*
 * key_parts.h: what the files that make keys know of them. Only they include it.
 */
#ifndef UD_CRYPTO_KEY_PARTS_H
#define UD_CRYPTO_KEY_PARTS_H

#include <openssl/evp.h>
#include <sodium.h>

#include "crypto/key.h"
#include "crypto/signature_memo.h"

struct UdKey
{
	const UdAlgorithm *algorithm;
	bool has_private;
	char kid[257];             /* that a JWK had; empty for none */
	EVP_PKEY *pkey;            /* also for Ed25519, of which only its forms are needed */
	EVP_PKEY_CTX *sign_state;  /* NULL until the first signature */
	EVP_PKEY_CTX *check_state; /* NULL until the first verification */
	EVP_MD_CTX *digest_state;
	EVP_MD *digest;
	uint8 ed_public[crypto_sign_PUBLICKEYBYTES];
	uint8 ed_secret[crypto_sign_SECRETKEYBYTES];
	UdSignatureMemo verified;
};

/*
 * ud_key_adopt makes a key of OpenSSL's, which it takes over in any case. algorithm: as in
 * ud_key_from_jwk. Returns NULL, and *problem tells why, when the key is too short, is on another
 * curve, or does not hold together.
 */
extern UdKey *ud_key_adopt(EVP_PKEY *pkey, const UdAlgorithm *algorithm, bool has_private,
						   const char **problem);

#endif
