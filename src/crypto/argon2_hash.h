/*
 * argon2_hash.h: Argon2 in all its kinds.
 */
#ifndef UD_CRYPTO_ARGON2_HASH_H
#define UD_CRYPTO_ARGON2_HASH_H

#include "crypto/primitives.h"

typedef enum UdArgon2Type
{
	UD_ARGON2D = 0,
	UD_ARGON2I = 1,
	UD_ARGON2ID = 2
} UdArgon2Type;

typedef struct UdArgon2
{
	UdArgon2Type type;
	uint32 version; /* 16 or 19 */
	uint32 memory;  /* kB */
	uint32 passes;
	uint32 lanes;
} UdArgon2;

/*
 * ud_argon2_hash_compute writes the hash of a password; it takes memory kB while it runs.
 *
 * Returns false when there is not so much memory, or a parameter is beyond what Argon2 knows.
 */
extern bool ud_argon2_hash_compute(const UdArgon2 *argon2, UdBytes password, UdBytes salt,
								   uint8 *result, size_t length);

#endif
