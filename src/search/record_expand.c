/*
 * record_expand.c: a query on a row as conditions on its columns.
 *
 * Where the statement only wants the rows for which the query is true, a test may be null for
 * false, and each is the plain comparison that an index serves. Anywhere else a test says "and the
 * column is not null", so that it is false on a null. A negated test is "(...) IS NOT TRUE" in both
 * cases.
 */
#include "base/userdir.h"

#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"

#include "search/condition_part.h"
#include "search/record_documents.h"
#include "search/record_expand.h"

/*
 * The planner's time grows with the square of the number of alternatives: a thousand take 50 ms,
 * ten thousand some seconds in which nothing can interrupt it. What is beyond is evaluated in
 * memory.
 */
#define MOST_CONDITIONS 1000

/* A condition that is true for more of the rows than this finds none of them fast. */
#define BROAD_PART 0.05

typedef struct Expansion
{
	UdConditions conditions;
	bool is_condition;
} Expansion;

static Expr *expand(Expansion *expansion, const UdRecordNode *node);

static Expr *
boolean_test(Expr *argument, BoolTestType type)
{
	BooleanTest *test = makeNode(BooleanTest);

	test->arg = argument;
	test->booltesttype = type;
	test->location = -1;
	return (Expr *)test;
}

/* negate returns the complement of a condition, which may be null for false. */
static Expr *
negate(Expr *condition)
{
	if (IsA(condition, NullTest))
	{
		NullTest *test = (NullTest *)condition;

		test->nulltesttype = test->nulltesttype == IS_NULL ? IS_NOT_NULL : IS_NULL;
		return condition;
	}
	if (is_notclause(condition))
		return boolean_test(get_notclausearg(condition), IS_NOT_FALSE);
	return boolean_test(condition, IS_NOT_TRUE);
}

/* guarded makes a condition that may be null false there, if that matters. */
static Expr *
guarded(const Expansion *expansion, Expr *condition, Expr *guard)
{
	NullTest *is_known;

	if (expansion->is_condition || guard == NULL)
		return condition;
	is_known = makeNode(NullTest);
	is_known->arg = guard;
	is_known->nulltesttype = IS_NOT_NULL;
	is_known->location = -1;
	if (is_andclause(condition))
	{
		((BoolExpr *)condition)->args = lappend(((BoolExpr *)condition)->args, is_known);
		return condition;
	}
	return makeBoolExpr(AND_EXPR, list_make2(condition, is_known), -1);
}

static Expr *
expand_documents(Expansion *expansion, const UdRecordNode *node, bool is_filter)
{
	Expr *guard;
	Expr *condition =
		ud_record_documents_condition(&expansion->conditions, node, is_filter, &guard);

	return guarded(expansion, condition, guard);
}

static Expr *
expand_test(Expansion *expansion, const UdRecordNode *node)
{
	Expr *guard;
	Expr *condition;

	if (ud_record_documents_column(node) != InvalidAttrNumber)
		return expand_documents(expansion, node, false);
	condition = ud_condition_of_test(&expansion->conditions, node->test, &guard);
	if (condition == NULL)
		return ud_condition_row_matches(&expansion->conditions, node);
	return node->negated ? negate(condition) : guarded(expansion, condition, guard);
}

/* Operands of an AND or OR that become one condition, or a single one */
typedef struct Operands
{
	AttrNumber documents; /* the column if all is about its documents */
	int count;
	UdRecordNode **nodes;
	List *conditions; /* what they have become */
	bool has_part;
	double part; /* of the rows for which an AND of them is true; negative if unknown */
} Operands;

/* can_join returns whether a test may be one condition with others like it. */
static bool
can_join(UdRecordKind kind, const UdRecordNode *node)
{
	/* "is one of" is an OR, and "is none of" an AND */
	return node->kind == UD_RECORD_TEST && (kind == UD_RECORD_AND) == node->negated &&
		   (node->test->kind == UD_TEST_EQUAL ||
			(node->test->kind == UD_TEST_COMPARE && node->test->is_equality));
}

