/*
 * test_query_print.c: canonical text, equality and hash of trees.
 */
#include "check_detail.h"
#include "query_dump.h"

typedef struct Case
{
	const char *query;
	const char *canonical;
} Case;

static const Case cases[] = {
	{"", "*:*"},
	{"*", "*:*"},
	{"( ada )", "ada"},
	{"name : ada", "name:ada"},
	{"name:=\"a\\b\"", "name:\"ab\""},
	{"\"a\\\\b\\\"c\"", "\"a\\\\b\\\"c\""},
	{"a b", "a OR b"},
	{"a && !b || c", "(a AND NOT b) OR c"},
	{"a b OR c", "a OR (b OR c)"},
	{"-a", "NOT a"},
	{"!(a b)", "NOT (a OR b)"},
	{"NOT (-a)", "NOT (NOT a)"},
	{"a -b +c", "+c a -b"},
	{"x:(+a -(b c) (-d))", "+x:a (NOT x:d) -(x:b OR x:c)"},
	{"a OR (+b c)", "a OR (+b c)"},
	{"email:(\"a\" OR \"b\")", "email:\"a\" OR email:\"b\""},
	{"a:>=5", "a:[5 TO *]"},
	{"a:<\"5\"", "a:[* TO \"5\"}"},
	{"a:[ \\* TO \"*\"}", "a:[\\* TO \"*\"}"},
	{"a:[\\TO TO \\\"b]", "a:[\\TO TO \\\"b]"},
	{"a:[b\\ c TO d\\]\\}\\\\]", "a:[b\\ c TO d\\]\\}\\\\]"},
	{"a:[(b:c TO d]", "a:[(b:c TO d]"},
	{"_exists_:(a \"b c\")", "_exists_:a OR _exists_:b\\ c"},
	{"_missing_:\\_exists_", "_missing_:\\_exists_"},
	{"*:(a \"b\")", "*:a OR *:\"b\""},
	{"\\a\\b\\c", "abc"},
	{"\\AND \\OR \\NOT \\TO AN\\D", "\\AND OR \\OR OR \\NOT OR TO OR \\AND"},
	{"\\AND:\\AND", "\\AND:\\AND"},
	{"\\AND*", "AND*"},
	{"\\ \\(\\)\\:\\^\\[\\]\\\"\\{\\}\\~\\!\\*\\?\\\\",
	 "\\ \\(\\)\\:\\^\\[\\]\\\"\\{\\}\\~\\!\\*\\?\\\\"},
	{"a\\-\\+\\/\\=\\<\\>\\&\\|b", "a-+/=<>&|b"},
	{"\\-a \\+a \\/a \\=a \\<a \\>a", "\\-a OR \\+a OR \\/a OR \\=a OR \\<a OR \\>a"},
	{"\\&a \\&&a \\|a \\||a a&&", "&a OR \\&&a OR |a OR \\||a OR a&&"},
	{"x:\\-5 x:\\-a \\-5", "x:-5 OR x:\\-a OR \\-5"},
	{"x:\\-5* *:\\+5", "x:-5* OR *:+5"},
	{"a*\\-\\/\\=", "a*-/="},
	{"a\\*b*?c", "a\\*b*?c"},
	{"2021-04-05T10\\:30\\:00\\:x", "2021-04-05T10:30:00\\:x"},
	{"\\2021-04-05T10:30 a", "\\2021-04-05T10:30 OR a"},
	{"\\2021-04-05T10.x:30", "2021-04-05T10.x:30"},
	{"a\\.b.c\\ d:1", "a\\.b.c\\ d:1"},
	{"\\_exists_:1 \\_missing_:2 \\*:3", "\\_exists_:1 OR \\_missing_:2 OR \\*:3"},
	{"M\\u00fcller", "M\xc3\xbcller"},
	{"a\\\xe3\x80\x80"
	 "b",
	 "a\\\xe3\x80\x80"
	 "b"},
	{"a\\\nb", "a\\\nb"},
};

static void
try_canonical(const Case *tried)
{
	TestArena arena;
	UdQueryError error;
	UdQueryNode *node;
	UdQueryNode *again;
	UdSpan text = {"", 0};

	test_arena_begin(&arena);
	node = ud_query_parse(tried->query, strlen(tried->query), NULL, &arena.arena, &error);
	CHECK_SAY(node != NULL && ud_query_print(node, &arena.arena, &text), "%s", tried->query);
	CHECK_SAY(ud_span_equal(text, (UdSpan){tried->canonical, strlen(tried->canonical)}),
			  "%s: expected %s, but got %.*s", tried->query, tried->canonical, (int)text.length,
			  text.data);
	again = ud_query_parse(text.data, text.length, NULL, &arena.arena, &error);
	CHECK_SAY(again != NULL && ud_query_equal(node, again), "%s", tried->query);
	CHECK_SAY(ud_query_hash(node) == ud_query_hash(again), "%s", tried->query);
	test_arena_end(&arena);
}

