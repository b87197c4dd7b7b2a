/*
 * condition_part.h: which part of the rows a condition is true for, before the planner has begun.
 */
#ifndef UD_SEARCH_CONDITION_PART_H
#define UD_SEARCH_CONDITION_PART_H

#include "base/userdir.h"

#include "nodes/pathnodes.h"

/*
 * ud_condition_part returns what the statistics of the columns, or the kind of the condition, make
 * one expect, from 0 to 1.
 *
 * root is that of a statement whose expressions are still being simplified; condition is about
 * columns of its own tables. Indexes, and what is known of their expressions, do not count.
 */
extern double ud_condition_part(PlannerInfo *root, Expr *condition);

#endif
