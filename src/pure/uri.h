/*
 * uri.h: the little that profiles need of RFC 3986.
 */
#ifndef UD_PURE_URI_H
#define UD_PURE_URI_H

#include <stdbool.h>
#include <stddef.h>

/*
 * ud_uri_is_web returns whether text is an absolute http or https URI: a host that is not empty,
 * only the characters that RFC 3986 allows, and two hexadecimal digits after every "%". IRIs, with
 * characters beyond ASCII, are none.
 */
extern bool ud_uri_is_web(const char *text, size_t length);

/*
 * ud_uri_encode writes text with everything but the unreserved characters of RFC 3986 as "%XX".
 *
 * target needs room for 3 * length bytes; it is not terminated. Returns the bytes written.
 */
extern size_t ud_uri_encode(const char *text, size_t length, char *target);

#endif