/* are_alike returns whether two tests that can join others can join each other. */
static bool
are_alike(const UdTest *a, const UdTest *b)
{
	return a->kind == b->kind && a->reading == b->reading && a->field.attnum == b->field.attnum &&
		   (a->kind == UD_TEST_EQUAL || a->comparisons[0].opno == b->comparisons[0].opno);
}

/*
 * find_group returns the group that an operand belongs to, or NULL. The number of groups that can
 * be joined is bound by that of the columns.
 */
static Operands *
find_group(UdRecordKind kind, const UdRecordNode *node, AttrNumber documents, List *groups)
{
	ListCell *cell;

	foreach (cell, groups)
	{
		Operands *group = lfirst(cell);

		if (documents != InvalidAttrNumber ? group->documents == documents
										   : group->documents == InvalidAttrNumber &&
												 are_alike(group->nodes[0]->test, node->test))
			return group;
	}
	return NULL;
}

/* make_groups sorts the operands of a list into groups. */
static List *
make_groups(const UdRecordNode *list)
{
	List *groups = NIL;
	List *joinable = NIL;

	for (int i = 0; i < list->count; i++)
	{
		UdRecordNode *node = list->nodes[i];
		AttrNumber documents = ud_record_documents_column(node);
		bool joins = documents != InvalidAttrNumber || can_join(list->kind, node);
		Operands *group = joins ? find_group(list->kind, node, documents, joinable) : NULL;

		if (group == NULL)
		{
			group = palloc0(sizeof(Operands));
			group->documents = documents;
			group->nodes = palloc(sizeof(UdRecordNode *) * (size_t)(joins ? list->count - i : 1));
			groups = lappend(groups, group);
			if (joins)
				joinable = lappend(joinable, group);
		}
		group->nodes[group->count++] = node;
	}
	return groups;
}

/* expand_equalities makes one condition of tests that are alike, or NULL if they have to be apart.
 */
static Expr *
expand_equalities(Expansion *expansion, const Operands *group)
{
	UdTest **tests = palloc(sizeof(UdTest *) * (size_t)group->count);
	Expr *guard;
	Expr *condition;

	for (int i = 0; i < group->count; i++)
		tests[i] = group->nodes[i]->test;
	condition = ud_condition_any_of(&expansion->conditions, tests, group->count, &guard);
	if (condition == NULL)
		return NULL;
	return group->nodes[0]->negated ? negate(condition) : guarded(expansion, condition, guard);
}

/* expand_group returns the conditions of a group, several if it could not be joined. */
static List *
expand_group(Expansion *expansion, UdRecordKind kind, const Operands *group)
{
	List *conditions = NIL;
	Expr *joined = NULL;

	if (group->documents != InvalidAttrNumber)
		joined = expand_documents(expansion,
								  ud_record_query_combine(kind, group->nodes, group->count), false);
	else if (group->count > 1)
		joined = expand_equalities(expansion, group);
	if (joined != NULL)
		return list_make1(joined);
	for (int i = 0; i < group->count; i++)
		conditions = lappend(conditions, expand(expansion, group->nodes[i]));
	return conditions;
}

/* flatten_ands puts the operands of ANDs in their places. */
static List *
flatten_ands(List *conditions)
{
	List *flat = NIL;
	ListCell *cell;

	foreach (cell, conditions)
	{
		Expr *condition = lfirst(cell);

		if (is_andclause(condition))
			flat = list_concat(flat, ((BoolExpr *)condition)->args);
		else
			flat = lappend(flat, condition);
	}
	return flat;
}

static double
estimate_part(Expansion *expansion, const Operands *group)
{
	if (group->documents != InvalidAttrNumber)
		return ud_record_documents_part(
			&expansion->conditions,
			ud_record_query_combine(UD_RECORD_AND, group->nodes, group->count));
	return ud_condition_part(expansion->conditions.source->root,
							 ud_condition_and(list_copy(group->conditions)));
}

/* part_of returns for which part of the rows a group of an AND is true; negative if unknown. */
static double
part_of(Expansion *expansion, Operands *group)
{
	if (!group->has_part)
		group->part = estimate_part(expansion, group);
	group->has_part = true;
	return group->part;
}

