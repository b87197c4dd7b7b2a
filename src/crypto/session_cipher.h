/*
 * session_cipher.h: encryption for what this process alone may read again.
 */
#ifndef UD_CRYPTO_SESSION_CIPHER_H
#define UD_CRYPTO_SESSION_CIPHER_H

/* Encrypted, bytes are longer by so many; so many of them stand in front. */
#define UD_SESSION_CIPHER_OVERHEAD 28
#define UD_SESSION_CIPHER_NONCE    12

/*
 * ud_session_cipher_seal encrypts and authenticates length bytes; sealed has room for
 * UD_SESSION_CIPHER_OVERHEAD more. open may be sealed + UD_SESSION_CIPHER_NONCE. No two calls give
 * the same, for the same bytes neither.
 */
extern void ud_session_cipher_seal(const uint8 *open, size_t length, uint8 *sealed);

/*
 * ud_session_cipher_open decrypts what has length bytes, at least UD_SESSION_CIPHER_OVERHEAD.
 * Returns false when it was not sealed by this process, or not like this.
 */
extern bool ud_session_cipher_open(const uint8 *sealed, size_t length, uint8 *open);

#endif
