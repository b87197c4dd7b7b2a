/*
 * openssl_context.h: OpenSSL in a library context of our own.
 */
#ifndef UD_CRYPTO_OPENSSL_CONTEXT_H
#define UD_CRYPTO_OPENSSL_CONTEXT_H

#include <openssl/types.h>

/*
 * ud_openssl_context returns the library context that all of userdir works in, with the legacy
 * digests where they are installed; NULL without memory. The server's TLS and its configuration
 * neither change nor feel it.
 */
extern OSSL_LIB_CTX *ud_openssl_context(void);

#endif
