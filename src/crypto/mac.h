/*
 * mac.h: HMAC for tokens that are signed with a shared secret (RFC 7518, section 3.2).
 */
#ifndef UD_CRYPTO_MAC_H
#define UD_CRYPTO_MAC_H

#include "crypto/primitives.h"

#define UD_MAC_MAX_LENGTH 64

typedef struct UdMac
{
	const char *name; /* HS256, HS384 or HS512 */
	const char *digest;
	size_t length; /* of its result, and the least of a secret */
} UdMac;

/* ud_mac_find returns an algorithm by its name, or NULL. */
extern const UdMac *ud_mac_find(UdSpan name);

/*
 * ud_mac_compute writes the HMAC of a text. What OpenSSL has made of the secrets that were used
 * last is kept in this session. Returns false when the library fails.
 */
extern bool ud_mac_compute(const UdMac *mac, UdBytes secret, UdSpan text, uint8 *result);

#endif
