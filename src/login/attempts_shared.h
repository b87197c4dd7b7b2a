/*
 * attempts_shared.h: the table of attempts that all backends of the server share.
 *
 * It exists when the library is preloaded. Its memory is a file of the data directory that is
 * mapped into every process, so that no kill and no restart loses what was counted.
 */
#ifndef UD_LOGIN_ATTEMPTS_SHARED_H
#define UD_LOGIN_ATTEMPTS_SHARED_H

#include "login/attempts_table.h"

/*
 * ud_attempts_shared_preload declares userdir.attempts_capacity and asks for the table. To be
 * called while the server loads shared_preload_libraries.
 */
extern void ud_attempts_shared_preload(void);

/* ud_attempts_shared_exists tells whether this server has the table. */
extern bool ud_attempts_shared_exists(void);

/*
 * ud_attempts_shared_lock returns the table, locked for reading or for writing too, and
 * ud_attempts_shared_unlock ends that. What goes on between must be short.
 *
 * Errors: 55000 where the server has no table.
 */
extern UdAttemptTable *ud_attempts_shared_lock(bool for_writing);
extern void ud_attempts_shared_unlock(void);

#endif
