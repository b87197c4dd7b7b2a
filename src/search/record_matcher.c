/*
 * record_matcher.c: evaluation of a query on rows in memory.
 *
 * What the tests look at are readings of columns: a column's value, its text, its text folded. A
 * reading is made when a test first asks for it and serves all tests of the row. It holds the
 * values that are not null: none or one, or the elements of an array.
 */
#include "base/userdir.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "parser/parse_coerce.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "search/email_domain.h"
#include "search/fold_case.h"
#include "search/jsonb_leaf.h"
#include "search/record_matcher.h"
#include "search/record_query.h"
#include "search/text_match.h"

typedef enum Conversion
{
	CONVERT_NOT,     /* the value is a text, or is wanted as it is */
	CONVERT_BY_CALL, /* a cast function */
	CONVERT_BY_OUTPUT
} Conversion;

typedef struct Reading
{
	AttrNumber attnum;
	UdReading kind;
	Conversion conversion;
	FmgrInfo function; /* of the conversion */
	Oid array_type;
	Oid type;
	int16 length; /* of the type */
	bool by_value;
	char alignment;

	bool is_made; /* for the row at hand */
	int count;
	Datum *values;
	Datum single; /* room for the value of a column that is no array */
} Reading;

/* What a test needs here beside what it says itself */
typedef struct UdMatch
{
	Reading *reading;
	FmgrInfo functions[2];
	const UdJsonbLeaf *leaf;
} UdMatch;

struct UdRecordMatcher
{
	TupleDesc row; /* NULL: unknown */
	UdRecordNode *query;
	int nreadings;
	Reading **readings;
	Datum *values;
	bool *nulls;
	MemoryContext row_context; /* what is made for one row */
};

/* set_conversion finds out how values of a type become text. */
static void
set_conversion(Reading *reading, const UdField *field)
{
	Oid function;
	bool is_varlena;

	reading->conversion = CONVERT_NOT;
	if (reading->kind == UD_READ_VALUE || reading->kind == UD_READ_HOST)
		return;
	if (field->class == UD_FIELD_TEXT)
	{
		switch (find_coercion_pathway(TEXTOID, field->type, COERCION_EXPLICIT, &function))
		{
			case COERCION_PATH_RELABELTYPE:
				return;
			case COERCION_PATH_FUNC:
				reading->conversion = CONVERT_BY_CALL;
				fmgr_info(function, &reading->function);
				return;
			default:
				break;
		}
	}
	reading->conversion = CONVERT_BY_OUTPUT;
	getTypeOutputInfo(field->type, &function, &is_varlena);
	fmgr_info(function, &reading->function);
}

/* get_reading returns the reading that a test needs; equal ones are shared. */
static Reading *
get_reading(UdRecordMatcher *matcher, const UdTest *test)
{
	Reading *reading;

	for (int i = 0; i < matcher->nreadings; i++)
	{
		reading = matcher->readings[i];
		if (reading->attnum == test->field.attnum && reading->kind == test->reading)
			return reading;
	}

	reading = palloc0(sizeof(Reading));
	reading->attnum = test->field.attnum;
	reading->kind = test->reading;
	reading->array_type = test->field.array_type;
	reading->type = test->field.type;
	get_typlenbyvalalign(reading->type, &reading->length, &reading->by_value, &reading->alignment);
	set_conversion(reading, &test->field);

	/* there are at most five readings of a column */
	if (matcher->readings == NULL)
		matcher->readings = palloc(sizeof(Reading *) * 5 * (size_t)matcher->row->natts);
	matcher->readings[matcher->nreadings++] = reading;
	return reading;
}

static void
prepare_test(UdRecordMatcher *matcher, UdTest *test)
{
	UdMatch *match = palloc0(sizeof(UdMatch));

	match->reading = get_reading(matcher, test);
	for (int i = 0; i < test->ncomparisons; i++)
		fmgr_info(get_opcode(test->comparisons[i].opno), &match->functions[i]);
	if (test->kind == UD_TEST_DOCUMENT)
		match->leaf = ud_jsonb_leaf_make(&test->document, 1, 0);
	test->match = match;
}

