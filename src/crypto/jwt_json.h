/*
 * jwt_json.h: JSON that strangers sent, read strictly, as the server's jsonb; and back.
 */
#ifndef UD_CRYPTO_JWT_JSON_H
#define UD_CRYPTO_JWT_JSON_H

#include "utils/jsonb.h"

#include "pure/json_read.h"

/* The deepest nesting of claims. */
#define UD_JWT_MAX_DEPTH 16

/*
 * ud_jwt_json_read reads one JSON object in UTF-8. Returns NULL when it is none, and *fault tells
 * why. Errors: 22P05 when it has a character that the encoding of the database has not.
 */
extern Jsonb *ud_jwt_json_read(UdSpan text, UdJsonFault *fault);

/*
 * ud_jwt_json_write returns an object as text in UTF-8 without blanks, palloc'd, and its length.
 * Returns NULL for what ud_jwt_json_read would not read back, and *fault tells why:
 * UD_JSON_TOO_DEEP, UD_JSON_TOO_MANY_NAMES or UD_JSON_HUGE_NUMBER.
 *
 * Errors: 22021 when the database has no encoding and the text is no UTF-8.
 */
extern char *ud_jwt_json_write(Jsonb *object, size_t *length, UdJsonFault *fault);

#endif
