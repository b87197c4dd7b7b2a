/*
 * test_query_parse.c: what queries parse to.
 */
#include "check_detail.h"
#include "query_dump.h"

typedef struct Case
{
	const char *query;
	const char *tree;
} Case;

static const Case cases[] = {
	/* every record */
	{"", "(all)"},
	{" \t\r\n", "(all)"},
	{"*:*", "(all)"},
	{"* : *", "(all)"},
	{"*", "(all)"},
	{"((*))", "(all)"},
	{"*:(*)", "(all)"},
	{"name:(*:* OR a)", "(or (all) (term \"name\" \"a\"))"},
	{"\\*", "(term _ \"*\")"},
	{"**", "(wildcard _ * *)"},

	/* terms and phrases */
	{"ada", "(term _ \"ada\")"},
	{"name:ada", "(term \"name\" \"ada\")"},
	{"name : ada", "(term \"name\" \"ada\")"},
	{"name:\"Ada L\"", "(phrase \"name\" \"Ada L\")"},
	{"name:\"\"", "(phrase \"name\" \"\")"},
	{"\"a\\\"b\\\\c\"", "(phrase _ \"a\\\"b\\\\c\")"},
	{"\"*\"", "(phrase _ \"*\")"},
	{"name:two\\ words", "(term \"name\" \"two words\")"},
	{"user_id:auth0|123", "(term \"user_id\" \"auth0|123\")"},
	{"a/b", "(term _ \"a/b\")"},
	{"a=b", "(term _ \"a=b\")"},
	{"name:=ada", "(term \"name\" \"ada\")"},
	{"name:= \"Ada L\"", "(phrase \"name\" \"Ada L\")"},
	{"count:-5", "(term \"count\" \"-5\")"},
	{"phone:+15550100", "(term \"phone\" \"+15550100\")"},
	{"a!b", "(occur (must) (should (term _ \"a\")) (must_not (term _ \"b\")))"},
	{"a\"b\"", "(or (term _ \"a\") (phrase _ \"b\"))"},
	{"a(b)", "(or (term _ \"a\") (term _ \"b\"))"},
	{"a\xe3\x80\x80"
	 "b",
	 "(or (term _ \"a\") (term _ \"b\"))"},
	{"a\\\xe3\x80\x80"
	 "b",
	 "(term _ \"a\xe3\x80\x80"
	 "b\")"},
	{"'a b'", "(or (term _ \"'a\") (term _ \"b'\"))"},
	{"TO", "(term _ \"TO\")"},
	{"and", "(term _ \"and\")"},
	{"ANDy", "(term _ \"ANDy\")"},
	{"A\\ND", "(term _ \"AND\")"},
	{"x:\\NOT", "(term \"x\" \"NOT\")"},

	/* escapes by code */
	{"M\\u00fcller", "(term _ \"M\xc3\xbcller\")"},
	{"\"\\ud83d\\ude00\"", "(phrase _ \"\xf0\x9f\x98\x80\")"},
	{"\\u0041ND", "(term _ \"AND\")"},
	{"a\\u002a", "(term _ \"a*\")"},
	{"x\\u002ey:1", "(term \"x.y\" \"1\")"},
	{"\\U0041", "(term _ \"U0041\")"},
	{"a:[\\u0030 TO 1]", "(range \"a\" [ \"0\" \"1\" ])"},

	/* dates with times keep their colons */
	{"2021-04-05T10:30", "(term _ \"2021-04-05T10:30\")"},
	{"t:2021-04-05T10:30:07.250Z", "(term \"t\" \"2021-04-05T10:30:07.250Z\")"},
	{"t:2021-04-05T10:30+02:00", "(term \"t\" \"2021-04-05T10:30+02:00\")"},
	{"t:2021-04-05T10:30:07-02:00", "(term \"t\" \"2021-04-05T10:30:07-02:00\")"},
	{"t:2021-04-05T10:3*", NULL},
	{"t:2021-04-05T10:30*", "(wildcard \"t\" \"2021-04-05T10:30\" *)"},
	{"t:>2021-04-05T10:30:00", "(range \"t\" { \"2021-04-05T10:30:00\" * ])"},
	{"\\2021-04-05T10:30", "(term \"2021-04-05T10\" \"30\")"},

	/* fields */
	{"a.b.c:1", "(term \"a.b.c\" \"1\")"},
	{"a\\ b:1", "(term \"a b\" \"1\")"},
	{"a-b+c/d:1", "(term \"a-b+c/d\" \"1\")"},
	{"*:ada", "(term \"*\" \"ada\")"},
	{"*:(a \"b\")", "(or (term \"*\" \"a\") (phrase \"*\" \"b\"))"},
	{"\\*:ada", "(term \"*\" \"ada\")"},
	{"email:(\"a\" OR \"b\")", "(or (phrase \"email\" \"a\") (phrase \"email\" \"b\"))"},
	{"x:(a y:b (c))", "(or (term \"x\" \"a\") (term \"y\" \"b\") (term \"x\" \"c\"))"},
	{"x:(+a -b)", "(occur (must (term \"x\" \"a\")) (should) (must_not (term \"x\" \"b\")))"},
	{"x:(-5)", "(not (term \"x\" \"5\"))"},

	/* existence */
	{"_exists_:a.b", "(exists \"a.b\")"},
	{"_missing_: a", "(missing \"a\")"},
	{"_exists_:\"a.b\"", "(exists \"a.b\")"},
	{"_exists_:(a OR -b)", "(or (exists \"a\") (not (exists \"b\")))"},
	{"_exists_:(a b:c \"d e\")", "(or (exists \"a\") (term \"b\" \"c\") (exists \"d e\"))"},
	{"x:(_missing_:a)", "(missing \"a\")"},
	{"\\_exists_:a", "(term \"_exists_\" \"a\")"},
	{"_exists_.x:a", "(term \"_exists_.x\" \"a\")"},
	{"_exists_", "(term _ \"_exists_\")"},

	/* patterns */
	{"a*", "(wildcard _ \"a\" *)"},
	{"name:*b?c\\*", "(wildcard \"name\" * \"b\" ? \"c*\")"},
	{"name:*", "(wildcard \"name\" *)"},
	{"name:?", "(wildcard \"name\" ?)"},
	{"name:NOT*", "(wildcard \"name\" \"NOT\" *)"},
	{"phone:+1*", "(wildcard \"phone\" \"+1\" *)"},

	/* ranges */
	{"a:[1 TO 5]", "(range \"a\" [ \"1\" \"5\" ])"},
	{"a:{1 TO 5]", "(range \"a\" { \"1\" \"5\" ])"},
	{"a:[1 TO *}", "(range \"a\" [ \"1\" * })"},
	{"a:[* TO *]", "(range \"a\" [ * * ])"},
	{"a:[\"*\" TO \\*]", "(range \"a\" [ '\"*\" \"*\" ])"},
	{"a:[\"x y\" TO \\TO]", "(range \"a\" [ '\"x y\" \"TO\" ])"},
	{"a: [\n1\tTO\r2 ]", "(range \"a\" [ \"1\" \"2\" ])"},
	{"a:[-1 TO +2.5e3]", "(range \"a\" [ \"-1\" \"+2.5e3\" ])"},
	{"a:[b:c TO (d]", "(range \"a\" [ \"b:c\" \"(d\" ])"},
	{"a:[b\\] TO c\\ d]", "(range \"a\" [ \"b]\" \"c d\" ])"},
	{"a:([1 TO 2] OR 5)", "(or (range \"a\" [ \"1\" \"2\" ]) (term \"a\" \"5\"))"},

	/* comparisons */
	{"a:>5", "(range \"a\" { \"5\" * ])"},
	{"a:>= 5", "(range \"a\" [ \"5\" * ])"},
	{"a:<5", "(range \"a\" [ * \"5\" })"},
	{"a: <=-5", "(range \"a\" [ * \"-5\" ])"},
	{"a:<\"b c\"", "(range \"a\" [ * '\"b c\" })"},
	{"a:(>=1 AND <2)", "(and (range \"a\" [ \"1\" * ]) (range \"a\" [ * \"2\" }))"},

	/* operators and their precedence */
	{"a OR b AND NOT c", "(or (term _ \"a\") (and (term _ \"b\") (not (term _ \"c\"))))"},
	{"a||b", "(term _ \"a||b\")"},
	{"a || b && !c", "(or (term _ \"a\") (and (term _ \"b\") (not (term _ \"c\"))))"},
	{"a ||b", "(or (term _ \"a\") (term _ \"b\"))"},
	{"a b OR c", "(or (term _ \"a\") (or (term _ \"b\") (term _ \"c\")))"},
	{"a AND b c", "(or (and (term _ \"a\") (term _ \"b\")) (term _ \"c\"))"},
	{"NOT a AND b", "(and (not (term _ \"a\")) (term _ \"b\"))"},
	{"NOT (NOT a)", "(not (not (term _ \"a\")))"},
	{"NOT(a)", "(not (term _ \"a\"))"},
	{"+a", "(term _ \"a\")"},
	{"-a", "(not (term _ \"a\"))"},
	{"-a -b", "(occur (must) (should) (must_not (term _ \"a\") (term _ \"b\")))"},
	{"+a b -c", "(occur (must (term _ \"a\")) (should (term _ \"b\")) (must_not (term _ \"c\")))"},
	{"a NOT b", "(occur (must) (should (term _ \"a\")) (must_not (term _ \"b\")))"},
	{"+a AND -b c", "(or (and (term _ \"a\") (not (term _ \"b\"))) (term _ \"c\"))"},
	{"a AND (b AND c)", "(and (term _ \"a\") (and (term _ \"b\") (term _ \"c\")))"},
	{"(a)(b)", "(or (term _ \"a\") (term _ \"b\"))"},
	{"(a)AND(b)", "(and (term _ \"a\") (term _ \"b\"))"},
};

