/*
 * test_query_lower.c: the kernel that trees become.
 */
#include "check_detail.h"
#include "query_dump.h"

typedef struct Case
{
	const char *query;
	const char *kernel;
} Case;

static const Case cases[] = {
	/* leaves */
	{"a", "(term _ \"a\")"},
	{"x:\"a\"", "(term \"x\" '\"a\")"},
	{"*:a", "(term _ \"a\")"},
	{"*:\"a\"", "(term _ '\"a\")"},
	{"*:a*", "(wildcard _ \"a\" *)"},
	{"_exists_:a", "(exists \"a\")"},
	{"_missing_:a", "(not (exists \"a\"))"},
	{"x:*", "(exists \"x\")"},
	{"x:***", "(exists \"x\")"},
	{"**", "(all)"},
	{"*:**", "(all)"},
	{"x:[* TO *}", "(exists \"x\")"},
	{"x:[1 TO *}", "(range \"x\" [ \"1\" * ])"},
	{"x:{* TO \"1\"}", "(range \"x\" [ * '\"1\" })"},
	{"a**b", "(wildcard _ \"a\" * \"b\")"},
	{"a*?*?b", "(wildcard _ \"a\" ? ? * \"b\")"},
	{"*?", "(wildcard _ ? *)"},
	{"?", "(wildcard _ ?)"},

	/* lists with signs */
	{"+a +b", "(and (term _ \"a\") (term _ \"b\"))"},
	{"+a b", "(term _ \"a\")"},
	{"+a b -c -d", "(and (term _ \"a\") (not (or (term _ \"c\") (term _ \"d\"))))"},
	{"a b -c", "(and (or (term _ \"a\") (term _ \"b\")) (not (term _ \"c\")))"},
	{"a -b", "(and (term _ \"a\") (not (term _ \"b\")))"},
	{"-a -b", "(not (or (term _ \"a\") (term _ \"b\")))"},
	{"-(a b) -c", "(not (or (term _ \"a\") (term _ \"b\") (term _ \"c\")))"},
	{"+(a AND b) -(NOT c)", "(and (term _ \"a\") (term _ \"b\") (term _ \"c\"))"},
	{"+a *:* -b", "(and (term _ \"a\") (not (term _ \"b\")))"},
	{"+*:* -b", "(not (term _ \"b\"))"},
	{"*:* -b", "(not (term _ \"b\"))"},
	{"+a -*:*", "(none)"},

	/* flattening */
	{"a b OR c", "(or (term _ \"a\") (term _ \"b\") (term _ \"c\"))"},
	{"a AND (b AND (c AND d))",
	 "(and (term _ \"a\") (term _ \"b\") (term _ \"c\") (term _ \"d\"))"},
	{"a AND (b OR (c AND d))",
	 "(and (term _ \"a\") (or (term _ \"b\") (and (term _ \"c\") (term _ \"d\"))))"},
	{"a OR NOT (NOT (b OR c))", "(or (term _ \"a\") (term _ \"b\") (term _ \"c\"))"},
	{"NOT (NOT a)", "(term _ \"a\")"},
	{"NOT (NOT (NOT a))", "(not (term _ \"a\"))"},
	{"NOT _missing_:a", "(exists \"a\")"},

	/* what is there twice */
	{"a OR b OR a", "(or (term _ \"a\") (term _ \"b\"))"},
	{"a AND a", "(term _ \"a\")"},
	{"a OR \"a\" OR x:a OR *:a", "(or (term _ \"a\") (term _ '\"a\") (term \"x\" \"a\"))"},
	{"a AND (b AND a)", "(and (term _ \"a\") (term _ \"b\"))"},
	{"(a b) AND (a OR b)", "(or (term _ \"a\") (term _ \"b\"))"},
	{"x:a** OR x:a*", "(wildcard \"x\" \"a\" *)"},
	{"x:* AND _exists_:x AND x:[* TO *]", "(exists \"x\")"},
	{"a AND (b OR b)", "(and (term _ \"a\") (term _ \"b\"))"},
	{"b OR c OR a OR c OR b OR a", "(or (term _ \"b\") (term _ \"c\") (term _ \"a\"))"},

	/* constants */
	{"*:*", "(all)"},
	{"NOT *:*", "(none)"},
	{"a OR *:*", "(all)"},
	{"a AND *:*", "(term _ \"a\")"},
	{"a AND NOT *", "(none)"},
	{"a OR NOT *", "(term _ \"a\")"},
	{"*:* AND *:*", "(all)"},
	{"NOT * OR NOT *", "(none)"},
	{"a AND (b OR NOT (c AND NOT *:*))", "(term _ \"a\")"},
	{"a OR (b AND (c OR (d AND NOT *:*)))",
	 "(or (term _ \"a\") (and (term _ \"b\") (term _ \"c\")))"},
};

