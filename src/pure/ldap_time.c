/*
 * ldap_time.c: points in time as directories write them.
 */
#include "pure/ldap_time.h"

#include <stdio.h>

#define MS_PER_DAY    INT64_C(86400000)
#define MS_PER_HOUR   INT64_C(3600000)
#define MS_PER_MINUTE INT64_C(60000)

/* Milliseconds from 1601 to 1970, and the first of the year 1 and of the year 10000. */
#define WINDOWS_EPOCH INT64_C(11644473600000)
#define EARLIEST      INT64_C(-62135596800000)
#define TOO_LATE      INT64_C(253402300800000)

/* days_before returns the days from 1970 to the first day of a month of the years 1 to 9999. */
static int64_t
days_before(int year, int month)
{
	/* Counted in years that begin in March, so that the leap day is their last. */
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = month <= 2 ? month + 9 : month - 3;

	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 - 719468;
}

static int
days_in(int year, int month)
{
	return (int)(month == 12 ? 31 : days_before(year, month + 1) - days_before(year, month));
}

/* in_range checks a time that was read. */
static UdLdapTime
in_range(int64_t milliseconds)
{
	return milliseconds >= EARLIEST && milliseconds < TOO_LATE ? UD_LDAP_TIME_OK : UD_LDAP_TIME_BAD;
}

UdLdapTime
ud_ldap_time_windows(const char *text, size_t length, int64_t *milliseconds)
{
	uint64_t value = 0;

	if (length == 0 || length > 19)
		return UD_LDAP_TIME_BAD;
	for (size_t i = 0; i < length; i++)
	{
		if (text[i] < '0' || text[i] > '9')
			return UD_LDAP_TIME_BAD;
		value = value * 10 + (uint64_t)(text[i] - '0');
	}
	if (value == 0 || value == INT64_MAX)
		return UD_LDAP_TIME_NEVER;
	if (value > INT64_MAX)
		return UD_LDAP_TIME_BAD;
	*milliseconds = (int64_t)(value / 10000) - WINDOWS_EPOCH;
	return in_range(*milliseconds);
}

typedef struct Reader
{
	const char *text;
	size_t length;
	size_t position;
} Reader;

static bool
at_digit(const Reader *reader)
{
	return reader->position < reader->length && reader->text[reader->position] >= '0' &&
		   reader->text[reader->position] <= '9';
}

/* read_number reads exactly so many digits, or returns -1. */
static int
read_number(Reader *reader, int digits)
{
	int value = 0;

	for (int i = 0; i < digits; i++)
	{
		if (!at_digit(reader))
			return -1;
		value = value * 10 + (reader->text[reader->position++] - '0');
	}
	return value;
}

/* read_fraction reads a fraction of a unit, if there is one, in milliseconds; -1 if it is none. */
static int64_t
read_fraction(Reader *reader, int64_t unit)
{
	int64_t value = 0;
	int64_t scale = 1;

	if (reader->position >= reader->length ||
		(reader->text[reader->position] != '.' && reader->text[reader->position] != ','))
		return 0;
	reader->position++;
	if (!at_digit(reader))
		return -1;
	for (; at_digit(reader); reader->position++)
	{
		/* Nine digits are more than a millisecond of an hour needs. */
		if (scale < INT64_C(1000000000))
		{
			value = value * 10 + (reader->text[reader->position] - '0');
			scale *= 10;
		}
	}
	return value * unit / scale;
}

/* read_zone reads the end of a time: how far it is ahead of UTC. Returns false if it is none. */
static bool
read_zone(Reader *reader, int64_t *ahead)
{
	int sign;
	int hours;
	int minutes = 0;

	*ahead = 0;
	if (reader->position >= reader->length)
		return false;
	sign = reader->text[reader->position++];
	if (sign == 'Z')
		return reader->position == reader->length;
	if (sign != '+' && sign != '-')
		return false;
	hours = read_number(reader, 2);
	if (reader->position < reader->length)
		minutes = read_number(reader, 2);
	if (reader->position != reader->length || hours < 0 || hours > 23 || minutes < 0 ||
		minutes > 59)
		return false;
	*ahead = (hours * MS_PER_HOUR + minutes * MS_PER_MINUTE) * (sign == '-' ? -1 : 1);
	return true;
}

UdLdapTime
ud_ldap_time_generalized(const char *text, size_t length, int64_t *milliseconds)
{
	Reader reader = {text, length, 0};
	int year = read_number(&reader, 4);
	int month = read_number(&reader, 2);
	int day = read_number(&reader, 2);
	int hour = read_number(&reader, 2);
	int minute = 0;
	int second = 0;
	int64_t unit = MS_PER_HOUR;
	int64_t fraction;
	int64_t ahead;

	if (at_digit(&reader))
	{
		minute = read_number(&reader, 2);
		unit = MS_PER_MINUTE;
		if (at_digit(&reader))
		{
			second = read_number(&reader, 2);
			unit = 1000;
		}
	}
	fraction = read_fraction(&reader, unit);
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) || hour < 0 ||
		hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 || fraction < 0 ||
		!read_zone(&reader, &ahead))
		return UD_LDAP_TIME_BAD;

	*milliseconds = (days_before(year, month) + day - 1) * MS_PER_DAY + hour * MS_PER_HOUR +
					minute * MS_PER_MINUTE + second * INT64_C(1000) + fraction - ahead;
	return in_range(*milliseconds);
}

size_t
ud_ldap_time_text(int64_t milliseconds, char *target)
{
	int64_t day = milliseconds / MS_PER_DAY;
	int64_t rest = milliseconds % MS_PER_DAY;
	int year;
	int month = 1;

	if (rest < 0)
	{
		day--;
		rest += MS_PER_DAY;
	}
	/* The year is this one or, at its end, the next; 146097 days are 400 years. */
	year = (int)((day + 719162) * 400 / 146097) + 1;
	if (days_before(year, 1) > day)
		year--;
	else if (days_before(year + 1, 1) <= day)
		year++;
	while (month < 12 && days_before(year, month + 1) <= day)
		month++;
	return (size_t)snprintf(target, UD_LDAP_TIME_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year,
							month, (int)(day - days_before(year, month)) + 1,
							(int)(rest / MS_PER_HOUR), (int)(rest / MS_PER_MINUTE % 60),
							(int)(rest / 1000 % 60), (int)(rest % 1000));
}
