/*
 * jwt_header.h: the header of a token.
 */
#ifndef UD_CRYPTO_JWT_HEADER_H
#define UD_CRYPTO_JWT_HEADER_H

#include "crypto/jwt.h"
#include "pure/jwt_split.h"

typedef struct UdJwtHeader
{
	UdSpan alg;
	UdSpan kid; /* data NULL where there is none, here and below */
	UdSpan typ;
	UdSpan json; /* as a whole */
} UdJwtHeader;

/*
 * ud_jwt_header_read reads the header of a token and raises unless it may stand in a token that is
 * looked at further: UD040 when it is malformed or that of an encrypted token, UD047 for crit and
 * b64, UD048 for an algorithm that is none, UD049 when it brings a key or an address of keys.
 */
extern void ud_jwt_header_read(UdSpan encoded, UdJwtHeader *header);

/*
 * ud_jwt_header_show_typ returns a typ as it may stand in a message, whoever has written it: in
 * quotation marks, at most 64 bytes of it, and escaped but for visible ASCII; "none" for none.
 */
extern char *ud_jwt_header_show_typ(UdSpan typ);

/* ud_jwt_header_check_typ raises UD046 unless typ is what is expected. */
extern void ud_jwt_header_check_typ(UdSpan typ, const UdJwtExpectation *expected);

/*
 * ud_jwt_header_write returns a header in base64url with the dot behind it, palloc'd; kid and typ
 * may be NULL. Errors: 22023 when typ or kid has other characters than such names have.
 */
extern char *ud_jwt_header_write(const char *alg, const char *kid, const char *typ, size_t *length);

#endif
