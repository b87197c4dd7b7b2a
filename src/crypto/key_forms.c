/*
 * key_forms.c: keys as JWK, PEM, DER and certificates.
 */
#include "base/userdir.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "crypto/key.h"
#include "crypto/key_parts.h"
#include "crypto/openssl_context.h"
#include "pure/base64.h"
#include "pure/json_read.h"

/* The deepest JWK: x5c and key_ops are arrays. */
#define MAX_JWK_DEPTH 4

/* The members of a JWK that are read, all strings. */
enum
{
	KTY,
	CRV,
	ALG,
	USE,
	KID,
	N,
	E,
	D,
	P,
	Q,
	DP,
	DQ,
	QI,
	X,
	Y,
	K,
	MEMBER_COUNT
};

static const char *const member_names[MEMBER_COUNT] = {
	"kty", "crv", "alg", "use", "kid", "n", "e", "d", "p", "q", "dp", "dq", "qi", "x", "y", "k"};

typedef struct Jwk
{
	UdSpan members[MEMBER_COUNT];
	int next;           /* the member whose value comes next, or -1 */
	bool in_operations; /* in key_ops */
	bool has_operations;
	bool may_sign; /* according to key_ops, here and below */
	bool may_verify;
	bool is_odd; /* a member that is read has no string, key_ops no array of strings */
} Jwk;

/* note_operation takes a piece of key_ops. */
static void
note_operation(Jwk *jwk, UdJsonEvent event, UdSpan text, int depth)
{
	if (depth == 1)
		jwk->is_odd |= event != UD_JSON_ARRAY && event != UD_JSON_ARRAY_END;
	else if (depth > 1)
	{
		jwk->is_odd |= event != UD_JSON_STRING;
		jwk->may_sign |= ud_span_is(text, "sign");
		jwk->may_verify |= ud_span_is(text, "verify");
	}
}

/* note takes a piece of a JWK from the reader. */
static void
note(void *context, UdJsonEvent event, UdSpan text, int depth)
{
	Jwk *jwk = context;

	if (event == UD_JSON_NAME && depth == 1)
	{
		jwk->next = -1;
		for (int i = 0; i < MEMBER_COUNT; i++)
		{
			if (ud_span_is(text, member_names[i]))
				jwk->next = i;
		}
		jwk->in_operations = ud_span_is(text, "key_ops");
		jwk->has_operations |= jwk->in_operations;
	}
	else if (depth == 1 && jwk->next >= 0)
	{
		if (event == UD_JSON_STRING)
			jwk->members[jwk->next] = text;
		else
			jwk->is_odd = true;
		jwk->next = -1;
	}
	else if (jwk->in_operations)
		note_operation(jwk, event, text, depth);
}

/* push_number adds a number of a JWK to OpenSSL's description of a key. */
static bool
push_number(OSSL_PARAM_BLD *builder, const char *name, UdSpan text, BIGNUM **number)
{
	uint8 bytes[UD_KEY_MAX_RSA_BITS / 8 + 4];
	size_t length;
	bool ok = text.length > 0 && UD_BASE64_DECODED_SIZE(text.length) <= sizeof(bytes) &&
			  ud_base64url_decode(text.data, text.length, bytes, &length);

	if (ok)
	{
		*number = BN_secure_new();
		ok = *number != NULL && BN_bin2bn(bytes, (int)length, *number) != NULL &&
			 OSSL_PARAM_BLD_push_BN(builder, name, *number) == 1;
	}
	sodium_memzero(bytes, sizeof(bytes));
	return ok;
}

/* make_pkey makes OpenSSL's key out of its description; NULL when it refuses. */
static EVP_PKEY *
make_pkey(const char *type, OSSL_PARAM_BLD *builder, bool has_private)
{
	OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY_CTX *state = EVP_PKEY_CTX_new_from_name(ud_openssl_context(), type, NULL);
	EVP_PKEY *pkey = NULL;

	if (parameters != NULL && state != NULL && EVP_PKEY_fromdata_init(state) == 1)
		EVP_PKEY_fromdata(state, &pkey, has_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
						  parameters);
	EVP_PKEY_CTX_free(state);
	OSSL_PARAM_free(parameters);
	return pkey;
}

