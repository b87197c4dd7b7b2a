/*
 * check.h: all that a unit test of src/pure needs.
 *
 * A test is a program: main() makes its checks and returns check_summary(). A check that fails is
 * printed with its place and the program goes on. The last line is "N passed" or "N passed, M
 * failed"; the exit status tells the same.
 */
#ifndef UD_TEST_CHECK_H
#define UD_TEST_CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int checks_passed = 0;
static int checks_failed = 0;

/* CHECK demands that a condition holds. */
#define CHECK(condition) check_that(__FILE__, __LINE__, (condition), #condition, NULL)

/* CHECK_FOR is CHECK with the input that the check is about, for tables of cases. */
#define CHECK_FOR(input, condition) check_that(__FILE__, __LINE__, (condition), #condition, (input))

/* CHECK_INT demands that a number has a value. */
#define CHECK_INT(actual, expected) check_int(__FILE__, __LINE__, #actual, (actual), (expected))

/* CHECK_TEXT demands that length bytes at actual are the text of the literal or variable expected.
 */
#define CHECK_TEXT(actual, length, expected)                                                       \
	check_text(__FILE__, __LINE__, #actual, (actual), (length), (expected))

static inline bool
check_that(const char *file, int line, bool holds, const char *condition, const char *input)
{
	if (holds)
	{
		checks_passed++;
		return true;
	}
	checks_failed++;
	printf("%s:%d: not true: %s", file, line, condition);
	if (input != NULL)
		printf("   for \"%s\"", input);
	printf("\n");
	return false;
}

static inline bool
check_int(const char *file, int line, const char *what, long long actual, long long expected)
{
	if (actual == expected)
	{
		checks_passed++;
		return true;
	}
	checks_failed++;
	printf("%s:%d: %s is %lld, not %lld\n", file, line, what, actual, expected);
	return false;
}

static inline bool
check_text(const char *file, int line, const char *what, const char *actual, size_t length,
		   const char *expected)
{
	if (length == strlen(expected) && (length == 0 || memcmp(actual, expected, length) == 0))
	{
		checks_passed++;
		return true;
	}
	checks_failed++;
	printf("%s:%d: %s is \"%.*s\", not \"%s\"\n", file, line, what, (int)length, actual, expected);
	return false;
}

/*
 * check_copy returns a copy of text in memory of exactly its length, so that the address sanitizer
 * sees the first byte that is read beyond it. To be freed by the caller.
 */
static inline char *
check_copy(const char *text, size_t length)
{
	char *copy = malloc(length > 0 ? length : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, text, length);
	return copy;
}

/* check_summary prints the last line and returns the exit status of the test. */
static inline int
check_summary(void)
{
	if (checks_failed == 0)
		printf("%d passed\n", checks_passed);
	else
		printf("%d passed, %d failed\n", checks_passed, checks_failed);
	return checks_failed == 0 && checks_passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
