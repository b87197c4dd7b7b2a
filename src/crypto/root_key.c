/*
 * root_key.c: the root keys, which live in a file or come from a command.
 *
 * A backend keeps the keys that it has read in memory which is not swapped out, and reads them
 * again when the file has changed or when it needs a key that it does not have.
 */
#include "base/userdir.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

#include "base/settings.h"
#include "crypto/root_key.h"
#include "pure/base64.h"

/* Where the file is unless a setting says something else: beside the data directory's own files. */
#define DEFAULT_FILE  "userdir_root.key"

#define MAX_FILE_SIZE (16 * 1024)

static const char file_head[] =
	"# Root keys of userdir: what is sealed in the databases of this server opens with these "
	"alone.\n"
	"# The last one is in use. No dump holds them: keep copies of this file, apart from dumps.\n";

/* The keys that were read. */
static UdRootKey *keys = NULL; /* UD_ROOT_KEY_MAX_COUNT of them, locked in memory */
static int key_count = 0;

/* What they were read from: the setting that named it, and for a file what it looked like. */
static char *source = NULL;
static struct stat seen;

static bool
from_command(void)
{
	return ud_root_key_command != NULL && ud_root_key_command[0] != '\0';
}

/* file_name returns the path of the file. */
static char *
file_name(void)
{
	if (ud_root_key_file == NULL || ud_root_key_file[0] == '\0')
		return psprintf("%s/%s", DataDir, DEFAULT_FILE);
	if (is_absolute_path(ud_root_key_file))
		return pstrdup(ud_root_key_file);
	return psprintf("%s/%s", DataDir, ud_root_key_file);
}

/* forget_keys overwrites what is known. */
static void
forget_keys(void)
{
	if (keys != NULL)
		sodium_memzero(keys, UD_ROOT_KEY_MAX_COUNT * sizeof(UdRootKey));
	key_count = 0;
	if (source != NULL)
		pfree(source);
	source = NULL;
	memset(&seen, 0, sizeof(seen));
}