static EVP_PKEY *
read_rsa(const Jwk *jwk, bool has_private)
{
	static const struct
	{
		int member;
		const char *name;
	} numbers[] = {{N, OSSL_PKEY_PARAM_RSA_N},          {E, OSSL_PKEY_PARAM_RSA_E},
				   {D, OSSL_PKEY_PARAM_RSA_D},          {P, OSSL_PKEY_PARAM_RSA_FACTOR1},
				   {Q, OSSL_PKEY_PARAM_RSA_FACTOR2},    {DP, OSSL_PKEY_PARAM_RSA_EXPONENT1},
				   {DQ, OSSL_PKEY_PARAM_RSA_EXPONENT2}, {QI, OSSL_PKEY_PARAM_RSA_COEFFICIENT1}};
	BIGNUM *held[lengthof(numbers)] = {NULL};
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	EVP_PKEY *pkey = NULL;
	bool ok = builder != NULL;

	for (size_t i = 0; ok && i < (has_private ? lengthof(numbers) : 2); i++)
		ok = push_number(builder, numbers[i].name, jwk->members[numbers[i].member], &held[i]);
	if (ok)
		pkey = make_pkey("RSA", builder, has_private);
	OSSL_PARAM_BLD_free(builder);
	for (size_t i = 0; i < lengthof(held); i++)
		BN_clear_free(held[i]);
	return pkey;
}

/* read_coordinate decodes a coordinate, which must have exactly as many bytes as the field. */
static bool
read_coordinate(UdSpan text, uint8 *target, size_t length)
{
	uint8 bytes[96];
	size_t decoded;
	bool ok = UD_BASE64_DECODED_SIZE(text.length) <= sizeof(bytes) &&
			  ud_base64url_decode(text.data, text.length, bytes, &decoded) && decoded == length;

	if (ok)
		memcpy(target, bytes, length);
	sodium_memzero(bytes, sizeof(bytes));
	return ok;
}

static EVP_PKEY *
read_ec(const Jwk *jwk, const UdAlgorithm *algorithm, bool has_private)
{
	const size_t length = algorithm->coordinate_bytes;
	uint8 point[1 + 2 * 66] = {POINT_CONVERSION_UNCOMPRESSED};
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *number = NULL;
	EVP_PKEY *pkey = NULL;
	bool ok = builder != NULL && read_coordinate(jwk->members[X], point + 1, length) &&
			  read_coordinate(jwk->members[Y], point + 1 + length, length) &&
			  OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, algorithm->group,
											  0) == 1 &&
			  OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point,
											   1 + 2 * length) == 1;

	if (ok && has_private)
		ok = push_number(builder, OSSL_PKEY_PARAM_PRIV_KEY, jwk->members[D], &number);
	if (ok)
		pkey = make_pkey("EC", builder, has_private);
	OSSL_PARAM_BLD_free(builder);
	BN_clear_free(number);
	return pkey;
}

