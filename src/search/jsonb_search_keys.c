/*
 * jsonb_search_keys.c: what one condition of a query looks for among the keys of an index.
 */
#include "base/userdir.h"

#include "miscadmin.h"
#include "port/pg_bswap.h"

#include "search/jsonb_search_keys.h"

/*
 * Making
 */

/* add adds an empty search key whose start is the path of leaf. */
static UdJsonbSearchKey *
add(UdJsonbSearchKeys *search, const UdJsonbLeaf *leaf, const UdJsonbKey *path)
{
	UdJsonbSearchKey *key;

	if (search->count == search->room)
	{
		Size room = search->room == 0 ? 8 : 2 * (Size)search->room;

		if (search->keys == NULL)
			search->keys = palloc(sizeof(UdJsonbSearchKey) * room);
		else
			search->keys = repalloc_huge(search->keys, sizeof(UdJsonbSearchKey) * room);
		search->room = (int)room;
	}
	key = &search->keys[search->count++];
	memset(key, 0, sizeof(*key));
	key->leaf = leaf;
	key->start = *path;
	return key;
}

/* add_walk adds a walk through the keys of a type, from the first of them on. */
static UdJsonbSearchKey *
add_walk(UdJsonbSearchKeys *search, const UdJsonbLeaf *leaf, const UdJsonbKey *path,
		 UdJsonbWalk walk, UdJsonbKeyType type)
{
	UdJsonbSearchKey *key = add(search, leaf, path);

	key->walk = walk;
	ud_jsonb_key_add_type(&key->start, type);
	key->value_at = key->start.length;
	key->beginning = key->start.length;
	return key;
}

static void
add_dates(UdJsonbSearchKeys *search, const UdJsonbLeaf *leaf, const UdJsonbKey *path,
		  const UdInterval *dates)
{
	UdJsonbSearchKey *key = add_walk(search, leaf, path, UD_JSONB_WALK_DATES, UD_JSONB_KEY_DATE);

	key->dates = *dates;
	key->start = *path;
	ud_jsonb_key_add_date(&key->start, dates->start);
}

static void
add_any_of(UdJsonbSearchKeys *search, const UdJsonbLeaf *leaf, const UdJsonbKey *path)
{
	const UdJsonbAnyOf *any_of = &leaf->u.any_of;
	UdJsonbSearchKey *key;

	for (int i = 0; i < any_of->nstrings; i++)
	{
		key = add(search, leaf, path);
		key->uncertain = !ud_jsonb_key_add_string(&key->start, any_of->strings[i]);
	}
	for (int i = 0; i < any_of->nnumbers; i++)
	{
		CHECK_FOR_INTERRUPTS();
		key = add(search, leaf, path);
		key->uncertain = !ud_jsonb_key_add_number(&key->start, any_of->numbers[i]);
	}
	for (int i = 0; i < 2; i++)
	{
		if (any_of->booleans[i])
			ud_jsonb_key_add_type(&add(search, leaf, path)->start,
								  i == 0 ? UD_JSONB_KEY_FALSE : UD_JSONB_KEY_TRUE);
	}
	for (int i = 0; i < any_of->ndates; i++)
		add_dates(search, leaf, path, &any_of->dates[i]);
}

/* number_bound returns a bound of a range as a key, NULL if there is none. */
static const UdJsonbKey *
number_bound(const UdJsonbKey *path, Numeric bound)
{
	UdJsonbKey *key;

	if (bound == NULL)
		return NULL;
	key = palloc(sizeof(UdJsonbKey));
	*key = *path;
	ud_jsonb_key_add_number(key, bound);
	return key;
}

static void
add_numbers(UdJsonbSearchKeys *search, const UdJsonbLeaf *leaf, const UdJsonbKey *path)
{
	UdJsonbSearchKey *key =
		add_walk(search, leaf, path, UD_JSONB_WALK_NUMBERS, UD_JSONB_KEY_NUMBER);

	key->low = number_bound(path, leaf->u.numbers.low);
	key->high = number_bound(path, leaf->u.numbers.high);
	if (key->low != NULL)
		key->start = *key->low;
}

/* add_string_start lets a walk through strings begin at those with a prefix, or after it. */
static void
add_string_start(UdJsonbSearchKey *key, UdSpan prefix)
{
	size_t length = Min(prefix.length, UD_JSONB_KEY_STRING_BYTES);

	memcpy(key->start.bytes + key->start.length, prefix.data, length);
	key->start.length += (int)length;
}

static void
add_texts(UdJsonbSearchKeys *search, const UdJsonbLeaf *leaf, const UdJsonbKey *path)
{
	UdJsonbSearchKey *key = add_walk(search, leaf, path, UD_JSONB_WALK_TEXTS, UD_JSONB_KEY_STRING);

	if (!leaf->u.texts.low.open)
		add_string_start(key, leaf->u.texts.low.value);
}

