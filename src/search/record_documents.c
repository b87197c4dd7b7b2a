/*
 * record_documents.c: conditions on the documents in jsonb columns.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "search/column_access.h"
#include "search/jsonb_estimate.h"
#include "search/jsonb_split.h"
#include "search/plan_memo.h"
#include "search/record_documents.h"

/* test_column returns the column of a test that a query on its document can express. */
static AttrNumber
test_column(const UdTest *test)
{
	if (test->kind != UD_TEST_DOCUMENT || OidIsValid(test->field.array_type))
		return InvalidAttrNumber;
	/* existence and ranges cannot be written without a field, which the document itself has not */
	if (test->field.npath == 0 &&
		(test->leaf->kind == UD_QUERY_EXISTS || test->leaf->kind == UD_QUERY_RANGE))
		return InvalidAttrNumber;
	return test->field.attnum;
}

AttrNumber
ud_record_documents_column(const UdRecordNode *node)
{
	AttrNumber column;

	check_stack_depth();
	if (node->kind == UD_RECORD_CONSTANT)
		return InvalidAttrNumber;
	if (node->kind == UD_RECORD_TEST)
		return test_column(node->test);
	column = ud_record_documents_column(node->nodes[0]);
	for (int i = 1; i < node->count && column != InvalidAttrNumber; i++)
	{
		if (ud_record_documents_column(node->nodes[i]) != column)
			return InvalidAttrNumber;
	}
	return column;
}

/* value_on_null returns what a tree is when no test passes. */
static bool
value_on_null(const UdRecordNode *node)
{
	bool deciding = node->kind == UD_RECORD_OR;

	check_stack_depth();
	if (node->kind == UD_RECORD_TEST)
		return node->negated;
	for (int i = 0; i < node->count; i++)
	{
		if (value_on_null(node->nodes[i]) == deciding)
			return deciding;
	}
	return !deciding;
}

/* asks_for_values returns whether a test is about the document itself, not what is below it. */
static bool
asks_for_values(const UdRecordNode *node)
{
	if (node->kind == UD_RECORD_TEST)
		return node->test->field.npath == 0;
	for (int i = 0; i < node->count; i++)
	{
		if (asks_for_values(node->nodes[i]))
			return true;
	}
	return false;
}

static const UdField *
first_field(const UdRecordNode *node)
{
	while (node->kind != UD_RECORD_TEST)
		node = node->nodes[0];
	return &node->test->field;
}

/* document_of returns the column as jsonb. */
static Expr *
document_of(const UdConditions *conditions, const UdField *field)
{
	Expr *column = ud_row_source_column(conditions->source, field->attnum);
	CoerceViaIO *coercion;

	if (field->type == JSONBOID)
	{
		if (exprType((Node *)column) == JSONBOID)
			return column;
		return (Expr *)applyRelabelType((Node *)column, JSONBOID, -1, InvalidOid,
										COERCE_IMPLICIT_CAST, -1, true);
	}
	coercion = makeNode(CoerceViaIO);
	coercion->arg = column;
	coercion->resulttype = JSONBOID;
	coercion->coerceformat = COERCE_EXPLICIT_CAST;
	coercion->location = -1;
	return (Expr *)coercion;
}

/* matches_documents asks a tree of the documents; it is null where there are none. */
static Expr *
matches_documents(UdConditions *conditions, const UdRecordNode *node, bool is_filter)
{
	bool is_value = asks_for_values(node);
	Oid opno = is_value ? conditions->own.value : conditions->own.document;
	Expr *document = document_of(conditions, first_field(node));
	Expr *query =
		(Expr *)makeConst(conditions->own.userquery, -1, InvalidOid, -1,
						  PointerGetDatum(ud_record_query_of_documents(node)), false, false);
	Node *split = NULL;

	if (is_filter)
		return ud_condition_call(get_opcode(opno), BOOLOID, document, query);
	if (conditions->source->root != NULL)
		split = ud_jsonb_split(conditions->source->root, get_opcode(opno), is_value,
							   (Node *)document, (Node *)query);
	if (split != NULL)
		return (Expr *)split;
	return ud_condition_operator(opno, document, query, InvalidOid);
}

Expr *
ud_record_documents_condition(UdConditions *conditions, const UdRecordNode *node, bool is_filter,
							  Expr **guard)
{
	BooleanTest *otherwise;

	*guard = ud_row_source_column(conditions->source, first_field(node)->attnum);
	if (!value_on_null(node))
		return matches_documents(conditions, node, is_filter);

	/* where the column is null the tree is true, so what is asked is its complement */
	*guard = NULL;
	otherwise = makeNode(BooleanTest);
	otherwise->arg = matches_documents(conditions, ud_record_query_complement(node), is_filter);
	otherwise->booltesttype = IS_NOT_TRUE;
	otherwise->location = -1;
	return (Expr *)otherwise;
}

/* known_rows returns how many rows a table had when they were last counted. */
static double
known_rows(Oid table)
{
	Relation relation = RelationIdGetRelation(table);
	double rows = relation->rd_rel->reltuples;

	RelationClose(relation);
	return rows;
}

double
ud_record_documents_part(UdConditions *conditions, const UdRecordNode *node)
{
	PlannerInfo *root = conditions->source->root;
	Expr *column = ud_row_source_column(conditions->source, first_field(node)->attnum);
	const UdQueryNode *covered = NULL;
	UdKnownQuery query;
	UdJsonbProbe *probe;
	Index varno;
	Oid table;
	double part = -1;

	if (root == NULL || !IsA(column, Var))
		return -1;
	table = ud_row_source_table(conditions->source, column, &varno);
	if (!OidIsValid(table) || !ud_column_access_allows(root, (Var *)column))
		return -1;
	query = ud_plan_memo_query(root, PointerGetDatum(ud_record_query_of_documents(node)),
							   asks_for_values(node));
	if (query.compiled == NULL)
		return -1;
	probe = ud_jsonb_probe_open(root, table, ((Var *)column)->varattno, known_rows(table),
								query.lowered, &covered);
	if (probe == NULL)
		return -1;
	if (covered == query.lowered)
		part = ud_jsonb_estimate(probe, query.compiled);
	ud_jsonb_probe_close(probe);
	return part;
}
