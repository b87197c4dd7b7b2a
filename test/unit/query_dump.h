/*
 * query_dump.h: a tree as an S-expression, so that tests can say what they expect.
 *
 *	(term FIELD "value")  (phrase FIELD "value")  (wildcard FIELD "text" * ?)  (exists "path")
 *	(range FIELD [ "low" "high" })  with * for no bound and ' before a quoted one
 *	(not X)  (and X Y)  (or X Y)  (occur (must X) (should Y) (must_not Z))  (all)  (none)
 *
 * FIELD is _ for none, else the path with its segments between dots, in quotes. Quotes and
 * backslashes inside quotes have a backslash. A quoted TERM of the kernel is (term FIELD '"value").
 */
#ifndef UD_UNIT_QUERY_DUMP_H
#define UD_UNIT_QUERY_DUMP_H

#include "pure/query.h"
#include "test_arena.h"

/* A terminated text that grows */
typedef struct Dump
{
	char *text;
	size_t length;
	size_t room;
} Dump;

static inline void
dump_bytes(Dump *dump, const char *bytes, size_t length)
{
	if (dump->length + length + 1 > dump->room)
	{
		dump->room = 2 * (dump->length + length + 1);
		dump->text = (char *)realloc(dump->text, dump->room);
		if (dump->text == NULL)
			abort();
	}
	memcpy(dump->text + dump->length, bytes, length);
	dump->length += length;
	dump->text[dump->length] = '\0';
}

static inline void
dump_text(Dump *dump, const char *text)
{
	dump_bytes(dump, text, strlen(text));
}

static inline void
dump_escaped(Dump *dump, UdSpan span)
{
	for (size_t i = 0; i < span.length; i++)
	{
		if (span.data[i] == '"' || span.data[i] == '\\')
			dump_text(dump, "\\");
		dump_bytes(dump, span.data + i, 1);
	}
}

static inline void
dump_quoted(Dump *dump, UdSpan span)
{
	dump_text(dump, "\"");
	dump_escaped(dump, span);
	dump_text(dump, "\"");
}

static inline void
dump_field(Dump *dump, const UdQueryField *field)
{
	if (field == NULL)
	{
		dump_text(dump, " _");
		return;
	}
	dump_text(dump, field->any ? " \"*" : " \"");
	for (int i = 0; i < field->nsegments; i++)
	{
		if (i > 0)
			dump_text(dump, ".");
		dump_escaped(dump, field->segments[i]);
	}
	dump_text(dump, "\"");
}

static inline void
dump_bound(Dump *dump, const UdQueryBound *bound)
{
	dump_text(dump, bound->open ? " *" : bound->quoted ? " '" : " ");
	if (!bound->open)
		dump_quoted(dump, bound->value);
}

static inline void
dump_pattern(Dump *dump, const UdWildcard *pattern)
{
	for (int i = 0; i < pattern->nparts; i++)
	{
		dump_text(dump, pattern->parts[i].kind == UD_WILDCARD_MANY  ? " *"
						: pattern->parts[i].kind == UD_WILDCARD_ONE ? " ?"
																	: " ");
		if (pattern->parts[i].kind == UD_WILDCARD_LITERAL)
			dump_quoted(dump, pattern->parts[i].text);
	}
}

static inline void dump_node(Dump *dump, const UdQueryNode *node);

static inline void
dump_list(Dump *dump, const char *name, const UdQueryList *list)
{
	dump_text(dump, "(");
	dump_text(dump, name);
	for (int i = 0; i < list->count; i++)
	{
		dump_text(dump, " ");
		dump_node(dump, list->nodes[i]);
	}
	dump_text(dump, ")");
}

static inline void
dump_leaf(Dump *dump, const UdQueryNode *node)
{
	static const char *const names[] = {
		[UD_QUERY_TERM] = "(term",         [UD_QUERY_PHRASE] = "(phrase",
		[UD_QUERY_WILDCARD] = "(wildcard", [UD_QUERY_RANGE] = "(range",
		[UD_QUERY_EXISTS] = "(exists",     [UD_QUERY_MISSING] = "(missing",
	};

	dump_text(dump, names[node->kind]);
	dump_field(dump, node->field);
	if (node->kind == UD_QUERY_TERM || node->kind == UD_QUERY_PHRASE)
	{
		dump_text(dump, node->kind == UD_QUERY_TERM && node->quoted ? " '" : " ");
		dump_quoted(dump, node->u.value);
	}
	else if (node->kind == UD_QUERY_WILDCARD)
		dump_pattern(dump, &node->u.pattern);
	else if (node->kind == UD_QUERY_RANGE)
	{
		dump_text(dump, node->u.range.low.inclusive ? " [" : " {");
		dump_bound(dump, &node->u.range.low);
		dump_bound(dump, &node->u.range.high);
		dump_text(dump, node->u.range.high.inclusive ? " ]" : " }");
	}
	dump_text(dump, ")");
}

static inline void
dump_node(Dump *dump, const UdQueryNode *node)
{
	switch (node->kind)
	{
		case UD_QUERY_ALL:
			dump_text(dump, "(all)");
			break;
		case UD_QUERY_NONE:
			dump_text(dump, "(none)");
			break;
		case UD_QUERY_AND:
			dump_list(dump, "and", &node->u.list);
			break;
		case UD_QUERY_OR:
			dump_list(dump, "or", &node->u.list);
			break;
		case UD_QUERY_NOT:
			dump_list(dump, "not", &node->u.list);
			break;
		case UD_QUERY_OCCUR:
			dump_text(dump, "(occur ");
			dump_list(dump, "must", &node->u.occur.must);
			dump_text(dump, " ");
			dump_list(dump, "should", &node->u.occur.should);
			dump_text(dump, " ");
			dump_list(dump, "must_not", &node->u.occur.must_not);
			dump_text(dump, ")");
			break;
		default:
			dump_leaf(dump, node);
			break;
	}
}

#endif
