/*
 * condition.h: tests of columns as conditions of the planner.
 *
 * The shapes below are a contract: an index serves a test if it is defined on the same expression.
 * C stands for the column, F for what the test reads of it: userdir.fold_case(C) for email, name,
 * given_name, family_name and nickname, userdir.email_domain(email) for email.domain, host(C) for
 * a pattern on an address, C::text for anything else, which is C itself if it is text.
 *
 *	test                   condition                                    index that serves it
 *	F is 'v'               F COLLATE "C" = 'v'                          btree (F COLLATE "C")
 *	                       F = 'v'                                      btree or hash (F)
 *	                       F =* 'v'                                     gin (F text_wildcard_ops)
 *	F in a range           F COLLATE "C" >= 'a' AND ... < 'b'           btree (F COLLATE "C")
 *	F like 'pre*'          F COLLATE "C" >= 'pre' AND ... < 'prf'       btree (F COLLATE "C")
 *	                       F =* 'pre*'                                  gin (F text_wildcard_ops)
 *	F like '*suf'          reverse(F) COLLATE "C" >= 'fus' AND ...      btree (reverse(F) COLLATE
 *"C") F =* '*suf'                                  gin (F text_wildcard_ops) F like anything else
 *F =* 'p*t'                                   gin (F text_wildcard_ops) a range as above, and as a
 *filter            btree, by what F begins userdir.matches_wildcard(F, 'p*t')           or ends
 *with email.domain is 'd'    as fold_case(email) like '*@d'               as for a suffix F is one
 *of several    F COLLATE "C" = ANY ('{v,w}')                as for one number, time, uuid...  C =
 *5, C >= ... AND C < ...                  btree (C) boolean                C, NOT C any on or for C
 *	C in a network         C <<= '10.0.0.0/8'                           btree or gist (C)
 *	array has an element   C @> '{v}'                                   gin (C)
 *	existence              C IS NOT NULL                                btree (C)
 *	jsonb, below C         C @@ 'path:v'::userdir.userquery             gin (C jsonb_query_ops)
 *	jsonb, C itself        C @@= 'v'::userdir.userquery                 gin (C jsonb_query_ops)
 *
 * Where there are several shapes, the first one that an index of the table serves is taken; without
 * any, the cheapest to evaluate. What has no shape of its own, such as a range on an array, is
 * userdir._record_matches(ROW(C), '...'), evaluated in memory.
 */
#ifndef UD_SEARCH_CONDITION_H
#define UD_SEARCH_CONDITION_H

#include "search/own_objects.h"
#include "search/record_query.h"
#include "search/row_source.h"

typedef struct UdConditions
{
	const UdRowSource *source;
	UdOwnObjects own;
	bool for_text; /* to be printed as SQL: collations are operators, as the parser makes them */
} UdConditions;

/* ud_conditions_begin sets up the making of conditions on a row. */
extern void ud_conditions_begin(UdConditions *conditions, const UdRowSource *source);

/*
 * ud_condition_of_test returns the condition of a test, true exactly where the test is, and false
 * or null elsewhere. guard receives what is null where the condition is, NULL if it is never null.
 *
 * Not for DOCUMENT. Returns NULL for a test that has no shape of its own.
 */
extern Expr *ud_condition_of_test(UdConditions *conditions, const UdTest *test, Expr **guard);

/*
 * ud_condition_any_of returns one condition for the OR of tests of equality, which are all of one
 * kind and one reading of one column. Returns NULL if they are not to be made one.
 */
extern Expr *ud_condition_any_of(UdConditions *conditions, UdTest *const *tests, int count,
								 Expr **guard);

/* ud_condition_text makes the conditions of the text tests; for condition.c only. */
extern Expr *ud_condition_text(UdConditions *conditions, const UdTest *test, Expr **guard);

/* ud_condition_in_bytes returns a text expression with the order of bytes. */
extern Expr *ud_condition_in_bytes(const UdConditions *conditions, Expr *operand);

/* ud_condition_operand returns what a test reads of its column. */
extern Expr *ud_condition_operand(const UdConditions *conditions, const UdTest *test);

/* ud_condition_call returns the call of a function with one or two arguments, of a given type. */
extern Expr *ud_condition_call(Oid function, Oid type, Expr *first, Expr *second);

/* ud_condition_operator returns an operator between two expressions, with its function set. */
extern Expr *ud_condition_operator(Oid opno, Expr *left, Expr *right, Oid collation);

/* ud_condition_and returns the AND of conditions; one or more. */
extern Expr *ud_condition_and(List *conditions);

/* ud_condition_row_matches returns the evaluation in memory of part of a query. */
extern Expr *ud_condition_row_matches(UdConditions *conditions, const UdRecordNode *node);

#endif
