/*
 * text_grams.c: what an index keeps of a text so that wildcard patterns find it.
 */
#include "pure/text_grams.h"

#include <stdlib.h>

#define GRAM_BYTES 8

/* Stands before the first character of a value. */
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

/* mark_is_unique returns whether the mark is a byte that no text has. */
static bool
mark_is_unique(const UdCharset *charset)
{
	return charset->unicode;
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
ud_grams_of_value(UdSpan value, const UdCharset *charset, uint64_t *grams)
{
	const char *at = value.data;
	const char *end = at + value.length;
	size_t count = 0;
	size_t distinct = 1;

	grams[count++] = read_gram(charset, at, end, true).gram;
	while (at < end)
	{
		grams[count++] = read_gram(charset, at, end, false).gram;
		at += charset->length(at, (size_t)(end - at));
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
start_walk(const UdWildcard *pattern, const UdCharset *charset, int part)
{
	UdSpan literal = pattern->parts[part].text;

	return (Walk){.charset = charset,
				  .at = literal.data,
				  .end = literal.data + literal.length,
				  .covered = literal.data,
				  .beginning = part == 0,
				  .ends_value = part == pattern->nparts - 1};
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
 * is_telling returns whether it is worth looking for the mere beginning of a gram: that of the
 * value itself when it has two letters of an alphabet or one of a script with thousands. There are
 * few of these, and what else is known of "jo*@example.com" may be true of most values.
 */
static bool
is_telling(const Gram *gram, bool beginning)
{
	return beginning && (gram->characters > 2 || gram->bytes > 3);
}

/*
 * is_long returns whether a part is a literal with whole grams, or a beginning that tells as much;
 * others are worth looking for only when the pattern has none of these.
 */
static bool
is_long(const UdWildcard *pattern, const UdCharset *charset, int part)
{
	Walk walk;
	Gram gram;

	if (pattern->parts[part].kind != UD_WILDCARD_LITERAL)
		return false;
	walk = start_walk(pattern, charset, part);
	return next_gram(&walk, &gram) && (walk.whole || is_telling(&gram, part == 0));
}

/* count_grams returns how many grams the long literals have. */
static size_t
count_grams(const UdWildcard *pattern, const UdCharset *charset)
{
	size_t count = 0;

	for (int i = 0; i < pattern->nparts; i++)
	{
		Walk walk;
		Gram gram;

		if (!is_long(pattern, charset, i))
			continue;
		walk = start_walk(pattern, charset, i);
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
choose_grams(const UdWildcard *pattern, const UdCharset *charset, size_t count, UdGramQuery *query)
{
	size_t wanted = count < UD_GRAM_MAX_CONDITIONS ? count : UD_GRAM_MAX_CONDITIONS;
	size_t number = 0;

	for (int i = 0; i < pattern->nparts; i++)
	{
		Walk walk;
		Gram gram;

		if (!is_long(pattern, charset, i))
			continue;
		walk = start_walk(pattern, charset, i);
		for (; next_gram(&walk, &gram); number++)
		{
			size_t chosen = query->nconditions;

			if (chosen < wanted &&
				number == (chosen == 0 ? 0 : chosen * (count - 1) / (wanted - 1)))
				query->conditions[query->nconditions++] = condition_of(&gram, walk.whole);
		}
	}
}

/* A literal that is shorter than a gram, or what is known of its gram */
typedef struct ShortLiteral
{
	UdGramCondition condition;
	int characters;
} ShortLiteral;

/* choose_short_literals makes conditions of the longest of literals that are all short. */
static void
choose_short_literals(const UdWildcard *pattern, const UdCharset *charset, UdGramQuery *query)
{
	ShortLiteral longest[MAX_SHORT_LITERALS + 1] = {
		0}; /* in descending order; the last is a spare */

	for (int i = 0; i < pattern->nparts; i++)
	{
		Walk walk;
		Gram gram;
		int place = MAX_SHORT_LITERALS;

		if (pattern->parts[i].kind != UD_WILDCARD_LITERAL)
			continue;
		walk = start_walk(pattern, charset, i);
		if (!next_gram(&walk, &gram))
			continue;
		for (; place > 0 && longest[place - 1].characters < gram.characters; place--)
			longest[place] = longest[place - 1];
		longest[place] = (ShortLiteral){condition_of(&gram, false), gram.characters};
	}
	for (int i = 0; i < MAX_SHORT_LITERALS && longest[i].characters > 0; i++)
		query->conditions[query->nconditions++] = longest[i].condition;
}

/* find_only_literal returns the part of the only literal, -1 unless all others are "*". */
static int
find_only_literal(const UdWildcard *pattern)
{
	int found = -1;

	for (int i = 0; i < pattern->nparts; i++)
	{
		if (pattern->parts[i].kind == UD_WILDCARD_MANY)
			continue;
		if (pattern->parts[i].kind == UD_WILDCARD_ONE || found >= 0)
			return -1;
		found = i;
	}
	return found;
}

/*
 * is_exact returns whether having the only gram of the only literal is the same as matching: no
 * other gram can look like this one, and nothing is asked for beside it.
 */
static bool
is_exact(const UdWildcard *pattern, const UdCharset *charset)
{
	int literal = find_only_literal(pattern);
	Walk walk;
	Gram gram;

	if (literal < 0)
		return false;
	walk = start_walk(pattern, charset, literal);
	if (!next_gram(&walk, &gram) || gram.behind != walk.end)
		return false;
	if (gram.gram >> (8 * (GRAM_BYTES - 1)) == BEGINNING_MARK && !mark_is_unique(charset))
		return false;

	/* Behind a gram that stops short a zero may mean that a wide character had no room. */
	if (walk.ends_value)
		return gram.characters < UD_GRAM_CHARACTERS && gram.bytes + UD_CHARSET_MAX <= GRAM_BYTES;
	return true;
}

/* ask_for_any makes the condition of a pattern without literals. */
static void
ask_for_any(const UdWildcard *pattern, const UdCharset *charset, UdGramQuery *query)
{
	Gram beginning = read_gram(charset, NULL, NULL, true);
	bool empty = pattern->nparts == 0;
	bool any = true;

	for (int i = 0; i < pattern->nparts; i++)
		any = any && pattern->parts[i].kind == UD_WILDCARD_MANY;

	/* Every value has one gram with the mark; the empty one has nothing behind it. */
	query->conditions[query->nconditions++] = condition_of(&beginning, empty);
	query->exact = any && (!empty || mark_is_unique(charset));
}

void
ud_grams_of_wildcard(const UdWildcard *pattern, const UdCharset *charset, UdGramQuery *query)
{
	size_t count = count_grams(pattern, charset);

	query->nconditions = 0;
	query->exact = is_exact(pattern, charset);
	if (count > 0)
		choose_grams(pattern, charset, count, query);
	else
		choose_short_literals(pattern, charset, query);
	if (query->nconditions == 0)
		ask_for_any(pattern, charset, query);
}
