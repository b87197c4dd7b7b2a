/*
 * condition.c: tests of columns as conditions of the planner; for those of text see
 * condition_text.c.
 *
 * Everything is made in the form that the planner itself brings expressions into, as nothing that a
 * support function returns is simplified any more.
 */
#include "base/userdir.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "search/condition.h"

void
ud_conditions_begin(UdConditions *conditions, const UdRowSource *source)
{
	memset(conditions, 0, sizeof(*conditions));
	conditions->source = source;
	ud_own_objects_find(&conditions->own);
}

Expr *
ud_condition_call(Oid function, Oid type, Expr *first, Expr *second)
{
	List *arguments = second == NULL ? list_make1(first) : list_make2(first, second);
	Oid collation = exprCollation((Node *)first);

	return (Expr *)makeFuncExpr(function, type, arguments,
								type_is_collatable(type) ? collation : InvalidOid, collation,
								COERCE_EXPLICIT_CALL);
}

Expr *
ud_condition_operator(Oid opno, Expr *left, Expr *right, Oid collation)
{
	Expr *condition = make_opclause(opno, BOOLOID, false, left, right, InvalidOid, collation);

	set_opfuncid((OpExpr *)condition);
	return condition;
}

Expr *
ud_condition_and(List *conditions)
{
	return list_length(conditions) == 1 ? linitial(conditions)
										: makeBoolExpr(AND_EXPR, conditions, -1);
}

/* as_type returns an expression whose type is binary compatible with another as of that type. */
static Expr *
as_type(Expr *expression, Oid type)
{
	if (exprType((Node *)expression) == type)
		return expression;
	return (Expr *)applyRelabelType((Node *)expression, type, -1, get_typcollation(type),
									COERCE_IMPLICIT_CAST, -1, true);
}

static Expr *
constant(Oid type, Datum value)
{
	int16 length;
	bool by_value;

	get_typlenbyval(type, &length, &by_value);
	return (Expr *)makeConst(type, -1, get_typcollation(type), length, value, false, by_value);
}

static Expr *
column_of(const UdConditions *conditions, const UdTest *test)
{
	return ud_row_source_column(conditions->source, test->field.attnum);
}

static Expr *
condition_compare(UdConditions *conditions, const UdTest *test)
{
	List *comparisons = NIL;

	for (int i = 0; i < test->ncomparisons; i++)
	{
		const UdComparison *comparison = &test->comparisons[i];
		Oid left;
		Oid right;

		op_input_types(comparison->opno, &left, &right);
		/* an operator of all enums does not ask for another type */
		if (IsPolymorphicType(left))
			left = test->field.type;
		comparisons = lappend(
			comparisons,
			ud_condition_operator(comparison->opno, as_type(column_of(conditions, test), left),
								  constant(comparison->type, comparison->value), InvalidOid));
	}
	return ud_condition_and(comparisons);
}

static Expr *
condition_boolean(UdConditions *conditions, const UdTest *test)
{
	Expr *column = as_type(column_of(conditions, test), BOOLOID);

	return test->boolean ? column : makeBoolExpr(NOT_EXPR, list_make1(column), -1);
}

static Expr *
condition_exists(UdConditions *conditions, const UdTest *test)
{
	NullTest *exists = makeNode(NullTest);

	exists->arg = test->reading == UD_READ_DOMAIN ? ud_condition_operand(conditions, test)
												  : column_of(conditions, test);
	exists->nulltesttype = IS_NOT_NULL;
	exists->location = -1;
	return (Expr *)exists;
}

/* array_of_one returns an array with a single element. */
static Expr *
array_of_one(Oid array_type, Oid type, Datum value)
{
	int16 length;
	bool by_value;
	char alignment;

	get_typlenbyvalalign(type, &length, &by_value, &alignment);
	return constant(array_type,
					PointerGetDatum(construct_array(&value, 1, type, length, by_value, alignment)));
}

/* condition_array asks for an element; only equality can be asked of an array as a whole. */
static Expr *
condition_array(UdConditions *conditions, const UdTest *test)
{
	Oid type = test->field.type;
	Oid collation = test->field.collation;
	Expr *column = as_type(column_of(conditions, test), test->field.array_type);
	Datum value;

	if (test->kind == UD_TEST_COMPARE && test->is_equality && test->comparisons[0].type == type)
		value = test->comparisons[0].value;
	else if (test->kind == UD_TEST_EQUAL && test->reading == UD_READ_TEXT &&
			 (type == TEXTOID || type == VARCHAROID) && get_collation_isdeterministic(collation))
		value = PointerGetDatum(test->value);
	else
		return NULL;
	return ud_condition_operator(OID_ARRAY_CONTAINS_OP, column,
								 array_of_one(test->field.array_type, type, value),
								 OidIsValid(collation) ? collation : InvalidOid);
}

