/*
 * column_access.c: whether a plan may look into the data of a column.
 */
#include "base/userdir.h"

#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "parser/parse_relation.h"
#include "parser/parsetree.h"
#include "utils/acl.h"

#include "search/column_access.h"

/* A column of an entry of the range table */
typedef struct Column
{
	Index entry;
	AttrNumber number;
} Column;

/*
 * named_column returns the column that the query names where this is a partition's or child's: that
 * is the one on which the user needs a privilege.
 */
static Column
named_column(PlannerInfo *root, Column column)
{
	while (root->append_rel_array != NULL && column.entry < (Index)root->simple_rel_array_size)
	{
		const AppendRelInfo *child = root->append_rel_array[column.entry];

		if (child == NULL || planner_rt_fetch(child->parent_relid, root)->rtekind != RTE_RELATION)
			break;
		if (column.number > child->num_child_cols || child->parent_colnos[column.number - 1] == 0)
			break;
		column.entry = child->parent_relid;
		column.number = child->parent_colnos[column.number - 1];
	}
	return column;
}

bool
ud_column_access_allows(PlannerInfo *root, const Var *var)
{
	Column column = named_column(root, (Column){(Index)var->varno, var->varattno});
	RangeTblEntry *entry = planner_rt_fetch(column.entry, root);
	Oid user = UD_ENTRY_USER(root->parse, entry);

	if (!OidIsValid(user))
		user = GetUserId();
	if (entry->securityQuals != NIL || planner_rt_fetch(var->varno, root)->securityQuals != NIL)
		return false;
	return pg_class_aclcheck(entry->relid, user, ACL_SELECT) == ACLCHECK_OK ||
		   pg_attribute_aclcheck(entry->relid, column.number, user, ACL_SELECT) == ACLCHECK_OK;
}
