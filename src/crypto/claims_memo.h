/*
 * claims_memo.h: the claims of the tokens that were read lately, by their payload.
 *
 * What a payload says never changes, whoever has signed it. So the token that comes with each
 * request of a client is read once; its signature and its claims are checked each time.
 */
#ifndef UD_CRYPTO_CLAIMS_MEMO_H
#define UD_CRYPTO_CLAIMS_MEMO_H

#include "utils/jsonb.h"

#include "pure/span.h"

/* ud_claims_memo_find returns a copy of the claims of a payload in base64url, or NULL. */
extern Jsonb *ud_claims_memo_find(UdSpan payload);

/* ud_claims_memo_keep keeps the claims of a payload, in the place of others. */
extern void ud_claims_memo_keep(UdSpan payload, const Jsonb *claims);

#endif
