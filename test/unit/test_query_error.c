/*
 * test_query_error.c: what is refused, where, and in which words; limits; lack of memory.
 */
#include "check_detail.h"
#include "query_dump.h"

typedef struct Case
{
	const char *query;
	UdQueryErrorKind kind;
	UdQueryFeature feature;
	size_t offset;
	const char *message;
} Case;

#define SYNTAX(query, offset, message)                                                             \
	{                                                                                              \
		query, UD_QUERY_SYNTAX, UD_QUERY_NO_FEATURE, offset, message                               \
	}
#define UNSUPPORTED(query, offset, feature, name, position)                                        \
	{                                                                                              \
		query, UD_QUERY_UNSUPPORTED, feature, offset,                                              \
			name " at character " position " is not supported"                                     \
	}

#define OPERAND "a term, a phrase, a field or \"(\""
#define BOUND   "a bound of the range, or \"*\""

static const Case cases[] = {
	/* operands and operators */
	SYNTAX("a AND", 5, "unexpected end of query at character 6, expected " OPERAND),
	SYNTAX("OR a", 0, "unexpected \"OR\" at character 1, expected " OPERAND),
	SYNTAX("a && || b", 5, "unexpected \"||\" at character 6, expected " OPERAND),
	SYNTAX("NOT", 3, "unexpected end of query at character 4, expected " OPERAND),
	SYNTAX("NOT NOT a", 4, "unexpected \"NOT\" at character 5, expected " OPERAND),
	SYNTAX("--a", 1, "unexpected \"-\" at character 2, expected " OPERAND),
	SYNTAX("- a", 0, "unexpected \"-\" at character 1, expected an operand directly behind it"),
	SYNTAX("a +", 2, "unexpected \"+\" at character 3, expected an operand directly behind it"),
	SYNTAX("a ! b", 2, "unexpected \"!\" at character 3, expected an operand directly behind it"),
	SYNTAX(":a", 0, "unexpected \":\" at character 1, expected " OPERAND),
	SYNTAX("a ] b", 2, "unexpected \"]\" at character 3, expected " OPERAND),

	/* parentheses */
	SYNTAX("()", 1, "unexpected \")\" at character 2, expected " OPERAND),
	SYNTAX("a)", 1, "unexpected \")\" at character 2, expected the end of the query"),
	SYNTAX("\xc3\xbc (a (b)", 9,
		   "unexpected end of query at character 9, expected \")\" to close the one opened at "
		   "character 3"),
	SYNTAX("name:(a OR b", 12,
		   "unexpected end of query at character 13, expected \")\" to close the one opened at "
		   "character 6"),

	/* fields */
	SYNTAX("name:", 5, "unexpected end of query at character 6, expected a value"),
	SYNTAX("name: AND b", 6, "unexpected \"AND\" at character 7, expected a value"),
	SYNTAX("a:b:c", 3, "unexpected \":\" at character 4, expected white space or an operator"),
	SYNTAX("\xc3\xbc\xe4\xb8\xad:b:c", 7,
		   "unexpected \":\" at character 5, expected white space or an operator"),
	SYNTAX("(a):b", 3, "unexpected \":\" at character 4, expected white space or an operator"),
	SYNTAX("a:-b", 2, "unexpected \"-\" at character 3, expected a value"),
	SYNTAX("a:!b", 2, "unexpected \"!\" at character 3, expected a value"),
	SYNTAX("_exists_:", 9, "unexpected end of query at character 10, expected a value"),
	SYNTAX("_exists_:\"\"", 9, "unexpected \"\"\"\" at character 10, expected the name of a field"),
	SYNTAX("_exists_:[a TO b]", 9,
		   "unexpected \"[\" at character 10, expected the name of a field"),
	SYNTAX("_missing_:>5", 10, "unexpected \">\" at character 11, expected the name of a field"),
	SYNTAX("_exists_:a:b", 10,
		   "unexpected \":\" at character 11, expected white space or an operator"),

	/* phrases and escapes */
	SYNTAX("a \"b c", 6,
		   "unexpected end of query at character 7, expected a quotation mark to close the one "
		   "opened at character 3"),
	SYNTAX("\"a\\\"", 4,
		   "unexpected end of query at character 5, expected a quotation mark to close the one "
		   "opened at character 1"),
	SYNTAX("\"a b\"*", 5, "unexpected \"*\" at character 6, expected white space or an operator"),
	SYNTAX("a\\", 2,
		   "unexpected end of query at character 3, expected a character behind the "
		   "backslash"),
	SYNTAX("a\\u12g4", 1,
		   "unexpected \"\\u\" at character 2, expected four hexadecimal digits behind \"\\u\""),
	SYNTAX("\\u0000", 0,
		   "unexpected \"\\u0000\" at character 1, expected the code of a Unicode character"),
	SYNTAX("\"\\ude00\"", 1,
		   "unexpected \"\\ude00\" at character 2, expected the code of a Unicode character"),
	SYNTAX("\\ud83d\\u0041", 0,
		   "unexpected \"\\ud83d\" at character 1, expected the code of a Unicode character"),

	/* ranges and comparisons */
	SYNTAX("[1 TO 2]", 0,
		   "unexpected \"[\" at character 1, expected a field before the range or comparison"),
	SYNTAX("*:{1 TO 2]", 2,
		   "unexpected \"{\" at character 3, expected a field before the range or comparison"),
	SYNTAX("last_login{* TO 2015}", 10,
		   "unexpected \"{\" at character 11, expected a field before the range or comparison"),
	SYNTAX(">=5", 0,
		   "unexpected \">=\" at character 1, expected a field before the range or comparison"),
	SYNTAX("a:[]", 3, "unexpected \"]\" at character 4, expected " BOUND),
	SYNTAX("a:[1 2]", 5,
		   "unexpected \"2\" at character 6, expected TO between the bounds of the range"),
	SYNTAX("a:[1 to 2]", 5,
		   "unexpected \"to\" at character 6, expected TO between the bounds of the range"),
	SYNTAX("a:[1 TO]", 7, "unexpected \"]\" at character 8, expected " BOUND),
	SYNTAX("a:[TO TO b]", 3, "unexpected \"TO\" at character 4, expected " BOUND),
	SYNTAX("a:[1 TO TO]", 8, "unexpected \"TO\" at character 9, expected " BOUND),
	SYNTAX("a:[1 TO 2 3]", 10, "unexpected \"3\" at character 11, expected \"]\" or \"}\""),
	SYNTAX("a:[1 TO 2) AND b", 11, "unexpected \"AND\" at character 12, expected \"]\" or \"}\""),
	SYNTAX("a:[1 TO 2", 9,
		   "unexpected end of query at character 10, expected \"]\" or \"}\" to close the one "
		   "opened at character 3"),
	SYNTAX("a:[1* TO 2]", 3,
		   "unexpected \"1*\" at character 4, expected a bound without wildcards"),
	SYNTAX("a:>", 3, "unexpected end of query at character 4, expected a value to compare with"),
	SYNTAX("a:>b*", 3, "unexpected \"b*\" at character 4, expected a value to compare with"),
	SYNTAX("a:>>b", 3, "unexpected \">\" at character 4, expected a value to compare with"),
	SYNTAX("a:>=(b)", 4, "unexpected \"(\" at character 5, expected a value to compare with"),

	/* what Lucene has and this language does not */
	UNSUPPORTED("a~", 1, UD_QUERY_FUZZY, "fuzzy search (\"~\")", "2"),
	UNSUPPORTED("name:a~0.7 b", 6, UD_QUERY_FUZZY, "fuzzy search (\"~\")", "7"),
	UNSUPPORTED("~a", 0, UD_QUERY_FUZZY, "fuzzy search (\"~\")", "1"),
	UNSUPPORTED("\"a b\"~2", 5, UD_QUERY_PROXIMITY, "proximity search (\"~\" behind a phrase)",
				"6"),
	UNSUPPORTED("\"a b\" ~2", 6, UD_QUERY_PROXIMITY, "proximity search (\"~\" behind a phrase)",
				"7"),
	UNSUPPORTED("a^2", 1, UD_QUERY_BOOST, "boost (\"^\")", "2"),
	UNSUPPORTED("(a b)^2", 5, UD_QUERY_BOOST, "boost (\"^\")", "6"),
	UNSUPPORTED("a:[1 TO 2]^2", 10, UD_QUERY_BOOST, "boost (\"^\")", "11"),
	UNSUPPORTED("/a.*/", 0, UD_QUERY_REGEX, "regex search (\"/\")", "1"),
	UNSUPPORTED("name:/a.*/", 5, UD_QUERY_REGEX, "regex search (\"/\")", "6"),
	UNSUPPORTED("\xc3\xbc:(b OR /a/)", 9, UD_QUERY_REGEX, "regex search (\"/\")", "9"),
	UNSUPPORTED("first*:a", 0, UD_QUERY_FIELD_WILDCARD, "a wildcard in a field's name", "1"),
	UNSUPPORTED("_exists_:a*", 9, UD_QUERY_FIELD_WILDCARD, "a wildcard in a field's name", "10"),
	UNSUPPORTED("_exists_:*", 9, UD_QUERY_FIELD_WILDCARD, "a wildcard in a field's name", "10"),
	UNSUPPORTED("x \"a b\":c", 2, UD_QUERY_QUOTED_FIELD, "a field's name in quotation marks", "3"),
};

