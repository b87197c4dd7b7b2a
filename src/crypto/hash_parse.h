/*
 * hash_parse.h: what the readers of password hashes share. All errors are UD030 and hide statement
 * and context, since both may hold the hash.
 */
#ifndef UD_CRYPTO_HASH_PARSE_H
#define UD_CRYPTO_HASH_PARSE_H

#include "crypto/stored_hash.h"

/* ud_hash_reject raises UD030 with a message; it must hold no part of a hash, salt or key. */
extern void ud_hash_reject(const char *format, ...) pg_attribute_printf(1, 2)
	pg_attribute_noreturn();

/*
 * ud_hash_phc parses a PHC string and checks that no parameters but the named ones are there.
 * names ends with NULL.
 */
extern void ud_hash_phc(UdSpan text, const char *const *names, UdPhc *phc);

/*
 * ud_hash_end reads salt and hash of a PHC string into *hash, with its setting.
 *
 * The hash has length bytes, or between UD_HASH_MIN_LENGTH and UD_HASH_MAX_LENGTH where length is
 * 0.
 */
extern void ud_hash_end(UdSpan text, const UdPhc *phc, bool without_hash, size_t length,
						UdStoredHash *hash);

/* ud_hash_number returns a parameter between min and max; it must be there. */
extern uint32 ud_hash_number(const UdPhc *phc, const char *name, uint32 min, uint32 max);

/* ud_hash_bytes decodes base64 of min to max bytes; what names it in the message. */
extern UdBytes ud_hash_bytes(UdSpan text, const char *what, size_t min, size_t max);

/*
 * ud_hash_position reads the parameter pos: whether the salt stands behind the password.
 */
extern bool ud_hash_position(const UdPhc *phc);

/* ud_hash_digest returns the digest behind a prefix of the id, which this server must have. */
extern const UdDigest *ud_hash_digest(const UdPhc *phc, const char *prefix);

/* ud_hash_starts_with returns whether a text begins with another. */
extern bool ud_hash_starts_with(UdSpan text, const char *prefix);

#endif
