/*
 * breach_load.c: loading a list of the hashes of breached passwords.
 *
 * A load takes three steps: lines come in, in any order, and go into a sort that spills to disk
 * when it needs more than maintenance_work_mem; the sorted keys are merged with the blocks of the
 * table that they fall into; blocks go back. SQL in sql/parts/36_breached.sql moves the rows.
 *
 * The state of a load belongs to the transaction, or subtransaction, that began it, and goes with
 * it.
 */
#include "base/userdir.h"

#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/tuplesort.h"

#include "crypto/breach_key.h"
#include "pure/breached.h"

/* Keys on their way into blocks: what fills one, and what may go into the next. */
#define MAX_PENDING (2 * UD_BREACHED_BLOCK_MAX_KEYS)

typedef struct Load
{
	MemoryContext context;
	ResourceOwner owner; /* of the sort's files */
	Tuplesortstate *sort;
	bool sorted;
	uint64 lines;
	uint64 new_keys;

	/* the smallest key that is not yet in a block */
	bool has_next;
	uint64 next;

	/* the keys of the block that is being merged, and how many of them are done */
	uint64 *old;
	size_t old_count;
	size_t old_done;

	/* where the range of that block ends; keys from there on belong to others */
	bool has_end;
	uint64 end;

	uint64 pending[MAX_PENDING];
	size_t pending_count;
} Load;

/* The load of this session, NULL when there is none. */
static Load *current = NULL;

static void
forget_load(void *arg)
{
	if (current == arg)
		current = NULL;
}

static Load *
require_load(bool sorted)
{
	if (current == NULL || current->sorted != sorted)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("no list of breached passwords is being %s", sorted ? "stored" : "read"),
				 errhint("Use COPY %s.breached_password_lines or %s.add_breached_passwords().",
						 UD_SCHEMA, UD_SCHEMA)));
	return current;
}

/* within_load switches to the memory and the resources of a load, and back. */
static void
within_load(Load *load, MemoryContext *context, ResourceOwner *owner)
{
	*context = MemoryContextSwitchTo(load->context);
	*owner = CurrentResourceOwner;
	CurrentResourceOwner = load->owner;
}

static void
leave_load(MemoryContext context, ResourceOwner owner)
{
	CurrentResourceOwner = owner;
	MemoryContextSwitchTo(context);
}

UD_FUNCTION(userdir__begin_breached_load);

/*
 * userdir__begin_breached_load begins a load. Errors: 55000 when there is one already.
 */
Datum
userdir__begin_breached_load(PG_FUNCTION_ARGS)
{
	MemoryContext context;
	MemoryContext caller;
	MemoryContextCallback *callback;
	ResourceOwner caller_owner;
	Load *load;

	if (current != NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("a list of breached passwords is being loaded already")));

	context = AllocSetContextCreate(CurTransactionContext, "userdir breached passwords",
									ALLOCSET_DEFAULT_SIZES);
	load = MemoryContextAllocZero(context, sizeof(Load));
	load->context = context;
	load->owner = CurTransactionResourceOwner;
	callback = MemoryContextAlloc(context, sizeof(MemoryContextCallback));
	callback->func = forget_load;
	callback->arg = load;
	MemoryContextRegisterResetCallback(context, callback);
	current = load;

	within_load(load, &caller, &caller_owner);
	load->sort = tuplesort_begin_datum(INT8OID, Int8LessOperator, InvalidOid, false,
									   maintenance_work_mem, NULL, TUPLESORT_NONE);
	leave_load(caller, caller_owner);
	PG_RETURN_VOID();
}

/* raise_malformed does not show the line: it may well be a password. */
static void
raise_malformed(uint64 line)
{
	ereport(ERROR,
			(errcode(ERRCODE_BAD_COPY_FILE_FORMAT),
			 errmsg("line %llu of the list is no SHA-1 hash", (unsigned long long)line),
			 errhint("A line is 40 hexadecimal digits, which a colon and a count may follow."),
			 errhidestmt(true), errhidecontext(true)));
}

