/*
 * secret.c: type userdir.secret, in which passwords arrive.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "crypto/secret.h"
#include "crypto/secret_log.h"
#include "crypto/secret_text.h"

/* What stands for every secret in whatever is printed. */
static const char redacted[] = "[redacted]";

/* Sealed lengths are multiples of this, so that they say little. */
#define PADDING 64

/* What is sealed begins with this; the bytes follow. A typed_length of 0 means "the same". */
typedef struct SecretHeader
{
	uint16 normalized_length;
	uint16 typed_length;
} SecretHeader;

#define MAX_OPEN_SIZE (sizeof(SecretHeader) + 2 * UD_SECRET_MAX_LENGTH + PADDING)
#define SEAL_OVERHEAD (crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES)

/*
 * session_key returns the key of this process, which is made at the first use and never leaves it.
 */
static const uint8 *
session_key(void)
{
	static uint8 key[crypto_secretbox_KEYBYTES];
	static int owner = 0;

	if (owner != MyProcPid)
	{
		randombytes_buf(key, sizeof(key));
		owner = MyProcPid;
	}
	return key;
}

static void
raise_too_long(void)
{
	ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					errmsg("the secret is longer than %d bytes", UD_SECRET_MAX_LENGTH)));
}

/* seal encrypts and authenticates size bytes into a new datum. */
static Datum
seal(const uint8 *open, size_t size)
{
	size_t total = VARHDRSZ + SEAL_OVERHEAD + size;
	bytea *sealed = palloc(total);
	uint8 *nonce = (uint8 *)VARDATA(sealed);

	SET_VARSIZE(sealed, total);
	randombytes_buf(nonce, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(nonce + crypto_secretbox_NONCEBYTES, open, size, nonce, session_key());
	return PointerGetDatum(sealed);
}

/*
 * write_secret puts header and bytes of a text into open, which has MAX_OPEN_SIZE bytes of zeros,
 * and returns the size with padding.
 */
static size_t
write_secret(const char *text, size_t length, uint8 *open)
{
	uint8 *normalized = open + sizeof(SecretHeader);
	uint8 *typed = normalized + UD_SECRET_MAX_LENGTH;
	SecretHeader header;
	size_t size;
	bool fits;

	header.typed_length = ud_secret_text_to_utf8(text, length, typed, UD_SECRET_MAX_LENGTH, &fits);
	if (!fits)
		raise_too_long();
	header.normalized_length = ud_secret_text_normalize(typed, header.typed_length, normalized,
														UD_SECRET_MAX_LENGTH, &fits);
	if (!fits)
		raise_too_long();

	if (header.typed_length == header.normalized_length &&
		memcmp(normalized, typed, header.typed_length) == 0)
		header.typed_length = 0;
	memmove(normalized + header.normalized_length, typed, header.typed_length);
	memcpy(open, &header, sizeof(header));
	size = sizeof(header) + header.normalized_length + header.typed_length;
	return (size + PADDING - 1) / PADDING * PADDING;
}

/* make_secret returns the datum for a text in the database's encoding. */
static Datum
make_secret(const char *text, size_t length)
{
	ErrorContextCallback frame;
	uint8 *open = palloc0(MAX_OPEN_SIZE);
	Datum sealed = (Datum)0;

	ud_secret_log_hide(&frame);

	/* A column of this type would come out of a dump as many copies of one known password. */
	if (length == strlen(redacted) && memcmp(text, redacted, length) == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
						errmsg("a secret cannot be read back from what stands for it"),
						errdetail("Every secret is printed as \"%s\".", redacted)));

	PG_TRY();
	{
		size_t size = write_secret(text, length, open);

		sealed = seal(open, size);
	}
	PG_FINALLY();
	{
		sodium_memzero(open, MAX_OPEN_SIZE);
		pfree(open);
	}
	PG_END_TRY();

	ud_secret_log_show(&frame);
	return sealed;
}

void
ud_secret_open(Datum datum, UdSecret *secret)
{
	bytea *sealed = PG_DETOAST_DATUM_PACKED(datum);
	const uint8 *nonce = (const uint8 *)VARDATA_ANY(sealed);
	size_t length = VARSIZE_ANY_EXHDR(sealed);
	SecretHeader header;

	secret->size = length > SEAL_OVERHEAD ? length - SEAL_OVERHEAD : 0;
	secret->bytes = palloc(secret->size + 1);
	if (secret->size < sizeof(header) ||
		crypto_secretbox_open_easy(secret->bytes, nonce + crypto_secretbox_NONCEBYTES,
								   length - crypto_secretbox_NONCEBYTES, nonce, session_key()) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the secret was made in another session"),
				 errdetail("Type %s.secret passes passwords to functions; it cannot store them.",
						   UD_SCHEMA),
				 errhidestmt(true), errhidecontext(true)));

	memcpy(&header, secret->bytes, sizeof(header));
	secret->normalized = secret->bytes + sizeof(header);
	secret->normalized_length = header.normalized_length;
	secret->typed = secret->normalized;
	secret->typed_length = secret->normalized_length;
	if (header.typed_length > 0)
	{
		secret->typed = secret->normalized + header.normalized_length;
		secret->typed_length = header.typed_length;
	}
}

void
ud_secret_close(UdSecret *secret)
{
	sodium_memzero(secret->bytes, secret->size);
	pfree(secret->bytes);
	memset(secret, 0, sizeof(*secret));
}

void
ud_secret_share(void)
{
	static UdSecretAccess access = {UD_SECRET_ACCESS_VERSION, ud_secret_open, ud_secret_close,
									ud_secret_log_hide, ud_secret_log_show};

	*find_rendezvous_variable(UD_SECRET_ACCESS_NAME) = &access;
}

UD_FUNCTION(userdir__secret_in);

/*
 * userdir__secret_in reads a secret.
 *
 * Errors: 54000 when it is too long, 22021 when it is no text, 22P02 for "[redacted]".
 */
Datum
userdir__secret_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);

	PG_RETURN_DATUM(make_secret(text, strlen(text)));
}

UD_FUNCTION(userdir__secret_out);

/*
 * userdir__secret_out returns "[redacted]".
 */
Datum
userdir__secret_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(pstrdup(redacted));
}

UD_FUNCTION(userdir__secret_recv);

/*
 * userdir__secret_recv reads a secret as a client sends it in binary format: a text. Errors: as in
 * userdir__secret_in.
 */
Datum
userdir__secret_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo)PG_GETARG_POINTER(0);
	ErrorContextCallback frame;
	int length;
	char *text;
	Datum secret;

	ud_secret_log_hide(&frame);
	text = pq_getmsgtext(message, message->len - message->cursor, &length);
	ud_secret_log_show(&frame);

	secret = make_secret(text, length);
	sodium_memzero(text, length);
	pfree(text);
	PG_RETURN_DATUM(secret);
}

UD_FUNCTION(userdir__secret_send);

/*
 * userdir__secret_send sends "[redacted]".
 */
Datum
userdir__secret_send(PG_FUNCTION_ARGS)
{
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendtext(&message, redacted, strlen(redacted));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

UD_FUNCTION(userdir_secret);

/*
 * userdir_secret casts a text to a secret. Errors: as in userdir__secret_in.
 */
Datum
userdir_secret(PG_FUNCTION_ARGS)
{
	text *value = PG_GETARG_TEXT_PP(0);

	PG_RETURN_DATUM(make_secret(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)));
}