static void
try_error(const Case *tried)
{
	TestArena arena;
	UdQueryError error;
	char message[UD_QUERY_MESSAGE_SIZE];
	UdQueryNode *node;

	test_arena_begin(&arena);
	node = ud_query_parse(tried->query, strlen(tried->query), NULL, &arena.arena, &error);
	CHECK_SAY(node == NULL && error.kind == tried->kind && error.feature == tried->feature, "%s",
			  tried->query);
	CHECK_SAY(error.offset == tried->offset, "%s: at %zu", tried->query, error.offset);
	ud_query_error_message(&error, NULL, message, sizeof(message));
	CHECK_SAY(strcmp(message, tried->message) == 0, "%s\n  expected %s\n  but got  %s",
			  tried->query, tried->message, message);
	CHECK_SAY(error.feature == UD_QUERY_NO_FEATURE || error.hint != NULL, "%s", tried->query);
	test_arena_end(&arena);
}

/* A byte of value zero ends no text here, but no text of the server can hold it. */
static void
try_nul(void)
{
	const UdSpan queries[] = {UD_SPAN("a\0b"), UD_SPAN("\"a\0b\""), UD_SPAN("\0"),
							  UD_SPAN("a:[b\0c TO d]"), UD_SPAN("a\\\0")};
	TestArena arena;
	UdQueryError error;

	test_arena_begin(&arena);
	for (int i = 0; i < LENGTH(queries); i++)
	{
		CHECK_SAY(ud_query_parse(queries[i].data, queries[i].length, NULL, &arena.arena, &error) ==
						  NULL &&
					  error.kind == UD_QUERY_SYNTAX,
				  "query %d", i);
	}
	test_arena_end(&arena);
}

