/*
 * test_breached.c: lines of lists of breached passwords, and blocks of their keys.
 */
#include "check.h"

#include "pure/breached.h"

#define SHA1_OF_PASSWORD "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8"
#define KEY_OF_PASSWORD  UINT64_C(0x5BAA61E4C9B93F3F)

static void
test_lines(void)
{
	static const struct
	{
		const char *line;
		UdBreachedLine expected;
	} cases[] = {
		{SHA1_OF_PASSWORD, UD_BREACHED_HASH},
		{SHA1_OF_PASSWORD ":3730471", UD_BREACHED_HASH},
		{SHA1_OF_PASSWORD ":0", UD_BREACHED_HASH},
		{SHA1_OF_PASSWORD ":3730471\r", UD_BREACHED_HASH},
		{SHA1_OF_PASSWORD ":99999999999999999999999999", UD_BREACHED_HASH},
		{SHA1_OF_PASSWORD "  \t", UD_BREACHED_HASH},
		{"5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8:1", UD_BREACHED_HASH},
		{"5BAA61e4c9B93F3F0682250B6CF8331B7ee68fd8", UD_BREACHED_HASH},
		{"", UD_BREACHED_EMPTY},
		{"\r", UD_BREACHED_EMPTY},
		{"  ", UD_BREACHED_EMPTY},
		{SHA1_OF_PASSWORD ":", UD_BREACHED_MALFORMED},
		{SHA1_OF_PASSWORD ":x", UD_BREACHED_MALFORMED},
		{SHA1_OF_PASSWORD ":1x", UD_BREACHED_MALFORMED},
		{SHA1_OF_PASSWORD ":-1", UD_BREACHED_MALFORMED},
		{SHA1_OF_PASSWORD ": 1", UD_BREACHED_MALFORMED},
		{SHA1_OF_PASSWORD ":1 1", UD_BREACHED_MALFORMED},
		{SHA1_OF_PASSWORD "0:1", UD_BREACHED_MALFORMED},
		{SHA1_OF_PASSWORD ",1", UD_BREACHED_MALFORMED},
		{" " SHA1_OF_PASSWORD, UD_BREACHED_MALFORMED},
		{"5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD", UD_BREACHED_MALFORMED},
		{"5BAA61E4C9B93F3F0682250B6CF8331B7EE68FDG", UD_BREACHED_MALFORMED},
		/* the digits of an NTLM hash, a password, a heading */
		{"8846F7EAEE8FB117AD06BDD830B7586C:1", UD_BREACHED_MALFORMED},
		{"password", UD_BREACHED_MALFORMED},
		{"hash:count", UD_BREACHED_MALFORMED},
		{":1", UD_BREACHED_MALFORMED},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		size_t length = strlen(cases[i].line);
		char *copy = check_copy(cases[i].line, length);
		uint64_t key = 0;

		CHECK_FOR(cases[i].line, ud_breached_read_line(copy, length, &key) == cases[i].expected);
		CHECK_FOR(cases[i].line, cases[i].expected != UD_BREACHED_HASH || key == KEY_OF_PASSWORD);
		free(copy);
	}
	CHECK(ud_breached_read_line(SHA1_OF_PASSWORD "\0", 41, &(uint64_t){0}) ==
		  UD_BREACHED_MALFORMED);
}

static void
test_key(void)
{
	static const uint8_t digest[20] = {0x5B, 0xAA, 0x61, 0xE4, 0xC9, 0xB9, 0x3F, 0x3F, 0x06};

	CHECK(ud_breached_key(digest) == KEY_OF_PASSWORD);
}

