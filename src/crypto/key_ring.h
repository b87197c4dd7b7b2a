/*
 * key_ring.h: the keys of userdir.signing_keys, parsed once in a session.
 *
 * Parsing a key takes OpenSSL half a millisecond, twenty times what a signature takes. So a backend
 * keeps what it has parsed until a row of the table changes, and looks for such changes at each
 * use: a key that was revoked a moment ago, elsewhere, no longer counts, whatever the isolation of
 * the transaction.
 */
#ifndef UD_CRYPTO_KEY_RING_H
#define UD_CRYPTO_KEY_RING_H

#include "crypto/key.h"

/* Headers that are kept with a key, by their typ. */
#define UD_RING_HEADERS    4
#define UD_RING_MAX_TYP    64
#define UD_RING_MAX_KID    255
#define UD_RING_OWN_ISSUER ""

typedef enum UdKeyState
{
	UD_KEY_CURRENT,
	UD_KEY_NEXT,
	UD_KEY_PREVIOUS,
	UD_KEY_REVOKED,
	UD_KEY_EXTERNAL
} UdKeyState;

typedef struct UdRingHeader
{
	char typ[UD_RING_MAX_TYP + 1];
	char *encoded; /* in base64url, with the dot behind it */
	size_t length;
} UdRingHeader;

typedef struct UdRingKey
{
	char *kid;
	char *issuer; /* whose key it is; "" for our own */
	const UdAlgorithm *algorithm;
	UdKeyState state;
	char *public_jwk;
	bytea *sealed;      /* the private key, NULL where there is none */
	UdKey *public_key;  /* NULL until the first verification */
	UdKey *private_key; /* NULL until the first signature */
	int header_count;
	UdRingHeader headers[UD_RING_HEADERS];
	MemoryContext memory; /* of the ring: lives as long as this key */
} UdRingKey;

/*
 * ud_key_ring_signer returns the key to sign with: the one of a kid, else the current one of an
 * algorithm; its private_key is there. It is valid until the next call of a function here.
 *
 * Errors: UD052 when there is no such key, UD048 for an algorithm that there is not, or not the
 * key's, UD049 for a kid that there is not or that may not sign, UD050 and UD051 when the key
 * cannot be unsealed, UD101 without a directory.
 */
extern UdRingKey *ud_key_ring_signer(const char *algorithm, const char *kid);

/*
 * ud_key_ring_verifier returns the key that a token can be verified with, valid as above; its
 * public_key is there. issuer: whose keys count; NULL or an issuer without keys of its own in the
 * table: ours. kid: as the token has it; data NULL when it names none, which is enough only where
 * one key fits.
 *
 * Errors: UD049 when there is none, UD048 when its algorithm is not that of the token, UD101.
 */
extern UdRingKey *ud_key_ring_verifier(const char *issuer, UdSpan kid, UdSpan algorithm);

/* ud_key_purpose returns what the private key of a kid is sealed for. */
extern char *ud_key_purpose(const char *kid);

#endif
