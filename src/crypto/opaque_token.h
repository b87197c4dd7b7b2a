/*
 * opaque_token.h: tokens that mean something to this directory alone.
 */
#ifndef UD_CRYPTO_OPAQUE_TOKEN_H
#define UD_CRYPTO_OPAQUE_TOKEN_H

#include "pure/span.h"

/*
 * ud_opaque_token_refuse raises where a token that has to be a signed one begins as an opaque one
 * does: no JSON in base64url, as headers are, begins so. Errors: UD040, with a hint at what takes
 * such a token.
 */
extern void ud_opaque_token_refuse(UdSpan token);

#endif
