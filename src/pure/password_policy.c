/*
 * password_policy.c: the rules that a password's characters must keep.
 */
#include "pure/password_policy.h"

#include <stdint.h>
#include <string.h>

static const struct
{
	const char *name;
	UdPasswordPolicy policy;
} levels[] = {
	{"none", {.min_length = 1}},
	{"low", {.min_length = 6}},
	{"fair",
	 {.min_length = 8, .classes = UD_PASSWORD_LOWER | UD_PASSWORD_UPPER | UD_PASSWORD_DIGIT}},
	{"good",
	 {.min_length = 8,
	  .classes = UD_PASSWORD_LOWER | UD_PASSWORD_UPPER | UD_PASSWORD_DIGIT | UD_PASSWORD_SPECIAL,
	  .min_classes = 3}},
	{"excellent",
	 {.min_length = 10,
	  .classes = UD_PASSWORD_LOWER | UD_PASSWORD_UPPER | UD_PASSWORD_DIGIT | UD_PASSWORD_SPECIAL,
	  .min_classes = 3,
	  .max_identical = 2}},
};

#define LEVELS (sizeof(levels) / sizeof(levels[0]))

/* What measuring knows of the characters before the current one. */
typedef struct Rows
{
	uint32_t last;
	size_t same;   /* length of the row of the same character that ends with last */
	size_t series; /* length of the series that ends with last */
	int direction; /* of that series: 1, -1, or 0 where it is one character */
} Rows;

bool
ud_password_policy_level(const char *name, size_t length, UdPasswordPolicy *policy)
{
	for (size_t i = 0; i < LEVELS; i++)
	{
		if (strlen(levels[i].name) == length && memcmp(levels[i].name, name, length) == 0)
		{
			*policy = levels[i].policy;
			return true;
		}
	}
	return false;
}

/*
 * next_character returns the character at a place, and moves the place behind it. A byte that
 * begins no whole character comes back above all characters, so that it equals no other.
 */
static uint32_t
next_character(const unsigned char *text, size_t length, size_t *place)
{
	unsigned char first = text[*place];
	size_t width = first < 0x80   ? 1
				   : first < 0xC2 ? 0
				   : first < 0xE0 ? 2
				   : first < 0xF0 ? 3
				   : first < 0xF5 ? 4
								  : 0;
	uint32_t character = width > 1 ? first & (0x7F >> width) : first;

	if (width > length - *place)
		width = 0;
	for (size_t i = 1; i < width; i++)
	{
		unsigned char byte = text[*place + i];

		if ((byte & 0xC0) != 0x80)
			width = 0;
		else
			character = character << 6 | (byte & 0x3F);
	}
	*place += width > 0 ? width : 1;
	return width > 0 ? character : UINT32_C(0x110000) + first;
}

static unsigned
class_of(uint32_t character)
{
	if (character >= 'a' && character <= 'z')
		return UD_PASSWORD_LOWER;
	if (character >= 'A' && character <= 'Z')
		return UD_PASSWORD_UPPER;
	if (character >= '0' && character <= '9')
		return UD_PASSWORD_DIGIT;
	return character >= ' ' && character <= '~' ? UD_PASSWORD_SPECIAL : 0;
}

static bool
can_be_in_series(uint32_t character)
{
	return (class_of(character) & (UD_PASSWORD_LOWER | UD_PASSWORD_UPPER | UD_PASSWORD_DIGIT)) != 0;
}

/* direction_of returns the direction of a series of two characters, 0 when they make none. */
static int
direction_of(uint32_t first, uint32_t second)
{
	if (!can_be_in_series(first) || !can_be_in_series(second))
		return 0;
	return second == first + 1 ? 1 : first == second + 1 ? -1 : 0;
}

static void
extend_rows(Rows *rows, uint32_t character)
{
	int direction = direction_of(rows->last, character);

	rows->same = rows->same > 0 && character == rows->last ? rows->same + 1 : 1;
	if (rows->series == 0 || direction == 0)
		rows->series = 1;
	else
		rows->series = direction == rows->direction ? rows->series + 1 : 2;
	rows->direction = direction;
	rows->last = character;
}

UdPasswordMeasures
ud_password_policy_measure(const char *password, size_t length)
{
	UdPasswordMeasures measures = {.bytes = length};
	Rows rows = {0};
	size_t place = 0;

	while (place < length)
	{
		uint32_t character = next_character((const unsigned char *)password, length, &place);

		measures.characters++;
		measures.classes |= class_of(character);
		extend_rows(&rows, character);
		if (rows.same > measures.longest_same)
			measures.longest_same = rows.same;
		if (rows.series > measures.longest_series)
			measures.longest_series = rows.series;
	}
	return measures;
}

bool
ud_password_policy_has(const UdPasswordPolicy *policy, UdPasswordRule rule)
{
	switch (rule)
	{
		case UD_RULE_LENGTH:
			return policy->min_length > 0;
		case UD_RULE_CONTAINS:
			return policy->classes != 0 && policy->min_classes == 0;
		case UD_RULE_CONTAINS_AT_LEAST:
			return policy->classes != 0 && policy->min_classes > 0;
		case UD_RULE_IDENTICAL:
			return policy->max_identical > 0;
		case UD_RULE_SEQUENTIAL:
			return policy->max_sequential > 0;
		case UD_RULE_MAX_BYTES:
			return policy->max_bytes > 0;
	}
	return false;
}

bool
ud_password_policy_keeps(const UdPasswordPolicy *policy, UdPasswordRule rule,
						 const UdPasswordMeasures *measures)
{
	unsigned found = measures->classes & policy->classes;

	if (measures->characters == 0)
		return false;
	switch (rule)
	{
		case UD_RULE_LENGTH:
			return measures->characters >= (size_t)policy->min_length;
		case UD_RULE_CONTAINS:
			return found == policy->classes;
		case UD_RULE_CONTAINS_AT_LEAST:
			return ud_password_policy_count_classes(found) >= policy->min_classes;
		case UD_RULE_IDENTICAL:
			return measures->longest_same <= (size_t)policy->max_identical;
		case UD_RULE_SEQUENTIAL:
			return measures->longest_series <= (size_t)policy->max_sequential;
		case UD_RULE_MAX_BYTES:
			return measures->bytes <= (size_t)policy->max_bytes;
	}
	return false;
}

int
ud_password_policy_count_classes(unsigned classes)
{
	int count = 0;

	for (; classes != 0; classes &= classes - 1)
		count++;
	return count;
}
