/*
 * request.h: one call of a function that asks a directory server, from its arguments to the entry.
 */
#ifndef UD_LDAP_REQUEST_H
#define UD_LDAP_REQUEST_H

#include "base/secret_access.h"
#include "ldap/connection.h"

typedef struct UdLdapRequest
{
	UdLdapServer *server;
	UdSpan login;    /* UTF-8 */
	UdSpan password; /* of the user; the bytes as they were typed */
	UdSpan bind_password;
	UdSecret secrets[2]; /* what holds them */
	const UdSecretAccess *access;
	ErrorContextCallback frame;
	int64 latest;
	int url; /* of the server that answered */
	UdLdapConnection *searcher;
	UdLdapConnection *user;
} UdLdapRequest;

/*
 * ud_ldap_request_start reads the arguments of a function: server jsonb, login text, then perhaps
 * the password, at place password or at none if that is -1, and at last the password for bind_dn.
 *
 * Returns false when there can be no such user: the login is null, empty or longer than any name.
 * Errors: UD069 for the description and for bind_dn or its password alone; UD060 for a password
 * that is null or empty, which a server would take for no password at all and let anybody in.
 */
extern bool ud_ldap_request_start(UdLdapRequest *request, FunctionCallInfo fcinfo, int password);

/* ud_ldap_request_end closes and overwrites everything, on every way out. */
extern void ud_ldap_request_end(UdLdapRequest *request);

/*
 * ud_ldap_request_search opens the connection that searches, through the first server that answers.
 * Errors: UD068 when none does, UD069 when bind_dn is refused.
 */
extern void ud_ldap_request_search(UdLdapRequest *request);

/*
 * ud_ldap_request_find finds the entry of the user through a connection. Returns false when there
 * is none. Errors: UD068, and UD069 when there are several.
 */
extern bool ud_ldap_request_find(UdLdapRequest *request, UdLdapConnection *connection,
								 UdLdapEntry *entry);

/* ud_ldap_request_user_dn returns the name of the entry that follows from the login. */
extern const char *ud_ldap_request_user_dn(const UdLdapRequest *request);

/*
 * ud_ldap_request_authenticate binds with the user's password, on a connection of its own. entry:
 * that of the user, NULL where only the name is known.
 * Errors: UD060 for a wrong password, with the id of the entry as its detail, UD061 when the
 * password is right or not asked for and the account may not be used, UD068 and UD069.
 */
extern void ud_ldap_request_authenticate(UdLdapRequest *request, const char *dn,
										 const UdLdapEntry *entry);

/* ud_ldap_request_profile returns the profile of an entry, with its groups. Errors: UD068, UD069.
 */
extern Jsonb *ud_ldap_request_profile(UdLdapRequest *request, UdLdapConnection *connection,
									  const UdLdapEntry *entry);

/*
 * ud_ldap_request_fail raises what a result code other than success means: UD068 when the server is
 * at fault, UD069 when it refuses. what is what was asked for.
 */
extern void ud_ldap_request_fail(UdLdapRequest *request, UdLdapConnection *connection, int code,
								 const char *what) pg_attribute_noreturn();

#endif
