/*
 * key_functions.c: making and reading keys, for SQL. What is secret of them comes out sealed.
 */
#include "base/userdir.h"

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

#include "crypto/key_ring.h"
#include "crypto/primitives.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "crypto/secret_log.h"
#include "pure/base64.h"

/* The columns of a new row of signing_keys. */
enum
{
	KID,
	ALGORITHM,
	PUBLIC_JWK,
	CERTIFICATE,
	SEALED,
	COLUMN_COUNT
};

static void
pg_attribute_noreturn() raise_refused(const char *problem)
{
	ereport(ERROR, (errcode(UD_ERR_KEY_REFUSED), errmsg("the key %s", problem), errhidestmt(true),
					errhidecontext(true)));
}

/* algorithm_argument returns the algorithm that an argument names, NULL for null. */
static const UdAlgorithm *
algorithm_argument(FunctionCallInfo fcinfo, int number)
{
	const UdAlgorithm *algorithm;
	char *name;

	if (PG_ARGISNULL(number))
		return NULL;
	name = text_to_cstring(PG_GETARG_TEXT_PP(number));
	algorithm = ud_algorithm_find(ud_span_of(name));
	if (algorithm == NULL)
		ereport(ERROR, (errcode(UD_ERR_TOKEN_ALGORITHM),
						errmsg("there are no keys for algorithm \"%s\"",
							   pnstrdup(name, pg_mbcliplen(name, (int)strlen(name), 32))),
						errhint("There are keys for %s.", ud_algorithm_names())));
	return algorithm;
}

/* check_kid raises unless a kid can stand in a header and name a row. */
static void
check_kid(const char *kid)
{
	size_t length = strlen(kid);
	bool ok = length > 0 && length <= UD_RING_MAX_KID;

	for (size_t i = 0; ok && i < length; i++)
		ok = kid[i] > ' ' && kid[i] < 0x7f && kid[i] != '"' && kid[i] != '\\';
	if (!ok)
		raise_refused("has a kid that is not 1 to 255 visible characters of ASCII without "
					  "quotation marks and backslashes");
}

/* put_public fills in what is public of a key. */
static void
put_public(const UdKey *key, const char *kid, Datum *values, bool *nulls)
{
	char *jwk = ud_key_public_jwk(key);
	char thumbprint[UD_KEY_KID_SIZE];

	if (jwk == NULL)
		raise_refused("could not be written");
	ud_key_thumbprint(jwk, thumbprint);
	if (kid == NULL)
		kid = ud_key_given_kid(key);
	if (kid != NULL)
		check_kid(kid);
	values[KID] = CStringGetTextDatum(kid != NULL ? kid : thumbprint);
	values[ALGORITHM] = CStringGetTextDatum(ud_key_algorithm(key)->name);
	values[PUBLIC_JWK] = DirectFunctionCall1(jsonb_in, CStringGetDatum(jwk));
	nulls[KID] = nulls[ALGORITHM] = nulls[PUBLIC_JWK] = false;
}

/* put_private fills in the private part, sealed for its row. */
static void
put_private(UdKey *key, Datum *values, bool *nulls)
{
	char *kid = TextDatumGetCString(values[KID]);
	size_t length;
	uint8 *der = ud_key_private_der(key, &length);

	if (der == NULL)
		raise_refused("could not be written");
	PG_TRY();
	{
		values[SEALED] = PointerGetDatum(ud_seal(ud_key_purpose(kid), der, length));
	}
	PG_FINALLY();
	{
		ud_unseal_wipe(der, length);
	}
	PG_END_TRY();
	nulls[SEALED] = false;
}

static void
put_certificate(UdKey *key, const char *name, Datum *values, bool *nulls)
{
	size_t length;
	uint8 *der = ud_key_certificate(key, name, &length);
	bytea *certificate;

	if (der == NULL)
		raise_refused("could not be put into a certificate");
	certificate = palloc(VARHDRSZ + length);
	SET_VARSIZE(certificate, VARHDRSZ + length);
	memcpy(VARDATA(certificate), der, length);
	values[CERTIFICATE] = PointerGetDatum(certificate);
	nulls[CERTIFICATE] = false;
}

