/*
 * key_export.c: everything that is sealed, on its way to another server, under a passphrase.
 *
 * An export is a word, a colon, and in base64url: salt, passes and memory of argon2id, which makes
 * the key out of the passphrase; the nonce; and a secretbox (libsodium's) around the entries. An
 * entry is what a value was sealed for, and the value; the first entry, sealed for nothing, is a
 * text that goes with them.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "crypto/seal.h"
#include "crypto/secret.h"
#include "crypto/secret_log.h"
#include "pure/base64.h"

static const char prefix[] = "userdir-keys-1:";

#define PASSES           3
#define MEMORY_KB        (64 * 1024)
#define MAX_PASSES       16
#define MAX_MEMORY_KB    (256 * 1024)
#define MIN_PASSPHRASE   12
#define MAX_ENTRIES      (1000 * 1000)
#define HEAD_BYTES       (crypto_pwhash_SALTBYTES + 8 + crypto_secretbox_NONCEBYTES)
#define MAX_EXPORT_BYTES (64 * 1024 * 1024)

/* The open form, in one piece of memory that is wiped as a whole. */
typedef struct Piece
{
	uint8 *bytes;
	size_t size;
	size_t at;
} Piece;

static void
put_number(uint8 *target, uint32 number)
{
	for (int i = 0; i < 4; i++)
		target[i] = (uint8)(number >> (24 - 8 * i));
}

static uint32
get_number(const uint8 *source)
{
	return (uint32)source[0] << 24 | (uint32)source[1] << 16 | (uint32)source[2] << 8 | source[3];
}

/* put_bytes writes a length and as many bytes; there is room. */
static void
put_bytes(Piece *piece, const void *bytes, size_t length)
{
	Assert(piece->at + 4 + length <= piece->size);
	put_number(piece->bytes + piece->at, (uint32)length);
	memcpy(piece->bytes + piece->at + 4, bytes, length);
	piece->at += 4 + length;
}

/* get_bytes reads a length and as many bytes. Returns NULL where they end too early. */
static const uint8 *
get_bytes(Piece *piece, size_t *length)
{
	const uint8 *bytes;

	if (piece->size - piece->at < 4)
		return NULL;
	*length = get_number(piece->bytes + piece->at);
	if (piece->size - piece->at - 4 < *length)
		return NULL;
	bytes = piece->bytes + piece->at + 4;
	piece->at += 4 + *length;
	return bytes;
}

/* make_key makes the key of an export out of its passphrase. */
static void
make_key(const UdSecret *passphrase, const uint8 *salt, uint32 passes, uint32 memory_kb, uint8 *key)
{
	if (crypto_pwhash(key, crypto_secretbox_KEYBYTES, (const char *)passphrase->normalized,
					  passphrase->normalized_length, salt, passes, (size_t)memory_kb * 1024,
					  crypto_pwhash_ALG_ARGON2ID13) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory for the key of an export")));
}

/* seal_export returns the text of an export. */
static text *
seal_export(const UdSecret *passphrase, const Piece *piece)
{
	const size_t length = HEAD_BYTES + crypto_secretbox_MACBYTES + piece->at;
	uint8 *sealed = MemoryContextAllocHuge(CurrentMemoryContext, length);
	uint8 *nonce = sealed + crypto_pwhash_SALTBYTES + 8;
	uint8 key[crypto_secretbox_KEYBYTES];
	char *encoded;
	size_t prefix_length = strlen(prefix);

	randombytes_buf(sealed, crypto_pwhash_SALTBYTES);
	put_number(sealed + crypto_pwhash_SALTBYTES, PASSES);
	put_number(sealed + crypto_pwhash_SALTBYTES + 4, MEMORY_KB);
	randombytes_buf(nonce, crypto_secretbox_NONCEBYTES);
	make_key(passphrase, sealed, PASSES, MEMORY_KB, key);
	crypto_secretbox_easy(sealed + HEAD_BYTES, piece->bytes, piece->at, nonce, key);
	sodium_memzero(key, sizeof(key));

	encoded = MemoryContextAllocHuge(CurrentMemoryContext, prefix_length + UD_BASE64_SIZE(length));
	memcpy(encoded, prefix, prefix_length);
	prefix_length += ud_base64url_encode(sealed, length, encoded + prefix_length);
	return cstring_to_text_with_len(encoded, (int)prefix_length);
}

/* collect unseals all values into one piece; the caller wipes it, also after an error. */
static void
collect(Piece *piece, Datum *purposes, Datum *sealed, int count)
{
	for (int i = 0; i < count; i++)
	{
		char *purpose = TextDatumGetCString(purposes[i]);
		size_t length;
		uint8 *plain = ud_unseal(purpose, DatumGetByteaPP(sealed[i]), &length);

		put_bytes(piece, purpose, strlen(purpose));
		put_bytes(piece, plain, length);
		ud_unseal_wipe(plain, length);
	}
}

/* room_for returns how many bytes the open form of values needs at most. */
static size_t
room_for(text *companion, Datum *purposes, Datum *sealed, int count)
{
	size_t room = 8 + VARSIZE_ANY_EXHDR(companion);

	for (int i = 0; i < count; i++)
		room += 8 + VARSIZE_ANY_EXHDR(DatumGetTextPP(purposes[i])) +
				VARSIZE_ANY_EXHDR(DatumGetByteaPP(sealed[i]));
	if (count > MAX_ENTRIES || room > MAX_EXPORT_BYTES)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("there is too much to be exported at once")));
	return room;
}