static void
add_pattern(UdJsonbSearchKeys *search, const UdJsonbLeaf *leaf, const UdJsonbKey *path)
{
	UdJsonbSearchKey *key =
		add_walk(search, leaf, path, UD_JSONB_WALK_PATTERN, UD_JSONB_KEY_STRING);
	UdWildcardShape shape;

	ud_wildcard_shape(&leaf->u.pattern, &shape);
	add_string_start(key, shape.prefix);
	key->beginning = key->start.length;
	key->only_prefix = shape.only_prefix && shape.prefix.length <= UD_JSONB_KEY_STRING_BYTES;
}

void
ud_jsonb_search_keys_add(UdJsonbSearchKeys *search, const UdJsonbLeaf *leaf)
{
	UdJsonbKey path;

	ud_jsonb_key_begin(&path);
	for (int i = 0; i < leaf->nnames; i++)
		ud_jsonb_key_add_name(&path, leaf->names[i]);
	switch (leaf->test)
	{
		case UD_JSONB_TEST_EXISTS:
			ud_jsonb_key_add_type(&add(search, leaf, &path)->start, UD_JSONB_KEY_EXISTS);
			break;
		case UD_JSONB_TEST_ANY_OF:
			add_any_of(search, leaf, &path);
			break;
		case UD_JSONB_TEST_PATTERN:
			add_pattern(search, leaf, &path);
			break;
		case UD_JSONB_TEST_NUMBERS:
			add_numbers(search, leaf, &path);
			break;
		case UD_JSONB_TEST_DATES:
			add_dates(search, leaf, &path, &leaf->u.dates);
			break;
		case UD_JSONB_TEST_TEXTS:
			add_texts(search, leaf, &path);
			break;
	}
}

bool
ud_jsonb_search_keys_walks(const UdJsonbLeaf *leaf)
{
	return leaf->test == UD_JSONB_TEST_ANY_OF ? leaf->u.any_of.ndates > 0
											  : leaf->test != UD_JSONB_TEST_EXISTS;
}

/*
 * Describing
 */

/* describe_bytes appends bytes and, before them, how many these are. */
static void
describe_bytes(StringInfo description, const void *bytes, size_t length)
{
	appendBinaryStringInfo(description, (const char *)&length, (int)sizeof(length));
	appendBinaryStringInfo(description, bytes, (int)length);
}

static void
describe_flags(StringInfo description, bool first, bool second)
{
	appendStringInfoCharMacro(description, (char)(first + 2 * second));
}

/* describe_number_bound appends a bound as a key, of which there is none without bytes. */
static void
describe_number_bound(StringInfo description, const UdJsonbKey *bound)
{
	describe_bytes(description, bound == NULL ? "" : (const char *)bound->bytes,
				   bound == NULL ? 0 : (size_t)bound->length);
}

static void
describe_text_bound(StringInfo description, const UdQueryBound *bound)
{
	describe_flags(description, bound->open, bound->inclusive);
	if (!bound->open)
		describe_bytes(description, bound->value.data, bound->value.length);
}

static void
describe_pattern(StringInfo description, const UdWildcard *pattern)
{
	for (int i = 0; i < pattern->nparts; i++)
	{
		const UdWildcardPart *part = &pattern->parts[i];

		appendStringInfoCharMacro(description, (char)part->kind);
		if (part->kind == UD_WILDCARD_LITERAL)
			describe_bytes(description, part->text.data, part->text.length);
	}
}

void
ud_jsonb_search_key_describe(const UdJsonbSearchKey *search, StringInfo description)
{
	appendStringInfoCharMacro(description, (char)search->walk);
	describe_bytes(description, search->start.bytes, (size_t)search->start.length);
	switch (search->walk)
	{
		case UD_JSONB_WALK_NONE:
			break;
		case UD_JSONB_WALK_NUMBERS:
			describe_flags(description, search->leaf->u.numbers.low_inclusive,
						   search->leaf->u.numbers.high_inclusive);
			describe_number_bound(description, search->low);
			describe_number_bound(description, search->high);
			break;
		case UD_JSONB_WALK_DATES:
			appendBinaryStringInfo(description, (const char *)&search->dates,
								   (int)sizeof(search->dates));
			break;
		case UD_JSONB_WALK_TEXTS:
			describe_text_bound(description, &search->leaf->u.texts.low);
			describe_text_bound(description, &search->leaf->u.texts.high);
			break;
		case UD_JSONB_WALK_PATTERN:
			describe_pattern(description, &search->leaf->u.pattern);
			break;
	}
}

/*
 * Testing
 */

/* value_of returns the part of a key behind path and type. */
static UdSpan
value_of(const UdJsonbSearchKey *search, UdSpan key)
{
	return (UdSpan){key.data + search->value_at, key.length - (size_t)search->value_at};
}

static int
compare_keys(UdSpan key, const UdJsonbKey *other)
{
	size_t length = (size_t)other->length;
	int order = memcmp(key.data, other->bytes, Min(key.length, length));

	return order != 0 ? order : (key.length > length) - (key.length < length);
}

