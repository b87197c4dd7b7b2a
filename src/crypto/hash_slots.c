/*
 * hash_slots.c: how many passwords the cluster hashes at the same time.
 *
 * When the library is preloaded, the slots are a counter in shared memory, and who waits sleeps
 * until one is given back. When it is not, each slot is an advisory lock that belongs to no
 * database and whose key no SQL function can make; who waits tries again every few milliseconds.
 */
#include "base/userdir.h"

#include <unistd.h>

#include "access/xact.h"
#include "miscadmin.h"
#include "storage/condition_variable.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lock.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "storage/spin.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "base/settings.h"
#include "crypto/hash_slots.h"

/* The slots as shared memory. */
typedef struct SharedSlots
{
	slock_t mutex;
	int taken;
	ConditionVariable given; /* a slot was given back */
} SharedSlots;

static SharedSlots *shared = NULL;
static bool holds_shared = false;

static shmem_request_hook_type previous_request_hook = NULL;
static shmem_startup_hook_type previous_startup_hook = NULL;

/* The slots as locks: what stands where advisory locks have database, key and kind of key. */
#define LOCK_DATABASE InvalidOid
#define LOCK_KEY      0x75736572
#define LOCK_KIND     0x7564

static LOCKTAG held_lock;
static bool holds_lock = false;

/* A waiter looks again after these, should nothing wake it: milliseconds. */
#define SHARED_RECHECK 200
#define FIRST_RETRY    2
#define LAST_RETRY     32

static void
request_shared_memory(void)
{
	if (previous_request_hook != NULL)
		previous_request_hook();
	RequestAddinShmemSpace(MAXALIGN(sizeof(SharedSlots)));
}

/*
 * The caller raises nothing while it holds a slot. Should it ever, the slot must not be lost: these
 * give it back when the transaction, the subtransaction or the backend ends. A lock is released by
 * the end itself.
 */
static void
give_at_abort(void)
{
	holds_lock = false;
	if (holds_shared)
		ud_hash_slots_give();
}

static void
give_at_exit(int code, Datum arg)
{
	give_at_abort();
}

static void
give_at_end_of_transaction(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT)
		give_at_abort();
}

static void
give_at_end_of_subtransaction(SubXactEvent event, SubTransactionId id, SubTransactionId parent,
							  void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		give_at_abort();
}

static void
register_callbacks(void)
{
	static bool registered = false;

	if (registered)
		return;
	before_shmem_exit(give_at_exit, (Datum)0);
	RegisterXactCallback(give_at_end_of_transaction, NULL);
	RegisterSubXactCallback(give_at_end_of_subtransaction, NULL);
	registered = true;
}

static void
start_shared_memory(void)
{
	bool found;

	if (previous_startup_hook != NULL)
		previous_startup_hook();

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	shared = ShmemInitStruct("userdir password hashes", sizeof(SharedSlots), &found);
	if (!found)
	{
		SpinLockInit(&shared->mutex);
		shared->taken = 0;
		ConditionVariableInit(&shared->given);
	}
	LWLockRelease(AddinShmemInitLock);
}

void
ud_hash_slots_preload(void)
{
	previous_request_hook = shmem_request_hook;
	shmem_request_hook = request_shared_memory;
	previous_startup_hook = shmem_startup_hook;
	shmem_startup_hook = start_shared_memory;
}

/* slot_count returns how many slots there are now. */
static int
slot_count(void)
{
	long processors;

	if (ud_password_max_concurrent > 0)
		return ud_password_max_concurrent;
	processors = sysconf(_SC_NPROCESSORS_ONLN);
	return Max(1, Min(processors, UD_PASSWORD_MAX_CONCURRENT));
}

static bool
try_shared(void)
{
	const int count = slot_count();

	SpinLockAcquire(&shared->mutex);
	if (shared->taken < count)
	{
		shared->taken++;
		holds_shared = true;
	}
	SpinLockRelease(&shared->mutex);
	return holds_shared;
}

/* try_lock tries every slot once, from one that depends on the backend. */
static bool
try_lock(void)
{
	const int count = slot_count();
	LOCKTAG tag;

	for (int i = 0; i < count && !holds_lock; i++)
	{
		SET_LOCKTAG_ADVISORY(tag, LOCK_DATABASE, LOCK_KEY, (MyProcPid + i) % count, LOCK_KIND);
		if (LockAcquire(&tag, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL)
		{
			held_lock = tag;
			holds_lock = true;
		}
	}
	return holds_lock;
}

/* left_until returns the milliseconds until a time, 0 when it has come. */
static long
left_until(TimestampTz deadline)
{
	return TimestampDifferenceMilliseconds(GetCurrentTimestamp(), deadline);
}

static void
raise_timeout(void)
{
	ereport(ERROR, (errcode(UD_ERR_PASSWORD_QUEUE_TIMEOUT),
					errmsg("too many passwords are being verified or hashed"),
					errdetail("None of %d places became free within %d ms.", slot_count(),
							  ud_password_queue_timeout_ms),
					errhint("Try again. The limits are userdir.password_max_concurrent and "
							"userdir.password_queue_timeout.")));
}

/* wait_shared sleeps until a slot in shared memory is free. */
static void
wait_shared(TimestampTz deadline)
{
	if (try_shared())
		return;
	ConditionVariablePrepareToSleep(&shared->given);
	while (!try_shared())
	{
		long left = left_until(deadline);

		if (left <= 0)
		{
			ConditionVariableCancelSleep();
			raise_timeout();
		}
		ConditionVariableTimedSleep(&shared->given, Min(left, SHARED_RECHECK), PG_WAIT_EXTENSION);
	}
	ConditionVariableCancelSleep();
}

/* wait_lock tries again and again, more and more rarely, until a lock is free. */
static void
wait_lock(TimestampTz deadline)
{
	long pause = FIRST_RETRY;

	while (!try_lock())
	{
		long left = left_until(deadline);

		if (left <= 0)
			raise_timeout();
		(void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, Min(left, pause),
						PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		pause = Min(2 * pause, LAST_RETRY);
	}
}

void
ud_hash_slots_take(void)
{
	TimestampTz deadline =
		TimestampTzPlusMilliseconds(GetCurrentTimestamp(), (int64)ud_password_queue_timeout_ms);

	register_callbacks();
	CHECK_FOR_INTERRUPTS();
	if (shared != NULL)
		wait_shared(deadline);
	else
		wait_lock(deadline);
}

void
ud_hash_slots_give(void)
{
	if (holds_shared)
	{
		SpinLockAcquire(&shared->mutex);
		shared->taken--;
		SpinLockRelease(&shared->mutex);
		holds_shared = false;
		ConditionVariableSignal(&shared->given);
	}
	if (holds_lock)
	{
		holds_lock = false;
		LockRelease(&held_lock, ExclusiveLock, false);
	}
}
