/*
 * test_scalar.c: what an unquoted value can stand for.
 */
#include "check_detail.h"
#include "pure/scalar.h"

#include <stdlib.h>

typedef struct Case
{
	const char *text;
	const char *readings; /* n: number, d: date, t: true, f: false */
} Case;

static const Case cases[] = {
	{"0", "n"},
	{"-0", "n"},
	{"13", "n"},
	{"13.0", "n"},
	{"-0.5", "n"},
	{"1e3", "n"},
	{"1E+3", "n"},
	{"1.25e-7", "n"},
	{"123456789012345678901234567890", "n"},
	{"1e131071", "n"},
	{"1e131072", ""},
	{"12e131071", ""},
	{"1e-16383", "n"},
	{"1e-16384", ""},
	{"1.5e-16382", "n"},
	{"1.5e-16383", ""},
	{"1e99999999999999999999", ""},
	{"1e-99999999999999999999", ""},
	{"", ""},
	{"-", ""},
	{"+1", ""},
	{"007", ""},
	{"-01", ""},
	{"00", ""},
	{".5", ""},
	{"5.", ""},
	{"1e", ""},
	{"1e+", ""},
	{"1e1.5", ""},
	{"0x10", ""},
	{"1_000", ""},
	{"1,5", ""},
	{" 1", ""},
	{"1 ", ""},
	{"NaN", ""},
	{"Infinity", ""},
	{"--1", ""},
	{"true", "t"},
	{"false", "f"},
	{"True", ""},
	{"TRUE", ""},
	{"truer", ""},
	{"tru", ""},
	{"null", ""},
	{"2021", "nd"},
	{"0999", "d"},
	{"10000", "n"},
	{"2021-04", "d"},
	{"2021-13", ""},
	{"2021-04-05T10:30:00Z", "d"},
	{"ada", ""},
};

static void
try_classify(const Case *tried)
{
	UdScalar scalar;
	UdSpan text = {tried->text, strlen(tried->text)};

	ud_scalar_classify(text, &scalar);
	CHECK_SAY(scalar.is_number == (strchr(tried->readings, 'n') != NULL), "%s", tried->text);
	CHECK_SAY(scalar.is_number == ud_scalar_is_number(text), "%s", tried->text);
	CHECK_SAY(scalar.is_date == (strchr(tried->readings, 'd') != NULL), "%s", tried->text);
	CHECK_SAY(scalar.is_boolean == (strpbrk(tried->readings, "tf") != NULL), "%s", tried->text);
	CHECK_SAY(!scalar.is_boolean || scalar.boolean == (strchr(tried->readings, 't') != NULL), "%s",
			  tried->text);
}

/* The limits of the server's type hold for digits that are written out too. */
static void
try_long_numbers(void)
{
	char *digits = malloc(131073);

	memset(digits, '9', 131073);
	CHECK_SAY(ud_scalar_is_number((UdSpan){digits, 131072}), "131072 digits");
	CHECK_SAY(!ud_scalar_is_number((UdSpan){digits, 131073}), "131073 digits");
	digits[1] = '.';
	CHECK_SAY(ud_scalar_is_number((UdSpan){digits, 2 + 16383}), "16383 digits behind the point");
	CHECK_SAY(!ud_scalar_is_number((UdSpan){digits, 2 + 16384}), "16384 digits behind the point");
	free(digits);
}

int
main(void)
{
	for (int i = 0; i < LENGTH(cases); i++)
		try_classify(&cases[i]);
	try_long_numbers();
	return check_summary();
}
