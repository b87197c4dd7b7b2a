/*
 * test_partial_date.c: the interval of a partial date, and the bounds of ranges.
 */
#include "check_detail.h"
#include "pure/partial_date.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#define SECOND INT64_C(1000000)
#define DAY    (86400 * SECOND)

typedef struct Case
{
	const char *text;
	UdDateUnit unit;
	int64_t start;
	int64_t length;
} Case;

static const Case cases[] = {
	{"2000", UD_DATE_YEAR, 0, 366 * DAY},
	{"2001", UD_DATE_YEAR, 366 * DAY, 365 * DAY},
	{"1900", UD_DATE_YEAR, -36524 * DAY, 365 * DAY},
	{"0001", UD_DATE_YEAR, -730119 * DAY, 365 * DAY},
	{"9999", UD_DATE_YEAR, 2921575 * DAY, 365 * DAY},
	{"2000-01", UD_DATE_MONTH, 0, 31 * DAY},
	{"2000-02", UD_DATE_MONTH, 31 * DAY, 29 * DAY},
	{"2001-02", UD_DATE_MONTH, 397 * DAY, 28 * DAY},
	{"2000-12", UD_DATE_MONTH, 335 * DAY, 31 * DAY},
	{"9999-12", UD_DATE_MONTH, 2921909 * DAY, 31 * DAY},
	{"1999-12-31", UD_DATE_DAY, -DAY, DAY},
	{"2000-02-29", UD_DATE_DAY, 59 * DAY, DAY},
	{"2000-01-01T01", UD_DATE_HOUR, 3600 * SECOND, 3600 * SECOND},
	{"2000-01-01T01Z", UD_DATE_HOUR, 3600 * SECOND, 3600 * SECOND},
	{"2000-01-01T01:02", UD_DATE_MINUTE, 3720 * SECOND, 60 * SECOND},
	{"2000-01-01T01:02:03", UD_DATE_SECOND, 3723 * SECOND, SECOND},
	{"2000-01-01T01:02:03Z", UD_DATE_SECOND, 3723 * SECOND, SECOND},
	{"2000-01-01T01:02:03.4", UD_DATE_FRACTION, 3723 * SECOND + 400000, 100000},
	{"2000-01-01T01:02:03.400", UD_DATE_FRACTION, 3723 * SECOND + 400000, 1000},
	{"2000-01-01T01:02:03.000001Z", UD_DATE_FRACTION, 3723 * SECOND + 1, 1},
	{"2000-01-01T01:02:03.123456789Z", UD_DATE_FRACTION, 3723 * SECOND + 123456, 1},
	{"1999-12-31T23:59:59.999", UD_DATE_FRACTION, -1000, 1000},
	{"2000-01-01T02:00+02:00", UD_DATE_MINUTE, 0, 60 * SECOND},
	{"2000-01-01T02+0200", UD_DATE_HOUR, 0, 3600 * SECOND},
	{"2000-01-01T02:00:00+02", UD_DATE_SECOND, 0, SECOND},
	{"1999-12-31T18:30:00.0-05:30", UD_DATE_FRACTION, 0, 100000},
	{"2000-01-01T00:00-00:00", UD_DATE_MINUTE, 0, 60 * SECOND},
	{"2000-01-01T15:59+15:59", UD_DATE_MINUTE, 0, 60 * SECOND},
};

static const char *const refused[] = {
	"",
	"2",
	"200",
	"20000",
	"0000",
	"-2000",
	"2000-",
	"2000-0",
	"2000-00",
	"2000-13",
	"2000-1",
	"2000-01-",
	"2000-01-0",
	"2000-01-00",
	"2000-01-32",
	"2000-04-31",
	"2001-02-29",
	"1900-02-29",
	"2000-02-30",
	"2000-01-01T",
	"2000-01-01T1",
	"2000-01-01T24",
	"2000-01-01T24:00:00",
	"2000-01-01T01:",
	"2000-01-01T01:60",
	"2000-01-01T01:02:",
	"2000-01-01T01:02:60",
	"2000-01-01T01:02:03.",
	"2000-01-01T01:02:03.Z",
	"2000-01-01T01:02:03.1234567890",
	"2000-01-01T01:02:03ZZ",
	"2000-01-01T01:02:03z",
	"2000-01-01t01:02:03",
	"2000-01-01 01:02:03",
	"2000-01-01T01:02:03+",
	"2000-01-01T01:02:03+1",
	"2000-01-01T01:02:03+16",
	"2000-01-01T01:02:03+01:",
	"2000-01-01T01:02:03+01:0",
	"2000-01-01T01:02:03+01:60",
	"2000-01-01T01:02:03+01:00:00",
	"2000-01-01Z",
	"2000-01Z",
	"2000Z",
	"2000-01-01+01:00",
	" 2000",
	"2000 ",
	"2000/01/01",
	"now",
	"now-5d",
	"20000101",
	"2000-01-01||+2d",
};

static UdSpan
span_of(const char *text)
{
	return (UdSpan){text, strlen(text)};
}

