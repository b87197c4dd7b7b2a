/*
 * base64.h: base64 (RFC 4648), to and from bytes.
 */
#ifndef UD_PURE_BASE64_H
#define UD_PURE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for length bytes written as base64, with a NUL. */
#define UD_BASE64_SIZE(length) (((size_t)(length) + 2) / 3 * 4 + 1)

/* The most bytes that length characters of base64 can mean. */
#define UD_BASE64_DECODED_SIZE(length) (((size_t)(length) + 3) / 4 * 3)

/*
 * ud_base64_encode writes bytes in the standard alphabet without padding, as PHC strings have them.
 *
 * target needs UD_BASE64_SIZE(length) bytes; a NUL ends it. Returns the length without the NUL.
 */
extern size_t ud_base64_encode(const uint8_t *bytes, size_t length, char *target);

/*
 * ud_base64_decode reads base64 in the standard or in the URL alphabet, with or without padding.
 *
 * target needs UD_BASE64_DECODED_SIZE(length) bytes; *decoded receives how many were written.
 * Returns false for any other character, padding that does not fit, a length that cannot be, and
 * unused bits that are not zero.
 */
extern bool ud_base64_decode(const char *text, size_t length, uint8_t *target, size_t *decoded);

/*
 * ud_base64url_encode writes bytes in the URL alphabet without padding (RFC 7515, section 2).
 *
 * target needs UD_BASE64_SIZE(length) bytes; a NUL ends it. Returns the length without the NUL.
 */
extern size_t ud_base64url_encode(const uint8_t *bytes, size_t length, char *target);

/*
 * ud_base64url_decode reads base64 in the URL alphabet alone, without padding: each text of bytes
 * has one spelling. target, *decoded and the result are those of ud_base64_decode. target may be
 * the memory of text.
 */
extern bool ud_base64url_decode(const char *text, size_t length, uint8_t *target, size_t *decoded);

#endif