static EVP_PKEY *
read_ed25519(const Jwk *jwk, bool has_private)
{
	uint8 public_bytes[32];
	uint8 seed[32];
	EVP_PKEY *pkey = NULL;
	uint8 derived[32];
	size_t length = sizeof(derived);

	if (!read_coordinate(jwk->members[X], public_bytes, sizeof(public_bytes)))
		return NULL;
	if (!has_private)
		return EVP_PKEY_new_raw_public_key_ex(ud_openssl_context(), "ED25519", NULL, public_bytes,
											  sizeof(public_bytes));
	if (read_coordinate(jwk->members[D], seed, sizeof(seed)))
		pkey = EVP_PKEY_new_raw_private_key_ex(ud_openssl_context(), "ED25519", NULL, seed,
											   sizeof(seed));
	sodium_memzero(seed, sizeof(seed));
	/* The public half is computed, so the one that was sent has to be compared. */
	if (pkey != NULL && (EVP_PKEY_get_raw_public_key(pkey, derived, &length) != 1 ||
						 memcmp(derived, public_bytes, sizeof(derived)) != 0))
	{
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	return pkey;
}

/* algorithm_on_curve returns the algorithm that a curve is for, or NULL. */
static const UdAlgorithm *
algorithm_on_curve(UdSpan curve)
{
	static const char *const names[] = {"ES256", "ES384", "ES512", "EdDSA"};

	for (size_t i = 0; i < lengthof(names); i++)
	{
		const UdAlgorithm *algorithm = ud_algorithm_find(ud_span_of(names[i]));

		if (ud_span_is(curve, algorithm->curve))
			return algorithm;
	}
	return NULL;
}

/* read_pkey makes OpenSSL's key out of a JWK; NULL when it is none. */
static EVP_PKEY *
read_pkey(const Jwk *jwk, bool has_private, const char **problem)
{
	const UdAlgorithm *on_curve = algorithm_on_curve(jwk->members[CRV]);
	UdSpan type = jwk->members[KTY];

	*problem = "lacks a member, or has one that is no number or point";
	if (ud_span_is(type, "RSA"))
		return read_rsa(jwk, has_private);
	if (ud_span_is(type, "EC") && on_curve != NULL && on_curve->type == UD_KEY_EC)
		return read_ec(jwk, on_curve, has_private);
	if (ud_span_is(type, "OKP") && on_curve != NULL && on_curve->type == UD_KEY_ED25519)
		return read_ed25519(jwk, has_private);
	*problem = "is of a type or on a curve that is not supported";
	return NULL;
}

/* check_jwk returns what is wrong with the members that say what the key is for, or NULL. */
static const char *
check_jwk(const Jwk *jwk, const UdAlgorithm **algorithm, bool wants_private)
{
	const UdAlgorithm *named = ud_algorithm_find(jwk->members[ALG]);
	bool has_private = jwk->members[D].data != NULL;

	if (jwk->is_odd)
		return "has a member that must be a string, or an array of strings, and is not";
	if (jwk->members[USE].data != NULL && !ud_span_is(jwk->members[USE], "sig"))
		return "is not for signatures";
	if (jwk->has_operations && !(wants_private ? jwk->may_sign : jwk->may_verify))
		return wants_private ? "is not for signing" : "is not for verifying";
	if (jwk->members[ALG].data != NULL && named == NULL)
		return "is for an algorithm that is not supported";
	if (*algorithm != NULL && named != NULL && named != *algorithm)
		return "is for another algorithm";
	if (*algorithm == NULL)
		*algorithm = named;
	if (jwk->members[K].data != NULL)
		return "is a shared secret";
	if (wants_private && !has_private)
		return "has no private part";
	if (!wants_private && has_private)
		return "has a private part, which must not be shown";
	return NULL;
}

UdKey *
ud_key_from_jwk(UdSpan json, const UdAlgorithm *algorithm, bool wants_private, const char **problem)
{
	Jwk jwk = {.next = -1};
	UdJsonListener listener = {note, &jwk};
	char *scratch;
	EVP_PKEY *pkey = NULL;
	UdKey *key = NULL;
	UdJsonFault fault;

	*problem = "is longer than 64 kB";
	if (json.length > UD_KEY_MAX_TEXT)
		return NULL;
	scratch = palloc(json.length + 1);
	fault = ud_json_read(json, MAX_JWK_DEPTH, scratch, &listener);
	*problem = fault != UD_JSON_FINE ? ud_json_fault_text(fault)
									 : check_jwk(&jwk, &algorithm, wants_private);
	if (*problem == NULL)
		pkey = read_pkey(&jwk, wants_private, problem);
	ERR_clear_error();
	if (pkey != NULL)
		key = ud_key_adopt(pkey, algorithm, wants_private, problem);
	if (key != NULL && jwk.members[KID].length > 0)
		memcpy(key->kid, jwk.members[KID].data, Min(jwk.members[KID].length, sizeof(key->kid) - 1));
	sodium_memzero(scratch, json.length);
	pfree(scratch);
	return key;
}

/* no_passphrase answers OpenSSL's question for the passphrase of a PEM: there is none. */
static int
no_passphrase(char *buffer, int size, int writing, void *context)
{
	return -1;
}

/* read_public_pem reads a public key or the key of a certificate; NULL when it is neither. */
static EVP_PKEY *
read_public_pem(UdSpan pem)
{
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.length);
	EVP_PKEY *pkey = NULL;
	X509 *certificate = NULL;

	if (bio != NULL)
		pkey = PEM_read_bio_PUBKEY_ex(bio, NULL, no_passphrase, NULL, ud_openssl_context(), NULL);
	if (bio != NULL && pkey == NULL && BIO_reset(bio) == 1)
	{
		certificate = X509_new_ex(ud_openssl_context(), NULL);
		if (certificate != NULL &&
			PEM_read_bio_X509(bio, &certificate, no_passphrase, NULL) != NULL)
			pkey = X509_get_pubkey(certificate);
	}
	X509_free(certificate);
	BIO_free(bio);
	return pkey;
}

