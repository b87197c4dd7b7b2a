/*
 * profile.h: from an entry of a directory to the profile of a user.
 */
#ifndef UD_LDAP_PROFILE_H
#define UD_LDAP_PROFILE_H

#include "ldap/connection.h"

/*
 * ud_ldap_profile_make returns the profile of an entry: "user_id", the fields of the map that the
 * entry has values for, "blocked" where Active Directory has disabled the account or it has
 * expired, and the groups, which may be NULL.
 *
 * Errors: UD068 when the entry has no id, or a value that is not of its kind; 22P05 for a character
 * that the database's encoding does not have.
 */
extern Jsonb *ud_ldap_profile_make(const UdLdapServer *server, const UdLdapEntry *entry,
								   const UdLdapFound *groups);

/*
 * ud_ldap_profile_id returns what becomes the user's id of an entry, in the encoding of the
 * database; empty when the entry has none. Errors: UD068 for a value that is not of its kind.
 */
extern UdSpan ud_ldap_profile_id(const UdLdapServer *server, const UdLdapEntry *entry);

#endif
