/*
 * record_query.h: a query resolved against the rows of a type.
 *
 * It is the tree of the query's kernel with every leaf replaced by tests of columns, and with NOT
 * carried down to them: "NOT (a OR b)" is "NOT a AND NOT b". So nothing but a test is ever negated,
 * and what remains above is monotone: where tests yield nulls for false, AND and OR of SQL are true
 * exactly where the query is.
 */
#ifndef UD_SEARCH_RECORD_QUERY_H
#define UD_SEARCH_RECORD_QUERY_H

#include "search/record_test.h"

typedef enum UdRecordKind
{
	UD_RECORD_CONSTANT, /* value */
	UD_RECORD_AND,      /* nodes: two or more, none of them an AND */
	UD_RECORD_OR,       /* nodes: two or more, none of them an OR */
	UD_RECORD_TEST      /* test, negated */
} UdRecordKind;

typedef struct UdRecordNode UdRecordNode;
struct UdRecordNode
{
	UdRecordKind kind;
	bool value;
	bool negated;
	int count;
	UdRecordNode **nodes;
	UdTest *test;
};

/*
 * ud_record_query_resolve reads a query for rows of a type, in memory of the current context.
 *
 * The result refers to neither. Errors: UD022 and UD023, as ud_field_resolve and
 * ud_record_test_make.
 */
extern UdRecordNode *ud_record_query_resolve(TupleDesc row, const struct varlena *query);

/*
 * ud_record_query_resolve_unknown does the same for a row that is null and of no known type, on
 * which every test is false; it returns the value.
 */
extern bool ud_record_query_resolve_unknown(const struct varlena *query);

/* ud_record_query_of returns a query that resolves to the given tree. */
extern struct varlena *ud_record_query_of(const UdRecordNode *node);

/*
 * ud_record_query_of_documents returns the query on a jsonb document of a tree whose tests are all
 * DOCUMENT, none of them of the document itself.
 */
extern struct varlena *ud_record_query_of_documents(const UdRecordNode *node);

/* ud_record_query_combine returns the AND or OR of nodes, which may be constants. */
extern UdRecordNode *ud_record_query_combine(UdRecordKind kind, UdRecordNode **nodes, int count);

/* ud_record_query_complement returns the tree that is true where the given one is not. */
extern UdRecordNode *ud_record_query_complement(const UdRecordNode *node);

#endif