static void
prepare_memory(void)
{
	if (keys != NULL)
		return;
	keys = sodium_malloc(UD_ROOT_KEY_MAX_COUNT * sizeof(UdRootKey));
	if (keys == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory for root keys")));
	sodium_memzero(keys, UD_ROOT_KEY_MAX_COUNT * sizeof(UdRootKey));
}

/* make_id writes the id of a key: a hash of its bytes, so that a wrong key is seen for one. */
static void
make_id(UdRootKey *key)
{
	static const char label[] = "userdir root key id";
	uint8 hash[crypto_generichash_BYTES_MIN];
	char hex[2 * 8 + 1];

	StaticAssertStmt(sizeof(hash) >= 8, "an id needs eight bytes");
	crypto_generichash(hash, sizeof(hash), (const uint8 *)label, strlen(label), key->bytes,
					   sizeof(key->bytes));
	sodium_bin2hex(hex, sizeof(hex), hash, 8);
	snprintf(key->id, sizeof(key->id), "rk_%s", hex);
}

static void
pg_attribute_noreturn() raise_malformed(const char *origin, int line)
{
	ereport(ERROR, (errcode(UD_ERR_ROOT_KEY), errmsg("the root keys from %s are malformed", origin),
					errdetail("Line %d is no key, or its id is not that of its bytes.", line),
					errhint("A line is an id, a blank and 32 bytes in base64url. Put a copy of the "
							"original in its place.")));
}

/* parse_line reads one key into keys. Returns false when the line is none. */
static bool
parse_line(const char *line, size_t length)
{
	UdRootKey *key = &keys[key_count];
	uint8 bytes[UD_BASE64_DECODED_SIZE(44)];
	size_t decoded;
	bool ok;

	if (key_count == UD_ROOT_KEY_MAX_COUNT || length != UD_ROOT_KEY_ID_LENGTH + 1 + 43 ||
		line[UD_ROOT_KEY_ID_LENGTH] != ' ')
		return false;
	ok = ud_base64url_decode(line + UD_ROOT_KEY_ID_LENGTH + 1, 43, bytes, &decoded);
	if (ok)
	{
		memcpy(key->bytes, bytes, UD_ROOT_KEY_LENGTH);
		make_id(key);
		ok = memcmp(key->id, line, UD_ROOT_KEY_ID_LENGTH) == 0;
	}
	sodium_memzero(bytes, sizeof(bytes));
	if (ok)
		key_count++;
	return ok;
}

/* parse reads all keys from text. Errors: UD050. */
static void
parse(char *text, size_t length, const char *origin)
{
	int number = 1;

	key_count = 0;
	for (size_t begin = 0; begin < length; number++)
	{
		char *end = memchr(text + begin, '\n', length - begin);
		size_t line_length = (end != NULL ? (size_t)(end - text) : length) - begin;
		size_t useful = line_length;

		while (useful > 0 && (text[begin + useful - 1] == '\r' || text[begin + useful - 1] == ' '))
			useful--;
		if (useful > 0 && text[begin] != '#' && !parse_line(text + begin, useful))
		{
			sodium_memzero(text, length);
			forget_keys();
			raise_malformed(origin, number);
		}
		begin += line_length + 1;
	}
	sodium_memzero(text, length);
	if (key_count == 0)
		ereport(ERROR, (errcode(UD_ERR_ROOT_KEY), errmsg("%s holds no root key", origin)));
}

/* check_file refuses a file that is no file, or that others may read. */
static void
check_file(const char *name, const struct stat *status)
{
	if (!S_ISREG(status->st_mode))
		ereport(ERROR, (errcode(UD_ERR_ROOT_KEY), errmsg("\"%s\" is no file", name)));
	if ((status->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		ereport(ERROR, (errcode(UD_ERR_ROOT_KEY),
						errmsg("the root key file \"%s\" may be used by others", name),
						errhint("chmod 0600 \"%s\"", name)));
}

/* is_fresh returns whether the keys that are known are those of the file as it is now. */
static bool
is_fresh(const char *name, const struct stat *status)
{
	return key_count > 0 && source != NULL && strcmp(source, name) == 0 &&
		   seen.st_dev == status->st_dev && seen.st_ino == status->st_ino &&
		   seen.st_size == status->st_size && seen.st_mtim.tv_sec == status->st_mtim.tv_sec &&
		   seen.st_mtim.tv_nsec == status->st_mtim.tv_nsec;
}

/* read_all reads a file or the output of a command; more than there is room for is an error. */
static size_t
read_all(FILE *stream, char *buffer, const char *origin)
{
	size_t length = fread(buffer, 1, MAX_FILE_SIZE + 1, stream);

	if (ferror(stream) || length > MAX_FILE_SIZE)
	{
		sodium_memzero(buffer, MAX_FILE_SIZE + 1);
		ereport(ERROR,
				(errcode(UD_ERR_ROOT_KEY), errmsg("could not read root keys from %s", origin),
				 length > MAX_FILE_SIZE ? errdetail("There are more than %d bytes.", MAX_FILE_SIZE)
										: 0));
	}
	return length;
}

/* remember notes where the keys came from. */
static void
remember(const char *name, const struct stat *status)
{
	char *copy = MemoryContextStrdup(TopMemoryContext, name);

	if (source != NULL)
		pfree(source);
	source = copy;
	if (status != NULL)
		seen = *status;
}

/*
 * load_file reads the file unless it is as it was. Returns false when it is not there.
 */
static bool
read_key_file(const char *name)
{
	struct stat status;
	char *buffer;
	FILE *stream;
	int length;

	if (stat(name, &status) != 0)
	{
		if (errno == ENOENT)
			return false;
		ereport(ERROR, (errcode(UD_ERR_ROOT_KEY),
						errmsg("could not read the root key file \"%s\": %m", name)));
	}
	check_file(name, &status);
	if (is_fresh(name, &status))
		return true;

	prepare_memory();
	stream = AllocateFile(name, PG_BINARY_R);
	if (stream == NULL)
		ereport(ERROR, (errcode(UD_ERR_ROOT_KEY),
						errmsg("could not read the root key file \"%s\": %m", name)));
	/* What is read here must not stay in a buffer of the C library. */
	setvbuf(stream, NULL, _IONBF, 0);
	buffer = palloc(MAX_FILE_SIZE + 1);
	length = (int)read_all(stream, buffer, psprintf("file \"%s\"", name));
	FreeFile(stream);
	forget_keys();
	parse(buffer, (size_t)length, psprintf("file \"%s\"", name));
	pfree(buffer);
	remember(name, &status);
	return true;
}

/* load_command runs the command, once in a session unless it has to say more. */
static void
load_command(bool again)
{
	FILE *stream;
	char *buffer;
	size_t length;
	int status;

	if (!again && key_count > 0 && source != NULL && strcmp(source, ud_root_key_command) == 0)
		return;
	prepare_memory();
	fflush(NULL);
	stream = OpenPipeStream(ud_root_key_command, PG_BINARY_R);
	if (stream == NULL)
		ereport(ERROR,
				(errcode(UD_ERR_ROOT_KEY), errmsg("could not run userdir.root_key_command: %m")));
	setvbuf(stream, NULL, _IONBF, 0);
	buffer = palloc(MAX_FILE_SIZE + 1);
	length = read_all(stream, buffer, "userdir.root_key_command");
	status = ClosePipeStream(stream);
	if (status != 0)
	{
		sodium_memzero(buffer, length);
		ereport(ERROR, (errcode(UD_ERR_ROOT_KEY), errmsg("userdir.root_key_command failed"),
						errdetail_internal("%s", wait_result_to_str(status))));
	}
	forget_keys();
	parse(buffer, length, "userdir.root_key_command");
	pfree(buffer);
	remember(ud_root_key_command, NULL);
}

/* load reads the keys from wherever they are. Returns false when the file is not there. */
static bool
load(bool again)
{
	char *name;
	bool found;

	if (from_command())
	{
		load_command(again);
		return true;
	}
	name = file_name();
	found = read_key_file(name);
	if (!found)
		forget_keys();
	pfree(name);
	return found;
}

/* sync_directory makes the name of a file as durable as what is in it. */
static void
sync_directory(const char *name)
{
	char *directory = pstrdup(name);

	get_parent_directory(directory);
	fsync_fname(directory[0] != '\0' ? directory : ".", true);
	pfree(directory);
}

/* print_keys writes the keys that are known as the text of a file; returns its length. */
static size_t
print_keys(char *text, size_t size)
{
	size_t length = (size_t)snprintf(text, size, "%s", file_head);

	for (int i = 0; i < key_count; i++)
	{
		char encoded[UD_BASE64_SIZE(UD_ROOT_KEY_LENGTH)];

		ud_base64url_encode(keys[i].bytes, UD_ROOT_KEY_LENGTH, encoded);
		length += (size_t)snprintf(text + length, size - length, "%s %s\n", keys[i].id, encoded);
		sodium_memzero(encoded, sizeof(encoded));
	}
	return length;
}

/* write_file writes the keys that are known to a new file, all the way to the disk. */
static void
write_file(const char *name)
{
	const size_t size = sizeof(file_head) + (size_t)key_count * 80;
	char *text = palloc(size);
	size_t length = print_keys(text, size);
	int file;
	ssize_t written;

	unlink(name);
	file = OpenTransientFilePerm(name, O_WRONLY | O_CREAT | O_EXCL | PG_BINARY, S_IRUSR | S_IWUSR);
	written = file < 0 ? -1 : write(file, text, length);
	sodium_memzero(text, size);
	pfree(text);
	if (written != (ssize_t)length || pg_fsync(file) != 0)
	{
		int failure = written >= 0 && written != (ssize_t)length ? ENOSPC : errno;

		if (file >= 0)
			unlink(name);
		forget_keys();
		errno = failure;
		ereport(ERROR, (errcode(UD_ERR_ROOT_KEY), errmsg("could not write \"%s\": %m", name),
						errhint("The server must be able to write to this directory when a root "
								"key is made.")));
	}
	CloseTransientFile(file);
}

/* generate_key adds a new key behind those that are known. */
static void
generate_key(void)
{
	prepare_memory();
	if (key_count == UD_ROOT_KEY_MAX_COUNT)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("there are %d root keys already", key_count),
						errhint("Remove those that nothing is sealed under, with "
								"userdir.remove_root_key().")));
	randombytes_buf(keys[key_count].bytes, UD_ROOT_KEY_LENGTH);
	make_id(&keys[key_count]);
	key_count++;
}

/* put_file makes the file out of the keys that are known. Returns false, with fresh, when another
 * backend has made it meanwhile. */
static bool
put_file(const char *name, bool fresh)
{
	char *temporary = psprintf("%s.%d", name, MyProcPid);
	bool done;

	write_file(temporary);
	/* The name must never stand for half a file, nor take the place of another's keys. */
	done = (fresh ? link(temporary, name) : rename(temporary, name)) == 0;
	if (!done && !(fresh && errno == EEXIST))
	{
		int failure = errno;

		unlink(temporary);
		forget_keys();
		errno = failure;
		ereport(ERROR, (errcode(UD_ERR_ROOT_KEY), errmsg("could not make \"%s\": %m", name)));
	}
	if (fresh)
		unlink(temporary);
	sync_directory(name);
	pfree(temporary);
	return done;
}

/* lock_file keeps other backends, of whatever database, from changing the file at the same time. */
static int
lock_file(const char *name)
{
	char *lock_name = psprintf("%s.lock", name);
	int lock = OpenTransientFilePerm(lock_name, O_RDWR | O_CREAT | PG_BINARY, S_IRUSR | S_IWUSR);

	if (lock < 0)
		ereport(ERROR, (errcode(UD_ERR_ROOT_KEY), errmsg("could not open \"%s\": %m", lock_name)));
	while (flock(lock, LOCK_EX | LOCK_NB) != 0)
	{
		if (errno != EWOULDBLOCK && errno != EINTR)
			ereport(ERROR,
					(errcode(UD_ERR_ROOT_KEY), errmsg("could not lock \"%s\": %m", lock_name)));
		CHECK_FOR_INTERRUPTS();
		pg_usleep(10 * 1000);
	}
	pfree(lock_name);
	return lock;
}

static void
pg_attribute_noreturn() raise_missing_file(const char *name)
{
	ereport(ERROR, (errcode(UD_ERR_ROOT_KEY), errmsg("there is no root key file \"%s\"", name),
					errdetail("Something in this database is sealed under a root key already."),
					errhint("Put a copy of the file in its place. If there is none, "
							"userdir.add_root_key() makes a new key for what is to come, and "
							"userdir.import_keys() brings back what was exported.")));
}

/* require_keys loads the keys; there must be some. */
static void
require_keys(bool again)
{
	if (!load(again))
		raise_missing_file(file_name());
}

const UdRootKey *
ud_root_key_current(bool can_create)
{
	if (!load(false))
	{
		char *name = file_name();

		if (!can_create)
			raise_missing_file(name);
		forget_keys();
		generate_key();
		put_file(name, true);
		/* What the file says counts, whoever has made it. */
		forget_keys();
		require_keys(false);
	}
	return &keys[key_count - 1];
}

const UdRootKey *
ud_root_key_find(const char *id)
{
	for (int attempt = 0; attempt < 2; attempt++)
	{
		if (!load(attempt > 0))
			break;
		for (int i = 0; i < key_count; i++)
		{
			if (strcmp(keys[i].id, id) == 0)
				return &keys[i];
		}
		if (!from_command())
			break;
	}
	ereport(ERROR,
			(errcode(UD_ERR_ROOT_KEY), errmsg("root key %s is not there", id),
			 errdetail("%s holds %d root keys, and not this one.",
					   from_command() ? "The output of userdir.root_key_command"
									  : psprintf("File \"%s\"", file_name()),
					   key_count),
			 errhint("Add the line that begins with this id from a copy of the server's root key "
					 "file; or call userdir.import_keys() with what userdir.export_keys() gave.")));
}

bool
ud_root_key_exists(void)
{
	return load(false);
}

void
ud_root_key_add(void)
{
	char *name = file_name();
	int lock;

	if (from_command())
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("root keys come from a command, which alone can add one"),
						errhint("Let userdir.root_key_command print the new key behind the old "
								"ones; then call userdir.rotate_root_key().")));
	lock = lock_file(name);
	load(false);
	generate_key();
	put_file(name, false);
	forget_keys();
	CloseTransientFile(lock);
	require_keys(false);
}

void
ud_root_key_remove(const char *id)
{
	char *name = file_name();
	int lock;
	int place = -1;

	if (from_command())
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("root keys come from a command, which alone can remove one")));
	lock = lock_file(name);
	require_keys(false);
	for (int i = 0; i < key_count; i++)
	{
		if (strcmp(keys[i].id, id) == 0)
			place = i;
	}
	if (place < 0)
		ereport(ERROR, (errcode(UD_ERR_ROOT_KEY), errmsg("root key %s is not there", id)));
	if (place == key_count - 1)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("root key %s is in use", id),
						errhint("userdir.rotate_root_key() puts a new one in its place.")));
	memmove(&keys[place], &keys[place + 1], (size_t)(key_count - place - 1) * sizeof(UdRootKey));
	key_count--;
	sodium_memzero(&keys[key_count], sizeof(UdRootKey));
	put_file(name, false);
	forget_keys();
	CloseTransientFile(lock);
}

const UdRootKey *
ud_root_key_list(int *count)
{
	require_keys(true);
	*count = key_count;
	return keys;
}
