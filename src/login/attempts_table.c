/*
 * attempts_table.c: a table of attempts in a fixed piece of memory.
 */
#include "base/userdir.h"

#include <math.h>

#include "common/hashfn.h"
#include "port/atomics.h"
#include "port/pg_bitutils.h"

#include "login/attempts_table.h"

#define WAYS  16 /* entries in a set */
#define MAGIC "UDATT\0\0\1"

/* How long a mark, or a level of zero that overrules the sketch, is kept: longer than any count. */
#define OVERRULE_TIME (31 * USECS_PER_DAY)

StaticAssertDecl(sizeof(UdAttemptKey) == 40, "attempt keys have padding");
StaticAssertDecl(sizeof(UdAttemptEntry) == 64, "attempt entries do not fill a cache line");

/* sketch_width returns how wide the sketch is beside so many entries. */
static uint32
sketch_width(uint32 capacity)
{
	return pg_nextpower2_32(capacity);
}

static Size
cells_size(uint32 capacity)
{
	return MAXALIGN(
		mul_size(sizeof(UdAttemptCell), (Size)sketch_width(capacity) * UD_ATTEMPTS_SKETCH_ROWS));
}

static UdAttemptSketch
sketch_of(UdAttemptTable *table)
{
	UdAttemptSketch sketch = {table->sketch_width, table->sketch_seeds,
							  (UdAttemptCell *)((char *)table + MAXALIGN(sizeof(*table)))};

	return sketch;
}

static UdAttemptEntry *
entries_of(UdAttemptTable *table)
{
	return (UdAttemptEntry *)((char *)table + MAXALIGN(sizeof(*table)) +
							  cells_size(table->capacity));
}

uint32
ud_attempts_table_capacity(uint32 wanted)
{
	return (wanted + WAYS - 1) / WAYS * WAYS;
}

Size
ud_attempts_table_size(uint32 capacity)
{
	return add_size(add_size(MAXALIGN(sizeof(UdAttemptTable)), cells_size(capacity)),
					mul_size(sizeof(UdAttemptEntry), capacity));
}

/* random_seed returns a number that nobody outside can know, so that nobody can make keys collide.
 */
