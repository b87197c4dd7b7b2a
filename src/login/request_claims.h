/*
 * request_claims.h: the identity that a web front end claims for its request in a setting, for
 * installations that trust it.
 */
#ifndef UD_LOGIN_REQUEST_CLAIMS_H
#define UD_LOGIN_REQUEST_CLAIMS_H

#include "login/identity.h"

/*
 * ud_request_claims_identity returns the identity of the setting request.jwt.claims, NULL when it
 * is not set or empty. Each value is read once. Whether it may be believed is for the caller to
 * know: everybody can set it.
 *
 * Errors: 22P02 when the value is no JSON, UD040 when it is no object or a claim that is prepared
 * is not of its type, 54000 when it is longer than 64 kB.
 */
extern const UdIdentity *ud_request_claims_identity(void);

#endif