static bool
is_any_selective(Expansion *expansion, List *groups, const Operands *except)
{
	ListCell *cell;

	foreach (cell, groups)
	{
		double part = lfirst(cell) == except ? -1 : part_of(expansion, lfirst(cell));

		if (part >= 0 && part <= BROAD_PART)
			return true;
	}
	return false;
}

/*
 * take_from_indexes makes filters of the conditions on documents that are broad beside others that
 * are not: an index on several columns would be asked for all of them.
 */
static void
take_from_indexes(Expansion *expansion, List *groups)
{
	ListCell *cell;

	if (list_length(groups) < 2 || expansion->conditions.source->root == NULL)
		return;
	foreach (cell, groups)
	{
		Operands *group = lfirst(cell);

		if (group->documents == InvalidAttrNumber || part_of(expansion, group) <= BROAD_PART ||
			!is_any_selective(expansion, groups, group))
			continue;
		group->conditions = list_make1(expand_documents(
			expansion, ud_record_query_combine(UD_RECORD_AND, group->nodes, group->count), true));
	}
}

static Expr *
expand_list(Expansion *expansion, const UdRecordNode *node)
{
	List *groups = make_groups(node);
	List *conditions = NIL;
	ListCell *cell;

	foreach (cell, groups)
	{
		Operands *group = lfirst(cell);

		group->conditions = expand_group(expansion, node->kind, group);
	}
	if (node->kind == UD_RECORD_AND)
		take_from_indexes(expansion, groups);
	foreach (cell, groups)
		conditions = list_concat(conditions, ((Operands *)lfirst(cell))->conditions);
	if (list_length(conditions) == 1)
		return linitial(conditions);
	if (node->kind == UD_RECORD_OR)
		return makeBoolExpr(OR_EXPR, conditions, -1);
	return makeBoolExpr(AND_EXPR, flatten_ands(conditions), -1);
}

static Expr *
expand(Expansion *expansion, const UdRecordNode *node)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	switch (node->kind)
	{
		case UD_RECORD_CONSTANT:
			return (Expr *)makeBoolConst(node->value, false);
		case UD_RECORD_TEST:
			return expand_test(expansion, node);
		default:
			return expand_list(expansion, node);
	}
}

/* count_conditions returns how many conditions a tree becomes, at least. */
static int
count_conditions(const UdRecordNode *node)
{
	int count = 0;
	ListCell *cell;

	check_stack_depth();
	if (node->kind == UD_RECORD_CONSTANT || node->kind == UD_RECORD_TEST)
		return 1;
	foreach (cell, make_groups(node))
	{
		const Operands *group = lfirst(cell);

		count += group->count > 1 ? 1 : count_conditions(group->nodes[0]);
	}
	return count;
}

/*
 * cover returns something that is true wherever a tree is, and that joins with others like it: an
 * equality, or a condition on documents. NULL if there is none.
 */
static UdRecordNode *
cover(UdRecordNode *node)
{
	if (node->kind == UD_RECORD_TEST && !node->negated &&
		(ud_record_documents_column(node) != InvalidAttrNumber || can_join(UD_RECORD_OR, node)))
		return node;
	for (int i = 0; node->kind == UD_RECORD_AND && i < node->count; i++)
	{
		UdRecordNode *covering = cover(node->nodes[i]);

		if (covering != NULL)
			return covering;
	}
	return NULL;
}

/*
 * expand_covered lets indexes find the rows of an OR that is too large to be taken apart: by a
 * part of each alternative, which are few conditions together. The whole is a filter then.
 */
static Expr *
expand_covered(Expansion *expansion, const UdRecordNode *node)
{
	Expr *whole = ud_condition_row_matches(&expansion->conditions, node);
	UdRecordNode **parts =
		MemoryContextAllocHuge(CurrentMemoryContext, sizeof(UdRecordNode *) * (Size)node->count);
	UdRecordNode *covering;

	for (int i = 0; i < node->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		parts[i] = cover(node->nodes[i]);
		if (parts[i] == NULL)
			return whole;
	}
	covering = ud_record_query_combine(UD_RECORD_OR, parts, node->count);
	if (count_conditions(covering) > MOST_CONDITIONS)
		return whole;
	return makeBoolExpr(AND_EXPR, flatten_ands(list_make2(expand(expansion, covering), whole)), -1);
}

