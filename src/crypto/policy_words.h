/*
 * policy_words.h: the words that passwords are compared with, in the form of the comparison:
 * normalized by NFKC, with folded case.
 */
#ifndef UD_CRYPTO_POLICY_WORDS_H
#define UD_CRYPTO_POLICY_WORDS_H

#include "utils/jsonb.h"

#include "pure/phc.h" /* for UdSlice */

/* Shorter words say nothing about whose password it is. Characters. */
#define UD_WORD_MIN_LENGTH 3

typedef struct UdWords
{
	UdSlice *words;
	int count;
	int room;
} UdWords;

/*
 * ud_policy_words_fold_utf8 folds the case of normalized UTF-8. The result lies in the current
 * memory context.
 */
extern UdSlice ud_policy_words_fold_utf8(const uint8 *text, size_t length);

/*
 * ud_policy_words_fold normalizes and folds a text in the database's encoding. It is empty when it
 * is longer than any password, or no text.
 */
extern UdSlice ud_policy_words_fold(const char *text, size_t length);

/*
 * ud_policy_words_personal adds the values that a password must not contain.
 *
 * profiles: an object or an array of objects, each a user's profile. fields: an array of paths like
 * "user_metadata.name"; NULL for those of the hosted service. Of an e-mail address it is the part
 * before the "@".
 */
extern void ud_policy_words_personal(UdWords *words, JsonbContainer *profiles,
									 JsonbContainer *fields);

/* ud_policy_words_parts adds the parts of a text in the database's encoding that are words. */
extern void ud_policy_words_parts(UdWords *words, const char *text, size_t length);

/* ud_policy_words_names adds the words of names and addresses in profiles, as above. */
extern void ud_policy_words_names(UdWords *words, JsonbContainer *profiles);

#endif
