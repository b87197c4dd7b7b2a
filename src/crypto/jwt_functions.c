/*
 * jwt_functions.c: signing and verifying tokens, for SQL.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "crypto/jwt.h"
#include "crypto/secret.h"
#include "crypto/secret_log.h"
#include "pure/base64.h"

/* text_argument returns a text argument, NULL for null. */
static char *
text_argument(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(number));
}

UD_FUNCTION(userdir_sign_jwt);

/*
 * userdir_sign_jwt(claims, alg, kid, typ) returns a token. Errors: those of ud_jwt_sign.
 */
Datum
userdir_sign_jwt(PG_FUNCTION_ARGS)
{
	char *alg = text_argument(fcinfo, 1);
	char *kid = text_argument(fcinfo, 2);
	char *typ = text_argument(fcinfo, 3);

	if (PG_ARGISNULL(0) || (alg == NULL && kid == NULL))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(ud_jwt_sign(alg, kid, typ, PG_GETARG_JSONB_P(0))));
}

/* leeway_of returns an interval in seconds. Errors: 22023 out of bounds. */
static int
leeway_of(const Interval *interval)
{
	int64 days = interval->day + (int64)interval->month * DAYS_PER_MONTH;
	double seconds = (double)days * SECS_PER_DAY + (double)interval->time / (double)USECS_PER_SEC;

	if (seconds < 0 || seconds > UD_JWT_MAX_LEEWAY)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the leeway must be between no time and a day")));
	return (int)seconds;
}

/* expectation_of reads audience, issuer, typ and leeway, which follow each other. */
static UdJwtExpectation
expectation_of(FunctionCallInfo fcinfo, int first)
{
	UdJwtExpectation expected = {NULL};

	expected.audience = text_argument(fcinfo, first);
	expected.issuer = text_argument(fcinfo, first + 1);
	expected.typ = text_argument(fcinfo, first + 2);
	if (expected.typ != NULL && strcmp(expected.typ, "*") == 0)
		expected.any_typ = true;
	if (!PG_ARGISNULL(first + 3))
		expected.leeway = leeway_of(PG_GETARG_INTERVAL_P(first + 3));
	return expected;
}

UD_FUNCTION(userdir_verify_jwt);

/*
 * userdir_verify_jwt(token, audience, issuer, typ, leeway) returns the claims of a token. Errors:
 * those of ud_jwt_verify, 22023 for a leeway out of bounds.
 */
Datum
userdir_verify_jwt(PG_FUNCTION_ARGS)
{
	UdJwtExpectation expected;
	ErrorContextCallback frame;
	UdSecret token;
	Jsonb *volatile claims = NULL;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	expected = expectation_of(fcinfo, 1);
	ud_secret_log_hide(&frame);
	ud_secret_open(PG_GETARG_DATUM(0), &token);
	PG_TRY();
	{
		claims = ud_jwt_verify((const char *)token.typed, token.typed_length, &expected).claims;
	}
	PG_FINALLY();
	{
		ud_secret_close(&token);
	}
	PG_END_TRY();
	ud_secret_log_show(&frame);
	PG_RETURN_JSONB_P(claims);
}

/*
 * decode_secret returns the bytes of a shared secret in the encoding that an argument names; what
 * is decoded stands in room, which has as many bytes as the text.
 */
static UdBytes
decode_secret(const UdSecret *secret, const char *encoding, uint8 *room)
{
	UdBytes bytes = {secret->typed, secret->typed_length};

	if (encoding == NULL || strcmp(encoding, "text") == 0)
		return bytes;
	if (strcmp(encoding, "base64") != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the encoding of a secret must be text or base64")));
	if (!ud_base64_decode((const char *)secret->typed, secret->typed_length, room, &bytes.length))
		ereport(ERROR, (errcode(UD_ERR_KEY_REFUSED), errmsg("the secret is no base64")));
	bytes.bytes = room;
	return bytes;
}

/* open_room opens a shared secret, and returns room for its decoded form. */
static uint8 *
open_room(FunctionCallInfo fcinfo, int number, UdSecret *secret)
{
	ud_secret_open(PG_GETARG_DATUM(number), secret);
	return palloc(UD_BASE64_DECODED_SIZE(secret->typed_length) + 1);
}

/* close_room overwrites what open_room has opened. */
static void
close_room(uint8 *room, UdSecret *secret)
{
	sodium_memzero(room, UD_BASE64_DECODED_SIZE(secret->typed_length) + 1);
	pfree(room);
	ud_secret_close(secret);
}

UD_FUNCTION(userdir_sign_jwt_with_secret);

/*
 * userdir_sign_jwt_with_secret(claims, secret, alg, kid, typ, encoding) returns a token. Errors:
 * those of ud_jwt_sign_with_secret, 22023 for an unknown encoding.
 */
Datum
userdir_sign_jwt_with_secret(PG_FUNCTION_ARGS)
{
	char *alg = text_argument(fcinfo, 2);
	char *kid = text_argument(fcinfo, 3);
	char *typ = text_argument(fcinfo, 4);
	char *encoding = text_argument(fcinfo, 5);
	ErrorContextCallback frame;
	UdSecret secret;
	uint8 *room;
	char *volatile token = NULL;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || alg == NULL)
		PG_RETURN_NULL();
	ud_secret_log_hide(&frame);
	room = open_room(fcinfo, 1, &secret);
	PG_TRY();
	{
		token = ud_jwt_sign_with_secret(alg, decode_secret(&secret, encoding, room), kid, typ,
										PG_GETARG_JSONB_P(0));
	}
	PG_FINALLY();
	{
		close_room(room, &secret);
	}
	PG_END_TRY();
	ud_secret_log_show(&frame);
	PG_RETURN_TEXT_P(cstring_to_text(token));
}

UD_FUNCTION(userdir_verify_jwt_with_secret);

/*
 * userdir_verify_jwt_with_secret(token, secret, alg, audience, issuer, typ, leeway, encoding)
 * returns the claims of a token. Errors: those of ud_jwt_verify_with_secret, 22023 for an unknown
 * encoding or a leeway out of bounds.
 */
Datum
userdir_verify_jwt_with_secret(PG_FUNCTION_ARGS)
{
	char *alg = text_argument(fcinfo, 2);
	char *encoding = text_argument(fcinfo, 7);
	UdJwtExpectation expected;
	ErrorContextCallback frame;
	UdSecret token;
	UdSecret secret;
	uint8 *room;
	Jsonb *volatile claims = NULL;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || alg == NULL)
		PG_RETURN_NULL();
	expected = expectation_of(fcinfo, 3);
	ud_secret_log_hide(&frame);
	room = open_room(fcinfo, 1, &secret);
	ud_secret_open(PG_GETARG_DATUM(0), &token);
	PG_TRY();
	{
		claims = ud_jwt_verify_with_secret((const char *)token.typed, token.typed_length, alg,
										   decode_secret(&secret, encoding, room), &expected)
					 .claims;
	}
	PG_FINALLY();
	{
		ud_secret_close(&token);
		close_room(room, &secret);
	}
	PG_END_TRY();
	ud_secret_log_show(&frame);
	PG_RETURN_JSONB_P(claims);
}
