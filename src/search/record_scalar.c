/*
 * record_scalar.c: values of a query in the order of a column's own type.
 *
 * What a query writes may lie between two values of the type, or beyond all of them: 5.5 and 1e12
 * among the integers, 1e400 among the floating-point numbers. A bound is therefore the nearest
 * value of the type, and on which side of it the written one is.
 */
#include "base/userdir.h"

#include <errno.h>
#include <math.h>
#include <sys/socket.h>

#include "access/stratnum.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "port.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/float.h"
#include "utils/inet.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "pure/partial_date.h"
#include "pure/scalar.h"
#include "search/record_test.h"

#define NUMBER_HINT  "Write a number like 5, -1.5 or 1e6."
#define TIME_HINT    "Write a date like 2021, 2021-04, 2021-04-05 or 2021-04-05T10:30:00Z."
#define LABEL_HINT   "Write a label of the type, in the same case."
#define OWN_HINT     "Write a value as PostgreSQL reads it into a column of that type."
#define ADDRESS_HINT "Write an address like 192.168.0.1, or a network like 192.168.0.0/16."

typedef struct Nearest
{
	Datum value;
	int side;    /* the written value is less (-1), the same (0), or greater (1) */
	bool beyond; /* no value of the type lies on that side, and value is not set */
} Nearest;

static bool
is_inclusive(const Nearest *nearest, bool is_low, bool written)
{
	if (nearest->side == 0)
		return written;
	return is_low == (nearest->side < 0);
}

static void
add_comparison(UdTest *test, Oid opno, Datum value)
{
	UdComparison *comparison = &test->comparisons[test->ncomparisons++];
	Oid left;

	op_input_types(opno, &left, &comparison->type);
	/* an operator of all enums does not tell which one */
	if (IsPolymorphicType(comparison->type))
		comparison->type = test->field.type;
	comparison->opno = opno;
	comparison->value = value;
}

/* compare_by adds the comparison of a strategy of the type's order. */
static void
compare_by(UdTest *test, StrategyNumber strategy, Datum value)
{
	Oid type = test->field.class == UD_FIELD_INET ? INETOID : test->field.type;
	TypeCacheEntry *cache = lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY);

	add_comparison(test,
				   get_opfamily_member(cache->btree_opf, cache->btree_opintype,
									   cache->btree_opintype, strategy),
				   value);
	test->is_equality = strategy == BTEqualStrategyNumber;
}

static char *
terminated(UdSpan value)
{
	return pnstrdup(value.data, value.length);
}

static Datum
numeric_datum(UdSpan value)
{
	return DirectFunctionCall3(numeric_in, CStringGetDatum(terminated(value)), InvalidOid, -1);
}

static int
compare_numerics(Datum a, Datum b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, a, b));
}

static Datum
integer_datum(Oid type, int64 value)
{
	if (type == INT2OID)
		return Int16GetDatum((int16)value);
	return type == INT4OID ? Int32GetDatum((int32)value) : Int64GetDatum(value);
}

static void
nearest_integer(Oid type, UdSpan written, Nearest *nearest)
{
	int64 least = type == INT2OID ? PG_INT16_MIN : type == INT4OID ? PG_INT32_MIN : PG_INT64_MIN;
	int64 greatest = type == INT2OID ? PG_INT16_MAX : type == INT4OID ? PG_INT32_MAX : PG_INT64_MAX;
	Datum number = numeric_datum(written);
	Datum floor;

	nearest->beyond = true;
	nearest->side = -1;
	if (compare_numerics(number, NumericGetDatum(int64_to_numeric(least))) < 0)
		return;
	nearest->side = 1;
	if (compare_numerics(number, NumericGetDatum(int64_to_numeric(greatest))) > 0)
		return;

	floor = DirectFunctionCall1(numeric_floor, number);
	nearest->beyond = false;
	nearest->side = compare_numerics(number, floor);
	nearest->value = integer_datum(type, DatumGetInt64(DirectFunctionCall1(numeric_int8, floor)));
}

/* nearest_float rounds as the type's input does, but does not refuse what is too large or small. */
static void
nearest_float(Oid type, UdSpan written, Nearest *nearest)
{
	const char *text = terminated(written);
	double value;

	errno = 0;
	value = type == FLOAT4OID ? (double)strtof(text, NULL) : strtod(text, NULL);
	nearest->beyond = false;
	nearest->side = 0;
	if (errno == ERANGE && isinf(value))
		nearest->side = value > 0 ? -1 : 1;
	else if (errno == ERANGE && value == 0)
		nearest->side = signbit(value) ? -1 : 1;
	nearest->value = type == FLOAT4OID ? Float4GetDatum((float4)value) : Float8GetDatum(value);
}

static void
nearest_number(const UdTest *test, UdSpan written, UdFieldPlace place, Nearest *nearest)
{
	if (!ud_scalar_is_number(written))
		ud_record_test_raise_misfit(&test->field, written, place, NUMBER_HINT);
	switch (test->field.class)
	{
		case UD_FIELD_INTEGER:
			nearest_integer(test->field.type, written, nearest);
			break;
		case UD_FIELD_FLOAT:
			nearest_float(test->field.type, written, nearest);
			break;
		default:
			*nearest = (Nearest){numeric_datum(written), 0, false};
			break;
	}
}

/* is_address returns whether the server reads a text as an address, with or without a netmask. */
static bool
is_address(UdSpan written)
{
	const char *text = terminated(written);
	bool is_v6 = strchr(text, ':') != NULL;
	unsigned char address[16];
	int bits;

	if (strlen(text) != written.length)
		return false;
	bits = pg_inet_net_pton(is_v6 ? PGSQL_AF_INET6 : PGSQL_AF_INET, text, address, -1);
	return bits >= 0 && bits <= (is_v6 ? 128 : 32);
}

