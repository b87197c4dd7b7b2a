/*
 * jwt.c: JSON Web Tokens in the compact form: signing and verifying.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "mb/pg_wchar.h"

#include "crypto/claims_memo.h"
#include "crypto/jwt.h"
#include "crypto/jwt_claims.h"
#include "crypto/jwt_header.h"
#include "crypto/jwt_json.h"
#include "crypto/key_ring.h"
#include "crypto/mac.h"
#include "crypto/opaque_token.h"
#include "pure/base64.h"

/* check_claims raises unless claims may go into a token. */
static void
check_claims(Jsonb *claims)
{
	const char *fault;

	if (!JB_ROOT_IS_OBJECT(claims))
		ereport(ERROR, (errcode(UD_ERR_CLAIMS_REFUSED),
						errmsg("the claims of a token must be a JSON object")));
	fault = ud_jwt_claims_fault(claims);
	if (fault != NULL)
		ereport(ERROR, (errcode(UD_ERR_CLAIMS_REFUSED), errmsg("the claims %s", fault),
						strstr(fault, "time") != NULL
							? errdetail("Times are seconds since 1970, up to the year 9999.")
							: 0));
}

/* write_claims returns claims as JSON, and raises where they could not be read back. */
static char *
write_claims(Jsonb *claims, size_t *length)
{
	UdJsonFault fault;
	char *json = ud_jwt_json_write(claims, length, &fault);

	if (json == NULL)
		ereport(ERROR, (errcode(UD_ERR_CLAIMS_REFUSED),
						errmsg("the claims make a payload that %s", ud_json_fault_text(fault)),
						errdetail("Nobody could verify the token. Claims are nested %d levels deep "
								  "at most, objects that are open at a time have %d members, and "
								  "numbers %d characters.",
								  UD_JWT_MAX_DEPTH, UD_JSON_MAX_NAMES, UD_JSON_MAX_NUMBER)));
	return json;
}

/*
 * begin_token returns room for a whole token with header and claims in it, and in *length how long
 * they are.
 */
static char *
begin_token(const char *header, size_t header_length, Jsonb *claims, size_t *length)
{
	size_t claims_length;
	char *json = write_claims(claims, &claims_length);
	size_t total =
		header_length + UD_BASE64_SIZE(claims_length) + 1 + UD_BASE64_SIZE(UD_KEY_MAX_SIGNATURE);
	char *token;

	if (header_length + UD_BASE64_SIZE(claims_length) > UD_JWT_MAX_LENGTH - 1024)
		ereport(ERROR,
				(errcode(UD_ERR_CLAIMS_REFUSED), errmsg("the claims are too large for a token"),
				 errdetail("A token has at most %d bytes.", UD_JWT_MAX_LENGTH)));
	token = palloc(total);
	memcpy(token, header, header_length);
	*length = header_length +
			  ud_base64url_encode((const uint8 *)json, claims_length, token + header_length);
	pfree(json);
	return token;
}

/* end_token puts the signature behind what begin_token has returned. */
static void
end_token(char *token, size_t length, const uint8 *signature, size_t signature_length)
{
	token[length++] = '.';
	ud_base64url_encode(signature, signature_length, token + length);
}

static void
pg_attribute_noreturn() raise_library_failure(void)
{
	ereport(ERROR, (errcode(ERRCODE_SYSTEM_ERROR), errmsg("the token could not be signed"),
					errdetail("The cryptographic library failed."), errhidestmt(true),
					errhidecontext(true)));
}

/* ring_header returns the header of a key's tokens, which the key keeps. */
static const UdRingHeader *
ring_header(UdRingKey *key, const char *typ)
{
	UdRingHeader header = {""};
	char *encoded;

	if (typ != NULL)
		strlcpy(header.typ, typ, sizeof(header.typ));
	for (int i = 0; i < key->header_count; i++)
	{
		if (strcmp(key->headers[i].typ, header.typ) == 0)
			return &key->headers[i];
	}
	/* Not in the memory of the key: whatever refuses typ would leave its room behind there. */
	encoded = ud_jwt_header_write(key->algorithm->name, key->kid, typ, &header.length);
	header.encoded = MemoryContextStrdup(key->memory, encoded);
	pfree(encoded);
	if (key->header_count < UD_RING_HEADERS)
		key->header_count++;
	else
		pfree(key->headers[UD_RING_HEADERS - 1].encoded);
	key->headers[key->header_count - 1] = header;
	return &key->headers[key->header_count - 1];
}

