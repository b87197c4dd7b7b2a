/*
 * public_jwk.h: public keys of other issuers, from JWK (RFC 7517) to PEM.
 */
#ifndef UD_CRYPTO_PUBLIC_JWK_H
#define UD_CRYPTO_PUBLIC_JWK_H

/* Moduli and coordinates in bytes; a longer modulus makes everybody's token costly to verify. */
#define UD_JWK_MIN_MODULUS_BITS 2048
#define UD_JWK_MAX_MODULUS_BITS 8192
#define UD_JWK_MAX_EXPONENT     8
#define UD_JWK_MAX_COORDINATE   66

/* The longest PEM: a modulus of 8192 bits takes 1500 characters. */
#define UD_JWK_MAX_PEM 2048

/* The members of a key in bytes; those that its kind does not have are empty. */
typedef struct UdJwkNumber
{
	uint8 bytes[UD_JWK_MAX_MODULUS_BITS / 8 + 1];
	size_t length;
} UdJwkNumber;

/*
 * These make a public key and write it as PEM into pem, a buffer of UD_JWK_MAX_PEM bytes. They
 * raise nothing and leave nothing behind.
 *
 * curve: a name that OpenSSL knows. x, y: coordinates, of the length that the curve asks for.
 * Result: NULL, or in words why this is no key, to follow "the key".
 */
extern const char *ud_public_jwk_rsa_to_pem(const UdJwkNumber *n, const UdJwkNumber *e, char *pem);
extern const char *ud_public_jwk_ec_to_pem(const char *curve, const UdJwkNumber *x,
										   const UdJwkNumber *y, char *pem);
extern const char *ud_public_jwk_ed25519_to_pem(const UdJwkNumber *x, char *pem);

#endif
