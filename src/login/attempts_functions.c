/*
 * attempts_functions.c: the SQL functions that count attempts, and tell of the shared table.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inet.h"
#include "utils/timestamp.h"

#include "login/attempts_key.h"
#include "login/attempts_shared.h"
#include "login/attempts_store.h"

/* copy_who copies the hash that an SQL caller passed. */
static void
copy_who(uint8 *who, const bytea *value)
{
	UdAttemptKey key;

	if (VARSIZE_ANY_EXHDR(value) != sizeof(key.who))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the hash of an identifier must have %d bytes", (int)sizeof(key.who))));
	memcpy(who, VARDATA_ANY(value), sizeof(key.who));
}

/* key_of makes a key of the first three arguments: kind, who, address, which may be null. */
static UdAttemptKey
key_of(FunctionCallInfo fcinfo)
{
	UdAttemptKey key = {MyDatabaseId};

	key.kind = ud_attempts_key_kind(PG_GETARG_TEXT_PP(0));
	copy_who(key.who, PG_GETARG_BYTEA_PP(1));
	if (!PG_ARGISNULL(2))
		ud_attempts_key_set_address(&key, PG_GETARG_INET_PP(2));
	return key;
}

/* refuse_null raises unless the arguments but the third are there. */
static void
refuse_null(FunctionCallInfo fcinfo)
{
	for (int i = 0; i < PG_NARGS(); i++)
	{
		if (i != 2 && PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument %d of a function of attempts must not be null", i + 1)));
	}
}

UD_FUNCTION(userdir__attempts_shared);

/*
 * userdir__attempts_shared tells whether attempts are counted in memory that the server shares.
 */
Datum
userdir__attempts_shared(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(ud_attempts_shared_exists());
}

UD_FUNCTION(userdir__attempts_add);

/*
 * userdir__attempts_add counts an attempt.
 *
 * Arguments: kind, who, address or null, interval in which an attempt fades in ms (0: none does),
 * ceiling, the time. Result: the level before and after.
 */
Datum
userdir__attempts_add(PG_FUNCTION_ARGS)
{
	UdAttemptKey key;
	UdAttemptRule rule;
	TimestampTz now;
	double before, after;
	TupleDesc descriptor;
	Datum values[2];
	bool nulls[2] = {false, false};

	refuse_null(fcinfo);
	key = key_of(fcinfo);
	rule.rate_ms = PG_GETARG_FLOAT8(3);
	rule.ceiling = PG_GETARG_FLOAT8(4);
	rule.lifetime_ms = UD_ATTEMPTS_LIFETIME_MS;
	now = PG_GETARG_TIMESTAMPTZ(5);
	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");

	ud_attempts_store_add(&key, &rule, now, &before, &after);

	values[0] = Float8GetDatum(before);
	values[1] = Float8GetDatum(after);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls)));
}

UD_FUNCTION(userdir__attempts_read);

/*
 * userdir__attempts_read tells what stands against a key.
 *
 * Arguments: kind, who, address or null, interval in ms as above, the time. Result: the level, and
 * when nothing will be left of it.
 */
Datum
userdir__attempts_read(PG_FUNCTION_ARGS)
{
	UdAttemptKey key;
	UdAttemptState state;
	double rate_ms;
	TimestampTz now;
	TupleDesc descriptor;
	Datum values[2];
	bool nulls[2] = {false, false};

	refuse_null(fcinfo);
	key = key_of(fcinfo);
	rate_ms = PG_GETARG_FLOAT8(3);
	now = PG_GETARG_TIMESTAMPTZ(4);
	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");

	state = ud_attempts_store_read(&key, rate_ms, now);

	values[0] = Float8GetDatum(state.level);
	values[1] = TimestampTzGetDatum(state.expires_at);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls)));
}

UD_FUNCTION(userdir__attempts_forget);

/*
 * userdir__attempts_forget removes what stands against a key: kind, who, address or null,
 * the time. Result: whether there was anything.
 */
Datum
userdir__attempts_forget(PG_FUNCTION_ARGS)
{
	UdAttemptKey key;
	TimestampTz now;

	refuse_null(fcinfo);
	key = key_of(fcinfo);
	now = PG_GETARG_TIMESTAMPTZ(3);
	PG_RETURN_BOOL(ud_attempts_store_forget(&key, now));
}

UD_FUNCTION(userdir__shared_attempts_forget_all);

/*
 * userdir__shared_attempts_forget_all removes what stands against an identifier from any address:
 * who, the time. Result: whether there was anything.
 */
Datum
userdir__shared_attempts_forget_all(PG_FUNCTION_ARGS)
{
	UdAttemptKey key;
	bool had_any;

	copy_who(key.who, PG_GETARG_BYTEA_PP(0));
	had_any = ud_attempts_table_forget_all(ud_attempts_shared_lock(true), MyDatabaseId, key.who,
										   PG_GETARG_TIMESTAMPTZ(1));
	ud_attempts_shared_unlock();
	PG_RETURN_BOOL(had_any);
}

