/*
 * secret_log.h: keeping secrets out of what the server logs of a statement.
 */
#ifndef UD_CRYPTO_SECRET_LOG_H
#define UD_CRYPTO_SECRET_LOG_H

/*
 * ud_secret_log_start makes statements with a parameter of type userdir.secret keep it out of the
 * context of log messages. To be called once, by _PG_init.
 */
extern void ud_secret_log_start(void);

/*
 * ud_secret_log_hide makes every error that is raised from now on keep statement and context out of
 * the server's log, until ud_secret_log_show is called with the same frame or an error is caught
 * further out. frame is a local variable of the caller.
 *
 * From then on no message about the running statement shows its parameters either.
 */
extern void ud_secret_log_hide(ErrorContextCallback *frame);
extern void ud_secret_log_show(ErrorContextCallback *frame);

#endif
