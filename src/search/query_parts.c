/*
 * query_parts.c: what a query is made of, for those who plan or explain a search.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "nodes/value.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/memory_arena.h"
#include "search/userquery.h"

/* append_leaves collects the leaves of a kernel tree that are not in the list yet. */
static List *
append_leaves(List *leaves, UdQueryNode *node)
{
	ListCell *cell;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (node->kind == UD_QUERY_AND || node->kind == UD_QUERY_OR || node->kind == UD_QUERY_NOT)
	{
		for (int i = 0; i < node->u.list.count; i++)
			leaves = append_leaves(leaves, node->u.list.nodes[i]);
		return leaves;
	}
	foreach (cell, leaves)
	{
		if (ud_query_equal(lfirst(cell), node))
			return leaves;
	}
	return lappend(leaves, node);
}

/* list_leaves returns the different leaves of a query in their order. */
static List *
list_leaves(Datum query)
{
	UdQueryNode *tree = ud_userquery_load(PG_DETOAST_DATUM_PACKED(query));
	UdArena arena = ud_memory_arena(CurrentMemoryContext);
	UdQueryNode *kernel = ud_query_lower(tree, &arena);

	return append_leaves(NIL, kernel);
}

UD_FUNCTION(userdir__query_parts);

/*
 * userdir__query_parts returns the leaves of a query, each once, as an array of queries.
 */
Datum
userdir__query_parts(PG_FUNCTION_ARGS)
{
	List *leaves = list_leaves(PG_GETARG_DATUM(0));
	Datum *parts = palloc(sizeof(Datum) * Max(list_length(leaves), 1));
	Oid type = get_fn_expr_argtype(fcinfo->flinfo, 0);
	int count = 0;
	ListCell *cell;

	foreach (cell, leaves)
		parts[count++] = PointerGetDatum(ud_userquery_store(lfirst(cell)));
	PG_RETURN_ARRAYTYPE_P(construct_array(parts, count, type, -1, false, TYPALIGN_INT));
}

UD_FUNCTION(userdir__query_fields);

/*
 * userdir__query_fields returns the first segment of every field that a query names, each once.
 */
Datum
userdir__query_fields(PG_FUNCTION_ARGS)
{
	List *leaves = list_leaves(PG_GETARG_DATUM(0));
	Datum *fields = palloc(sizeof(Datum) * Max(list_length(leaves), 1));
	List *names = NIL;
	int count = 0;
	ListCell *cell;

	foreach (cell, leaves)
	{
		const UdQueryField *field = ((UdQueryNode *)lfirst(cell))->field;
		String *name;

		if (field == NULL || field->any)
			continue;
		name = makeString(pnstrdup(field->segments[0].data, field->segments[0].length));
		if (!list_member(names, name))
		{
			names = lappend(names, name);
			fields[count++] = CStringGetTextDatum(strVal(name));
		}
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(fields, count, TEXTOID, -1, false, TYPALIGN_INT));
}
