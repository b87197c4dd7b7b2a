/*
 * fuzz_breached.c: lines are read as a plain second reading does; keys come back from their blocks;
 * whatever calls itself a block can be read.
 */
#include "fuzz.h"

#include <stdbool.h>

#include "pure/breached.h"

static bool
is_hash_line(const char *line, size_t length)
{
	static const char digits[] = "0123456789ABCDEFabcdef";
	size_t i = 40;

	while (length > 0 && memchr(" \t\r", line[length - 1], 3) != NULL)
		length--;
	if (length < 40 || length == 41)
		return false;
	for (size_t j = 0; j < 40; j++)
	{
		if (memchr(digits, line[j], 22) == NULL)
			return false;
	}
	if (length > 40 && line[i++] != ':')
		return false;
	for (; i < length; i++)
	{
		if (memchr(digits, line[i], 10) == NULL)
			return false;
	}
	return true;
}

static void
check_line(const char *line, size_t length)
{
	uint64_t key = 0;
	bool is_hash = ud_breached_read_line(line, length, &key) == UD_BREACHED_HASH;
	char digits[17];

	DEMAND(is_hash == is_hash_line(line, length));
	if (is_hash)
	{
		snprintf(digits, sizeof(digits), "%016llx", (unsigned long long)key);
		for (int i = 0; i < 16; i++)
			DEMAND((digits[i] | 0x20) == (line[i] | 0x20));
	}
}

/* check_keys makes ascending keys of the bytes, each some distance behind the one before. */
static void
check_keys(const uint8_t *data, size_t size)
{
	uint64_t *keys = malloc((size + 1) * sizeof(uint64_t));
	uint8_t *block = malloc(UD_BREACHED_BLOCK_SIZE);
	uint64_t *read = malloc(UD_BREACHED_BLOCK_MAX_KEYS * sizeof(uint64_t));
	size_t count = 1;
	size_t done = 0;

	keys[0] = 0;
	for (size_t i = 0; i + 1 < size; i += 2)
	{
		uint64_t key = keys[count - 1] + 1 + ((uint64_t)data[i + 1] << (data[i] % 57));

		if (key > keys[count - 1])
			keys[count++] = key;
	}
	while (done < count)
	{
		size_t fit = ud_breached_block_fit(keys + done, count - done);
		size_t block_size = ud_breached_block_write(keys + done, fit, block);

		DEMAND(fit >= 1 && block_size <= UD_BREACHED_BLOCK_SIZE);
		DEMAND(ud_breached_block_count(block, block_size) == fit);
		DEMAND(ud_breached_block_read(keys[done], block, block_size, read));
		DEMAND(memcmp(read, keys + done, fit * sizeof(uint64_t)) == 0);
		for (size_t i = 0; i < fit; i++)
			DEMAND(ud_breached_block_has(keys[done], block, block_size, keys[done + i]));
		DEMAND(done + fit == count ||
			   !ud_breached_block_has(keys[done], block, block_size, keys[done + fit]));
		done += fit;
	}
	free(keys);
	free(block);
	free(read);
}

static void
check_any_block(const uint8_t *data, size_t size)
{
	size_t count = ud_breached_block_count(data, size);
	uint64_t *keys = malloc((count + 1) * sizeof(uint64_t));

	DEMAND(count <= UD_BREACHED_BLOCK_MAX_KEYS);
	if (count > 0 && ud_breached_block_read(77, data, size, keys))
	{
		for (size_t i = 0; i < count; i++)
			DEMAND(ud_breached_block_has(77, data, size, keys[i]));
	}
	(void)ud_breached_block_has(77, data, size, 1000);
	free(keys);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_line((const char *)data, size);
	check_keys(data, size);
	check_any_block(data, size);
	return 0;
}
