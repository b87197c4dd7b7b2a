/*
 * jsonb_cover.c: what an index of chosen paths can say of a query.
 *
 * The operators @@ and @@= are not in the operator family of these indexes. If they were, the
 * planner would try such an index for every query: with one about other paths it would have to go
 * through all rows, and the planner, which goes by how many rows match in the end, would not see
 * what that costs. So it asks the operators' functions, and is given the part of the query that the
 * index does answer, as an operator of its own whose rows and costs are estimated for that part.
 */
#include "base/userdir.h"

#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/memory_arena.h"
#include "search/jsonb_cover.h"
#include "search/jsonb_gin.h"
#include "search/userquery.h"

/*
 * cover_list keeps what it can of an AND, and of an OR all or nothing, as each operand that is left
 * out of that would find more.
 */
static const UdQueryNode *
cover_list(const UdQueryNode *query, const UdJsonbPaths *paths, const UdArena *arena)
{
	UdQueryNode *kept = ud_arena_zeroed(arena, sizeof(UdQueryNode));
	bool all_the_same = true;

	*kept = *query;
	kept->u.list.count = 0;
	kept->u.list.nodes =
		ud_arena_allocate(arena, sizeof(UdQueryNode *) * (size_t)query->u.list.count);
	for (int i = 0; i < query->u.list.count; i++)
	{
		const UdQueryNode *operand = query->u.list.nodes[i];
		const UdQueryNode *covered = ud_jsonb_cover_query(operand, paths, arena);

		if (covered == NULL && query->kind == UD_QUERY_OR)
			return NULL;
		all_the_same = all_the_same && covered == operand;
		if (covered != NULL)
			kept->u.list.nodes[kept->u.list.count++] = unconstify(UdQueryNode *, covered);
	}
	if (all_the_same)
		return query;
	if (kept->u.list.count == 1)
		return kept->u.list.nodes[0];
	return kept->u.list.count > 0 ? kept : NULL;
}

const UdQueryNode *
ud_jsonb_cover_query(const UdQueryNode *query, const UdJsonbPaths *paths, const UdArena *arena)
{
	if (paths == NULL)
		return query;
	CHECK_FOR_INTERRUPTS();
	switch (query->kind)
	{
		case UD_QUERY_ALL:
		case UD_QUERY_NONE:
			return NULL;
		case UD_QUERY_AND:
		case UD_QUERY_OR:
			return cover_list(query, paths, arena);
		case UD_QUERY_NOT:
		{
			const UdQueryNode *operand = query->u.list.nodes[0];

			return ud_jsonb_cover_query(operand, paths, arena) == operand ? query : NULL;
		}
		default:
			if (query->field == NULL ||
				!ud_jsonb_paths_cover_path(paths, query->field->nsegments, query->field->segments))
				return NULL;
			return query;
	}
}

/* is_paths_family returns whether an operator family is that of jsonb_query_paths_ops. */
static bool
is_paths_family(Oid family)
{
	Oid schema = get_namespace_oid(UD_SCHEMA, true);

	return OidIsValid(schema) && family == GetSysCacheOid3(OPFAMILYAMNAMENSP, Anum_pg_opfamily_oid,
														   ObjectIdGetDatum(GIN_AM_OID),
														   CStringGetDatum("jsonb_query_paths_ops"),
														   ObjectIdGetDatum(schema));
}

/* covered_constant returns the part of a constant query that an index answers, or NULL. */
static Const *
covered_constant(const Const *query, const UdJsonbPaths *paths, bool *lossy)
{
	UdArena arena = ud_memory_arena(CurrentMemoryContext);
	const UdQueryNode *lowered =
		ud_query_lower(ud_userquery_load(PG_DETOAST_DATUM_PACKED(query->constvalue)), &arena);
	const UdQueryNode *covered = ud_jsonb_cover_query(lowered, paths, &arena);

	*lossy = covered != lowered;
	if (covered == NULL)
		return NULL;
	return makeConst(query->consttype, -1, InvalidOid, -1,
					 PointerGetDatum(ud_userquery_store(covered)), false, false);
}

List *
ud_jsonb_cover_condition(SupportRequestIndexCondition *request, bool is_value)
{
	const OpExpr *clause = (const OpExpr *)request->node;
	const IndexOptInfo *index = request->index;
	const Node *query;
	const UdJsonbPaths *paths = NULL;
	Const *covered;
	Oid operator;

	/* A call of the function is for rows that were found by something else. */
	if (!IsA(clause, OpExpr) || request->indexarg != 0 || !is_paths_family(request->opfamily))
		return NIL;
	query = lsecond(clause->args);
	if (!IsA(query, Const) || ((const Const *)query)->constisnull)
		return NIL;
	if (index->opclassoptions != NULL)
		paths = ud_jsonb_paths_of(index->opclassoptions[request->indexcol]);
	covered = covered_constant((const Const *)query, paths, &request->lossy);
	if (covered == NULL)
		return NIL;
	operator= get_opfamily_member(request->opfamily, JSONBOID, covered->consttype,
								  is_value ? UD_JSONB_VALUE_STRATEGY : UD_JSONB_DOCUMENT_STRATEGY);
	if (!OidIsValid(operator))
		return NIL;
	return list_make1(make_opclause(operator, BOOLOID, false, linitial(clause->args),
									(Expr *)covered, InvalidOid, InvalidOid));
}