/* What was found is repeated, but not all of it, and not half a character. */
static void
try_long_message(void)
{
	char message[UD_QUERY_MESSAGE_SIZE];
	TestArena arena;
	UdQueryError error;
	Dump query = {NULL, 0, 0};

	dump_text(&query, "a:[1 ");
	for (int i = 0; i < 200; i++)
		dump_text(&query, "\xe4\xb8\xad");
	test_arena_begin(&arena);
	CHECK(ud_query_parse(query.text, query.length, NULL, &arena.arena, &error) == NULL);
	CHECK_INT((long long)error.found.length, 600);
	ud_query_error_message(&error, NULL, message, sizeof(message));
	CHECK_SAY(strstr(message, "\xad...\" at character 6, expected TO") != NULL, "%s", message);
	CHECK_SAY(strlen(message) < 220, "%s", message);
	free(query.text);
	test_arena_end(&arena);
}

/*
 * Limits: each is exceeded by a query that its neighbours allow, and just kept by another one.
 */

typedef struct LimitCase
{
	UdQueryLimits limits;
	const char *kept;
	const char *exceeded;
	UdQueryErrorKind kind;
	size_t offset;
	const char *message;
} LimitCase;

static const LimitCase limit_cases[] = {
	{{10, 0, 0, 0, 0},
	 "abc OR def",
	 "abc OR defg",
	 UD_QUERY_TOO_LONG,
	 0,
	 "query is longer than 10 bytes"},
	/* the canonical text, name:a OR name:b, is longer than what was written */
	{{15, 0, 0, 0, 0},
	 "nam:(a b)",
	 "name:(a b)",
	 UD_QUERY_TOO_LONG,
	 0,
	 "query is longer than 15 bytes"},
	{{0, 4, 0, 0, 0}, "a b c", "a b -c", UD_QUERY_OK, 0, NULL},
	{{0, 4, 0, 0, 0},
	 "a OR b OR c",
	 "a OR b OR c OR d",
	 UD_QUERY_TOO_MANY_NODES,
	 0,
	 "query has more than 4 conditions and operators, at character 1"},
	{{0, 4, 0, 0, 0},
	 "a (b)",
	 "a b c -d e",
	 UD_QUERY_TOO_MANY_NODES,
	 9,
	 "query has more than 4 conditions and operators, at character 10"},
	{{0, 0, 3, 0, 0},
	 "((a AND (b OR c)))",
	 "a AND (b OR (c AND d))",
	 UD_QUERY_TOO_DEEP,
	 0,
	 "query is nested deeper than 3 levels, at character 1"},
	{{0, 0, 3, 0, 0},
	 "(((a)))",
	 "x ((((a))))",
	 UD_QUERY_TOO_DEEP,
	 5,
	 "query is nested deeper than 3 levels, at character 6"},
	{{0, 0, 3, 0, 0},
	 "(a) (b) ((c)) (d) (NOT a)",
	 "x NOT (NOT (NOT a))",
	 UD_QUERY_TOO_DEEP,
	 0,
	 "query is nested deeper than 3 levels, at character 1"},
	{{0, 0, 0, 3, 0},
	 "a AND b AND c",
	 "a AND b AND c AND d",
	 UD_QUERY_TOO_WIDE,
	 18,
	 "query has more than 3 operands in one place, at character 19"},
	{{0, 0, 0, 3, 0},
	 "a (b c) d",
	 "x:(a +b -c d)",
	 UD_QUERY_TOO_WIDE,
	 11,
	 "query has more than 3 operands in one place, at character 12"},
	{{0, 0, 0, 0, 3},
	 "a* b?c*",
	 "a* b?c* d?",
	 UD_QUERY_TOO_MANY_WILDCARDS,
	 8,
	 "query has more than 3 wildcards, at character 9"},
	{{0, 0, 0, 0, 3},
	 "\\*\\*\\*\\*",
	 "****",
	 UD_QUERY_TOO_MANY_WILDCARDS,
	 0,
	 "query has more than 3 wildcards, at character 1"},
};

