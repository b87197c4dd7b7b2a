/*
 * sealed_secret.c: secrets that a client or an API shares with the directory, sealed at rest:
 * comparing with them, and signing and verifying by HS256; and verifying what the directory signed.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "crypto/jwt.h"
#include "crypto/jwt_header.h"
#include "crypto/jwt_json.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "pure/base64.h"

#define HASH_BYTES 32

/* What was sealed. */
typedef struct SharedSecret
{
	uint8 *plain;
	size_t length;
} SharedSecret;

static SharedSecret
unseal(text *purpose, const bytea *sealed)
{
	SharedSecret shared;

	shared.plain = ud_unseal(text_to_cstring(purpose), sealed, &shared.length);
	return shared;
}

UD_FUNCTION(userdir__is_sealed_text);

/*
 * userdir__is_sealed_text tells whether a secret is the one that is sealed: the secret, the purpose
 * and the sealed value. The time that it takes tells nothing but the length of the first. Errors:
 * UD050, UD051.
 */
Datum
userdir__is_sealed_text(PG_FUNCTION_ARGS)
{
	SharedSecret shared = unseal(PG_GETARG_TEXT_PP(1), PG_GETARG_BYTEA_PP(2));
	uint8 wanted[HASH_BYTES];
	uint8 given[HASH_BYTES];
	UdSecret secret;
	bool matches;

	/* Digests, so that a difference in length is no shortcut either. */
	crypto_hash_sha256(wanted, shared.plain, shared.length);
	ud_unseal_wipe(shared.plain, shared.length);
	ud_secret_open(PG_GETARG_DATUM(0), &secret);
	crypto_hash_sha256(given, secret.typed, secret.typed_length);
	ud_secret_close(&secret);
	matches = sodium_memcmp(wanted, given, HASH_BYTES) == 0;
	sodium_memzero(wanted, HASH_BYTES);
	sodium_memzero(given, HASH_BYTES);
	PG_RETURN_BOOL(matches);
}

UD_FUNCTION(userdir__signs_by_hs256);

/* userdir__signs_by_hs256 tells whether a secret is one that tokens may be signed with by HS256. */
Datum
userdir__signs_by_hs256(PG_FUNCTION_ARGS)
{
	UdSecret secret;
	bool is_good;

	ud_secret_open(PG_GETARG_DATUM(0), &secret);
	is_good = ud_jwt_is_secret("HS256", (UdBytes){secret.typed, secret.typed_length});
	ud_secret_close(&secret);
	PG_RETURN_BOOL(is_good);
}

UD_FUNCTION(userdir__sealed_signs_by_hs256);

/*
 * userdir__sealed_signs_by_hs256 tells the same of a secret that is sealed: the purpose and the
 * sealed value. Errors: UD050, UD051.
 */
Datum
userdir__sealed_signs_by_hs256(PG_FUNCTION_ARGS)
{
	SharedSecret shared = unseal(PG_GETARG_TEXT_PP(0), PG_GETARG_BYTEA_PP(1));
	const bool is_good = ud_jwt_is_secret("HS256", (UdBytes){shared.plain, shared.length});

	ud_unseal_wipe(shared.plain, shared.length);
	PG_RETURN_BOOL(is_good);
}

UD_FUNCTION(userdir__sign_with_sealed);

/*
 * userdir__sign_with_sealed signs claims by HS256: the claims, typ, the purpose and the sealed
 * secret. Errors: UD050, UD051, and those of ud_jwt_sign_with_secret.
 */
Datum
userdir__sign_with_sealed(PG_FUNCTION_ARGS)
{
	Jsonb *claims = PG_GETARG_JSONB_P(0);
	char *typ = text_to_cstring(PG_GETARG_TEXT_PP(1));
	SharedSecret shared = unseal(PG_GETARG_TEXT_PP(2), PG_GETARG_BYTEA_PP(3));
	char *volatile token = NULL;

	PG_TRY();
	{
		token = ud_jwt_sign_with_secret("HS256", (UdBytes){shared.plain, shared.length}, NULL, typ,
										claims);
	}
	PG_FINALLY();
	{
		ud_unseal_wipe(shared.plain, shared.length);
	}
	PG_END_TRY();
	PG_RETURN_TEXT_P(cstring_to_text(token));
}

/*
 * verify checks a token of any typ: against the directory's own keys, or against a shared secret.
 */
