/*
 * rules_event.h: what a stage hands to its rules, as an object of JSON and as a row of its view.
 */
#ifndef UD_LOGIN_RULES_EVENT_H
#define UD_LOGIN_RULES_EVENT_H

#include "access/htup.h"
#include "access/tupdesc.h"
#include "utils/jsonb.h"

/*
 * ud_rules_event_to_row returns the row of a stage's view in which each column has the value of the
 * property of its name; what has no property, or a null, is null.
 */
extern HeapTuple ud_rules_event_to_row(TupleDesc view, Jsonb *event);

/*
 * ud_rules_event_from_row returns the object of those columns of a row that are not null.
 *
 * with_background: whether user and context are among them, which are large, and which only rules
 * need.
 */
extern Jsonb *ud_rules_event_from_row(TupleDesc view, HeapTuple row, bool with_background);

/*
 * ud_rules_event_check raises UD066 unless a row is one that the next rule can work with: what is
 * an object is one still, no object of the first row has become null, and all of it is no larger
 * than that of first_size and 1 MB.
 */
extern void ud_rules_event_check(TupleDesc view, HeapTuple row, HeapTuple first, Size first_size);

/*
 * ud_rules_event_check_claims raises UD066 when the claims that a row has for a token, and "first"
 * has not, are more than a token can hold.
 */
extern void ud_rules_event_check_claims(TupleDesc view, HeapTuple row, HeapTuple first);

/* ud_rules_event_size returns how much the values of a row are. */
extern Size ud_rules_event_size(TupleDesc view, HeapTuple row);

/* ud_rules_event_has tells whether a column of a row has a value. */
extern bool ud_rules_event_has(TupleDesc view, HeapTuple row, const char *column);

/* ud_rules_event_differs tells whether a column has another value in one row than in another. */
extern bool ud_rules_event_differs(TupleDesc view, HeapTuple row, HeapTuple other,
								   const char *column);

#endif
