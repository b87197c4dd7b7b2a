/*
 * record_support.c: what the planner makes of the operator @@ of a row and a query.
 */
#include "base/userdir.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#include "search/condition_context.h"
#include "search/match_cost.h"
#include "search/record_expand.h"

/* simplify returns the conditions that a call becomes, NULL if it stays as it is. */
static Node *
simplify(const SupportRequestSimplify *request)
{
	Node *query = lsecond(request->fcall->args);
	UdRowSource source;
	UdExpandOptions options = {false, false};

	if (!IsA(query, Const))
		return NULL;
	if (((Const *)query)->constisnull)
		return (Node *)makeNullConst(BOOLOID, -1, InvalidOid);
	if (!ud_row_source_open(request->root, linitial(request->fcall->args), &source))
		return NULL;
	options.is_condition = ud_condition_context_is_where(request->root, request->fcall->funcid);
	return (Node *)ud_record_expand(&source, PG_DETOAST_DATUM_PACKED(((Const *)query)->constvalue),
									options);
}

UD_FUNCTION(userdir__record_matches_support);

/*
 * userdir__record_matches_support answers the planner's requests about record_matches.
 */
Datum
userdir__record_matches_support(PG_FUNCTION_ARGS)
{
	Node *request = (Node *)PG_GETARG_POINTER(0);

	if (IsA(request, SupportRequestSimplify))
		PG_RETURN_POINTER(simplify((SupportRequestSimplify *)request));
	PG_RETURN_POINTER(NULL);
}

UD_FUNCTION(userdir__record_matches_cost);

/*
 * userdir__record_matches_cost tells the planner what a call of _record_matches costs.
 */
Datum
userdir__record_matches_cost(PG_FUNCTION_ARGS)
{
	Node *request = (Node *)PG_GETARG_POINTER(0);

	if (IsA(request, SupportRequestCost))
		PG_RETURN_POINTER(ud_match_cost_of_rows((SupportRequestCost *)request));
	PG_RETURN_POINTER(NULL);
}

/* whole_row returns a variable for the rows of a relation. */
static Node *
whole_row(Relation relation)
{
	return (Node *)makeVar(1, InvalidAttrNumber, relation->rd_rel->reltype, -1, InvalidOid, 0);
}

UD_FUNCTION(userdir_search_condition);

/*
 * userdir_search_condition(relation regclass, query userquery, alias text) returns the SQL that a
 * query is on the rows of a relation, whose columns are qualified with alias unless it is null.
 *
 * Errors: UD022 and UD023; 42809 for a relation without rows.
 */
Datum
userdir_search_condition(PG_FUNCTION_ARGS)
{
	Relation relation;
	UdRowSource source;
	UdExpandOptions options = {true, true};
	Expr *condition;
	char *alias;
	char *sql;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	relation = relation_open(PG_GETARG_OID(0), AccessShareLock);
	if (!OidIsValid(relation->rd_rel->reltype))
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("\"%s\" has no rows", RelationGetRelationName(relation))));
	alias = PG_ARGISNULL(2) ? pstrdup(RelationGetRelationName(relation))
							: text_to_cstring(PG_GETARG_TEXT_PP(2));

	ud_row_source_open(NULL, whole_row(relation), &source);
	source.table = RelationGetRelid(relation);
	condition = ud_record_expand(&source, PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1)), options);
	sql = deparse_expression((Node *)condition,
							 deparse_context_for(alias, RelationGetRelid(relation)),
							 !PG_ARGISNULL(2), false);
	relation_close(relation, AccessShareLock);
	PG_RETURN_TEXT_P(cstring_to_text(sql));
}
