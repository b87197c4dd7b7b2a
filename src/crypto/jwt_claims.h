/*
 * jwt_claims.h: the claims that RFC 7519 registers.
 */
#ifndef UD_CRYPTO_JWT_CLAIMS_H
#define UD_CRYPTO_JWT_CLAIMS_H

#include "crypto/jwt.h"

/*
 * ud_jwt_claims_fault returns what is wrong with the types of registered claims, to stand behind
 * "the claims", or NULL.
 */
extern const char *ud_jwt_claims_fault(Jsonb *claims);

/*
 * ud_jwt_claims_check raises unless the claims are what is expected. key_issuer: whose key has
 * signed; "" for one of ours.
 *
 * Errors: UD040 for a registered claim of a wrong type, UD042 when the time is over, UD043 when it
 * has not begun, UD044 and UD045 for another issuer or audience.
 */
extern void ud_jwt_claims_check(Jsonb *claims, const UdJwtExpectation *expected,
								const char *key_issuer);

#endif
