/*
 * query_field.h: making fields; for the query files only.
 */
#ifndef UD_PURE_QUERY_FIELD_H
#define UD_PURE_QUERY_FIELD_H

#include "pure/query.h"

/* ud_query_field_of_segments makes a field of segments that live in arena; NULL without memory. */
extern UdQueryField *ud_query_field_of_segments(const UdArena *arena, const UdSpan *segments,
												int nsegments);

/* ud_query_field_any makes the field that stands for any; NULL without memory. */
extern UdQueryField *ud_query_field_any(const UdArena *arena);

#endif
