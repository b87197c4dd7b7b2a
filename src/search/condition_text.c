/*
 * condition_text.c: tests of text as conditions, in the shape that an index serves.
 */
#include "base/userdir.h"

#include "access/stratnum.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_coerce.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "base/server_charset.h"
#include "pure/prefix_range.h"
#include "pure/wildcard_text.h"
#include "search/condition.h"
#include "search/table_indexes.h"
#include "search/text_match.h"

/* A text expression, and how indexes serve questions about it */
typedef struct Operand
{
	UdConditions *conditions;
	Expr *expression;
	Oid table;
	Index varno;
	int kinds; /* of index */
} Operand;

static Expr *
text_constant(text *value)
{
	return (Expr *)makeConst(TEXTOID, -1, DEFAULT_COLLATION_OID, -1, PointerGetDatum(value), false,
							 false);
}

static text *
text_of_span(UdSpan span)
{
	return cstring_to_text_with_len(span.data, (int)span.length);
}

/* through_output returns the text that a type's output gives. */
static Expr *
through_output(Expr *column)
{
	CoerceViaIO *coercion = makeNode(CoerceViaIO);

	coercion->arg = column;
	coercion->resulttype = TEXTOID;
	coercion->resultcollid = DEFAULT_COLLATION_OID;
	coercion->coerceformat = COERCE_EXPLICIT_CAST;
	coercion->location = -1;
	return (Expr *)coercion;
}

/* as_text returns a column as text, in the way that record_matcher.c reads it. */
static Expr *
as_text(const UdField *field, Expr *column)
{
	Oid function;

	if (field->class != UD_FIELD_TEXT)
		return through_output(column);
	switch (find_coercion_pathway(TEXTOID, field->type, COERCION_EXPLICIT, &function))
	{
		case COERCION_PATH_RELABELTYPE:
			if (exprType((Node *)column) == TEXTOID)
				return column;
			return (Expr *)applyRelabelType((Node *)column, TEXTOID, -1,
											exprCollation((Node *)column), COERCE_EXPLICIT_CAST, -1,
											true);
		case COERCION_PATH_FUNC:
			if (exprType((Node *)column) != field->type)
				column = (Expr *)applyRelabelType((Node *)column, field->type, -1,
												  exprCollation((Node *)column),
												  COERCE_IMPLICIT_CAST, -1, true);
			return ud_condition_call(function, TEXTOID, column, NULL);
		default:
			return through_output(column);
	}
}

/* address_text returns an address without its netmask as text. */
static Expr *
address_text(Expr *column)
{
	if (exprType((Node *)column) != INETOID)
		column = (Expr *)applyRelabelType((Node *)column, INETOID, -1, InvalidOid,
										  COERCE_IMPLICIT_CAST, -1, true);
	return (Expr *)makeFuncExpr(F_HOST, TEXTOID, list_make1(column), DEFAULT_COLLATION_OID,
								InvalidOid, COERCE_EXPLICIT_CALL);
}

Expr *
ud_condition_operand(const UdConditions *conditions, const UdTest *test)
{
	Expr *column = ud_row_source_column(conditions->source, test->field.attnum);

	switch (test->reading)
	{
		case UD_READ_FOLDED:
			return ud_condition_call(conditions->own.fold_case, TEXTOID,
									 as_text(&test->field, column), NULL);
		case UD_READ_DOMAIN:
			return ud_condition_call(conditions->own.email_domain, TEXTOID,
									 as_text(&test->field, column), NULL);
		case UD_READ_HOST:
			return address_text(column);
		default:
			return as_text(&test->field, column);
	}
}

Expr *
ud_condition_in_bytes(const UdConditions *conditions, Expr *operand)
{
	if (exprCollation((Node *)operand) == C_COLLATION_OID)
		return operand;
	if (conditions->for_text)
	{
		CollateExpr *collate = makeNode(CollateExpr);

		collate->arg = operand;
		collate->collOid = C_COLLATION_OID;
		collate->location = -1;
		return (Expr *)collate;
	}
	return (Expr *)applyRelabelType((Node *)operand, TEXTOID, -1, C_COLLATION_OID,
									COERCE_IMPLICIT_CAST, -1, true);
}

/* make_operand looks for the indexes that serve an expression of a test's column. */
static Operand
make_operand(UdConditions *conditions, const UdTest *test, Expr *expression)
{
	Operand operand = {conditions, expression, InvalidOid, 0, 0};
	Expr *column = ud_row_source_column(conditions->source, test->field.attnum);

	operand.table = ud_row_source_table(conditions->source, column, &operand.varno);
	operand.kinds = ud_table_indexes_find(conditions->own.wildcard_family, operand.table,
										  operand.varno, operand.expression);
	return operand;
}

/* reversed returns the operand read backwards. */
static Operand
reversed(const Operand *operand)
{
	Operand result = *operand;

	result.expression =
		ud_condition_call(UD_F_REVERSE, TEXTOID, copyObject(operand->expression), NULL);
	result.kinds = ud_table_indexes_find(operand->conditions->own.wildcard_family, operand->table,
										 operand->varno, result.expression);
	return result;
}