static void
check_passphrase(const UdSecret *passphrase)
{
	if (passphrase->normalized_length < MIN_PASSPHRASE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the passphrase of an export must have %d bytes at least", MIN_PASSPHRASE),
				 errhidestmt(true), errhidecontext(true)));
}

UD_FUNCTION(userdir__export_sealed);

/*
 * userdir__export_sealed(passphrase, purposes, sealed, companion) returns an export of sealed
 * values and of a text that goes with them. Errors: 22023 for a short passphrase, 54000 for too
 * much, and those of ud_unseal.
 */
Datum
userdir__export_sealed(PG_FUNCTION_ARGS)
{
	text *companion = PG_GETARG_TEXT_PP(3);
	ErrorContextCallback frame;
	UdSecret passphrase;
	Datum *purposes;
	Datum *sealed;
	int count;
	int sealed_count;
	Piece piece = {NULL, 0, 0};
	text *volatile result = NULL;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false, TYPALIGN_INT, &purposes, NULL,
					  &count);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), BYTEAOID, -1, false, TYPALIGN_INT, &sealed, NULL,
					  &sealed_count);
	if (count != sealed_count)
		elog(ERROR, "as many purposes as sealed values are wanted");
	piece.size = room_for(companion, purposes, sealed, count);
	piece.bytes = MemoryContextAllocHuge(CurrentMemoryContext, piece.size);

	ud_secret_log_hide(&frame);
	ud_secret_open(PG_GETARG_DATUM(0), &passphrase);
	PG_TRY();
	{
		check_passphrase(&passphrase);
		put_bytes(&piece, "", 0);
		put_bytes(&piece, VARDATA_ANY(companion), VARSIZE_ANY_EXHDR(companion));
		collect(&piece, purposes, sealed, count);
		result = seal_export(&passphrase, &piece);
	}
	PG_FINALLY();
	{
		sodium_memzero(piece.bytes, piece.size);
		ud_secret_close(&passphrase);
	}
	PG_END_TRY();
	ud_secret_log_show(&frame);
	PG_RETURN_TEXT_P(result);
}

static void
pg_attribute_noreturn() raise_no_export(const char *detail)
{
	ereport(ERROR, (errcode(UD_ERR_SEAL_BROKEN), errmsg("the export cannot be opened"),
					errdetail_internal("%s", detail), errhidestmt(true), errhidecontext(true)));
}

