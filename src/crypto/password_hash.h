/*
 * password_hash.h: hashing passwords, and verifying them against whatever is stored.
 */
#ifndef UD_CRYPTO_PASSWORD_HASH_H
#define UD_CRYPTO_PASSWORD_HASH_H

/*
 * ud_password_hash returns the Argon2id hash of a password at the cost of the settings, as a PHC
 * string in the current memory context.
 *
 * secret: a datum of type userdir.secret.
 * Errors: 22023 for an empty password, UD201 when too many are being hashed, 53200 out of memory.
 */
extern char *ud_password_hash(Datum secret);

/*
 * ud_password_verify returns whether a password is the one behind a stored hash.
 *
 * Errors: UD030 when what is stored is no hash, UD201, 53200.
 */
extern bool ud_password_verify(Datum secret, text *stored);

/*
 * ud_password_verify_nothing does the work of verifying a password at today's cost; the result is
 * false. For users who do not exist or have no password. Errors: UD201, 53200.
 */
extern bool ud_password_verify_nothing(Datum secret);

/*
 * ud_password_needs_rehash returns whether a stored hash is anything but Argon2id at today's cost.
 * Errors: UD030.
 */
extern bool ud_password_needs_rehash(text *stored);

/*
 * ud_password_is_costly returns whether verifying a stored hash is at least half the work of a hash
 * at today's cost; false for schemes of which that is not known.
 *
 * Errors: UD030 when what is stored is no hash.
 */
extern bool ud_password_is_costly(text *stored);

#endif
