/*
 * test_text_grams.c: the grams of values, and that patterns find by them all that they match.
 */
#include "check_detail.h"
#include "pure/text_grams.h"
#include "pure/wildcard_text.h"

/* An encoding like the East Asian ones: 0x81 and another byte, of which that may be a letter too */
static size_t
pair_length(const char *at, size_t left)
{
	return *at == '\x81' && left > 1 ? 2 : 1;
}

static const UdCharset pair_charset = {false, false, pair_length, NULL};

static uint64_t *
grams_of(const char *value, size_t length, const UdCharset *charset, size_t *count)
{
	char *copy = check_copy(value, length);
	uint64_t *grams = malloc(ud_grams_room(length) * sizeof(uint64_t));

	*count = ud_grams_of_value((UdSpan){copy, length}, charset, grams);
	free(copy);
	return grams;
}

/* write_grams writes grams one after the other, the mark as "^". */
static void
write_grams(const uint64_t *grams, size_t count, char *target)
{
	for (size_t i = 0; i < count; i++)
	{
		if (i > 0)
			*target++ = ' ';
		for (int shift = 56; shift >= 0 && (grams[i] >> shift & 0xFF) != 0; shift -= 8)
		{
			unsigned char byte = (unsigned char)(grams[i] >> shift & 0xFF);

			*target++ = byte == 0xFF ? '^' : (char)byte;
		}
	}
	*target = '\0';
}

typedef struct Case
{
	const char *value;
	const char *grams;
} Case;

static const Case cases[] = {
	{"", "^"},
	{"a", "^a a"},
	{"anna", "^ann a anna na nna"},
	{"aaaaaaaa", "^aaa a aa aaa aaaa"},
	{"marta@x", "^mar @x a@x arta mart rta@ ta@x x"},
	{"\xd0\xb6\xd0\xb6\xd0\xb6\xd0\xb6\xd0\xb6",
	 "\xd0\xb6 \xd0\xb6\xd0\xb6 \xd0\xb6\xd0\xb6\xd0\xb6 \xd0\xb6\xd0\xb6\xd0\xb6\xd0\xb6 "
	 "^\xd0\xb6\xd0\xb6\xd0\xb6"},
	{"\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad"
	 "b",
	 "\xe4\xb8\xad"
	 "b \xe4\xb8\xad\xe4\xb8\xad \xe4\xb8\xad\xe4\xb8\xad"
	 "b ^\xe4\xb8\xad\xe4\xb8\xad b"},
};

/* count_words and contains_word look at what write_grams wrote, whose order is not of interest. */
static size_t
count_words(const char *text)
{
	size_t count = 1;

	for (; *text != '\0'; text++)
		count += *text == ' ';
	return count;
}

