/*
 * row_source.c: taking a row in an expression of the planner apart.
 */
#include "base/userdir.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "parser/parse_relation.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "search/row_source.h"

/* As many simple operators are no more work than reading a column is. */
#define CHEAP_OPERATORS 5

/* table_entry returns the range table entry of a variable, NULL if it cannot be known. */
static RangeTblEntry *
table_entry(PlannerInfo *root, const Var *var)
{
	for (Index level = 0; level < var->varlevelsup && root != NULL; level++)
		root = root->parent_root;
	if (root == NULL || var->varno < 1 || var->varno > list_length(root->parse->rtable))
		return NULL;
	return rt_fetch(var->varno, root->parse->rtable);
}

/* describe_lists returns the row type of columns with these names and expressions. */
static TupleDesc
describe_lists(List *names, List *columns)
{
	TupleDesc row = CreateTemplateTupleDesc(list_length(columns));
	ListCell *name = list_head(names);
	ListCell *column;
	AttrNumber attnum = 0;

	foreach (column, columns)
	{
		Node *expression = lfirst(column);
		const char *column_name = name != NULL ? strVal(lfirst(name)) : NULL;

		attnum++;
		TupleDescInitEntry(row, attnum, column_name, exprType(expression), exprTypmod(expression),
						   0);
		TupleDescInitEntryCollation(row, attnum, exprCollation(expression));
		if (name != NULL)
			name = lnext(names, name);
		/* the place of a dropped column has no name */
		TupleDescAttr(row, attnum - 1)->attisdropped =
			column_name == NULL || column_name[0] == '\0';
	}
	return row;
}

/* describe_type returns the columns of a composite type, NULL if it is none. */
static TupleDesc
describe_type(Oid type, int32 typmod)
{
	if (type == RECORDOID && typmod < 0)
		return NULL;
	return type_is_rowtype(type) ? lookup_rowtype_tupdesc_domain(type, typmod, true) : NULL;
}

/* describe_type_copy is describe_type without a reference to be given back. */
static TupleDesc
describe_type_copy(Oid type, int32 typmod)
{
	TupleDesc row = describe_type(type, typmod);
	TupleDesc copy;

	if (row == NULL)
		return NULL;
	copy = CreateTupleDescCopyConstr(row);
	DecrTupleDescRefCount(row);
	return copy;
}

/* describe_entry returns the columns of a range table entry whose row has no named type. */
static TupleDesc
describe_entry(PlannerInfo *root, const Var *var)
{
	RangeTblEntry *entry = table_entry(root, var);
	List *names;
	List *columns;

	if (entry == NULL)
		return NULL;
	UD_EXPAND_ENTRY(entry, var, &names, &columns);
	return describe_lists(names, columns);
}

static TupleDesc
describe_row(PlannerInfo *root, Node *argument)
{
	if (IsA(argument, Var))
	{
		Var *var = (Var *)argument;
		TupleDesc row = describe_type_copy(var->vartype, var->vartypmod);

		return row == NULL && var->varattno == InvalidAttrNumber ? describe_entry(root, var) : row;
	}
	if (IsA(argument, RowExpr))
	{
		RowExpr *list = (RowExpr *)argument;

		return list->row_typeid == RECORDOID ? describe_lists(list->colnames, list->args)
											 : describe_type_copy(list->row_typeid, -1);
	}
	return NULL;
}

bool
ud_row_source_open(PlannerInfo *root, Node *argument, UdRowSource *source)
{
	source->root = root;
	source->placeholder = NULL;
	source->table = InvalidOid;
	while (argument != NULL && IsA(argument, RelabelType))
		argument = (Node *)((RelabelType *)argument)->arg;
	if (argument != NULL && IsA(argument, PlaceHolderVar))
	{
		source->placeholder = argument;
		argument = (Node *)((PlaceHolderVar *)argument)->phexpr;
		if (!IsA(argument, RowExpr))
			return false;
	}
	if (argument == NULL)
		return false;
	source->argument = argument;
	source->row = describe_row(root, argument);
	return source->row != NULL;
}

