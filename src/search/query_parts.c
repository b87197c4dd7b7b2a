/*
 * query_parts.c: what a query is made of, for those who plan or explain a search.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "search/query_cache.h"
#include "search/userquery.h"
