/*
 * creation_guard.h: rules and actions create no objects, and leave the session's locks alone.
 *
 * They run in sessions of others. The server keeps a restricted operation from making temporary
 * tables, but not from making a temporary type that is called "text", which the session would then
 * take for the real one, or an event trigger; nor from advisory locks that end with the session,
 * which a pool never lets end.
 */
#ifndef UD_LOGIN_CREATION_GUARD_H
#define UD_LOGIN_CREATION_GUARD_H

/* ud_creation_guard_start makes both an error (42501) in them; once, by _PG_init. */
extern void ud_creation_guard_start(void);

#endif
