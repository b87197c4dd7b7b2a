/*
 * foreign_signature.c: tokens of other issuers and their signatures, for SQL.
 *
 * They are read as strictly as our own. RS256 and ES256 and their longer siblings are then
 * libjwt's; PS256 and EdDSA, which not every libjwt knows, are verified here.
 */
#include "base/userdir.h"

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "crypto/foreign_token.h"
#include "crypto/jwt_header.h"
#include "crypto/jwt_json.h"
#include "crypto/key.h"
#include "crypto/opaque_token.h"
#include "crypto/secret.h"
#include "pure/base64.h"
#include "pure/jwt_split.h"

typedef struct ForeignToken
{
	UdJwtParts parts;
	UdJwtHeader header;
} ForeignToken;

static void
pg_attribute_noreturn() raise_malformed(const char *what, const char *how)
{
	ereport(ERROR, (errcode(UD_ERR_TOKEN_MALFORMED), errmsg("the token%s %s", what, how)));
}

/* open_token takes a token apart and reads its header. Errors: UD040, UD046 to UD049, 54000. */
static void
open_token(const UdSecret *secret, ForeignToken *token)
{
	const UdSpan text = {(const char *)secret->typed, secret->typed_length};
	const UdJwtFault fault = ud_jwt_split(text, &token->parts);

	ud_opaque_token_refuse(text);
	if (fault == UD_JWT_TOO_LONG)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the token is longer than %d bytes", UD_JWT_MAX_LENGTH)));
	if (fault != UD_JWT_FINE)
		raise_malformed("", ud_jwt_fault_text(fault));
	ud_jwt_header_read(token->parts.header, &token->header);
	ud_jwt_header_check_typ(token->header.typ, &(UdJwtExpectation){NULL});
}

/* decode returns the bytes of a part. */
static uint8 *
decode(UdSpan part, const char *name, size_t *length)
{
	uint8 *bytes = palloc(UD_BASE64_DECODED_SIZE(part.length) + 1);

	if (!ud_base64url_decode(part.data, part.length, bytes, length))
		raise_malformed(name, "is no base64url");
	return bytes;
}

static Jsonb *
read_claims(UdSpan payload)
{
	size_t length;
	const char *json = (const char *)decode(payload, "'s payload", &length);
	UdJsonFault fault;
	Jsonb *claims = ud_jwt_json_read((UdSpan){json, length}, &fault);

	if (claims == NULL)
		raise_malformed("'s payload", ud_json_fault_text(fault));
	return claims;
}

/* verify_here verifies a signature without libjwt. */
static bool
verify_here(const ForeignToken *token, const UdAlgorithm *algorithm, const uint8 *signature,
			size_t length, const char *pem)
{
	const char *problem;
	UdKey *key = ud_key_from_pem(ud_span_of(pem), algorithm, false, &problem);
	bool is_right = key != NULL && ud_key_verify(key, token->parts.signed_part, signature, length);

	ud_key_free(key);
	return is_right;
}

/* is_signed verifies the signature of a token by one algorithm and one key in PEM. */
static bool
is_signed(const UdSecret *secret, const UdAlgorithm *algorithm, const char *pem)
{
	ForeignToken token;
	size_t length;
	uint8 *signature;

	open_token(secret, &token);
	signature = decode(token.parts.signature, "'s signature", &length);
	if (!ud_span_is(token.header.alg, algorithm->name) || length > UD_KEY_MAX_SIGNATURE ||
		(algorithm->type == UD_KEY_EC && length != 2 * algorithm->coordinate_bytes))
		return false;
	if (algorithm->is_pss || algorithm->type == UD_KEY_ED25519)
		return verify_here(&token, algorithm, signature, length, pem);
	return ud_foreign_token_is_signed(pnstrdup((const char *)secret->typed, secret->typed_length),
									  secret->typed_length, algorithm->name, pem);
}

UD_FUNCTION(userdir__check_foreign_signature);

/*
 * userdir__check_foreign_signature raises unless a token was signed with the key that belongs to a
 * public one: token, algorithm, and the key in PEM.
 *
 * Errors: UD041; UD048 for an algorithm that there is not; those of ud_foreign_token_is_signed and
 * of userdir__read_foreign_token.
 */
Datum
userdir__check_foreign_signature(PG_FUNCTION_ARGS)
{
	char *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	char *pem = text_to_cstring(PG_GETARG_TEXT_PP(2));
	const UdAlgorithm *algorithm = ud_algorithm_find(ud_span_of(name));
	volatile bool is_right = false;
	UdSecret secret;

	if (algorithm == NULL)
		ereport(ERROR, (errcode(UD_ERR_TOKEN_ALGORITHM),
						errmsg("a key is for the unknown algorithm \"%s\"",
							   pnstrdup(name, pg_mbcliplen(name, (int)strlen(name), 32))),
						errhint("There are %s.", ud_algorithm_names())));
	ud_secret_open(PG_GETARG_DATUM(0), &secret);
	PG_TRY();
	{
		is_right = is_signed(&secret, algorithm, pem);
	}
	PG_FINALLY();
	{
		ud_secret_close(&secret);
	}
	PG_END_TRY();
	if (!is_right)
		ereport(ERROR, (errcode(UD_ERR_TOKEN_SIGNATURE), errmsg("the token's signature is wrong"),
						errhint("It was signed with another key, or changed.")));
	PG_RETURN_VOID();
}

/* text_of returns a text of a header in the database's encoding, empty where there is none. */
static Datum
text_of(UdSpan span)
{
	char *utf8 = span.data != NULL ? pnstrdup(span.data, span.length) : "";

	return CStringGetTextDatum(pg_any_to_server(utf8, (int)strlen(utf8), PG_UTF8));
}

UD_FUNCTION(userdir__read_foreign_token);

/*
 * userdir__read_foreign_token returns what stands in a token: a row of algorithm, kid and claims.
 *
 * Errors: UD040 when it is malformed or encrypted; UD046 when its typ is not JWT; UD047 when it has
 * critical extensions; UD048 when it says that it is not signed; UD049 when it brings its own key;
 * 54000 when it is too long; 22P05 when the database's encoding lacks a character.
 */
Datum
userdir__read_foreign_token(PG_FUNCTION_ARGS)
{
	Datum values[3] = {0};
	bool nulls[3] = {false};
	TupleDesc descriptor;
	UdSecret secret;

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	ud_secret_open(PG_GETARG_DATUM(0), &secret);
	PG_TRY();
	{
		ForeignToken token;

		open_token(&secret, &token);
		values[0] = text_of(token.header.alg);
		values[1] = text_of(token.header.kid);
		values[2] = JsonbPGetDatum(read_claims(token.parts.payload));
	}
	PG_FINALLY();
	{
		ud_secret_close(&secret);
	}
	PG_END_TRY();
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
}
