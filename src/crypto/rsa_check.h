/*
 * rsa_check.h: checking signatures by RSA with PKCS #1 v1.5 padding.
 */
#ifndef UD_CRYPTO_RSA_CHECK_H
#define UD_CRYPTO_RSA_CHECK_H

#include <openssl/evp.h>

typedef struct UdRsaCheck UdRsaCheck;

/*
 * ud_rsa_check_new prepares for signatures by a key over digests of one algorithm: SHA256, SHA384
 * or SHA512. Returns NULL when the key's exponent is not the usual one, 65537, or OpenSSL fails:
 * then OpenSSL's own check has to do. To be freed by ud_rsa_check_free, which takes NULL too.
 */
extern UdRsaCheck *ud_rsa_check_new(const EVP_PKEY *pkey, const char *digest_name);

extern void ud_rsa_check_free(UdRsaCheck *check);

/* ud_rsa_check returns whether a signature is that of a digest. */
extern bool ud_rsa_check(UdRsaCheck *check, const uint8 *signature, size_t length,
						 const uint8 *digest, size_t digest_length);

#endif
