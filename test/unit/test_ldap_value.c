/*
 * test_ldap_value.c: values of directories: ids, times, names, numbers, passwords.
 */
#include "check.h"

#include "pure/ldap_time.h"
#include "pure/ldap_value.h"

static void
test_uuid(void)
{
	static const uint8_t bytes[17] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
									  0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
	char text[UD_LDAP_UUID_SIZE];

	CHECK(ud_ldap_value_uuid(bytes, 16, UD_LDAP_UUID_NETWORK, text));
	CHECK_TEXT(text, strlen(text), "00112233-4455-6677-8899-aabbccddeeff");
	CHECK(ud_ldap_value_uuid(bytes, 16, UD_LDAP_UUID_WINDOWS, text));
	CHECK_TEXT(text, strlen(text), "33221100-5544-7766-8899-aabbccddeeff");
	CHECK(!ud_ldap_value_uuid(bytes, 15, UD_LDAP_UUID_WINDOWS, text));
	CHECK(!ud_ldap_value_uuid(bytes, 17, UD_LDAP_UUID_WINDOWS, text));
	CHECK(!ud_ldap_value_uuid(bytes, 0, UD_LDAP_UUID_WINDOWS, text));
}

static void
test_sid(void)
{
	uint8_t bytes[8 + 4 * 16] = {1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0};
	char text[UD_LDAP_SID_SIZE];

	CHECK(ud_ldap_value_sid(bytes, 16, text));
	CHECK_TEXT(text, strlen(text), "S-1-5-32-544");
	CHECK(!ud_ldap_value_sid(bytes, 15, text));
	CHECK(!ud_ldap_value_sid(bytes, 20, text));
	CHECK(!ud_ldap_value_sid(bytes, 7, text));
	CHECK(!ud_ldap_value_sid(bytes, 0, text));
	bytes[0] = 2;
	CHECK(!ud_ldap_value_sid(bytes, 16, text));
	bytes[0] = 1;

	/* The longest of all. */
	memset(bytes + 1, 0xff, sizeof(bytes) - 1);
	bytes[1] = 15;
	CHECK(ud_ldap_value_sid(bytes, 8 + 4 * 15, text));
	CHECK_INT(strlen(text), strlen("S-1-281474976710655") + 15 * strlen("-4294967295"));
	bytes[1] = 16;
	CHECK(!ud_ldap_value_sid(bytes, sizeof(bytes), text));
}

/* check_rdn compares the value of a name; NULL: it has none. */
static void
check_rdn(const char *name, const char *expected)
{
	char *copy = check_copy(name, strlen(name));
	char *target = malloc(strlen(name) + 1);
	size_t length;
	bool is_name = ud_ldap_value_rdn(copy, strlen(name), target, &length);

	CHECK_FOR(name, is_name == (expected != NULL));
	if (is_name && expected != NULL)
		CHECK_TEXT(target, length, expected);
	free(copy);
	free(target);
}

static void
test_rdn(void)
{
	check_rdn("CN=Sales,DC=example", "Sales");
	check_rdn("cn=Sales", "Sales");
	check_rdn("cn=  Sales  ,dc=x", "Sales");
	check_rdn("CN=Sales\\, EU,OU=Groups", "Sales, EU");
	check_rdn("CN=Sales\\2C EU", "Sales, EU");
	check_rdn("CN=a\\c3\\b8b", "a\xc3\xb8"
							   "b");
	check_rdn("CN=a+UID=b,DC=x", "a");
	check_rdn("CN=a\\\\b", "a\\b");
	check_rdn("CN=a\\ ,DC=x", "a ");
	check_rdn("CN=a=b", "a=b");
	check_rdn("", NULL);
	check_rdn("Sales", NULL);
	check_rdn("=Sales", NULL);
	check_rdn("CN=", NULL);
	check_rdn("CN=,DC=x", NULL);
	check_rdn("CN=#0401ff", NULL);
	check_rdn("CN=a\\", NULL);
}

