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

/* The claims that mean something here. All have names of so many letters. */
#define NAME_LENGTH 3

enum
{
	EXP,
	NBF,
	IAT,
	ISS,
	SUB,
	JTI,
	AUD,
	CLAIM_COUNT
};

static const char names[CLAIM_COUNT][NAME_LENGTH + 1] = {"exp", "nbf", "iat", "iss",
														 "sub", "jti", "aud"};

typedef struct Registered
{
	bool has[CLAIM_COUNT];
	JsonbValue claims[CLAIM_COUNT];
} Registered;

/*
 * find_registered finds the claims in one go. The names in a jsonb are sorted by their length
 * first, so that those that come behind need not be looked at.
 */
static void
find_registered(Jsonb *object, Registered *registered)
{
	JsonbIterator *iterator = JsonbIteratorInit(&object->root);
	JsonbIteratorToken token;
	JsonbValue name;
	JsonbValue value;

	memset(registered->has, 0, sizeof(registered->has));
	while ((token = JsonbIteratorNext(&iterator, &name, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		if (name.val.string.len > NAME_LENGTH)
			break;
		JsonbIteratorNext(&iterator, &value, true);
		for (int i = 0; i < CLAIM_COUNT && name.val.string.len == NAME_LENGTH; i++)
		{
			if (memcmp(name.val.string.val, names[i], NAME_LENGTH) != 0)
				continue;
			registered->claims[i] = value;
			registered->has[i] = true;
			break;
		}
	}
	if (token != WJB_DONE)
		pfree(iterator);
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

/* fault_of returns what is wrong with the types of claims, or NULL. */
static const char *
fault_of(const Registered *registered)
{
	static const char *const faults[CLAIM_COUNT] = {
		"have an \"exp\" that is no time",
		"have an \"nbf\" that is no time",
		"have an \"iat\" that is no time",
		"have an \"iss\" that is no string",
		"have a \"sub\" that is no string",
		"have a \"jti\" that is no string",
		"have an \"aud\" that is neither a string nor an array of strings"};

	for (int i = 0; i < CLAIM_COUNT; i++)
	{
		const JsonbValue *value = &registered->claims[i];

		if (registered->has[i] && !(i <= IAT   ? is_time(value)
									: i == AUD ? is_audience(value)
											   : value->type == jbvString))
			return faults[i];
	}
	return NULL;
}

const char *
ud_jwt_claims_fault(Jsonb *claims)
{
	Registered registered;

	find_registered(claims, &registered);
	return fault_of(&registered);
}

static void
pg_attribute_noreturn() raise(int code, const char *message)
{
	ereport(ERROR, (errcode(code), errmsg("%s", message), errhidestmt(true), errhidecontext(true)));
}

static void
check_times(const Registered *registered, const UdJwtExpectation *expected)
{
	TimestampTz clock = expected->now != 0 ? expected->now : GetCurrentTimestamp();
	double now = (double)clock / USECS_PER_SEC + EPOCH_SECONDS;
	double leeway = expected->leeway;

	if (registered->has[EXP] && now >= number_of(&registered->claims[EXP]) + leeway)
		raise(UD_ERR_TOKEN_EXPIRED, "the token has expired");
	if (registered->has[NBF] && now < number_of(&registered->claims[NBF]) - leeway)
		raise(UD_ERR_TOKEN_NOT_YET_VALID, "the token is not valid yet");
	if (registered->has[IAT] && now < number_of(&registered->claims[IAT]) - leeway)
		raise(UD_ERR_TOKEN_NOT_YET_VALID, "the token was issued in the future");
}

static bool
is_text(const JsonbValue *value, const char *text)
{
	return value->type == jbvString &&
		   ud_span_is((UdSpan){value->val.string.val, (size_t)value->val.string.len}, text);
}

static bool
has_issuer(const Registered *registered, const char *issuer)
{
	return registered->has[ISS] && is_text(&registered->claims[ISS], issuer);
}

/* has_audience returns whether the claim "aud" names an audience. */
static bool
has_audience(const Registered *registered, const char *audience)
{
	const JsonbValue *value = &registered->claims[AUD];
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue element;
	bool found = false;

	if (!registered->has[AUD] || value->type == jbvString)
		return registered->has[AUD] && is_text(value, audience);
	iterator = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE)
		found |= token == WJB_ELEM && is_text(&element, audience);
	return found;
}

void
ud_jwt_claims_check(Jsonb *claims, const UdJwtExpectation *expected, const char *key_issuer)
{
	Registered registered;
	const char *fault;

	find_registered(claims, &registered);
	fault = fault_of(&registered);
	if (fault != NULL)
		ereport(ERROR, (errcode(UD_ERR_TOKEN_MALFORMED), errmsg("the token's claims %s", fault),
						errhidestmt(true), errhidecontext(true)));
	check_times(&registered, expected);
	if (key_issuer[0] != '\0' && !has_issuer(&registered, key_issuer))
		raise(UD_ERR_TOKEN_ISSUER, "the token is not by the issuer whose key has signed it");
	if (expected->issuer != NULL && !has_issuer(&registered, expected->issuer))
		raise(UD_ERR_TOKEN_ISSUER, "the token is by another issuer");
	if (expected->audience != NULL && !has_audience(&registered, expected->audience))
		raise(UD_ERR_TOKEN_AUDIENCE, "the token is for another audience");
}
