/*
 * jwt_split.h: the compact form of a JSON web signature (RFC 7515, section 3.1), taken apart.
 */
#ifndef UD_PURE_JWT_SPLIT_H
#define UD_PURE_JWT_SPLIT_H

#include "pure/span.h"

/* The longest token, in bytes. */
#define UD_JWT_MAX_LENGTH (64 * 1024)

/* The longest header, in characters of base64url: it is read before any signature is checked. */
#define UD_JWT_MAX_HEADER_LENGTH 4096

typedef enum UdJwtFault
{
	UD_JWT_FINE,
	UD_JWT_TOO_LONG,
	UD_JWT_NOT_THREE_PARTS,
	UD_JWT_EMPTY_PART,
	UD_JWT_LONG_HEADER
} UdJwtFault;

/* The parts as they stand in the token, in base64url. */
typedef struct UdJwtParts
{
	UdSpan header;
	UdSpan payload;
	UdSpan signature;
	UdSpan signed_part; /* what the signature is of: header, dot and payload */
} UdJwtParts;

/* ud_jwt_split takes a token apart at its two dots; the parts point into it. */
extern UdJwtFault ud_jwt_split(UdSpan token, UdJwtParts *parts);

/* ud_jwt_fault_text returns what is wrong, to stand behind "the token". */
extern const char *ud_jwt_fault_text(UdJwtFault fault);

#endif
