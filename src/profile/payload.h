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

/*
 * ud_payload_count_digits adds to "digits" how long a value is in text when it is a number, and
 * raises 54000 when they are more than limit_kb. A number of few bytes can take a hundred thousand
 * characters: a document that was stored could never be read.
 *
 * what: names the document in the error; setting: that of the limit.
 */
extern void ud_payload_count_digits(const JsonbValue *value, uint64 *digits, int limit_kb,
									const char *what, const char *setting);

/* ud_payload_describe returns what a value is, for an error: "an object", "null" ... */
extern const char *ud_payload_describe(const JsonbValue *value);

#endif
