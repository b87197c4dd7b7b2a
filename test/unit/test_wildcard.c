/*
 * test_wildcard.c: matching of patterns, also against a slow and simple definition of it.
 */
#include "check_detail.h"
#include "pure/wildcard.h"

#include <stdlib.h>

#define MAX_PARTS 64

/* A pattern that the tests write as text: "*" and "?" without escapes, all else literal */
typedef struct Pattern
{
	UdWildcardPart parts[MAX_PARTS];
	UdWildcard wildcard;
} Pattern;

static void
make_pattern(Pattern *pattern, const char *text)
{
	int nparts = 0;

	while (*text != '\0')
	{
		UdWildcardPart *part = &pattern->parts[nparts++];

		part->kind = *text == '*'   ? UD_WILDCARD_MANY
					 : *text == '?' ? UD_WILDCARD_ONE
									: UD_WILDCARD_LITERAL;
		part->text.data = text;
		part->text.length = 0;
		if (part->kind != UD_WILDCARD_LITERAL)
			text++;
		else
		{
			part->text.length = strcspn(text, "*?");
			text += part->text.length;
		}
	}
	pattern->wildcard.parts = pattern->parts;
	pattern->wildcard.nparts = nparts;
}

static bool
matches(const char *text, const char *value, const UdCharset *charset)
{
	Pattern pattern;

	make_pattern(&pattern, text);
	return ud_wildcard_matches(&pattern.wildcard, (UdSpan){value, strlen(value)}, charset, NULL);
}

typedef struct Case
{
	const char *pattern;
	const char *value;
	bool matches;
} Case;

static const Case cases[] = {
	{"", "", true},
	{"", "a", false},
	{"*", "", true},
	{"*", "abc", true},
	{"?", "", false},
	{"?", "a", true},
	{"?", "ab", false},
	{"abc", "abc", true},
	{"abc", "abcd", false},
	{"abc", "ab", false},
	{"a*", "a", true},
	{"a*", "ba", false},
	{"*c", "abc", true},
	{"*c", "abcd", false},
	{"*b*", "abc", true},
	{"*b*", "aac", false},
	{"a*c", "ac", true},
	{"a*a", "a", false},
	{"ab*ba", "aba", false},
	{"*ab*ab*", "abab", true},
	{"*ab*ab*", "aab", false},
	{"*aab", "aaaab", true},
	{"a*b?c", "abbcbxc", true},
	{"a?*?c", "abc", false},
	{"a?*?c", "abbc", true},
	{"*?", "", false},
	{"*??", "ab", true},
	{"??*", "a", false},
	{"**a**", "bab", true},
	{"*abc*abd", "abcabcabd", true},
	{"?", "\xc3\xbc", true},
	{"??", "\xc3\xbc", false},
	{"*?\xc3\xbc", "\xc3\xbc", false},
	{"*?\xc3\xbc", "x\xc3\xbc", true},
	{"\xe4\xb8\xad*?", "\xe4\xb8\xad\xf0\x9f\x98\x80", true},
	{"\xe4\xb8\xad*??", "\xe4\xb8\xad\xf0\x9f\x98\x80", false},
	{"*???", "a\xc3\xbc\xe4\xb8\xad", true},
	{"*????", "a\xc3\xbc\xe4\xb8\xad", false},
	{"*\xbc", "\xc3\xbc", true}, /* half a character is compared as the byte that it is */
};

/*
 * The definition: "*" is nothing, or a character and then "*".
 */
static bool
defined_match(const UdWildcardPart *parts, int nparts, const char *at, const char *end,
			  const UdCharset *charset)
{
	size_t length = at < end ? charset->length(at, (size_t)(end - at)) : 0;

	if (nparts == 0)
		return at == end;
	switch (parts->kind)
	{
		case UD_WILDCARD_LITERAL:
			return (size_t)(end - at) >= parts->text.length &&
				   memcmp(at, parts->text.data, parts->text.length) == 0 &&
				   defined_match(parts + 1, nparts - 1, at + parts->text.length, end, charset);
		case UD_WILDCARD_ONE:
			return at < end && defined_match(parts + 1, nparts - 1, at + length, end, charset);
		default:
			return defined_match(parts + 1, nparts - 1, at, end, charset) ||
				   (at < end && defined_match(parts, nparts, at + length, end, charset));
	}
}

