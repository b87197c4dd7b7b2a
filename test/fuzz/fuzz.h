/*
 * fuzz.h: what the fuzzing targets share.
 *
 * libFuzzer hands each input over in memory of exactly its size, so that the address sanitizer sees
 * the first byte read beyond it. A target states what must hold for every input; DEMAND ends the
 * run where it does not.
 */
#ifndef UD_TEST_FUZZ_H
#define UD_TEST_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEMAND(condition)                                                                          \
	do                                                                                             \
	{                                                                                              \
		if (!(condition))                                                                          \
		{                                                                                          \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);              \
			abort();                                                                               \
		}                                                                                          \
	} while (0)

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
