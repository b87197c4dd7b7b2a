/*
 * schemes.h: the schemes of password hashes that can be verified.
 */
#ifndef UD_CRYPTO_SCHEMES_H
#define UD_CRYPTO_SCHEMES_H

#include "crypto/stored_hash.h"

extern const UdHashScheme ud_scheme_argon2;
extern const UdHashScheme ud_scheme_bcrypt;
extern const UdHashScheme ud_scheme_digest;
extern const UdHashScheme ud_scheme_firebase;
extern const UdHashScheme ud_scheme_hmac;
extern const UdHashScheme ud_scheme_md5_crypt;
extern const UdHashScheme ud_scheme_pbkdf2;
extern const UdHashScheme ud_scheme_phpass;
extern const UdHashScheme ud_scheme_phpass_bb;
extern const UdHashScheme ud_scheme_phpass_drupal;
extern const UdHashScheme ud_scheme_scrypt;
extern const UdHashScheme ud_scheme_sha256_crypt;
extern const UdHashScheme ud_scheme_sha512_crypt;
extern const UdHashScheme ud_scheme_yescrypt;

/*
 * ud_argon2_parse reads the parameters of an Argon2 hash into *argon2 and raises UD030 when they
 * are malformed or out of bounds. Both schemes with Argon2 in them, the plain and the wrapped one,
 * begin with it.
 */
extern void ud_argon2_parse(UdSpan text, UdPhc *phc, UdArgon2 *argon2);

/* ud_argon2_name returns argon2d, argon2i or argon2id. */
extern const char *ud_argon2_name(UdArgon2Type type);

#endif
