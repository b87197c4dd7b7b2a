/*
 * plan_memo.c: what is found out while one statement is planned.
 *
 * A memo lies in the memory that the statement is planned in, and is forgotten with it. Which
 * statement it is of tells the planner's global data: they are never freed before that memory is.
 * While one statement is planned another may be, by a function that the planner evaluates; then the
 * first begins a new memo.
 */
#include "base/userdir.h"

#include "utils/memutils.h"

#include "base/memory_arena.h"
#include "search/plan_memo.h"
#include "search/userquery.h"

typedef struct UdPlanMemoQuery
{
	const struct varlena *value;
	bool is_value;
	UdKnownQuery known;
} UdPlanMemoQuery;

static UdPlanMemo *current = NULL;

static void
forget(void *memo)
{
	if (current == memo)
		current = NULL;
}

UdPlanMemo *
ud_plan_memo(const PlannerInfo *root)
{
	UdPlanMemo *memo;

	if (root == NULL || root->glob == NULL || root->planner_cxt == NULL)
		return NULL;
	if (current != NULL && current->plan == root->glob && current->context == root->planner_cxt)
		return current;

	memo = MemoryContextAllocZero(root->planner_cxt, sizeof(UdPlanMemo));
	memo->plan = root->glob;
	memo->context = root->planner_cxt;
	memo->forget.func = forget;
	memo->forget.arg = memo;
	MemoryContextRegisterResetCallback(memo->context, &memo->forget);
	current = memo;
	return memo;
}

/* read_query reads a query in the current context. */
static UdKnownQuery
read_query(const struct varlena *value, bool is_value)
{
	UdArena arena = ud_memory_arena(CurrentMemoryContext);
	UdKnownQuery known;

	known.lowered = ud_query_lower(ud_userquery_load(value), &arena);
	known.compiled = ud_jsonb_match_try_compile(known.lowered, is_value);
	return known;
}

static UdPlanMemoQuery *
find_query(const UdPlanMemo *memo, const struct varlena *value, bool is_value)
{
	size_t length = VARSIZE_ANY_EXHDR(value);

	for (int i = 0; i < Min(memo->nqueries, UD_PLAN_MEMO_QUERIES); i++)
	{
		UdPlanMemoQuery *query = memo->queries[i];

		if (query->is_value == is_value && VARSIZE_ANY_EXHDR(query->value) == length &&
			memcmp(VARDATA_ANY(query->value), VARDATA_ANY(value), length) == 0)
			return query;
	}
	return NULL;
}

/* keep_query reads a query in the memory of a memo. */
static UdPlanMemoQuery *
keep_query(UdPlanMemo *memo, const struct varlena *value, bool is_value)
{
	MemoryContext caller = MemoryContextSwitchTo(memo->context);
	UdPlanMemoQuery *query = palloc(sizeof(UdPlanMemoQuery));

	query->value = memcpy(palloc(VARSIZE_ANY(value)), value, VARSIZE_ANY(value));
	query->is_value = is_value;
	query->known = read_query(query->value, is_value);
	memo->queries[memo->nqueries++ % UD_PLAN_MEMO_QUERIES] = query;
	MemoryContextSwitchTo(caller);
	return query;
}

UdKnownQuery
ud_plan_memo_query(const PlannerInfo *root, Datum query, bool is_value)
{
	const struct varlena *value = PG_DETOAST_DATUM_PACKED(query);
	UdPlanMemo *memo = ud_plan_memo(root);
	UdPlanMemoQuery *known;

	if (memo == NULL)
		return read_query(value, is_value);
	known = find_query(memo, value, is_value);
	if (known == NULL)
		known = keep_query(memo, value, is_value);
	return known->known;
}
