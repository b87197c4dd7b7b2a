/*
 * fuzz_query.c: queries of random bytes.
 *
 * The first bytes choose limits, encoding and how soon memory runs out; the rest is the query. What
 * parses must print to a text that parses to the same, stay within its limits, and mean the same
 * after lowering. What does not must say where and why.
 */
#include "fuzz.h"

#include "../unit/query_dump.h"

#define ASSIGNMENTS 8

static const UdQueryLimits no_limits;
static const UdQueryLimits tight_limits = {60, 12, 4, 4, 3};

/*
 * What a tree costs, counted without the parser's own numbers
 */

typedef struct Cost
{
	int nodes;
	int width;
	int wildcards;
} Cost;

static int
max(int a, int b)
{
	return a > b ? a : b;
}

static int count_node(const UdQueryNode *node, Cost *cost);

static int
count_list(const UdQueryList *list, Cost *cost)
{
	int depth = 0;

	for (int i = 0; i < list->count; i++)
		depth = max(depth, count_node(list->nodes[i], cost));
	return depth;
}

/* count_node adds a node's cost and returns its depth. */
static int
count_node(const UdQueryNode *node, Cost *cost)
{
	const UdQueryOccur *occur = &node->u.occur;
	int depth;

	cost->nodes++;
	switch (node->kind)
	{
		case UD_QUERY_AND:
		case UD_QUERY_OR:
			DEMAND(node->u.list.count >= 2);
			cost->width = max(cost->width, node->u.list.count);
			return count_list(&node->u.list, cost) + 1;
		case UD_QUERY_NOT:
			DEMAND(node->u.list.count == 1);
			return count_list(&node->u.list, cost) + 1;
		case UD_QUERY_OCCUR:
			DEMAND(occur->must.count + occur->must_not.count > 0);
			DEMAND(occur->must.count + occur->must_not.count + occur->should.count >= 2);
			cost->width =
				max(cost->width, occur->must.count + occur->must_not.count + occur->should.count);
			depth = count_list(&occur->must, cost);
			depth = max(depth, count_list(&occur->should, cost));
			return max(depth, count_list(&occur->must_not, cost)) + 1;
		case UD_QUERY_WILDCARD:
			for (int i = 0; i < node->u.pattern.nparts; i++)
				cost->wildcards += node->u.pattern.parts[i].kind != UD_WILDCARD_LITERAL;
			return 1;
		default:
			return 1;
	}
}

static void
check_limits(const UdQueryNode *node, const UdQueryLimits *limits)
{
	Cost cost = {0, 0, 0};
	int depth = count_node(node, &cost);

	DEMAND(depth == node->depth && depth <= UD_QUERY_MAX_DEPTH);
	DEMAND(limits->bytes == 0 || ud_query_printed_length(node) <= limits->bytes);
	DEMAND(limits->nodes == 0 || cost.nodes <= limits->nodes);
	DEMAND(limits->depth == 0 || depth <= limits->depth);
	DEMAND(limits->width == 0 || cost.width <= limits->width);
	DEMAND(limits->wildcards == 0 || cost.wildcards <= limits->wildcards);
}

/*
 * The meaning of a tree when each leaf is true or false as a seed says
 */

static uint64_t
mix(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < length; i++)
		hash = (hash + at[i] + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ (hash >> 29);
	return hash;
}

static uint64_t
mix_span(uint64_t hash, UdSpan span)
{
	return mix(mix(hash, &span.length, sizeof(span.length)), span.data, span.length);
}

/* mix_pattern gives one hash to patterns that match the same: "*?" is "?*", "**" is "*". */
static uint64_t
mix_pattern(uint64_t hash, const UdWildcard *pattern, bool *everything)
{
	*everything = true;
	for (int i = 0; i < pattern->nparts; i++)
	{
		int ones = 0;
		bool many = false;

		for (; i < pattern->nparts && pattern->parts[i].kind != UD_WILDCARD_LITERAL; i++)
		{
			ones += pattern->parts[i].kind == UD_WILDCARD_ONE;
			many |= pattern->parts[i].kind == UD_WILDCARD_MANY;
		}
		*everything &= ones == 0 && i == pattern->nparts;
		hash = mix(mix(hash, &ones, sizeof(ones)), &many, sizeof(many));
		if (i < pattern->nparts)
			hash = mix_span(hash, pattern->parts[i].text);
	}
	return hash;
}

static uint64_t
mix_bound(uint64_t hash, const UdQueryBound *bound)
{
	bool inclusive = bound->open || bound->inclusive;

	hash = mix(hash, &bound->open, 1);
	hash = mix(hash, &inclusive, 1);
	return bound->open ? hash : mix_span(mix(hash, &bound->quoted, 1), bound->value);
}

