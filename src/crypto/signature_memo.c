/*
 * signature_memo.c: the signatures that a key has found right lately.
 */
#include "base/userdir.h"

#include "crypto/signature_memo.h"

StaticAssertDecl(UD_SIGNATURE_MEMO_SLOTS <= 256, "a mark's first byte chooses its slot");

void
ud_signature_mark(const uint8 *digest, size_t digest_length, const uint8 *signature, size_t length,
				  uint8 *mark)
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, UD_SIGNATURE_MARK_SIZE);
	crypto_generichash_update(&state, digest, digest_length);
	crypto_generichash_update(&state, signature, length);
	crypto_generichash_final(&state, mark, UD_SIGNATURE_MARK_SIZE);
}

/* slot_of returns where a mark stands if it is in a memo; its other bytes decide whether it is. */
static size_t
slot_of(const uint8 *mark)
{
	return mark[0] % UD_SIGNATURE_MEMO_SLOTS;
}

bool
ud_signature_memo_has(const UdSignatureMemo *memo, const uint8 *mark)
{
	return sodium_memcmp(memo->marks[slot_of(mark)], mark, UD_SIGNATURE_MARK_SIZE) == 0;
}

void
ud_signature_memo_put(UdSignatureMemo *memo, const uint8 *mark)
{
	memcpy(memo->marks[slot_of(mark)], mark, UD_SIGNATURE_MARK_SIZE);
}