static Expr *
compare_bytes(const Operand *operand, StrategyNumber strategy, text *value)
{
	Oid opno = get_opfamily_member(TEXT_BTREE_FAM_OID, TEXTOID, TEXTOID, (int16)strategy);

	return ud_condition_operator(
		opno, ud_condition_in_bytes(operand->conditions, copyObject(operand->expression)),
		text_constant(value), C_COLLATION_OID);
}

static Expr *
like_pattern(const Operand *operand, const UdWildcard *pattern)
{
	text *written = palloc(VARHDRSZ + ud_wildcard_text_bound(pattern));
	size_t length = ud_wildcard_text_write(pattern, ud_server_charset(), VARDATA(written));

	SET_VARSIZE(written, VARHDRSZ + length);
	return ud_condition_operator(operand->conditions->own.wildcard, copyObject(operand->expression),
								 text_constant(written),
								 exprCollation((Node *)operand->expression));
}

/* filter_pattern tries a pattern where an index has already been asked for what it can answer. */
static Expr *
filter_pattern(const Operand *operand, const UdWildcard *pattern)
{
	OpExpr *like = (OpExpr *)like_pattern(operand, pattern);

	return (Expr *)makeFuncExpr(operand->conditions->own.matches_wildcard, BOOLOID, like->args,
								InvalidOid, like->inputcollid, COERCE_EXPLICIT_CALL);
}

/* begins_with returns the range of texts with a prefix; *exact: no others are in it. */
static List *
begins_with(const Operand *operand, UdSpan prefix, bool *exact)
{
	UdPrefixRange range;
	List *bounds;

	ud_prefix_range_make(prefix, ud_server_charset(), palloc(UD_PREFIX_RANGE_ROOM(prefix.length)),
						 &range);
	*exact = range.exact;
	bounds = list_make1(compare_bytes(operand, BTGreaterEqualStrategyNumber, text_of_span(prefix)));
	if (range.bounded)
		bounds =
			lappend(bounds, compare_bytes(operand, BTLessStrategyNumber,
										  text_of_span((UdSpan){range.upper, range.upper_length})));
	return bounds;
}

/* ends_with returns the range of what has a suffix when it is read backwards. */
static List *
ends_with(const Operand *backwards, UdSpan suffix, bool *exact)
{
	text *reverse =
		DatumGetTextPP(DirectFunctionCall1(text_reverse, PointerGetDatum(text_of_span(suffix))));

	return begins_with(backwards, ud_text_match_span(reverse), exact);
}

/* with_filter adds the pattern itself to a range, unless being in the range is enough. */
static Expr *
with_filter(List *range, bool enough, const Operand *operand, const UdWildcard *pattern)
{
	if (!enough)
		range = lappend(range, filter_pattern(operand, pattern));
	return ud_condition_and(range);
}

/* serves_range returns whether a range is the better question than the pattern that it is part of.
 */
static bool
serves_range(const Operand *ranged, const Operand *operand, bool is_enough)
{
	bool has_range = (ranged->kinds & UD_INDEX_BYTES) != 0;
	bool has_pattern = (operand->kinds & UD_INDEX_PATTERNS) != 0;

	return has_range && (is_enough || !has_pattern);
}

static Expr *
condition_match(const Operand *operand, const UdWildcard *pattern)
{
	bool has_pattern = (operand->kinds & UD_INDEX_PATTERNS) != 0;
	UdWildcardShape shape;
	Operand backwards;
	bool exact;
	List *range;

	ud_wildcard_shape(pattern, &shape);
	/* without any index a comparison is still cheaper than a pattern */
	if (shape.prefix.length > 0 &&
		(serves_range(operand, operand, shape.only_prefix) || (shape.only_prefix && !has_pattern)))
	{
		range = begins_with(operand, shape.prefix, &exact);
		return with_filter(range, exact && shape.only_prefix, operand, pattern);
	}
	if (shape.suffix.length > 0)
	{
		backwards = reversed(operand);
		if (serves_range(&backwards, operand, shape.only_suffix))
		{
			range = ends_with(&backwards, shape.suffix, &exact);
			return with_filter(range, exact && shape.only_suffix, operand, pattern);
		}
	}
	return like_pattern(operand, pattern);
}

static UdWildcard *
literal_pattern(UdSpan literal)
{
	UdWildcard *pattern = palloc(sizeof(UdWildcard));
	UdWildcardPart *part = palloc(sizeof(UdWildcardPart));

	*part = (UdWildcardPart){UD_WILDCARD_LITERAL, literal};
	*pattern = (UdWildcard){literal.length > 0 ? 1 : 0, part};
	return pattern;
}

/* is_own_equality returns whether equality is best asked for in the operand's own collation. */
static bool
is_own_equality(const Operand *operand)
{
	return (operand->kinds & (UD_INDEX_BYTES | UD_INDEX_EQUALITY)) == UD_INDEX_EQUALITY &&
		   get_collation_isdeterministic(exprCollation((Node *)operand->expression));
}