static void
prepare(UdRecordMatcher *matcher, UdRecordNode *node)
{
	check_stack_depth();
	if (node->kind == UD_RECORD_TEST)
		prepare_test(matcher, node->test);
	for (int i = 0; i < node->count; i++)
		prepare(matcher, node->nodes[i]);
}

UdRecordMatcher *
ud_record_matcher_make(TupleDesc row, const struct varlena *query)
{
	UdRecordMatcher *matcher = palloc0(sizeof(UdRecordMatcher));

	if (row == NULL)
	{
		matcher->query = palloc0(sizeof(UdRecordNode));
		matcher->query->kind = UD_RECORD_CONSTANT;
		matcher->query->value = ud_record_query_resolve_unknown(query);
		return matcher;
	}
	matcher->row = CreateTupleDescCopy(row);
	matcher->query = ud_record_query_resolve(row, query);
	matcher->values = palloc(sizeof(Datum) * (size_t)Max(row->natts, 1));
	matcher->nulls = palloc(sizeof(bool) * (size_t)Max(row->natts, 1));
	matcher->row_context =
		AllocSetContextCreate(CurrentMemoryContext, "userdir row", ALLOCSET_SMALL_SIZES);
	prepare(matcher, matcher->query);
	return matcher;
}

/* text_of returns a value as text, not compressed and in line. */
static text *
text_of(Reading *reading, Datum value)
{
	switch (reading->conversion)
	{
		case CONVERT_BY_CALL:
			value = FunctionCall1(&reading->function, value);
			break;
		case CONVERT_BY_OUTPUT:
			return cstring_to_text(OutputFunctionCall(&reading->function, value));
		case CONVERT_NOT:
			break;
	}
	return DatumGetTextPP(value);
}

static Datum
document_of(const Reading *reading, Datum value)
{
	if (reading->type == JSONOID)
		value = DirectFunctionCall1(jsonb_in, CStringGetDatum(TextDatumGetCString(value)));
	return JsonbPGetDatum(DatumGetJsonbP(value));
}

/* read_value reads one value; returns false if the reading of it is null. */
static bool
read_value(Reading *reading, Datum value, Datum *result)
{
	text *domain;

	switch (reading->kind)
	{
		case UD_READ_VALUE:
			*result = reading->type == JSONBOID || reading->type == JSONOID
						  ? document_of(reading, value)
						  : value;
			return true;
		case UD_READ_TEXT:
			*result = PointerGetDatum(text_of(reading, value));
			return true;
		case UD_READ_FOLDED:
			*result = PointerGetDatum(ud_fold_case_text(text_of(reading, value)));
			return true;
		case UD_READ_DOMAIN:
			domain = ud_email_domain_text(text_of(reading, value));
			*result = PointerGetDatum(domain);
			return domain != NULL;
		case UD_READ_HOST:
			*result = DirectFunctionCall1(network_host, value);
			return true;
	}
	return false;
}

static void
read_array(Reading *reading, Datum value)
{
	Datum *elements;
	bool *nulls;
	int count;

	deconstruct_array(DatumGetArrayTypeP(value), reading->type, reading->length, reading->by_value,
					  reading->alignment, &elements, &nulls, &count);
	reading->values = elements;
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!nulls[i] && read_value(reading, elements[i], &reading->values[reading->count]))
			reading->count++;
	}
}

/* make_reading reads a column of the row at hand. */
static void
make_reading(const UdRecordMatcher *matcher, Reading *reading)
{
	int index = AttrNumberGetAttrOffset(reading->attnum);

	reading->is_made = true;
	reading->count = 0;
	if (matcher->nulls[index])
		return;
	if (OidIsValid(reading->array_type))
		read_array(reading, matcher->values[index]);
	else
	{
		reading->values = &reading->single;
		reading->count = read_value(reading, matcher->values[index], &reading->single) ? 1 : 0;
	}
}

