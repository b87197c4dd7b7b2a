/*
 * query_print.c: the canonical text of a tree.
 */
#include "pure/query.h"
#include "pure/query_writer.h"

static void write_node(UdQueryWriter *writer, const UdQueryNode *node);

static bool
is_branch(const UdQueryNode *node)
{
	return node->kind == UD_QUERY_AND || node->kind == UD_QUERY_OR || node->kind == UD_QUERY_NOT ||
		   node->kind == UD_QUERY_OCCUR;
}

/* write_closed puts a node in parentheses if it has parts. */
static void
write_closed(UdQueryWriter *writer, const UdQueryNode *node)
{
	if (is_branch(node))
		ud_query_writer_text(writer, "(");
	write_node(writer, node);
	if (is_branch(node))
		ud_query_writer_text(writer, ")");
}

/*
 * write_chain puts operands with an operator between them. Parentheses also stand where precedence
 * would do, for other dialects have another one; NOT needs none.
 */
static void
write_chain(UdQueryWriter *writer, const UdQueryList *list, const char *operator)
{
	for (int i = 0; i < list->count; i++)
	{
		if (i > 0)
			ud_query_writer_text(writer, operator);
		if (list->nodes[i]->kind == UD_QUERY_NOT)
			write_node(writer, list->nodes[i]);
		else
			write_closed(writer, list->nodes[i]);
	}
}

/* write_clauses puts clauses of one sign. */
static void
write_clauses(UdQueryWriter *writer, const UdQueryList *list, const char *sign, bool *first)
{
	for (int i = 0; i < list->count; i++)
	{
		if (!*first)
			ud_query_writer_text(writer, " ");
		*first = false;
		ud_query_writer_text(writer, sign);
		write_closed(writer, list->nodes[i]);
	}
}

static void
write_field(UdQueryWriter *writer, const UdQueryField *field)
{
	if (field == NULL)
		return;
	ud_query_writer_put(writer, field->printed.data, field->printed.length);
	ud_query_writer_text(writer, ":");
}

/* beginning returns what the first part of a node's value is. */
static UdQueryWordPart
beginning(const UdQueryNode *node)
{
	return node->field == NULL ? UD_WORD_BARE : UD_WORD_VALUE;
}

static void
write_value(UdQueryWriter *writer, const UdQueryNode *node)
{
	write_field(writer, node->field);
	if (node->quoted)
		ud_query_writer_phrase(writer, node->u.value);
	else
		ud_query_writer_word(writer, node->u.value, beginning(node), true);
}

static void
write_pattern(UdQueryWriter *writer, const UdQueryNode *node)
{
	const UdWildcard *pattern = &node->u.pattern;

	write_field(writer, node->field);
	for (int i = 0; i < pattern->nparts; i++)
	{
		const UdWildcardPart *part = &pattern->parts[i];

		if (part->kind == UD_WILDCARD_LITERAL)
			ud_query_writer_word(writer, part->text, i == 0 ? beginning(node) : UD_WORD_INNER,
								 false);
		else
			ud_query_writer_text(writer, part->kind == UD_WILDCARD_MANY ? "*" : "?");
	}
}

static void
write_bound(UdQueryWriter *writer, const UdQueryBound *bound)
{
	if (bound->open)
		ud_query_writer_text(writer, "*");
	else if (bound->quoted)
		ud_query_writer_phrase(writer, bound->value);
	else
		ud_query_writer_bound(writer, bound->value);
}

static void
write_range(UdQueryWriter *writer, const UdQueryNode *node)
{
	const UdQueryRange *range = &node->u.range;

	write_field(writer, node->field);
	ud_query_writer_text(writer, range->low.inclusive ? "[" : "{");
	write_bound(writer, &range->low);
	ud_query_writer_text(writer, " TO ");
	write_bound(writer, &range->high);
	ud_query_writer_text(writer, range->high.inclusive ? "]" : "}");
}

static void
write_existence(UdQueryWriter *writer, const UdQueryNode *node, const char *keyword)
{
	ud_query_writer_text(writer, keyword);
	ud_query_writer_put(writer, node->field->printed.data, node->field->printed.length);
}

static void
write_occur(UdQueryWriter *writer, const UdQueryOccur *occur)
{
	bool first = true;

	write_clauses(writer, &occur->must, "+", &first);
	write_clauses(writer, &occur->should, "", &first);
	write_clauses(writer, &occur->must_not, "-", &first);
}

static void
write_node(UdQueryWriter *writer, const UdQueryNode *node)
{
	switch (node->kind)
	{
		case UD_QUERY_ALL:
			ud_query_writer_text(writer, "*:*");
			break;
		case UD_QUERY_NONE:
			ud_query_writer_text(writer, "NOT *:*");
			break;
		case UD_QUERY_AND:
			write_chain(writer, &node->u.list, " AND ");
			break;
		case UD_QUERY_OR:
			write_chain(writer, &node->u.list, " OR ");
			break;
		case UD_QUERY_NOT:
			ud_query_writer_text(writer, "NOT ");
			write_closed(writer, node->u.list.nodes[0]);
			break;
		case UD_QUERY_OCCUR:
			write_occur(writer, &node->u.occur);
			break;
		case UD_QUERY_TERM:
		case UD_QUERY_PHRASE:
			write_value(writer, node);
			break;
		case UD_QUERY_WILDCARD:
			write_pattern(writer, node);
			break;
		case UD_QUERY_RANGE:
			write_range(writer, node);
			break;
		case UD_QUERY_EXISTS:
			write_existence(writer, node, "_exists_:");
			break;
		case UD_QUERY_MISSING:
			write_existence(writer, node, "_missing_:");
			break;
	}
}

size_t
ud_query_printed_length(const UdQueryNode *node)
{
	UdQueryWriter counter = {NULL, 0};

	write_node(&counter, node);
	return counter.length;
}

bool
ud_query_print(const UdQueryNode *node, const UdArena *arena, UdSpan *text)
{
	UdQueryWriter writer = {NULL, 0};

	writer.target = ud_arena_allocate(arena, ud_query_printed_length(node));
	if (writer.target == NULL)
		return false;
	write_node(&writer, node);
	text->data = writer.target;
	text->length = writer.length;
	return true;
}