/* The bytes by which counters know an identifier. */
typedef struct Who
{
	uint8 bytes[16];
} Who;

StaticAssertDecl(sizeof(Who) == sizeof(((UdAttemptKey *)0)->who), "hashes are of another length");

static int
compare_who(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(Who));
}

/* read_hashes copies an array of hashes and sorts them; *count gets their number. */
static Who *
read_hashes(ArrayType *array, int *count)
{
	Datum *values;
	bool *nulls;
	Who *hashes;

	deconstruct_array(array, BYTEAOID, -1, false, TYPALIGN_INT, &values, &nulls, count);
	hashes = palloc(Max(*count, 1) * sizeof(Who));
	for (int i = 0; i < *count; i++)
	{
		if (nulls[i])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("the hash of an identifier must not be null")));
		copy_who(hashes[i].bytes, DatumGetByteaPP(values[i]));
	}
	qsort(hashes, *count, sizeof(Who), compare_who);
	return hashes;
}

/*
 * find_attempts copies the entries of some identifiers, which are sorted: nobody counts while the
 * table is looked through. *count gets their number.
 */
static UdAttemptEntry *
find_attempts(const Who *hashes, int hash_count, int *count)
{
	int room = 64;
	UdAttemptEntry *found = palloc(room * sizeof(UdAttemptEntry));
	UdAttemptTable *table = ud_attempts_shared_lock(false);

	*count = 0;
	for (uint32 i = 0; i < table->capacity; i++)
	{
		const UdAttemptEntry *entry = ud_attempts_table_entry(table, i);

		if (entry->key.database != MyDatabaseId || (entry->key.kind != UD_ATTEMPT_IDENTIFIER_IP &&
													entry->key.kind != UD_ATTEMPT_IDENTIFIER))
			continue;
		if (bsearch(entry->key.who, hashes, hash_count, sizeof(Who), compare_who) == NULL)
			continue;
		if (*count == room)
			found = repalloc_huge(found, (Size)(room *= 2) * sizeof(UdAttemptEntry));
		found[(*count)++] = *entry;
	}
	ud_attempts_shared_unlock();
	return found;
}

UD_FUNCTION(userdir__shared_attempts_list);

/*
 * userdir__shared_attempts_list returns what the table holds of identifiers, an array of hashes, as
 * rows of kind, who, address, level, expires_at. What has moved to the sketch is not among it.
 */
Datum
userdir__shared_attempts_list(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;
	Who *hashes;
	int hash_count, count;
	UdAttemptEntry *found;

	InitMaterializedSRF(fcinfo, 0);
	hashes = read_hashes(PG_GETARG_ARRAYTYPE_P(0), &hash_count);
	found = find_attempts(hashes, hash_count, &count);
	for (int i = 0; i < count; i++)
	{
		bytea *hash = palloc(VARHDRSZ + 16);
		bool nulls[5] = {false, false, found[i].key.family == 0, false, false};
		Datum values[5];

		SET_VARSIZE(hash, VARHDRSZ + 16);
		memcpy(VARDATA(hash), found[i].key.who, 16);
		values[0] = CStringGetTextDatum(ud_attempts_key_kind_name(found[i].key.kind));
		values[1] = PointerGetDatum(hash);
		values[2] = nulls[2] ? (Datum)0 : InetPGetDatum(ud_attempts_key_inet(&found[i].key));
		values[3] = Float8GetDatum(found[i].state.level);
		values[4] = TimestampTzGetDatum(found[i].state.expires_at);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		CHECK_FOR_INTERRUPTS();
	}
	return (Datum)0;
}

UD_FUNCTION(userdir__shared_attempts_status);

/*
 * userdir__shared_attempts_status tells how full the table is at some time, as a row of capacity,
 * used, moved, bytes; null where there is no table.
 */
Datum
userdir__shared_attempts_status(PG_FUNCTION_ARGS)
{
	TimestampTz now = PG_GETARG_TIMESTAMPTZ(0);
	TupleDesc descriptor;
	Datum values[4];
	bool nulls[4] = {false, false, false, false};
	UdAttemptTable *table;
	int64 used = 0;

	if (!ud_attempts_shared_exists())
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");

	table = ud_attempts_shared_lock(false);
	for (uint32 i = 0; i < table->capacity; i++)
	{
		const UdAttemptEntry *entry = ud_attempts_table_entry(table, i);

		if (entry->key.kind != UD_ATTEMPT_NONE && now < entry->state.expires_at)
			used++;
	}
	values[0] = Int64GetDatum((int64)table->capacity);
	values[1] = Int64GetDatum(used);
	values[2] = Int64GetDatum((int64)table->moved);
	values[3] = Int64GetDatum((int64)ud_attempts_table_size(table->capacity));
	ud_attempts_shared_unlock();
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls)));
}