/* open_export decrypts an export into a piece of memory that the caller wipes. */
static void
open_export(const UdSecret *passphrase, text *exported, Piece *piece)
{
	const char *encoded = VARDATA_ANY(exported);
	size_t length = VARSIZE_ANY_EXHDR(exported);
	uint8 key[crypto_secretbox_KEYBYTES];
	uint8 *sealed;
	size_t sealed_length;
	uint32 passes;
	uint32 memory_kb;
	bool ok;

	if (length < strlen(prefix) || memcmp(encoded, prefix, strlen(prefix)) != 0)
		raise_no_export("It does not begin as an export by userdir.export_keys() does.");
	encoded += strlen(prefix);
	length -= strlen(prefix);
	sealed = MemoryContextAllocHuge(CurrentMemoryContext, UD_BASE64_DECODED_SIZE(length) + 1);
	if (!ud_base64url_decode(encoded, length, sealed, &sealed_length) ||
		sealed_length < HEAD_BYTES + crypto_secretbox_MACBYTES)
		raise_no_export("It is damaged.");
	passes = get_number(sealed + crypto_pwhash_SALTBYTES);
	memory_kb = get_number(sealed + crypto_pwhash_SALTBYTES + 4);
	if (passes < 1 || passes > MAX_PASSES || memory_kb < 8 || memory_kb > MAX_MEMORY_KB)
		raise_no_export("It is damaged.");

	make_key(passphrase, sealed, passes, memory_kb, key);
	piece->size = sealed_length - HEAD_BYTES - crypto_secretbox_MACBYTES;
	piece->bytes = MemoryContextAllocHuge(CurrentMemoryContext, piece->size + 1);
	ok = crypto_secretbox_open_easy(piece->bytes, sealed + HEAD_BYTES, sealed_length - HEAD_BYTES,
									sealed + crypto_pwhash_SALTBYTES + 8, key) == 0;
	sodium_memzero(key, sizeof(key));
	if (!ok)
		raise_no_export("The passphrase is another one, or the export is damaged.");
}

/* The result of opening an export. */
enum
{
	PURPOSES,
	SEALED,
	COMPANION,
	COLUMN_COUNT
};

/* reseal_entries seals all entries anew, under the root key of this server. */
static void
reseal_entries(Piece *piece, Datum *values)
{
	ArrayBuildState *purposes = initArrayResult(TEXTOID, CurrentMemoryContext, false);
	ArrayBuildState *sealed = initArrayResult(BYTEAOID, CurrentMemoryContext, false);

	while (piece->at < piece->size)
	{
		size_t purpose_length;
		size_t length;
		const uint8 *purpose = get_bytes(piece, &purpose_length);
		const uint8 *plain = purpose != NULL ? get_bytes(piece, &length) : NULL;
		char *name;

		if (plain == NULL)
			raise_no_export("It is damaged.");
		name = pnstrdup((const char *)purpose, purpose_length);
		if (purpose_length == 0)
		{
			values[COMPANION] =
				PointerGetDatum(cstring_to_text_with_len((const char *)plain, (int)length));
			continue;
		}
		purposes = accumArrayResult(purposes, CStringGetTextDatum(name), false, TEXTOID,
									CurrentMemoryContext);
		sealed = accumArrayResult(sealed, PointerGetDatum(ud_seal(name, plain, length)), false,
								  BYTEAOID, CurrentMemoryContext);
	}
	values[PURPOSES] = makeArrayResult(purposes, CurrentMemoryContext);
	values[SEALED] = makeArrayResult(sealed, CurrentMemoryContext);
}

UD_FUNCTION(userdir__open_export);

/*
 * userdir__open_export(passphrase, exported) returns a row of purposes, values that are sealed
 * under the root key of this server, and the text that goes with them.
 *
 * Errors: UD051 when the export is none, is damaged, or has another passphrase, and those of
 * ud_seal.
 */
Datum
userdir__open_export(PG_FUNCTION_ARGS)
{
	text *exported = PG_GETARG_TEXT_PP(1);
	ErrorContextCallback frame;
	UdSecret passphrase;
	TupleDesc descriptor;
	Datum values[COLUMN_COUNT] = {0};
	bool nulls[COLUMN_COUNT] = {false, false, false};
	Piece piece = {NULL, 0, 0};

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	ud_secret_log_hide(&frame);
	ud_secret_open(PG_GETARG_DATUM(0), &passphrase);
	PG_TRY();
	{
		open_export(&passphrase, exported, &piece);
		reseal_entries(&piece, values);
	}
	PG_FINALLY();
	{
		if (piece.bytes != NULL)
			sodium_memzero(piece.bytes, piece.size);
		ud_secret_close(&passphrase);
	}
	PG_END_TRY();
	ud_secret_log_show(&frame);
	nulls[COMPANION] = values[COMPANION] == (Datum)0;
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
}
