/*
 * jsonb_gin.h: the operators of the operator class jsonb_query_ops.
 */
#ifndef UD_SEARCH_JSONB_GIN_H
#define UD_SEARCH_JSONB_GIN_H

#define UD_JSONB_DOCUMENT_STRATEGY 1 /* @@ */
#define UD_JSONB_VALUE_STRATEGY    2 /* @@= */

#endif