static uint64
random_seed(void)
{
	uint64 seed;

	if (!pg_strong_random(&seed, sizeof(seed)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
	return seed;
}

void
ud_attempts_table_init(UdAttemptTable *table, uint32 capacity)
{
	table->entry_size = sizeof(UdAttemptEntry);
	table->cell_size = sizeof(UdAttemptCell);
	table->capacity = capacity;
	table->sketch_width = sketch_width(capacity);
	table->seed = random_seed();
	for (int row = 0; row < UD_ATTEMPTS_SKETCH_ROWS; row++)
		table->sketch_seeds[row] = random_seed();

	/* Last: what ended before here is no table. */
	memcpy(table->magic, MAGIC, sizeof(table->magic));
}

bool
ud_attempts_table_check(UdAttemptTable *table, uint32 capacity)
{
	UdAttemptSketch sketch = sketch_of(table);
	UdAttemptEntry *entries;

	if (memcmp(table->magic, MAGIC, sizeof(table->magic)) != 0 ||
		table->entry_size != sizeof(UdAttemptEntry) || table->cell_size != sizeof(UdAttemptCell) ||
		table->capacity != capacity || table->sketch_width != sketch_width(capacity))
		return false;

	for (uint64 i = 0; i < (uint64)sketch.width * UD_ATTEMPTS_SKETCH_ROWS; i++)
	{
		if (!(sketch.cells[i].level >= 0 && isfinite(sketch.cells[i].level)))
			return false;
	}
	entries = entries_of(table);
	for (uint32 i = 0; i < capacity; i++)
	{
		if (entries[i].key.kind > UD_ATTEMPT_CLEARED_MARK ||
			!(entries[i].state.level >= 0 && isfinite(entries[i].state.level)))
			memset(&entries[i], 0, sizeof(entries[i]));
	}
	return true;
}

/* set_of returns the first of the places that a key may stand in. */
static UdAttemptEntry *
set_of(UdAttemptTable *table, const UdAttemptKey *key)
{
	uint64 hash = hash_bytes_extended((const unsigned char *)key, sizeof(*key), table->seed);

	return entries_of(table) + hash % (table->capacity / WAYS) * WAYS;
}

static UdAttemptEntry *
find(UdAttemptTable *table, const UdAttemptKey *key)
{
	UdAttemptEntry *set = set_of(table, key);

	for (int i = 0; i < WAYS; i++)
	{
		if (memcmp(&set[i].key, key, sizeof(*key)) == 0)
			return &set[i];
	}
	return NULL;
}

/* is_of_identifier tells whether a key is one of those that unblocking an identifier clears. */
static bool
is_of_identifier(const UdAttemptKey *key)
{
	return key->kind == UD_ATTEMPT_IDENTIFIER_IP || key->kind == UD_ATTEMPT_IDENTIFIER;
}

/* mark_of returns the key under which it is noted that all attempts of an identifier were cleared.
 */
static UdAttemptKey
mark_of(Oid database, const uint8 *who)
{
	UdAttemptKey mark = {database, UD_ATTEMPT_CLEARED_MARK};

	memcpy(mark.who, who, sizeof(mark.who));
	return mark;
}

/* estimate returns what is to be assumed of a key that has no place in the table. */
static UdAttemptState
estimate(UdAttemptTable *table, const UdAttemptKey *key, double rate_ms, TimestampTz now)
{
	UdAttemptSketch sketch = sketch_of(table);
	UdAttemptState nothing = {0, now, now};

	if (table->moved == 0)
		return nothing;
	if (is_of_identifier(key))
	{
		UdAttemptKey mark = mark_of(key->database, key->who);
		UdAttemptEntry *entry = find(table, &mark);

		if (entry != NULL && now < entry->state.expires_at)
			return nothing;
	}
	return ud_attempts_sketch_read(&sketch, key, rate_ms, now);
}

/* move_to_sketch gives up an entry's place. */
static void
move_to_sketch(UdAttemptTable *table, UdAttemptEntry *entry, TimestampTz now)
{
	UdAttemptSketch sketch = sketch_of(table);

	if (entry->key.kind != UD_ATTEMPT_CLEARED_MARK && entry->state.level > 0)
	{
		ud_attempts_sketch_raise(&sketch, &entry->key, &entry->state, now);
		table->moved++;
		if (is_of_identifier(&entry->key))
		{
			UdAttemptKey mark = mark_of(entry->key.database, entry->key.who);
			UdAttemptEntry *marked = find(table, &mark);

			/* From now on the sketch knows something of the identifier again. */
			if (marked != NULL)
				marked->key.kind = UD_ATTEMPT_NONE;
		}
	}
	entry->key.kind = UD_ATTEMPT_NONE;
}

/* free_place returns a place for a key that has none, taking that of another when it must. */
static UdAttemptEntry *
free_place(UdAttemptTable *table, const UdAttemptKey *key, TimestampTz now)
{
	UdAttemptEntry *set = set_of(table, key);
	UdAttemptEntry *victim = set;

	for (int i = 0; i < WAYS; i++)
	{
		const UdAttemptState *state = &set[i].state;

		if (set[i].key.kind == UD_ATTEMPT_NONE || now >= state->expires_at)
		{
			set[i].key.kind = UD_ATTEMPT_NONE;
			return &set[i];
		}
		if (state->level < victim->state.level ||
			(state->level == victim->state.level && state->counted_at < victim->state.counted_at))
			victim = &set[i];
	}
	move_to_sketch(table, victim, now);
	return victim;
}

/* put writes a key and its state to a free place. */
static void
put(UdAttemptEntry *place, const UdAttemptKey *key, UdAttemptState state)
{
	UdAttemptKey unmarked = *key;

	unmarked.kind = UD_ATTEMPT_NONE;
	place->key = unmarked;
	place->state = state;
	pg_compiler_barrier();
	place->key.kind = key->kind;
}

UdAttemptState
ud_attempts_table_read(UdAttemptTable *table, const UdAttemptKey *key, double rate_ms,
					   TimestampTz now)
{
	UdAttemptEntry *entry = find(table, key);
	UdAttemptState state = entry != NULL ? entry->state : estimate(table, key, rate_ms, now);

	state.level = ud_attempts_state_level(&state, rate_ms, now);
	state.counted_at = now;
	return state;
}

void
ud_attempts_table_add(UdAttemptTable *table, const UdAttemptKey *key, const UdAttemptRule *rule,
					  TimestampTz now, double *before, double *after)
{
	UdAttemptEntry *entry = find(table, key);
	UdAttemptState state = entry != NULL ? entry->state : estimate(table, key, rule->rate_ms, now);

	ud_attempts_state_add(&state, rule, now, before, after);
	if (entry != NULL)
		entry->state = state;
	else
		put(free_place(table, key, now), key, state);
}

bool
ud_attempts_table_forget(UdAttemptTable *table, const UdAttemptKey *key, TimestampTz now)
{
	UdAttemptEntry *entry = find(table, key);
	bool had_any = ud_attempts_table_read(table, key, 0, now).level > 0;

	if (entry != NULL)
		entry->key.kind = UD_ATTEMPT_NONE;

	/* What the sketch says cannot be taken back, only overruled. */
	if (estimate(table, key, 0, now).level > 0)
	{
		UdAttemptState nothing = {0, now, now + OVERRULE_TIME};

		put(entry != NULL ? entry : free_place(table, key, now), key, nothing);
	}
	return had_any;
}

bool
ud_attempts_table_forget_all(UdAttemptTable *table, Oid database, const uint8 *who, TimestampTz now)
{
	UdAttemptEntry *entries = entries_of(table);
	bool had_any = false;

	for (uint32 i = 0; i < table->capacity; i++)
	{
		UdAttemptEntry *entry = &entries[i];

		if (is_of_identifier(&entry->key) && entry->key.database == database &&
			memcmp(entry->key.who, who, sizeof(entry->key.who)) == 0)
		{
			had_any = had_any || ud_attempts_state_level(&entry->state, 0, now) > 0;
			entry->key.kind = UD_ATTEMPT_NONE;
		}
	}

	/* From which other addresses attempts have moved to the sketch is not known any more. */
	if (table->moved > 0)
	{
		UdAttemptKey mark = mark_of(database, who);
		UdAttemptEntry *marked = find(table, &mark);
		UdAttemptState kept = {PG_UINT32_MAX, now, now + OVERRULE_TIME};

		put(marked != NULL ? marked : free_place(table, &mark, now), &mark, kept);
	}
	return had_any;
}

const UdAttemptEntry *
ud_attempts_table_entry(UdAttemptTable *table, uint32 number)
{
	return &entries_of(table)[number];
}
