/*
 * partial_date.c: reading of partial dates, and the calendar.
 */
#include "pure/partial_date.h"

#include <stddef.h>

#define MICROSECONDS_A_SECOND INT64_C(1000000)
#define SECONDS_A_DAY         INT64_C(86400)

/* 2000-01-01 in days since 0000-03-01, from where leap days are the last ones of a year */
#define EPOCH_DAY            INT64_C(730425)

#define MAX_FRACTION_DIGITS  9
#define KEPT_FRACTION_DIGITS 6
#define MAX_OFFSET_HOURS     15

/* What was written; parts beyond unit have their lowest value. */
typedef struct Fields
{
	UdDateUnit unit;
	int year;
	int month;
	int day;
	int hour;
	int minute;
	int second;
	int64_t microsecond;
	int64_t fraction_unit; /* microseconds that the fraction's last digit counts */
	int offset_minutes;    /* east of Greenwich */
} Fields;

typedef struct Reader
{
	const char *at;
	const char *end;
} Reader;

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
at_end(const Reader *reader)
{
	return reader->at == reader->end;
}

/* take reads one character if it is there. */
static bool
take(Reader *reader, char c)
{
	if (at_end(reader) || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

/* take_number reads a number of exactly so many digits between two bounds. */
static bool
take_number(Reader *reader, int digits, int lowest, int highest, int *number)
{
	*number = 0;
	for (int i = 0; i < digits; i++, reader->at++)
	{
		if (at_end(reader) || !is_digit(*reader->at))
			return false;
		*number = *number * 10 + (*reader->at - '0');
	}
	return *number >= lowest && *number <= highest;
}

static bool
is_leap_year(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

/* read_fraction reads the digits behind the point of the seconds. */
static bool
read_fraction(Reader *reader, Fields *fields)
{
	int digits = 0;

	fields->unit = UD_DATE_FRACTION;
	fields->fraction_unit = MICROSECONDS_A_SECOND;
	for (; !at_end(reader) && is_digit(*reader->at); reader->at++, digits++)
	{
		if (digits >= KEPT_FRACTION_DIGITS)
			continue;
		fields->fraction_unit /= 10;
		fields->microsecond += fields->fraction_unit * (*reader->at - '0');
	}
	return digits > 0 && digits <= MAX_FRACTION_DIGITS;
}

/* read_offset reads "Z" or the distance from Greenwich. */
static bool
read_offset(Reader *reader, Fields *fields)
{
	bool west;
	int hours;
	int minutes = 0;

	if (take(reader, 'Z'))
		return true;
	west = take(reader, '-');
	if (!west && !take(reader, '+'))
		return false;
	if (!take_number(reader, 2, 0, MAX_OFFSET_HOURS, &hours))
		return false;
	if (take(reader, ':') || !at_end(reader))
	{
		if (!take_number(reader, 2, 0, 59, &minutes))
			return false;
	}
	fields->offset_minutes = (hours * 60 + minutes) * (west ? -1 : 1);
	return true;
}

/* read_time reads what stands behind the "T". */
static bool
read_time(Reader *reader, Fields *fields)
{
	fields->unit = UD_DATE_HOUR;
	if (!take_number(reader, 2, 0, 23, &fields->hour))
		return false;
	if (take(reader, ':'))
	{
		fields->unit = UD_DATE_MINUTE;
		if (!take_number(reader, 2, 0, 59, &fields->minute))
			return false;
		if (take(reader, ':'))
		{
			fields->unit = UD_DATE_SECOND;
			if (!take_number(reader, 2, 0, 59, &fields->second) ||
				(take(reader, '.') && !read_fraction(reader, fields)))
				return false;
		}
	}
	return at_end(reader) || read_offset(reader, fields);
}

/* read_date reads everything. */
static bool
read_date(Reader *reader, Fields *fields)
{
	fields->unit = UD_DATE_YEAR;
	if (!take_number(reader, 4, 1, 9999, &fields->year))
		return false;
	if (!take(reader, '-'))
		return at_end(reader);
	fields->unit = UD_DATE_MONTH;
	if (!take_number(reader, 2, 1, 12, &fields->month))
		return false;
	if (!take(reader, '-'))
		return at_end(reader);
	fields->unit = UD_DATE_DAY;
	if (!take_number(reader, 2, 1, days_in_month(fields->year, fields->month), &fields->day))
		return false;
	if (!take(reader, 'T'))
		return at_end(reader);
	return read_time(reader, fields) && at_end(reader);
}

/* day_number counts days from 2000-01-01; the month may be the 13th, which is the next January. */
static int64_t
day_number(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t months_since_march = month > 2 ? month - 3 : month + 9;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * months_since_march + 2) / 5 + day - 1 -
		   EPOCH_DAY;
}

static int64_t
start_of(const Fields *fields)
{
	int64_t seconds = day_number(fields->year, fields->month, fields->day) * SECONDS_A_DAY +
					  fields->hour * 3600 + (fields->minute - fields->offset_minutes) * 60 +
					  fields->second;

	return seconds * MICROSECONDS_A_SECOND + fields->microsecond;
}

/* unit_length returns the microseconds of the unit that was written last. */
static int64_t
unit_length(const Fields *fields)
{
	int64_t first = day_number(fields->year, fields->month, 1);

	switch (fields->unit)
	{
		case UD_DATE_YEAR:
			return (day_number(fields->year + 1, 1, 1) - first) * SECONDS_A_DAY *
				   MICROSECONDS_A_SECOND;
		case UD_DATE_MONTH:
			return (day_number(fields->year, fields->month + 1, 1) - first) * SECONDS_A_DAY *
				   MICROSECONDS_A_SECOND;
		case UD_DATE_DAY:
			return SECONDS_A_DAY * MICROSECONDS_A_SECOND;
		case UD_DATE_HOUR:
			return 3600 * MICROSECONDS_A_SECOND;
		case UD_DATE_MINUTE:
			return 60 * MICROSECONDS_A_SECOND;
		case UD_DATE_SECOND:
			return MICROSECONDS_A_SECOND;
		case UD_DATE_FRACTION:
			return fields->fraction_unit;
	}
	return 0;
}

bool
ud_partial_date_parse(UdSpan text, UdPartialDate *date)
{
	Reader reader = {text.data, text.data + text.length};
	Fields fields = {.month = 1, .day = 1};

	if (!read_date(&reader, &fields))
		return false;
	date->unit = fields.unit;
	date->start = start_of(&fields);
	date->end = date->start + unit_length(&fields);
	return true;
}

int64_t
ud_partial_date_lower(const UdPartialDate *date, bool inclusive)
{
	return inclusive ? date->start : date->end;
}

int64_t
ud_partial_date_upper(const UdPartialDate *date, bool inclusive)
{
	return inclusive ? date->end : date->start;
}