/* UTF-8 again, but as an encoding in which bytes may be found in the middle of a character */
static size_t
slow_length(const char *at, size_t left)
{
	return ud_charset_utf8.length(at, left);
}

static size_t
slow_encode(uint32_t code_point, char *target)
{
	return ud_charset_utf8.encode(code_point, target);
}

static const UdCharset slow_charset = {false, false, slow_length, slow_encode};

/* An encoding like the East Asian ones: 0x81 and another byte, of which that may be a letter too */
static size_t
pair_length(const char *at, size_t left)
{
	return *at == '\x81' && left > 1 ? 2 : 1;
}

static const UdCharset pair_charset = {false, false, pair_length, slow_encode};

/* spell writes number in the digits given, each a text of its own, the lowest digit first. */
static UdSpan
spell(int number, int count, const char *const *digits, int base, char *target)
{
	UdSpan text = {target, 0};

	for (int i = 0; i < count; i++, number /= base)
	{
		const char *digit = digits[number % base];

		memcpy(target + text.length, digit, strlen(digit) + 1);
		text.length += strlen(digit);
	}
	target[text.length] = '\0';
	return text;
}

static int
power(int base, int exponent)
{
	return exponent == 0 ? 1 : base * power(base, exponent - 1);
}

/* try_all compares all patterns and texts of so many characters with the definition. */
static void
try_all(const char *const *signs, const char *const *letters, int pattern_length, int text_length,
		const UdCharset *charset, const char *name)
{
	long different = 0;
	long matching = 0;

	for (int i = 0; i < power(4, pattern_length); i++)
	{
		char pattern_text[64];
		Pattern pattern;

		spell(i, pattern_length, signs, 4, pattern_text);
		make_pattern(&pattern, pattern_text);
		for (int length = 0; length <= text_length; length++)
		{
			for (int j = 0; j < power(2, length); j++)
			{
				char text[64];
				UdSpan span = spell(j, length, letters, 2, text);
				bool expected = defined_match(pattern.parts, pattern.wildcard.nparts, text,
											  text + span.length, charset);
				matching += expected;
				different +=
					ud_wildcard_matches(&pattern.wildcard, span, charset, NULL) != expected;
			}
		}
	}
	CHECK_SAY(different == 0 && matching > 10, "%s: %ld of patterns of %d", name, different,
			  pattern_length);
}

static void
try_against_definition(void)
{
	static const char *const signs[] = {"*", "?", "a", "b"};
	static const char *const letters[] = {"a", "b"};
	static const char *const wide_signs[] = {"*", "?", "a", "\xc3\xbc"};
	static const char *const wide_letters[] = {"a", "\xc3\xbc"};
	static const char *const pair_signs[] = {"*", "?", "a", "\x81\x61"};
	static const char *const pair_letters[] = {"a", "\x81\x61"};

	for (int length = 1; length <= 5; length++)
	{
		try_all(signs, letters, length, 6, &ud_charset_bytes, "bytes");
		try_all(wide_signs, wide_letters, length, 6, &ud_charset_utf8, "UTF-8");
		try_all(wide_signs, wide_letters, length, 5, &slow_charset, "UTF-8, slow");
		try_all(pair_signs, pair_letters, length, 5, &pair_charset, "pairs");
	}
}

static int interrupts;

static void
count_interrupt(void)
{
	interrupts++;
}

