/*
 * primitives.c: digests, key derivation and the one cipher that password hashes are made of.
 */
#include "base/userdir.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "crypto/openssl_context.h"
#include "crypto/primitives.h"

/* From here on memory goes back to the system at once. */
#define MUCH_MEMORY (1024 * 1024)

static const UdDigest digests[] = {
	{"md4", "MD4", 16, 10},
	{"md5", "MD5", 16, 10},
	{"md5-sha1", "MD5-SHA1", 36, 4},
	{"mdc2", "MDC2", 16, 1},
	{"ripemd160", "RIPEMD160", 20, 4},
	{"sha1", "SHA1", 20, 10},
	{"sha224", "SHA224", 28, 10},
	{"sha256", "SHA256", 32, 10},
	{"sha384", "SHA384", 48, 5},
	{"sha512", "SHA512", 64, 5},
	{"sha512-224", "SHA512-224", 28, 5},
	{"sha512-256", "SHA512-256", 32, 5},
	{"sha3-224", "SHA3-224", 28, 3},
	{"sha3-256", "SHA3-256", 32, 3},
	{"sha3-384", "SHA3-384", 48, 3},
	{"sha3-512", "SHA3-512", 64, 3},
	{"blake2b512", "BLAKE2B-512", 64, 4},
	{"blake2s256", "BLAKE2S-256", 32, 4},
	{"sm3", "SM3", 32, 3},
	{"whirlpool", "WHIRLPOOL", 64, 1},
};

/* Names that no rule below makes out of ours. */
static const char *const aliases[][2] = {
	{"ripemd", "ripemd160"},
	{"ripemd-160", "ripemd160"},
	{"rmd160", "ripemd160"},
	{"ripemd160withrsa", "ripemd160"},
	{"mdc2withrsa", "mdc2"},
	{"sha1-2", "sha1"},
	{"sha-1", "sha1"},
	{"sha-224", "sha224"},
	{"sha-256", "sha256"},
	{"sha-384", "sha384"},
	{"sha-512", "sha512"},
	{"sha2-224", "sha224"},
	{"sha2-256", "sha256"},
	{"sha2-384", "sha384"},
	{"sha2-512", "sha512"},
	{"sha512/224", "sha512-224"},
	{"sha512/256", "sha512-256"},
	{"sha-512/224", "sha512-224"},
	{"sha-512/256", "sha512-256"},
	{"sha2-512/224", "sha512-224"},
	{"sha2-512/256", "sha512-256"},
	{"blake2b-512", "blake2b512"},
	{"blake2s-256", "blake2s256"},
};

static const char *const prefixes[] = {"rsa-", "ssl3-", "id-rsassa-pkcs1-v1_5-with-"};

static const char rsa_suffix[] = "withrsaencryption";

/* finish passes a result on and leaves OpenSSL's queue of errors empty for the server. */
static bool
finish(bool ok)
{
	if (!ok)
		ERR_clear_error();
	return ok;
}

static const UdDigest *
find_exactly(const char *name)
{
	for (size_t i = 0; i < lengthof(aliases); i++)
	{
		if (strcmp(name, aliases[i][0]) == 0)
			name = aliases[i][1];
	}
	for (size_t i = 0; i < lengthof(digests); i++)
	{
		if (strcmp(name, digests[i].name) == 0)
			return &digests[i];
	}
	return NULL;
}

const UdDigest *
ud_digest_find(UdSpan name)
{
	char lower[UD_DIGEST_MAX_NAME_LENGTH + 1];
	const char *start = lower;
	size_t end = name.length;

	if (name.length > UD_DIGEST_MAX_NAME_LENGTH || memchr(name.data, '\0', name.length) != NULL)
		return NULL;
	for (size_t i = 0; i < name.length; i++)
		lower[i] =
			(name.data[i] >= 'A' && name.data[i] <= 'Z') ? name.data[i] | 0x20 : name.data[i];
	lower[end] = '\0';

	for (size_t i = 0; i < lengthof(prefixes); i++)
	{
		if (strncmp(start, prefixes[i], strlen(prefixes[i])) == 0)
		{
			start += strlen(prefixes[i]);
			break;
		}
	}
	end = strlen(start);
	if (end > strlen(rsa_suffix) && strcmp(start + end - strlen(rsa_suffix), rsa_suffix) == 0)
		lower[start - lower + end - strlen(rsa_suffix)] = '\0';
	return find_exactly(start);
}

/* fetch_digest returns OpenSSL's implementation, to be freed by EVP_MD_free, or NULL. */
static EVP_MD *
fetch_digest(const UdDigest *digest)
{
	OSSL_LIB_CTX *context = ud_openssl_context();

	return context ? EVP_MD_fetch(context, digest->openssl_name, NULL) : NULL;
}

void
ud_digest_require(const UdDigest *digest)
{
	EVP_MD *md = fetch_digest(digest);

	finish(md != NULL);
	if (md == NULL)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("digest %s is not available", digest->name),
						errdetail("This server's OpenSSL does not have it."),
						errhint("It may be in OpenSSL's legacy provider, a module of its own."),
						errhidestmt(true), errhidecontext(true)));
	EVP_MD_free(md);
}

