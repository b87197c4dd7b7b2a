/*
 * jsonb_selectivity.c: how many rows the planner expects of "document @@ query", and what it makes
 * of it.
 */
#include "base/userdir.h"

#include "access/htup_details.h"
#include "catalog/pg_statistic.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

#include "search/column_access.h"
#include "search/jsonb_cover.h"
#include "search/jsonb_estimate.h"
#include "search/jsonb_split.h"
#include "search/match_cost.h"
#include "search/plan_memo.h"

/* The documents that ANALYZE has kept in order: fewer than LEAST are no sample, MANY a good one. */
#define LEAST_SAMPLED 10
#define MANY_SAMPLED  100

/* No estimate from a sample is surer than this. */
#define LEAST_PART 0.0001

/* A condition on a document, as the planner asks about it. */
typedef struct Condition
{
	PlannerInfo *root;
	Oid function; /* jsonb_matches or jsonb_value_matches */
	List *args;
	int varRelid;
	bool is_value; /* it is the latter */
} Condition;

/* A constant query: its value, what that says, and how it is evaluated. */
typedef struct AskedQuery
{
	const Const *constant;
	UdKnownQuery known;
} AskedQuery;

/* is_column returns whether a document is a column of a table. */
static bool
is_column(PlannerInfo *root, const VariableStatData *document)
{
	const Var *var = (const Var *)document->var;

	return document->rel != NULL && document->rel->rtekind == RTE_RELATION && IsA(var, Var) &&
		   var->varattno > 0 && var->varlevelsup == 0;
}

static double
null_part(const VariableStatData *document)
{
	if (!HeapTupleIsValid(document->statsTuple))
		return 0;
	return ((Form_pg_statistic)GETSTRUCT(document->statsTuple))->stanullfrac;
}

/*
 * open_probe returns a probe of an index on a document's column, and what of the query it knows;
 * NULL if there is none to ask.
 */
static UdJsonbProbe *
open_probe(PlannerInfo *root, const VariableStatData *document, const AskedQuery *query,
		   const UdQueryNode **covered)
{
	const Var *var = (const Var *)document->var;

	if (!is_column(root, document) || !ud_column_access_allows(root, var))
		return NULL;
	return ud_jsonb_probe_open(root, planner_rt_fetch(var->varno, root)->relid, var->varattno,
							   document->rel->tuples * (1 - null_part(document)),
							   query->known.lowered, covered);
}

/*
 * sampled_part evaluates the query on the documents that ANALYZE has kept, if these may be used,
 * and goes by the kind of the conditions where these are too few.
 */
static double
sampled_part(const Condition *condition, VariableStatData *document, const AskedQuery *query)
{
	Datum value = query->constant->constvalue;
	FmgrInfo matches;
	double common;
	double common_part;
	double part;
	int sampled = 0;

	fmgr_info(condition->function, &matches);
	common_part = mcv_selectivity(document, &matches, InvalidOid, value, true, &common);
	part = histogram_selectivity(document, &matches, InvalidOid, value, true, LEAST_SAMPLED, 1,
								 &sampled);
	if (part < 0)
		part = ud_jsonb_estimate(NULL, query->known.compiled);
	else if (sampled < MANY_SAMPLED)
		part = (part * sampled +
				ud_jsonb_estimate(NULL, query->known.compiled) * (MANY_SAMPLED - sampled)) /
			   MANY_SAMPLED;
	part = Min(Max(part, LEAST_PART), 1 - LEAST_PART);
	return common_part + part * Max(1 - null_part(document) - common, 0);
}

/*
 * estimate asks an index, or else the sample. The index knows no rows without a document, and no
 * complement finds them. If it knows only a part of what the query asks, there cannot be more rows
 * than of that.
 */