/* check_typ raises where a typ would not fit, or would be taken for none. */
static void
check_typ(const char *typ)
{
	if (typ != NULL && (typ[0] == '\0' || strlen(typ) > UD_RING_MAX_TYP))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a token's typ must have 1 to %d characters", UD_RING_MAX_TYP)));
}

char *
ud_jwt_sign(const char *alg, const char *kid, const char *typ, Jsonb *claims)
{
	uint8 signature[UD_KEY_MAX_SIGNATURE];
	size_t signature_length;
	UdRingKey *key;
	const UdRingHeader *header;
	size_t length;
	char *token;

	check_typ(typ);
	check_claims(claims);
	key = ud_key_ring_signer(alg, kid);
	header = ring_header(key, typ);
	token = begin_token(header->encoded, header->length, claims, &length);
	if (!ud_key_sign(key->private_key, (UdSpan){token, length}, signature, &signature_length))
		raise_library_failure();
	end_token(token, length, signature, signature_length);
	return token;
}

/* require_mac returns an algorithm of HMAC. Errors: UD048. */
static const UdMac *
require_mac(const char *alg)
{
	const UdMac *mac = alg != NULL ? ud_mac_find(ud_span_of(alg)) : NULL;

	if (mac == NULL)
		ereport(ERROR, (errcode(UD_ERR_TOKEN_ALGORITHM),
						errmsg("a shared secret signs with HS256, HS384 or HS512"),
						errhidestmt(true), errhidecontext(true)));
	return mac;
}

/* is_pem returns whether a secret is a key in PEM, which may be one that everybody knows. */
static bool
is_pem(UdBytes secret)
{
	static const char pem[] = "-----BEGIN ";

	return secret.length > strlen(pem) && memcmp(secret.bytes, pem, strlen(pem)) == 0;
}

bool
ud_jwt_is_secret(const char *alg, UdBytes secret)
{
	return secret.length >= require_mac(alg)->length && !is_pem(secret);
}

/* check_secret refuses secrets that are easily guessed, or that everybody knows. */
static void
check_secret(const UdMac *mac, UdBytes secret)
{
	if (secret.length < mac->length)
		ereport(ERROR, (errcode(UD_ERR_KEY_REFUSED),
						errmsg("the secret is shorter than the %d bytes that %s needs",
							   (int)mac->length, mac->name),
						errhidestmt(true), errhidecontext(true)));
	if (is_pem(secret))
		ereport(ERROR, (errcode(UD_ERR_KEY_REFUSED), errmsg("a key in PEM is no shared secret"),
						errhidestmt(true), errhidecontext(true)));
}

/* mac_header returns the header of tokens by HMAC; the usual one is kept. */
static const char *
mac_header(const UdMac *mac, const char *kid, const char *typ, size_t *length)
{
	static const UdMac *kept_mac = NULL;
	static char kept[128];
	static size_t kept_length;
	const bool is_usual = kid == NULL && typ != NULL && strcmp(typ, "JWT") == 0;
	char *header;

	if (is_usual && kept_mac == mac)
	{
		*length = kept_length;
		return kept;
	}
	header = ud_jwt_header_write(mac->name, kid, typ, length);
	if (is_usual && *length < sizeof(kept))
	{
		memcpy(kept, header, *length);
		kept_length = *length;
		kept_mac = mac;
	}
	return header;
}

char *
ud_jwt_sign_with_secret(const char *alg, UdBytes secret, const char *kid, const char *typ,
						Jsonb *claims)
{
	const UdMac *mac = require_mac(alg);
	uint8 result[UD_MAC_MAX_LENGTH];
	size_t header_length;
	const char *header;
	size_t length;
	char *token;

	check_secret(mac, secret);
	check_typ(typ);
	check_claims(claims);
	header = mac_header(mac, kid, typ, &header_length);
	token = begin_token(header, header_length, claims, &length);
	if (!ud_mac_compute(mac, secret, (UdSpan){token, length}, result))
		raise_library_failure();
	end_token(token, length, result, mac->length);
	return token;
}

static void
pg_attribute_noreturn() raise_malformed(const char *what, const char *how)
{
	ereport(ERROR, (errcode(UD_ERR_TOKEN_MALFORMED), errmsg("the token%s %s", what, how),
					errhidestmt(true), errhidecontext(true)));
}

static void
pg_attribute_noreturn() raise_signature(void)
{
	ereport(ERROR, (errcode(UD_ERR_TOKEN_SIGNATURE), errmsg("the token's signature is not valid"),
					errhidestmt(true), errhidecontext(true)));
}

