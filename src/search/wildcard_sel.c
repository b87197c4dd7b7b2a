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

#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_statistic.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

#include "search/text_match.h"

/* What is assumed of a pattern that is not known when the plan is made. */
#define UNKNOWN_PATTERN 0.005

/* No pattern is taken to be rarer than this. */
#define LEAST_SELECTIVITY 1e-6

/* The share of values that contain a given character, and of these each further one in its place.
 */
#define FIRST_CHARACTER   0.3
#define FURTHER_CHARACTER 0.2
/* The share of values that have a given character at a given place. */
#define PLACED_CHARACTER 0.1

/* The expectation counts like so many values of the sample. */
#define WEIGHT_OF_EXPECTATION 15.0

/* expect_literal returns the share of values that are likely to contain a literal somewhere. */
static double
expect_literal(const UdWildcardSegment *segment, bool placed)
{
	double share = placed ? PLACED_CHARACTER : FIRST_CHARACTER;

	for (size_t i = 1; i < segment->characters && share > LEAST_SELECTIVITY; i++)
		share *= FURTHER_CHARACTER;
	return share;
}

/*
 * expect_from_literals returns the share of values that are likely to match, judged by the
 * literals alone, all or those behind the prefix.
 */
static double
expect_from_literals(const UdWildcard *wildcard, bool without_prefix)
{
	const UdWildcardSegment *prefix = ud_wildcard_prefix(wildcard);
	const UdWildcardSegment *suffix = ud_wildcard_suffix(wildcard);
	double share = 1.0;

	for (size_t i = 0; i < wildcard->nsegments && share > LEAST_SELECTIVITY; i++)
	{
		const UdWildcardSegment *segment = &wildcard->segments[i];

		if (segment != prefix || !without_prefix)
			share *= expect_literal(segment, segment == prefix || segment == suffix);
	}
	return Max(share, LEAST_SELECTIVITY);
}

/* compare_bytes returns how a value of a sample compares to some bytes. */
static int
compare_bytes(Datum value, const char *bytes, size_t length)
{
	text *sample = DatumGetTextPP(value);
	size_t sample_length = VARSIZE_ANY_EXHDR(sample);
	int order = memcmp(VARDATA_ANY(sample), bytes, Min(sample_length, length));

	return order != 0 ? order : (sample_length > length) - (sample_length < length);
}

static bool
begins_with(Datum value, const UdWildcardSegment *prefix)
{
	text *sample = DatumGetTextPP(value);

	return VARSIZE_ANY_EXHDR(sample) >= prefix->length &&
		   memcmp(VARDATA_ANY(sample), prefix->literal, prefix->length) == 0;
}

/* common_length returns how many bytes a value and a prefix have in common at their beginnings. */
static size_t
common_length(Datum value, const UdWildcardSegment *prefix)
{
	text *sample = DatumGetTextPP(value);
	size_t length = Min(VARSIZE_ANY_EXHDR(sample), prefix->length);
	size_t common = 0;

	while (common < length && VARDATA_ANY(sample)[common] == prefix->literal[common])
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
		text *value = DatumGetTextPP(sample->values[i]);

		if (compare_bytes(sample->values[i - 1], VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)) > 0)
			return false;
	}
	return true;
}

/*
 * expect_prefix returns the share of values that begin with a prefix, by its place in a sample that
 * is in byte order. Between two neighbours of the sample lie equal shares of the values.
 */
static double
expect_prefix(const AttStatsSlot *sample, const UdWildcardSegment *prefix)
{
	double share_between = 1.0 / (sample->nvalues - 1);
	int first = 0;
	int behind;
	size_t known;

	while (first < sample->nvalues &&
		   compare_bytes(sample->values[first], prefix->literal, prefix->length) < 0)
		first++;
	for (behind = first; behind < sample->nvalues && begins_with(sample->values[behind], prefix);)
		behind++;
	if (behind > first)
		return Min(1.0, share_between * (behind - first));
	if (first == 0 || first == sample->nvalues)
		return LEAST_SELECTIVITY;

	/* All of them lie between two neighbours, and what the neighbours begin with tells little. */
	known = Max(common_length(sample->values[first - 1], prefix),
				common_length(sample->values[first], prefix));
	for (; known < prefix->length && share_between > LEAST_SELECTIVITY; known++)
		share_between *= FURTHER_CHARACTER;
	return share_between;
}

