/*
 * record_expand.h: a query on a row as conditions on its columns.
 */
#ifndef UD_SEARCH_RECORD_EXPAND_H
#define UD_SEARCH_RECORD_EXPAND_H

#include "search/row_source.h"

/* What is to become of it */
typedef struct UdExpandOptions
{
	bool is_condition; /* rows are wanted where it is true, so null will do for false */
	bool for_text;     /* it will be printed as SQL */
} UdExpandOptions;

/*
 * ud_record_expand returns the conditions that a query is on a row, or NULL if it is to be
 * evaluated on the row as a whole, because a column is volatile, or costly and asked for more than
 * once.
 *
 * Errors: those of ud_record_query_resolve.
 */
extern Expr *ud_record_expand(const UdRowSource *source, const struct varlena *query,
							  UdExpandOptions options);

#endif