/* split takes a token apart. */
static void
split(const char *token, size_t length, UdJwtParts *parts)
{
	UdJwtFault fault = ud_jwt_split((UdSpan){token, length}, parts);

	ud_opaque_token_refuse((UdSpan){token, length});
	if (fault != UD_JWT_FINE)
		raise_malformed("", ud_jwt_fault_text(fault));
}

/* decode_signature decodes a signature into room for UD_KEY_MAX_SIGNATURE bytes. */
static size_t
decode_signature(UdSpan encoded, uint8 *signature)
{
	size_t length = 0;

	if (UD_BASE64_DECODED_SIZE(encoded.length) > UD_KEY_MAX_SIGNATURE + 2)
		raise_malformed("'s signature", "is longer than any");
	if (!ud_base64url_decode(encoded.data, encoded.length, signature, &length))
		raise_malformed("'s signature", "is no base64url");
	return length;
}

/* read_claims reads the claims of a token that was signed. */
static Jsonb *
read_claims(UdSpan encoded)
{
	Jsonb *claims = ud_claims_memo_find(encoded);
	char *json;
	size_t length;
	UdJsonFault fault;

	if (claims != NULL)
		return claims;
	json = palloc(UD_BASE64_DECODED_SIZE(encoded.length) + 1);
	if (!ud_base64url_decode(encoded.data, encoded.length, (uint8 *)json, &length))
		raise_malformed("'s payload", "is no base64url");
	claims = ud_jwt_json_read((UdSpan){json, length}, &fault);
	if (claims == NULL)
		raise_malformed("'s payload", ud_json_fault_text(fault));
	ud_claims_memo_keep(encoded, claims);
	return claims;
}

/* finish reads what a signed token says, and checks it. */
static UdJwt
finish(const UdJwtParts *parts, const UdJwtHeader *header, const UdJwtExpectation *expected,
	   const char *key_issuer)
{
	UdJwt jwt = {NULL, NULL};
	UdJsonFault fault;

	jwt.claims = read_claims(parts->payload);
	ud_jwt_claims_check(jwt.claims, expected, key_issuer);
	if (expected->wants_header)
		jwt.header = ud_jwt_json_read(header->json, &fault);
	return jwt;
}

/* in_server_encoding returns a kid as the table has it. */
static UdSpan
in_server_encoding(UdSpan kid)
{
	char *converted;

	if (kid.data == NULL)
		return kid;
	if (kid.length > UD_RING_MAX_KID)
		return (UdSpan){"", 0};
	converted = pg_any_to_server(kid.data, (int)kid.length, PG_UTF8);
	return converted == kid.data ? kid : ud_span_of(converted);
}

UdJwt
ud_jwt_verify(const char *token, size_t length, const UdJwtExpectation *expected)
{
	uint8 signature[UD_KEY_MAX_SIGNATURE + 3];
	size_t signature_length;
	UdJwtParts parts;
	UdJwtHeader header;
	UdRingKey *key;

	split(token, length, &parts);
	ud_jwt_header_read(parts.header, &header);
	ud_jwt_header_check_typ(header.typ, expected);
	signature_length = decode_signature(parts.signature, signature);
	key = ud_key_ring_verifier(expected->issuer, in_server_encoding(header.kid), header.alg);
	if (!ud_key_verify(key->public_key, parts.signed_part, signature, signature_length))
		raise_signature();
	return finish(&parts, &header, expected, key->issuer);
}

UdJwt
ud_jwt_verify_with_secret(const char *token, size_t length, const char *alg, UdBytes secret,
						  const UdJwtExpectation *expected)
{
	const UdMac *mac = require_mac(alg);
	uint8 signature[UD_KEY_MAX_SIGNATURE + 3];
	uint8 result[UD_MAC_MAX_LENGTH];
	size_t signature_length;
	UdJwtParts parts;
	UdJwtHeader header;

	check_secret(mac, secret);
	split(token, length, &parts);
	ud_jwt_header_read(parts.header, &header);
	ud_jwt_header_check_typ(header.typ, expected);
	signature_length = decode_signature(parts.signature, signature);
	if (!ud_span_is(header.alg, mac->name))
		ereport(ERROR, (errcode(UD_ERR_TOKEN_ALGORITHM),
						errmsg("the token's algorithm is not %s", mac->name), errhidestmt(true),
						errhidecontext(true)));
	if (!ud_mac_compute(mac, secret, parts.signed_part, result) ||
		signature_length != mac->length || sodium_memcmp(signature, result, mac->length) != 0)
		raise_signature();
	return finish(&parts, &header, expected, "");
}
