/*
 * wildcard.c: matching of patterns without backtracking.
 *
 * The parts between two "*" are a chunk. The first chunk is fixed to the beginning of the text, the
 * last one to its end, and each one between is taken where it occurs first: whatever a later place
 * allows for the rest, the first one allows too.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "pure/wildcard.h"

#include <string.h>

/* How much is compared between two calls of interrupt, about */
#define WORK_BETWEEN_INTERRUPTS 100000

typedef struct Matcher
{
	const UdCharset *charset;
	const char *end;
	void (*interrupt)(void);
	size_t work; /* since the last interrupt */
} Matcher;

/* Parts without "*" */
typedef struct Chunk
{
	const UdWildcardPart *parts;
	int nparts;
} Chunk;

static void
spend(Matcher *matcher, size_t work)
{
	matcher->work += work;
	if (matcher->work < WORK_BETWEEN_INTERRUPTS)
		return;
	matcher->work = 0;
	if (matcher->interrupt != NULL)
		matcher->interrupt();
}

/* skip_character returns the place behind the character at at, or NULL at the end. */
static const char *
skip_character(const Matcher *matcher, const char *at)
{
	if (at == matcher->end)
		return NULL;
	return at + matcher->charset->length(at, (size_t)(matcher->end - at));
}

/* skip_literal returns the place behind literal, or NULL if at does not begin with it. */
static const char *
skip_literal(const Matcher *matcher, const char *at, UdSpan literal)
{
	if ((size_t)(matcher->end - at) < literal.length ||
		memcmp(at, literal.data, literal.length) != 0)
		return NULL;
	return at + literal.length;
}

/* match_chunk returns the place behind chunk, or NULL if it does not stand at at. */
static const char *
match_chunk(Matcher *matcher, const Chunk *chunk, const char *at)
{
	for (int i = 0; i < chunk->nparts && at != NULL; i++)
	{
		const UdWildcardPart *part = &chunk->parts[i];

		spend(matcher, part->text.length + 1);
		at = part->kind == UD_WILDCARD_ONE ? skip_character(matcher, at)
										   : skip_literal(matcher, at, part->text);
	}
	return at;
}

/* next_candidate returns the first place from at on where literal may stand, or NULL. */
static const char *
next_candidate(Matcher *matcher, const char *at, UdSpan literal)
{
	const char *found;

	if (!matcher->charset->synchronizing)
		return at;
	found = memmem(at, (size_t)(matcher->end - at), literal.data, literal.length);
	spend(matcher, (size_t)((found != NULL ? found : matcher->end) - at));
	return found;
}

/* find_chunk returns the place behind the first occurrence of chunk from at on, or NULL. */
static const char *
find_chunk(Matcher *matcher, Chunk chunk, const char *at)
{
	/* behind a "*" it makes no difference which characters a leading "?" stands for */
	for (; chunk.nparts > 0 && chunk.parts->kind == UD_WILDCARD_ONE; chunk.parts++, chunk.nparts--)
	{
		at = skip_character(matcher, at);
		if (at == NULL)
			return NULL;
	}
	if (chunk.nparts == 0)
		return at;

	while (at != NULL)
	{
		const char *behind;

		at = next_candidate(matcher, at, chunk.parts->text);
		if (at == NULL)
			return NULL;
		behind = match_chunk(matcher, &chunk, at);
		if (behind != NULL)
			return behind;
		at = skip_character(matcher, at);
	}
	return NULL;
}

/* count_characters returns how many characters every match of chunk has. */
static size_t
count_characters(Matcher *matcher, const Chunk *chunk)
{
	size_t count = 0;

	for (int i = 0; i < chunk->nparts; i++)
	{
		const UdWildcardPart *part = &chunk->parts[i];

		if (part->kind == UD_WILDCARD_ONE)
			count++;
		else
			count += ud_charset_count(matcher->charset, part->text.data, part->text.length);
		spend(matcher, part->text.length + 1);
	}
	return count;
}

