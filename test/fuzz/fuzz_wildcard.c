/*
 * fuzz_wildcard.c: a pattern and a value in one of several encodings.
 *
 * The pattern must match exactly when a table of all its beginnings against all those of the value
 * says so; what matches must have the grams that the pattern asks for, and the other way round
 * where these are said to be enough; and a pattern that is written and read again must be the same.
 */
#include "fuzz.h"

#include <stdbool.h>

#include "pure/text_grams.h"
#include "pure/wildcard_text.h"

/* An encoding like the East Asian ones: 0x81 and another byte, of which that may be a wildcard */
static size_t
pair_length(const char *at, size_t left)
{
	return *at == '\x81' && left > 1 ? 2 : 1;
}

static const UdCharset pair_charset = {false, false, pair_length, NULL};

#define SIGNS 16

/* Inputs become texts of these, so that every text is whole characters. */
typedef struct Language
{
	const UdCharset *charset;
	const char *signs[SIGNS];
} Language;

static const Language languages[] = {
	{&ud_charset_bytes,
	 {"*", "?", "\\", "a", "b", "c", "A", ".", "@", "\x81", "\xff", "\xfe", "\xc3", "0", " ", "m"}},
	{&ud_charset_utf8,
	 {"*", "?", "\\", "a", "b", "c", "@", ".", "\xc3\xbc", "\xd0\xb6", "\xdf\xbf", "\xe4\xb8\xad",
	  "\xef\xbf\xbd", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf", "m"}},
	{&pair_charset,
	 {"*", "?", "\\", "a", "b", "c", "@", ".",
	  "\x81"
	  "a",
	  "\x81*", "\x81?", "\x81\\", "\x81\x81", "\xff",
	  "\x81"
	  "b",
	  "m"}},
};

typedef struct Text
{
	char *data;
	size_t length;
	size_t characters;
	const char **character; /* where each begins, and the end */
} Text;

static Text
make_text(const uint8_t *data, size_t size, const Language *language)
{
	Text text = {malloc(4 * size + 1), 0, 0, malloc((size + 1) * sizeof(char *))};

	for (size_t i = 0; i < size; i++)
	{
		const char *sign = language->signs[data[i] % SIGNS];

		text.character[text.characters++] = text.data + text.length;
		memcpy(text.data + text.length, sign, strlen(sign));
		text.length += strlen(sign);
	}
	text.character[text.characters] = text.data + text.length;
	return text;
}

static void
free_text(Text *text)
{
	free(text->data);
	free(text->character);
}

static bool
is_sign(const Text *text, size_t number, char sign)
{
	return text->character[number + 1] - text->character[number] == 1 &&
		   *text->character[number] == sign;
}

static bool
same_character(const Text *one, size_t i, const Text *other, size_t j)
{
	size_t length = (size_t)(one->character[i + 1] - one->character[i]);

	return length == (size_t)(other->character[j + 1] - other->character[j]) &&
		   memcmp(one->character[i], other->character[j], length) == 0;
}

/* ends_open returns whether the last character of a pattern is a backslash that escapes nothing. */
static bool
ends_open(const Text *pattern)
{
	size_t i = 0;

	while (i < pattern->characters)
	{
		if (is_sign(pattern, i, '\\') && ++i == pattern->characters)
			return true;
		i++;
	}
	return false;
}

/*
 * defined_match fills a table: row[j] tells whether the pattern so far matches the first j
 * characters of the value.
 */
static bool
defined_match(const Text *pattern, const Text *value)
{
	bool *row = calloc(value->characters + 1, sizeof(bool));
	bool result;

	row[0] = true;
	for (size_t i = 0; i < pattern->characters; i++)
	{
		if (is_sign(pattern, i, '*'))
		{
			for (size_t j = 1; j <= value->characters; j++)
				row[j] = row[j] || row[j - 1];
			continue;
		}
		bool any = is_sign(pattern, i, '?');

		if (is_sign(pattern, i, '\\'))
			i++;
		for (size_t j = value->characters; j > 0; j--)
			row[j] = row[j - 1] && (any || same_character(pattern, i, value, j - 1));
		row[0] = false;
	}
	result = row[value->characters];
	free(row);
	return result;
}

static bool
meets_all(const UdGramQuery *query, const uint64_t *grams, size_t count)
{
	for (int i = 0; i < query->nconditions; i++)
	{
		size_t j = 0;

		while (j < count && !ud_gram_meets(grams[j], &query->conditions[i]))
			j++;
		if (j == count)
			return false;
	}
	return true;
}

static void
try_grams(const UdWildcard *pattern, UdSpan value, const UdCharset *charset, bool matches)
{
	uint64_t *grams = malloc(ud_grams_room(value.length) * sizeof(uint64_t));
	size_t count = ud_grams_of_value(value, charset, grams);
	UdGramQuery query;
	bool met;

	DEMAND(count >= 1 && count <= ud_grams_room(value.length));
	for (size_t i = 1; i < count; i++)
		DEMAND((int64_t)grams[i - 1] < (int64_t)grams[i]);
	ud_grams_of_wildcard(pattern, charset, &query);
	DEMAND(query.nconditions >= 1 && query.nconditions <= UD_GRAM_MAX_CONDITIONS);
	met = meets_all(&query, grams, count);
	DEMAND(met || !matches);
	DEMAND(matches || !met || !query.exact);
	free(grams);
}

/* try_written reads again what is written for a pattern. */
static void
try_written(const UdWildcard *pattern, const UdCharset *charset)
{
	size_t bound = ud_wildcard_text_bound(pattern);
	char *written = malloc(bound + 1);
	UdSpan span = {written, ud_wildcard_text_write(pattern, charset, written)};
	void *room = malloc(ud_wildcard_text_room(span));
	UdWildcard again;

	DEMAND(span.length <= bound);
	DEMAND(ud_wildcard_text_parse(span, charset, room, &again));
	DEMAND(again.nparts == pattern->nparts);
	for (int i = 0; i < again.nparts; i++)
		DEMAND(again.parts[i].kind == pattern->parts[i].kind &&
			   ud_span_equal(again.parts[i].text, pattern->parts[i].text));
	free(room);
	free(written);
}

static void
try_pattern(const Text *pattern_text, const Text *value_text, const UdCharset *charset)
{
	UdSpan text = {pattern_text->data, pattern_text->length};
	UdSpan value = {value_text->data, value_text->length};
	void *room = malloc(ud_wildcard_text_room(text));
	UdWildcard pattern;
	bool valid = ud_wildcard_text_parse(text, charset, room, &pattern);

	DEMAND(valid == !ends_open(pattern_text));
	if (valid)
	{
		bool matches = ud_wildcard_matches(&pattern, value, charset, NULL);

		DEMAND(matches == defined_match(pattern_text, value_text));
		try_grams(&pattern, value, charset, matches);
		try_written(&pattern, charset);
	}
	free(room);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const Language *language;
	size_t split;
	Text pattern;
	Text value;

	if (size < 2)
		return 0;
	language = &languages[data[0] % (sizeof(languages) / sizeof(languages[0]))];
	split = data[1] % (size - 1);
	pattern = make_text(data + 2, split, language);
	value = make_text(data + 2 + split, size - 2 - split, language);
	try_pattern(&pattern, &value, language->charset);
	free_text(&value);
	free_text(&pattern);
	return 0;
}
