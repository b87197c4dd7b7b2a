/*
 * record_documents.h: conditions on the documents in jsonb columns.
 *
 * GIN combines conditions inside one scan, and a document is read once for all of them. So whatever
 * an AND or OR asks of one column becomes one query.
 */
#ifndef UD_SEARCH_RECORD_DOCUMENTS_H
#define UD_SEARCH_RECORD_DOCUMENTS_H

#include "search/condition.h"

/*
 * ud_record_documents_column returns the jsonb column that all tests of a tree are about and can be
 * asked of in one query; InvalidAttrNumber if there is no such column.
 */
extern AttrNumber ud_record_documents_column(const UdRecordNode *node);

/*
 * ud_record_documents_condition returns the condition of such a tree. It is true exactly where the
 * tree is, else false or null; guard receives what is null where the condition is, or NULL.
 *
 * is_filter: in a form that no index serves.
 */
extern Expr *ud_record_documents_condition(UdConditions *conditions, const UdRecordNode *node,
										   bool is_filter, Expr **guard);

/*
 * ud_record_documents_part returns for which part of the rows such a tree is true, as far as an
 * index on the column tells; a negative number if none can be asked.
 */
extern double ud_record_documents_part(UdConditions *conditions, const UdRecordNode *node);

#endif