/* check_integer compares a number; is_valid tells whether the text is one. */
static void
check_integer(const char *text, bool is_valid, int64_t expected)
{
	int64_t value = 0;

	CHECK_FOR(text, ud_ldap_value_integer(text, strlen(text), &value) == is_valid);
	if (is_valid)
		CHECK_INT(value, expected);
}

static void
test_integer(void)
{
	check_integer("0", true, 0);
	check_integer("514", true, 514);
	check_integer("-2147483646", true, -2147483646);
	check_integer("9223372036854775807", true, INT64_MAX);
	check_integer("-9223372036854775808", true, INT64_MIN);
	check_integer("9223372036854775808", false, 0);
	check_integer("-9223372036854775809", false, 0);
	check_integer("99999999999999999999999", false, 0);
	check_integer("", false, 0);
	check_integer("-", false, 0);
	check_integer("+1", false, 0);
	check_integer("1 ", false, 0);
	check_integer("0x1", false, 0);
}

static int
bind_code(const char *message)
{
	char *copy = check_copy(message, strlen(message));
	int code = ud_ldap_value_bind_code(copy, strlen(message));

	free(copy);
	return code;
}

static void
test_bind_code(void)
{
	CHECK_INT(bind_code("80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, "
						"data 52e, v1db1"),
			  0x52e);
	CHECK_INT(bind_code("x, data 775, v"), 0x775);
	CHECK_INT(bind_code("x, data 0, v"), 0);
	CHECK_INT(bind_code(""), 0);
	CHECK_INT(bind_code(", data "), 0);
	CHECK_INT(bind_code(", data 52e"), 0);
	CHECK_INT(bind_code(", data xyz, "), 0);
	CHECK_INT(bind_code(", data 99999999999999999999, "), 0);
	CHECK_INT(bind_code("Invalid credentials"), 0);
}

static void
test_unicode_password(void)
{
	static const char text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80";
	static const uint8_t expected[] = {'"',  0,    'a',  0,    0xe4, 0,   0xac,
									   0x20, 0x3d, 0xd8, 0x00, 0xde, '"', 0};
	char *copy = check_copy(text, sizeof(text) - 1);
	uint8_t *target = malloc(2 * (sizeof(text) - 1 + 2));
	size_t length = ud_ldap_value_unicode_password((const uint8_t *)copy, sizeof(text) - 1, target);

	CHECK_INT(length, sizeof(expected));
	CHECK(memcmp(target, expected, sizeof(expected)) == 0);
	CHECK_INT(ud_ldap_value_unicode_password((const uint8_t *)copy, 0, target), 4);
	free(copy);
	free(target);
}

typedef UdLdapTime (*ReadTime)(const char *text, size_t length, int64_t *milliseconds);

/* check_time compares how a point in time is written again; NULL: there is none. */
static void
check_time(ReadTime read, const char *text, UdLdapTime expected, const char *written)
{
	char *copy = check_copy(text, strlen(text));
	char target[UD_LDAP_TIME_SIZE];
	int64_t milliseconds = 0;
	UdLdapTime result = read(copy, strlen(text), &milliseconds);

	CHECK_FOR(text, result == expected);
	if (result == UD_LDAP_TIME_OK && written != NULL)
		CHECK_TEXT(target, ud_ldap_time_text(milliseconds, target), written);
	free(copy);
}

