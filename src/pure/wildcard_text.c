/*
 * wildcard_text.c: patterns as they are written.
 */
#include "pure/wildcard_text.h"

#include <string.h>

static inline bool
is_wildcard(char byte)
{
	return byte == '*' || byte == '?';
}

/*
 * count_parts returns a number that is not less than that of the parts: one for every wildcard, and
 * one more for every literal, which stand at the beginning or behind a row of wildcards. Escaped
 * ones, or bytes inside a character, may add to it.
 */
static size_t
count_parts(UdSpan text)
{
	size_t count = 1;

	for (size_t i = 0; i < text.length; i++)
	{
		if (is_wildcard(text.data[i]))
			count += 1 + (i + 1 < text.length && !is_wildcard(text.data[i + 1]));
	}
	return count;
}

size_t
ud_wildcard_text_room(UdSpan text)
{
	return count_parts(text) * sizeof(UdWildcardPart) + text.length;
}

/* What has been read of a pattern */
typedef struct Reader
{
	UdWildcardPart *parts;
	size_t nparts;
	bool many;      /* a "*" has been read and waits for the end of its row */
	bool literal;   /* the last part is a literal that may go on */
	char *literals; /* where the next byte of a literal is laid down */
} Reader;

static void
add_part(Reader *reader, UdWildcardKind kind)
{
	reader->parts[reader->nparts++] = (UdWildcardPart){kind, {reader->literals, 0}};
}

static void
read_wildcard(Reader *reader, char wildcard)
{
	reader->literal = false;
	if (wildcard == '*')
		reader->many = true;
	else
		add_part(reader, UD_WILDCARD_ONE);
}

static void
end_row(Reader *reader)
{
	if (reader->many)
		add_part(reader, UD_WILDCARD_MANY);
	reader->many = false;
}

static void
read_character(Reader *reader, const char *character, size_t width)
{
	end_row(reader);
	if (!reader->literal)
		add_part(reader, UD_WILDCARD_LITERAL);
	reader->literal = true;
	memcpy(reader->literals, character, width);
	reader->literals += width;
	reader->parts[reader->nparts - 1].text.length += width;
}

bool
ud_wildcard_text_parse(UdSpan text, const UdCharset *charset, void *room, UdWildcard *pattern)
{
	const char *at = text.data;
	const char *end = at + text.length;
	Reader reader = {.parts = room};

	reader.literals = (char *)(reader.parts + count_parts(text));
	while (at < end)
	{
		size_t width;

		if (is_wildcard(*at))
		{
			read_wildcard(&reader, *at++);
			continue;
		}
		if (*at == '\\' && ++at == end)
			return false;
		width = charset->length(at, (size_t)(end - at));
		read_character(&reader, at, width);
		at += width;
	}
	end_row(&reader);
	*pattern = (UdWildcard){(int)reader.nparts, reader.parts};
	return true;
}

size_t
ud_wildcard_text_bound(const UdWildcard *pattern)
{
	size_t bound = 0;

	for (int i = 0; i < pattern->nparts; i++)
		bound +=
			pattern->parts[i].kind == UD_WILDCARD_LITERAL ? 2 * pattern->parts[i].text.length : 1;
	return bound;
}

static size_t
write_literal(UdSpan literal, const UdCharset *charset, char *target)
{
	size_t written = 0;

	for (size_t at = 0, width; at < literal.length; at += width)
	{
		width = charset->length(literal.data + at, literal.length - at);
		if (is_wildcard(literal.data[at]) || literal.data[at] == '\\')
			target[written++] = '\\';
		memcpy(target + written, literal.data + at, width);
		written += width;
	}
	return written;
}

size_t
ud_wildcard_text_write(const UdWildcard *pattern, const UdCharset *charset, char *target)
{
	size_t written = 0;

	for (int i = 0; i < pattern->nparts; i++)
	{
		const UdWildcardPart *part = &pattern->parts[i];

		if (part->kind == UD_WILDCARD_LITERAL)
			written += write_literal(part->text, charset, target + written);
		else
			target[written++] = part->kind == UD_WILDCARD_MANY ? '*' : '?';
	}
	return written;
}
