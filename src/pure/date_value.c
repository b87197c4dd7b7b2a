/*
 * date_value.c: when a text that somebody stored is a date, and which instant it is.
 */
#include "pure/date_value.h"

#include <string.h>

#include "pure/partial_date.h"

#define DAY_LENGTH 10 /* YYYY-MM-DD */
#define MAX_LENGTH 35 /* YYYY-MM-DDThh:mm:ss.fffffffff+hh:mm */

/* looks_like_date tells most texts from dates at once. */
static bool
looks_like_date(UdSpan text)
{
	return text.length >= DAY_LENGTH && text.length <= MAX_LENGTH && text.data[4] == '-' &&
		   text.data[7] == '-';
}

bool
ud_date_value_parse(UdSpan text, int64_t *instant)
{
	char buffer[MAX_LENGTH];
	UdSpan spelled = text;
	UdPartialDate date;

	if (!looks_like_date(text))
		return false;
	if (text.length > DAY_LENGTH && text.data[DAY_LENGTH] == ' ')
	{
		memcpy(buffer, text.data, text.length);
		buffer[DAY_LENGTH] = 'T';
		spelled.data = buffer;
	}
	if (!ud_partial_date_parse(spelled, &date) || date.unit < UD_DATE_DAY ||
		date.unit == UD_DATE_HOUR)
		return false;
	*instant = date.start;
	return true;
}
