/*
 * secret_text.h: from a text of the database to the bytes that are hashed.
 */
#ifndef UD_CRYPTO_SECRET_TEXT_H
#define UD_CRYPTO_SECRET_TEXT_H

/*
 * ud_secret_text_to_utf8 writes a text in the database's encoding as UTF-8.
 *
 * target has room for size bytes; *fits tells whether they sufficed. Returns the bytes written.
 * Errors: 22021 when the text has no equivalent in UTF-8, or is none in a database without encoding
 * (SQL_ASCII); 0A000 when the server has no such conversion. None repeats a byte of the text.
 */
extern size_t ud_secret_text_to_utf8(const char *text, size_t length, uint8 *target, size_t size,
									 bool *fits);

/*
 * ud_secret_text_normalize writes valid UTF-8 in normal form NFKC; target, size, *fits and the
 * result are as above.
 */
extern size_t ud_secret_text_normalize(const uint8 *utf8, size_t length, uint8 *target, size_t size,
									   bool *fits);

#endif
