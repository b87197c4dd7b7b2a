/*
 * foreign_header.h: a token of another issuer, read but not yet believed.
 */
#ifndef UD_CRYPTO_FOREIGN_HEADER_H
#define UD_CRYPTO_FOREIGN_HEADER_H

#include "pure/jwt_split.h"

typedef struct UdForeignToken
{
	UdJwtParts parts;
	char *algorithm;
	char *kid;    /* in UTF-8; empty when the header has none */
	char *claims; /* a JSON object in UTF-8 */
	uint8 *signature;
	size_t signature_length;
} UdForeignToken;

/*
 * ud_foreign_header_read reads a token: three parts in base64url in its one spelling, two of which
 * are JSON objects without anything that another reader could take differently.
 *
 * Errors: UD040 when it is malformed, encrypted, or holds another token; UD046 when its typ is not
 * JWT; UD047 when it has critical extensions; UD048 when it says that it is not signed, or signed
 * with a secret; 54000 when it is too long.
 */
extern UdForeignToken ud_foreign_header_read(const char *token, size_t length);

#endif
