/*
 * libsodium.h: libsodium, made ready.
 */
#ifndef UD_CRYPTO_LIBSODIUM_H
#define UD_CRYPTO_LIBSODIUM_H

/*
 * ud_sodium_start prepares libsodium; to be called once, when the library is loaded.
 *
 * Errors: 58000 when libsodium cannot be prepared.
 */
extern void ud_sodium_start(void);

#endif
