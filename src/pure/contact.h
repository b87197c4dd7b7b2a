/*
 * contact.h: e-mail addresses and phone numbers as identity providers write them.
 */
#ifndef UD_PURE_CONTACT_H
#define UD_PURE_CONTACT_H

#include <stdbool.h>
#include <stddef.h>

/* A plus sign and at most 15 digits. */
#define UD_PHONE_MAX_LENGTH 16

/*
 * ud_contact_local_part returns the length of the part of an e-mail address before its last "@",
 * or that of the whole text when there is none.
 */
extern size_t ud_contact_local_part(const char *email, size_t length);

/*
 * ud_contact_is_email returns whether text looks like an e-mail address: something, "@",
 * something, no blanks. It tells an address from a handle; it does not validate.
 */
extern bool ud_contact_is_email(const char *text, size_t length);

/*
 * ud_contact_phone writes the number as E.164 wants it: "+" and 1 to 15 digits.
 *
 * The visual separators of RFC 3966 and a "(0)" are left out. target needs UD_PHONE_MAX_LENGTH
 * bytes and is not terminated. Returns the length, 0 when text is no international number.
 */
extern size_t ud_contact_phone(const char *text, size_t length, char *target);

#endif
