/*
 * query.c: planning and starting a query whose plan is looked at before it runs.
 */
#include "base/userdir.h"

#include "executor/executor.h"
#include "nodes/parsenodes.h"
#include "tcop/tcopprot.h"
#include "utils/snapmgr.h"

#include "base/query.h"

static void
raise_no_select(void)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("the text of the query must be a single SELECT")));
}

/*
 * plan_select plans one SELECT. It is not compiled at run time: of a query that is started only for
 * its plan to be looked at, or for the first rows, compiling takes longer than all else.
 */
static PlannedStmt *
plan_select(const char *sql)
{
	List *parsed = pg_parse_query(sql);
	List *rewritten;
	PlannedStmt *plan;

	if (list_length(parsed) != 1)
		raise_no_select();
	rewritten =
		pg_analyze_and_rewrite_fixedparams(linitial_node(RawStmt, parsed), sql, NULL, 0, NULL);
	if (list_length(rewritten) != 1 || linitial_node(Query, rewritten)->commandType != CMD_SELECT)
		raise_no_select();
	plan = pg_plan_query(linitial_node(Query, rewritten), sql, 0, NULL);
	plan->jitFlags = 0;
	return plan;
}

QueryDesc *
ud_query_open(const char *sql)
{
	QueryDesc *query = CreateQueryDesc(plan_select(sql), sql, GetActiveSnapshot(), InvalidSnapshot,
									   None_Receiver, NULL, NULL, 0);

	ExecutorStart(query, 0);
	return query;
}

void
ud_query_run(QueryDesc *query, DestReceiver *receiver)
{
	query->dest = receiver;
	ud_executor_run(query, 0);
}

void
ud_query_close(QueryDesc *query)
{
	ExecutorFinish(query);
	ExecutorEnd(query);
	FreeQueryDesc(query);
}
