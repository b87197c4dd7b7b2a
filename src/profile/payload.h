/*
 * payload.h: the limits that an answer of an identity provider has to keep.
 */
#ifndef UD_PROFILE_PAYLOAD_H
#define UD_PROFILE_PAYLOAD_H

#include "utils/jsonb.h"

/*
 * ud_payload_check raises 54000 unless the document is within userdir.payload_max_size and
 * userdir.payload_max_depth; what names it in the error.
 */
extern void ud_payload_check(Jsonb *document, const char *what);

/* ud_payload_describe returns what a value is, for an error: "an object", "null" ... */
extern const char *ud_payload_describe(const JsonbValue *value);

#endif
