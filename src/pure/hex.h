/*
 * hex.h: hexadecimal digits, to and from bytes.
 *
 * Nothing here is made for secrets: the time that it takes depends on the digits.
 */
#ifndef UD_PURE_HEX_H
#define UD_PURE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ud_hex_digit returns what a hexadecimal digit of either case stands for, or -1. */
static inline int
ud_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * ud_hex_decode reads pairs of hexadecimal digits of either case.
 *
 * target needs length / 2 bytes. Returns false for an odd length or any other character.
 */
extern bool ud_hex_decode(const char *text, size_t length, uint8_t *target);

/*
 * ud_hex_encode writes bytes as lower-case hexadecimal digits: 2 * length characters and a NUL.
 */
extern void ud_hex_encode(const uint8_t *bytes, size_t length, char *target);

#endif
