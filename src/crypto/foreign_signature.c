/*
 * foreign_signature.c: tokens of other issuers and their signatures, for SQL.
 *
 * RS256 and ES256 and their longer siblings are libjwt's. PS256 and EdDSA, which not every libjwt
 * knows, are verified here.
 */
#include "base/userdir.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

#include "crypto/foreign_header.h"
#include "crypto/foreign_token.h"
#include "crypto/secret.h"

typedef struct Algorithm
{
	const char *name;
	size_t signature_length; /* 0: as long as the key */
	const char *own_digest;  /* for those that are verified here; empty: the algorithm's own */
	bool is_libjwts;
} Algorithm;

static const Algorithm algorithms[] = {
	{"RS256", 0, NULL, true},      {"RS384", 0, NULL, true},      {"RS512", 0, NULL, true},
	{"ES256", 64, NULL, true},     {"ES384", 96, NULL, true},     {"ES512", 132, NULL, true},
	{"PS256", 0, "SHA256", false}, {"PS384", 0, "SHA384", false}, {"PS512", 0, "SHA512", false},
	{"EdDSA", 64, "", false},
};

static const Algorithm *
find_algorithm(const char *name)
{
	for (int i = 0; i < (int)lengthof(algorithms); i++)
	{
		if (strcmp(algorithms[i].name, name) == 0)
			return &algorithms[i];
	}
	elog(ERROR, "a key is for the unknown algorithm \"%s\"", name);
}

static EVP_PKEY *
read_pem(const char *pem)
{
	BIO *in = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = in != NULL ? PEM_read_bio_PUBKEY(in, NULL, NULL, NULL) : NULL;

	BIO_free(in);
	return key;
}

/* verify_with lets OpenSSL verify a signature. Nothing here may raise: context has to be freed. */
static bool
verify_with(EVP_MD_CTX *context, EVP_PKEY *key, const char *digest, const UdForeignToken *token)
{
	const bool is_pss = digest[0] != '\0';
	EVP_PKEY_CTX *options = NULL;

	if (EVP_DigestVerifyInit_ex(context, &options, is_pss ? digest : NULL, NULL, NULL, key, NULL) !=
		1)
		return false;
	/* The salt is as long as the digest (RFC 7518, section 3.5). */
	if (is_pss && (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
				   EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1))
		return false;
	return EVP_DigestVerify(context, token->signature, token->signature_length,
							(const uint8 *)token->parts.signed_part.data,
							token->parts.signed_part.length) == 1;
}

static bool
verify_here(const UdForeignToken *token, const char *digest, const char *pem)
{
	EVP_PKEY *key = read_pem(pem);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool is_signed = key != NULL && context != NULL && verify_with(context, key, digest, token);

	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return is_signed;
}

static bool
is_signed(const UdSecret *secret, const char *name, const char *pem)
{
	const Algorithm *algorithm = find_algorithm(name);
	UdForeignToken token =
		ud_foreign_header_read((const char *)secret->typed, secret->typed_length);

	if (strcmp(token.algorithm, name) != 0 ||
		(algorithm->signature_length != 0 && token.signature_length != algorithm->signature_length))
		return false;
	if (!algorithm->is_libjwts)
		return verify_here(&token, algorithm->own_digest, pem);
	return ud_foreign_token_is_signed(pnstrdup((const char *)secret->typed, secret->typed_length),
									  secret->typed_length, name, pem);
}

UD_FUNCTION(userdir__check_foreign_signature);

/*
 * userdir__check_foreign_signature raises unless a token was signed with the key that belongs to a
 * public one: token, algorithm, and the key in PEM.
 *
 * Errors: UD041; those of ud_foreign_token_is_signed and of ud_foreign_header_read.
 */
Datum
userdir__check_foreign_signature(PG_FUNCTION_ARGS)
{
	char *algorithm = text_to_cstring(PG_GETARG_TEXT_PP(1));
	char *pem = text_to_cstring(PG_GETARG_TEXT_PP(2));
	volatile bool right = false;
	UdSecret secret;

	ud_secret_open(PG_GETARG_DATUM(0), &secret);
	PG_TRY();
	{
		right = is_signed(&secret, algorithm, pem);
	}
	PG_FINALLY();
	{
		ud_secret_close(&secret);
	}
	PG_END_TRY();
	if (!right)
		ereport(ERROR, (errcode(UD_ERR_TOKEN_SIGNATURE), errmsg("the token's signature is wrong"),
						errhint("It was signed with another key, or changed.")));
	PG_RETURN_VOID();
}

/* to_server converts UTF-8 to the database's encoding. */
static char *
to_server(const char *utf8)
{
	return pg_any_to_server(utf8, (int)strlen(utf8), PG_UTF8);
}

UD_FUNCTION(userdir__read_foreign_token);

/*
 * userdir__read_foreign_token returns what stands in a token: a row of algorithm, kid and claims.
 *
 * Errors: those of ud_foreign_header_read; 22P05 when the database's encoding lacks a character.
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
		UdForeignToken token =
			ud_foreign_header_read((const char *)secret.typed, secret.typed_length);

		values[0] = CStringGetTextDatum(to_server(token.algorithm));
		values[1] = CStringGetTextDatum(to_server(token.kid));
		values[2] = DirectFunctionCall1(jsonb_in, CStringGetDatum(to_server(token.claims)));
	}
	PG_FINALLY();
	{
		ud_secret_close(&secret);
	}
	PG_END_TRY();
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
}
