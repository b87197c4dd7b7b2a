/*
 * seal.c: what must be readable again, sealed under the root key, which is not in the database.
 *
 * Layout of a sealed value: a byte with the version, eight bytes of the root key's id, the nonce,
 * and the ciphertext with its tag. Version, id and purpose are authenticated with it.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/directory.h"
#include "base/statement.h"
#include "crypto/root_key.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "crypto/secret_log.h"

#define VERSION     1
#define ID_BYTES    8
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES   crypto_aead_xchacha20poly1305_ietf_ABYTES
#define HEAD_BYTES  (1 + ID_BYTES)
#define OVERHEAD    (HEAD_BYTES + NONCE_BYTES + TAG_BYTES)
#define MAX_LENGTH  (1024 * 1024)
#define MAX_PURPOSE 4096

/* holds_sealed returns whether something in this database is sealed already. */
static bool
holds_sealed(void)
{
	static UdStatement statement = {"SELECT userdir._holds_sealed()", 0, {0}};
	Oid caller;
	int context;
	Datum value;
	bool is_null = true;

	GetUserIdAndSecContext(&caller, &context);
	SetUserIdAndSecContext(ud_directory_owner(), context | SECURITY_LOCAL_USERID_CHANGE);
	ud_statement_fetch(&statement, NULL, &value, &is_null, 1);
	SetUserIdAndSecContext(caller, context);
	return !is_null && DatumGetBool(value);
}

/* current_key returns the root key in use, a new one where there was never need of any. */
static const UdRootKey *
current_key(void)
{
	bool can_create = !ud_root_key_exists() && !holds_sealed();

	return ud_root_key_current(can_create);
}

/* bound_data returns what is authenticated with the ciphertext. */
static uint8 *
bound_data(const uint8 *head, const char *purpose, size_t *length)
{
	size_t purpose_length = strlen(purpose);
	uint8 *data;

	if (purpose_length == 0 || purpose_length > MAX_PURPOSE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the purpose of a sealed value must have 1 to %d bytes", MAX_PURPOSE)));
	*length = HEAD_BYTES + purpose_length;
	data = palloc(*length);
	memcpy(data, head, HEAD_BYTES);
	memcpy(data + HEAD_BYTES, purpose, purpose_length);
	return data;
}

bytea *
ud_seal(const char *purpose, const void *plain, size_t length)
{
	const UdRootKey *key = current_key();
	bytea *sealed;
	uint8 *head;
	uint8 *bound;
	size_t bound_length;
	size_t id_length;

	if (length > MAX_LENGTH)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("a value to be sealed is longer than %d bytes", MAX_LENGTH)));
	sealed = palloc(VARHDRSZ + OVERHEAD + length);
	SET_VARSIZE(sealed, VARHDRSZ + OVERHEAD + length);
	head = (uint8 *)VARDATA(sealed);
	head[0] = VERSION;
	sodium_hex2bin(head + 1, ID_BYTES, key->id + 3, 2 * ID_BYTES, NULL, &id_length, NULL);
	randombytes_buf(head + HEAD_BYTES, NONCE_BYTES);
	bound = bound_data(head, purpose, &bound_length);
	crypto_aead_xchacha20poly1305_ietf_encrypt(head + HEAD_BYTES + NONCE_BYTES, NULL, plain, length,
											   bound, bound_length, NULL, head + HEAD_BYTES,
											   key->bytes);
	pfree(bound);
	return sealed;
}

bool
ud_seal_key_id(const bytea *sealed, char *id)
{
	const uint8 *head = (const uint8 *)VARDATA_ANY(sealed);

	if (VARSIZE_ANY_EXHDR(sealed) < OVERHEAD || head[0] != VERSION)
		return false;
	memcpy(id, "rk_", 3);
	sodium_bin2hex(id + 3, 2 * ID_BYTES + 1, head + 1, ID_BYTES);
	return true;
}

static void
pg_attribute_noreturn() raise_broken(const char *purpose)
{
	ereport(ERROR, (errcode(UD_ERR_SEAL_BROKEN), errmsg("a sealed value cannot be opened"),
					errdetail("It is damaged, or was not sealed as \"%s\".", purpose)));
}

uint8 *
ud_unseal(const char *purpose, const bytea *sealed, size_t *length)
{
	char id[UD_ROOT_KEY_ID_LENGTH + 1];
	const uint8 *head = (const uint8 *)VARDATA_ANY(sealed);
	const UdRootKey *key;
	uint8 *plain;
	uint8 *bound;
	size_t bound_length;
	bool ok;

	if (!ud_seal_key_id(sealed, id))
		raise_broken(purpose);
	key = ud_root_key_find(id);
	*length = VARSIZE_ANY_EXHDR(sealed) - OVERHEAD;
	plain = palloc(*length + 1);
	bound = bound_data(head, purpose, &bound_length);
	ok = crypto_aead_xchacha20poly1305_ietf_decrypt(
			 plain, NULL, NULL, head + HEAD_BYTES + NONCE_BYTES, *length + TAG_BYTES, bound,
			 bound_length, head + HEAD_BYTES, key->bytes) == 0;
	pfree(bound);
	if (!ok)
		raise_broken(purpose);
	plain[*length] = '\0';
	return plain;
}

void
ud_unseal_wipe(uint8 *plain, size_t length)
{
	sodium_memzero(plain, length);
	pfree(plain);
}

UD_FUNCTION(userdir__seal_text);

/*
 * userdir__seal_text seals a secret, as it was typed, in UTF-8. Errors: those of ud_seal.
 */
Datum
userdir__seal_text(PG_FUNCTION_ARGS)
{
	char *purpose = text_to_cstring(PG_GETARG_TEXT_PP(0));
	ErrorContextCallback frame;
	UdSecret secret;
	bytea *sealed = NULL;

	ud_secret_log_hide(&frame);
	ud_secret_open(PG_GETARG_DATUM(1), &secret);
	PG_TRY();
	{
		sealed = ud_seal(purpose, secret.typed, secret.typed_length);
	}
	PG_FINALLY();
	{
		ud_secret_close(&secret);
	}
	PG_END_TRY();
	ud_secret_log_show(&frame);
	PG_RETURN_BYTEA_P(sealed);
}

UD_FUNCTION(userdir__sealed_key_id);

/*
 * userdir__sealed_key_id returns the id of the root key that a value is sealed under. Errors: UD051
 * when it is none that was sealed.
 */
Datum
userdir__sealed_key_id(PG_FUNCTION_ARGS)
{
	char id[UD_ROOT_KEY_ID_LENGTH + 1];

	if (!ud_seal_key_id(PG_GETARG_BYTEA_PP(0), id))
		ereport(ERROR, (errcode(UD_ERR_SEAL_BROKEN), errmsg("this is no sealed value")));
	PG_RETURN_TEXT_P(cstring_to_text(id));
}

UD_FUNCTION(userdir__reseal);

/*
 * userdir__reseal seals what a sealed value holds anew, under the root key in use. Errors: those of
 * ud_unseal and ud_seal.
 */
Datum
userdir__reseal(PG_FUNCTION_ARGS)
{
	char *purpose = text_to_cstring(PG_GETARG_TEXT_PP(0));
	bytea *sealed = PG_GETARG_BYTEA_PP(1);
	size_t length;
	uint8 *plain = ud_unseal(purpose, sealed, &length);
	bytea *anew = NULL;

	PG_TRY();
	{
		anew = ud_seal(purpose, plain, length);
	}
	PG_FINALLY();
	{
		ud_unseal_wipe(plain, length);
	}
	PG_END_TRY();
	PG_RETURN_BYTEA_P(anew);
}
