/*
 * jwt.h: JSON Web Tokens (RFC 7519) in the compact form of RFC 7515: signing and verifying.
 *
 * What is raised here never repeats a part of the token, but the beginning of a typ that is not the
 * one that was expected and the names of algorithms and keys that the directory knows, and keeps
 * statement and context out of the server's log.
 */
#ifndef UD_CRYPTO_JWT_H
#define UD_CRYPTO_JWT_H

#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "crypto/primitives.h"

/* The most leeway that may be given to clocks, in seconds. */
#define UD_JWT_MAX_LEEWAY (24 * 60 * 60)

/* What a token must be besides well-formed, signed and of its time. */
typedef struct UdJwtExpectation
{
	const char *issuer;   /* NULL: not checked, and signed with a key of our own */
	const char *audience; /* NULL: not checked */
	const char *typ;      /* NULL: "JWT" or none; without regard to case */
	int leeway;           /* seconds that clocks may differ: 0 to UD_JWT_MAX_LEEWAY */
	bool any_typ;         /* typ is not checked at all */
	bool wants_header;    /* the header is to be returned */
	TimestampTz now;      /* 0: the time of the call, by the clock */
} UdJwtExpectation;

typedef struct UdJwt
{
	Jsonb *claims;
	Jsonb *header; /* NULL unless wanted */
} UdJwt;

/*
 * ud_jwt_sign returns a token of the claims, palloc'd.
 *
 * alg: the algorithm whose current key signs; NULL when kid says which key. kid: a key that is
 * current or next, NULL for the current one. typ: of the header; NULL for none. claims: an object.
 *
 * Errors: UD04B when the claims are no object, too large, nested too deep or otherwise beyond what
 * ud_jwt_verify reads, or one that RFC 7519 registers has a value it cannot have; 22023 for a typ
 * that is none; UD048, UD049, UD050, UD052 as in ud_key_ring_signer.
 */
extern char *ud_jwt_sign(const char *alg, const char *kid, const char *typ, Jsonb *claims);

/*
 * ud_jwt_sign_with_secret is the same with HMAC: alg is HS256, HS384 or HS512, kid goes into the
 * header unless it is NULL. Errors: UD04A when the secret is shorter than the algorithm's result,
 * or is a key in PEM; UD048 for another algorithm.
 */
extern char *ud_jwt_sign_with_secret(const char *alg, UdBytes secret, const char *kid,
									 const char *typ, Jsonb *claims);

/*
 * ud_jwt_is_secret returns whether ud_jwt_sign_with_secret and its sibling would take a secret.
 * Errors: UD048 for an algorithm that is none of HMAC.
 */
extern bool ud_jwt_is_secret(const char *alg, UdBytes secret);

/*
 * ud_jwt_verify checks a token against the keys of the directory, and returns what it says.
 *
 * The key decides which algorithm is right. Keys of other issuers count only where the expectation
 * names their issuer.
 *
 * Errors: UD040 to UD049, see base/errors.h; UD101 without a directory.
 */
extern UdJwt ud_jwt_verify(const char *token, size_t length, const UdJwtExpectation *expected);

/*
 * ud_jwt_verify_with_secret is the same for a token that was signed with HMAC; alg is the one
 * algorithm that is right. Errors: as above, and as in ud_jwt_sign_with_secret.
 */
extern UdJwt ud_jwt_verify_with_secret(const char *token, size_t length, const char *alg,
									   UdBytes secret, const UdJwtExpectation *expected);

#endif
