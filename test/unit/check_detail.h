/*
 * check_detail.h: checks that say in a sentence of their own what was being tried.
 */
#ifndef UD_TEST_CHECK_DETAIL_H
#define UD_TEST_CHECK_DETAIL_H

#include "check.h"

/* CHECK_SAY demands that a condition holds; what follows is printed as by printf if it does not. */
#define CHECK_SAY(condition, ...)                                                                  \
	do                                                                                             \
	{                                                                                              \
		if (!CHECK(condition))                                                                     \
		{                                                                                          \
			printf("  ");                                                                          \
			printf(__VA_ARGS__);                                                                   \
			printf("\n");                                                                          \
		}                                                                                          \
	} while (0)

#define LENGTH(array) ((int)(sizeof(array) / sizeof((array)[0])))

#endif