static void
try_tree(const Case *tried)
{
	TestArena arena;
	UdQueryError error;
	UdQueryNode *node;
	char message[UD_QUERY_MESSAGE_SIZE];
	Dump dump = {NULL, 0, 0};

	test_arena_begin(&arena);
	node = ud_query_parse(tried->query, strlen(tried->query), NULL, &arena.arena, &error);
	if (tried->tree == NULL)
		CHECK_SAY(node == NULL && error.kind == UD_QUERY_SYNTAX, "%s", tried->query);
	else
	{
		if (node != NULL)
			dump_node(&dump, node);
		CHECK_SAY(node != NULL && error.kind == UD_QUERY_OK && strcmp(dump.text, tried->tree) == 0,
				  "%s\n  expected %s\n  but got  %s", tried->query, tried->tree,
				  node != NULL ? dump.text
							   : ud_query_error_message(&error, NULL, message, sizeof(message)));
	}
	free(dump.text);
	test_arena_end(&arena);
}

/* The tree must not hold on to the text it was parsed from, which is not terminated either. */
static void
try_independence(void)
{
	const char query[] = "a.b:\"c\" OR d*e OR f:[g TO \"h\"]X";
	TestArena arena;
	UdQueryError error;
	UdQueryNode *node;
	UdSpan text = {"", 0};
	size_t length = strlen(query) - 1;
	char *copy = malloc(length);

	test_arena_begin(&arena);
	memcpy(copy, query, length);
	node = ud_query_parse(copy, length, NULL, &arena.arena, &error);
	free(copy);
	CHECK_SAY(node != NULL && ud_query_print(node, &arena.arena, &text), "%s", query);
	CHECK_SAY(text.length == length && memcmp(text.data, query, length) == 0, "%.*s",
			  (int)text.length, text.data);
	test_arena_end(&arena);
}

