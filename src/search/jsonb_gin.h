/*
 * jsonb_gin.h: the operators of jsonb_query_ops and jsonb_query_paths_ops, and how to know the
 * classes.
 */
#ifndef UD_SEARCH_JSONB_GIN_H
#define UD_SEARCH_JSONB_GIN_H

#include "base/userdir.h"

#define UD_JSONB_DOCUMENT_STRATEGY 1 /* @@, or @@~ of chosen paths */
#define UD_JSONB_VALUE_STRATEGY    2 /* @@=, or @@=~ */

/* An index column is of one of the classes if this is its support function. */
extern UD_EXPORT Datum userdir__jsonb_gin_extract_value(PG_FUNCTION_ARGS);

#endif
