/*
 * breached.h: hashes of breached passwords: the lines of a list, and the blocks in which they are
 * stored.
 *
 * A key is the first 64 bits of the SHA-1 of a password. A block holds keys in their order: the
 * first one stands beside it; the others are stored as their distances from the first, each in as
 * few bytes as the greatest distance needs, the high byte first. The first byte of a block is that
 * number of bytes.
 */
#ifndef UD_PURE_BREACHED_H
#define UD_PURE_BREACHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a block, in bytes: so that four rows with one each fill a page of the server. */
#define UD_BREACHED_BLOCK_SIZE 1988

/* No block has more keys: one for the first, and one for each distance of one byte. */
#define UD_BREACHED_BLOCK_MAX_KEYS UD_BREACHED_BLOCK_SIZE

/* What a line of a list is. */
typedef enum UdBreachedLine
{
	UD_BREACHED_HASH,
	UD_BREACHED_EMPTY, /* blanks alone */
	UD_BREACHED_MALFORMED
} UdBreachedLine;

/* ud_breached_key returns the key of a SHA-1 of 20 bytes. */
extern uint64_t ud_breached_key(const uint8_t *digest);

/*
 * ud_breached_read_line reads a line: 40 hexadecimal digits in either case, then nothing or a colon
 * and a decimal number; blanks may follow, and the carriage return of a line's end.
 */
extern UdBreachedLine ud_breached_read_line(const char *line, size_t length, uint64_t *key);

/*
 * ud_breached_block_fit returns how many of the given keys fit in one block. keys ascend, none is
 * there twice; count is at least 1, and so is the result.
 */
extern size_t ud_breached_block_fit(const uint64_t *keys, size_t count);

/*
 * ud_breached_block_write writes a block and returns its size. The keys have to fit.
 */
extern size_t ud_breached_block_write(const uint64_t *keys, size_t count, uint8_t *block);

/*
 * ud_breached_block_count returns how many keys a block holds, its first one among them; 0 when it
 * is no block.
 */
extern size_t ud_breached_block_count(const uint8_t *block, size_t size);

/*
 * ud_breached_block_read writes the keys of a block, as many as ud_breached_block_count tells.
 * first is the key beside it. Returns false when they do not ascend.
 */
extern bool ud_breached_block_read(uint64_t first, const uint8_t *block, size_t size,
								   uint64_t *keys);

/* ud_breached_block_has returns whether a key is in a block; first is the key beside it. */
extern bool ud_breached_block_has(uint64_t first, const uint8_t *block, size_t size, uint64_t key);

#endif
