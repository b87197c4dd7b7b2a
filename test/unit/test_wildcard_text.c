/*
 * test_wildcard_text.c: reading and writing patterns.
 */
#include "check_detail.h"
#include "pure/wildcard_text.h"

typedef struct Case
{
	const char *text;
	const char *parts;   /* literals in brackets */
	const char *written; /* what a pattern with these parts is written as */
} Case;

static const Case cases[] = {
	{"", "", ""},
	{"a", "[a]", "a"},
	{"marta", "[marta]", "marta"},
	{"*", "*", "*"},
	{"**", "*", "*"},
	{"?", "?", "?"},
	{"*?", "?*", "?*"},
	{"?*?*", "??*", "??*"},
	{"mar*", "[mar]*", "mar*"},
	{"*mar", "*[mar]", "*mar"},
	{"*ma?r**t*", "*[ma]?[r]*[t]*", "*ma?r*t*"},
	{"\\*", "[*]", "\\*"},
	{"\\**", "[*]*", "\\**"},
	{"*\\*", "*[*]", "*\\*"},
	{"\\?\\\\", "[?\\]", "\\?\\\\"},
	{"\\m\\a\\r", "[mar]", "mar"},
	{"a\\ b", "[a b]", "a b"},
	{"\\\xc3\xbc?", "[\xc3\xbc]?", "\xc3\xbc?"},
	{"\\\\*", "[\\]*", "\\\\*"},
	{"***a???b***", "*[a]???[b]*", "*a???b*"},
};

static const char *const broken[] = {"\\", "a\\", "*\\", "\\\\\\", "?\\", "a*b\\\\\\"};

/* An encoding in which a backslash, a star and a question mark may be half a character */
static size_t
pair_length(const char *at, size_t left)
{
	return *at == '\x81' && left > 1 ? 2 : 1;
}

static const UdCharset pair_charset = {false, false, pair_length, NULL};

/* parse reads a pattern in memory of exactly the size asked for, which the caller frees. */
static void *
parse(const char *text, size_t length, const UdCharset *charset, UdWildcard *pattern, bool *valid)
{
	char *copy = check_copy(text, length);
	UdSpan span = {copy, length};
	void *room = malloc(ud_wildcard_text_room(span));

	*valid = ud_wildcard_text_parse(span, charset, room, pattern);
	free(copy);
	return room;
}

static void
dump(const UdWildcard *pattern, char *target)
{
	for (int i = 0; i < pattern->nparts; i++)
	{
		const UdWildcardPart *part = &pattern->parts[i];

		if (part->kind == UD_WILDCARD_LITERAL)
			target += sprintf(target, "[%.*s]", (int)part->text.length, part->text.data);
		else
			*target++ = part->kind == UD_WILDCARD_MANY ? '*' : '?';
	}
	*target = '\0';
}

static void
try_write(const UdWildcard *pattern, const UdCharset *charset, const char *expected)
{
	size_t bound = ud_wildcard_text_bound(pattern);
	char *target = malloc(bound + 1);
	size_t length = ud_wildcard_text_write(pattern, charset, target);

	CHECK(length <= bound);
	CHECK_TEXT(target, length, expected);
	free(target);
}

static void
try_case(const Case *tried, const UdCharset *charset)
{
	char dumped[100];
	UdWildcard pattern;
	bool valid;
	void *room = parse(tried->text, strlen(tried->text), charset, &pattern, &valid);

	if (CHECK_FOR(tried->text, valid))
	{
		dump(&pattern, dumped);
		CHECK_TEXT(dumped, strlen(dumped), tried->parts);
		try_write(&pattern, charset, tried->written);
	}
	free(room);
}

static void
try_broken(const char *text)
{
	UdWildcard pattern;
	bool valid;

	free(parse(text, strlen(text), &ud_charset_utf8, &pattern, &valid));
	CHECK_FOR(text, !valid);
}

/* Half a character is no wildcard, and no backslash. */
static void
try_pairs(void)
{
	static const Case pairs[] = {
		{"\x81*", "[\x81*]", "\x81*"},
		{"\x81\\", "[\x81\\]", "\x81\\"},
		{"\x81?*\x81*?", "[\x81?]*[\x81*]?", "\x81?*\x81*?"},
		{"\\\x81\\*", "[\x81\\]*", "\x81\\*"},
		{"\\\\\x81\\", "[\\\x81\\]", "\\\\\x81\\"},
	};

	for (int i = 0; i < LENGTH(pairs); i++)
		try_case(&pairs[i], &pair_charset);
}

/* Many wildcards, and a literal as long as the text. */
static void
try_long(char repeated, int nparts)
{
	size_t length = 1000000;
	char *text = malloc(length);
	UdWildcard pattern;
	bool valid;

	memset(text, repeated, length);
	free(parse(text, length, &ud_charset_utf8, &pattern, &valid));
	CHECK(valid);
	CHECK_INT(pattern.nparts, nparts);
	free(text);
}

int
main(void)
{
	for (int i = 0; i < LENGTH(cases); i++)
		try_case(&cases[i], &ud_charset_utf8);
	for (int i = 0; i < LENGTH(broken); i++)
		try_broken(broken[i]);
	try_pairs();
	try_long('*', 1);
	try_long('?', 1000000);
	try_long('a', 1);
	return check_summary();
}
