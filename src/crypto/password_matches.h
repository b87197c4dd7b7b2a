/*
 * password_matches.h: whether an action of a custom database has spent the time of a login.
 */
#ifndef UD_CRYPTO_PASSWORD_MATCHES_H
#define UD_CRYPTO_PASSWORD_MATCHES_H

/*
 * ud_password_matches_begin is to be called before an action: from then on userdir__spend_hash does
 * the work of verifying a password, until password_matches has done it.
 */
extern void ud_password_matches_begin(void);

#endif
