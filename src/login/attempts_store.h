/*
 * attempts_store.h: where attempts are counted: in shared memory, or in rows where there is none.
 *
 * To be called as the directory's owner.
 */
#ifndef UD_LOGIN_ATTEMPTS_STORE_H
#define UD_LOGIN_ATTEMPTS_STORE_H

#include "login/attempts_state.h"

/* How long attempts that do not fade are kept after the last of them. */
#define UD_ATTEMPTS_LIFETIME_MS (30 * 86400000.0)

/* ud_attempts_store_add counts an attempt; *before and *after get the level around it. */
extern void ud_attempts_store_add(const UdAttemptKey *key, const UdAttemptRule *rule,
								  TimestampTz now, double *before, double *after);

/*
 * ud_attempts_store_read returns what stands against a key: the level faded until now by the rate,
 * and when all of it will be forgotten.
 */
extern UdAttemptState ud_attempts_store_read(const UdAttemptKey *key, double rate_ms,
											 TimestampTz now);

/* ud_attempts_store_forget removes what stands against a key; tells whether there was anything. */
extern bool ud_attempts_store_forget(const UdAttemptKey *key, TimestampTz now);

#endif
