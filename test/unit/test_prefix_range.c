/*
 * test_prefix_range.c: the interval of the texts with a common beginning.
 */
#include "pure/prefix_range.h"

#include "check.h"

/* What an interval with an upper bound has to be; NULL: it has none. */
typedef struct Case
{
	const char *prefix;
	const char *upper;
	bool exact;
} Case;

#define LAST_OF_2     "\xdf\xbf"
#define LAST_OF_3     "\xef\xbf\xbf"
#define BEFORE_GAP    "\xed\x9f\xbf" /* the surrogates follow, which are no characters */
#define BEHIND_GAP    "\xee\x80\x80"
#define LAST_OF_4     "\xf4\x8f\xbf\xbf"
#define FIRST_OF_2    "\xc2\x80"
#define FIRST_OF_3    "\xe0\xa0\x80"
#define FIRST_OF_4    "\xf0\x90\x80\x80"
#define LETTER_E      "\xc3\xa9"
#define LETTER_BEHIND "\xc3\xaa"

static const Case utf8_cases[] = {
	{"", NULL, true},
	{"a", "b", true},
	{"ab", "ac", true},
	{"a ", "a!", true},
	{"\x7f", FIRST_OF_2, true},
	{"a\x7f", "a" FIRST_OF_2, true},
	{LETTER_E, LETTER_BEHIND, true},
	{"caf" LETTER_E, "caf" LETTER_BEHIND, true},
	{LAST_OF_2, FIRST_OF_3, true},
	{BEFORE_GAP, BEHIND_GAP, true},
	{"x" BEFORE_GAP, "x" BEHIND_GAP, true},
	{LAST_OF_3, FIRST_OF_4, true},
	{LAST_OF_4, NULL, true},
	{LAST_OF_4 LAST_OF_4, NULL, true},
	{"a" LAST_OF_4, "b", true},
	{"a" LAST_OF_4 LAST_OF_4, "b", true},
	{LAST_OF_2 LAST_OF_4, FIRST_OF_3, true},
	{LAST_OF_4 "a", LAST_OF_4 "b", true},
	{LAST_OF_4 "a" LAST_OF_4, LAST_OF_4 "b", true},
};

static const Case byte_cases[] = {
	{"", NULL, true},         {"a", "b", true},
	{"ab", "ac", true},       {"a\x7f", "b", false},
	{"\x7f", NULL, false},    {"\x7f\x7f", NULL, false},
	{"a\xe9", "b", false},    {"a\xe9\xff", "b", false},
	{"\xe9", NULL, false},    {"\xe9\xff\x7f", NULL, false},
	{"\xe9z", "\xe9{", true}, {"a~", "a\x7f", true},
};

/* make_range makes the interval in memory of exactly the size that the header promises is enough.
 */
static char *
make_range(const char *prefix, const UdCharset *charset, UdPrefixRange *range)
{
	size_t length = strlen(prefix);
	char *copy = check_copy(prefix, length);
	char *room = malloc(UD_PREFIX_RANGE_ROOM(length));

	if (room == NULL)
		abort();
	ud_prefix_range_make((UdSpan){copy, length}, charset, room, range);
	free(copy);
	return room;
}

static void
try_cases(const Case *cases, size_t count, const UdCharset *charset)
{
	for (size_t i = 0; i < count; i++)
	{
		UdPrefixRange range;
		char *room = make_range(cases[i].prefix, charset, &range);

		CHECK_FOR(cases[i].prefix, range.bounded == (cases[i].upper != NULL));
		CHECK_FOR(cases[i].prefix, range.exact == cases[i].exact);
		if (cases[i].upper != NULL && range.bounded)
			CHECK_TEXT(range.upper, range.upper_length, cases[i].upper);
		free(room);
	}
}

/*
 * Every text of up to three of some characters, against every prefix of up to two of them
 */

#define LONGEST_TEXT   3
#define LONGEST_PREFIX 2
#define TEXT_ROOM      (LONGEST_TEXT * UD_CHARSET_MAX + 1)

/* Characters at the limits of their kinds, and some between */
static const char *const utf8_characters[] = {
	"\x01",     "a",        "b",        "\x7f",    FIRST_OF_2, LETTER_E, LAST_OF_2,
	FIRST_OF_3, BEFORE_GAP, BEHIND_GAP, LAST_OF_3, FIRST_OF_4, LAST_OF_4};
static const char *const byte_characters[] = {"\x01", "a",    "b",    "~",
											  "\x7f", "\x80", "\xe9", "\xff"};

typedef struct Texts
{
	const char *const *characters;
	int count; /* of the characters */
} Texts;

/* nth_text writes a text of so many characters; the number's digits choose them. */
static void
nth_text(const Texts *texts, int length, long number, char *target)
{
	*target = '\0';
	for (int i = 0; i < length; i++, number /= texts->count)
		strcat(target, texts->characters[number % texts->count]);
}

static long
count_texts(const Texts *texts, int length)
{
	long count = 1;

	for (int i = 0; i < length; i++)
		count *= texts->count;
	return count;
}

static bool
is_in_range(const char *text, const char *prefix, const UdPrefixRange *range)
{
	size_t length = strlen(text);
	size_t shorter = length < range->upper_length ? length : range->upper_length;
	int order;

	if (strcmp(text, prefix) < 0)
		return false;
	if (!range->bounded)
		return true;
	order = memcmp(text, range->upper, shorter);
	return order < 0 || (order == 0 && length < range->upper_length);
}

/* try_prefix demands of all texts: who begins with the prefix is in, and if exact nobody else. */
static void
try_prefix(const Texts *texts, const UdCharset *charset, const char *prefix)
{
	UdPrefixRange range;
	char *room = make_range(prefix, charset, &range);
	long missed = 0;
	long wrong = 0;

	for (int length = 0; length <= LONGEST_TEXT; length++)
	{
		for (long number = 0; number < count_texts(texts, length); number++)
		{
			char text[TEXT_ROOM];
			bool begins;
			bool is_in;

			nth_text(texts, length, number, text);
			begins = strncmp(text, prefix, strlen(prefix)) == 0;
			is_in = is_in_range(text, prefix, &range);
			missed += begins && !is_in;
			wrong += range.exact && is_in && !begins;
		}
	}
	CHECK_FOR(prefix, missed == 0);
	CHECK_FOR(prefix, wrong == 0);
	free(room);
}

static void
try_all(const char *const *characters, int count, const UdCharset *charset)
{
	const Texts texts = {characters, count};

	for (int length = 0; length <= LONGEST_PREFIX; length++)
	{
		for (long number = 0; number < count_texts(&texts, length); number++)
		{
			char prefix[TEXT_ROOM];

			nth_text(&texts, length, number, prefix);
			try_prefix(&texts, charset, prefix);
		}
	}
}

int
main(void)
{
	try_cases(utf8_cases, sizeof(utf8_cases) / sizeof(utf8_cases[0]), &ud_charset_utf8);
	try_cases(byte_cases, sizeof(byte_cases) / sizeof(byte_cases[0]), &ud_charset_bytes);
	try_all(utf8_characters, sizeof(utf8_characters) / sizeof(utf8_characters[0]),
			&ud_charset_utf8);
	try_all(byte_characters, sizeof(byte_characters) / sizeof(byte_characters[0]),
			&ud_charset_bytes);
	return check_summary();
}
