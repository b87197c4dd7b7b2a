/*
 * secret.h: type userdir.secret, in which passwords, tokens and keys arrive.
 *
 * A secret holds a text in UTF-8, whatever the encoding of the database, twice: as it was typed,
 * and normalized by NFKC. In the executor's hands it is encrypted under a key that only this
 * backend has, so that no copy of the datum anywhere, in a plan, a temporary file or a table, gives
 * it away or is of any use in another session.
 */
#ifndef UD_CRYPTO_SECRET_H
#define UD_CRYPTO_SECRET_H

#include "base/secret_access.h"

/* The longest secret, in bytes of UTF-8, as typed and as normalized: a token, a key in PEM. */
#define UD_SECRET_MAX_LENGTH (128 * 1024)

/* The longest password. */
#define UD_PASSWORD_MAX_LENGTH 4096

/*
 * ud_secret_open decrypts a datum of type userdir.secret. ud_secret_close has to follow, in a
 * PG_FINALLY where something in between can raise.
 *
 * Errors: 55000 when the secret was made in another session.
 */
extern void ud_secret_open(Datum datum, UdSecret *secret);

/*
 * ud_secret_open_password is the same for a password. Errors: as above, and 54000 when it is longer
 * than passwords may be.
 */
extern void ud_secret_open_password(Datum datum, UdSecret *secret);

/* ud_secret_close overwrites the opened secret and frees it. */
extern void ud_secret_close(UdSecret *secret);

/* ud_secret_share offers all this to the libraries beside this one. To be called once, by _PG_init.
 */
extern void ud_secret_share(void);

/* ud_secret_type returns the OID of userdir.secret, InvalidOid without the extension. */
extern Oid ud_secret_type(void);

#endif
