/*
 * session_cipher.c: encryption for what this process alone may read again.
 *
 * Every token, key and password that comes in goes through here, so it has to be fast. AES-GCM is
 * where the processor has instructions for it, three times as fast for a token as what stands in
 * elsewhere. The key is made at the first use and never leaves the process; as nobody else has it,
 * a counter gives the nonces, which asks nothing of the kernel and never repeats.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "miscadmin.h"

#include "crypto/session_cipher.h"

#define NONCE_BYTES UD_SESSION_CIPHER_NONCE

StaticAssertDecl(NONCE_BYTES == crypto_aead_aes256gcm_NPUBBYTES, "nonce of AES-GCM");
StaticAssertDecl(NONCE_BYTES + crypto_aead_aes256gcm_ABYTES == UD_SESSION_CIPHER_OVERHEAD,
				 "overhead of AES-GCM");
StaticAssertDecl(crypto_aead_chacha20poly1305_ietf_NPUBBYTES == NONCE_BYTES &&
					 crypto_aead_chacha20poly1305_ietf_ABYTES == crypto_aead_aes256gcm_ABYTES &&
					 crypto_aead_chacha20poly1305_ietf_KEYBYTES == crypto_aead_aes256gcm_KEYBYTES,
				 "both ciphers are alike");

typedef struct SessionKey
{
	int owner; /* the process that has made it: a fork makes another */
	bool has_aes;
	uint64 uses;
	uint8 bytes[crypto_aead_aes256gcm_KEYBYTES];
	crypto_aead_aes256gcm_state aes; /* the key, expanded */
} SessionKey;

/* session_key returns the key of this process. */
static SessionKey *
session_key(void)
{
	static SessionKey key;

	if (key.owner == MyProcPid)
		return &key;
	randombytes_buf(key.bytes, sizeof(key.bytes));
	key.has_aes = crypto_aead_aes256gcm_is_available() == 1 &&
				  crypto_aead_aes256gcm_beforenm(&key.aes, key.bytes) == 0;
	key.uses = 0;
	key.owner = MyProcPid;
	return &key;
}

void
ud_session_cipher_seal(const uint8 *open, size_t length, uint8 *sealed)
{
	SessionKey *key = session_key();
	uint8 *nonce = sealed;

	memset(nonce, 0, NONCE_BYTES);
	key->uses++;
	memcpy(nonce, &key->uses, sizeof(key->uses));
	if (key->has_aes)
		crypto_aead_aes256gcm_encrypt_afternm(sealed + NONCE_BYTES, NULL, open, length, NULL, 0,
											  NULL, nonce, &key->aes);
	else
		crypto_aead_chacha20poly1305_ietf_encrypt(sealed + NONCE_BYTES, NULL, open, length, NULL, 0,
												  NULL, nonce, key->bytes);
}

bool
ud_session_cipher_open(const uint8 *sealed, size_t length, uint8 *open)
{
	const SessionKey *key = session_key();
	const uint8 *encrypted = sealed + NONCE_BYTES;

	length -= NONCE_BYTES;
	if (key->has_aes)
		return crypto_aead_aes256gcm_decrypt_afternm(open, NULL, NULL, encrypted, length, NULL, 0,
													 sealed, &key->aes) == 0;
	return crypto_aead_chacha20poly1305_ietf_decrypt(open, NULL, NULL, encrypted, length, NULL, 0,
													 sealed, key->bytes) == 0;
}
