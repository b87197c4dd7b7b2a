/*
 * custom_slots.c: how many actions of one custom database run at the same time.
 *
 * A place is an advisory lock whose key no SQL function can make, so it needs no shared memory of
 * its own, and the end of a transaction or of a backend gives it back.
 */
#include "base/userdir.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "base/settings.h"
#include "login/custom_slots.h"

/* What stands where advisory locks have the kind of their key. */
#define LOCK_KIND 0x7565

/* Longer than a busy database takes for an answer, and nothing beside its time limit. */
#define LONGEST_WAIT_MS 1000
#define FIRST_RETRY_MS  1
#define LAST_RETRY_MS   16

/* try_slots tries every place once, from one that depends on the backend. */
static bool
try_slots(uint32 key, UdCustomSlot *slot)
{
	const int count = ud_custom_database_max_concurrent;
	LockAcquireResult taken;

	for (int i = 0; i < count; i++)
	{
		SET_LOCKTAG_ADVISORY(slot->tag, MyDatabaseId, key, (uint32)(MyProcPid + i) % count,
							 LOCK_KIND);
		taken = LockAcquire(&slot->tag, ExclusiveLock, false, true);
		if (taken == LOCKACQUIRE_OK)
			return true;
		/* An action that leads to another of its connection takes a second place. */
		if (taken == LOCKACQUIRE_ALREADY_HELD)
			(void)LockRelease(&slot->tag, ExclusiveLock, false);
	}
	return false;
}

bool
ud_custom_slot_take(const char *connection, UdCustomSlot *slot)
{
	uint32 key = hash_bytes((const unsigned char *)connection, (int)strlen(connection));
	TimestampTz deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LONGEST_WAIT_MS);
	long pause = FIRST_RETRY_MS;

	while (!try_slots(key, slot))
	{
		if (GetCurrentTimestamp() >= deadline)
			return false;
		(void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, pause,
						PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		pause = Min(2 * pause, LAST_RETRY_MS);
	}
	return true;
}

void
ud_custom_slot_give(const UdCustomSlot *slot)
{
	(void)LockRelease(&slot->tag, ExclusiveLock, false);
}
