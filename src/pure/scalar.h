/*
 * scalar.h: what an unquoted value of a query may stand for beside the text that it is.
 */
#ifndef UD_PURE_SCALAR_H
#define UD_PURE_SCALAR_H

#include <stdbool.h>

#include "pure/partial_date.h"
#include "pure/span.h"

/*
 * The readings exclude each other but in one case: "2021" is a number and a year. The text of a
 * number stays the caller's, to be converted exactly.
 */
typedef struct UdScalar
{
	bool is_number;
	bool is_boolean;
	bool boolean; /* if is_boolean */
	bool is_date;
	UdPartialDate date; /* if is_date */
} UdScalar;

/*
 * ud_scalar_classify finds out what text can stand for.
 *
 * A number is written as in JSON ("-12", "0.5", "1e3", but not "+1", "007", ".5") and within the
 * range of the server's type numeric, so that converting it cannot fail. A boolean is "true" or
 * "false". A date is what ud_partial_date_parse takes.
 */
extern void ud_scalar_classify(UdSpan text, UdScalar *scalar);

/* ud_scalar_is_number returns whether text is a number in the sense of ud_scalar_classify. */
extern bool ud_scalar_is_number(UdSpan text);

#endif