UdKey *
ud_key_from_pem(UdSpan pem, const UdAlgorithm *algorithm, bool wants_private, const char **problem)
{
	EVP_PKEY *pkey = NULL;

	*problem = "is longer than 64 kB";
	if (pem.length > UD_KEY_MAX_TEXT)
		return NULL;
	if (wants_private)
	{
		BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.length);

		if (bio != NULL)
			pkey = PEM_read_bio_PrivateKey_ex(bio, NULL, no_passphrase, NULL, ud_openssl_context(),
											  NULL);
		BIO_free(bio);
		*problem = "is no private key in PEM that can be read without a passphrase";
	}
	else
	{
		pkey = read_public_pem(pem);
		*problem = "is neither a public key nor a certificate in PEM";
	}
	ERR_clear_error();
	return pkey != NULL ? ud_key_adopt(pkey, algorithm, wants_private, problem) : NULL;
}

char *
ud_key_public_pem(const UdKey *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *written = NULL;
	long length = 0;
	char *pem = NULL;

	if (bio != NULL && PEM_write_bio_PUBKEY(bio, key->pkey) == 1)
		length = BIO_get_mem_data(bio, &written);
	if (length > 0)
		pem = MemoryContextAllocExtended(CurrentMemoryContext, (Size)length + 1, MCXT_ALLOC_NO_OOM);
	if (pem != NULL)
	{
		memcpy(pem, written, (size_t)length);
		pem[length] = '\0';
	}
	BIO_free(bio);
	ERR_clear_error();
	return pem;
}

UdKey *
ud_key_from_der(const uint8 *der, size_t length, const UdAlgorithm *algorithm, const char **problem)
{
	EVP_PKEY *pkey = d2i_AutoPrivateKey_ex(NULL, &der, (long)length, ud_openssl_context(), NULL);

	ERR_clear_error();
	*problem = "is no private key in DER";
	return pkey != NULL ? ud_key_adopt(pkey, algorithm, true, problem) : NULL;
}

/* number_text returns a number of a key in base64url, in at least as many bytes as asked for. */
static char *
number_text(const EVP_PKEY *pkey, const char *name, size_t least_bytes)
{
	BIGNUM *number = NULL;
	uint8 bytes[UD_KEY_MAX_RSA_BITS / 8];
	char text[UD_BASE64_SIZE(sizeof(bytes))];
	int length = -1;

	if (EVP_PKEY_get_bn_param(pkey, name, &number) == 1 && BN_num_bytes(number) <= sizeof(bytes))
		length = BN_bn2binpad(number, bytes, Max(BN_num_bytes(number), (int)least_bytes));
	BN_free(number);
	if (length < 0)
		return NULL;
	ud_base64url_encode(bytes, (size_t)length, text);
	return pstrdup(text);
}

