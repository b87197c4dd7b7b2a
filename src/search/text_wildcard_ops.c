/*
 * text_wildcard_ops.c: the support functions of the GIN operator class text_wildcard_ops.
 *
 * The keys are the grams of pure/text_grams.h as bigint. Their order is bigint's own: where it
 * differs from that of bytes, between grams whose first bytes are below and above 0x80, no range of
 * grams with a common beginning is torn apart.
 */
#include "base/userdir.h"

#include "access/gin.h"

#include "base/server_charset.h"
#include "pure/text_grams.h"
#include "search/text_match.h"

/* Finding the different grams of a value cannot be cancelled, so this bounds the time it takes. */
#define LONGEST_VALUE (16 * 1024 * 1024)

/* What extract_query leaves for the functions that are called with its conditions. */
typedef struct QueryKey
{
	UdGramCondition condition;
	bool exact; /* of the whole query; the same in each key */
} QueryKey;

UD_FUNCTION(userdir__text_wildcard_extract_value);

/*
 * userdir__text_wildcard_extract_value(value text, nkeys internal) returns the grams of a value.
 *
 * Errors: 54000 for a value of more than 16 MB.
 */
Datum
userdir__text_wildcard_extract_value(PG_FUNCTION_ARGS)
{
	text *argument = PG_GETARG_TEXT_PP(0);
	int32 *nkeys = (int32 *)PG_GETARG_POINTER(1);
	UdSpan value = ud_text_match_span(argument);
	uint64 *grams;
	Datum *keys;

	if (value.length > LONGEST_VALUE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("value of %zu bytes is too long for an index of class text_wildcard_ops",
						value.length),
				 errdetail("At most %d bytes can be indexed.", LONGEST_VALUE)));

	grams = palloc(ud_grams_room(value.length) * sizeof(uint64));
	*nkeys = (int32)ud_grams_of_value(value, ud_server_charset(), grams);
	keys = palloc(*nkeys * sizeof(Datum));
	for (int i = 0; i < *nkeys; i++)
		keys[i] = Int64GetDatum((int64)grams[i]);
	pfree(grams);
	PG_FREE_IF_COPY(argument, 0);
	PG_RETURN_POINTER(keys);
}

UD_FUNCTION(userdir__text_wildcard_extract_query);

/*
 * userdir__text_wildcard_extract_query(pattern text, nkeys, strategy, partial_matches, extra_data,
 * null_flags, search_mode) returns the grams that a pattern asks for.
 *
 * There is always one: what a pattern without literals matches has the gram of its beginning, which
 * is far less to read than the whole index. Errors: as matches_wildcard().
 */
Datum
userdir__text_wildcard_extract_query(PG_FUNCTION_ARGS)
{
	text *argument = PG_GETARG_TEXT_PP(0);
	int32 *nkeys = (int32 *)PG_GETARG_POINTER(1);
	bool **partial_matches = (bool **)PG_GETARG_POINTER(3);
	Pointer **extra_data = (Pointer **)PG_GETARG_POINTER(4);
	UdWildcard *pattern = ud_text_match_parse(ud_text_match_span(argument));
	UdGramQuery query;
	QueryKey *query_keys;
	Datum *keys;

	ud_grams_of_wildcard(pattern, ud_server_charset(), &query);
	pfree(pattern);

	*nkeys = query.nconditions;
	keys = palloc(query.nconditions * sizeof(Datum));
	query_keys = palloc(query.nconditions * sizeof(QueryKey));
	*partial_matches = palloc(query.nconditions * sizeof(bool));
	*extra_data = palloc(query.nconditions * sizeof(Pointer));
	for (int i = 0; i < query.nconditions; i++)
	{
		keys[i] = Int64GetDatum((int64)query.conditions[i].gram);
		query_keys[i] = (QueryKey){query.conditions[i], query.exact};
		(*partial_matches)[i] = query.conditions[i].mask != UINT64_MAX;
		(*extra_data)[i] = (Pointer)&query_keys[i];
	}
	PG_RETURN_POINTER(keys);
}

/* is_exact returns what extract_query found out: whether to have all grams is to match. */
static bool
is_exact(Pointer *extra_data)
{
	return ((QueryKey *)extra_data[0])->exact;
}

UD_FUNCTION(userdir__text_wildcard_consistent);

/*
 * userdir__text_wildcard_consistent(check, strategy, pattern, nkeys, extra_data, recheck, keys,
 * null_flags) returns whether a value with these grams may match.
 */
Datum
userdir__text_wildcard_consistent(PG_FUNCTION_ARGS)
{
	bool *check = (bool *)PG_GETARG_POINTER(0);
	int32 nkeys = PG_GETARG_INT32(3);
	Pointer *extra_data = (Pointer *)PG_GETARG_POINTER(4);
	bool *recheck = (bool *)PG_GETARG_POINTER(5);

	*recheck = !is_exact(extra_data);
	for (int i = 0; i < nkeys; i++)
	{
		if (!check[i])
			PG_RETURN_BOOL(false);
	}
	PG_RETURN_BOOL(true);
}

UD_FUNCTION(userdir__text_wildcard_tri_consistent);

/*
 * userdir__text_wildcard_tri_consistent(check, strategy, pattern, nkeys, extra_data, keys,
 * null_flags) is consistent for values of which not all grams are known.
 */
Datum
userdir__text_wildcard_tri_consistent(PG_FUNCTION_ARGS)
{
	GinTernaryValue *check = (GinTernaryValue *)PG_GETARG_POINTER(0);
	int32 nkeys = PG_GETARG_INT32(3);
	Pointer *extra_data = (Pointer *)PG_GETARG_POINTER(4);
	GinTernaryValue result = is_exact(extra_data) ? GIN_TRUE : GIN_MAYBE;

	for (int i = 0; i < nkeys; i++)
	{
		if (check[i] == GIN_FALSE)
			PG_RETURN_GIN_TERNARY_VALUE(GIN_FALSE);
		if (check[i] == GIN_MAYBE)
			result = GIN_MAYBE;
	}
	PG_RETURN_GIN_TERNARY_VALUE(result);
}

UD_FUNCTION(userdir__text_wildcard_compare_partial);

/*
 * userdir__text_wildcard_compare_partial(wanted bigint, key bigint, strategy, extra_data) returns 0
 * for a gram with the wanted beginning, 1 for one behind all of these.
 *
 * The scan starts at the first gram that could be wanted, so none before it is ever asked about.
 */
Datum
userdir__text_wildcard_compare_partial(PG_FUNCTION_ARGS)
{
	uint64 key = (uint64)PG_GETARG_INT64(1);
	const QueryKey *wanted = (QueryKey *)PG_GETARG_POINTER(3);

	PG_RETURN_INT32(ud_gram_meets(key, &wanted->condition) ? 0 : 1);
}
