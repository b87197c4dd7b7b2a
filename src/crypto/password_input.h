/*
 * password_input.h: the bytes that others have hashed for a password.
 */
#ifndef UD_CRYPTO_PASSWORD_INPUT_H
#define UD_CRYPTO_PASSWORD_INPUT_H

#include "crypto/primitives.h"

typedef enum UdPasswordEncoding
{
	UD_ENCODING_UTF8,
	UD_ENCODING_ASCII,
	UD_ENCODING_LATIN1,
	UD_ENCODING_UTF16LE
} UdPasswordEncoding;

/* How a password becomes bytes: transcoded, perhaps digested, perhaps with a salt beside it. */
typedef struct UdPasswordInput
{
	UdPasswordEncoding encoding;
	bool sha256_hex; /* the hexadecimal digits of its SHA-256 stand for it */
	UdBytes salt;
	bool salt_is_suffix;
} UdPasswordInput;

/*
 * ud_password_encoding_find reads the name of an encoding: utf8, ascii, latin1 or binary, utf16le
 * or ucs2. Returns whether there is one.
 */
extern bool ud_password_encoding_find(UdSpan name, UdPasswordEncoding *encoding);

/* ud_password_encoding_name returns the name by which our own strings call an encoding. */
extern const char *ud_password_encoding_name(UdPasswordEncoding encoding);

/*
 * ud_password_input_size returns the room that the bytes of a password in UTF-8 can take.
 */
extern size_t ud_password_input_size(const UdPasswordInput *input, size_t utf8_length);

/*
 * ud_password_input_write writes the bytes of a password and their number.
 *
 * Returns false when the password has a character that the encoding does not, so that it cannot
 * have been the one that was hashed.
 */
extern bool ud_password_input_write(const UdPasswordInput *input, UdBytes utf8, uint8 *target,
									size_t *written);

#endif