char *
ud_key_public_jwk(const UdKey *key)
{
	const UdAlgorithm *algorithm = key->algorithm;
	char *first;
	char *second;

	switch (algorithm->type)
	{
		case UD_KEY_RSA:
			first = number_text(key->pkey, OSSL_PKEY_PARAM_RSA_E, 0);
			second = number_text(key->pkey, OSSL_PKEY_PARAM_RSA_N, 0);
			return first == NULL || second == NULL
					   ? NULL
					   : psprintf("{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"}", first, second);
		case UD_KEY_EC:
			first = number_text(key->pkey, OSSL_PKEY_PARAM_EC_PUB_X, algorithm->coordinate_bytes);
			second = number_text(key->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, algorithm->coordinate_bytes);
			return first == NULL || second == NULL
					   ? NULL
					   : psprintf("{\"crv\":\"%s\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}",
								  algorithm->curve, first, second);
		case UD_KEY_ED25519:
			first = palloc(UD_BASE64_SIZE(sizeof(key->ed_public)));
			ud_base64url_encode(key->ed_public, sizeof(key->ed_public), first);
			return psprintf("{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%s\"}", first);
	}
	return NULL;
}

void
ud_key_thumbprint(const char *public_jwk, char *kid)
{
	uint8 hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const uint8 *)public_jwk, strlen(public_jwk));
	ud_base64url_encode(hash, sizeof(hash), kid);
}

uint8 *
ud_key_private_der(const UdKey *key, size_t *length)
{
	uint8 *der = NULL;
	PKCS8_PRIV_KEY_INFO *form = key->has_private ? EVP_PKEY2PKCS8(key->pkey) : NULL;
	int size = form != NULL ? i2d_PKCS8_PRIV_KEY_INFO(form, &der) : -1;
	uint8 *copy = NULL;

	if (size > 0)
	{
		copy = MemoryContextAllocExtended(CurrentMemoryContext, (Size)size, MCXT_ALLOC_NO_OOM);
		*length = (size_t)size;
		if (copy != NULL)
			memcpy(copy, der, (size_t)size);
		OPENSSL_clear_free(der, (size_t)size);
	}
	PKCS8_PRIV_KEY_INFO_free(form);
	ERR_clear_error();
	return copy;
}

/* Ten years: the key goes long before its certificate. */
#define CERTIFICATE_SECONDS (10L * 365 * 24 * 60 * 60)

static bool
fill_certificate(X509 *certificate, UdKey *key, const char *name)
{
	X509_NAME *subject = X509_get_subject_name(certificate);
	uint8 serial_bytes[15];
	BIGNUM *serial;
	bool ok;

	randombytes_buf(serial_bytes, sizeof(serial_bytes));
	serial_bytes[0] = (serial_bytes[0] & 0x3f) | 0x40;
	serial = BN_bin2bn(serial_bytes, sizeof(serial_bytes), NULL);
	ok = serial != NULL && BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate)) != NULL &&
		 X509_set_version(certificate, X509_VERSION_3) == 1 &&
		 X509_gmtime_adj(X509_getm_notBefore(certificate), 0) != NULL &&
		 X509_gmtime_adj(X509_getm_notAfter(certificate), CERTIFICATE_SECONDS) != NULL &&
		 X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const uint8 *)name, -1, -1, 0) ==
			 1 &&
		 X509_set_issuer_name(certificate, subject) == 1 &&
		 X509_set_pubkey(certificate, key->pkey) == 1 &&
		 X509_sign(certificate, key->pkey, key->digest) > 0;
	BN_free(serial);
	return ok;
}

uint8 *
ud_key_certificate(UdKey *key, const char *name, size_t *length)
{
	X509 *certificate = X509_new_ex(ud_openssl_context(), NULL);
	uint8 *der = NULL;
	uint8 *copy = NULL;
	int size = -1;

	if (certificate != NULL && fill_certificate(certificate, key, name))
		size = i2d_X509(certificate, &der);
	if (size > 0)
	{
		copy = MemoryContextAllocExtended(CurrentMemoryContext, (Size)size, MCXT_ALLOC_NO_OOM);
		if (copy != NULL)
			memcpy(copy, der, (size_t)size);
		*length = (size_t)size;
		OPENSSL_free(der);
	}
	X509_free(certificate);
	ERR_clear_error();
	return copy;
}
