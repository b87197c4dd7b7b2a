/*
 * mac.c: HMAC for tokens that are signed with a shared secret.
 *
 * OpenSSL needs a microsecond to take a key in, and half of that for a token. So the states of the
 * secrets that were used last are kept; to begin again with the same key costs nothing.
 */
#include "base/userdir.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>

#include "crypto/mac.h"
#include "crypto/openssl_context.h"

#define SLOTS 8

/* Longer secrets are not kept. */
#define MAX_KEPT_SECRET 256

typedef struct Slot
{
	const UdMac *mac; /* NULL: free */
	size_t length;
	uint8 secret[MAX_KEPT_SECRET];
	EVP_MAC_CTX *state;
	uint64 last_use;
} Slot;

static const UdMac macs[] = {
	{"HS256", "SHA256", 32}, {"HS384", "SHA384", 48}, {"HS512", "SHA512", 64}};

static Slot slots[SLOTS];
static uint64 uses = 0;

const UdMac *
ud_mac_find(UdSpan name)
{
	for (size_t i = 0; i < lengthof(macs); i++)
	{
		if (ud_span_is(name, macs[i].name))
			return &macs[i];
	}
	return NULL;
}

/* new_state returns a state with the key in it, or NULL. */
static EVP_MAC_CTX *
new_state(const UdMac *mac, UdBytes secret)
{
	EVP_MAC *hmac = EVP_MAC_fetch(ud_openssl_context(), "HMAC", NULL);
	EVP_MAC_CTX *state = hmac != NULL ? EVP_MAC_CTX_new(hmac) : NULL;
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)mac->digest, 0),
		OSSL_PARAM_construct_end()};

	EVP_MAC_free(hmac);
	if (state != NULL && EVP_MAC_init(state, secret.bytes, secret.length, parameters) != 1)
	{
		EVP_MAC_CTX_free(state);
		state = NULL;
	}
	return state;
}

static void
free_slot(Slot *slot)
{
	EVP_MAC_CTX_free(slot->state);
	sodium_memzero(slot, sizeof(*slot));
}

/* is_same compares secrets of one length in a time that tells nothing but the length. */
static bool
is_same(const uint8 *a, const uint8 *b, size_t length)
{
	int differs = 0;

	for (; length >= crypto_verify_32_BYTES; length -= crypto_verify_32_BYTES)
	{
		differs |= crypto_verify_32(a, b);
		a += crypto_verify_32_BYTES;
		b += crypto_verify_32_BYTES;
	}
	return (differs | sodium_memcmp(a, b, length)) == 0;
}

/* find_slot returns the slot of a secret, filled, or NULL when the library fails. */
static Slot *
find_slot(const UdMac *mac, UdBytes secret)
{
	Slot *oldest = &slots[0];

	for (int i = 0; i < SLOTS; i++)
	{
		Slot *slot = &slots[i];

		if (slot->mac == mac && slot->length == secret.length &&
			is_same(slot->secret, secret.bytes, secret.length))
			return slot;
		if (slot->last_use < oldest->last_use)
			oldest = slot;
	}
	free_slot(oldest);
	oldest->state = new_state(mac, secret);
	if (oldest->state == NULL)
		return NULL;
	oldest->mac = mac;
	oldest->length = secret.length;
	memcpy(oldest->secret, secret.bytes, secret.length);
	return oldest;
}

static bool
finish(EVP_MAC_CTX *state, const UdMac *mac, UdSpan text, uint8 *result)
{
	size_t length = 0;

	return EVP_MAC_update(state, (const uint8 *)text.data, text.length) == 1 &&
		   EVP_MAC_final(state, result, &length, UD_MAC_MAX_LENGTH) == 1 && length == mac->length;
}

bool
ud_mac_compute(const UdMac *mac, UdBytes secret, UdSpan text, uint8 *result)
{
	bool ok;

	if (secret.length > MAX_KEPT_SECRET)
	{
		EVP_MAC_CTX *state = new_state(mac, secret);

		ok = state != NULL && finish(state, mac, text, result);
		EVP_MAC_CTX_free(state);
	}
	else
	{
		Slot *slot = find_slot(mac, secret);

		ok = slot != NULL && EVP_MAC_init(slot->state, NULL, 0, NULL) == 1 &&
			 finish(slot->state, mac, text, result);
		if (ok)
			slot->last_use = ++uses;
		else if (slot != NULL)
			free_slot(slot);
	}
	if (!ok)
		ERR_clear_error();
	return ok;
}
