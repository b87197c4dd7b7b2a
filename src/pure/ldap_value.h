/*
 * ldap_value.h: values of attributes that are not simply text, those of Active Directory above all.
 */
#ifndef UD_PURE_LDAP_VALUE_H
#define UD_PURE_LDAP_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for what the functions below write, with a NUL. */
#define UD_LDAP_UUID_SIZE 37
#define UD_LDAP_SID_SIZE  192

/* The order in which 16 bytes stand for a UUID. */
typedef enum UdLdapUuidOrder
{
	UD_LDAP_UUID_NETWORK, /* as RFC 4122 has them, and as it is written */
	UD_LDAP_UUID_WINDOWS  /* the first three groups have their lowest byte first, as objectGUID */
} UdLdapUuidOrder;

/* ud_ldap_value_uuid writes 16 bytes as a UUID in lower case; false if there are not 16. */
extern bool ud_ldap_value_uuid(const uint8_t *bytes, size_t length, UdLdapUuidOrder order,
							   char *target);

/* ud_ldap_value_sid writes a security identifier as "S-1-5-21-..."; false if the bytes are none. */
extern bool ud_ldap_value_sid(const uint8_t *bytes, size_t length, char *target);

/*
 * ud_ldap_value_rdn writes the value of the first attribute of a distinguished name, "Sales, EU" of
 * "CN=Sales\, EU,OU=Groups,DC=example": target has room for as many bytes as the name.
 *
 * Returns false when it is no such name, or the value is written as hexadecimal BER.
 */
extern bool ud_ldap_value_rdn(const char *name, size_t length, char *target, size_t *written);

/* ud_ldap_value_integer reads a whole number; false if it is none or has more than 64 bits. */
extern bool ud_ldap_value_integer(const char *text, size_t length, int64_t *value);

/*
 * ud_ldap_value_bind_code finds the code in the message with which Active Directory refuses a bind,
 * 0x52e in "... AcceptSecurityContext error, data 52e, v4563"; 0 when there is none.
 */
extern int ud_ldap_value_bind_code(const char *message, size_t length);

/*
 * ud_ldap_value_unicode_password writes a password as Active Directory's attribute unicodePwd wants
 * it: in quotes, as UTF-16 with the lower byte first. target has room for 2 * (length + 2) bytes;
 * the text is valid UTF-8. Returns the bytes written.
 */
extern size_t ud_ldap_value_unicode_password(const uint8_t *utf8, size_t length, uint8_t *target);

#endif