static bool
digest_both(EVP_MD_CTX *state, const EVP_MD *md, UdBytes first, UdBytes second, uint8 *result)
{
	return EVP_DigestInit_ex(state, md, NULL) == 1 &&
		   EVP_DigestUpdate(state, first.bytes, first.length) == 1 &&
		   EVP_DigestUpdate(state, second.bytes, second.length) == 1 &&
		   EVP_DigestFinal_ex(state, result, NULL) == 1;
}

bool
ud_digest_compute(const UdDigest *digest, UdBytes first, UdBytes second, uint32 repeats,
				  uint8 *result)
{
	EVP_MD *md = fetch_digest(digest);
	EVP_MD_CTX *state = EVP_MD_CTX_new();
	bool ok = md != NULL && state != NULL && digest_both(state, md, first, second, result);

	first = (UdBytes){result, digest->length};
	for (uint32 i = 0; ok && i < repeats; i++)
		ok = digest_both(state, md, first, second, result);
	EVP_MD_CTX_free(state);
	EVP_MD_free(md);
	return finish(ok);
}

bool
ud_hmac_compute(const UdDigest *digest, UdBytes key, UdBytes first, UdBytes second, uint8 *result)
{
	OSSL_LIB_CTX *context = ud_openssl_context();
	EVP_MAC *mac = context ? EVP_MAC_fetch(context, "HMAC", NULL) : NULL;
	EVP_MAC_CTX *state = mac ? EVP_MAC_CTX_new(mac) : NULL;
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest->openssl_name, 0),
		OSSL_PARAM_construct_end()};
	size_t written = 0;
	bool ok = state != NULL && EVP_MAC_init(state, key.bytes, key.length, parameters) == 1 &&
			  EVP_MAC_update(state, first.bytes, first.length) == 1 &&
			  EVP_MAC_update(state, second.bytes, second.length) == 1 &&
			  EVP_MAC_final(state, result, &written, digest->length) == 1 &&
			  written == digest->length;

	EVP_MAC_CTX_free(state);
	EVP_MAC_free(mac);
	return finish(ok);
}

/* derive runs one of OpenSSL's key derivation functions. */
static bool
derive(const char *name, const OSSL_PARAM *parameters, uint8 *result, size_t length)
{
	OSSL_LIB_CTX *context = ud_openssl_context();
	EVP_KDF *kdf = context ? EVP_KDF_fetch(context, name, NULL) : NULL;
	EVP_KDF_CTX *state = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	bool ok = state != NULL && EVP_KDF_derive(state, result, length, parameters) == 1;

	EVP_KDF_CTX_free(state);
	EVP_KDF_free(kdf);
	return finish(ok);
}

bool
ud_pbkdf2_compute(const UdDigest *digest, UdBytes password, UdBytes salt, uint32 iterations,
				  uint8 *result, size_t length)
{
	int unchecked = 1; /* no lower limits: what others have made is to be verified */
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)digest->openssl_name, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, (void *)password.bytes,
										  password.length),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt.bytes, salt.length),
		OSSL_PARAM_construct_uint(OSSL_KDF_PARAM_ITER, &iterations),
		OSSL_PARAM_construct_int(OSSL_KDF_PARAM_PKCS5, &unchecked),
		OSSL_PARAM_construct_end()};

	return derive("PBKDF2", parameters, result, length);
}

bool
ud_scrypt_compute(UdBytes password, UdBytes salt, uint32 log_n, uint32 r, uint32 p, uint8 *result,
				  size_t length)
{
	uint64_t n = UINT64CONST(1) << log_n;
	uint64_t memory = UINT64_MAX; /* the caller has bounded it */
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, (void *)password.bytes,
										  password.length),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt.bytes, salt.length),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
		OSSL_PARAM_construct_end()};
	bool ok = derive("SCRYPT", parameters, result, length);

	ud_memory_give_back(128 * n * r);
	return ok;
}

void
ud_memory_give_back(uint64 bytes)
{
#ifdef __GLIBC__
	if (bytes >= MUCH_MEMORY)
		malloc_trim(0);
#endif
}

bool
ud_aes256_ctr_compute(const uint8 *key, UdBytes plain, uint8 *result)
{
	static const uint8 counter[16] = {0};
	OSSL_LIB_CTX *context = ud_openssl_context();
	EVP_CIPHER *cipher = context ? EVP_CIPHER_fetch(context, "AES-256-CTR", NULL) : NULL;
	EVP_CIPHER_CTX *state = EVP_CIPHER_CTX_new();
	int written = 0;
	bool ok = cipher != NULL && state != NULL &&
			  EVP_EncryptInit_ex2(state, cipher, key, counter, NULL) == 1 &&
			  EVP_EncryptUpdate(state, result, &written, plain.bytes, (int)plain.length) == 1 &&
			  (size_t)written == plain.length;

	EVP_CIPHER_CTX_free(state);
	EVP_CIPHER_free(cipher);
	return finish(ok);
}
