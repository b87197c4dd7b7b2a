/*
 * record_matcher.h: evaluation of a query on rows in memory.
 */
#ifndef UD_SEARCH_RECORD_MATCHER_H
#define UD_SEARCH_RECORD_MATCHER_H

#include "base/userdir.h"

#include "access/htup.h"
#include "access/tupdesc.h"

typedef struct UdRecordMatcher UdRecordMatcher;

/*
 * ud_record_matcher_make reads a query for rows of a type. Everything is in the current context,
 * which lives as long as the matcher, or in contexts below it.
 *
 * row is NULL for a row that is null and of no known type; every leaf is false on it. Errors: those
 * of ud_record_query_resolve.
 */
extern UdRecordMatcher *ud_record_matcher_make(TupleDesc row, const struct varlena *query);

/*
 * ud_record_matcher_matches evaluates the query on one row, which is of the matcher's type; NULL is
 * a row of nulls.
 */
extern bool ud_record_matcher_matches(UdRecordMatcher *matcher, HeapTupleHeader record);

#endif
