/*
 * ticket.c: reading a ticket out of a secret.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "funcapi.h"
#include "utils/builtins.h"

#include "crypto/secret.h"

/* user_part returns what stands before the dot of a ticket, or NULL where no ticket has that. */
static text *
user_part(const UdSecret *secret)
{
	const uint8 *dot = memchr(secret->typed, '.', secret->typed_length);
	size_t length = dot == NULL ? 0 : (size_t)(dot - secret->typed);

	for (size_t i = 0; i < length; i++)
	{
		if (secret->typed[i] >= 0x80)
			return NULL;
	}
	return length == 0 ? NULL : cstring_to_text_with_len((const char *)secret->typed, (int)length);
}

/* hash returns the SHA-256 of a ticket. */
static bytea *
hash(const UdSecret *secret)
{
	bytea *value = palloc(VARHDRSZ + crypto_hash_sha256_BYTES);

	SET_VARSIZE(value, VARHDRSZ + crypto_hash_sha256_BYTES);
	crypto_hash_sha256((unsigned char *)VARDATA(value), secret->typed, secret->typed_length);
	return value;
}

/* take_apart sets the columns of the row that a ticket becomes. */
static void
take_apart(Datum datum, Datum *values, bool *nulls)
{
	UdSecret secret;

	ud_secret_open(datum, &secret);
	PG_TRY();
	{
		values[0] = PointerGetDatum(user_part(&secret));
		values[1] = PointerGetDatum(hash(&secret));
	}
	PG_FINALLY();
	{
		ud_secret_close(&secret);
	}
	PG_END_TRY();
	nulls[0] = DatumGetPointer(values[0]) == NULL;
	nulls[1] = false;
}

UD_FUNCTION(userdir__read_ticket);

/*
 * userdir__read_ticket takes a ticket apart: a row of the part that names its user, null where
 * there is none, and the hash of the whole. Both are null for a null.
 *
 * Errors: 55000 when the secret was made in another session.
 */
Datum
userdir__read_ticket(PG_FUNCTION_ARGS)
{
	TupleDesc descriptor;
	Datum values[2] = {0};
	bool nulls[2] = {true, true};

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (!PG_ARGISNULL(0))
		take_apart(PG_GETARG_DATUM(0), values, nulls);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
}