/* What makes a backtracking matcher take forever must not; and a long search can be interrupted. */
static void
try_hard_patterns(void)
{
	size_t length = 100000;
	char *text = malloc(length + 1);
	Pattern pattern;

	memset(text, 'a', length);
	text[length] = '\0';
	make_pattern(&pattern, "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b");
	CHECK_SAY(
		!ud_wildcard_matches(&pattern.wildcard, (UdSpan){text, length}, &ud_charset_utf8, NULL),
		"many stars");
	make_pattern(&pattern, "*aaaaaaaaaaaaaaaaaaaaaaaaaa?aaaaaaaaaaaaaaaaaab*");
	CHECK_SAY(!ud_wildcard_matches(&pattern.wildcard, (UdSpan){text, length}, &ud_charset_utf8,
								   count_interrupt),
			  "a long part");
	CHECK_SAY(interrupts > 10, "%d interrupts", interrupts);
	make_pattern(&pattern, "a*?a?*a");
	CHECK_SAY(ud_wildcard_matches(&pattern.wildcard, (UdSpan){text, length}, &slow_charset, NULL),
			  "a long text");
	free(text);
}

typedef struct ShapeCase
{
	const char *pattern;
	const char *prefix;
	const char *suffix;
	const char *longest;
	int nliterals;
	int nones;
	const char *only; /* of many, prefix, suffix, infix */
} ShapeCase;

static const ShapeCase shape_cases[] = {
	{"*", "", "", "", 0, 0, "many"},
	{"**", "", "", "", 0, 0, "many"},
	{"", "", "", "", 0, 0, "many"},
	{"?", "", "", "", 0, 1, ""},
	{"*?", "", "", "", 0, 1, ""},
	{"ab*", "ab", "", "ab", 1, 0, "prefix"},
	{"ab**", "ab", "", "ab", 1, 0, "prefix"},
	{"*ab", "", "ab", "ab", 1, 0, "suffix"},
	{"*ab*", "", "", "ab", 1, 0, "infix"},
	{"**ab**", "", "", "ab", 1, 0, "infix"},
	{"ab*cde", "ab", "cde", "cde", 2, 0, ""},
	{"*ab?cde*f", "", "f", "cde", 3, 1, ""},
	{"ab?", "ab", "", "ab", 1, 1, ""},
	{"ab?*", "ab", "", "ab", 1, 1, ""},
	{"?ab", "", "ab", "ab", 1, 1, ""},
	{"ab", "ab", "ab", "ab", 1, 0, ""},
};

static void
try_shape(const ShapeCase *tried)
{
	Pattern pattern;
	UdWildcardShape shape;

	make_pattern(&pattern, tried->pattern);
	ud_wildcard_shape(&pattern.wildcard, &shape);
	CHECK_SAY(ud_span_equal(shape.prefix, (UdSpan){tried->prefix, strlen(tried->prefix)}), "%s",
			  tried->pattern);
	CHECK_SAY(ud_span_equal(shape.suffix, (UdSpan){tried->suffix, strlen(tried->suffix)}), "%s",
			  tried->pattern);
	CHECK_SAY(ud_span_equal(shape.longest, (UdSpan){tried->longest, strlen(tried->longest)}), "%s",
			  tried->pattern);
	CHECK_SAY(shape.nliterals == tried->nliterals && shape.nones == tried->nones, "%s",
			  tried->pattern);
	CHECK_SAY(shape.only_prefix == (strcmp(tried->only, "prefix") == 0), "%s", tried->pattern);
	CHECK_SAY(shape.only_suffix == (strcmp(tried->only, "suffix") == 0), "%s", tried->pattern);
	CHECK_SAY(shape.only_infix == (strcmp(tried->only, "infix") == 0), "%s", tried->pattern);
	CHECK_SAY(*tried->pattern == '\0' || shape.only_many == (strcmp(tried->only, "many") == 0),
			  "%s", tried->pattern);
}

int
main(void)
{
	for (int i = 0; i < LENGTH(cases); i++)
		CHECK_SAY(matches(cases[i].pattern, cases[i].value, &ud_charset_utf8) == cases[i].matches,
				  "%s, %s", cases[i].pattern, cases[i].value);
	CHECK_SAY(matches("??", "\xc3\xbc", &ud_charset_bytes), "two bytes");
	try_against_definition();
	try_hard_patterns();
	for (int i = 0; i < LENGTH(shape_cases); i++)
		try_shape(&shape_cases[i]);
	return check_summary();
}
