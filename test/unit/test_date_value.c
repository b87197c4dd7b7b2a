/*
 * test_date_value.c: which stored texts are dates, and which instants.
 */
#include "pure/date_value.h"

#include "check.h"

#define UNTOUCHED -77

#define SECOND    INT64_C(1000000)
#define MINUTE    (60 * SECOND)
#define HOUR      (60 * MINUTE)
#define DAY       (24 * HOUR)

typedef struct Date
{
	const char *text;
	int64_t instant;
} Date;

static const Date dates[] = {
	{"2000-01-01", 0},
	{"2000-01-02", DAY},
	{"1999-12-31", -DAY},
	{"2000-02-29", 59 * DAY},
	{"2000-01-01T00:01", MINUTE},
	{"2000-01-01 00:01", MINUTE},
	{"2000-01-01T10:30:07", 10 * HOUR + 30 * MINUTE + 7 * SECOND},
	{"2000-01-01 10:30:07Z", 10 * HOUR + 30 * MINUTE + 7 * SECOND},
	{"2000-01-01T00:00:00.25", SECOND / 4},
	{"2000-01-01T00:00:00.123456789Z", 123456},
	{"2000-01-01T02:00:00+02:00", 0},
	{"2000-01-01T02:00:00+0200", 0},
	{"2000-01-01T02:00:00+02", 0},
	{"1999-12-31T22:30:00-01:30", 0},
	{"2000-01-01T00:00:00.123456789+00:00", 123456},
	{"0001-01-01", INT64_C(-730119) * DAY},
	{"9999-12-31T23:59:59.999999Z", INT64_C(2921940) * DAY - 1},
};

static const char *const others[] = {
	"",
	"2000",
	"2000-01",
	"2000-01-1",
	"2000-1-01",
	"20000101",
	"2000-01-01T",
	"2000-01-01 ",
	"2000-01-01T10",
	"2000-01-01T10Z",
	"2000-01-01 10",
	"2000-01-01Z",
	"2000-01-01+02:00",
	"2000-13-01",
	"2000-00-01",
	"2000-01-32",
	"1900-02-29",
	"2000-02-30",
	"0000-01-01",
	"2000-01-01T24:00",
	"2000-01-01T23:60",
	"2000-01-01T23:59:60",
	"2000-01-01t10:30",
	"2000-01-01  10:30",
	"2000-01-01T10:30:",
	"2000-01-01T10:30:07.",
	"2000-01-01T10:30:07,5",
	"2000-01-01T10:30:07.1234567891",
	"2000-01-01T10:30z",
	"2000-01-01T10:30+",
	"2000-01-01T10:30+2",
	"2000-01-01T10:30+02:",
	"2000-01-01T10:30+02:60",
	"2000-01-01T10:30 +02:00",
	" 2000-01-01",
	"2000-01-01 ",
	"+2000-01-01",
	"-2000-01-01",
	"12000-01-01",
	"2000/01/01",
	"2000-01-01x",
	"2000-01-01T10:30:07.123456789+00:000",
	"yyyy-mm-dd",
};

/* check_dates demands that each text is the instant, and that nothing behind a text is read. */
static void
check_dates(void)
{
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++)
	{
		size_t length = strlen(dates[i].text);
		char *copy = check_copy(dates[i].text, length);
		int64_t instant = UNTOUCHED;

		CHECK_FOR(dates[i].text, ud_date_value_parse((UdSpan){copy, length}, &instant));
		CHECK_INT(instant, dates[i].instant);
		free(copy);
	}
}

/* check_others demands that each text is no date, and changes nothing. */
static void
check_others(void)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
	{
		size_t length = strlen(others[i]);
		char *copy = check_copy(others[i], length);
		int64_t instant = UNTOUCHED;

		CHECK_FOR(others[i], !ud_date_value_parse((UdSpan){copy, length}, &instant));
		CHECK_INT(instant, UNTOUCHED);
		free(copy);
	}
}

/* check_beginnings reads every beginning of every date. */
static void
check_beginnings(void)
{
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++)
	{
		for (size_t length = 0; length < strlen(dates[i].text); length++)
		{
			char *copy = check_copy(dates[i].text, length);
			int64_t instant;

			if (ud_date_value_parse((UdSpan){copy, length}, &instant))
				CHECK_FOR(dates[i].text, length >= 10);
			free(copy);
		}
	}
}

int
main(void)
{
	check_dates();
	check_others();
	check_beginnings();
	return check_summary();
}