Expr *
ud_condition_of_test(UdConditions *conditions, const UdTest *test, Expr **guard)
{
	*guard = column_of(conditions, test);
	if (OidIsValid(test->field.array_type))
		return condition_array(conditions, test);
	switch (test->kind)
	{
		case UD_TEST_EXISTS:
			*guard = NULL;
			return condition_exists(conditions, test);
		case UD_TEST_BOOLEAN:
			return condition_boolean(conditions, test);
		case UD_TEST_COMPARE:
			return condition_compare(conditions, test);
		case UD_TEST_EQUAL:
		case UD_TEST_BETWEEN:
		case UD_TEST_MATCH:
			return ud_condition_text(conditions, test, guard);
		case UD_TEST_DOCUMENT:
			break;
	}
	return NULL;
}

/* equality_value returns the value that a test of equality asks for. */
static Datum
equality_value(const UdTest *test)
{
	return test->kind == UD_TEST_EQUAL ? PointerGetDatum(test->value) : test->comparisons[0].value;
}

/* array_of_values returns the values of tests of equality as a constant. */
static Expr *
array_of_values(UdTest *const *tests, int count, Oid type)
{
	Datum *values = palloc(sizeof(Datum) * (size_t)count);
	int16 length;
	bool by_value;
	char alignment;

	for (int i = 0; i < count; i++)
		values[i] = equality_value(tests[i]);
	get_typlenbyvalalign(type, &length, &by_value, &alignment);
	return constant(get_array_type(type), PointerGetDatum(construct_array(
											  values, count, type, length, by_value, alignment)));
}

Expr *
ud_condition_any_of(UdConditions *conditions, UdTest *const *tests, int count, Expr **guard)
{
	const UdTest *first = tests[0];
	ScalarArrayOpExpr *any;
	OpExpr *single;
	Oid type;

	if (OidIsValid(first->field.array_type) || first->reading == UD_READ_DOMAIN ||
		(first->kind != UD_TEST_EQUAL && !(first->kind == UD_TEST_COMPARE && first->is_equality)))
		return NULL;
	single = (OpExpr *)ud_condition_of_test(conditions, first, guard);
	type = exprType(lsecond(single->args));
	if (single->opno == conditions->own.wildcard || !OidIsValid(get_array_type(type)))
		return NULL;

	any = makeNode(ScalarArrayOpExpr);
	any->opno = single->opno;
	any->opfuncid = single->opfuncid;
	any->useOr = true;
	any->inputcollid = single->inputcollid;
	any->args = list_make2(linitial(single->args), array_of_values(tests, count, type));
	any->location = -1;
	return (Expr *)any;
}

/* collect_columns adds the columns that a tree looks at, each once. */
static Bitmapset *
collect_columns(const UdRecordNode *node, Bitmapset *columns)
{
	if (node->kind == UD_RECORD_TEST)
		columns = bms_add_member(columns, node->test->field.attnum);
	for (int i = 0; i < node->count; i++)
		columns = collect_columns(node->nodes[i], columns);
	return columns;
}

/* row_of returns a row of the columns that a tree looks at. */
static Expr *
row_of(const UdConditions *conditions, const UdRecordNode *node)
{
	Bitmapset *columns = collect_columns(node, NULL);
	RowExpr *row = makeNode(RowExpr);
	int attnum = -1;

	row->row_typeid = RECORDOID;
	row->row_format = COERCE_EXPLICIT_CALL;
	row->location = -1;
	while ((attnum = bms_next_member(columns, attnum)) >= 0)
	{
		Form_pg_attribute attribute = TupleDescAttr(conditions->source->row, attnum - 1);

		row->args = lappend(row->args, ud_row_source_column(conditions->source, attnum));
		row->colnames = lappend(row->colnames, makeString(pstrdup(NameStr(attribute->attname))));
	}
	return (Expr *)row;
}

Expr *
ud_condition_row_matches(UdConditions *conditions, const UdRecordNode *node)
{
	Expr *query = constant(conditions->own.userquery, PointerGetDatum(ud_record_query_of(node)));
	/* the names of the columns in a row are lost when it is printed */
	Expr *row = conditions->for_text ? copyObject((Expr *)conditions->source->argument)
									 : row_of(conditions, node);

	return ud_condition_call(conditions->own.row_matches, BOOLOID, row, query);
}
