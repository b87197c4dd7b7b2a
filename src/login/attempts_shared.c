/*
 * attempts_shared.c: the table of attempts that all backends of the server share.
 */
#include "base/userdir.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "miscadmin.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "utils/guc.h"

#include "login/attempts_shared.h"

/* Beside the server's own statistics; pg_stat_statements keeps its file there too. */
#define FILE_NAME "pg_stat/userdir_attempts.map"
#define TRANCHE   "userdir_attempts"

static int wanted_capacity = 65536;

/* The postmaster maps the file once; its children inherit the mapping. */
static UdAttemptTable *table = NULL;
static LWLock *lock = NULL;

static shmem_request_hook_type previous_request_hook = NULL;
static shmem_startup_hook_type previous_startup_hook = NULL;

static void
request_lock(void)
{
	if (previous_request_hook)
		previous_request_hook();
	RequestNamedLWLockTranche(TRANCHE, 1);
}

/* fail_to reports a system call that failed; the server does not start without its counters. */
static void
fail_to(const char *what)
{
	ereport(FATAL,
			(errcode_for_file_access(), errmsg("could not %s file \"%s\": %m", what, FILE_NAME)));
}

/* open_file opens the file and makes it as long as the table; *is_new tells if it was not that. */
static int
open_file(Size size, bool *is_new)
{
	int fd = OpenTransientFile(FILE_NAME, O_RDWR | O_CREAT | PG_BINARY);
	struct stat found;
	int failure;

	if (fd < 0)
		fail_to("open");
	if (fstat(fd, &found) != 0)
		fail_to("stat");

	*is_new = found.st_size != (off_t)size;
	if (*is_new)
	{
		if (found.st_size > 0)
			ereport(WARNING,
					(errmsg("failed logins that were counted before are forgotten"),
					 errdetail("File \"%s\" is of another userdir.attempts_capacity.", FILE_NAME)));
		if (ftruncate(fd, 0) != 0)
			fail_to("truncate");
	}

	/* Blocks are allocated now: a full disk later would end a backend that writes to them. */
	failure = posix_fallocate(fd, 0, (off_t)size);
	if (failure != 0)
	{
		errno = failure;
		fail_to("allocate");
	}
	return fd;
}

/* map_file makes the file's content the table. */
static void
map_file(void)
{
	uint32 capacity = ud_attempts_table_capacity(wanted_capacity);
	Size size = ud_attempts_table_size(capacity);
	bool is_new;
	int fd = open_file(size, &is_new);
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		fail_to("map");
	if (CloseTransientFile(fd) != 0)
		fail_to("close");

	if (!is_new && !ud_attempts_table_check(memory, capacity))
	{
		ereport(WARNING, (errmsg("failed logins that were counted before are forgotten"),
						  errdetail("File \"%s\" is damaged or of another version.", FILE_NAME)));
		memset(memory, 0, size);
		is_new = true;
	}
	if (is_new)
		ud_attempts_table_init(memory, capacity);
	table = memory;
}

/* start_up runs in the postmaster, at its start and again after the crash of a backend. */
static void
start_up(void)
{
	if (previous_startup_hook)
		previous_startup_hook();
	lock = &GetNamedLWLockTranche(TRANCHE)->lock;
	if (table == NULL)
		map_file();
}

void
ud_attempts_shared_preload(void)
{
	DefineCustomIntVariable(
		"userdir.attempts_capacity", "Counters of failed logins that the server keeps exactly.",
		"A thousand take 64 kB, and the estimates of those beyond 48 to 96 kB.", &wanted_capacity,
		wanted_capacity, 16, 16 * 1024 * 1024, PGC_POSTMASTER, 0, NULL, NULL, NULL);

	previous_request_hook = shmem_request_hook;
	shmem_request_hook = request_lock;
	previous_startup_hook = shmem_startup_hook;
	shmem_startup_hook = start_up;
}

bool
ud_attempts_shared_exists(void)
{
	return table != NULL;
}

UdAttemptTable *
ud_attempts_shared_lock(bool for_writing)
{
	if (table == NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("userdir is not preloaded"),
						errhint("Add it to shared_preload_libraries and restart the server.")));
	LWLockAcquire(lock, for_writing ? LW_EXCLUSIVE : LW_SHARED);
	return table;
}

void
ud_attempts_shared_unlock(void)
{
	LWLockRelease(lock);
}