static void
add_line(Load *load, const char *line, size_t length)
{
	uint64 key;

	load->lines++;
	switch (ud_breached_read_line(line, length, &key))
	{
		case UD_BREACHED_HASH:
			tuplesort_putdatum(load->sort, Int64GetDatum(ud_breach_key_to_int64(key)), false);
			break;
		case UD_BREACHED_EMPTY:
			break;
		case UD_BREACHED_MALFORMED:
			raise_malformed(load->lines);
	}
}

UD_FUNCTION(userdir__add_breached_lines);

/*
 * userdir__add_breached_lines adds the hashes in the lines of a text to the load and returns true,
 * so that an expression can call it.
 *
 * Arguments: lines text, null for an empty line. Errors: 22P04 for a malformed line, 55000 without
 * a load.
 */
Datum
userdir__add_breached_lines(PG_FUNCTION_ARGS)
{
	text *lines = PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0);
	const char *line = lines != NULL ? VARDATA_ANY(lines) : "";
	const char *end = line + (lines != NULL ? VARSIZE_ANY_EXHDR(lines) : 0);
	Load *load = require_load(false);
	MemoryContext caller;
	ResourceOwner caller_owner;

	within_load(load, &caller, &caller_owner);
	PG_TRY();
	{
		/* A text without a line end is a line, an empty one as well. */
		do
		{
			const char *stop = memchr(line, '\n', end - line);

			if (stop == NULL)
				stop = end;
			add_line(load, line, stop - line);
			line = stop + 1;
			CHECK_FOR_INTERRUPTS();
		} while (line < end);
	}
	PG_FINALLY();
	{
		leave_load(caller, caller_owner);
	}
	PG_END_TRY();
	PG_RETURN_BOOL(true);
}

/* fetch_next finds the next key of the sorted ones that is another than the last. */
static void
fetch_next(Load *load)
{
	uint64 last = load->next;
	bool had_one = load->has_next;
	Datum datum;
	bool is_null;

	do
	{
		load->has_next = ud_tuplesort_getdatum(load->sort, &datum, &is_null);
		if (load->has_next)
			load->next = ud_breach_key_from_int64(DatumGetInt64(datum));
		CHECK_FOR_INTERRUPTS();
	} while (load->has_next && had_one && load->next == last);
}

UD_FUNCTION(userdir__sort_breached_keys);

/*
 * userdir__sort_breached_keys ends the reading of lines and returns how many there were. Errors:
 * 55000 without a load.
 */
Datum
userdir__sort_breached_keys(PG_FUNCTION_ARGS)
{
	Load *load = require_load(false);
	MemoryContext caller;
	ResourceOwner caller_owner;

	within_load(load, &caller, &caller_owner);
	PG_TRY();
	{
		tuplesort_performsort(load->sort);
		load->sorted = true;
		load->old = palloc(UD_BREACHED_BLOCK_MAX_KEYS * sizeof(uint64));
		fetch_next(load);
	}
	PG_FINALLY();
	{
		leave_load(caller, caller_owner);
	}
	PG_END_TRY();
	PG_RETURN_INT64((int64)load->lines);
}

UD_FUNCTION(userdir__next_breached_key);

/*
 * userdir__next_breached_key returns the smallest key that is not yet in a block, or null. Errors:
 * 55000 unless keys are being stored.
 */
Datum
userdir__next_breached_key(PG_FUNCTION_ARGS)
{
	Load *load = require_load(true);

	if (!load->has_next)
		PG_RETURN_NULL();
	PG_RETURN_INT64(ud_breach_key_to_int64(load->next));
}

static bool
next_is_in_range(const Load *load)
{
	return load->has_next && (!load->has_end || load->next < load->end);
}

/* skip_known leaves out the next keys that the block has already, up to the first that it has not.
 */
static void
skip_known(Load *load)
{
	size_t place = 0;

	while (next_is_in_range(load))
	{
		while (place < load->old_count && load->old[place] < load->next)
			place++;
		if (place == load->old_count || load->old[place] != load->next)
			return;
		fetch_next(load);
	}
}

UD_FUNCTION(userdir__merge_breached_block);

/*
 * userdir__merge_breached_block says into which block the next keys go: one of the table, which is
 * to be replaced, or none. Returns false when the block has them all, so that it may stay.
 *
 * Arguments: first bigint and hashes bytea of the block, null for none; beyond bigint, the first
 * key of the block behind it, null when there is none.
 * Errors: XX001 for a block that is none, 55000 unless keys are being stored.
 */
