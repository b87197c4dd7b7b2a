/*
 * wildcard_sel.c: how many rows a wildcard pattern will find.
 *
 * What ANALYZE keeps of a column, or of an indexed expression, is a list of its most common values
 * with their frequencies and a sample of the others (the histogram's bounds). Patterns are tried on
 * both. The sample is small, so what it says is mixed with what the pattern's own literals make one
 * expect; and where the sample is in byte order, the place of a literal prefix in it tells more
 * than the number of its matches.
 */
#include "base/userdir.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_statistic.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

#include "base/server_charset.h"
#include "search/text_match.h"

/* What is assumed of a pattern that is not known when the plan is made. */
#define UNKNOWN_PATTERN 0.005

/* No pattern is taken to be rarer than this. */
#define LEAST_SELECTIVITY 1e-6

/*
 * The share of values that contain a given character; of these the share that goes on with a given
 * second, third and fourth one; and with each later one, which the others make ever more likely.
 */
#define FIRST_CHARACTER 0.3
#define NEXT_CHARACTER  0.2
#define LATER_CHARACTER 0.75
#define LAST_NEXT       4

/* The share of values that have a given character at a given place. */
#define PLACED_CHARACTER 0.1

/* The expectation counts like so many values of the sample. */
#define WEIGHT_OF_EXPECTATION 15.0

/* expect_literal returns the share of values that are likely to contain a literal somewhere. */
static double
expect_literal(UdSpan literal, bool placed)
{
	size_t characters = ud_charset_count(ud_server_charset(), literal.data, literal.length);
	double share = placed ? PLACED_CHARACTER : FIRST_CHARACTER;

	for (size_t i = 2; i <= characters && share > LEAST_SELECTIVITY; i++)
		share *= i <= LAST_NEXT ? NEXT_CHARACTER : LATER_CHARACTER;
	return share;
}

/*
 * combine_shares returns the share of values that meet two conditions. They are seldom independent,
 * so the weaker one counts by its square root.
 */
static double
combine_shares(double one, double other)
{
	return Max(LEAST_SELECTIVITY, Min(one, other) * sqrt(Max(one, other)));
}

/*
 * expect_from_literals returns the share of values that are likely to match, judged by the literals
 * alone. known is the share of values that begin with the prefix, negative when nothing is known.
 */
static double
expect_from_literals(const UdWildcard *pattern, double known)
{
	int last = pattern->nparts - 1;
	double share = 1.0;

	for (int i = 0; i <= last && share > LEAST_SELECTIVITY; i++)
	{
		const UdWildcardPart *part = &pattern->parts[i];

		if (part->kind == UD_WILDCARD_LITERAL)
			share = combine_shares(share, i == 0 && known >= 0.0
											  ? known
											  : expect_literal(part->text, i == 0 || i == last));
	}
	return share;
}

static UdSpan
span_of(Datum value)
{
	return ud_text_match_span(DatumGetTextPP(value));
}

static int
compare_bytes(UdSpan one, UdSpan other)
{
	int order = memcmp(one.data, other.data, Min(one.length, other.length));

	return order != 0 ? order : (one.length > other.length) - (one.length < other.length);
}

static bool
begins_with(UdSpan value, UdSpan prefix)
{
	return value.length >= prefix.length && memcmp(value.data, prefix.data, prefix.length) == 0;
}

/* common_length returns how many bytes at their beginnings two texts have in common. */
static size_t
common_length(UdSpan one, UdSpan other)
{
	size_t length = Min(one.length, other.length);
	size_t common = 0;

	while (common < length && one.data[common] == other.data[common])
		common++;
	return common;
}

/* in_byte_order returns whether a sample, sorted by its column's collation, is in byte order too.
 */
static bool
in_byte_order(const AttStatsSlot *sample)
{
	for (int i = 1; i < sample->nvalues; i++)
	{
		if (compare_bytes(span_of(sample->values[i - 1]), span_of(sample->values[i])) > 0)
			return false;
	}
	return true;
}

/*
 * expect_prefix returns the share of values that begin with a prefix, by its place in a sample that
 * is in byte order. Between two neighbours of the sample lie equal shares of the values.
 */
static double
expect_prefix(const AttStatsSlot *sample, UdSpan prefix)
{
	double share_between = 1.0 / (sample->nvalues - 1);
	int first = 0;
	int behind;
	size_t known;

	while (first < sample->nvalues && compare_bytes(span_of(sample->values[first]), prefix) < 0)
		first++;
	behind = first;
	while (behind < sample->nvalues && begins_with(span_of(sample->values[behind]), prefix))
		behind++;
	if (behind > first)
		return Min(1.0, share_between * (behind - first));
	if (first == 0 || first == sample->nvalues)
		return LEAST_SELECTIVITY;

	/* All of them lie between two neighbours, and what the neighbours begin with tells little. */
	known = Max(common_length(span_of(sample->values[first - 1]), prefix),
				common_length(span_of(sample->values[first]), prefix));
	for (; known < prefix.length && share_between > LEAST_SELECTIVITY; known++)
		share_between *= NEXT_CHARACTER;
	return share_between;
}

/* count_matches returns how many values of a sample match. */
static int
count_matches(const AttStatsSlot *sample, const UdWildcard *pattern)
{
	int matches = 0;

	for (int i = 0; i < sample->nvalues; i++)
		matches += ud_text_match_matches(pattern, span_of(sample->values[i]));
	return matches;
}

