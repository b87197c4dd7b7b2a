/*
 * test_query_cases.c: the query strings of public test suites in ../shared/data, with what they
 * must parse to. Without the file, which is no part of this project, the test is skipped.
 */
#include "check_detail.h"
#include "json_reader.h"

#define CASES "../shared/data/search/parse-cases.jsonl"

/*
 * The cases' trees as S-expressions
 */

static void expect_node(Dump *dump, const Json *node);

static void
expect_field(Dump *dump, const Json *node)
{
	const Json *field = json_member(node, "field");

	dump_text(dump, " ");
	if (field->kind == JSON_NULL)
		dump_text(dump, "_");
	else
		dump_quoted(dump, field->string);
}

static void
expect_list(Dump *dump, const char *name, const Json *list)
{
	dump_text(dump, "(");
	dump_text(dump, name);
	for (const Json *node = list->first; node != NULL; node = node->next)
	{
		dump_text(dump, " ");
		expect_node(dump, node);
	}
	dump_text(dump, ")");
}

static void
expect_bound(Dump *dump, const Json *bound)
{
	dump_text(dump, " ");
	if (bound->kind == JSON_NULL)
		dump_text(dump, "*");
	else
		dump_quoted(dump, bound->string);
}

static void
expect_pattern(Dump *dump, const Json *pattern)
{
	for (const Json *part = pattern->first; part != NULL; part = part->next)
	{
		dump_text(dump, " ");
		if (part->kind == JSON_STRING)
			dump_quoted(dump, part->string);
		else
			dump_bytes(dump, json_member(part, "w")->string.data, 1);
	}
}

static void
expect_leaf(Dump *dump, const Json *node, UdSpan op)
{
	dump_text(dump, "(");
	dump_bytes(dump, op.data, op.length);
	expect_field(dump, node);
	if (json_member(node, "value") != NULL)
	{
		dump_text(dump, " ");
		dump_quoted(dump, json_member(node, "value")->string);
	}
	if (json_member(node, "pattern") != NULL)
		expect_pattern(dump, json_member(node, "pattern"));
	if (json_member(node, "lo") != NULL)
	{
		dump_text(dump, json_member(node, "lo_incl")->boolean ? " [" : " {");
		expect_bound(dump, json_member(node, "lo"));
		expect_bound(dump, json_member(node, "hi"));
		dump_text(dump, json_member(node, "hi_incl")->boolean ? " ]" : " }");
	}
	dump_text(dump, ")");
}

static void
expect_node(Dump *dump, const Json *node)
{
	const Json *op = json_member(node, "op");

	if (json_is(op, "and"))
		expect_list(dump, "and", json_member(node, "args"));
	else if (json_is(op, "or"))
		expect_list(dump, "or", json_member(node, "args"));
	else if (json_is(op, "not"))
	{
		dump_text(dump, "(not ");
		expect_node(dump, json_member(node, "arg"));
		dump_text(dump, ")");
	}
	else if (json_is(op, "occur"))
	{
		dump_text(dump, "(occur ");
		expect_list(dump, "must", json_member(node, "must"));
		dump_text(dump, " ");
		expect_list(dump, "should", json_member(node, "should"));
		dump_text(dump, " ");
		expect_list(dump, "must_not", json_member(node, "must_not"));
		dump_text(dump, ")");
	}
	else
		expect_leaf(dump, node, op->string);
}

/*
 * Trying them
 */

/* try_round_trip checks what must hold for every query that parses. */
static void
try_round_trip(const char *id, const UdQueryNode *node, const UdArena *arena)
{
	UdQueryError error;
	UdSpan text = {"", 0};
	UdQueryNode *again;

	CHECK_SAY(ud_query_print(node, arena, &text), "%s", id);
	again = ud_query_parse(text.data, text.length, NULL, arena, &error);
	CHECK_SAY(again != NULL && ud_query_equal(node, again), "%s: printed as %.*s", id,
			  (int)text.length, text.data);
}

static void
try_case(const Json *value, const UdArena *arena)
{
	const Json *query = json_member(value, "query");
	const Json *expect = json_member(value, "expect");
	UdSpan id = json_member(value, "id")->string;
	char name[32];
	char message[UD_QUERY_MESSAGE_SIZE];
	UdQueryError error;
	UdQueryNode *node =
		ud_query_parse(query->string.data, query->string.length, NULL, arena, &error);

	snprintf(name, sizeof(name), "%.*s", (int)id.length, id.data);
	ud_query_error_message(&error, NULL, message, sizeof(message));
	if (json_is(expect, "error"))
	{
		CHECK_SAY(node == NULL && error.kind == UD_QUERY_SYNTAX, "%s: %.*s", name,
				  (int)query->string.length, query->string.data);
		CHECK_SAY(node != NULL || error.expected != NULL, "%s: %s", name, message);
	}
	else if (json_is(expect, "ok"))
	{
		Dump expected = {NULL, 0, 0};
		Dump actual = {NULL, 0, 0};

		expect_node(&expected, json_member(value, "ast"));
		if (node != NULL)
			dump_node(&actual, node);
		CHECK_SAY(node != NULL && strcmp(expected.text, actual.text) == 0,
				  "%s: %.*s\n  expected %s\n  but got  %s", name, (int)query->string.length,
				  query->string.data, expected.text, node != NULL ? actual.text : message);
		free(expected.text);
		free(actual.text);
	}
	else
		CHECK_SAY(node != NULL || error.kind == UD_QUERY_SYNTAX ||
					  error.kind == UD_QUERY_UNSUPPORTED,
				  "%s", name);
	if (node != NULL)
		try_round_trip(name, node, arena);
}

int
main(void)
{
	char *line = NULL;
	size_t room = 0;
	FILE *file = fopen(CASES, "r");

	if (file == NULL)
	{
		printf("SKIPPED: %s is not there\n0 passed\n", CASES);
		return EXIT_SUCCESS;
	}
	while (getline(&line, &room, file) > 0)
	{
		TestArena arena;
		JsonReader reader = {line, &arena.arena};

		test_arena_begin(&arena);
		try_case(json_value(&reader), &arena.arena);
		test_arena_end(&arena);
	}
	free(line);
	fclose(file);
	CHECK_SAY(checks_passed > 1000, "the file has fewer cases than it should");
	return check_summary();
}
