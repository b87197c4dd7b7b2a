/*
 * argon2_direct.c: hashes as fast as libsodium does by itself. For test/bench/bench_argon2.
 *
 * usage: argon2_direct MEMORY_KB PASSES COUNT
 *
 * Prints hashes per second of time, and per second of the processor.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double
now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	char hash[crypto_pwhash_STRBYTES];
	unsigned long memory;
	unsigned long passes;
	long count;
	double begin;
	double begin_cpu;

	if (argc != 4 || sodium_init() < 0)
		return 2;
	memory = strtoul(argv[1], NULL, 10);
	passes = strtoul(argv[2], NULL, 10);
	count = strtol(argv[3], NULL, 10);
	begin = now(CLOCK_MONOTONIC);
	begin_cpu = now(CLOCK_PROCESS_CPUTIME_ID);
	for (long i = 0; i < count; i++)
	{
		if (crypto_pwhash_str(hash, "correct horse", 13, passes, memory * 1024) != 0)
			return 1;
	}
	printf("%.2f %.2f\n", (double)count / (now(CLOCK_MONOTONIC) - begin),
		   (double)count / (now(CLOCK_PROCESS_CPUTIME_ID) - begin_cpu));
	return 0;
}
