/*
 * condition_part.c: which part of the rows a condition is true for, before the planner has begun.
 *
 * Estimators find the statistics of a column through the planner's description of its table, which
 * is not there yet. So they get one with no more in it than they need.
 */
#include "base/userdir.h"

#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "search/condition_part.h"

/* describe_table makes the description of a table, or of anything else that rows come from. */
static RelOptInfo *
describe_table(const RangeTblEntry *entry, int varno)
{
	RelOptInfo *table = makeNode(RelOptInfo);

	table->reloptkind = RELOPT_BASEREL;
	table->relid = (Index)varno;
	table->relids = bms_make_singleton(varno);
	table->rtekind = entry->rtekind;
	if (entry->rtekind == RTE_RELATION)
	{
		Relation relation = RelationIdGetRelation(entry->relid);

		table->tuples = Max(relation->rd_rel->reltuples, 1);
		RelationClose(relation);
	}
	table->rows = table->tuples;
	return table;
}

double
ud_condition_part(PlannerInfo *root, Expr *condition)
{
	PlannerInfo sketch = *root;
	Relids varnos = pull_varnos(root, (Node *)condition);
	int varno = -1;
	int count = list_length(root->parse->rtable);

	sketch.simple_rel_array_size = count + 1;
	sketch.simple_rel_array = palloc0(sizeof(RelOptInfo *) * (size_t)(count + 1));
	sketch.simple_rte_array = palloc0(sizeof(RangeTblEntry *) * (size_t)(count + 1));
	for (int i = 1; i <= count; i++)
		sketch.simple_rte_array[i] = rt_fetch(i, root->parse->rtable);
	while ((varno = bms_next_member(varnos, varno)) >= 0)
		sketch.simple_rel_array[varno] = describe_table(sketch.simple_rte_array[varno], varno);
	return clause_selectivity(&sketch, (Node *)condition, 0, JOIN_INNER, NULL);
}