static void
try_limit(const LimitCase *tried)
{
	const UdQueryOptions options = {&tried->limits, NULL};
	char message[UD_QUERY_MESSAGE_SIZE];
	TestArena arena;
	UdQueryError error;

	test_arena_begin(&arena);
	CHECK_SAY(ud_query_parse(tried->kept, strlen(tried->kept), &options, &arena.arena, &error) !=
				  NULL,
			  "%s", tried->kept);
	ud_query_parse(tried->exceeded, strlen(tried->exceeded), &options, &arena.arena, &error);
	ud_query_error_message(&error, NULL, message, sizeof(message));
	CHECK_SAY(error.kind == tried->kind && error.offset == tried->offset, "%s: %s", tried->exceeded,
			  message);
	CHECK_SAY(tried->message == NULL || strcmp(message, tried->message) == 0, "%s: %s",
			  tried->exceeded, message);
	test_arena_end(&arena);
}

/* repeat makes a text of before times unit and then after. */
static char *
repeat(const char *unit, int times, const char *after)
{
	Dump text = {NULL, 0, 0};

	for (int i = 0; i < times; i++)
		dump_text(&text, unit);
	dump_text(&text, after);
	return text.text;
}

static UdQueryErrorKind
error_of(char *query, const UdQueryLimits *limits)
{
	const UdQueryOptions options = {limits, NULL};
	TestArena arena;
	UdQueryError error;
	UdQueryNode *node;

	test_arena_begin(&arena);
	node = ud_query_parse(query, strlen(query), &options, &arena.arena, &error);
	if (node != NULL)
		CHECK_SAY(ud_query_lower(node, &arena.arena) != NULL, "%.20s", query);
	test_arena_end(&arena);
	free(query);
	return error.kind;
}

