/*
 * text_grams.c: what an index keeps of a text so that wildcard patterns find it.
 */
#include "pure/text_grams.h"

#include <stdlib.h>

#define GRAM_BYTES       8
#define WIDEST_CHARACTER 4

/* Stands before the first character of a value; no byte of UTF-8. */
#define BEGINNING_MARK 0xFF

#define ALL_BYTES      UINT64_MAX

/* Of literals that are shorter than a gram so many are looked for. */
#define MAX_SHORT_LITERALS 2

/* Fewer grams than this are sorted in place. */
#define FEW_GRAMS 64

typedef struct Gram
{
	uint64_t gram;
	int bytes;
	int characters;
	bool cut;           /* the next character has no room */
	const char *behind; /* where the text goes on */
} Gram;

static inline void
append_byte(Gram *gram, unsigned char byte)
{
	gram->gram |= (uint64_t)byte << (8 * (GRAM_BYTES - 1 - gram->bytes));
	gram->bytes++;
}

/* read_gram returns the gram that begins at text, behind a mark when that is the beginning. */
static inline Gram
read_gram(const UdCharset *charset, const char *text, const char *end, bool beginning)
{
	Gram gram = {0, 0, 0, false, text};

	if (beginning)
	{
		append_byte(&gram, BEGINNING_MARK);
		gram.characters = 1;
	}
	while (gram.characters < UD_GRAM_CHARACTERS && gram.behind < end)
	{
		size_t width = charset->length(gram.behind, (size_t)(end - gram.behind));

		gram.cut = gram.bytes + width > GRAM_BYTES;
		if (gram.cut)
			break;
		while (width-- > 0)
			append_byte(&gram, (unsigned char)*gram.behind++);
		gram.characters++;
	}
	return gram;
}

