/*
 * identity_state.h: whose identity holds now, in memory that no SQL can write.
 *
 * There is one of the transaction and one of the session; the former comes first while it lasts.
 * Both follow savepoints and rollbacks as settings do, but for one thing: what was forgotten stays
 * forgotten.
 */
#ifndef UD_LOGIN_IDENTITY_STATE_H
#define UD_LOGIN_IDENTITY_STATE_H

#include "login/identity.h"

/* ud_identity_state_start prepares this; to be called once, by _PG_init, before ud_settings_define.
 */
extern void ud_identity_state_start(void);

/*
 * ud_identity_state_current returns who is acting, NULL for nobody. It is good until the next call
 * of a function in this file.
 *
 * An identity whose token was over when the running statement began is nobody's.
 *
 * Errors: 25000 in a parallel worker, which does not know; those of the claims of a request where
 * they are trusted.
 */
extern const UdIdentity *ud_identity_state_current(void);

/*
 * ud_identity_state_set makes an identity the current one and takes it over.
 *
 * identity: NULL for nobody. for_session: whether it holds beyond this transaction.
 */
extern void ud_identity_state_set(UdIdentity *identity, bool for_session);

/*
 * ud_identity_state_forget forgets every identity, also those that a rollback would bring back, and
 * until the end of the transaction nobody is acting unless somebody is set anew. Raises nothing.
 */
extern void ud_identity_state_forget(void);

#endif
