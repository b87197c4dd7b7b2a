/*
 * query_writer.c: the inverse of query_lexer.c, with no more backslashes than have to be.
 */
#include "pure/query_writer.h"

#include "pure/query_lexer.h"

void
ud_query_writer_put(UdQueryWriter *writer, const char *text, size_t length)
{
	if (writer->target != NULL && length > 0)
		memcpy(writer->target + writer->length, text, length);
	writer->length += length;
}

void
ud_query_writer_text(UdQueryWriter *writer, const char *terminated)
{
	ud_query_writer_put(writer, terminated, strlen(terminated));
}

static bool
is_keyword(UdSpan text)
{
	return ud_span_equal(text, UD_SPAN("AND")) || ud_span_equal(text, UD_SPAN("OR")) ||
		   ud_span_equal(text, UD_SPAN("NOT"));
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * is_blank returns whether white space begins at at. Which encoding the text has is not known here:
 * where the bytes of an ideographic space stand, a backslash before them harms in no encoding.
 */
static bool
is_blank(UdSpan text, size_t at)
{
	return ud_query_lexer_blank(text.data + at, text.data + text.length, true) > 0;
}

/* needs_escape_inside returns whether the character at at has a meaning anywhere in a word. */
static bool
needs_escape_inside(UdSpan text, size_t at)
{
	char c = text.data[at];

	return ud_query_lexer_ends_word(c) || c == '\\' || c == '*' || c == '?' || is_blank(text, at);
}

/* needs_escape_first returns whether the first character has a meaning at the beginning of a word.
 */
static bool
needs_escape_first(UdSpan text, UdQueryWordPart part)
{
	char c = text.data[0];
	char second = text.length > 1 ? text.data[1] : '\0';

	switch (c)
	{
		case '/':
		case '<':
		case '>':
		case '=':
			return true;
		case '&':
		case '|':
			return second == c;
		case '+':
		case '-':
			return part != UD_WORD_VALUE || !is_digit(second);
		default:
			return false;
	}
}

/* hour_like returns whether a field's name and a value behind its colon could read as a time. */
static bool
hour_like(UdSpan text)
{
	char rest[] = "dddd-dd-ddTdd:00";

	if (text.length != strlen("dddd-dd-ddTdd"))
		return false;
	memcpy(rest, text.data, text.length);
	return ud_query_lexer_date_time(rest, strlen(rest)) > 0;
}

static void
put_escaped(UdQueryWriter *writer, char c)
{
	const char escape[] = {'\\', c};

	ud_query_writer_put(writer, escape, 2);
}

/* write_first puts what is special at the beginning of a word; returns the bytes of text it took.
 */
static size_t
write_first(UdQueryWriter *writer, UdSpan text, UdQueryWordPart part, bool whole)
{
	bool of_field = part == UD_WORD_FIELD;

	if (part == UD_WORD_INNER || part == UD_WORD_FIELD_INNER || text.length == 0)
		return 0;
	if (!of_field)
	{
		size_t date_time = ud_query_lexer_date_time(text.data, text.length);

		ud_query_writer_put(writer, text.data, date_time);
		if (date_time > 0)
			return date_time;
	}
	if (needs_escape_first(text, part) || (whole && is_keyword(text)) ||
		(whole && of_field &&
		 (hour_like(text) || ud_span_equal(text, UD_SPAN("_exists_")) ||
		  ud_span_equal(text, UD_SPAN("_missing_")))))
	{
		put_escaped(writer, text.data[0]);
		return 1;
	}
	return 0;
}

/* count_plain returns how many letters, digits and underscores, which mean nothing, begin at at. */
static size_t
count_plain(UdSpan text, size_t at)
{
	size_t end = at;

	while (end < text.length &&
		   ((text.data[end] >= 'a' && text.data[end] <= 'z') || is_digit(text.data[end]) ||
			(text.data[end] >= 'A' && text.data[end] <= 'Z') || text.data[end] == '_'))
		end++;
	return end - at;
}

void
ud_query_writer_word(UdQueryWriter *writer, UdSpan text, UdQueryWordPart part, bool whole)
{
	bool of_field = part == UD_WORD_FIELD || part == UD_WORD_FIELD_INNER;

	for (size_t at = write_first(writer, text, part, whole); at < text.length; at++)
	{
		size_t plain = count_plain(text, at);

		ud_query_writer_put(writer, text.data + at, plain);
		at += plain;
		if (at == text.length)
			break;
		if (needs_escape_inside(text, at) || (of_field && text.data[at] == '.'))
			put_escaped(writer, text.data[at]);
		else
			ud_query_writer_put(writer, text.data + at, 1);
	}
}

void
ud_query_writer_phrase(UdQueryWriter *writer, UdSpan text)
{
	ud_query_writer_text(writer, "\"");
	for (size_t at = 0; at < text.length; at++)
	{
		if (text.data[at] == '"' || text.data[at] == '\\')
			put_escaped(writer, text.data[at]);
		else
			ud_query_writer_put(writer, text.data + at, 1);
	}
	ud_query_writer_text(writer, "\"");
}

void
ud_query_writer_bound(UdQueryWriter *writer, UdSpan text)
{
	bool is_to = ud_span_equal(text, UD_SPAN("TO"));

	for (size_t at = 0; at < text.length; at++)
	{
		char c = text.data[at];

		if ((at == 0 && (c == '"' || is_to)) || c == '\\' || c == '*' || c == '?' || c == ']' ||
			c == '}' || is_blank(text, at))
			put_escaped(writer, c);
		else
			ud_query_writer_put(writer, text.data + at, 1);
	}
}
