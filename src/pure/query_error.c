/*
 * query_error.c: what was wrong with a query, and how to say it.
 */
#include "pure/query_error.h"

#include <stdarg.h>
#include <stdio.h>

/* How many characters of the query a message repeats */
#define FOUND_CHARACTERS 40

#define HINT_ESCAPE                                                                                \
	"A backslash before a special character takes it literally; quotation marks do that for a "    \
	"whole value."

void
ud_query_error_reset(UdQueryError *error)
{
	memset(error, 0, sizeof(*error));
	error->kind = UD_QUERY_OK;
	error->found.data = "";
}

/* report_at fills what all errors have. */
static void
report_at(UdQueryError *error, const UdLexer *lexer, UdQueryErrorKind kind, size_t start,
		  size_t end)
{
	ud_query_error_reset(error);
	error->kind = kind;
	error->offset = start;
	error->position = ud_charset_count(lexer->charset, lexer->text, start) + 1;
	error->found.data = lexer->text + start;
	error->found.length = end - start;
}

void
ud_query_error_syntax(UdQueryError *error, const UdLexer *lexer, size_t start, size_t end,
					  const char *expected, const char *hint)
{
	report_at(error, lexer, UD_QUERY_SYNTAX, start, end);
	error->expected = expected;
	error->hint = hint;
}

void
ud_query_error_opened(UdQueryError *error, const UdLexer *lexer, size_t opened)
{
	snprintf(error->detail, sizeof(error->detail), "to close the one opened at character %zu",
			 ud_charset_count(lexer->charset, lexer->text, opened) + 1);
}

void
ud_query_error_unclosed(UdQueryError *error, const UdLexer *lexer, size_t opened,
						const char *expected)
{
	ud_query_error_syntax(error, lexer, lexer->length, lexer->length, expected, NULL);
	ud_query_error_opened(error, lexer, opened);
}

/* feature_hint returns what to do instead of using a feature. */
static const char *
feature_hint(UdQueryFeature feature)
{
	switch (feature)
	{
		case UD_QUERY_FUZZY:
			return "Use \"*\" and \"?\" to leave parts of a value open. " HINT_ESCAPE;
		case UD_QUERY_PROXIMITY:
			return "A quoted value is compared as a whole; use \"*\" between the words instead.";
		case UD_QUERY_BOOST:
			return "Results are sorted by fields, not by relevance. " HINT_ESCAPE;
		case UD_QUERY_REGEX:
			return "Use \"*\" and \"?\" instead, or put a value that begins with \"/\" into "
				   "quotation marks.";
		case UD_QUERY_FIELD_WILDCARD:
			return "Name each field, or escape the character if it belongs to the name.";
		case UD_QUERY_QUOTED_FIELD:
			return "Escape special characters of a field's name with a backslash instead.";
		case UD_QUERY_NO_FEATURE:
			break;
	}
	return NULL;
}

void
ud_query_error_unsupported(UdQueryError *error, const UdLexer *lexer, const UdToken *token,
						   UdQueryFeature feature)
{
	report_at(error, lexer, UD_QUERY_UNSUPPORTED, token->start, token->end);
	error->feature = feature;
	error->hint = feature_hint(feature);
}

void
ud_query_error_limit(UdQueryError *error, const UdLexer *lexer, size_t offset,
					 UdQueryErrorKind kind, size_t limit)
{
	report_at(error, lexer, kind, offset, offset);
	error->limit = limit;
}

const char *
ud_query_feature_name(UdQueryFeature feature)
{
	switch (feature)
	{
		case UD_QUERY_FUZZY:
			return "fuzzy search (\"~\")";
		case UD_QUERY_PROXIMITY:
			return "proximity search (\"~\" behind a phrase)";
		case UD_QUERY_BOOST:
			return "boost (\"^\")";
		case UD_QUERY_REGEX:
			return "regex search (\"/\")";
		case UD_QUERY_FIELD_WILDCARD:
			return "a wildcard in a field's name";
		case UD_QUERY_QUOTED_FIELD:
			return "a field's name in quotation marks";
		case UD_QUERY_NO_FEATURE:
			break;
	}
	return "";
}

/* A message that is being written; too long a one is cut at size. */
typedef struct Message
{
	char *buffer;
	size_t size;
	size_t length;
} Message;

static void add(Message *message, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
add(Message *message, const char *format, ...)
{
	size_t room = message->size - message->length;
	va_list arguments;
	int written;

	va_start(arguments, format);
	written = vsnprintf(message->buffer + message->length, room, format, arguments);
	va_end(arguments);
	if (written > 0)
		message->length += (size_t)written < room ? (size_t)written : room - 1;
}

/* add_found adds the beginning of what was found, in quotes. */
static void
add_found(Message *message, UdSpan found, const UdCharset *charset)
{
	size_t shown = 0;

	if (found.length == 0)
	{
		add(message, "end of query");
		return;
	}
	for (int i = 0; i < FOUND_CHARACTERS && shown < found.length; i++)
		shown += charset->length(found.data + shown, found.length - shown);
	add(message, "\"%.*s%s\"", (int)shown, found.data, shown < found.length ? "..." : "");
}

static void
add_syntax(Message *message, const UdQueryError *error, const UdCharset *charset)
{
	add(message, "unexpected ");
	add_found(message, error->found, charset);
	add(message, " at character %zu", error->position);
	if (error->expected != NULL)
		add(message, ", expected %s", error->expected);
	if (error->detail[0] != '\0')
		add(message, " %s", error->detail);
}

char *
ud_query_error_message(const UdQueryError *error, const UdCharset *charset, char *buffer,
					   size_t size)
{
	Message message = {buffer, size, 0};

	buffer[0] = '\0';
	switch (error->kind)
	{
		case UD_QUERY_OK:
			break;
		case UD_QUERY_SYNTAX:
			add_syntax(&message, error, charset != NULL ? charset : &ud_charset_utf8);
			break;
		case UD_QUERY_UNSUPPORTED:
			add(&message, "%s at character %zu is not supported",
				ud_query_feature_name(error->feature), error->position);
			break;
		case UD_QUERY_TOO_LONG:
			add(&message, "query is longer than %zu bytes", error->limit);
			break;
		case UD_QUERY_TOO_MANY_NODES:
			add(&message, "query has more than %zu conditions and operators, at character %zu",
				error->limit, error->position);
			break;
		case UD_QUERY_TOO_DEEP:
			add(&message, "query is nested deeper than %zu levels, at character %zu", error->limit,
				error->position);
			break;
		case UD_QUERY_TOO_WIDE:
			add(&message, "query has more than %zu operands in one place, at character %zu",
				error->limit, error->position);
			break;
		case UD_QUERY_TOO_MANY_WILDCARDS:
			add(&message, "query has more than %zu wildcards, at character %zu", error->limit,
				error->position);
			break;
		case UD_QUERY_NO_MEMORY:
			add(&message, "out of memory");
			break;
	}
	return buffer;
}
