/*
 * ldap_escape.h: a text as one value within an LDAP filter or a distinguished name.
 */
#ifndef UD_PURE_LDAP_ESCAPE_H
#define UD_PURE_LDAP_ESCAPE_H

#include <stddef.h>

/* Room that either function may need for length bytes. */
#define UD_LDAP_ESCAPED_SIZE(length) (3 * (size_t)(length))

/*
 * ud_ldap_escape_filter writes text as an assertion value of a filter (RFC 4515): letters, digits
 * and a few marks stay, every other byte becomes "\XX", so that nothing in it can end the value or
 * be a wildcard. target is not terminated. Returns the bytes written.
 */
extern size_t ud_ldap_escape_filter(const char *text, size_t length, char *target);

/*
 * ud_ldap_escape_dn writes text as an attribute value of a distinguished name (RFC 4514): whatever
 * has a meaning there, control characters, and blanks at either end become "\XX". target is not
 * terminated. Returns the bytes written.
 */
extern size_t ud_ldap_escape_dn(const char *text, size_t length, char *target);

#endif