/* needs_pattern returns whether equality has no index but one for patterns. */
static bool
needs_pattern(const Operand *operand)
{
	return (operand->kinds & UD_INDEX_BYTES) == 0 && !is_own_equality(operand) &&
		   (operand->kinds & UD_INDEX_PATTERNS) != 0;
}

static Expr *
condition_equal(const Operand *operand, text *value)
{
	if (needs_pattern(operand))
		return like_pattern(operand, literal_pattern(ud_text_match_span(value)));
	if (is_own_equality(operand))
		return ud_condition_operator(TextEqualOperator, operand->expression, text_constant(value),
									 exprCollation((Node *)operand->expression));
	return compare_bytes(operand, BTEqualStrategyNumber, value);
}

static Expr *
condition_between(const Operand *operand, const UdTest *test)
{
	List *bounds = NIL;

	if (test->low != NULL)
		bounds = lappend(bounds, compare_bytes(operand,
											   test->low_inclusive ? BTGreaterEqualStrategyNumber
																   : BTGreaterStrategyNumber,
											   test->low));
	if (test->high != NULL)
		bounds = lappend(bounds, compare_bytes(operand,
											   test->high_inclusive ? BTLessEqualStrategyNumber
																	: BTLessStrategyNumber,
											   test->high));
	return ud_condition_and(bounds);
}

/* behind_sign returns the pattern of addresses whose part behind some "@" matches a pattern. */
static UdWildcard *
behind_sign(const UdWildcard *domain)
{
	UdWildcard *pattern = palloc(sizeof(UdWildcard));
	UdWildcardPart *parts = palloc(sizeof(UdWildcardPart) * (size_t)(domain->nparts + 2));
	int count = 0;

	parts[count++] = (UdWildcardPart){UD_WILDCARD_MANY, {NULL, 0}};
	parts[count++] = (UdWildcardPart){UD_WILDCARD_LITERAL, UD_SPAN("@")};
	for (int i = 0; i < domain->nparts; i++)
	{
		UdSpan literal = domain->parts[i].text;
		char *joined;

		if (i > 0 || domain->parts[i].kind != UD_WILDCARD_LITERAL)
		{
			parts[count++] = domain->parts[i];
			continue;
		}
		/* a literal never stands beside another */
		joined = palloc(literal.length + 1);
		joined[0] = '@';
		memcpy(joined + 1, literal.data, literal.length);
		parts[count - 1].text = (UdSpan){joined, literal.length + 1};
	}
	*pattern = (UdWildcard){count, parts};
	return pattern;
}

/* address_operand returns the whole address of a test on its domain. */
static Operand
address_operand(UdConditions *conditions, const UdTest *test)
{
	UdTest whole = *test;

	whole.reading = UD_READ_FOLDED;
	return make_operand(conditions, test, ud_condition_operand(conditions, &whole));
}

/*
 * condition_domain asks for the end of the whole address, which has indexes for other reasons. A
 * domain holds no "@"; so a domain given in full is right if it ends the address, while a pattern
 * must be tried on the domain once more.
 */
static Expr *
condition_domain(UdConditions *conditions, const UdTest *test, const Operand *domain)
{
	Operand address = address_operand(conditions, test);
	Operand backwards = reversed(&address);
	bool is_equality = test->kind == UD_TEST_EQUAL;
	const UdWildcard *wanted =
		is_equality ? literal_pattern(ud_text_match_span(test->value)) : &test->pattern;
	UdWildcard *whole = behind_sign(wanted);
	UdWildcardShape shape;
	List *range;
	bool exact;

	ud_wildcard_shape(is_equality ? whole : wanted, &shape);
	if ((backwards.kinds & UD_INDEX_BYTES) != 0 && shape.suffix.length > 0)
	{
		range = ends_with(&backwards, shape.suffix, &exact);
		return with_filter(range, exact && is_equality, domain, wanted);
	}
	if ((address.kinds & UD_INDEX_PATTERNS) != 0)
		return with_filter(list_make1(like_pattern(&address, whole)), is_equality, domain, wanted);
	return NULL;
}

Expr *
ud_condition_text(UdConditions *conditions, const UdTest *test, Expr **guard)
{
	Operand operand = make_operand(conditions, test, ud_condition_operand(conditions, test));
	Expr *condition = NULL;

	/* an address may have no domain; any other reading is null only where the column is */
	if (test->reading == UD_READ_DOMAIN)
		*guard = copyObject(operand.expression);
	if (test->reading == UD_READ_DOMAIN && test->kind != UD_TEST_BETWEEN && operand.kinds == 0)
		condition = condition_domain(conditions, test, &operand);
	if (condition != NULL)
		return condition;
	switch (test->kind)
	{
		case UD_TEST_EQUAL:
			return condition_equal(&operand, test->value);
		case UD_TEST_BETWEEN:
			return condition_between(&operand, test);
		default:
			return condition_match(&operand, &test->pattern);
	}
}