/* estimate_others returns the share of matches among the values that are not the most common. */
static double
estimate_others(const AttStatsSlot *sample, const UdWildcard *pattern)
{
	double known = -1.0;
	double expected;

	if (pattern->parts[0].kind == UD_WILDCARD_LITERAL && sample->nvalues > 1 &&
		in_byte_order(sample))
		known = expect_prefix(sample, pattern->parts[0].text);
	expected = expect_from_literals(pattern, known);
	return (count_matches(sample, pattern) + expected * WEIGHT_OF_EXPECTATION) /
		   (sample->nvalues + WEIGHT_OF_EXPECTATION);
}

/* load_slot reads statistics of one kind that are about texts; returns false when there are none.
 */
static bool
load_slot(AttStatsSlot *slot, HeapTuple statistics, int kind, int flags)
{
	if (!get_attstatsslot(slot, statistics, kind, InvalidOid, flags))
		return false;
	if (slot->valuetype == TEXTOID || slot->valuetype == VARCHAROID)
		return true;
	free_attstatsslot(slot);
	return false;
}

/*
 * estimate_from_statistics returns the share of rows that match, by what is known of the column.
 * readable tells whether the caller may learn of single values.
 */
static double
estimate_from_statistics(HeapTuple statistics, bool readable, const UdWildcard *pattern)
{
	double share_of_nulls = ((Form_pg_statistic)GETSTRUCT(statistics))->stanullfrac;
	double share_of_common = 0.0;
	double common_matches = 0.0;
	double others = expect_from_literals(pattern, -1.0);
	AttStatsSlot slot;

	if (readable && load_slot(&slot, statistics, STATISTIC_KIND_MCV,
							  ATTSTATSSLOT_VALUES | ATTSTATSSLOT_NUMBERS))
	{
		for (int i = 0; i < slot.nvalues; i++)
		{
			share_of_common += slot.numbers[i];
			if (ud_text_match_matches(pattern, span_of(slot.values[i])))
				common_matches += slot.numbers[i];
		}
		free_attstatsslot(&slot);
	}
	if (readable && load_slot(&slot, statistics, STATISTIC_KIND_HISTOGRAM, ATTSTATSSLOT_VALUES))
	{
		others = estimate_others(&slot, pattern);
		free_attstatsslot(&slot);
	}
	return common_matches + Max(0.0, 1.0 - share_of_nulls - share_of_common) * others;
}

/* has_wildcard returns whether a pattern is more than one literal or nothing at all. */
static bool
has_wildcard(const UdWildcard *pattern)
{
	return pattern->nparts > 1 ||
		   (pattern->nparts == 1 && pattern->parts[0].kind != UD_WILDCARD_LITERAL);
}

/* estimate_pattern returns the share of rows whose variable matches a pattern. */
static double
estimate_pattern(VariableStatData *variable, Oid operator_oid, Datum text_of_pattern)
{
	UdWildcard *pattern = ud_text_match_try_parse(span_of(text_of_pattern));

	/* The execution will say what is wrong with it. */
	if (pattern == NULL)
		return UNKNOWN_PATTERN;

	if (!has_wildcard(pattern))
	{
		UdSpan literal = pattern->nparts > 0 ? pattern->parts[0].text : UD_SPAN("");
		text *value = cstring_to_text_with_len(literal.data, (int)literal.length);

		return var_eq_const(variable, TextEqualOperator, C_COLLATION_OID, PointerGetDatum(value),
							false, true, false);
	}
	if (!HeapTupleIsValid(variable->statsTuple))
		return expect_from_literals(pattern, -1.0);
	return estimate_from_statistics(
		variable->statsTuple, statistic_proc_security_check(variable, get_opcode(operator_oid)),
		pattern);
}

UD_FUNCTION(userdir_wildcard_sel);

/*
 * userdir_wildcard_sel(planner, operator oid, arguments, relation) returns the share of rows that a
 * wildcard condition is likely to find.
 */
Datum
userdir_wildcard_sel(PG_FUNCTION_ARGS)
{
	PlannerInfo *root = (PlannerInfo *)PG_GETARG_POINTER(0);
	Oid operator_oid = PG_GETARG_OID(1);
	List *arguments = (List *)PG_GETARG_POINTER(2);
	int relation = PG_GETARG_INT32(3);
	double selectivity = UNKNOWN_PATTERN;
	VariableStatData variable;
	Node *other;
	bool variable_on_the_left;

	if (!get_restriction_variable(root, arguments, relation, &variable, &other,
								  &variable_on_the_left))
		PG_RETURN_FLOAT8(selectivity);

	if (variable_on_the_left && IsA(other, Const))
	{
		const Const *pattern = (const Const *)other;

		if (pattern->constisnull)
		{
			ReleaseVariableStats(variable);
			PG_RETURN_FLOAT8(0.0);
		}
		if (pattern->consttype == TEXTOID)
			selectivity = Max(LEAST_SELECTIVITY,
							  estimate_pattern(&variable, operator_oid, pattern->constvalue));
	}
	ReleaseVariableStats(variable);
	CLAMP_PROBABILITY(selectivity);
	PG_RETURN_FLOAT8(selectivity);
}