/* check_keys writes keys as blocks and reads them back; returns the number of blocks. */
static size_t
check_keys(const uint64_t *keys, size_t count)
{
	size_t blocks = 0;

	for (size_t done = 0; done < count; blocks++)
	{
		size_t fit = ud_breached_block_fit(keys + done, count - done);
		uint8_t *block = malloc(UD_BREACHED_BLOCK_SIZE);
		size_t size = ud_breached_block_write(keys + done, fit, block);
		uint64_t *read = malloc(fit * sizeof(uint64_t));

		CHECK(size <= UD_BREACHED_BLOCK_SIZE);
		if (!CHECK(ud_breached_block_count(block, size) == fit))
			return 0;
		CHECK(ud_breached_block_read(keys[done], block, size, read));
		CHECK(memcmp(read, keys + done, fit * sizeof(uint64_t)) == 0);
		for (size_t i = 0; i < fit; i++)
		{
			uint64_t key = keys[done + i];
			bool has_before = i > 0 && keys[done + i - 1] == key - 1;
			bool has_after = i + 1 < fit && keys[done + i + 1] == key + 1;

			CHECK(ud_breached_block_has(keys[done], block, size, key));
			CHECK(key == 0 ||
				  ud_breached_block_has(keys[done], block, size, key - 1) == has_before);
			CHECK(key == UINT64_MAX ||
				  ud_breached_block_has(keys[done], block, size, key + 1) == has_after);
		}
		free(read);
		free(block);
		done += fit;
	}
	return blocks;
}

static void
test_blocks(void)
{
	static const uint64_t extremes[] = {
		0, 1, 0xFF, 0x100, 0xFFFF, UINT64_C(1) << 40, UINT64_MAX - 1, UINT64_MAX};
	uint64_t *keys = malloc(5000 * sizeof(uint64_t));

	CHECK_INT(check_keys(extremes, 1), 1);
	CHECK_INT(check_keys(extremes, 8), 1);
	CHECK_INT(check_keys(extremes + 7, 1), 1);

	/* Neighbours: 256 of them have distances of one byte, more need two. */
	for (size_t i = 0; i < 5000; i++)
		keys[i] = 1000 + i;
	CHECK_INT(ud_breached_block_fit(keys, 5000), 1 + (UD_BREACHED_BLOCK_SIZE - 1) / 2);
	check_keys(keys, 5000);

	/* As in a list of a million: distances of 7 bytes. */
	for (size_t i = 0; i < 5000; i++)
		keys[i] = i * (UINT64_MAX / 1000000) + (i * i * 7919) % 1000000;
	CHECK_INT(ud_breached_block_fit(keys, 5000), 1 + (UD_BREACHED_BLOCK_SIZE - 1) / 7);
	CHECK_INT(check_keys(keys, 5000), (5000 + 283) / 284);
	free(keys);
}

static void
test_what_is_no_block(void)
{
	static const uint8_t no_width[] = {0, 1, 2};
	static const uint8_t wide[] = {9, 1, 2, 3, 4, 5, 6, 7, 8, 9};
	static const uint8_t cut[] = {2, 1, 2, 3};
	static const uint8_t descending[] = {1, 7, 6};
	static const uint8_t twice[] = {1, 7, 7};
	static const uint8_t the_first_again[] = {1, 0};
	static const uint8_t around[] = {8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
	uint64_t keys[4];
	uint8_t *large = calloc(1, UD_BREACHED_BLOCK_SIZE + 1);

	large[0] = 1;
	CHECK_INT(ud_breached_block_count(NULL, 0), 0);
	CHECK_INT(ud_breached_block_count(no_width, sizeof(no_width)), 0);
	CHECK_INT(ud_breached_block_count(wide, sizeof(wide)), 0);
	CHECK_INT(ud_breached_block_count(cut, sizeof(cut)), 0);
	CHECK_INT(ud_breached_block_count(large, UD_BREACHED_BLOCK_SIZE + 1), 0);
	CHECK(!ud_breached_block_has(1, no_width, sizeof(no_width), 1));
	CHECK(!ud_breached_block_read(1, descending, sizeof(descending), keys));
	CHECK(!ud_breached_block_read(1, twice, sizeof(twice), keys));
	CHECK(!ud_breached_block_read(1, the_first_again, sizeof(the_first_again), keys));
	CHECK(!ud_breached_block_read(5, around, sizeof(around), keys));
	free(large);
}

int
main(void)
{
	test_lines();
	test_key();
	test_blocks();
	test_what_is_no_block();
	return check_summary();
}
