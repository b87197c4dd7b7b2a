/*
 * encryption.h: TLS on a connection to a directory server.
 */
#ifndef UD_LDAP_ENCRYPTION_H
#define UD_LDAP_ENCRYPTION_H

#include "ldap/connection.h"

/*
 * ud_ldap_encryption_start makes a connection go on encrypted: TLS 1.2 or later, with a certificate
 * that is valid for the host of the URL, unless the description says "insecure".
 *
 * Returns false, with a problem, when it cannot. Errors: UD069 when the certificates to trust
 * cannot be read.
 */
extern bool ud_ldap_encryption_start(UdLdapConnection *connection);

#endif
