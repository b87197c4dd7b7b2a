/*
 * breach_key.h: keys of breached passwords as the server knows them.
 */
#ifndef UD_CRYPTO_BREACH_KEY_H
#define UD_CRYPTO_BREACH_KEY_H

#include "pure/breached.h"

/* ud_breach_key_to_int64 returns a key as a bigint; the order of keys is that of the numbers. */
static inline int64
ud_breach_key_to_int64(uint64 key)
{
	return (int64)(key ^ (UINT64CONST(1) << 63));
}

/* ud_breach_key_from_int64 does the opposite. */
static inline uint64
ud_breach_key_from_int64(int64 number)
{
	return (uint64)number ^ (UINT64CONST(1) << 63);
}

/*
 * ud_breach_block_open writes the keys of a block and returns their number. keys has room for
 * UD_BREACHED_BLOCK_MAX_KEYS. Errors: XX001 when it is no block.
 */
extern size_t ud_breach_block_open(uint64 first, bytea *block, uint64 *keys);

#endif
