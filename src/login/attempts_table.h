/*
 * attempts_table.h: a table of attempts in a fixed piece of memory.
 *
 * Places are in sets; a key belongs to one of them. When all places of a set are taken, the key
 * with the fewest attempts moves to a sketch, which never says less than the truth. So no count and
 * no block is lost, however many keys there are; what is lost is the exactness of those that moved.
 *
 * The table knows neither locks nor where its memory is. An interrupted change leaves it usable: a
 * key moves to the sketch before its place is taken, and a place is marked as taken last.
 */
#ifndef UD_LOGIN_ATTEMPTS_TABLE_H
#define UD_LOGIN_ATTEMPTS_TABLE_H

#include "login/attempts_sketch.h"

typedef struct UdAttemptEntry
{
	UdAttemptKey key;
	UdAttemptState state;
} UdAttemptEntry;

/* The beginning of the memory; the cells of the sketch and then the entries follow it. */
typedef struct UdAttemptTable
{
	char magic[8];
	uint32 entry_size;
	uint32 cell_size;
	uint32 capacity;     /* entries */
	uint32 sketch_width; /* cells in a row of the sketch */
	uint64 moved;        /* keys that moved to the sketch, ever */
	uint64 seed;         /* of the hash that chooses a set */
	uint64 sketch_seeds[UD_ATTEMPTS_SKETCH_ROWS];
} UdAttemptTable;

/* ud_attempts_table_capacity rounds a wanted number of entries up to one that a table can have. */
extern uint32 ud_attempts_table_capacity(uint32 wanted);

/* ud_attempts_table_size returns the bytes of a table of so many entries. */
extern Size ud_attempts_table_size(uint32 capacity);

/*
 * ud_attempts_table_init makes an empty table of zeroed memory.
 *
 * Errors: XX000 when the server has no random numbers.
 */
extern void ud_attempts_table_init(UdAttemptTable *table, uint32 capacity);

/*
 * ud_attempts_table_check tells whether memory holds a table of so many entries that this code can
 * work with. Entries that cannot be right are freed.
 */
extern bool ud_attempts_table_check(UdAttemptTable *table, uint32 capacity);

/*
 * ud_attempts_table_read returns what stands against a key: the level faded until now by the rate,
 * and when all of it will be forgotten.
 */
extern UdAttemptState ud_attempts_table_read(UdAttemptTable *table, const UdAttemptKey *key,
											 double rate_ms, TimestampTz now);

/* ud_attempts_table_add counts an attempt; *before and *after get the level around it. */
extern void ud_attempts_table_add(UdAttemptTable *table, const UdAttemptKey *key,
								  const UdAttemptRule *rule, TimestampTz now, double *before,
								  double *after);

/* ud_attempts_table_forget removes what stands against a key; tells whether there was anything. */
extern bool ud_attempts_table_forget(UdAttemptTable *table, const UdAttemptKey *key,
									 TimestampTz now);

/*
 * ud_attempts_table_forget_all removes what stands against an identifier, from every address; tells
 * whether there was anything. It looks at the whole table.
 */
extern bool ud_attempts_table_forget_all(UdAttemptTable *table, Oid database, const uint8 *who,
										 TimestampTz now);

/* ud_attempts_table_entry returns one of the entries, from 0; its kind is 0 when it is free. */
extern const UdAttemptEntry *ud_attempts_table_entry(UdAttemptTable *table, uint32 number);

#endif
