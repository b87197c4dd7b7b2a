/*
 * row_source.h: a row in an expression of the planner, column by column.
 *
 * A row comes as a variable for the whole row of a table, view, function or subquery, as a list of
 * expressions where a view or subquery was pulled up, or as a column that is a row itself. Anything
 * else, such as the call of a function, is to be evaluated once and not taken apart.
 */
#ifndef UD_SEARCH_ROW_SOURCE_H
#define UD_SEARCH_ROW_SOURCE_H

#include "base/userdir.h"

#include "access/tupdesc.h"
#include "nodes/pathnodes.h"

typedef struct UdRowSource
{
	struct PlannerInfo *root; /* may be NULL */
	TupleDesc row;            /* its columns; dropped ones may be among them */
	Node *argument;
	Node *placeholder; /* the PlaceHolderVar around argument, or NULL */
	Oid table;         /* without root: the table that argument is the row of, if known */
} UdRowSource;

/*
 * ud_row_source_open fills source for an expression of a row type.
 *
 * Returns false for a row that is not to be taken apart. root may be NULL.
 */
extern bool ud_row_source_open(struct PlannerInfo *root, Node *argument, UdRowSource *source);

/* ud_row_source_column returns a new expression for a column that is not dropped. */
extern Expr *ud_row_source_column(const UdRowSource *source, AttrNumber attnum);

/*
 * ud_row_source_is_costly returns whether evaluating a column is so much work that it should not be
 * done twice.
 */
extern bool ud_row_source_is_costly(const UdRowSource *source, AttrNumber attnum);

/* ud_row_source_is_volatile returns whether evaluating a column twice may give two values. */
extern bool ud_row_source_is_volatile(const UdRowSource *source, AttrNumber attnum);

/*
 * ud_row_source_table returns the table of this query level that an expression is a column of, and
 * its index in the range table; InvalidOid if it is no such column.
 */
extern Oid ud_row_source_table(const UdRowSource *source, Expr *column, Index *varno);

#endif
