/*
 * rules_stats.c: how often each rule was called, how long it took, and how it failed last.
 */
#include "base/userdir.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "login/rules_stats.h"

#define TRANCHE "userdir_rules"
#define SIZE    (UD_RULES_STATS_COUNT * sizeof(UdRuleStats))

/* The figures: of all sessions when there is a lock, of this one when there is none. */
static UdRuleStats *table = NULL;
static LWLock *lock = NULL;

static shmem_request_hook_type previous_request_hook = NULL;
static shmem_startup_hook_type previous_startup_hook = NULL;

static void
request_shared_memory(void)
{
	if (previous_request_hook != NULL)
		previous_request_hook();
	RequestAddinShmemSpace(MAXALIGN(SIZE));
	RequestNamedLWLockTranche(TRANCHE, 1);
}

static void
start_shared_memory(void)
{
	bool found;

	if (previous_startup_hook != NULL)
		previous_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	table = ShmemInitStruct("userdir rules", SIZE, &found);
	if (!found)
		memset(table, 0, SIZE);
	lock = &GetNamedLWLockTranche(TRANCHE)->lock;
	LWLockRelease(AddinShmemInitLock);
}

void
ud_rules_stats_preload(void)
{
	previous_request_hook = shmem_request_hook;
	shmem_request_hook = request_shared_memory;
	previous_startup_hook = shmem_startup_hook;
	shmem_startup_hook = start_shared_memory;
}

static void
lock_table(LWLockMode mode)
{
	if (table == NULL)
		table = MemoryContextAllocZero(TopMemoryContext, SIZE);
	if (lock != NULL)
		LWLockAcquire(lock, mode);
}

static void
unlock_table(void)
{
	if (lock != NULL)
		LWLockRelease(lock);
}

/* find_place returns the place of a rule, or NULL. The table is locked. */
static UdRuleStats *
find_place(Oid trigger)
{
	for (int i = 0; i < UD_RULES_STATS_COUNT; i++)
	{
		if (table[i].trigger == trigger && table[i].database == MyDatabaseId)
			return &table[i];
	}
	return NULL;
}

/* take_place gives a rule a place that is free, or that was used least recently. */
static UdRuleStats *
take_place(Oid trigger)
{
	UdRuleStats *oldest = &table[0];

	for (int i = 1; i < UD_RULES_STATS_COUNT; i++)
	{
		if (table[i].called_at < oldest->called_at)
			oldest = &table[i];
	}
	memset(oldest, 0, sizeof(*oldest));
	oldest->database = MyDatabaseId;
	oldest->trigger = trigger;
	return oldest;
}

void
ud_rules_stats_count(Oid trigger, uint64 microseconds, int sqlstate, const char *message)
{
	TimestampTz now = GetCurrentTimestamp();
	int length =
		sqlstate == 0 ? 0 : pg_mbcliplen(message, (int)strlen(message), UD_RULES_STATS_MESSAGE - 1);
	UdRuleStats *rule;

	lock_table(LW_EXCLUSIVE);
	rule = find_place(trigger);
	if (rule == NULL)
		rule = take_place(trigger);
	rule->calls++;
	rule->microseconds += microseconds;
	rule->called_at = now;
	if (sqlstate != 0)
	{
		rule->failures++;
		rule->failed_at = now;
		rule->sqlstate = sqlstate;
		memcpy(rule->message, message, length);
		rule->message[length] = '\0';
	}
	unlock_table();
}

bool
ud_rules_stats_find(Oid trigger, UdRuleStats *found)
{
	UdRuleStats *rule;

	lock_table(LW_SHARED);
	rule = find_place(trigger);
	if (rule != NULL)
		*found = *rule;
	unlock_table();
	return rule != NULL;
}
