/*
 * argon2_hash.c: Argon2 in all its kinds.
 *
 * libsodium uses the processor's vectors and is twice as fast, but knows one lane, the current
 * version, salts of 16 bytes, and neither Argon2d nor few passes of Argon2i. The reference library
 * does the rest, without threads of its own: a backend has one.
 */
#include "base/userdir.h"

#include <argon2.h>
#include <sodium.h>

#include "crypto/argon2_hash.h"

/* sodium_algorithm returns libsodium's number for what it can compute, else 0. */
static int
sodium_algorithm(const UdArgon2 *argon2, size_t salt_length, size_t length)
{
	if (argon2->version != 19 || argon2->lanes != 1 || salt_length != crypto_pwhash_SALTBYTES ||
		length < crypto_pwhash_BYTES_MIN ||
		argon2->memory * UINT64CONST(1024) < crypto_pwhash_MEMLIMIT_MIN)
		return 0;
	if (argon2->type == UD_ARGON2ID)
		return crypto_pwhash_ALG_ARGON2ID13;
	if (argon2->type == UD_ARGON2I && argon2->passes >= crypto_pwhash_argon2i_OPSLIMIT_MIN)
		return crypto_pwhash_ALG_ARGON2I13;
	return 0;
}

static bool
compute_by_reference(const UdArgon2 *argon2, UdBytes password, UdBytes salt, uint8 *result,
					 size_t length)
{
	argon2_context context = {
		.out = result,
		.outlen = (uint32_t)length,
		.pwd = (uint8_t *)password.bytes,
		.pwdlen = (uint32_t)password.length,
		.salt = (uint8_t *)salt.bytes,
		.saltlen = (uint32_t)salt.length,
		.t_cost = argon2->passes,
		.m_cost = argon2->memory,
		.lanes = argon2->lanes,
		.threads = 1,
		.version = argon2->version,
		.flags = ARGON2_DEFAULT_FLAGS,
	};
	bool ok = argon2_ctx(&context, (argon2_type)argon2->type) == ARGON2_OK;

	ud_memory_give_back(argon2->memory * UINT64CONST(1024));
	return ok;
}

bool
ud_argon2_hash_compute(const UdArgon2 *argon2, UdBytes password, UdBytes salt, uint8 *result,
					   size_t length)
{
	int algorithm = sodium_algorithm(argon2, salt.length, length);

	if (algorithm == 0)
		return compute_by_reference(argon2, password, salt, result, length);
	return crypto_pwhash(result, length, (const char *)password.bytes, password.length, salt.bytes,
						 argon2->passes, (size_t)argon2->memory * 1024, algorithm) == 0;
}
