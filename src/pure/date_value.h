/*
 * date_value.h: when a text that somebody stored is a date, and which instant it is.
 *
 *	value = YYYY-MM-DD [ ( "T" / " " ) hh:mm [ ":" ss [ "." 1*9DIGIT ] ] [ zone ] ]
 *	zone  = "Z" / ( "+" / "-" ) hh [ [ ":" ] mm ]
 *
 * A month or a year alone is no date here: too many texts and numbers would look like one. A date
 * with coarser parts is the instant that it begins with; without zone it is UTC.
 */
#ifndef UD_PURE_DATE_VALUE_H
#define UD_PURE_DATE_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "pure/span.h"

/*
 * ud_date_value_parse returns whether text is a date value, and sets instant to microseconds since
 * 2000-01-01T00:00:00Z if it is. What follows the sixth digit of a fraction is dropped.
 */
extern bool ud_date_value_parse(UdSpan text, int64_t *instant);

#endif
