/*
 * condition_context.h: whether a statement wants no more of a function than the rows it is true
 * for.
 */
#ifndef UD_SEARCH_CONDITION_CONTEXT_H
#define UD_SEARCH_CONDITION_CONTEXT_H

#include "base/userdir.h"

#include "nodes/pathnodes.h"

/*
 * ud_condition_context_is_where returns whether every call of a function in a statement is a
 * condition that decides which rows there are, alone or in an AND or OR: then null is as good as
 * false. It returns false if there may be a call that cannot be seen.
 */
extern bool ud_condition_context_is_where(struct PlannerInfo *root, Oid function);

#endif
