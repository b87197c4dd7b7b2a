/*
 * reveal.h: when a secret may be turned back into the text that it holds.
 */
#ifndef UD_CRYPTO_REVEAL_H
#define UD_CRYPTO_REVEAL_H

/*
 * ud_reveal_allow says whether userdir.reveal() answers from now on, and returns whether it did
 * before. Whoever allows it restores that in the end, also after an error.
 */
extern bool ud_reveal_allow(bool allowed);

#endif