Datum
userdir__merge_breached_block(PG_FUNCTION_ARGS)
{
	Load *load = require_load(true);
	MemoryContext caller;
	ResourceOwner caller_owner;

	load->old_count = 0;
	load->old_done = 0;
	if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1))
		load->old_count = ud_breach_block_open(ud_breach_key_from_int64(PG_GETARG_INT64(0)),
											   PG_GETARG_BYTEA_PP(1), load->old);
	load->has_end = !PG_ARGISNULL(2);
	load->end = load->has_end ? ud_breach_key_from_int64(PG_GETARG_INT64(2)) : 0;

	within_load(load, &caller, &caller_owner);
	PG_TRY();
	{
		skip_known(load);
	}
	PG_FINALLY();
	{
		leave_load(caller, caller_owner);
	}
	PG_END_TRY();
	PG_RETURN_BOOL(next_is_in_range(load));
}

/* merge_key moves the smallest of the old and new keys to the pending ones; false at their end. */
static bool
merge_key(Load *load)
{
	bool has_old = load->old_done < load->old_count;
	bool has_new = next_is_in_range(load);
	uint64 old = has_old ? load->old[load->old_done] : 0;

	if (!has_old && !has_new)
		return false;
	if (has_old && (!has_new || old <= load->next))
	{
		load->pending[load->pending_count++] = old;
		load->old_done++;
		if (has_new && old == load->next)
			fetch_next(load);
	}
	else
	{
		load->pending[load->pending_count++] = load->next;
		load->new_keys++;
		fetch_next(load);
	}
	return true;
}

/* count_for_block returns how many of the pending keys make the next block. */
static size_t
count_for_block(const Load *load, bool are_all)
{
	size_t fit = ud_breached_block_fit(load->pending, load->pending_count);
	size_t rest = load->pending_count - fit;

	/* Two that are half full take more keys later than a full one and a remainder. */
	if (are_all && rest > 0 && rest < fit)
		return (load->pending_count + 1) / 2;
	return fit;
}

UD_FUNCTION(userdir__take_breached_block);

/*
 * userdir__take_breached_block returns the next block to be stored, first bigint and hashes bytea,
 * both null when the range of the block that is being merged has no more.
 *
 * Errors: 55000 unless keys are being stored.
 */
Datum
userdir__take_breached_block(PG_FUNCTION_ARGS)
{
	Load *load = require_load(true);
	MemoryContext caller;
	ResourceOwner caller_owner;
	TupleDesc descriptor;
	Datum values[2] = {0};
	bool nulls[2] = {true, true};

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");

	within_load(load, &caller, &caller_owner);
	PG_TRY();
	{
		while (load->pending_count < MAX_PENDING && merge_key(load))
			;
	}
	PG_FINALLY();
	{
		leave_load(caller, caller_owner);
	}
	PG_END_TRY();

	if (load->pending_count > 0)
	{
		size_t count = count_for_block(load, load->pending_count < MAX_PENDING);
		bytea *block = palloc(VARHDRSZ + UD_BREACHED_BLOCK_SIZE);

		SET_VARSIZE(block, VARHDRSZ + ud_breached_block_write(load->pending, count,
															  (uint8 *)VARDATA(block)));
		values[0] = Int64GetDatum(ud_breach_key_to_int64(load->pending[0]));
		values[1] = PointerGetDatum(block);
		nulls[0] = nulls[1] = false;
		load->pending_count -= count;
		memmove(load->pending, load->pending + count, load->pending_count * sizeof(uint64));
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls)));
}

UD_FUNCTION(userdir__end_breached_load);

/*
 * userdir__end_breached_load ends a load and returns how many keys were new. Errors: 55000 unless
 * all keys are stored.
 */
Datum
userdir__end_breached_load(PG_FUNCTION_ARGS)
{
	Load *load = require_load(true);
	int64 new_keys = (int64)load->new_keys;

	if (load->has_next || load->pending_count > 0)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("the list of breached passwords is not stored yet")));
	tuplesort_end(load->sort);
	MemoryContextDelete(load->context);
	PG_RETURN_INT64(new_keys);
}