static bool
leaf_is_true(const UdQueryNode *node, uint64_t seed)
{
	const UdQueryField *field = node->field != NULL && !node->field->any ? node->field : NULL;
	uint64_t hash = field != NULL ? mix_span(mix(seed, "f", 1), field->printed) : mix(seed, "_", 1);
	uint64_t existence = mix(hash, "exists", 6);
	bool everything = false;

	switch (node->kind)
	{
		case UD_QUERY_TERM:
		case UD_QUERY_PHRASE:
			hash = mix_span(mix(hash, node->quoted ? "q" : "t", 1), node->u.value);
			break;
		case UD_QUERY_WILDCARD:
			hash = mix_pattern(mix(hash, "w", 1), &node->u.pattern, &everything);
			break;
		case UD_QUERY_RANGE:
			everything = node->u.range.low.open && node->u.range.high.open;
			hash = mix_bound(mix(hash, "r", 1), &node->u.range.low);
			hash = mix_bound(hash, &node->u.range.high);
			break;
		default:
			everything = true;
			break;
	}
	if (everything && field == NULL)
		return true;
	return ((everything ? existence : hash) >> 33) & 1;
}

static bool is_true(const UdQueryNode *node, uint64_t seed);

/* count_true returns how many nodes of a list are true. */
static int
count_true(const UdQueryList *list, uint64_t seed)
{
	int count = 0;

	for (int i = 0; i < list->count; i++)
		count += is_true(list->nodes[i], seed);
	return count;
}

static bool
occur_is_true(const UdQueryOccur *occur, uint64_t seed)
{
	if (count_true(&occur->must_not, seed) > 0)
		return false;
	if (occur->must.count > 0)
		return count_true(&occur->must, seed) == occur->must.count;
	return occur->should.count == 0 || count_true(&occur->should, seed) > 0;
}

static bool
is_true(const UdQueryNode *node, uint64_t seed)
{
	switch (node->kind)
	{
		case UD_QUERY_ALL:
			return true;
		case UD_QUERY_NONE:
			return false;
		case UD_QUERY_AND:
			return count_true(&node->u.list, seed) == node->u.list.count;
		case UD_QUERY_OR:
			return count_true(&node->u.list, seed) > 0;
		case UD_QUERY_NOT:
			return count_true(&node->u.list, seed) == 0;
		case UD_QUERY_OCCUR:
			return occur_is_true(&node->u.occur, seed);
		case UD_QUERY_MISSING:
			return !leaf_is_true(node, seed);
		default:
			return leaf_is_true(node, seed);
	}
}

/*
 * What has to hold
 */

/* check_kernel checks that a tree is of the kernel, and as simple as promised. */
static void
check_kernel(const UdQueryNode *node, bool top)
{
	DEMAND(top || (node->kind != UD_QUERY_ALL && node->kind != UD_QUERY_NONE));
	DEMAND(node->kind != UD_QUERY_OCCUR && node->kind != UD_QUERY_PHRASE &&
		   node->kind != UD_QUERY_MISSING);
	DEMAND(node->field == NULL || !node->field->any);
	if (node->kind == UD_QUERY_RANGE)
	{
		const UdQueryRange *range = &node->u.range;

		DEMAND(!range->low.open || !range->high.open);
		DEMAND(range->low.inclusive || !range->low.open);
		DEMAND(range->high.inclusive || !range->high.open);
	}
	if (node->kind != UD_QUERY_AND && node->kind != UD_QUERY_OR && node->kind != UD_QUERY_NOT)
		return;
	for (int i = 0; i < node->u.list.count; i++)
	{
		DEMAND(node->u.list.nodes[i]->kind != node->kind);
		check_kernel(node->u.list.nodes[i], false);
		for (int j = 0; j < i && j < 50; j++)
			DEMAND(!ud_query_equal(node->u.list.nodes[i], node->u.list.nodes[j]));
	}
}

static void
check_lowered(const UdQueryNode *node, const UdQueryOptions *options, const UdArena *arena)
{
	const UdQueryOptions unlimited = {&no_limits, options->charset};
	UdQueryNode *lowered = ud_query_lower(node, arena);
	UdQueryNode *parsed;
	UdQueryError error;
	UdSpan text;

	DEMAND(lowered != NULL);
	check_kernel(lowered, true);
	for (uint64_t seed = 1; seed <= ASSIGNMENTS; seed++)
		DEMAND(is_true(node, seed) == is_true(lowered, seed));
	DEMAND(ud_query_equal(lowered, ud_query_lower(lowered, arena)));

	DEMAND(ud_query_print(lowered, arena, &text));
	parsed = ud_query_parse(text.data, text.length, &unlimited, arena, &error);
	if (parsed == NULL)
		DEMAND(error.kind == UD_QUERY_TOO_DEEP && lowered->depth > UD_QUERY_MAX_DEPTH);
	else
		DEMAND(ud_query_equal(lowered, ud_query_lower(parsed, arena)));
}

