/*
 * jsonb_cover.h: what an index of chosen paths can say of a query.
 */
#ifndef UD_SEARCH_JSONB_COVER_H
#define UD_SEARCH_JSONB_COVER_H

#include "base/userdir.h"

#include "nodes/supportnodes.h"

#include "pure/query.h"
#include "search/jsonb_paths.h"

/*
 * ud_jsonb_cover_query returns a lowered query about nothing but some paths that is true wherever a
 * lowered query is: the latter itself if it is about nothing else, or what of it is, or NULL if
 * that says nothing. Shares nodes with the query; new ones are in arena.
 */
extern const UdQueryNode *ud_jsonb_cover_query(const UdQueryNode *query, const UdJsonbPaths *paths,
											   const UdArena *arena);

/*
 * ud_jsonb_cover_condition answers the planner's request for a condition of an index of class
 * jsonb_query_paths_ops that is true where "document @@ query" is; is_value: it is @@= instead.
 *
 * Returns NIL where the index is no such one, has nothing to say, or the query is not known.
 */
extern List *ud_jsonb_cover_condition(SupportRequestIndexCondition *request, bool is_value);

#endif