static bool
contains_word(const char *text, const char *word, size_t length)
{
	for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
	{
		if ((at == text || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	}
	return false;
}

static void
try_case(const Case *tried)
{
	char written[400];
	char expected[400];
	size_t count;
	uint64_t *grams = grams_of(tried->value, strlen(tried->value), &ud_charset_utf8, &count);

	write_grams(grams, count, written);
	CHECK_INT((long long)count, (long long)count_words(tried->grams));
	strcpy(expected, tried->grams);
	for (char *word = strtok(expected, " "); word != NULL; word = strtok(NULL, " "))
		CHECK_FOR(written, contains_word(written, word, strlen(word)));
	for (size_t i = 1; i < count; i++)
		CHECK((int64_t)grams[i - 1] < (int64_t)grams[i]);
	free(grams);
}

static bool
meets_all(const UdGramQuery *query, const uint64_t *grams, size_t count)
{
	for (int i = 0; i < query->nconditions; i++)
	{
		bool met = false;

		for (size_t j = 0; j < count; j++)
			met = met || ud_gram_meets(grams[j], &query->conditions[i]);
		if (!met)
			return false;
	}
	return true;
}

/* What was tried and what came of it */
typedef struct Tally
{
	long matching;
	long lost;     /* match without meeting the conditions */
	long wrong;    /* meet exact conditions without matching */
	long exact;    /* exact patterns */
	long excluded; /* neither meet nor match */
} Tally;

typedef struct Language
{
	const char *name;
	const UdCharset *charset;
	const char *signs[6]; /* of patterns, then of values from the third on */
	int nsigns;
} Language;

static size_t
spell(long number, int count, const char *const *digits, int base, char *target)
{
	char *at = target;

	for (int i = 0; i < count; i++, number /= base)
		at += sprintf(at, "%s", digits[number % base]);
	*at = '\0';
	return (size_t)(at - target);
}

static long
power(long base, int exponent)
{
	return exponent == 0 ? 1 : base * power(base, exponent - 1);
}

static void
try_pair(const UdWildcard *pattern, const UdGramQuery *query, const char *value, size_t length,
		 const UdCharset *charset, Tally *tally)
{
	size_t count;
	uint64_t *grams = grams_of(value, length, charset, &count);
	bool met = meets_all(query, grams, count);
	bool matches = ud_wildcard_matches(pattern, (UdSpan){value, length}, charset, NULL);

	tally->matching += matches;
	tally->lost += matches && !met;
	tally->wrong += query->exact && met && !matches;
	tally->excluded += !matches && !met;
	free(grams);
}

static void
try_pattern(const char *text, size_t text_length, const Language *language, int longest,
			Tally *tally)
{
	UdSpan span = {text, text_length};
	void *room = malloc(ud_wildcard_text_room(span));
	int nletters = language->nsigns - 2;
	UdWildcard pattern;
	UdGramQuery query;

	if (!ud_wildcard_text_parse(span, language->charset, room, &pattern))
		abort();
	ud_grams_of_wildcard(&pattern, language->charset, &query);
	CHECK(query.nconditions >= 1 && query.nconditions <= UD_GRAM_MAX_CONDITIONS);
	tally->exact += query.exact;
	for (int length = 0; length <= longest; length++)
	{
		for (long number = 0; number < power(nletters, length); number++)
		{
			char value[64];
			size_t bytes = spell(number, length, language->signs + 2, nletters, value);

			try_pair(&pattern, &query, value, bytes, language->charset, tally);
		}
	}
	free(room);
}

/* try_language tries all patterns on all values of up to so many characters. */
static void
try_language(const Language *language, int longest_pattern, int longest_value)
{
	Tally tally = {0};

	for (int length = 0; length <= longest_pattern; length++)
	{
		for (long number = 0; number < power(language->nsigns, length); number++)
		{
			char text[64];
			size_t bytes = spell(number, length, language->signs, language->nsigns, text);

			try_pattern(text, bytes, language, longest_value, &tally);
		}
	}
	CHECK_SAY(tally.lost == 0, "%s: %ld lost", language->name, tally.lost);
	CHECK_SAY(tally.wrong == 0, "%s: %ld wrong", language->name, tally.wrong);
	CHECK_SAY(tally.matching > 1000 && tally.excluded > 1000 && tally.exact >= 20,
			  "%s: %ld %ld %ld", language->name, tally.matching, tally.excluded, tally.exact);
}

static const Language languages[] = {
	{"bytes", &ud_charset_bytes, {"*", "?", "a", "b"}, 4},
	{"bytes with the mark", &ud_charset_bytes, {"*", "?", "a", "\xff"}, 4},
	{"two bytes", &ud_charset_utf8, {"*", "?", "a", "\xd0\xb6"}, 4},
	{"three bytes", &ud_charset_utf8, {"*", "?", "a", "\xe4\xb8\xad"}, 4},
	{"four bytes", &ud_charset_utf8, {"*", "?", "\xd0\xb6", "\xf0\x9f\x98\x80"}, 4},
	{"pairs",
	 &pair_charset,
	 {"*", "?", "a",
	  "\x81"
	  "a"},
	 4},
};

/* What is asked for, and whether that is all: literals of every length at every place */
typedef struct QueryCase
{
	const char *pattern;
	int nconditions;
	bool partial;
	bool exact;
} QueryCase;

static const QueryCase query_cases[] = {
	{"", 1, false, true},
	{"*", 1, true, true},
	{"?", 1, true, false},
	{"?*", 1, true, false},
	{"*m*", 1, true, true},
	{"*ma*", 1, true, true},
	{"*mar*", 1, true, true},
	{"*mart*", 1, false, true},
	{"*marta*", 2, false, false},
	{"m*", 1, true, true},
	{"mar*", 1, false, true},
	{"mart*", 2, false, false},
	{"*a", 1, false, true},
	{"*rta", 1, false, true},
	{"*arta", 2, false, false},
	{"ma", 1, false, true},
	{"mar", 2, false, false},
	{"m?", 1, true, false},
	{"*ma*ta*", 2, true, false},
	{"*ma*ta*xy*", 2, true, false},
	{"*ma*artax*", 2, false, false},
	{"ma*artax*", 3, true, false},
	{"m*artax*", 2, false, false},
	{"\xe4\xb8\xad*artax", 4, true, false},
	{"marta.lopez@example.com", 4, false, false},
	{"*\xd0\xb6\xd0\xb6\xd0\xb6\xd0\xb6*", 1, false, true},
	{"*\xe4\xb8\xad\xe4\xb8\xad*", 1, true, true},
	{"*\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad*", 2, true, false},
	{"*\xe4\xb8\xad\xe4\xb8\xad", 1, false, false},
	{"*\xe4\xb8\xad", 1, false, true},
	{"*\xf0\x9f\x98\x80\xf0\x9f\x98\x80*", 1, false, true},
};

static void
try_query(const QueryCase *tried)
{
	UdSpan text = {tried->pattern, strlen(tried->pattern)};
	void *room = malloc(ud_wildcard_text_room(text));
	bool partial = false;
	UdWildcard pattern;
	UdGramQuery query;

	if (!ud_wildcard_text_parse(text, &ud_charset_utf8, room, &pattern))
		abort();
	ud_grams_of_wildcard(&pattern, &ud_charset_utf8, &query);
	for (int i = 0; i < query.nconditions; i++)
	{
		partial = partial || query.conditions[i].mask != UINT64_MAX;
		CHECK_FOR(tried->pattern, (query.conditions[i].gram & ~query.conditions[i].mask) == 0);
	}
	CHECK_SAY(query.nconditions == tried->nconditions, "%s: %d", tried->pattern, query.nconditions);
	CHECK_FOR(tried->pattern, partial == tried->partial);
	CHECK_FOR(tried->pattern, query.exact == tried->exact);
	free(room);
}

/* Many grams are sorted in another way than few. */
static void
try_long_value(void)
{
	size_t length = 100000;
	char *value = malloc(length);
	uint64_t *grams;
	size_t count;
	long unsorted = 0;

	for (size_t i = 0; i < length; i++)
		value[i] = (char)(1 + i * i % 251);
	grams = grams_of(value, length, &ud_charset_bytes, &count);
	for (size_t i = 1; i < count; i++)
		unsorted += (int64_t)grams[i - 1] >= (int64_t)grams[i];
	CHECK_INT(unsorted, 0);
	CHECK(count > 100);
	free(grams);
	free(value);
}

int
main(void)
{
	for (int i = 0; i < LENGTH(cases); i++)
		try_case(&cases[i]);
	for (int i = 0; i < LENGTH(query_cases); i++)
		try_query(&query_cases[i]);
	for (int i = 0; i < LENGTH(languages); i++)
	{
		try_language(&languages[i], 5, 5);
		try_language(&languages[i], 4, 7);
	}
	try_long_value();
	return check_summary();
}
