/*
 * jsonb_split.h: parting a query between an index and a filter.
 *
 * An index of class jsonb_query_ops answers an AND as a whole: it looks all keys up, also those of
 * conditions that nearly every row fulfils. Where one condition finds few rows and another would
 * have to go through many keys or pages to exclude some of these, the latter is better checked on
 * the few rows.
 */
#ifndef UD_SEARCH_JSONB_SPLIT_H
#define UD_SEARCH_JSONB_SPLIT_H

#include "base/userdir.h"

#include "nodes/pathnodes.h"

/*
 * ud_jsonb_split returns a condition that is better than "document @@ query" and means the same: an
 * AND of the operator with the selective part of the query and a call of its function with the
 * rest. NULL if there is nothing to gain, or nothing is known about it.
 *
 * function: that of the operator; is_value: it is that of @@=. Looks into an index of the
 * document's column if the user may see what estimates tell.
 */
extern Node *ud_jsonb_split(PlannerInfo *root, Oid function, bool is_value, Node *document,
							Node *query);

#endif