static double
estimate(const Condition *condition, VariableStatData *document, const AskedQuery *query)
{
	const UdQueryNode *covered = NULL;
	UdJsonbProbe *probe = open_probe(condition->root, document, query, &covered);
	const UdJsonbNode *known = query->known.compiled;
	double part;

	if (probe == NULL)
		return sampled_part(condition, document, query);
	if (covered != query->known.lowered)
		known = ud_jsonb_match_try_compile(covered, condition->is_value);
	part = ud_jsonb_estimate(probe, known) * (1 - null_part(document));
	ud_jsonb_probe_close(probe);
	return covered == query->known.lowered ? part
										   : Min(part, sampled_part(condition, document, query));
}

/* selectivity answers for a condition of any form. */
static double
selectivity(const Condition *condition)
{
	VariableStatData document;
	AskedQuery query;
	Node *other;
	bool is_left;
	double result = DEFAULT_MATCHING_SEL;

	if (!get_restriction_variable(condition->root, condition->args, condition->varRelid, &document,
								  &other, &is_left))
		return result;
	if (IsA(other, Const) && ((Const *)other)->constisnull)
		result = 0;
	else if (IsA(other, Const) && is_left)
	{
		query.constant = (Const *)other;
		query.known =
			ud_plan_memo_query(condition->root, query.constant->constvalue, condition->is_value);
		/* else the operator cannot evaluate it */
		if (query.known.compiled != NULL)
			result = estimate(condition, &document, &query);
	}
	ReleaseVariableStats(document);
	CLAMP_PROBABILITY(result);
	return result;
}

/* operator_selectivity answers for a call of a restriction estimator. */
static double
operator_selectivity(FunctionCallInfo fcinfo, bool is_value)
{
	Condition condition = {.root = (PlannerInfo *)PG_GETARG_POINTER(0),
						   .function = get_opcode(PG_GETARG_OID(1)),
						   .args = (List *)PG_GETARG_POINTER(2),
						   .varRelid = PG_GETARG_INT32(3),
						   .is_value = is_value};

	return selectivity(&condition);
}

UD_FUNCTION(userdir__jsonb_matches_sel);

/*
 * userdir__jsonb_matches_sel estimates the rows of "document @@ query" for the planner.
 */
Datum
userdir__jsonb_matches_sel(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(operator_selectivity(fcinfo, false));
}

UD_FUNCTION(userdir__jsonb_value_matches_sel);

/*
 * userdir__jsonb_value_matches_sel estimates the rows of "document @@= query" for the planner.
 */
Datum
userdir__jsonb_value_matches_sel(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(operator_selectivity(fcinfo, true));
}

/* support answers a request about a call of a matching function. */
static Node *
support(Node *request, bool is_value)
{
	SupportRequestSelectivity *asked = (SupportRequestSelectivity *)request;
	Condition condition;

	if (IsA(request, SupportRequestSimplify))
	{
		const SupportRequestSimplify *call = (SupportRequestSimplify *)request;

		return ud_jsonb_split(call->root, call->fcall->funcid, is_value,
							  linitial(call->fcall->args), lsecond(call->fcall->args));
	}
	if (IsA(request, SupportRequestCost))
		return ud_match_cost_of_documents((SupportRequestCost *)request, is_value);
	if (IsA(request, SupportRequestIndexCondition))
		return (Node *)ud_jsonb_cover_condition((SupportRequestIndexCondition *)request, is_value);
	if (!IsA(request, SupportRequestSelectivity) || asked->is_join)
		return NULL;
	condition = (Condition){.root = asked->root,
							.function = asked->funcid,
							.args = asked->args,
							.varRelid = asked->varRelid,
							.is_value = is_value};
	asked->selectivity = selectivity(&condition);
	return request;
}

UD_FUNCTION(userdir__jsonb_matches_support);

/*
 * userdir__jsonb_matches_support tells the planner about calls of jsonb_matches().
 */
Datum
userdir__jsonb_matches_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(support((Node *)PG_GETARG_POINTER(0), false));
}

UD_FUNCTION(userdir__jsonb_value_matches_support);

/*
 * userdir__jsonb_value_matches_support tells the planner about calls of jsonb_value_matches().
 */
Datum
userdir__jsonb_value_matches_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(support((Node *)PG_GETARG_POINTER(0), true));
}