/* count_matches returns how many values of a sample match. */
static int
count_matches(const AttStatsSlot *sample, const UdWildcard *wildcard)
{
	int matches = 0;

	for (int i = 0; i < sample->nvalues; i++)
	{
		text *value = DatumGetTextPP(sample->values[i]);

		matches += ud_wildcard_match(wildcard, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	}
	return matches;
}

/* estimate_others returns the share of matches among the values that are not the most common. */
static double
estimate_others(const AttStatsSlot *sample, const UdWildcard *wildcard)
{
	const UdWildcardSegment *prefix = ud_wildcard_prefix(wildcard);
	double expected;

	if (prefix != NULL && sample->nvalues > 1 && in_byte_order(sample))
		expected = expect_prefix(sample, prefix) * expect_from_literals(wildcard, true);
	else
		expected = expect_from_literals(wildcard, false);
	return (count_matches(sample, wildcard) + expected * WEIGHT_OF_EXPECTATION) /
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
estimate_from_statistics(HeapTuple statistics, bool readable, const UdWildcard *wildcard)
{
	double share_of_nulls = ((Form_pg_statistic)GETSTRUCT(statistics))->stanullfrac;
	double share_of_common = 0.0;
	double common_matches = 0.0;
	double others = expect_from_literals(wildcard, false);
	AttStatsSlot slot;

	if (readable && load_slot(&slot, statistics, STATISTIC_KIND_MCV,
							  ATTSTATSSLOT_VALUES | ATTSTATSSLOT_NUMBERS))
	{
		for (int i = 0; i < slot.nvalues; i++)
		{
			text *value = DatumGetTextPP(slot.values[i]);

			share_of_common += slot.numbers[i];
			if (ud_wildcard_match(wildcard, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)))
				common_matches += slot.numbers[i];
		}
		free_attstatsslot(&slot);
	}
	if (readable && load_slot(&slot, statistics, STATISTIC_KIND_HISTOGRAM, ATTSTATSSLOT_VALUES))
	{
		others = estimate_others(&slot, wildcard);
		free_attstatsslot(&slot);
	}
	return common_matches + Max(0.0, 1.0 - share_of_nulls - share_of_common) * others;
}

/* estimate_pattern returns the share of rows whose variable matches a pattern. */
static double
estimate_pattern(VariableStatData *variable, Oid operator_oid, text *pattern)
{
	UdWildcard *wildcard =
		ud_text_match_try_parse(VARDATA_ANY(pattern), VARSIZE_ANY_EXHDR(pattern));

	/* The execution will say what is wrong with it. */
	if (wildcard == NULL)
		return UNKNOWN_PATTERN;

	if (ud_wildcard_is_literal(wildcard))
	{
		const UdWildcardSegment *whole = ud_wildcard_prefix(wildcard);
		text *value = whole ? cstring_to_text_with_len(whole->literal, (int)whole->length)
							: cstring_to_text("");

		return var_eq_const(variable, TextEqualOperator, C_COLLATION_OID, PointerGetDatum(value),
							false, true, false);
	}
	if (!HeapTupleIsValid(variable->statsTuple))
		return expect_from_literals(wildcard, false);
	return estimate_from_statistics(
		variable->statsTuple, statistic_proc_security_check(variable, get_opcode(operator_oid)),
		wildcard);
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
			selectivity =
				Max(LEAST_SELECTIVITY,
					estimate_pattern(&variable, operator_oid, DatumGetTextPP(pattern->constvalue)));
	}
	ReleaseVariableStats(variable);
	CLAMP_PROBABILITY(selectivity);
	PG_RETURN_FLOAT8(selectivity);
}