static void
try_interval(const Case *tried)
{
	UdPartialDate date = {UD_DATE_YEAR, 0, 0};

	CHECK_SAY(ud_partial_date_parse(span_of(tried->text), &date), "%s", tried->text);
	CHECK_SAY(date.unit == tried->unit, "%s: unit %d", tried->text, (int)date.unit);
	CHECK_SAY(date.start == tried->start, "%s: from %" PRId64, tried->text, date.start);
	CHECK_SAY(date.end - date.start == tried->length, "%s: %" PRId64, tried->text,
			  date.end - date.start);
}

static void
try_refused(const char *text)
{
	UdPartialDate date = {UD_DATE_HOUR, 1, 2};

	CHECK_SAY(!ud_partial_date_parse(span_of(text), &date), "%s", text);
	CHECK_SAY(date.unit == UD_DATE_HOUR && date.start == 1 && date.end == 2, "%s", text);
}

/* Every day of the calendar begins where the C library says, and ends where the next one begins. */
static void
try_every_day(void)
{
	int64_t expected = -730119 * DAY;
	long wrong = 0;
	long days = 0;

	for (int year = 1; year <= 9999; year++)
	{
		for (int month = 1; month <= 12; month++)
		{
			for (int day = 1; day <= 31; day++)
			{
				char text[64];
				UdPartialDate date;
				struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
				time_t time = timegm(&tm);
				bool exists = tm.tm_mday == day;

				snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month, day);
				if (ud_partial_date_parse(span_of(text), &date) != exists)
					wrong++;
				else if (exists)
				{
					days++;
					wrong += date.start != expected || date.end != expected + DAY ||
							 date.start / SECOND != time - 946684800;
					expected = date.end;
				}
			}
		}
	}
	CHECK_SAY(wrong == 0 && days == 3652059, "%ld of %ld days", wrong, days);
}

/* Months and years are as long as their days together. */
static void
try_months_and_years(void)
{
	long wrong = 0;

	for (int year = 1; year <= 9998; year++)
	{
		char text[64];
		UdPartialDate whole;
		UdPartialDate month;
		int64_t expected;

		snprintf(text, sizeof(text), "%04d", year);
		if (!ud_partial_date_parse(span_of(text), &whole))
			abort();
		expected = whole.start;
		for (int i = 1; i <= 12; i++)
		{
			snprintf(text, sizeof(text), "%04d-%02d", year, i);
			wrong += !ud_partial_date_parse(span_of(text), &month) || month.start != expected;
			expected = month.end;
		}
		wrong += expected != whole.end;
		snprintf(text, sizeof(text), "%04d", year + 1);
		wrong += !ud_partial_date_parse(span_of(text), &month) || month.start != whole.end;
	}
	CHECK_SAY(wrong == 0, "%ld", wrong);
}

/*
 * Ranges: [a TO b], [a TO b}, {a TO b], {a TO b} as the instants they hold
 */

typedef struct RangeCase
{
	const char *low;
	bool low_inclusive;
	const char *high;
	bool high_inclusive;
	const char *first; /* the instants from the beginning of first up to that of behind */
	const char *behind;
} RangeCase;

static const RangeCase range_cases[] = {
	/* one whole month in two spellings */
	{"2021-04", false, "2021-05", true, "2021-05-01", "2021-06-01"},
	{"2021-05-01", true, "2021-05-31", true, "2021-05-01", "2021-06-01"},
	{"2021-05", true, "2021-05", true, "2021-05-01", "2021-06-01"},
	{"2021-04", true, "2021-05", false, "2021-04-01", "2021-05-01"},
	{"2020-06-30", false, "2020-07-15", false, "2020-07-01", "2020-07-15"},
	{"2020", false, "2021", true, "2021-01-01", "2022-01-01"},
	{"2020-01-01T10", false, "2020-01-01T12:30", true, "2020-01-01T11", "2020-01-01T12:31"},
	{"2020-01-01T10:00:00.5", false, "2020-01-01T10:00:01", false, "2020-01-01T10:00:00.6",
	 "2020-01-01T10:00:01"},
	/* of one unit without both its bounds nothing is left */
	{"2021-04", false, "2021-04", false, "2021-05-01", "2021-04-01"},
};

static int64_t
start_of(const char *text)
{
	UdPartialDate date;

	if (!ud_partial_date_parse(span_of(text), &date))
		abort();
	return date.start;
}

static void
try_range(const RangeCase *tried)
{
	UdPartialDate low;
	UdPartialDate high;

	if (!ud_partial_date_parse(span_of(tried->low), &low) ||
		!ud_partial_date_parse(span_of(tried->high), &high))
		abort();
	CHECK_SAY(ud_partial_date_lower(&low, tried->low_inclusive) == start_of(tried->first),
			  "%s to %s", tried->low, tried->high);
	CHECK_SAY(ud_partial_date_upper(&high, tried->high_inclusive) == start_of(tried->behind),
			  "%s to %s", tried->low, tried->high);
}

int
main(void)
{
	for (int i = 0; i < LENGTH(cases); i++)
		try_interval(&cases[i]);
	for (int i = 0; i < LENGTH(refused); i++)
		try_refused(refused[i]);
	for (int i = 0; i < LENGTH(range_cases); i++)
		try_range(&range_cases[i]);
	try_every_day();
	try_months_and_years();
	return check_summary();
}
