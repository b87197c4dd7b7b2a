/*
 * foreign_hash.h: hashes of other systems, turned into the form in which they are stored.
 */
#ifndef UD_CRYPTO_FOREIGN_HASH_H
#define UD_CRYPTO_FOREIGN_HASH_H

#include "utils/jsonb.h"

#include "crypto/primitives.h"

/*
 * ud_foreign_hash_from_json turns a custom_password_hash into the text that is stored for it.
 *
 * Errors: UD030, naming the property or the parameter, when it is malformed, of no known kind or
 * out of bounds; 0A000 when this server's OpenSSL lacks the digest.
 */
extern char *ud_foreign_hash_from_json(JsonbContainer *custom);

/*
 * ud_foreign_hash_from_text turns a text that itself says of which kind it is into the text that is
 * stored for it: a PHC string, one of crypt(3), phpass, LDAP or Django, or a stored one. Errors: as
 * above.
 */
extern char *ud_foreign_hash_from_text(UdSpan text);

/* The parts of it, for a property "algorithm" that names one. */
extern char *ud_foreign_hash_from_ldap(UdSpan text);
extern char *ud_foreign_hash_from_django(UdSpan text);
extern char *ud_foreign_hash_from_pbkdf2(UdSpan text);

/* ud_foreign_hash_base64 returns bytes as our own strings have them. */
extern char *ud_foreign_hash_base64(UdBytes bytes);

/* ud_foreign_hash_log2 returns n of 2^n, or 0 where n would not be a whole number from 1 on. */
extern uint32 ud_foreign_hash_log2(uint32 number);

#endif