/* fill_row fills in all that is asked for. */
static void
fill_row(UdKey *key, const char *kid, const char *subject, bool is_private, Datum *values,
		 bool *nulls)
{
	put_public(key, kid, values, nulls);
	if (subject != NULL)
		put_certificate(key, subject, values, nulls);
	if (is_private)
		put_private(key, values, nulls);
}

/* row_of returns the row for a key, which it frees in any case. subject: of a certificate, or NULL.
 */
static Datum
row_of(FunctionCallInfo fcinfo, UdKey *key, const char *kid, const char *subject, bool is_private)
{
	TupleDesc descriptor;
	Datum values[COLUMN_COUNT];
	bool nulls[COLUMN_COUNT] = {true, true, true, true, true};

	PG_TRY();
	{
		fill_row(key, kid, subject, is_private, values, nulls);
	}
	PG_CATCH();
	{
		ud_key_free(key);
		PG_RE_THROW();
	}
	PG_END_TRY();
	ud_key_free(key);

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
}

UD_FUNCTION(userdir__new_key);

/*
 * userdir__new_key(alg, bits, subject) returns a row of a new key with a certificate.
 *
 * Errors: UD048 for an unknown algorithm, UD04A for too few or many bits, UD050 without a root key.
 */
Datum
userdir__new_key(PG_FUNCTION_ARGS)
{
	const UdAlgorithm *algorithm = algorithm_argument(fcinfo, 0);
	int bits = PG_GETARG_INT32(1);
	char *subject = text_to_cstring(PG_GETARG_TEXT_PP(2));
	const char *problem = NULL;
	UdKey *key;

	if (algorithm->type == UD_KEY_RSA && (bits < UD_KEY_MIN_RSA_BITS || bits > UD_KEY_MAX_RSA_BITS))
		ereport(ERROR,
				(errcode(UD_ERR_KEY_REFUSED), errmsg("an RSA key must have between %d and %d bits",
													 UD_KEY_MIN_RSA_BITS, UD_KEY_MAX_RSA_BITS)));
	key = ud_key_generate(algorithm, bits, &problem);
	CHECK_FOR_INTERRUPTS();
	if (key == NULL)
		raise_refused(problem);
	return row_of(fcinfo, key, NULL, subject, true);
}

/* parse_key reads a JWK or PEM. Returns NULL, and *problem tells why, when it is none. */
static UdKey *
parse_key(UdSpan text, const UdAlgorithm *algorithm, bool wants_private, const char **problem)
{
	size_t blank = 0;

	while (blank < text.length && (text.data[blank] == ' ' || text.data[blank] == '\n' ||
								   text.data[blank] == '\r' || text.data[blank] == '\t'))
		blank++;
	if (blank < text.length && text.data[blank] == '{')
		return ud_key_from_jwk(text, algorithm, wants_private, problem);
	return ud_key_from_pem(text, algorithm, wants_private, problem);
}

UD_FUNCTION(userdir__read_private_key);

/*
 * userdir__read_private_key(key, alg, kid, subject) returns a row of a key from elsewhere. alg and
 * kid may be null.
 *
 * Errors: UD04A when the key is refused, UD048 for an unknown algorithm, UD050 without a root key.
 */
Datum
userdir__read_private_key(PG_FUNCTION_ARGS)
{
	const UdAlgorithm *algorithm = algorithm_argument(fcinfo, 1);
	char *kid = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2));
	const char *problem = NULL;
	ErrorContextCallback frame;
	UdSecret secret;
	char *subject;
	UdKey *key;
	Datum row;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(3))
		raise_refused("is null");
	subject = text_to_cstring(PG_GETARG_TEXT_PP(3));
	ud_secret_log_hide(&frame);
	ud_secret_open(PG_GETARG_DATUM(0), &secret);
	key = parse_key((UdSpan){(const char *)secret.typed, secret.typed_length}, algorithm, true,
					&problem);
	ud_secret_close(&secret);
	if (key == NULL)
		raise_refused(problem);
	row = row_of(fcinfo, key, kid, subject, true);
	ud_secret_log_show(&frame);
	return row;
}

