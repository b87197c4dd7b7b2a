/*
 * record_test.h: one leaf of a query, as a test of the values of one column.
 *
 * A test is what both executions of a query share: the match in memory and the planner's
 * conditions. It says how a value is read and what is asked of it. On a null a test is false, and
 * on an array it is true if it is for any element.
 */
#ifndef UD_SEARCH_RECORD_TEST_H
#define UD_SEARCH_RECORD_TEST_H

#include "search/field_table.h"

typedef enum UdReading
{
	UD_READ_VALUE,  /* in its own type */
	UD_READ_TEXT,   /* as text */
	UD_READ_FOLDED, /* as text through userdir.fold_case */
	UD_READ_DOMAIN, /* as text through userdir.email_domain, which also folds */
	UD_READ_HOST    /* an address without its netmask, as text */
} UdReading;

typedef enum UdTestKind
{
	UD_TEST_EXISTS,  /* is not null */
	UD_TEST_EQUAL,   /* text: is value */
	UD_TEST_BETWEEN, /* text: is between low and high in the order of bytes */
	UD_TEST_MATCH,   /* text: matches pattern */
	UD_TEST_COMPARE, /* VALUE: all comparisons hold */
	UD_TEST_BOOLEAN, /* VALUE: is boolean */
	UD_TEST_DOCUMENT /* VALUE: the document matches query */
} UdTestKind;

/* An operator of the type, value on its left, returning boolean; no collation is involved. */
typedef struct UdComparison
{
	Oid opno;
	Oid type; /* of value */
	Datum value;
} UdComparison;

typedef struct UdTest
{
	UdTestKind kind;
	UdReading reading;
	UdField field;
	const UdQueryNode *leaf; /* the leaf; its field is never NULL */

	text *value;
	text *low; /* NULL: open, as high */
	text *high;
	bool low_inclusive;
	bool high_inclusive;
	UdWildcard pattern;
	int ncomparisons; /* 1 or 2 */
	UdComparison comparisons[2];
	bool is_equality; /* COMPARE: there is one comparison, and it is equality */
	bool boolean;
	UdQueryNode *document; /* leaf with its field below the column, NULL for the column itself */

	struct UdMatch *match; /* of record_matcher.c */
} UdTest;

/*
 * ud_record_test_make makes the test of a TERM, WILDCARD, RANGE or EXISTS on a field.
 *
 * Returns NULL when no value can pass it. Errors: UD023 for a value that does not fit the field.
 */
extern UdTest *ud_record_test_make(const UdQueryNode *leaf, const UdField *field,
								   UdFieldPlace place);

/* ud_record_test_raise_misfit raises UD023 for a value. */
extern void ud_record_test_raise_misfit(const UdField *field, UdSpan value, UdFieldPlace place,
										const char *hint) pg_attribute_noreturn();

/*
 * ud_record_scalar_term and ud_record_scalar_range fill a test for a column that has an order of
 * its own: numbers, times, addresses. They return false when no value can pass it.
 */
extern bool ud_record_scalar_term(UdTest *test, UdSpan value, UdFieldPlace place);
extern bool ud_record_scalar_range(UdTest *test, const UdQueryRange *range, UdFieldPlace place);

#endif