/* expand_bounded expands as much of a tree as the planner can take, and leaves the rest. */
static Expr *
expand_bounded(Expansion *expansion, const UdRecordNode *node)
{
	UdRecordNode **rest;
	UdRecordNode **taken;
	int nrest = 0;
	int ntaken = 0;
	int conditions = 0;
	Expr *expanded;
	Expr *left;

	if (count_conditions(node) <= MOST_CONDITIONS)
		return expand(expansion, node);
	if (node->kind != UD_RECORD_AND)
		return expand_covered(expansion, node);

	rest = palloc(sizeof(UdRecordNode *) * (size_t)node->count);
	taken = palloc(sizeof(UdRecordNode *) * (size_t)node->count);
	for (int i = 0; i < node->count; i++)
	{
		int more = count_conditions(node->nodes[i]);

		if (conditions + more > MOST_CONDITIONS)
			rest[nrest++] = node->nodes[i];
		else
		{
			conditions += more;
			taken[ntaken++] = node->nodes[i];
		}
	}
	if (ntaken == 0)
		return ud_condition_row_matches(&expansion->conditions, node);
	expanded = expand(expansion, ud_record_query_combine(UD_RECORD_AND, taken, ntaken));
	left = nrest == 1
			   ? expand_bounded(expansion, rest[0])
			   : ud_condition_row_matches(&expansion->conditions,
										  ud_record_query_combine(UD_RECORD_AND, rest, nrest));
	return makeBoolExpr(AND_EXPR, flatten_ands(list_make2(expanded, left)), -1);
}

/* count_test_uses returns how often, at most, the condition of a test evaluates its column. */
static int
count_test_uses(const UdTest *test)
{
	switch (test->kind)
	{
		case UD_TEST_COMPARE:
			return test->ncomparisons;
		case UD_TEST_BETWEEN:
			return (test->low != NULL ? 1 : 0) + (test->high != NULL ? 1 : 0);
		case UD_TEST_MATCH:
			return 3;
		case UD_TEST_EQUAL:
			return test->reading == UD_READ_DOMAIN ? 3 : 1;
		default:
			return 1;
	}
}

/* count_uses returns how often, at most, the conditions of a tree evaluate a column. */
static int
count_uses(const UdRecordNode *node, AttrNumber attnum)
{
	int uses = 0;

	if (ud_record_documents_column(node) == attnum)
		return 1;
	if (node->kind == UD_RECORD_TEST && node->test->field.attnum == attnum)
		return count_test_uses(node->test);
	for (int i = 0; i < node->count; i++)
		uses += count_uses(node->nodes[i], attnum);
	return uses;
}

/* may_take_apart returns whether the conditions can evaluate the columns instead of the row. */
static bool
may_take_apart(const UdRowSource *source, const UdRecordNode *query, UdExpandOptions options)
{
	/* columns of variables are always there */
	if (IsA(source->argument, Var))
		return true;
	for (AttrNumber attnum = 1; attnum <= source->row->natts; attnum++)
	{
		int uses =
			TupleDescAttr(source->row, attnum - 1)->attisdropped ? 0 : count_uses(query, attnum);

		if (uses > 0 && ud_row_source_is_volatile(source, attnum))
			return false;
		/* "and is not null" is one more */
		if (uses > (options.is_condition ? 1 : 0) && ud_row_source_is_costly(source, attnum))
			return false;
	}
	return true;
}

Expr *
ud_record_expand(const UdRowSource *source, const struct varlena *query, UdExpandOptions options)
{
	UdRecordNode *resolved = ud_record_query_resolve(source->row, query);
	Expansion expansion = {.is_condition = options.is_condition};

	if (!may_take_apart(source, resolved, options))
		return NULL;
	ud_conditions_begin(&expansion.conditions, source);
	expansion.conditions.for_text = options.for_text;
	return expand_bounded(&expansion, resolved);
}
