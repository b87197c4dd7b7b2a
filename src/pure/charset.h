/*
 * charset.h: where the characters of a text end, in any encoding of a server.
 */
#ifndef UD_PURE_CHARSET_H
#define UD_PURE_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

typedef struct UdCharset
{
	/* Whether a character can only be found where one begins: true of single bytes and UTF-8. */
	bool self_synchronizing;

	/*
	 * length returns the bytes of the character that begins at text. rest, never 0, is what is
	 * left of the text; the answer is between 1 and rest.
	 */
	size_t (*length)(const char *text, size_t rest);

	/* Whether no text has the byte 0xFF. */
	bool lacks_ff;
} UdCharset;

/* Every byte is a character. */
extern const UdCharset ud_charset_bytes;

extern const UdCharset ud_charset_utf8;

/*
 * ud_charset_skip returns where the text goes on behind so many characters, NULL when it is
 * shorter.
 */
extern const char *ud_charset_skip(const UdCharset *charset, const char *text, const char *end,
								   size_t characters);

/* ud_charset_count returns how many characters there are from text to end. */
extern size_t ud_charset_count(const UdCharset *charset, const char *text, const char *end);

#endif
