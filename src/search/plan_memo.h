/*
 * plan_memo.h: what is found out while one statement is planned.
 *
 * The planner asks about the same condition several times: when it is made, for its rows, for its
 * cost, for each index. Queries are read, and indexes looked into, once for all of these.
 */
#ifndef UD_SEARCH_PLAN_MEMO_H
#define UD_SEARCH_PLAN_MEMO_H

#include "base/userdir.h"

#include "nodes/pathnodes.h"

#include "search/jsonb_match.h"

/* A query on documents: what it says, and how it is evaluated; NULL if it cannot be. */
typedef struct UdKnownQuery
{
	const UdQueryNode *lowered;
	const UdJsonbNode *compiled;
} UdKnownQuery;

/* What stays known of a statement; of many things the last ones. */
#define UD_PLAN_MEMO_QUERIES 16
#define UD_PLAN_MEMO_COLUMNS 16

typedef struct UdPlanMemo
{
	const PlannerGlobal *plan; /* of the statement */
	MemoryContext context;     /* that the memo, and all it refers to, lives in */
	MemoryContextCallback forget;
	int nqueries;
	struct UdPlanMemoQuery *queries[UD_PLAN_MEMO_QUERIES];
	int ncolumns;
	struct UdIndexedColumn *columns[UD_PLAN_MEMO_COLUMNS]; /* of jsonb_index.c */
} UdPlanMemo;

/* ud_plan_memo returns the memo of the statement that is being planned, NULL if root is. */
extern UdPlanMemo *ud_plan_memo(const PlannerInfo *root);

/*
 * ud_plan_memo_query reads a query on documents; is_value: the operator is @@=.
 *
 * root may be NULL; then the result lives in the current context, else as long as the memo.
 */
extern UdKnownQuery ud_plan_memo_query(const PlannerInfo *root, Datum query, bool is_value);

#endif
