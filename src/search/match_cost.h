/*
 * match_cost.h: what it costs to evaluate a query on one document or row, for the planner.
 *
 * A function has one cost in the catalog, but a query of a thousand alternatives takes as long as a
 * hundred of ten; without being told, the planner would rather evaluate it on every row of a table
 * than ask an index for each of them.
 */
#ifndef UD_SEARCH_MATCH_COST_H
#define UD_SEARCH_MATCH_COST_H

#include "base/userdir.h"

#include "nodes/supportnodes.h"

/*
 * ud_match_cost_of_documents answers a request for the cost of a call of jsonb_matches, or, with
 * is_value, of jsonb_value_matches; returns NULL where the query is not known.
 */
extern Node *ud_match_cost_of_documents(SupportRequestCost *request, bool is_value);

/* ud_match_cost_of_rows does the same for calls of _record_matches. */
extern Node *ud_match_cost_of_rows(SupportRequestCost *request);

#endif
