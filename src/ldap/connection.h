/*
 * connection.h: a connection to a directory server, and what is asked through it.
 *
 * What the functions here find out is returned; only interrupts and a description that cannot work
 * are raised. A connection must be closed on every way out, so they are called between PG_TRY and
 * PG_FINALLY.
 */
#ifndef UD_LDAP_CONNECTION_H
#define UD_LDAP_CONNECTION_H

#include <ldap.h>

#include "ldap/server.h"
#include "ldap/transport.h"

/* What of a server's explanation is kept. */
#define UD_LDAP_EXPLANATION_SIZE 512

/* A result code for which LDAP has none: the connection is of no use, transport.problem tells why.
 */
#define UD_LDAP_BROKEN (-1000)

typedef struct UdLdapConnection
{
	const UdLdapServer *server;
	int64 latest; /* the end of all patience, by ud_ldap_transport_now() */
	UdLdapTransport transport;
	LDAP *library;
	LDAPMessage *message; /* held while it is read, so that closing frees it */
	BerVarray values;
	BerElement *position;
	char explanation[UD_LDAP_EXPLANATION_SIZE]; /* of the last result, as the server sent it */
} UdLdapConnection;

/* An attribute of an entry; its values are bytes. */
typedef struct UdLdapAttribute
{
	const char *name;
	UdSpan *values;
	int count;
} UdLdapAttribute;

/* An entry; all of it was copied into the current memory context. */
typedef struct UdLdapEntry
{
	const char *dn;
	UdLdapAttribute *attributes;
	int count;
} UdLdapEntry;

/* What a search found: up to as many entries as were asked for, and whether there are more. */
typedef struct UdLdapFound
{
	UdLdapEntry *entries;
	int count;
	bool is_more;
} UdLdapFound;

/* ud_ldap_connection_create returns a closed connection, whose patience ends at a time. */
extern UdLdapConnection *ud_ldap_connection_create(const UdLdapServer *server, int64 latest);

/*
 * ud_ldap_connection_open connects to one of the server's URLs and makes the connection as safe as
 * it is to be. Returns false, with a problem, when that fails; it may be tried again with another.
 *
 * Errors: UD069 when the certificates to trust cannot be read.
 */
extern bool ud_ldap_connection_open(UdLdapConnection *connection, int url);

/*
 * The next functions return the result code of LDAP, or UD_LDAP_BROKEN.
 *
 * ud_ldap_connection_bind authenticates: a NULL name is anonymous. A password must not be empty.
 *
 * ud_ldap_connection_search finds entries; attributes is what is asked for. UD_LDAP_BROKEN is
 * returned too when the server sends what is no entry.
 *
 * ud_ldap_connection_set_password changes the password of an entry: by RFC 3062, or, for Active
 * Directory, by its attribute unicodePwd.
 */
extern int ud_ldap_connection_bind(UdLdapConnection *connection, const char *dn, UdSpan password);
extern int ud_ldap_connection_search(UdLdapConnection *connection, const char *base, int scope,
									 const char *filter, char **attributes, int limit,
									 UdLdapFound *found);
extern int ud_ldap_connection_set_password(UdLdapConnection *connection, const char *dn,
										   UdSpan password);

/* ud_ldap_connection_close ends a connection and frees what belongs to it; NULL is none. */
extern void ud_ldap_connection_close(UdLdapConnection *connection);

#endif
