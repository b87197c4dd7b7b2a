/*
 * query_escape.c: single characters behind a backslash, and \uXXXX.
 */
#include "pure/query_escape.h"

#include "pure/hex.h"

/* hex_value returns the number of four hexadecimal digits, or -1. */
static long
hex_value(const char *at, const char *end)
{
	long value = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++)
	{
		int digit = ud_hex_digit(at[i]);

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/*
 * read_code_point reads the \uXXXX at at, with its second half if it is the first of a surrogate
 * pair. Returns its bytes, 0 for anything wrong.
 */
static size_t
read_code_point(const char *at, const char *end, uint32_t *code_point)
{
	long first = hex_value(at + 2, end);
	long second;

	if (first <= 0 || (first >= 0xdc00 && first <= 0xdfff))
		return 0;
	*code_point = (uint32_t)first;
	if (first < 0xd800 || first > 0xdbff)
		return 6;

	if (end - at < 12 || at[6] != '\\' || at[7] != 'u')
		return 0;
	second = hex_value(at + 8, end);
	if (second < 0xdc00 || second > 0xdfff)
		return 0;
	*code_point = 0x10000 + (((uint32_t)first - 0xd800) << 10) + ((uint32_t)second - 0xdc00);
	return 12;
}

size_t
ud_query_escape_read(const UdCharset *charset, const char *at, const char *end, char *character,
					 size_t *length)
{
	uint32_t code_point;
	size_t consumed;

	if (end - at < 2)
		return 0;
	if (at[1] != 'u')
	{
		*character = at[1];
		*length = 1;
		return at[1] == '\0' ? 0 : 2;
	}
	consumed = read_code_point(at, end, &code_point);
	if (consumed == 0)
		return 0;
	*length = charset->encode(code_point, character);
	return *length == 0 ? 0 : consumed;
}

const char *
ud_query_escape_fault(const char *at, const char *end, size_t *faulty)
{
	uint32_t code_point;

	*faulty = end - at < 2 ? 0 : 2;
	if (end - at < 2 || at[1] != 'u')
		return "a character behind the backslash";
	if (hex_value(at + 2, end) < 0)
		return "four hexadecimal digits behind \"\\u\"";
	*faulty = 6;
	if (read_code_point(at, end, &code_point) == 0)
		return "the code of a Unicode character";
	return "a character of this database's encoding";
}
