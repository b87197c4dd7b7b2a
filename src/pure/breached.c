/*
 * breached.c: hashes of breached passwords.
 */
#include "pure/breached.h"

#define KEY_BYTES     8
#define SHA1_DIGITS   40
#define DIGITS_OF_KEY (2 * KEY_BYTES)

uint64_t
ud_breached_key(const uint8_t *digest)
{
	uint64_t key = 0;

	for (int i = 0; i < KEY_BYTES; i++)
		key = key << 8 | digest[i];
	return key;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* skip_count returns the place behind a colon and digits, or the same place where there are none.
 */
static size_t
skip_count(const char *line, size_t length, size_t place)
{
	size_t end = place + 1;

	if (place == length || line[place] != ':')
		return place;
	while (end < length && line[end] >= '0' && line[end] <= '9')
		end++;
	return end > place + 1 ? end : place;
}

UdBreachedLine
ud_breached_read_line(const char *line, size_t length, uint64_t *key)
{
	size_t end;

	while (length > 0 && is_blank(line[length - 1]))
		length--;
	if (length == 0)
		return UD_BREACHED_EMPTY;
	if (length < SHA1_DIGITS)
		return UD_BREACHED_MALFORMED;

	*key = 0;
	for (size_t i = 0; i < SHA1_DIGITS; i++)
	{
		int digit = hex_digit(line[i]);

		if (digit < 0)
			return UD_BREACHED_MALFORMED;
		if (i < DIGITS_OF_KEY)
			*key = *key << 4 | (uint64_t)digit;
	}
	end = skip_count(line, length, SHA1_DIGITS);
	return end == length ? UD_BREACHED_HASH : UD_BREACHED_MALFORMED;
}

/* width_of returns how many bytes a distance needs, at least 1. */
static size_t
width_of(uint64_t distance)
{
	size_t width = 1;

	while (width < KEY_BYTES && distance >> (8 * width) != 0)
		width++;
	return width;
}

size_t
ud_breached_block_fit(const uint64_t *keys, size_t count)
{
	size_t fit = 1;

	while (fit < count && 1 + fit * width_of(keys[fit] - keys[0]) <= UD_BREACHED_BLOCK_SIZE)
		fit++;
	return fit;
}

size_t
ud_breached_block_write(const uint64_t *keys, size_t count, uint8_t *block)
{
	size_t width = width_of(keys[count - 1] - keys[0]);
	uint8_t *target = block;

	*target++ = (uint8_t)width;
	for (size_t i = 1; i < count; i++)
	{
		uint64_t distance = keys[i] - keys[0];

		for (size_t shift = width; shift > 0; shift--)
			*target++ = (uint8_t)(distance >> (8 * (shift - 1)));
	}
	return (size_t)(target - block);
}

size_t
ud_breached_block_count(const uint8_t *block, size_t size)
{
	if (size == 0 || size > UD_BREACHED_BLOCK_SIZE || block[0] == 0 || block[0] > KEY_BYTES ||
		(size - 1) % block[0] != 0)
		return 0;
	return 1 + (size - 1) / block[0];
}

static uint64_t
read_distance(const uint8_t *block, size_t number)
{
	const uint8_t *bytes = block + 1 + number * block[0];
	uint64_t distance = 0;

	for (int i = 0; i < block[0]; i++)
		distance = distance << 8 | bytes[i];
	return distance;
}

bool
ud_breached_block_read(uint64_t first, const uint8_t *block, size_t size, uint64_t *keys)
{
	size_t count = ud_breached_block_count(block, size);

	keys[0] = first;
	for (size_t i = 1; i < count; i++)
	{
		keys[i] = first + read_distance(block, i - 1);
		if (keys[i] <= keys[i - 1])
			return false;
	}
	return true;
}

bool
ud_breached_block_has(uint64_t first, const uint8_t *block, size_t size, uint64_t key)
{
	size_t low = 0;
	size_t high = ud_breached_block_count(block, size);

	if (high == 0 || key < first)
		return false;
	if (key == first)
		return true;
	high--;
	while (low < high)
	{
		size_t middle = low + (high - low) / 2;
		uint64_t distance = read_distance(block, middle);

		if (distance == key - first)
			return true;
		if (distance < key - first)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}
