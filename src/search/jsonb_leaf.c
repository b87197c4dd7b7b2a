/*
 * jsonb_leaf.c: one condition of a query on the values that a path of a JSON document leads to.
 */
#include "base/userdir.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/server_charset.h"
#include "pure/date_value.h"
#include "pure/scalar.h"
#include "search/jsonb_leaf.h"

/* compare_strings orders by bytes, a string before what it is the beginning of. */
static int
compare_strings(UdSpan a, UdSpan b)
{
	int order = memcmp(a.data, b.data, Min(a.length, b.length));

	return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static int
compare_numbers(Numeric a, Numeric b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(a), NumericGetDatum(b)));
}

static int
compare_string_pointers(const void *a, const void *b)
{
	return compare_strings(*(const UdSpan *)a, *(const UdSpan *)b);
}

static int
compare_number_pointers(const void *a, const void *b)
{
	return compare_numbers(*(const Numeric *)a, *(const Numeric *)b);
}

/*
 * Making
 */

/* make_number converts the text of a number, which is known to be one. */
static Numeric
make_number(UdSpan text)
{
	return DatumGetNumeric(DirectFunctionCall3(numeric_in,
											   CStringGetDatum(pnstrdup(text.data, text.length)),
											   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

/* is_precise_date returns whether a value names at least a month; a bare year is a number. */
static bool
is_precise_date(const UdScalar *scalar)
{
	return scalar->is_date && scalar->date.unit != UD_DATE_YEAR;
}

/* add_term adds all that a term stands for; any_of has room for it. */
static void
add_term(UdJsonbAnyOf *any_of, UdSpan value, bool quoted)
{
	UdScalar scalar;

	any_of->strings[any_of->nstrings++] = value;
	if (quoted)
		return;
	ud_scalar_classify(value, &scalar);
	if (scalar.is_number)
		any_of->numbers[any_of->nnumbers++] = make_number(value);
	if (scalar.is_boolean)
		any_of->booleans[scalar.boolean] = true;
	if (is_precise_date(&scalar))
		any_of->dates[any_of->ndates++] = (UdInterval){scalar.date.start, scalar.date.end};
}

static void
make_any_of(UdJsonbAnyOf *any_of, UdQueryNode *const *leaves, int count)
{
	any_of->strings = palloc(sizeof(UdSpan) * (Size)count);
	any_of->numbers = palloc(sizeof(Numeric) * (Size)count);
	any_of->dates = palloc(sizeof(UdInterval) * (Size)count);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		add_term(any_of, leaves[i]->u.value, leaves[i]->quoted);
	}
	qsort(any_of->strings, (size_t)any_of->nstrings, sizeof(UdSpan), compare_string_pointers);
	qsort(any_of->numbers, (size_t)any_of->nnumbers, sizeof(Numeric), compare_number_pointers);
}

/* What a bound may be read as; an open one fits everything. */
typedef struct Bound
{
	const UdQueryBound *bound;
	UdScalar scalar;
	bool fits_number;
	bool fits_date;
} Bound;

static Bound
classify_bound(const UdQueryBound *bound)
{
	Bound result = {.bound = bound, .fits_number = bound->open, .fits_date = bound->open};

	if (bound->open || bound->quoted)
		return result;
	ud_scalar_classify(bound->value, &result.scalar);
	result.fits_number = result.scalar.is_number;
	result.fits_date = result.scalar.is_date;
	return result;
}

static Numeric
bound_number(const Bound *bound)
{
	return bound->bound->open ? NULL : make_number(bound->bound->value);
}

/*
 * make_range decides by the bounds that are given what kind of values a range holds. A bare year is
 * a number, unless the other bound can be nothing but a date.
 */
static void
make_range(UdJsonbLeaf *leaf, const UdQueryRange *range)
{
	Bound low = classify_bound(&range->low);
	Bound high = classify_bound(&range->high);

	if (low.fits_number && high.fits_number)
	{
		leaf->test = UD_JSONB_TEST_NUMBERS;
		leaf->u.numbers.low = bound_number(&low);
		leaf->u.numbers.high = bound_number(&high);
		leaf->u.numbers.low_inclusive = range->low.inclusive;
		leaf->u.numbers.high_inclusive = range->high.inclusive;
	}
	else if (low.fits_date && high.fits_date)
	{
		leaf->test = UD_JSONB_TEST_DATES;
		leaf->u.dates.start = range->low.open
								  ? PG_INT64_MIN
								  : ud_partial_date_lower(&low.scalar.date, range->low.inclusive);
		leaf->u.dates.end = range->high.open
								? PG_INT64_MAX
								: ud_partial_date_upper(&high.scalar.date, range->high.inclusive);
	}
	else
	{
		leaf->test = UD_JSONB_TEST_TEXTS;
		leaf->u.texts = *range;
	}
}

UdJsonbLeaf *
ud_jsonb_leaf_make(UdQueryNode *const *leaves, int count, int skip)
{
	UdJsonbLeaf *leaf = palloc0(sizeof(UdJsonbLeaf));
	const UdQueryNode *first = leaves[0];

	if (first->field != NULL && first->field->nsegments > skip)
	{
		leaf->nnames = first->field->nsegments - skip;
		leaf->names = first->field->segments + skip;
	}
	switch (first->kind)
	{
		case UD_QUERY_EXISTS:
			leaf->test = UD_JSONB_TEST_EXISTS;
			break;
		case UD_QUERY_TERM:
			leaf->test = UD_JSONB_TEST_ANY_OF;
			make_any_of(&leaf->u.any_of, leaves, count);
			break;
		case UD_QUERY_WILDCARD:
			leaf->test = UD_JSONB_TEST_PATTERN;
			leaf->u.pattern = first->u.pattern;
			break;
		case UD_QUERY_RANGE:
			make_range(leaf, &first->u.range);
			break;
		default:
			elog(ERROR, "query node %d is no condition", (int)first->kind);
	}
	return leaf;
}

/*
 * Evaluating
 */

static void
check_for_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

static bool
is_in(const UdInterval *interval, int64 instant)
{
	return interval->start <= instant && instant < interval->end;
}

/* any_of_has_string looks a string up among the strings, and among the dates if it is one. */
static bool
any_of_has_string(const UdJsonbAnyOf *any_of, UdSpan string)
{
	int64_t instant;

	if (any_of->nstrings == 1 ? ud_span_equal(any_of->strings[0], string)
							  : bsearch(&string, any_of->strings, (size_t)any_of->nstrings,
										sizeof(UdSpan), compare_string_pointers) != NULL)
		return true;
	if (any_of->ndates == 0 || !ud_date_value_parse(string, &instant))
		return false;
	for (int i = 0; i < any_of->ndates; i++)
	{
		if (is_in(&any_of->dates[i], instant))
			return true;
	}
	return false;
}

static bool
any_of_has_number(const UdJsonbAnyOf *any_of, Numeric number)
{
	return any_of->nnumbers > 0 && bsearch(&number, any_of->numbers, (size_t)any_of->nnumbers,
										   sizeof(Numeric), compare_number_pointers) != NULL;
}

static bool
is_in_numbers(const UdNumberRange *range, Numeric number)
{
	if (range->low != NULL && compare_numbers(number, range->low) < (range->low_inclusive ? 0 : 1))
		return false;
	return range->high == NULL ||
		   compare_numbers(number, range->high) <= (range->high_inclusive ? 0 : -1);
}

static bool
is_in_texts(const UdQueryRange *range, UdSpan string)
{
	int order;

	if (!range->low.open)
	{
		order = compare_strings(string, range->low.value);
		if (order < 0 || (order == 0 && !range->low.inclusive))
			return false;
	}
	if (!range->high.open)
	{
		order = compare_strings(string, range->high.value);
		if (order > 0 || (order == 0 && !range->high.inclusive))
			return false;
	}
	return true;
}

bool
ud_jsonb_leaf_has_string(const UdJsonbLeaf *leaf, UdSpan string)
{
	int64_t instant;

	switch (leaf->test)
	{
		case UD_JSONB_TEST_ANY_OF:
			return any_of_has_string(&leaf->u.any_of, string);
		case UD_JSONB_TEST_PATTERN:
			return ud_wildcard_matches(&leaf->u.pattern, string, ud_server_charset(),
									   check_for_interrupts);
		case UD_JSONB_TEST_DATES:
			return ud_date_value_parse(string, &instant) && is_in(&leaf->u.dates, instant);
		case UD_JSONB_TEST_TEXTS:
			return is_in_texts(&leaf->u.texts, string);
		default:
			return false;
	}
}

/* fulfils returns whether a scalar at the end of the path fulfils the condition. */
static bool
fulfils(const UdJsonbLeaf *leaf, const UdJsonbValue *value)
{
	if (leaf->test == UD_JSONB_TEST_EXISTS)
		return value->type != UD_JSONB_NULL;
	switch (value->type)
	{
		case UD_JSONB_STRING:
			return ud_jsonb_leaf_has_string(leaf, value->u.string);
		case UD_JSONB_NUMBER:
			return (leaf->test == UD_JSONB_TEST_ANY_OF &&
					any_of_has_number(&leaf->u.any_of, value->u.number)) ||
				   (leaf->test == UD_JSONB_TEST_NUMBERS &&
					is_in_numbers(&leaf->u.numbers, value->u.number));
		case UD_JSONB_BOOLEAN:
			return leaf->test == UD_JSONB_TEST_ANY_OF && leaf->u.any_of.booleans[value->u.boolean];
		default:
			return false;
	}
}

/* An array on the way to a value, and how far the walk through it is. */
typedef struct ArrayLevel
{
	UdJsonbCursor elements;
	uint32 left;
	int name; /* of the path, the first one to follow from each element */
} ArrayLevel;

#define FEW_ARRAYS 8

/*
 * The arrays that a walk is in. Their nesting is the document's to decide; so that it can be any,
 * the walk does not recurse, and takes memory where they are more than few.
 */
typedef struct ArrayLevels
{
	ArrayLevel *levels;
	int count;
	int room;
	ArrayLevel few[FEW_ARRAYS];
} ArrayLevels;

static void
enter_array(ArrayLevels *arrays, const JsonbContainer *array, int name)
{
	if (arrays->count == arrays->room)
	{
		Size size = sizeof(ArrayLevel) * (Size)arrays->room;

		arrays->room *= 2;
		if (arrays->levels == arrays->few)
			arrays->levels = memcpy(palloc(size * 2), arrays->few, size);
		else
			arrays->levels = repalloc_huge(arrays->levels, size * 2);
	}
	arrays->levels[arrays->count++] =
		(ArrayLevel){ud_jsonb_elements(array), JsonContainerSize(array), name};
}

/* next_element finds the next element in the arrays that the walk is in; false if there is none. */
static bool
next_element(ArrayLevels *arrays, UdJsonbValue *element, int *name)
{
	for (; arrays->count > 0; arrays->count--)
	{
		ArrayLevel *level = &arrays->levels[arrays->count - 1];

		CHECK_FOR_INTERRUPTS();
		if (level->left == 0)
			continue;
		level->left--;
		*element = ud_jsonb_next(&level->elements);
		*name = level->name;
		return true;
	}
	return false;
}

/*
 * ends_at follows the path from its name number name on, which is where value is, through objects.
 * Returns false if there is nothing; else value is what is there, or the first array on the way,
 * and name the number of the name to follow from there.
 */
static bool
ends_at(const UdJsonbLeaf *leaf, UdJsonbValue *value, int *name)
{
	for (; value->type == UD_JSONB_OBJECT && *name < leaf->nnames; (*name)++)
	{
		if (!ud_jsonb_member(value->u.container, leaf->names[*name], value))
			return false;
	}
	return value->type == UD_JSONB_ARRAY || *name == leaf->nnames;
}

/* matches_end evaluates the condition on a value, no array, at the end of the path. */
static bool
matches_end(const UdJsonbLeaf *leaf, const UdJsonbValue *value)
{
	if (value->type == UD_JSONB_OBJECT)
		return leaf->test == UD_JSONB_TEST_EXISTS && JsonContainerSize(value->u.container) > 0;
	return fulfils(leaf, value);
}

bool
ud_jsonb_leaf_matches(const UdJsonbLeaf *leaf, const JsonbContainer *document)
{
	UdJsonbValue value = ud_jsonb_container_value(document);
	ArrayLevels arrays;
	int name = 0;
	bool result = false;

	arrays.levels = arrays.few;
	arrays.count = 0;
	arrays.room = FEW_ARRAYS;
	do
	{
		if (!ends_at(leaf, &value, &name))
			continue;
		if (value.type == UD_JSONB_ARRAY)
			enter_array(&arrays, value.u.container, name);
		else
			result = matches_end(leaf, &value);
	} while (!result && next_element(&arrays, &value, &name));
	if (arrays.levels != arrays.few)
		pfree(arrays.levels);
	return result;
}
