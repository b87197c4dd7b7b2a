/*
 * jsonb_gin.h: the operators of the operator class jsonb_query_ops, and how to know it.
 */
#ifndef UD_SEARCH_JSONB_GIN_H
#define UD_SEARCH_JSONB_GIN_H

#include "base/userdir.h"

#define UD_JSONB_DOCUMENT_STRATEGY 1 /* @@ */
#define UD_JSONB_VALUE_STRATEGY    2 /* @@= */

/* An index column is of the class if this is its support function. */
extern UD_EXPORT Datum userdir__jsonb_gin_extract_value(PG_FUNCTION_ARGS);

#endif