static void
check_offset(const UdQueryNode *node, UdQueryKind kind, size_t offset)
{
	CHECK_SAY(node->kind == kind && node->offset == offset, "kind %d at %zu", (int)node->kind,
			  node->offset);
}

static void
try_offsets(void)
{
	const char *query = " a  OR -name:(b AND c*) OR _exists_:d";
	TestArena arena;
	UdQueryError error;
	UdQueryNode *node;
	UdQueryNode *negated;

	test_arena_begin(&arena);
	node = ud_query_parse(query, strlen(query), NULL, &arena.arena, &error);
	check_offset(node, UD_QUERY_OR, 1);
	check_offset(node->u.list.nodes[0], UD_QUERY_TERM, 1);
	check_offset(node->u.list.nodes[1], UD_QUERY_NOT, 7);
	negated = node->u.list.nodes[1]->u.list.nodes[0];
	check_offset(negated, UD_QUERY_AND, 8);
	check_offset(negated->u.list.nodes[0], UD_QUERY_TERM, 14);
	check_offset(negated->u.list.nodes[1], UD_QUERY_WILDCARD, 20);
	check_offset(node->u.list.nodes[2], UD_QUERY_EXISTS, 27);
	CHECK_SAY(node->depth == 4 && negated->depth == 2, "%d, %d", node->depth, negated->depth);
	test_arena_end(&arena);
}

