/*
 * partial_date.h: a date as a query writes it, which stands for an interval of time.
 *
 *	date   = YYYY [ "-" MM [ "-" DD [ "T" time ] ] ]
 *	time   = hh [ ":" mm [ ":" ss [ "." 1*9DIGIT ] ] ] [ "Z" / ( "+" / "-" ) hh [ [ ":" ] mm ] ]
 *
 * "2021-04" is the whole month, "2021-04-05T10:30" the whole minute, "...:07.250" a millisecond.
 * Years run from 0001 to 9999 of the proleptic Gregorian calendar; times without offset are UTC.
 * Times are microseconds since 2000-01-01T00:00:00Z, as the server counts them.
 */
#ifndef UD_PURE_PARTIAL_DATE_H
#define UD_PURE_PARTIAL_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "pure/span.h"

typedef enum UdDateUnit
{
	UD_DATE_YEAR,
	UD_DATE_MONTH,
	UD_DATE_DAY,
	UD_DATE_HOUR,
	UD_DATE_MINUTE,
	UD_DATE_SECOND,
	UD_DATE_FRACTION /* a tenth of a second to a microsecond, as many digits as were written */
} UdDateUnit;

/* The instants from start up to, but without, end */
typedef struct UdPartialDate
{
	UdDateUnit unit;
	int64_t start;
	int64_t end;
} UdPartialDate;

/*
 * ud_partial_date_parse reads a whole text as a partial date.
 *
 * Returns false, with date untouched, for anything else: other spellings, days that the month does
 * not have, hour 24, second 60, offsets of 16 hours and more. Digits behind the sixth of a fraction
 * are dropped, as the server does not keep them.
 */
extern bool ud_partial_date_parse(UdSpan text, UdPartialDate *date);

/*
 * ud_partial_date_lower and ud_partial_date_upper say where a range with this bound begins, and
 * where it ends: it holds the instants t with lower <= t and t < upper.
 *
 * An inclusive bound takes the whole unit in, an exclusive one leaves all of it out: "[2021-04"
 * begins with April and "{2021-04" behind it, "2021-04]" ends behind April and "2021-04}" before
 * it.
 */
extern int64_t ud_partial_date_lower(const UdPartialDate *date, bool inclusive);
extern int64_t ud_partial_date_upper(const UdPartialDate *date, bool inclusive);

#endif
