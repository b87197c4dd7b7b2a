/*
<<<<<<< HEAD
 * wildcard.c: patterns that a whole value matches or not.
 *
 * A run is a series of literals with a fixed number of characters between them. Runs are looked for
 * from left to right, each as early as it occurs: with only open gaps between runs no later place
 * could do better, so there is no way back and nothing to try twice.
=======
 * wildcard.c: matching of patterns without backtracking.
 *
 * The parts between two "*" are a chunk. The first chunk is fixed to the beginning of the text, the
 * last one to its end, and each one between is taken where it occurs first: whatever a later place
 * allows for the rest, the first one allows too.
>>>>>>> main
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "pure/wildcard.h"

#include <string.h>

<<<<<<< HEAD
/* After so many places where a run did not match, pause() is called. */
#define PLACES_TO_PAUSE 256

static inline bool
is_wildcard(char byte)
{
	return byte == '*' || byte == '?';
}

/*
 * count_segments returns a number that is not less than that of the literals: one, and one more for
 * every end of a series of wildcards. Escaped ones, or bytes inside a character, may add to it.
 */
static size_t
count_segments(const char *pattern, size_t length)
{
	size_t count = 1;

	for (size_t i = 0; i + 1 < length; i++)
		count += is_wildcard(pattern[i]) && !is_wildcard(pattern[i + 1]);
	return count;
}

size_t
ud_wildcard_room(const char *pattern, size_t length)
{
	return count_segments(pattern, length) * sizeof(UdWildcardSegment) + length;
}

/* widen_gap adds a wildcard to a gap. */
static void
widen_gap(UdWildcardGap *gap, char wildcard)
{
	if (wildcard == '*')
		gap->open = true;
	else
		gap->characters++;
}

bool
ud_wildcard_parse(UdWildcard *wildcard, const UdCharset *charset, const char *pattern,
				  size_t length, void *room)
{
	const char *end = pattern + length;
	UdWildcardSegment *segment = NULL; /* the literal that is being read */
	char *bytes;

	memset(wildcard, 0, sizeof(*wildcard));
	wildcard->charset = charset;
	wildcard->segments = room;
	bytes = (char *)(wildcard->segments + count_segments(pattern, length));

	while (pattern < end)
	{
		size_t width;

		if (is_wildcard(*pattern))
		{
			widen_gap(&wildcard->tail, *pattern++);
			segment = NULL;
			continue;
		}
		if (*pattern == '\\' && ++pattern == end)
			return false;
		if (segment == NULL)
		{
			segment = &wildcard->segments[wildcard->nsegments++];
			*segment = (UdWildcardSegment){wildcard->tail, bytes, 0, 0};
			wildcard->least_length += wildcard->tail.characters;
			wildcard->tail = (UdWildcardGap){0, false};
		}
		width = charset->length(pattern, (size_t)(end - pattern));
		memcpy(bytes, pattern, width);
		bytes += width;
		pattern += width;
		segment->length += width;
		segment->characters++;
		wildcard->least_length += width;
	}
	wildcard->least_length += wildcard->tail.characters;
	return true;
}

/* end_of_run returns the number of the segment behind the run that begins with segment first. */
static size_t
end_of_run(const UdWildcard *wildcard, size_t first)
{
	size_t next = first + 1;

	while (next < wildcard->nsegments && !wildcard->segments[next].gap.open)
		next++;
	return next;
}

/*
 * match_run returns where the value goes on behind the literals of a run, the first of which is to
 * be at its beginning; NULL when they are not there.
 */
static const char *
match_run(const UdWildcard *wildcard, size_t first, size_t next, const char *value, const char *end)
{
	for (size_t i = first; i < next; i++)
	{
		const UdWildcardSegment *segment = &wildcard->segments[i];

		if (i > first)
			value = ud_charset_skip(wildcard->charset, value, end, segment->gap.characters);
		if (value == NULL || (size_t)(end - value) < segment->length ||
			memcmp(value, segment->literal, segment->length) != 0)
			return NULL;
		value += segment->length;
	}
	return value;
}

/*
 * find_literal returns the first place of a literal, NULL when there is none. Where a character may
 * look like parts of two others only those places count where a character begins.
 */
