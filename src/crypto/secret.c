/*
 * secret.c: type userdir.secret, in which passwords, tokens and keys arrive.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "crypto/secret.h"
#include "crypto/secret_log.h"
#include "crypto/secret_text.h"
#include "crypto/session_cipher.h"

/* What stands for every secret in whatever is printed. */
static const char redacted[] = "[redacted]";

/* Sealed lengths are multiples of this, so that they say little. */
#define PADDING 64

/* A byte in the encoding of the database becomes at most so many of normalized UTF-8. */
#define MAX_GROWTH 18

/* What is sealed begins with this; the bytes follow. A typed_length of 0 means "the same". */
typedef struct SecretHeader
{
	uint32 normalized_length;
	uint32 typed_length;
} SecretHeader;

static void
pg_attribute_noreturn() raise_too_long(void)
{
	ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					errmsg("the secret is longer than %d bytes", UD_SECRET_MAX_LENGTH)));
}

/* sealed_size returns how many bytes are sealed for so many of header and texts. */
static size_t
sealed_size(size_t used)
{
	return (used + PADDING - 1) / PADDING * PADDING;
}

/* new_datum returns a datum for size bytes, sealed, which go where *sealed points then. */
static bytea *
new_datum(size_t size, uint8 **sealed)
{
	size_t total = VARHDRSZ + UD_SESSION_CIPHER_OVERHEAD + size;
	bytea *datum = palloc(total);

	SET_VARSIZE(datum, total);
	*sealed = (uint8 *)VARDATA(datum);
	return datum;
}

/* seal encrypts and authenticates size bytes into a new datum. */
static Datum
seal(const uint8 *open, size_t size)
{
	uint8 *sealed;
	bytea *datum = new_datum(size, &sealed);

	ud_session_cipher_seal(open, size, sealed);
	return PointerGetDatum(datum);
}

static bool
is_ascii(const char *text, size_t length)
{
	uint64 bytes = 0;
	size_t at = 0;

	for (; length - at >= sizeof(bytes); at += sizeof(bytes))
	{
		uint64 next;

		memcpy(&next, text + at, sizeof(next));
		bytes |= next;
	}
	for (; at < length; at++)
		bytes |= (uint8)text[at];
	return (bytes & UINT64CONST(0x8080808080808080)) == 0;
}

/*
 * seal_ascii makes a secret of a text that is the same in every encoding and normal form: a token,
 * a key, most passwords. Its bytes are encrypted where they stand, so that there is no copy to
 * overwrite.
 */
static Datum
seal_ascii(const char *text, size_t length)
{
	SecretHeader header = {(uint32)length, 0};
	const size_t size = sealed_size(sizeof(header) + length);
	uint8 *sealed;
	bytea *datum = new_datum(size, &sealed);
	uint8 *open = sealed + UD_SESSION_CIPHER_NONCE;

	memcpy(open, &header, sizeof(header));
	memcpy(open + sizeof(header), text, length);
	memset(open + sizeof(header) + length, 0, size - sizeof(header) - length);
	ud_session_cipher_seal(open, size, sealed);
	return PointerGetDatum(datum);
}

/* A text on its way into a secret. */
typedef struct Draft
{
	uint8 *open;  /* header, normalized and typed bytes, padding */
	size_t room;  /* for either of the texts */
	size_t total; /* of open */
	size_t size;  /* of what is to be sealed */
} Draft;

/* start_draft makes room for what becomes of a text: NFKC lengthens what is not ASCII. */
static void
start_draft(Draft *draft, size_t length)
{
	draft->room = Min(length * MAX_GROWTH, UD_SECRET_MAX_LENGTH);
	draft->total = sizeof(SecretHeader) + 2 * draft->room + PADDING;
	draft->open = palloc(draft->total);
}

/* write_secret puts header and bytes of a text into a draft, and zeros behind them. */
static void
write_secret(const char *text, size_t length, Draft *draft)
{
	uint8 *normalized = draft->open + sizeof(SecretHeader);
	uint8 *typed = normalized + draft->room;
	SecretHeader header;
	size_t used;
	bool fits;

	header.typed_length = ud_secret_text_to_utf8(text, length, typed, draft->room, &fits);
	if (!fits)
		raise_too_long();
	header.normalized_length =
		ud_secret_text_normalize(typed, header.typed_length, normalized, draft->room, &fits);
	if (!fits)
		raise_too_long();

	if (header.typed_length == header.normalized_length &&
		memcmp(normalized, typed, header.typed_length) == 0)
		header.typed_length = 0;
	memmove(normalized + header.normalized_length, typed, header.typed_length);
	memcpy(draft->open, &header, sizeof(header));
	used = sizeof(header) + header.normalized_length + header.typed_length;
	draft->size = sealed_size(used);
	memset(draft->open + used, 0, draft->size - used);
}

/* seal_text makes a secret of any text. */
static Datum
seal_text(const char *text, size_t length)
{
	Draft draft;
	volatile Datum sealed = (Datum)0;

	start_draft(&draft, length);
	PG_TRY();
	{
		write_secret(text, length, &draft);
		sealed = seal(draft.open, draft.size);
	}
	PG_FINALLY();
	{
		sodium_memzero(draft.open, draft.total);
		pfree(draft.open);
	}
	PG_END_TRY();
	return sealed;
}

/* make_secret returns the datum for a text in the database's encoding. */
static Datum
make_secret(const char *text, size_t length)
{
	ErrorContextCallback frame;
	Datum sealed;

	ud_secret_log_hide(&frame);

	/* A column of this type would come out of a dump as many copies of one known password. */
	if (length == strlen(redacted) && memcmp(text, redacted, length) == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
						errmsg("a secret cannot be read back from what stands for it"),
						errdetail("Every secret is printed as \"%s\".", redacted)));
	if (!is_ascii(text, length))
		sealed = seal_text(text, length);
	else if (length <= UD_SECRET_MAX_LENGTH)
		sealed = seal_ascii(text, length);
	else
		raise_too_long();

	ud_secret_log_show(&frame);
	return sealed;
}

void
ud_secret_open(Datum datum, UdSecret *secret)
{
	bytea *sealed = PG_DETOAST_DATUM_PACKED(datum);
	size_t length = VARSIZE_ANY_EXHDR(sealed);
	SecretHeader header;

	secret->size = length > UD_SESSION_CIPHER_OVERHEAD ? length - UD_SESSION_CIPHER_OVERHEAD : 0;
	secret->bytes = palloc(secret->size + 1);
	if (secret->size < sizeof(header) ||
		!ud_session_cipher_open((const uint8 *)VARDATA_ANY(sealed), length, secret->bytes))
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
ud_secret_open_password(Datum datum, UdSecret *secret)
{
	ud_secret_open(datum, secret);
	if (secret->normalized_length <= UD_PASSWORD_MAX_LENGTH &&
		secret->typed_length <= UD_PASSWORD_MAX_LENGTH)
		return;
	ud_secret_close(secret);
	ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					errmsg("the password is longer than %d bytes", UD_PASSWORD_MAX_LENGTH),
					errhidestmt(true), errhidecontext(true)));
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

Oid
ud_secret_type(void)
{
	Oid schema = get_namespace_oid(UD_SCHEMA, true);

	return OidIsValid(schema) ? GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
												CStringGetDatum("secret"), ObjectIdGetDatum(schema))
							  : InvalidOid;
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
