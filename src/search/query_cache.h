/*
 * query_cache.h: a query that a call site evaluates again and again is read once.
 */
#ifndef UD_SEARCH_QUERY_CACHE_H
#define UD_SEARCH_QUERY_CACHE_H

#include "base/userdir.h"

#include "pure/query.h"

/*
 * UdQueryCompile makes of a lowered query what its call site needs to evaluate it. It allocates in
 * the current context, which lives as long as the query is kept, and may keep pointers into the
 * query. It may raise errors.
 */
typedef void *(*UdQueryCompile)(const UdQueryNode *lowered);

/*
 * ud_query_cache_get returns what compile made of a value of type userquery, given as Datum.
 *
 * It is kept in fn_extra of site, in memory below fn_mcxt, until the site sees another query. A
 * site always passes the same compile. Errors: those of compile; XX001 for a value that is no
 * query.
 */
extern const void *ud_query_cache_get(FmgrInfo *site, Datum query, UdQueryCompile compile);

#endif
