/*
 * scalar.c: numbers, booleans and dates among the values of a query.
 */
#include "pure/scalar.h"

#include <stdint.h>

/* The server's numeric: digits before the point, and digits behind it */
#define MAX_INTEGER_DIGITS  131072
#define MAX_FRACTION_DIGITS 16383

/* Beyond this an exponent is out of range whatever stands before it within a value's length. */
#define MAX_EXPONENT INT64_C(1000000000)

typedef struct Reader
{
	const char *at;
	const char *end;
} Reader;

static bool
at_digit(const Reader *reader)
{
	return reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
}

static bool
take(Reader *reader, char c)
{
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

/* take_digits reads digits and returns how many there were. */
static int64_t
take_digits(Reader *reader)
{
	const char *start = reader->at;

	while (at_digit(reader))
		reader->at++;
	return reader->at - start;
}

/* take_exponent reads what stands behind "e". */
static bool
take_exponent(Reader *reader, int64_t *exponent)
{
	bool negative = take(reader, '-');

	if (!negative)
		take(reader, '+');
	if (!at_digit(reader))
		return false;
	for (*exponent = 0; at_digit(reader); reader->at++)
	{
		*exponent = *exponent * 10 + (*reader->at - '0');
		if (*exponent > MAX_EXPONENT)
			return false;
	}
	if (negative)
		*exponent = -*exponent;
	return true;
}

bool
ud_scalar_is_number(UdSpan text)
{
	Reader reader = {text.data, text.data + text.length};
	int64_t integer_digits;
	int64_t fraction_digits = 0;
	int64_t exponent = 0;
	bool zero_first;

	take(&reader, '-');
	zero_first = at_digit(&reader) && *reader.at == '0';
	integer_digits = take_digits(&reader);
	if (integer_digits == 0 || (zero_first && integer_digits > 1))
		return false;
	if (take(&reader, '.'))
	{
		fraction_digits = take_digits(&reader);
		if (fraction_digits == 0)
			return false;
	}
	if ((take(&reader, 'e') || take(&reader, 'E')) && !take_exponent(&reader, &exponent))
		return false;
	return reader.at == reader.end && integer_digits + exponent <= MAX_INTEGER_DIGITS &&
		   fraction_digits - exponent <= MAX_FRACTION_DIGITS;
}

void
ud_scalar_classify(UdSpan text, UdScalar *scalar)
{
	memset(scalar, 0, sizeof(*scalar));
	scalar->boolean = ud_span_equal(text, UD_SPAN("true"));
	scalar->is_boolean = scalar->boolean || ud_span_equal(text, UD_SPAN("false"));
	scalar->is_number = ud_scalar_is_number(text);
	scalar->is_date = ud_partial_date_parse(text, &scalar->date);
}