static Datum
verify(Datum token, const SharedSecret *shared)
{
	const UdJwtExpectation expected = {.any_typ = true};
	Jsonb *volatile claims = NULL;
	UdSecret secret;

	ud_secret_open(token, &secret);
	PG_TRY();
	{
		const char *text = (const char *)secret.typed;

		claims =
			(shared == NULL
				 ? ud_jwt_verify(text, secret.typed_length, &expected)
				 : ud_jwt_verify_with_secret(text, secret.typed_length, "HS256",
											 (UdBytes){shared->plain, shared->length}, &expected))
				.claims;
	}
	PG_FINALLY();
	{
		ud_secret_close(&secret);
	}
	PG_END_TRY();
	return JsonbPGetDatum(claims);
}

UD_FUNCTION(userdir__verify_own);

/*
 * userdir__verify_own returns the claims of a token, of any typ, that the directory has signed by a
 * key of its own. Errors: UD040 to UD049.
 */
Datum
userdir__verify_own(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(verify(PG_GETARG_DATUM(0), NULL));
}

UD_FUNCTION(userdir__verify_with_sealed);

/*
 * userdir__verify_with_sealed is the same for one signed by HS256: the token, the purpose and the
 * sealed secret. Errors: UD040 to UD049, UD050, UD051.
 */
Datum
userdir__verify_with_sealed(PG_FUNCTION_ARGS)
{
	SharedSecret shared = unseal(PG_GETARG_TEXT_PP(1), PG_GETARG_BYTEA_PP(2));
	volatile Datum claims = (Datum)0;

	PG_TRY();
	{
		claims = verify(PG_GETARG_DATUM(0), &shared);
	}
	PG_FINALLY();
	{
		ud_unseal_wipe(shared.plain, shared.length);
	}
	PG_END_TRY();
	PG_RETURN_DATUM(claims);
}

/* only_string returns a string, or the one string in an array of one, as a text; NULL else. */
static text *
only_string(const JsonbValue *value)
{
	JsonbValue *element;

	if (value == NULL)
		return NULL;
	if (value->type == jbvString)
		return cstring_to_text_with_len(value->val.string.val, value->val.string.len);
	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data) ||
		JsonContainerSize(value->val.binary.data) != 1)
		return NULL;
	element = getIthJsonbValueFromContainer(value->val.binary.data, 0);
	return element->type == jbvString ? only_string(element) : NULL;
}

/* shared_audience returns the only audience of a token by HS256, NULL for other tokens. */
static text *
shared_audience(UdSpan token)
{
	UdJwtParts parts;
	UdJwtHeader header;
	UdJsonFault fault;
	JsonbValue room;
	Jsonb *claims;
	char *json;
	size_t length;

	if (ud_jwt_split(token, &parts) != UD_JWT_FINE)
		return NULL;
	ud_jwt_header_read(parts.header, &header);
	if (!ud_span_is(header.alg, "HS256"))
		return NULL;
	json = palloc(UD_BASE64_DECODED_SIZE(parts.payload.length) + 1);
	if (!ud_base64url_decode(parts.payload.data, parts.payload.length, (uint8 *)json, &length))
		return NULL;
	claims = ud_jwt_json_read((UdSpan){json, length}, &fault);
	if (claims == NULL)
		return NULL;
	return only_string(getKeyJsonValueFromContainer(&claims->root, "aud", strlen("aud"), &room));
}

UD_FUNCTION(userdir__shared_audience);

/*
 * userdir__shared_audience returns the one audience that a token by HS256 says it is for; null when
 * it is no such token, or for none or several. Nothing of it is verified. Errors: those of
 * ud_jwt_header_read; 22P05 when the database's encoding lacks a character.
 */
Datum
userdir__shared_audience(PG_FUNCTION_ARGS)
{
	text *volatile audience = NULL;
	UdSecret secret;

	ud_secret_open(PG_GETARG_DATUM(0), &secret);
	PG_TRY();
	{
		audience = shared_audience((UdSpan){(const char *)secret.typed, secret.typed_length});
	}
	PG_FINALLY();
	{
		ud_secret_close(&secret);
	}
	PG_END_TRY();
	if (audience == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(audience);
}

UD_FUNCTION(userdir__looks_like_jwt);

/*
 * userdir__looks_like_jwt tells whether a secret begins as a signed token does and has its two
 * dots; that it is one, only verifying tells.
 */
Datum
userdir__looks_like_jwt(PG_FUNCTION_ARGS)
{
	UdSecret secret;
	int dots = 0;
	bool begins;

	ud_secret_open(PG_GETARG_DATUM(0), &secret);
	begins = secret.typed_length > 3 && memcmp(secret.typed, "eyJ", 3) == 0;
	for (size_t i = 0; i < secret.typed_length; i++)
		dots += secret.typed[i] == '.';
	ud_secret_close(&secret);
	PG_RETURN_BOOL(begins && dots == 2);
}