static void
test_windows_time(void)
{
	const ReadTime read = ud_ldap_time_windows;

	check_time(read, "133500000000000000", UD_LDAP_TIME_OK, "2024-01-17T21:20:00.000Z");
	check_time(read, "116444736000000000", UD_LDAP_TIME_OK, "1970-01-01T00:00:00.000Z");
	check_time(read, "116444735999990000", UD_LDAP_TIME_OK, "1969-12-31T23:59:59.999Z");
	check_time(read, "10000", UD_LDAP_TIME_OK, "1601-01-01T00:00:00.001Z");
	check_time(read, "2650467743999999999", UD_LDAP_TIME_OK, "9999-12-31T23:59:59.999Z");
	check_time(read, "2650467744000000000", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "0", UD_LDAP_TIME_NEVER, NULL);
	check_time(read, "9223372036854775807", UD_LDAP_TIME_NEVER, NULL);
	check_time(read, "9223372036854775806", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "9999999999999999999", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "99999999999999999999", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "-1", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "12x", UD_LDAP_TIME_BAD, NULL);
}

static void
test_generalized_time(void)
{
	const ReadTime read = ud_ldap_time_generalized;

	check_time(read, "20240229123456Z", UD_LDAP_TIME_OK, "2024-02-29T12:34:56.000Z");
	check_time(read, "20240229123456.789Z", UD_LDAP_TIME_OK, "2024-02-29T12:34:56.789Z");
	check_time(read, "20240229123456,5Z", UD_LDAP_TIME_OK, "2024-02-29T12:34:56.500Z");
	check_time(read, "202402291234.5Z", UD_LDAP_TIME_OK, "2024-02-29T12:34:30.000Z");
	check_time(read, "2024022912Z", UD_LDAP_TIME_OK, "2024-02-29T12:00:00.000Z");
	check_time(read, "2024022912.25Z", UD_LDAP_TIME_OK, "2024-02-29T12:15:00.000Z");
	check_time(read, "20240101003000+0130", UD_LDAP_TIME_OK, "2023-12-31T23:00:00.000Z");
	check_time(read, "20231231233000-02", UD_LDAP_TIME_OK, "2024-01-01T01:30:00.000Z");
	check_time(read, "20161231235960Z", UD_LDAP_TIME_OK, "2017-01-01T00:00:00.000Z");
	check_time(read, "00010101000000Z", UD_LDAP_TIME_OK, "0001-01-01T00:00:00.000Z");
	check_time(read, "99991231235959.999999999999Z", UD_LDAP_TIME_OK, "9999-12-31T23:59:59.999Z");
	check_time(read, "00010101000000+0100", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "99991231235959-0100", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "00000101000000Z", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "20230229123456Z", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "20241301000000Z", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "20240001000000Z", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "20240100000000Z", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "20240101240000Z", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "20240101006000Z", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "20240101000061Z", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "20240101000000", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "20240101000000z", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "20240101000000.Z", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "20240101000000Zx", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "20240101000000+2400", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "20240101000000+1", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "2024010100000Z", UD_LDAP_TIME_BAD, NULL);
	check_time(read, "", UD_LDAP_TIME_BAD, NULL);
}

/* Every day of ten thousand years is written as it was read. */
static void
test_every_day(void)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	long wrong = 0;

	for (int year = 1; year <= 9999; year++)
	{
		bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

		for (int month = 1; month <= 12; month++)
		{
			for (int day = 1; day <= lengths[month - 1] + (is_leap && month == 2); day++)
			{
				char text[32];
				char expected[64];
				char target[UD_LDAP_TIME_SIZE];
				int64_t milliseconds;

				snprintf(text, sizeof(text), "%04d%02d%02d235959Z", year, month, day);
				snprintf(expected, sizeof(expected), "%04d-%02d-%02dT23:59:59.000Z", year, month,
						 day);
				if (ud_ldap_time_generalized(text, strlen(text), &milliseconds) !=
						UD_LDAP_TIME_OK ||
					ud_ldap_time_text(milliseconds, target) != strlen(expected) ||
					strcmp(target, expected) != 0)
					wrong++;
			}
		}
	}
	CHECK_INT(wrong, 0);
}

int
main(void)
{
	test_uuid();
	test_sid();
	test_rdn();
	test_integer();
	test_bind_code();
	test_unicode_password();
	test_windows_time();
	test_generalized_time();
	test_every_day();
	return check_summary();
}
