/*
 * query_compare.c: equality and hash of trees.
 */
#include "pure/query.h"

/*
 * Equality
 */

static bool
fields_equal(const UdQueryField *a, const UdQueryField *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return a->any == b->any && ud_span_equal(a->printed, b->printed);
}

static bool
lists_equal(const UdQueryList *a, const UdQueryList *b)
{
	if (a->count != b->count)
		return false;
	for (int i = 0; i < a->count; i++)
	{
		if (!ud_query_equal(a->nodes[i], b->nodes[i]))
			return false;
	}
	return true;
}

static bool
patterns_equal(const UdWildcard *a, const UdWildcard *b)
{
	if (a->nparts != b->nparts)
		return false;
	for (int i = 0; i < a->nparts; i++)
	{
		if (a->parts[i].kind != b->parts[i].kind ||
			!ud_span_equal(a->parts[i].text, b->parts[i].text))
			return false;
	}
	return true;
}

static bool
bounds_equal(const UdQueryBound *a, const UdQueryBound *b)
{
	if (a->open != b->open || a->inclusive != b->inclusive)
		return false;
	return a->open || (a->quoted == b->quoted && ud_span_equal(a->value, b->value));
}

bool
ud_query_equal(const UdQueryNode *a, const UdQueryNode *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind || a->depth != b->depth || a->quoted != b->quoted ||
		!fields_equal(a->field, b->field))
		return false;

	switch (a->kind)
	{
		case UD_QUERY_AND:
		case UD_QUERY_OR:
		case UD_QUERY_NOT:
			return lists_equal(&a->u.list, &b->u.list);
		case UD_QUERY_OCCUR:
			return lists_equal(&a->u.occur.must, &b->u.occur.must) &&
				   lists_equal(&a->u.occur.should, &b->u.occur.should) &&
				   lists_equal(&a->u.occur.must_not, &b->u.occur.must_not);
		case UD_QUERY_TERM:
		case UD_QUERY_PHRASE:
			return ud_span_equal(a->u.value, b->u.value);
		case UD_QUERY_WILDCARD:
			return patterns_equal(&a->u.pattern, &b->u.pattern);
		case UD_QUERY_RANGE:
			return bounds_equal(&a->u.range.low, &b->u.range.low) &&
				   bounds_equal(&a->u.range.high, &b->u.range.high);
		case UD_QUERY_ALL:
		case UD_QUERY_NONE:
		case UD_QUERY_EXISTS:
		case UD_QUERY_MISSING:
			break;
	}
	return true;
}

/*
 * Hash: FNV-1a over the kinds, numbers and bytes of the tree in their order, with a finish that
 * spreads the last ones over all bits
 */

static uint64_t
hash_byte(uint64_t hash, unsigned char byte)
{
	return (hash ^ byte) * UINT64_C(0x100000001b3);
}

static uint64_t
hash_number(uint64_t hash, uint64_t number)
{
	for (int shift = 0; shift < 64; shift += 8)
		hash = hash_byte(hash, (unsigned char)(number >> shift));
	return hash;
}

static uint64_t
hash_span(uint64_t hash, UdSpan span)
{
	hash = hash_number(hash, span.length);
	for (size_t i = 0; i < span.length; i++)
		hash = hash_byte(hash, (unsigned char)span.data[i]);
	return hash;
}

static uint64_t hash_node(uint64_t hash, const UdQueryNode *node);

static uint64_t
hash_list(uint64_t hash, const UdQueryList *list)
{
	hash = hash_number(hash, (uint64_t)list->count);
	for (int i = 0; i < list->count; i++)
		hash = hash_node(hash, list->nodes[i]);
	return hash;
}

static uint64_t
hash_pattern(uint64_t hash, const UdWildcard *pattern)
{
	hash = hash_number(hash, (uint64_t)pattern->nparts);
	for (int i = 0; i < pattern->nparts; i++)
	{
		hash = hash_byte(hash, (unsigned char)pattern->parts[i].kind);
		if (pattern->parts[i].kind == UD_WILDCARD_LITERAL)
			hash = hash_span(hash, pattern->parts[i].text);
	}
	return hash;
}

static uint64_t
hash_bound(uint64_t hash, const UdQueryBound *bound)
{
	hash = hash_byte(hash, (unsigned char)(bound->open | bound->inclusive << 1));
	if (bound->open)
		return hash;
	return hash_span(hash_byte(hash, bound->quoted), bound->value);
}

static uint64_t
hash_field(uint64_t hash, const UdQueryField *field)
{
	if (field == NULL)
		return hash_byte(hash, 0);
	return hash_span(hash_byte(hash, field->any ? 2 : 1), field->printed);
}

static uint64_t
hash_node(uint64_t hash, const UdQueryNode *node)
{
	hash = hash_byte(hash, (unsigned char)node->kind);
	hash = hash_field(hash, node->field);
	hash = hash_byte(hash, node->quoted);
	switch (node->kind)
	{
		case UD_QUERY_AND:
		case UD_QUERY_OR:
		case UD_QUERY_NOT:
			return hash_list(hash, &node->u.list);
		case UD_QUERY_OCCUR:
			hash = hash_list(hash, &node->u.occur.must);
			hash = hash_list(hash, &node->u.occur.should);
			return hash_list(hash, &node->u.occur.must_not);
		case UD_QUERY_TERM:
		case UD_QUERY_PHRASE:
			return hash_span(hash, node->u.value);
		case UD_QUERY_WILDCARD:
			return hash_pattern(hash, &node->u.pattern);
		case UD_QUERY_RANGE:
			return hash_bound(hash_bound(hash, &node->u.range.low), &node->u.range.high);
		case UD_QUERY_ALL:
		case UD_QUERY_NONE:
		case UD_QUERY_EXISTS:
		case UD_QUERY_MISSING:
			break;
	}
	return hash;
}

uint64_t
ud_query_hash(const UdQueryNode *node)
{
	uint64_t hash = hash_node(UINT64_C(0xcbf29ce484222325), node);

	hash ^= hash >> 33;
	hash *= UINT64_C(0xff51afd7ed558ccd);
	return hash ^ (hash >> 33);
}