/* Every byte and every pair of characters that may mean something comes back as it was. */
static void
try_bytes(const char *before, UdSpan text, const char *after, bool escape)
{
	TestArena arena;
	UdQueryError error;
	UdQueryNode *node;
	UdQueryNode *again = NULL;
	UdSpan printed = {"", 0};
	Dump query = {NULL, 0, 0};

	dump_text(&query, before);
	for (size_t i = 0; i < text.length; i++)
	{
		if (escape)
			dump_text(&query, "\\");
		dump_bytes(&query, text.data + i, 1);
	}
	dump_text(&query, after);
	test_arena_begin(&arena);
	node = ud_query_parse(query.text, query.length, NULL, &arena.arena, &error);
	if (node != NULL && ud_query_print(node, &arena.arena, &printed))
		again = ud_query_parse(printed.data, printed.length, NULL, &arena.arena, &error);
	CHECK_SAY(escape ? again != NULL && ud_query_equal(node, again)
					 : (node == NULL || (again != NULL && ud_query_equal(node, again))),
			  "%s as %.*s", query.text, (int)printed.length, printed.data);
	free(query.text);
	test_arena_end(&arena);
}

static void
try_everywhere(UdSpan text, bool escape)
{
	try_bytes("", text, "", escape);
	try_bytes("x:", text, "", escape);
	try_bytes("x:a", text, "", escape);
	try_bytes("", text, "*", escape);
	try_bytes("x:*", text, "?", escape);
	try_bytes("x:[", text, " TO *]", escape);
	try_bytes("x:[a TO ", text, "}", escape);
	try_bytes("", text, ":30", escape);
	try_bytes("a.", text, ":30", escape);
	try_bytes("_exists_:", text, "", escape);
	try_bytes("x:>", text, "", escape);
}

static void
try_all_bytes(void)
{
	static const char signs[] = "+-!&|/<>=()[]{}^~*?:\\\"., TOaN5";

	for (int byte = 1; byte < 256; byte++)
	{
		char c = (char)byte;

		if (c == 'u')
			continue;
		try_everywhere((UdSpan){&c, 1}, true);
		try_everywhere((UdSpan){&c, 1}, false);
	}
	for (size_t i = 0; i < sizeof(signs) - 1; i++)
	{
		for (size_t j = 0; j < sizeof(signs) - 1; j++)
		{
			const char pair[] = {signs[i], signs[j]};

			try_everywhere((UdSpan){pair, 2}, true);
			try_everywhere((UdSpan){pair, 2}, false);
		}
	}
}

/* Each of these differs from all others. */
static const char *const different[] = {
	"a",
	"b",
	"\"a\"",
	"x:a",
	"y:a",
	"x.y:a",
	"x\\.y:a",
	"*:a",
	"\\*:a",
	"a*",
	"a?",
	"*a",
	"a**",
	"x:a*",
	"a b",
	"b a",
	"a AND b",
	"a b c",
	"a (b c)",
	"-a",
	"NOT (NOT a)",
	"+a b",
	"+a -b",
	"-a b",
	"+a +b",
	"-a -b",
	"+a b c",
	"+a -b -c",
	"*:*",
	"_exists_:a",
	"_missing_:a",
	"_exists_:b",
	"x:[a TO b]",
	"x:{a TO b]",
	"x:[a TO b}",
	"x:[\"a\" TO b]",
	"x:[a TO \"b\"]",
	"x:[a TO *]",
	"x:[a TO *}",
	"x:[* TO b]",
	"x:[a TO c]",
	"x:[ab TO c]",
	"x:[a TO bc]",
	"y:[a TO b]",
};

static void
try_different(void)
{
	TestArena arena;
	UdQueryError error;
	UdQueryNode *nodes[LENGTH(different)];

	test_arena_begin(&arena);
	for (int i = 0; i < LENGTH(different); i++)
	{
		nodes[i] = ud_query_parse(different[i], strlen(different[i]), NULL, &arena.arena, &error);
		CHECK_SAY(ud_query_equal(nodes[i], nodes[i]), "%s", different[i]);
		for (int j = 0; j < i; j++)
		{
			CHECK_SAY(!ud_query_equal(nodes[i], nodes[j]), "%s and %s", different[i], different[j]);
			CHECK_SAY(ud_query_hash(nodes[i]) != ud_query_hash(nodes[j]), "%s and %s", different[i],
					  different[j]);
		}
	}
	test_arena_end(&arena);
}

/* A hash is kept in indexes: it must be the same tomorrow, and on a machine of other byte order. */
static void
try_stable_hash(void)
{
	const char *query = "+a.b:(\"c\" OR d*?) -_exists_:e f:[1 TO *}";
	TestArena arena;
	UdQueryError error;
	UdQueryNode *node;

	test_arena_begin(&arena);
	node = ud_query_parse(query, strlen(query), NULL, &arena.arena, &error);
	CHECK_SAY(ud_query_hash(node) == UINT64_C(0xd96aa1b036e57eab), "hash is %llx",
			  (unsigned long long)ud_query_hash(node));
	test_arena_end(&arena);
}

int
main(void)
{
	for (int i = 0; i < LENGTH(cases); i++)
		try_canonical(&cases[i]);
	try_all_bytes();
	try_different();
	try_stable_hash();
	return check_summary();
}