static const char *
find_literal(const UdWildcard *wildcard, const UdWildcardSegment *segment, const char *value,
			 const char *end)
{
	const UdCharset *charset = wildcard->charset;

	if (charset->self_synchronizing)
		return memmem(value, (size_t)(end - value), segment->literal, segment->length);

	for (size_t places = 1; (size_t)(end - value) >= segment->length && value < end; places++)
	{
		if (memcmp(value, segment->literal, segment->length) == 0)
			return value;
		if (places % PLACES_TO_PAUSE == 0 && wildcard->pause != NULL)
			wildcard->pause();
		value += charset->length(value, (size_t)(end - value));
=======
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
>>>>>>> main
	}
	return NULL;
}

<<<<<<< HEAD
/* find_run returns where the value goes on behind the first place of a run, NULL without one. */
static const char *
find_run(const UdWildcard *wildcard, size_t first, size_t next, const char *value, const char *end)
{
	for (size_t places = 1;; places++)
	{
		const char *behind;

		value = find_literal(wildcard, &wildcard->segments[first], value, end);
		if (value == NULL)
			return NULL;
		behind = match_run(wildcard, first, next, value, end);
		if (behind != NULL)
			return behind;
		if (places % PLACES_TO_PAUSE == 0 && wildcard->pause != NULL)
			wildcard->pause();
		value += wildcard->charset->length(value, (size_t)(end - value));
	}
}

/* match_last_run returns whether the last run stands at the end of the value. */
static bool
match_last_run(const UdWildcard *wildcard, size_t first, const char *value, const char *end)
{
	const UdCharset *charset = wildcard->charset;
	size_t wanted = wildcard->tail.characters;
	size_t present;

	if (first + 1 == wildcard->nsegments && wanted == 0 && charset->self_synchronizing)
	{
		const UdWildcardSegment *segment = &wildcard->segments[first];

		return (size_t)(end - value) >= segment->length &&
			   memcmp(end - segment->length, segment->literal, segment->length) == 0;
	}

	for (size_t i = first; i < wildcard->nsegments; i++)
		wanted += wildcard->segments[i].characters +
				  (i > first ? wildcard->segments[i].gap.characters : 0);
	present = ud_charset_count(charset, value, end);
	if (present < wanted)
		return false;
	value = ud_charset_skip(charset, value, end, present - wanted);
	value = match_run(wildcard, first, wildcard->nsegments, value, end);
	if (value != NULL)
		value = ud_charset_skip(charset, value, end, wildcard->tail.characters);
	return value == end;
}

bool
ud_wildcard_match(const UdWildcard *wildcard, const char *value, size_t length)
{
	const UdCharset *charset = wildcard->charset;
	const char *end = value + length;
	size_t i = 0;

	if (length < wildcard->least_length)
		return false;

	/* A run that is not behind an open gap has one place only. */
	if (wildcard->nsegments > 0 && !wildcard->segments[0].gap.open)
	{
		i = end_of_run(wildcard, 0);
		value = ud_charset_skip(charset, value, end, wildcard->segments[0].gap.characters);
		if (value != NULL)
			value = match_run(wildcard, 0, i, value, end);
		if (value == NULL)
			return false;
	}

	while (i < wildcard->nsegments)
	{
		size_t next = end_of_run(wildcard, i);

		value = ud_charset_skip(charset, value, end, wildcard->segments[i].gap.characters);
		if (value == NULL)
			return false;
		if (next == wildcard->nsegments && !wildcard->tail.open)
			return match_last_run(wildcard, i, value, end);
		value = find_run(wildcard, i, next, value, end);
		if (value == NULL)
			return false;
		i = next;
	}

	value = ud_charset_skip(charset, value, end, wildcard->tail.characters);
	return value != NULL && (wildcard->tail.open || value == end);
}

const UdWildcardSegment *
ud_wildcard_prefix(const UdWildcard *wildcard)
{
	const UdWildcardSegment *first = wildcard->segments;

	return wildcard->nsegments > 0 && !first->gap.open && first->gap.characters == 0 ? first : NULL;
}

const UdWildcardSegment *
ud_wildcard_suffix(const UdWildcard *wildcard)
{
	return wildcard->nsegments > 0 && !wildcard->tail.open && wildcard->tail.characters == 0
			   ? &wildcard->segments[wildcard->nsegments - 1]
			   : NULL;
}

bool
ud_wildcard_is_literal(const UdWildcard *wildcard)
{
	return !wildcard->tail.open && wildcard->tail.characters == 0 &&
		   (wildcard->nsegments == 0 ||
			(wildcard->nsegments == 1 && ud_wildcard_prefix(wildcard) != NULL));
=======
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
>>>>>>> main
}
