/*
 * column_access.h: whether a plan may look into the data of a column.
 */
#ifndef UD_SEARCH_COLUMN_ACCESS_H
#define UD_SEARCH_COLUMN_ACCESS_H

#include "base/userdir.h"

#include "nodes/pathnodes.h"

/*
 * ud_column_access_allows returns whether estimates may be made from a column's data.
 *
 * Estimates tell something of it, so this is as strict as the server is with its statistics: the
 * user may read the column, and no row-level security policy or security barrier hides rows. var is
 * a column of a table of root's own query.
 */
extern bool ud_column_access_allows(PlannerInfo *root, const Var *var);

#endif