/* ends_with_chunk returns whether the text from at on ends with chunk. */
static bool
ends_with_chunk(Matcher *matcher, const Chunk *chunk, const char *at)
{
	size_t left = (size_t)(matcher->end - at);
	size_t needed;
	size_t present;

	if (chunk->nparts == 0)
		return true;
	if (chunk->nparts == 1 && chunk->parts->kind == UD_WILDCARD_LITERAL &&
		matcher->charset->synchronizing)
	{
		UdSpan literal = chunk->parts->text;

		return left >= literal.length &&
			   memcmp(matcher->end - literal.length, literal.data, literal.length) == 0;
	}

	needed = count_characters(matcher, chunk);
	present = ud_charset_count(matcher->charset, at, left);
	spend(matcher, left);
	for (; present > needed; present--)
		at = skip_character(matcher, at);
	return match_chunk(matcher, chunk, at) == matcher->end;
}

/* next_chunk returns the chunk at *index, which is moved behind the "*" that ends it. */
static Chunk
next_chunk(const UdWildcard *pattern, int *index)
{
	Chunk chunk = {pattern->parts + *index, 0};

	while (*index < pattern->nparts && pattern->parts[*index].kind != UD_WILDCARD_MANY)
	{
		chunk.nparts++;
		(*index)++;
	}
	(*index)++;
	return chunk;
}

bool
ud_wildcard_matches(const UdWildcard *pattern, UdSpan text, const UdCharset *charset,
					void (*interrupt)(void))
{
	Matcher matcher = {charset, text.data + text.length, interrupt, 0};
	int index = 0;
	Chunk chunk = next_chunk(pattern, &index);
	const char *at = match_chunk(&matcher, &chunk, text.data);

	/* index is behind a "*" as long as it does not pass the end by one */
	if (index > pattern->nparts)
		return at == matcher.end;
	while (at != NULL)
	{
		chunk = next_chunk(pattern, &index);
		if (index > pattern->nparts)
			return ends_with_chunk(&matcher, &chunk, at);
		at = find_chunk(&matcher, chunk, at);
	}
	return false;
}

/* count_leading_many returns how many "*" the pattern begins with. */
static int
count_leading_many(const UdWildcard *pattern)
{
	int count = 0;

	while (count < pattern->nparts && pattern->parts[count].kind == UD_WILDCARD_MANY)
		count++;
	return count;
}

static int
count_trailing_many(const UdWildcard *pattern)
{
	int count = 0;

	while (count < pattern->nparts &&
		   pattern->parts[pattern->nparts - 1 - count].kind == UD_WILDCARD_MANY)
		count++;
	return count;
}

static void
count_parts(const UdWildcard *pattern, UdWildcardShape *shape)
{
	for (int i = 0; i < pattern->nparts; i++)
	{
		const UdWildcardPart *part = &pattern->parts[i];

		if (part->kind == UD_WILDCARD_ONE)
			shape->nones++;
		if (part->kind != UD_WILDCARD_LITERAL)
			continue;
		shape->nliterals++;
		if (part->text.length > shape->longest.length)
			shape->longest = part->text;
	}
}

void
ud_wildcard_shape(const UdWildcard *pattern, UdWildcardShape *shape)
{
	int leading = count_leading_many(pattern);
	int trailing = count_trailing_many(pattern);
	const UdSpan empty = {"", 0};
	bool single;

	memset(shape, 0, sizeof(*shape));
	shape->prefix = shape->suffix = shape->longest = empty;
	count_parts(pattern, shape);
	if (pattern->nparts == 0)
		return;
	if (pattern->parts[0].kind == UD_WILDCARD_LITERAL)
		shape->prefix = pattern->parts[0].text;
	if (pattern->parts[pattern->nparts - 1].kind == UD_WILDCARD_LITERAL)
		shape->suffix = pattern->parts[pattern->nparts - 1].text;

	single = shape->nliterals == 1 && leading + trailing + 1 == pattern->nparts;
	shape->only_many = leading == pattern->nparts;
	shape->only_prefix = single && leading == 0 && trailing > 0;
	shape->only_suffix = single && leading > 0 && trailing == 0;
	shape->only_infix = single && leading > 0 && trailing > 0;
}