/* compare_bytes orders texts as memcmp does, the shorter one first where one begins the other. */
static int
compare_bytes(const text *a, const text *b)
{
	size_t a_length = VARSIZE_ANY_EXHDR(a);
	size_t b_length = VARSIZE_ANY_EXHDR(b);
	int order = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(a_length, b_length));

	return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

static bool
is_between(const UdTest *test, const text *value)
{
	if (test->low != NULL && compare_bytes(value, test->low) < (test->low_inclusive ? 0 : 1))
		return false;
	return test->high == NULL ||
		   compare_bytes(value, test->high) <= (test->high_inclusive ? 0 : -1);
}

static bool
passes_comparisons(const UdTest *test, Datum value)
{
	for (int i = 0; i < test->ncomparisons; i++)
	{
		if (!DatumGetBool(
				FunctionCall2(&test->match->functions[i], value, test->comparisons[i].value)))
			return false;
	}
	return true;
}

static bool
passes(const UdTest *test, Datum value)
{
	switch (test->kind)
	{
		case UD_TEST_EXISTS:
			return true;
		case UD_TEST_EQUAL:
			return compare_bytes(DatumGetTextPP(value), test->value) == 0;
		case UD_TEST_BETWEEN:
			return is_between(test, DatumGetTextPP(value));
		case UD_TEST_MATCH:
			return ud_text_match_matches(&test->pattern, ud_text_match_span(DatumGetTextPP(value)));
		case UD_TEST_COMPARE:
			return passes_comparisons(test, value);
		case UD_TEST_BOOLEAN:
			return DatumGetBool(value) == test->boolean;
		case UD_TEST_DOCUMENT:
			return ud_jsonb_leaf_matches(test->match->leaf, &DatumGetJsonbP(value)->root);
	}
	return false;
}

static bool
evaluate_test(const UdRecordMatcher *matcher, const UdTest *test)
{
	Reading *reading = test->match->reading;

	if (!reading->is_made)
		make_reading(matcher, reading);
	for (int i = 0; i < reading->count; i++)
	{
		if (passes(test, reading->values[i]))
			return true;
	}
	return false;
}

static bool
evaluate(const UdRecordMatcher *matcher, const UdRecordNode *node)
{
	bool deciding = node->kind == UD_RECORD_OR;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (node->kind == UD_RECORD_CONSTANT)
		return node->value;
	if (node->kind == UD_RECORD_TEST)
		return evaluate_test(matcher, node->test) != node->negated;
	for (int i = 0; i < node->count; i++)
	{
		if (evaluate(matcher, node->nodes[i]) == deciding)
			return deciding;
	}
	return !deciding;
}

/* take_row makes the columns of a row those of the row at hand. */
static void
take_row(UdRecordMatcher *matcher, HeapTupleHeader record)
{
	HeapTupleData tuple;

	for (int i = 0; i < matcher->nreadings; i++)
		matcher->readings[i]->is_made = false;
	if (record == NULL)
	{
		memset(matcher->nulls, true, (size_t)matcher->row->natts);
		return;
	}
	tuple.t_len = HeapTupleHeaderGetDatumLength(record);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = record;
	heap_deform_tuple(&tuple, matcher->row, matcher->values, matcher->nulls);
}

bool
ud_record_matcher_matches(UdRecordMatcher *matcher, HeapTupleHeader record)
{
	MemoryContext caller;
	bool result;

	if (matcher->row == NULL)
		return matcher->query->value;
	MemoryContextReset(matcher->row_context);
	caller = MemoryContextSwitchTo(matcher->row_context);
	take_row(matcher, record);
	result = evaluate(matcher, matcher->query);
	MemoryContextSwitchTo(caller);
	return result;
}
