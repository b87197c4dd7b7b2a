/*
 * password_words.h: words in passwords: a user's own data, and the words of the place where the
 * password is used.
 *
 * Passwords and words are UTF-8 with folded case: "Jane" and "JANE" are "jane" here.
 */
#ifndef UD_PURE_PASSWORD_WORDS_H
#define UD_PURE_PASSWORD_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "pure/phc.h" /* for UdSlice */

/* ud_password_words_contains returns whether a password contains a word that is not empty. */
extern bool ud_password_words_contains(UdSlice password, UdSlice word);

/*
 * ud_password_words_next takes the next word out of a text: what stands between blanks and other
 * characters of ASCII that are neither letter nor digit. *rest is what follows it. Returns false
 * when there is no more.
 */
extern bool ud_password_words_next(UdSlice *rest, UdSlice *word);

/*
 * ud_password_words_is_made_of returns whether a password is made of nothing but words, at least
 * one of them, and digits and signs between them. Letters may be written as the digits and signs
 * that usually stand for them, as in "p4$$w0rd".
 *
 * work has room for one byte more than the password; it tells about the password afterwards.
 */
extern bool ud_password_words_is_made_of(UdSlice password, const UdSlice *words, size_t count,
										 unsigned char *work);

#endif
