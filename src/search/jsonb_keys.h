/*
 * jsonb_keys.h: the keys under which an index finds a JSON document.
 *
 *	key    = path type value
 *	path   = %x00                        ; the document itself
 *	       / %x01-19 names               ; the length of names plus one; their bytes, %x00 between
 *	       / %xFF 16OCTET                ; names that are longer than 24 bytes: a hash of the path
 *	                                     ; without its last name, and of this name
 *	type   = exists / false / true / number / date / string
 *
 * The bytes of keys are in the order of what they stand for, so that the values of one path and one
 * type between two bounds, and the strings with one prefix, stand side by side. Every key means one
 * thing exactly, but for strings and numbers that are too long: these are truncated, in order, and
 * can be told from others.
 *
 * A document has the key "exists" for every path that leads to a value other than null, [] and {}
 * (except the empty path), and a key for every scalar but null. A string that is a date has the key
 * of the date as well. The hash is a cryptographic one because members of documents may be named
 * by somebody who would like them to be found under another name.
 */
#ifndef UD_SEARCH_JSONB_KEYS_H
#define UD_SEARCH_JSONB_KEYS_H

#include "base/userdir.h"

#include "pure/span.h"
#include "search/jsonb_paths.h"
#include "search/jsonb_value.h"

/* In the order of the keys */
typedef enum UdJsonbKeyType
{
	UD_JSONB_KEY_EXISTS = 1,
	UD_JSONB_KEY_FALSE,
	UD_JSONB_KEY_TRUE,
	UD_JSONB_KEY_NUMBER,
	UD_JSONB_KEY_DATE,
	UD_JSONB_KEY_STRING
} UdJsonbKeyType;

#define UD_JSONB_KEY_PATH_BYTES 25

/* Of a string so many bytes, and behind a truncated one a hash of the whole */
#define UD_JSONB_KEY_STRING_BYTES 48
#define UD_JSONB_KEY_STRING_HASH  4

#define UD_JSONB_KEY_MAX                                                                           \
	(UD_JSONB_KEY_PATH_BYTES + 1 + UD_JSONB_KEY_STRING_BYTES + UD_JSONB_KEY_STRING_HASH)

typedef struct UdJsonbKey
{
	int length;
	uint8 bytes[UD_JSONB_KEY_MAX];
} UdJsonbKey;

/* ud_jsonb_key_begin makes the beginning of all keys of the document itself. */
extern void ud_jsonb_key_begin(UdJsonbKey *path);

/* ud_jsonb_key_add_name turns the beginning of a path's keys into that of a member's. */
extern void ud_jsonb_key_add_name(UdJsonbKey *path, UdSpan name);

/* These complete a key of a path. The functions return false when the value was truncated. */
extern void ud_jsonb_key_add_type(UdJsonbKey *key, UdJsonbKeyType type);
extern bool ud_jsonb_key_add_number(UdJsonbKey *key, Numeric number);
extern void ud_jsonb_key_add_date(UdJsonbKey *key, int64 instant);
extern bool ud_jsonb_key_add_string(UdJsonbKey *key, UdSpan string);

/* These say the same of the value in a stored key. */
extern bool ud_jsonb_key_number_is_whole(UdSpan value);
extern bool ud_jsonb_key_string_is_whole(UdSpan value);

/*
 * ud_jsonb_keys_of returns the keys of a document that are on or below some paths, as values of
 * type bytea that share one piece of memory; some may be there more than once.
 */
extern Datum *ud_jsonb_keys_of(const JsonbContainer *document, const UdJsonbPaths *paths,
							   int32 *nkeys);

#endif