/* whole_row_column returns a column of the table that a whole-row variable is of. */
static Expr *
whole_row_column(const Var *whole, Form_pg_attribute attribute)
{
	Var *var = copyObject(unconstify(Var *, whole));

	var->varattno = attribute->attnum;
	var->vartype = attribute->atttypid;
	var->vartypmod = attribute->atttypmod;
	var->varcollid = attribute->attcollation;
	if (var->varnosyn > 0)
		var->varattnosyn = attribute->attnum;
	var->location = -1;
	return (Expr *)var;
}

static Expr *
field_of(Node *row, Form_pg_attribute attribute)
{
	FieldSelect *field = makeNode(FieldSelect);

	field->arg = (Expr *)copyObject(row);
	field->fieldnum = attribute->attnum;
	field->resulttype = attribute->atttypid;
	field->resulttypmod = attribute->atttypmod;
	field->resultcollid = attribute->attcollation;
	return (Expr *)field;
}

/* list_column returns the expression of a column in a list; a row may be older than its type. */
static Expr *
list_column(const RowExpr *list, Form_pg_attribute attribute)
{
	if (attribute->attnum > list_length(list->args))
		return (Expr *)makeNullConst(attribute->atttypid, attribute->atttypmod,
									 attribute->attcollation);
	return list_nth(list->args, attribute->attnum - 1);
}

/*
 * placeholder_column returns a column of a list that an outer join may turn into a null. A variable
 * of the same side of the join becomes null with it; anything else must be taken from the row as
 * the join gives it.
 */
static Expr *
placeholder_column(const UdRowSource *source, Form_pg_attribute attribute)
{
	PlaceHolderVar *placeholder = (PlaceHolderVar *)source->placeholder;
	Expr *column = list_column((RowExpr *)source->argument, attribute);

	if (IsA(column, Var) && ((Var *)column)->varlevelsup == placeholder->phlevelsup &&
		bms_is_member(((Var *)column)->varno, placeholder->phrels))
	{
		column = (Expr *)copyObject((Var *)column);
		UD_NULL_WITH((Var *)column, placeholder);
		return column;
	}
	return field_of(source->placeholder, attribute);
}

Expr *
ud_row_source_column(const UdRowSource *source, AttrNumber attnum)
{
	Form_pg_attribute attribute = TupleDescAttr(source->row, attnum - 1);

	if (source->placeholder != NULL)
		return placeholder_column(source, attribute);
	if (IsA(source->argument, RowExpr))
		return copyObject(list_column((RowExpr *)source->argument, attribute));
	if (((Var *)source->argument)->varattno == InvalidAttrNumber)
		return whole_row_column((Var *)source->argument, attribute);
	return field_of(source->argument, attribute);
}

bool
ud_row_source_is_costly(const UdRowSource *source, AttrNumber attnum)
{
	Expr *column = ud_row_source_column(source, attnum);
	QualCost cost;

	if (IsA(column, Var) || IsA(column, Const))
		return false;
	/* a join that the planner can do without leaves the whole row where its column is taken */
	if (source->placeholder != NULL)
		column = (Expr *)source->argument;
	if (contain_subplans((Node *)column))
		return true;
	cost_qual_eval_node(&cost, (Node *)column, source->root);
	return cost.per_tuple > CHEAP_OPERATORS * cpu_operator_cost;
}

bool
ud_row_source_is_volatile(const UdRowSource *source, AttrNumber attnum)
{
	return contain_volatile_functions((Node *)ud_row_source_column(source, attnum));
}

Oid
ud_row_source_table(const UdRowSource *source, Expr *column, Index *varno)
{
	RangeTblEntry *entry;
	Var *var;

	while (IsA(column, RelabelType))
		column = ((RelabelType *)column)->arg;
	if (!IsA(column, Var))
		return InvalidOid;
	var = (Var *)column;
	*varno = (Index)var->varno;
	if (source->root == NULL)
		return source->table;
	entry = var->varlevelsup == 0 ? table_entry(source->root, var) : NULL;
	if (entry == NULL || entry->rtekind != RTE_RELATION || var->varattno <= 0)
		return InvalidOid;
	return entry->relid;
}