/* In another encoding the bytes of U+3000 are letters, and codes may have no character. */
static void
try_other_charset(void)
{
	const UdQueryOptions options = {NULL, &ud_charset_bytes};
	TestArena arena;
	UdQueryError error;
	UdQueryNode *node;

	test_arena_begin(&arena);
	node = ud_query_parse("a\xe3\x80\x80", 4, &options, &arena.arena, &error);
	CHECK_SAY(node != NULL && node->u.value.length == 4, "a wide space that is none");
	node = ud_query_parse("\\u0041", 6, &options, &arena.arena, &error);
	CHECK_SAY(node != NULL && ud_span_equal(node->u.value, UD_SPAN("A")), "\\u0041");
	node = ud_query_parse("a\\u00fc", 7, &options, &arena.arena, &error);
	CHECK_SAY(node == NULL && error.kind == UD_QUERY_SYNTAX && error.offset == 1, "\\u00fc");
	test_arena_end(&arena);
}

static void
check_path(const char *text, int nsegments, const char *first, const char *last)
{
	TestArena arena;
	UdQueryError error;
	UdQueryField *field;

	test_arena_begin(&arena);
	field = ud_query_parse_field(text, strlen(text), NULL, &arena.arena, &error);
	if (nsegments == 0)
		CHECK_SAY(field == NULL && error.kind != UD_QUERY_OK, "%s", text);
	else
	{
		CHECK_SAY(field != NULL && field->nsegments == nsegments && !field->any, "%s", text);
		CHECK_SAY(ud_span_equal(field->segments[0], (UdSpan){first, strlen(first)}), "%s", text);
		CHECK_SAY(ud_span_equal(field->segments[nsegments - 1], (UdSpan){last, strlen(last)}), "%s",
				  text);
	}
	test_arena_end(&arena);
}

static void
try_fields(void)
{
	check_path("name", 1, "name", "name");
	check_path("user_metadata.a\\.b.c\\ d", 3, "user_metadata", "c d");
	check_path("a..b", 3, "a", "b");
	check_path(".a.", 3, "", "");
	check_path("\\AND", 1, "AND", "AND");
	check_path("\\_exists_", 1, "_exists_", "_exists_");
	check_path(" a ", 1, "a", "a");
	check_path("", 0, NULL, NULL);
	check_path("AND", 0, NULL, NULL);
	check_path("a b", 0, NULL, NULL);
	check_path("a:b", 0, NULL, NULL);
	check_path("a*", 0, NULL, NULL);
	check_path("\"a\"", 0, NULL, NULL);
	check_path("a\\", 0, NULL, NULL);
}

/* Paths are equal if and only if their printed forms are. */
static void
try_made_fields(void)
{
	const UdSpan dotted[] = {UD_SPAN("a.b")};
	const UdSpan parted[] = {UD_SPAN("a"), UD_SPAN("b")};
	const UdSpan star[] = {UD_SPAN("*")};
	TestArena arena;
	UdQueryError error;
	UdQueryField *one;
	UdQueryField *two;
	UdQueryNode *any;

	test_arena_begin(&arena);
	one = ud_query_make_field(dotted, 1, &arena.arena);
	two = ud_query_make_field(parted, 2, &arena.arena);
	CHECK_SAY(ud_span_equal(one->printed, UD_SPAN("a\\.b")), "one segment");
	CHECK_SAY(ud_span_equal(two->printed, UD_SPAN("a.b")), "two segments");
	one = ud_query_make_field(star, 1, &arena.arena);
	any = ud_query_parse("*:x", 3, NULL, &arena.arena, &error);
	CHECK_SAY(!one->any && ud_span_equal(one->printed, UD_SPAN("\\*")), "a field named *");
	CHECK_SAY(any->field->any && any->field->nsegments == 0, "any field");
	CHECK_SAY(ud_span_equal(any->field->printed, UD_SPAN("*")), "any field");
	test_arena_end(&arena);
}

int
main(void)
{
	for (int i = 0; i < LENGTH(cases); i++)
		try_tree(&cases[i]);
	try_independence();
	try_offsets();
	try_other_charset();
	try_fields();
	try_made_fields();
	return check_summary();
}
