/*
 * signature_memo.h: the signatures that a key has found right lately.
 *
 * Clients show the same token with each of their requests, and a pooler brings them to the same
 * few backends. To see that a signature is the one that was checked a moment ago costs a hash; to
 * check it again, up to a hundred times that.
 */
#ifndef UD_CRYPTO_SIGNATURE_MEMO_H
#define UD_CRYPTO_SIGNATURE_MEMO_H

#include <sodium.h>

#define UD_SIGNATURE_MEMO_SLOTS 64
#define UD_SIGNATURE_MARK_SIZE  crypto_generichash_BYTES

/* A key's memo, zeros to begin with. It holds hashes, from which nobody makes a token. */
typedef struct UdSignatureMemo
{
	uint8 marks[UD_SIGNATURE_MEMO_SLOTS][UD_SIGNATURE_MARK_SIZE];
} UdSignatureMemo;

/*
 * ud_signature_mark makes what stands in a memo for a signature of a text: the BLAKE2b of both. The
 * text is given by a digest, all of whose digests have one length.
 */
extern void ud_signature_mark(const uint8 *digest, size_t digest_length, const uint8 *signature,
							  size_t length, uint8 *mark);

/* ud_signature_memo_has returns whether a mark was put into a memo, and is still there. */
extern bool ud_signature_memo_has(const UdSignatureMemo *memo, const uint8 *mark);

/* ud_signature_memo_put puts a mark in, in the place of an older one. */
extern void ud_signature_memo_put(UdSignatureMemo *memo, const uint8 *mark);

#endif
