/*
 * charset.h: the little that parsers must know of the encoding of a text.
 *
 * Every encoding that a server may have keeps ASCII as it is: a byte below 0x80 is never a part of
 * another character. So the parsers work on bytes and ask here only where characters count: in the
 * positions of errors, for "?" in a pattern, and to write an escape like \u00e9.
 */
#ifndef UD_PURE_CHARSET_H
#define UD_PURE_CHARSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest character of any encoding, in bytes */
#define UD_CHARSET_MAX 4

typedef struct UdCharset
{
	/*
	 * synchronizing says that the bytes of one text are found in another at the beginning of a
	 * character only, as in UTF-8 and in the encodings of one byte.
	 */
	bool synchronizing;

	/* unicode says that the text is UTF-8, so that white space beyond ASCII can be seen. */
	bool unicode;

	/* length returns the bytes of the character at at: 1 to left. left is not 0. */
	size_t (*length)(const char *at, size_t left);

	/*
	 * encode writes the character of a Unicode code point to target, which has room for
	 * UD_CHARSET_MAX bytes, and returns its bytes; 0 if the encoding has no such character. The
	 * code point is neither 0 nor a surrogate nor beyond 0x10ffff.
	 */
	size_t (*encode)(uint32_t code_point, char *target);
} UdCharset;

/* UTF-8; a byte that begins no valid character counts as a character of its own. */
extern const UdCharset ud_charset_utf8;

/* Any encoding of one byte a character, of which no more than ASCII is known. */
extern const UdCharset ud_charset_bytes;

/* ud_charset_count returns how many characters the bytes of text hold. */
extern size_t ud_charset_count(const UdCharset *charset, const char *text, size_t length);

#endif
