/*
 * hash_json.h: reading the JSON object in which a hash of another system comes.
 *
 * path is the name of an object as messages show it, "hash" or "hash.key"; "" is the whole. All
 * errors are UD030 and name what is wrong, never its value.
 */
#ifndef UD_CRYPTO_HASH_JSON_H
#define UD_CRYPTO_HASH_JSON_H

#include "utils/jsonb.h"

#include "crypto/primitives.h"

/* ud_hash_json_allow refuses every key but the named ones; names ends with NULL. */
extern void ud_hash_json_allow(JsonbContainer *object, const char *path, const char *const *names);

/* ud_hash_json_object returns an object in an object, or NULL where it is missing. */
extern JsonbContainer *ud_hash_json_object(JsonbContainer *object, const char *path,
										   const char *name);

/* ud_hash_json_text returns a string; where it is missing the default, or an error for NULL. */
extern UdSpan ud_hash_json_text(JsonbContainer *object, const char *path, const char *name,
								const char *missing);

/*
 * ud_hash_json_number returns a whole number between min and max; where it is missing the default,
 * or an error for UD_HASH_JSON_REQUIRED.
 */
#define UD_HASH_JSON_REQUIRED -1
extern uint32 ud_hash_json_number(JsonbContainer *object, const char *path, const char *name,
								  int64 missing, uint32 min, uint32 max);

/* ud_hash_json_has returns whether a key is there. */
extern bool ud_hash_json_has(JsonbContainer *object, const char *name);

/*
 * ud_hash_json_bytes returns the bytes of an object with "value" and "encoding": base64, hex, or,
 * where that is allowed, utf8. default_encoding may be NULL: then it has to be there.
 */
extern UdBytes ud_hash_json_bytes(JsonbContainer *object, const char *path,
								  const char *default_encoding, bool allow_utf8);

#endif