/* The stack is safe even where nothing is limited, and large queries are no problem. */
static void
try_large(void)
{
	const UdQueryLimits none = {0, 0, 0, 0, 0};

	CHECK_SAY(error_of(repeat("(", 1000000, "a"), &none) == UD_QUERY_TOO_DEEP, "parentheses");
	CHECK_SAY(error_of(repeat("x:(a AND NOT (", 300000, "a"), &none) == UD_QUERY_TOO_DEEP,
			  "groups");
	CHECK_SAY(error_of(repeat("(", 500000, ""), NULL) == UD_QUERY_TOO_DEEP, "by default");
	CHECK_SAY(error_of(repeat("a ", 9999, "a"), NULL) == UD_QUERY_OK, "a default width");
	CHECK_SAY(error_of(repeat("a ", 10000, "a"), NULL) == UD_QUERY_TOO_WIDE, "too wide by default");
	CHECK_SAY(error_of(repeat("a", 1048577, ""), NULL) == UD_QUERY_TOO_LONG, "too long by default");
	CHECK_SAY(error_of(repeat("a", 1048576, ""), NULL) == UD_QUERY_OK, "just not too long");
	CHECK_SAY(error_of(repeat("*", 1001, ""), NULL) == UD_QUERY_TOO_MANY_WILDCARDS,
			  "too many stars");
	CHECK_SAY(error_of(repeat("a OR -", 200000, "b"), &none) == UD_QUERY_OK, "no limit");
}

/* However soon memory runs out, it is said, and nothing breaks. */
static void
try_no_memory(void)
{
	const char *query = "+a:(b c*?d OR \"e\") -_missing_:f.g *:h i:[j TO \"k\"] *:* l:<5 "
						"(m AND n AND o AND p AND q AND NOT r)";
	long needed = 0;

	for (long allowed = 0;; allowed++)
	{
		TestArena arena;
		UdQueryError error;
		UdQueryNode *node;
		UdSpan text;

		test_arena_begin(&arena);
		arena.allowed = allowed;
		node = ud_query_parse(query, strlen(query), NULL, &arena.arena, &error);
		if (node == NULL)
		{
			needed = allowed + 1;
			CHECK_SAY(error.kind == UD_QUERY_NO_MEMORY, "%ld allocations", allowed);
		}
		else if (ud_query_lower(node, &arena.arena) != NULL &&
				 ud_query_print(node, &arena.arena, &text))
		{
			test_arena_end(&arena);
			CHECK_SAY(needed > 20 && allowed > needed + 10, "%ld, %ld", needed, allowed);
			return;
		}
		test_arena_end(&arena);
	}
}

int
main(void)
{
	for (int i = 0; i < LENGTH(cases); i++)
		try_error(&cases[i]);
	for (int i = 0; i < LENGTH(limit_cases); i++)
		try_limit(&limit_cases[i]);
	try_nul();
	try_long_message();
	try_large();
	try_no_memory();
	return check_summary();
}
