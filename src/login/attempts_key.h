/*
 * attempts_key.h: under which address and which hash attempts are counted.
 */
#ifndef UD_LOGIN_ATTEMPTS_KEY_H
#define UD_LOGIN_ATTEMPTS_KEY_H

#include <sys/socket.h>

#include "utils/inet.h"

#include "login/attempts_state.h"

/* ud_attempts_key_kind_name returns the name of a kind in SQL. */
extern const char *ud_attempts_key_kind_name(UdAttemptKind kind);

/*
 * ud_attempts_key_kind returns the kind of a name.
 *
 * Errors: 22023 when there is none.
 */
extern UdAttemptKind ud_attempts_key_kind(const text *name);

/* ud_attempts_key_plain returns an address or network of IPv4 in the form of IPv6 as one of IPv4,
 * any other as it is. */
extern inet *ud_attempts_key_plain(inet *address);

/*
 * ud_attempts_key_address returns the address of IPv4, or the network of 64 bits of IPv6, that an
 * attempt comes from.
 */
extern inet *ud_attempts_key_address(inet *address);

/* ud_attempts_key_set_address puts what ud_attempts_key_address returned into a key. */
extern void ud_attempts_key_set_address(UdAttemptKey *key, inet *address);

/* ud_attempts_key_inet returns the address in a key, 0.0.0.0/0 where none belongs to it. */
extern inet *ud_attempts_key_inet(const UdAttemptKey *key);

/*
 * ud_attempts_key_hash hashes salt, connection and identifier, which may be NULL, to the bytes by
 * which counters know an identifier.
 */
extern void ud_attempts_key_hash(uint8 who[16], const bytea *salt, const text *connection,
								 const text *identifier);

#endif