static void
check_printed(const UdQueryNode *node, const UdQueryOptions *options, const UdArena *arena)
{
	UdQueryError error;
	UdQueryNode *again;
	UdSpan text;
	UdSpan second;

	DEMAND(ud_query_print(node, arena, &text));
	DEMAND(text.length == ud_query_printed_length(node));
	again = ud_query_parse(text.data, text.length, options, arena, &error);
	DEMAND(again != NULL && ud_query_equal(node, again));
	DEMAND(ud_query_hash(node) == ud_query_hash(again));
	DEMAND(ud_query_print(again, arena, &second) && ud_span_equal(text, second));
}

static void
check_error(const UdQueryError *error, const char *text, size_t length, const UdCharset *charset)
{
	char message[UD_QUERY_MESSAGE_SIZE];

	DEMAND(error->kind != UD_QUERY_OK && error->kind != UD_QUERY_NO_MEMORY);
	DEMAND(error->offset <= length && error->position >= 1 && error->position <= error->offset + 1);
	DEMAND(error->found.data >= text && error->found.data + error->found.length <= text + length);
	DEMAND(error->kind != UD_QUERY_SYNTAX || error->expected != NULL);
	DEMAND((error->kind == UD_QUERY_UNSUPPORTED) == (error->feature != UD_QUERY_NO_FEATURE));
	ud_query_error_message(error, charset, message, sizeof(message));
	DEMAND(strlen(message) > 10 && strlen(message) < sizeof(message) - 1);
}

/* check_field checks that what reads as one field's path also does so before a colon. */
static void
check_field(const char *text, size_t length, const UdQueryOptions *options, const UdArena *arena)
{
	UdQueryError error;
	UdQueryField *field = ud_query_parse_field(text, length, options, arena, &error);
	UdQueryField *again;
	UdQueryNode *node;
	Dump query = {NULL, 0, 0};

	if (field == NULL)
		return;
	again =
		ud_query_parse_field(field->printed.data, field->printed.length, options, arena, &error);
	DEMAND(again != NULL && ud_span_equal(field->printed, again->printed));
	again = ud_query_make_field(field->segments, field->nsegments, arena);
	DEMAND(again != NULL && ud_span_equal(field->printed, again->printed));

	dump_bytes(&query, field->printed.data, field->printed.length);
	dump_text(&query, ":30");
	node = ud_query_parse(query.text, query.length, &(UdQueryOptions){&no_limits, options->charset},
						  arena, &error);
	DEMAND(node != NULL && node->kind == UD_QUERY_TERM);
	DEMAND(ud_span_equal(node->field->printed, field->printed));
	free(query.text);
}

/* check_memory parses and lowers once more with too little memory. */
static void
check_memory(const char *text, size_t length, const UdQueryOptions *options, int allowed)
{
	TestArena arena;
	UdQueryError error;
	UdQueryNode *node;

	test_arena_begin(&arena);
	arena.allowed = allowed;
	node = ud_query_parse(text, length, options, &arena.arena, &error);
	DEMAND((node == NULL) == (error.kind != UD_QUERY_OK));
	if (node != NULL)
		ud_query_lower(node, &arena.arena);
	test_arena_end(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TestArena arena;
	UdQueryError error;
	UdQueryNode *node;
	const char *text;
	size_t length;
	UdQueryOptions options = {NULL, NULL};

	if (size < 2)
		return 0;
	text = (const char *)data + 2;
	length = size - 2;
	if (data[0] % 4 == 1)
		options.limits = &tight_limits;
	else if (data[0] % 4 == 2)
		options.limits = &no_limits;
	options.charset = data[0] & 0x10 ? &ud_charset_bytes : &ud_charset_utf8;

	test_arena_begin(&arena);
	node = ud_query_parse(text, length, &options, &arena.arena, &error);
	if (node == NULL)
		check_error(&error, text, length, options.charset);
	else
	{
		check_limits(node, options.limits != NULL ? options.limits : &ud_query_default_limits);
		check_printed(node, &options, &arena.arena);
		check_lowered(node, &options, &arena.arena);
	}
	check_field(text, length, &options, &arena.arena);
	test_arena_end(&arena);
	check_memory(text, length, &options, data[1] % 64);
	return 0;
}
