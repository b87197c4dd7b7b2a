/*
 * key.h: keys that sign and verify, and their algorithms (RFC 7518, RFC 8037).
 *
 * Ed25519 is libsodium's, everything else OpenSSL's. A key is parsed once and used often; it
 * belongs to one algorithm for good. Nothing here raises: what went wrong comes back as a text.
 */
#ifndef UD_CRYPTO_KEY_H
#define UD_CRYPTO_KEY_H

#include "pure/span.h"

typedef enum UdKeyType
{
	UD_KEY_RSA,
	UD_KEY_EC,
	UD_KEY_ED25519
} UdKeyType;

typedef struct UdAlgorithm
{
	const char *name;
	UdKeyType type;
	const char *digest;      /* as OpenSSL names it; NULL for Ed25519 */
	bool is_pss;             /* for RSA: padding by PSS, else by PKCS #1 v1.5 */
	const char *curve;       /* for EC: as JWK names it */
	const char *group;       /* and as OpenSSL does */
	size_t coordinate_bytes; /* and of one coordinate: half of a signature */
} UdAlgorithm;

/* The bounds of an RSA key, in bits; the lower one is RFC 7518's. */
#define UD_KEY_MIN_RSA_BITS 2048
#define UD_KEY_MAX_RSA_BITS 8192

/* The longest signature, in bytes, and a thumbprint in base64url with its NUL. */
#define UD_KEY_MAX_SIGNATURE (UD_KEY_MAX_RSA_BITS / 8)
#define UD_KEY_KID_SIZE      44

/* The longest JWK or PEM that is looked at. */
#define UD_KEY_MAX_TEXT (64 * 1024)

typedef struct UdKey UdKey;

/* ud_algorithm_find returns an algorithm by its name, or NULL. */
extern const UdAlgorithm *ud_algorithm_find(UdSpan name);

/* ud_algorithm_names returns the names of all, with commas between them. */
extern const char *ud_algorithm_names(void);

/*
 * ud_key_generate makes a new key; bits count for RSA alone. The result, here and below, is to be
 * freed by ud_key_free; NULL when there is none, and *problem then tells why, to stand behind "the
 * key". It may take seconds, and gives up when the statement is cancelled.
 */
extern UdKey *ud_key_generate(const UdAlgorithm *algorithm, int bits, const char **problem);

/*
 * ud_key_from_jwk reads a JSON Web Key (RFC 7517). algorithm: of the key, or NULL to take the one
 * that the key names, else the one that suits its type best. wants_private: whether the private
 * part must be there; if not, it must not.
 */
extern UdKey *ud_key_from_jwk(UdSpan json, const UdAlgorithm *algorithm, bool wants_private,
							  const char **problem);

/*
 * ud_key_from_pem reads PEM: a private key, not encrypted, in any of the usual forms; or, unless
 * wants_private, a public key or a certificate.
 */
extern UdKey *ud_key_from_pem(UdSpan pem, const UdAlgorithm *algorithm, bool wants_private,
							  const char **problem);

/* ud_key_from_der reads what ud_key_private_der has written. */
extern UdKey *ud_key_from_der(const uint8 *der, size_t length, const UdAlgorithm *algorithm,
							  const char **problem);

/* ud_key_free overwrites what is secret of a key, and frees it; NULL is allowed. */
extern void ud_key_free(UdKey *key);

extern const UdAlgorithm *ud_key_algorithm(const UdKey *key);

/* ud_key_given_kid returns the kid that a JWK had, NULL for none; one too long is cut. */
extern const char *ud_key_given_kid(const UdKey *key);

/*
 * ud_key_sign signs text as JWS wants it; signature has room for UD_KEY_MAX_SIGNATURE bytes.
 * Returns false when the library fails.
 */
extern bool ud_key_sign(UdKey *key, UdSpan text, uint8 *signature, size_t *length);

/* ud_key_verify returns whether a signature is the key's. */
extern bool ud_key_verify(UdKey *key, UdSpan text, const uint8 *signature, size_t length);

/*
 * ud_key_public_jwk returns the members of the public key that RFC 7638 asks for, in its order:
 * palloc'd, what the thumbprint is a hash of. NULL when the library fails.
 */
extern char *ud_key_public_jwk(const UdKey *key);

/* ud_key_public_pem returns the public key in PEM, palloc'd; NULL when the library fails. */
extern char *ud_key_public_pem(const UdKey *key);

/* ud_key_thumbprint writes the hash of a public JWK in that form, in base64url. */
extern void ud_key_thumbprint(const char *public_jwk, char *kid);

/*
 * ud_key_private_der returns the private key as PKCS #8, palloc'd, to be wiped by the caller; NULL
 * when the library fails.
 */
extern uint8 *ud_key_private_der(const UdKey *key, size_t *length);

/*
 * ud_key_certificate returns a certificate for the key, signed by itself, in DER, palloc'd; NULL
 * when the library fails. name: its subject. It is for those who look for keys in x5c; nothing here
 * trusts it.
 */
extern uint8 *ud_key_certificate(UdKey *key, const char *name, size_t *length);

#endif
