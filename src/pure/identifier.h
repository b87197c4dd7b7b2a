/*
 * identifier.h: the syntax of the names by which users and connections are known.
 *
 * All texts are UTF-8 or another encoding in which ASCII bytes mean themselves; bytes beyond ASCII
 * count as letters. Lengths are for the caller, who knows what a character is.
 */
#ifndef UD_PURE_IDENTIFIER_H
#define UD_PURE_IDENTIFIER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * ud_identifier_is_connection_name returns whether text is letters and digits of ASCII with single
 * hyphens between them.
 */
extern bool ud_identifier_is_connection_name(const char *text, size_t length);

/*
 * ud_identifier_is_email returns whether text is an address that mail can be sent to: a dot-atom
 * or quoted-string of RFC 5322 (with the letters of RFC 6531), "@", and a domain name of at least
 * two labels whose last one is no number. Comments, address literals and blanks are refused.
 */
extern bool ud_identifier_is_email(const char *text, size_t length);

/*
 * ud_identifier_is_username returns whether text is made of lower-case letters and digits of ASCII
 * and the marks @ ^ $ . ! ` - # + ' ~ _ . That it is no e-mail address is asked separately.
 */
extern bool ud_identifier_is_username(const char *text, size_t length);

/*
 * ud_identifier_is_phone_number returns whether text is an E.164 number: "+" and 1 to 15 digits.
 */
extern bool ud_identifier_is_phone_number(const char *text, size_t length);

/*
 * ud_identifier_is_user_id_part returns whether text, the part of a user_id behind the bar, is not
 * empty and free of white space and control characters.
 */
extern bool ud_identifier_is_user_id_part(const char *text, size_t length);

#endif
