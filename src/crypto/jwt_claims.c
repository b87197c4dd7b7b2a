/*
 * jwt_claims.c: the claims that RFC 7519 registers.
 */
#include "base/userdir.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "crypto/jwt_claims.h"
#include "pure/span.h"

/* Times are seconds since 1970, from there to the year 9999. */
#define LAST_TIME INT64CONST(253402300799)

/* 1970 is so many seconds before the server's own epoch. */
#define EPOCH_SECONDS ((double)(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)

/* find returns a claim, or NULL when it is not there. */
static JsonbValue *
find(Jsonb *claims, const char *name, JsonbValue *room)
{
	return getKeyJsonValueFromContainer(&claims->root, name, (int)strlen(name), room);
}

static int
compare(Numeric a, Numeric b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(a), NumericGetDatum(b)));
}

/* kept returns a whole number as numeric, in memory that stays. */
static Numeric
kept(int64 number)
{
	MemoryContext before = MemoryContextSwitchTo(TopMemoryContext);
	Numeric result = int64_to_numeric(number);

	MemoryContextSwitchTo(before);
	return result;
}

/*
 * number_of returns a time, which is within its bounds. Most are whole numbers; the server would
 * take the way over a text to make a double of them.
 */
static double
number_of(const JsonbValue *value)
{
	Datum number = NumericGetDatum(value->val.numeric);
	int64 rounded = DatumGetInt64(DirectFunctionCall1(numeric_int8, number));

	if (compare(int64_to_numeric(rounded), value->val.numeric) == 0)
		return (double)rounded;
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8, number));
}

/* is_time returns whether a value is a number within the bounds of times. */
static bool
is_time(const JsonbValue *value)
{
	static Numeric first = NULL;
	static Numeric last = NULL;

	if (first == NULL)
		first = kept(0);
	if (last == NULL)
		last = kept(LAST_TIME);
	return value->type == jbvNumeric && compare(value->val.numeric, first) >= 0 &&
		   compare(value->val.numeric, last) <= 0;
}

/* is_audience returns whether a value is a string, or an array of strings with one at least. */
static bool
is_audience(const JsonbValue *value)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue element;
	int count = 0;

	if (value->type == jbvString)
		return true;
	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
		return false;
	iterator = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE)
	{
		if (token != WJB_ELEM)
			continue;
		if (element.type != jbvString)
			return false;
		count++;
	}
	return count > 0;
}

const char *
ud_jwt_claims_fault(Jsonb *claims)
{
	static const char *const times[] = {"exp", "nbf", "iat"};
	static const char *const time_faults[] = {"have an \"exp\" that is no time",
											  "have an \"nbf\" that is no time",
											  "have an \"iat\" that is no time"};
	static const char *const strings[] = {"iss", "sub", "jti"};
	static const char *const string_faults[] = {"have an \"iss\" that is no string",
												"have a \"sub\" that is no string",
												"have a \"jti\" that is no string"};
	JsonbValue room;
	JsonbValue *value;

	for (size_t i = 0; i < lengthof(times); i++)
	{
		value = find(claims, times[i], &room);
		if (value != NULL && !is_time(value))
			return time_faults[i];
	}
	for (size_t i = 0; i < lengthof(strings); i++)
	{
		value = find(claims, strings[i], &room);
		if (value != NULL && value->type != jbvString)
			return string_faults[i];
	}
	value = find(claims, "aud", &room);
	if (value != NULL && !is_audience(value))
		return "have an \"aud\" that is neither a string nor an array of strings";
	return NULL;
}

static void
pg_attribute_noreturn() raise(int code, const char *message)
{
	ereport(ERROR, (errcode(code), errmsg("%s", message), errhidestmt(true), errhidecontext(true)));
}

static void
check_times(Jsonb *claims, const UdJwtExpectation *expected)
{
	TimestampTz clock = expected->now != 0 ? expected->now : GetCurrentTimestamp();
	double now = (double)clock / USECS_PER_SEC + EPOCH_SECONDS;
	JsonbValue room;
	JsonbValue *value;

	value = find(claims, "exp", &room);
	if (value != NULL && now >= number_of(value) + expected->leeway)
		raise(UD_ERR_TOKEN_EXPIRED, "the token has expired");
	value = find(claims, "nbf", &room);
	if (value != NULL && now < number_of(value) - expected->leeway)
		raise(UD_ERR_TOKEN_NOT_YET_VALID, "the token is not valid yet");
	value = find(claims, "iat", &room);
	if (value != NULL && now < number_of(value) - expected->leeway)
		raise(UD_ERR_TOKEN_NOT_YET_VALID, "the token was issued in the future");
}

static bool
is_text(const JsonbValue *value, const char *text)
{
	return value != NULL && value->type == jbvString &&
		   ud_span_is((UdSpan){value->val.string.val, (size_t)value->val.string.len}, text);
}

/* has_audience returns whether a claim "aud" names an audience. */
static bool
has_audience(const JsonbValue *value, const char *audience)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue element;
	bool found = false;

	if (value == NULL || value->type == jbvString)
		return is_text(value, audience);
	iterator = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE)
		found |= token == WJB_ELEM && is_text(&element, audience);
	return found;
}

void
ud_jwt_claims_check(Jsonb *claims, const UdJwtExpectation *expected, const char *key_issuer)
{
	const char *fault = ud_jwt_claims_fault(claims);
	JsonbValue room;

	if (fault != NULL)
		ereport(ERROR, (errcode(UD_ERR_TOKEN_MALFORMED), errmsg("the token's claims %s", fault),
						errhidestmt(true), errhidecontext(true)));
	check_times(claims, expected);
	if (key_issuer[0] != '\0' && !is_text(find(claims, "iss", &room), key_issuer))
		raise(UD_ERR_TOKEN_ISSUER, "the token is not by the issuer whose key has signed it");
	if (expected->issuer != NULL && !is_text(find(claims, "iss", &room), expected->issuer))
		raise(UD_ERR_TOKEN_ISSUER, "the token is by another issuer");
	if (expected->audience != NULL && !has_audience(find(claims, "aud", &room), expected->audience))
		raise(UD_ERR_TOKEN_AUDIENCE, "the token is for another audience");
}
