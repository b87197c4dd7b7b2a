/*
 * check.h: the little that a unit test needs: count, say what failed, report in one line.
 */
#ifndef UD_UNIT_CHECK_H
#define UD_UNIT_CHECK_H

#include <stdbool.h>
#include <stdio.h>

static int checks_passed;
static int checks_failed;

/* CHECK counts a condition; behind it a format and arguments say what was being tried. */
#define CHECK(condition, ...)                                                                      \
	do                                                                                             \
	{                                                                                              \
		if (condition)                                                                             \
			checks_passed++;                                                                       \
		else                                                                                       \
		{                                                                                          \
			checks_failed++;                                                                       \
			fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition);                        \
			fprintf(stderr, __VA_ARGS__);                                                          \
			fprintf(stderr, "\n");                                                                 \
		}                                                                                          \
	} while (0)

#define LENGTH(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* checks_report prints the sum; its value is what main returns. */
static int
checks_report(void)
{
	printf("%d passed, %d failed\n", checks_passed, checks_failed);
	return checks_failed > 0;
}

#endif
