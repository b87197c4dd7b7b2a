/*
 * roca.h: RSA keys of a faulty generator, which are easily factored (CVE-2017-15361, "ROCA").
 */
#ifndef UD_CRYPTO_ROCA_H
#define UD_CRYPTO_ROCA_H

#include <openssl/bn.h>

/* ud_roca_is_marked returns whether a modulus has the marks of that generator. */
extern bool ud_roca_is_marked(const BIGNUM *modulus);

#endif