static int
compare_grams(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a;
	int64_t right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

static void
sort_grams(uint64_t *grams, size_t count)
{
	if (count > FEW_GRAMS)
	{
		qsort(grams, count, sizeof(*grams), compare_grams);
		return;
	}
	for (size_t i = 1; i < count; i++)
	{
		uint64_t gram = grams[i];
		size_t at = i;

		for (; at > 0 && (int64_t)grams[at - 1] > (int64_t)gram; at--)
			grams[at] = grams[at - 1];
		grams[at] = gram;
	}
}

size_t
ud_grams_room(size_t length)
{
	return length + 1;
}

size_t
ud_grams_of_value(const UdCharset *charset, const char *value, size_t length, uint64_t *grams)
{
	const char *end = value + length;
	size_t count = 0;
	size_t distinct = 1;

	grams[count++] = read_gram(charset, value, end, true).gram;
	while (value < end)
	{
		grams[count++] = read_gram(charset, value, end, false).gram;
		value += charset->length(value, (size_t)(end - value));
	}
	sort_grams(grams, count);
	for (size_t i = 1; i < count; i++)
	{
		if (grams[i] != grams[distinct - 1])
			grams[distinct++] = grams[i];
	}
	return distinct;
}

/*
 * A walk along a literal gives those of its grams that are worth looking for. All but the last are
 * whole: the value has exactly them. The last may be the mere beginning of one, since what follows
 * the literal is not known.
 */
typedef struct Walk
{
	const UdCharset *charset;
	const char *at;
	const char *end;
	const char *covered; /* the grams so far reach to here */
	bool beginning;      /* the next gram is that of the value's beginning */
	bool ends_value;     /* the literal stands at the end of the value */
	bool done;
	bool whole; /* whether the last gram was a whole one */
} Walk;

static Walk
start_walk(const UdWildcard *wildcard, size_t number)
{
	const UdWildcardSegment *segment = &wildcard->segments[number];

	return (Walk){.charset = wildcard->charset,
				  .at = segment->literal,
				  .end = segment->literal + segment->length,
				  .covered = segment->literal,
				  .beginning = segment == ud_wildcard_prefix(wildcard),
				  .ends_value = segment == ud_wildcard_suffix(wildcard)};
}

/* next_gram goes on to the next gram; returns false when there is none left. */
static bool
next_gram(Walk *walk, Gram *gram)
{
	bool to_the_end;

	if (walk->done || walk->at == walk->end)
		return false;

	*gram = read_gram(walk->charset, walk->at, walk->end, walk->beginning);
	if (walk->beginning)
		walk->beginning = false;
	else
		walk->at += walk->charset->length(walk->at, (size_t)(walk->end - walk->at));

	/* Later grams of the literal would be ends of this one. */
	to_the_end = gram->characters < UD_GRAM_CHARACTERS && !gram->cut;
	walk->done = to_the_end;
	walk->whole = !to_the_end || walk->ends_value || gram->bytes == GRAM_BYTES;

	/* The beginning of a gram costs more to look for than it tells when others have told it all. */
	if (!walk->whole && walk->covered == walk->end)
		return false;
	walk->covered = gram->behind;
	return true;
}

static UdGramCondition
condition_of(const Gram *gram, bool whole)
{
	uint64_t mask = whole ? ALL_BYTES : ~(ALL_BYTES >> (8 * gram->bytes));

	return (UdGramCondition){gram->gram, mask};
}

/*
 * is_long returns whether a literal has whole grams; others are worth looking for only when no
 * literal of the pattern has.
 */
static bool
is_long(const UdWildcard *wildcard, size_t number)
{
	Walk walk = start_walk(wildcard, number);
	Gram gram;

	return next_gram(&walk, &gram) && walk.whole;
}

/* count_grams returns how many grams the long literals have. */
static size_t
count_grams(const UdWildcard *wildcard)
{
	size_t count = 0;

	for (size_t i = 0; i < wildcard->nsegments; i++)
	{
		Walk walk = start_walk(wildcard, i);
		Gram gram;

		if (!is_long(wildcard, i))
			continue;
		while (next_gram(&walk, &gram))
			count++;
	}
	return count;
}

/*
 * choose_grams makes conditions of the grams of the long literals, all or, when they are too many,
 * some that are evenly spread from the first to the last: neighbours say nearly the same.
 */
static void
choose_grams(const UdWildcard *wildcard, size_t count, UdGramQuery *query)
{
	size_t wanted = count < UD_GRAM_MAX_CONDITIONS ? count : UD_GRAM_MAX_CONDITIONS;
	size_t number = 0;

	for (size_t i = 0; i < wildcard->nsegments; i++)
	{
		Walk walk = start_walk(wildcard, i);
		Gram gram;

		if (!is_long(wildcard, i))
			continue;
		for (; next_gram(&walk, &gram); number++)
		{
			size_t next = query->nconditions;

			if (next < wanted && number == (wanted == 1 ? 0 : next * (count - 1) / (wanted - 1)))
				query->conditions[query->nconditions++] = condition_of(&gram, walk.whole);
		}
	}
}

/* choose_short_literals makes conditions of the longest of literals that are all short. */
static void
choose_short_literals(const UdWildcard *wildcard, UdGramQuery *query)
{
	int lengths[MAX_SHORT_LITERALS] = {0};

	for (size_t i = 0; i < wildcard->nsegments; i++)
	{
		Walk walk = start_walk(wildcard, i);
		Gram gram;
		int place = query->nconditions;

		if (!next_gram(&walk, &gram))
			continue;
		while (place > 0 && lengths[place - 1] < gram.characters)
			place--;
		if (place == MAX_SHORT_LITERALS)
			continue;
		if (query->nconditions < MAX_SHORT_LITERALS)
			query->nconditions++;
		for (int behind = query->nconditions - 1; behind > place; behind--)
		{
			query->conditions[behind] = query->conditions[behind - 1];
			lengths[behind] = lengths[behind - 1];
		}
		query->conditions[place] = condition_of(&gram, false);
		lengths[place] = gram.characters;
	}
}

/*
 * is_exact returns whether having the only gram of the only literal is the same as matching: no
 * other gram can look like this one, and nothing is asked for beside it.
 */
static bool
is_exact(const UdWildcard *wildcard)
{
	const UdWildcardSegment *segment = wildcard->segments;
	bool begins_value = ud_wildcard_prefix(wildcard) != NULL;
	Walk walk;
	Gram gram;

	if (wildcard->nsegments != 1 || segment->gap.characters != 0 || wildcard->tail.characters != 0)
		return false;
	walk = start_walk(wildcard, 0);
	if (!next_gram(&walk, &gram) || gram.behind != walk.end)
		return false;
	if (begins_value && !wildcard->charset->lacks_ff)
		return false;

	/* Behind a gram that stops short a zero may mean that a wide character had no room. */
	if (walk.ends_value)
		return gram.characters < UD_GRAM_CHARACTERS && gram.bytes + WIDEST_CHARACTER <= GRAM_BYTES;
	return true;
}

/* ask_for_any makes conditions for a pattern without literals. */
static void
ask_for_any(const UdWildcard *wildcard, UdGramQuery *query)
{
	Gram beginning = read_gram(wildcard->charset, NULL, NULL, true);
	bool empty = ud_wildcard_is_literal(wildcard);

	/* Every value has one gram with the mark; the empty one has nothing behind it. */
	query->conditions[query->nconditions++] = condition_of(&beginning, empty);
	query->exact = wildcard->tail.characters == 0 && (!empty || wildcard->charset->lacks_ff);
}

void
ud_grams_of_wildcard(const UdWildcard *wildcard, UdGramQuery *query)
{
	size_t count = count_grams(wildcard);

	query->nconditions = 0;
	query->exact = false;
	if (wildcard->nsegments == 0)
		ask_for_any(wildcard, query);
	else
	{
		if (count > 0)
			choose_grams(wildcard, count, query);
		else
			choose_short_literals(wildcard, query);
		query->exact = is_exact(wildcard);
	}
}
