/*
 * seal.h: what must be readable again, sealed under the root key, which is not in the database.
 *
 * A sealed value is XChaCha20-Poly1305 (libsodium's) over the plain bytes. It names its root key,
 * and it can be opened for the purpose alone that it was sealed for: "table.column:key of the row".
 */
#ifndef UD_CRYPTO_SEAL_H
#define UD_CRYPTO_SEAL_H

/* The length of what names a root key, as text: "rk_" and 16 hexadecimal digits. */
#define UD_ROOT_KEY_ID_LENGTH 19

/*
 * ud_seal seals bytes under the root key in use; a directory in which nothing is sealed yet gets
 * its first root key by that.
 *
 * Errors: UD050 when there is no root key, or it cannot be read.
 */
extern bytea *ud_seal(const char *purpose, const void *plain, size_t length);

/*
 * ud_unseal returns the bytes that were sealed for a purpose, in *length how many; a NUL follows
 * them. To be given back with ud_unseal_wipe.
 *
 * Errors: UD050 when their root key is not there, UD051 when the value is damaged or was sealed for
 * another purpose.
 */
extern uint8 *ud_unseal(const char *purpose, const bytea *sealed, size_t *length);

/* ud_unseal_wipe overwrites what ud_unseal returned, and frees it. */
extern void ud_unseal_wipe(uint8 *plain, size_t length);

/*
 * ud_seal_key_id writes the id of the root key that a value is sealed under, with a NUL; false when
 * the value is none that was sealed.
 */
extern bool ud_seal_key_id(const bytea *sealed, char *id);

#endif