static Datum
address_datum(const UdTest *test, UdSpan written, UdFieldPlace place)
{
	if (!is_address(written))
		ud_record_test_raise_misfit(&test->field, written, place, ADDRESS_HINT);
	return DirectFunctionCall1(inet_in, CStringGetDatum(terminated(written)));
}

/*
 * own_datum reads a value as the type's input does. What that has to say about a value it does not
 * take is said as about any other value that does not fit.
 */
static Datum
own_datum(const UdTest *test, UdSpan written, UdFieldPlace place)
{
	MemoryContext context = CurrentMemoryContext;
	Oid type = test->field.type;
	Datum value = (Datum)0;
	Oid input;
	Oid parameter;

	getTypeInputInfo(type, &input, &parameter);
	PG_TRY();
	{
		value = OidInputFunctionCall(input, terminated(written), parameter, -1);
	}
	PG_CATCH();
	{
		if (ERRCODE_TO_CATEGORY(geterrcode()) != ERRCODE_DATA_EXCEPTION)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
		ud_record_test_raise_misfit(&test->field, written, place,
									type_is_enum(type) ? LABEL_HINT : OWN_HINT);
	}
	PG_END_TRY();
	return value;
}

/* find_nearest reads a value of any type but those of time. */
static void
find_nearest(const UdTest *test, UdSpan written, UdFieldPlace place, Nearest *nearest)
{
	*nearest = (Nearest){0};
	if (test->field.class == UD_FIELD_INET)
		nearest->value = address_datum(test, written, place);
	else if (test->field.class == UD_FIELD_OWN)
		nearest->value = own_datum(test, written, place);
	else
		nearest_number(test, written, place, nearest);
}

/* time_datum returns the first value of the column's type that is not before an instant. */
static Datum
time_datum(Oid type, int64 instant)
{
	int64 days;

	if (type != DATEOID)
		return TimestampTzGetDatum(instant);
	days = instant / USECS_PER_DAY;
	if (instant % USECS_PER_DAY > 0)
		days++;
	return DateADTGetDatum((DateADT)days);
}

static void
parse_date(const UdTest *test, UdSpan written, UdFieldPlace place, UdPartialDate *date)
{
	if (!ud_partial_date_parse(written, date))
		ud_record_test_raise_misfit(&test->field, written, place, TIME_HINT);
}

static void
compare_time(UdTest *test, StrategyNumber strategy, int64 instant)
{
	compare_by(test, strategy, time_datum(test->field.type, instant));
}

bool
ud_record_scalar_term(UdTest *test, UdSpan value, UdFieldPlace place)
{
	UdPartialDate date;
	Nearest nearest;

	test->kind = UD_TEST_COMPARE;
	switch (test->field.class)
	{
		case UD_FIELD_TIME:
			parse_date(test, value, place, &date);
			compare_time(test, BTGreaterEqualStrategyNumber, date.start);
			compare_time(test, BTLessStrategyNumber, date.end);
			return true;
		case UD_FIELD_INET:
			nearest.value = address_datum(test, value, place);
			if (memchr(value.data, '/', value.length) != NULL)
				add_comparison(test, OID_INET_SUBEQ_OP, nearest.value);
			else
				compare_by(test, BTEqualStrategyNumber, nearest.value);
			return true;
		default:
			find_nearest(test, value, place, &nearest);
			if (nearest.beyond || nearest.side != 0)
				return false;
			compare_by(test, BTEqualStrategyNumber, nearest.value);
			return true;
	}
}

/* bound_time adds one bound of a range of time. */
static void
bound_time(UdTest *test, const UdQueryBound *bound, bool is_low, UdFieldPlace place)
{
	UdPartialDate date;

	parse_date(test, bound->value, place, &date);
	if (is_low)
		compare_time(test, BTGreaterEqualStrategyNumber,
					 ud_partial_date_lower(&date, bound->inclusive));
	else
		compare_time(test, BTLessStrategyNumber, ud_partial_date_upper(&date, bound->inclusive));
}

/* bound_order adds one bound in the order of the type; false when no value is within it. */
static bool
bound_order(UdTest *test, const UdQueryBound *bound, bool is_low, UdFieldPlace place)
{
	Nearest nearest;
	bool inclusive;

	find_nearest(test, bound->value, place, &nearest);
	if (nearest.beyond)
		return is_low == (nearest.side < 0);

	inclusive = is_inclusive(&nearest, is_low, bound->inclusive);
	if (is_low)
		compare_by(test, inclusive ? BTGreaterEqualStrategyNumber : BTGreaterStrategyNumber,
				   nearest.value);
	else
		compare_by(test, inclusive ? BTLessEqualStrategyNumber : BTLessStrategyNumber,
				   nearest.value);
	return true;
}

bool
ud_record_scalar_range(UdTest *test, const UdQueryRange *range, UdFieldPlace place)
{
	const UdQueryBound *bounds[] = {&range->low, &range->high};
	bool possible = true;

	test->kind = UD_TEST_COMPARE;
	for (int i = 0; i < 2; i++)
	{
		if (bounds[i]->open)
			continue;
		if (test->field.class == UD_FIELD_TIME)
			bound_time(test, bounds[i], i == 0, place);
		else if (!bound_order(test, bounds[i], i == 0, place))
			possible = false;
	}
	if (test->ncomparisons == 0)
		test->kind = UD_TEST_EXISTS;
	test->is_equality = false;
	return possible;
}