UD_FUNCTION(userdir__read_public_key);

/*
 * userdir__read_public_key(key, alg, kid) returns a row of a public key. alg and kid may be null.
 *
 * Errors: UD04A when the key is refused, UD048 for an unknown algorithm.
 */
Datum
userdir__read_public_key(PG_FUNCTION_ARGS)
{
	const UdAlgorithm *algorithm = algorithm_argument(fcinfo, 1);
	char *kid = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2));
	const char *problem = NULL;
	char *form;
	char *utf8;
	UdKey *key;

	if (PG_ARGISNULL(0))
		raise_refused("is null");
	form = text_to_cstring(PG_GETARG_TEXT_PP(0));
	utf8 = pg_server_to_any(form, (int)strlen(form), PG_UTF8);
	key = parse_key(ud_span_of(utf8), algorithm, false, &problem);
	if (key == NULL)
		raise_refused(problem);
	return row_of(fcinfo, key, kid, NULL, false);
}

UD_FUNCTION(userdir__x5t);

/*
 * userdir__x5t(certificate) returns the SHA-1 of a certificate in base64url, as JWK has it.
 */
Datum
userdir__x5t(PG_FUNCTION_ARGS)
{
	bytea *certificate = PG_GETARG_BYTEA_PP(0);
	const UdDigest *sha1 = ud_digest_find(UD_SPAN("sha1"));
	UdBytes der = {(const uint8 *)VARDATA_ANY(certificate), VARSIZE_ANY_EXHDR(certificate)};
	UdBytes none = {(const uint8 *)"", 0};
	uint8 digest[UD_DIGEST_MAX_LENGTH];
	char encoded[UD_BASE64_SIZE(UD_DIGEST_MAX_LENGTH)];

	if (!ud_digest_compute(sha1, der, none, 0, digest))
		ud_digest_require(sha1);
	ud_base64url_encode(digest, sha1->length, encoded);
	PG_RETURN_TEXT_P(cstring_to_text(encoded));
}

/* without_purpose returns a JWK without the members that say what it is for. */
static Jsonb *
without_purpose(Jsonb *jwk)
{
	static const char *const members[] = {"use", "key_ops", "alg"};

	for (size_t i = 0; i < lengthof(members) && JB_ROOT_IS_OBJECT(jwk); i++)
		jwk = DatumGetJsonbP(DirectFunctionCall2(jsonb_delete, JsonbPGetDatum(jwk),
												 CStringGetTextDatum(members[i])));
	return jwk;
}

UD_FUNCTION(userdir_jwk_thumbprint);

/*
 * userdir_jwk_thumbprint(jwk) returns the thumbprint of a public JWK by RFC 7638, whatever the key
 * is for.
 *
 * Errors: UD04A when the key is refused.
 */
Datum
userdir_jwk_thumbprint(PG_FUNCTION_ARGS)
{
	Jsonb *jwk = without_purpose(PG_GETARG_JSONB_P(0));
	char *form = JsonbToCString(NULL, &jwk->root, VARSIZE(jwk));
	char *utf8 = pg_server_to_any(form, (int)strlen(form), PG_UTF8);
	const char *problem = NULL;
	UdKey *key = ud_key_from_jwk(ud_span_of(utf8), NULL, false, &problem);
	char *public_jwk;
	char thumbprint[UD_KEY_KID_SIZE];

	if (key == NULL)
		raise_refused(problem);
	public_jwk = ud_key_public_jwk(key);
	ud_key_free(key);
	if (public_jwk == NULL)
		raise_refused("could not be written");
	ud_key_thumbprint(public_jwk, thumbprint);
	PG_RETURN_TEXT_P(cstring_to_text(thumbprint));
}