static void
try_kernel(const Case *tried)
{
	TestArena arena;
	UdQueryError error;
	UdQueryNode *node;
	UdQueryNode *kernel;
	Dump before = {NULL, 0, 0};
	Dump after = {NULL, 0, 0};
	Dump dump = {NULL, 0, 0};

	test_arena_begin(&arena);
	node = ud_query_parse(tried->query, strlen(tried->query), NULL, &arena.arena, &error);
	dump_node(&before, node);
	kernel = ud_query_lower(node, &arena.arena);
	dump_node(&after, node);
	dump_node(&dump, kernel);
	CHECK_SAY(strcmp(dump.text, tried->kernel) == 0, "%s\n  expected %s\n  but got  %s",
			  tried->query, tried->kernel, dump.text);
	CHECK_SAY(strcmp(before.text, after.text) == 0, "%s: its tree was changed", tried->query);
	CHECK_SAY(ud_query_equal(kernel, ud_query_lower(kernel, &arena.arena)), "%s", tried->query);
	free(before.text);
	free(after.text);
	free(dump.text);
	test_arena_end(&arena);
}

/* The text of a kernel means the same, also of the kind that no query has. */
static void
try_printed(void)
{
	TestArena arena;
	UdQueryError error;
	UdQueryNode *kernel;
	UdQueryNode *again;
	UdSpan text = {"", 0};

	test_arena_begin(&arena);
	kernel =
		ud_query_lower(ud_query_parse("a AND NOT *", 11, NULL, &arena.arena, &error), &arena.arena);
	CHECK_SAY(ud_query_print(kernel, &arena.arena, &text), "none");
	CHECK_SAY(ud_span_equal(text, UD_SPAN("NOT *:*")), "%.*s", (int)text.length, text.data);
	again = ud_query_parse(text.data, text.length, NULL, &arena.arena, &error);
	CHECK_SAY(ud_query_equal(ud_query_lower(again, &arena.arena), kernel), "none");
	test_arena_end(&arena);
}

/* Offsets stay, so that an error found later can still point at the text. */
static void
try_offsets(void)
{
	const char *query = "x:(a b) -y:c";
	TestArena arena;
	UdQueryError error;
	UdQueryNode *kernel;

	test_arena_begin(&arena);
	kernel = ud_query_lower(ud_query_parse(query, strlen(query), NULL, &arena.arena, &error),
							&arena.arena);
	CHECK_SAY(kernel->kind == UD_QUERY_AND && kernel->depth == 3, "%d", kernel->depth);
	CHECK_SAY(kernel->u.list.nodes[0]->u.list.nodes[1]->offset == 5, "b");
	CHECK_SAY(kernel->u.list.nodes[1]->u.list.nodes[0]->offset == 9, "y");
	test_arena_end(&arena);
}

int
main(void)
{
	for (int i = 0; i < LENGTH(cases); i++)
		try_kernel(&cases[i]);
	try_printed();
	try_offsets();
	return check_summary();
}
