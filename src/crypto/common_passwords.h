/*
 * common_passwords.h: the passwords that many people have.
 *
 * They are compiled in from data/common_passwords.txt, so that they are there without a download.
 */
#ifndef UD_CRYPTO_COMMON_PASSWORDS_H
#define UD_CRYPTO_COMMON_PASSWORDS_H

#include "pure/phc.h" /* for UdSlice */

typedef enum UdCommonPasswords
{
	UD_COMMON_NONE,
	UD_COMMON_FIRST, /* the 10,000 most common ones */
	UD_COMMON_ALL
} UdCommonPasswords;

/*
 * ud_common_passwords_have returns whether a password is one of them. password is normalized and
 * its case is folded.
 */
extern bool ud_common_passwords_have(UdCommonPasswords which, UdSlice password);

#endif