/* maybe is the result for a key that cannot be judged. */
static UdJsonbWalkResult
maybe(UdJsonbSearchKey *search)
{
	search->uncertain = true;
	return UD_JSONB_WALK_MATCH;
}

/*
 * test_number: different keys are in the order of their numbers; equal ones mean equal numbers
 * unless they are truncated, in which case so is the bound.
 */
static UdJsonbWalkResult
test_number(UdJsonbSearchKey *search, UdSpan key)
{
	const UdNumberRange *range = &search->leaf->u.numbers;
	bool whole = ud_jsonb_key_number_is_whole(value_of(search, key));
	int order;

	if (search->high != NULL)
	{
		order = compare_keys(key, search->high);
		if (order > 0)
			return UD_JSONB_WALK_END;
		if (order == 0 && whole && !range->high_inclusive)
			return UD_JSONB_WALK_END;
		if (order == 0 && !whole)
			return maybe(search);
	}
	if (search->low != NULL)
	{
		order = compare_keys(key, search->low);
		if (order < 0 || (order == 0 && whole && !range->low_inclusive))
			return UD_JSONB_WALK_SKIP;
		if (order == 0 && !whole)
			return maybe(search);
	}
	return UD_JSONB_WALK_MATCH;
}

static UdJsonbWalkResult
test_date(const UdJsonbSearchKey *search, UdSpan key)
{
	uint64 ordered;
	int64 instant;

	memcpy(&ordered, key.data + search->value_at, sizeof(ordered));
	instant = (int64)(pg_ntoh64(ordered) ^ (UINT64CONST(1) << 63));
	if (instant < search->dates.start)
		return UD_JSONB_WALK_SKIP;
	return instant < search->dates.end ? UD_JSONB_WALK_MATCH : UD_JSONB_WALK_END;
}

/* A string as a key tells it: all of it, or so many bytes at its beginning. */
typedef struct KnownString
{
	UdSpan bytes;
	bool whole;
} KnownString;

static KnownString
known_string(UdSpan value)
{
	KnownString known = {value, ud_jsonb_key_string_is_whole(value)};

	if (!known.whole)
		known.bytes.length = UD_JSONB_KEY_STRING_BYTES;
	return known;
}

/* compare_known compares a string with a bound; decided is false if the key does not tell. */
static int
compare_known(const KnownString *known, UdSpan bound, bool *decided)
{
	size_t length = known->bytes.length;
	int order = memcmp(known->bytes.data, bound.data, Min(length, bound.length));

	*decided = known->whole || order != 0 || bound.length <= length;
	if (order != 0)
		return order;
	if (!known->whole)
		return 1;
	return (length > bound.length) - (length < bound.length);
}

/* test_text: the walk ends behind the upper bound; truncated keys at the bound are in no order. */
static UdJsonbWalkResult
test_text(UdJsonbSearchKey *search, UdSpan key)
{
	const UdQueryRange *range = &search->leaf->u.texts;
	KnownString known = known_string(value_of(search, key));
	bool decided;
	int order;

	if (!range->high.open)
	{
		order = compare_known(&known, range->high.value, &decided);
		if (!decided)
			return maybe(search);
		if (order > 0 || (order == 0 && !range->high.inclusive))
			return UD_JSONB_WALK_END;
	}
	if (!range->low.open)
	{
		order = compare_known(&known, range->low.value, &decided);
		if (!decided)
			return maybe(search);
		if (order < 0 || (order == 0 && !range->low.inclusive))
			return UD_JSONB_WALK_SKIP;
	}
	return UD_JSONB_WALK_MATCH;
}

static UdJsonbWalkResult
test_pattern(UdJsonbSearchKey *search, UdSpan key)
{
	KnownString known = known_string(value_of(search, key));

	if (search->only_prefix)
		return UD_JSONB_WALK_MATCH;
	if (!known.whole)
		return maybe(search);
	return ud_jsonb_leaf_has_string(search->leaf, known.bytes) ? UD_JSONB_WALK_MATCH
															   : UD_JSONB_WALK_SKIP;
}

UdJsonbWalkResult
ud_jsonb_search_key_test(UdJsonbSearchKey *search, UdSpan key)
{
	if (key.length < (size_t)search->beginning ||
		memcmp(key.data, search->start.bytes, (size_t)search->beginning) != 0)
		return UD_JSONB_WALK_END;
	switch (search->walk)
	{
		case UD_JSONB_WALK_NUMBERS:
			return test_number(search, key);
		case UD_JSONB_WALK_DATES:
			return test_date(search, key);
		case UD_JSONB_WALK_TEXTS:
			return test_text(search, key);
		case UD_JSONB_WALK_PATTERN:
			return test_pattern(search, key);
		case UD_JSONB_WALK_NONE:
			break;
	}
	return UD_JSONB_WALK_END;
}
