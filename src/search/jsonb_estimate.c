/*
 * jsonb_estimate.c: which part of a table's documents a query matches, as far as one can tell.
 */
#include "base/userdir.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/builtins.h"

#include "search/jsonb_estimate.h"

/* When nothing is known */
#define DEFAULT_VALUE  0.005
#define DEFAULT_WALK   0.02
#define DEFAULT_EXISTS 0.3

/*
 * An AND is taken for independent conditions, but for this: it has at least this part of the rows
 * of its rarest condition. Rows that are not expected at all cost the most.
 */
#define LEAST_OF_RAREST 0.02

/* Planning must not take long: of many values some are looked up, and after many looks none are. */
#define MOST_VALUES   100
#define MOST_COUNTS   500
#define MOST_OPERANDS 100

static double
default_part(const UdJsonbLeaf *leaf)
{
	if (leaf->test == UD_JSONB_TEST_EXISTS)
		return DEFAULT_EXISTS;
	if (leaf->test == UD_JSONB_TEST_ANY_OF)
		return Min(DEFAULT_VALUE * leaf->u.any_of.nstrings, 0.5);
	return DEFAULT_WALK;
}

/* count_existing returns how many rows have anything at the path of a condition. */
static double
count_existing(UdJsonbProbe *probe, const UdJsonbLeaf *leaf)
{
	UdJsonbLeaf existence = {
		.nnames = leaf->nnames, .names = leaf->names, .test = UD_JSONB_TEST_EXISTS};
	UdJsonbSearchKeys search = {0};

	/* of the document itself there is no such key */
	if (leaf->nnames == 0)
		return ud_jsonb_probe_rows(probe);
	ud_jsonb_search_keys_add(&search, &existence);
	return ud_jsonb_probe_count(probe, &search.keys[0]);
}

/* count_keys adds up what search keys find, or some of them at even distances. */
static double
count_keys(UdJsonbProbe *probe, const UdJsonbSearchKeys *search)
{
	int counted = Min(search->count, MOST_VALUES);
	double rows = 0;

	for (int i = 0; i < counted; i++)
	{
		int key = (int)((int64)i * search->count / counted);

		rows += ud_jsonb_probe_count(probe, &search->keys[key]);
	}
	return rows * search->count / counted;
}

/* estimate_leaf estimates one condition. */
static double
estimate_leaf(UdJsonbProbe *probe, const UdJsonbLeaf *leaf)
{
	UdJsonbSearchKeys search = {0};
	double rows;

	if (probe == NULL || ud_jsonb_probe_counts(probe) > MOST_COUNTS)
		return default_part(leaf);
	ud_jsonb_search_keys_add(&search, leaf);
	rows = count_keys(probe, &search);

	/* a row that has several of the keys was counted several times */
	if (search.count > 1 || search.keys[0].walk != UD_JSONB_WALK_NONE)
		rows = Min(rows, count_existing(probe, leaf));
	return Min(rows / ud_jsonb_probe_rows(probe), 1.0);
}

static bool
is_same_path(const UdJsonbLeaf *a, const UdJsonbLeaf *b)
{
	if (a->nnames != b->nnames)
		return false;
	for (int i = 0; i < a->nnames; i++)
	{
		if (!ud_span_equal(a->names[i], b->names[i]))
			return false;
	}
	return true;
}

/* narrow_bound takes the narrower of two bounds; sign is 1 for lower ones, -1 for upper ones. */
static void
narrow_bound(Numeric *bound, bool *inclusive, Numeric other, bool other_inclusive, int sign)
{
	int order = 0;

	if (other == NULL)
		return;
	if (*bound != NULL)
		order = sign * DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(other),
														 NumericGetDatum(*bound)));
	if (*bound == NULL || order > 0)
	{
		*bound = other;
		*inclusive = other_inclusive;
	}
	else if (order == 0)
		*inclusive = *inclusive && other_inclusive;
}

/* narrow turns a range into what it has in common with another of its kind on the same path. */
static bool
narrow(UdJsonbLeaf *range, const UdJsonbLeaf *other)
{
	if (range->test != other->test || !is_same_path(range, other))
		return false;
	if (range->test == UD_JSONB_TEST_NUMBERS)
	{
		UdNumberRange *a = &range->u.numbers;
		const UdNumberRange *b = &other->u.numbers;

		narrow_bound(&a->low, &a->low_inclusive, b->low, b->low_inclusive, 1);
		narrow_bound(&a->high, &a->high_inclusive, b->high, b->high_inclusive, -1);
		return true;
	}
	if (range->test == UD_JSONB_TEST_DATES)
	{
		range->u.dates.start = Max(range->u.dates.start, other->u.dates.start);
		range->u.dates.end = Min(range->u.dates.end, other->u.dates.end);
		return true;
	}
	return false;
}

/*
 * estimate_operand estimates the operand number i of an AND, together with all ranges behind it
 * that are on the same path; these are marked as done. "x:>5 AND x:<9" is one condition really.
 */
static double
estimate_operand(UdJsonbProbe *probe, const UdJsonbNode *node, int i, bool *done)
{
	UdJsonbLeaf range;

	if (node->children[i]->kind != UD_JSONB_LEAF)
		return ud_jsonb_estimate(probe, node->children[i]);
	range = *node->children[i]->leaf;
	if (range.test == UD_JSONB_TEST_NUMBERS || range.test == UD_JSONB_TEST_DATES)
	{
		for (int j = i + 1; j < node->nchildren && j <= i + MOST_OPERANDS; j++)
		{
			if (!done[j] && node->children[j]->kind == UD_JSONB_LEAF &&
				narrow(&range, node->children[j]->leaf))
				done[j] = true;
		}
	}
	return estimate_leaf(probe, &range);
}

static double
estimate_and(UdJsonbProbe *probe, const UdJsonbNode *node)
{
	bool *done = palloc0(sizeof(bool) * (Size)node->nchildren);
	double product = 1;
	double rarest = 1;

	for (int i = 0; i < node->nchildren; i++)
	{
		double part;

		if (done[i])
			continue;
		part = estimate_operand(probe, node, i, done);
		product *= part;
		rarest = Min(rarest, part);
	}
	pfree(done);
	return Max(product, rarest * LEAST_OF_RAREST);
}

/* estimate_or goes by some of its operands, at even distances, where there are many. */
static double
estimate_or(UdJsonbProbe *probe, const UdJsonbNode *node)
{
	int estimated = Min(node->nchildren, MOST_OPERANDS);
	double others = 1;

	for (int i = 0; i < estimated; i++)
	{
		int operand = (int)((int64)i * node->nchildren / estimated);

		others *= 1 - ud_jsonb_estimate(probe, node->children[operand]);
	}
	return 1 - pow(others, (double)node->nchildren / estimated);
}

double
ud_jsonb_estimate(UdJsonbProbe *probe, const UdJsonbNode *node)
{
	CHECK_FOR_INTERRUPTS();
	switch (node->kind)
	{
		case UD_JSONB_ALL:
			return 1;
		case UD_JSONB_NONE:
			return 0;
		case UD_JSONB_LEAF:
			return estimate_leaf(probe, node->leaf);
		case UD_JSONB_NOT:
			return 1 - ud_jsonb_estimate(probe, node->children[0]);
		case UD_JSONB_AND:
			return estimate_and(probe, node);
		case UD_JSONB_OR:
			return estimate_or(probe, node);
	}
	return 1;
}
