/*
 * options_cache.c: the compiled options of the connections that were used last.
 *
 * Compiling a connection's attribute map costs about as much as normalizing an answer with it, and
 * a backend sees the same few connections again and again. The key is the content of the options,
 * so nothing has to be invalidated: changed options are other options. Only the options that
 * concern profiles are copied; the others may hold secrets.
 */
#include "base/userdir.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

#include "profile/options_cache.h"

/* More maps than this in turn, or larger ones, are compiled every time. */
#define MAX_ENTRIES 32
#define MAX_SIZE    (64 * 1024)

typedef struct Entry
{
	MemoryContext context; /* holds all of the entry; NULL when there is none */
	const UdStrategy *preset;
	UdProfileOptions options;
	uint32 hash;
	uint64 last_use;
	UdCompiledOptions compiled;
} Entry;

static Entry entries[MAX_ENTRIES];
static uint64 uses = 0;

/* get_bytes returns the content of a string, array or object and its length, else NULL. */
static char *
get_bytes(const JsonbValue *value, int *length)
{
	switch (value->type)
	{
		case jbvString:
			*length = value->val.string.len;
			return value->val.string.val;
		case jbvBinary:
			*length = value->val.binary.len;
			return (char *)value->val.binary.data;
		default:
			*length = 0;
			return NULL;
	}
}

/* is_worth_keeping returns whether options have the types of valid ones and are not too large. */
static bool
is_worth_keeping(const UdProfileOptions *options)
{
	int total = 0;

	for (int i = 0; i < UD_OPTION_COUNT; i++)
	{
		int length;

		if (get_bytes(&options->values[i], &length) == NULL && options->values[i].type != jbvNull)
			return false;
		if (length > MAX_SIZE - total)
			return false;
		total += length;
	}
	return true;
}

static uint32
hash_options(const UdProfileOptions *options)
{
	uint32 hash = 0;

	for (int i = 0; i < UD_OPTION_COUNT; i++)
	{
		int length;
		char *bytes = get_bytes(&options->values[i], &length);

		if (bytes != NULL)
			hash = hash_combine(hash, hash_bytes((unsigned char *)bytes, length));
	}
	return hash;
}

static bool
are_same(const UdProfileOptions *a, const UdProfileOptions *b)
{
	for (int i = 0; i < UD_OPTION_COUNT; i++)
	{
		int length;
		int other_length;
		char *bytes = get_bytes(&a->values[i], &length);
		char *other_bytes = get_bytes(&b->values[i], &other_length);

		if (a->values[i].type != b->values[i].type || length != other_length ||
			(length > 0 && memcmp(bytes, other_bytes, length) != 0))
			return false;
	}
	return true;
}

/* copy_options copies options together with their content. */
static UdProfileOptions
copy_options(const UdProfileOptions *options)
{
	UdProfileOptions copy = *options;

	for (int i = 0; i < UD_OPTION_COUNT; i++)
	{
		JsonbValue *value = &copy.values[i];
		int length;
		char *bytes = get_bytes(value, &length);
		char *target;

		if (bytes == NULL)
			continue;
		target = palloc(length);
		memcpy(target, bytes, length);
		if (value->type == jbvString)
			value->val.string.val = target;
		else
			value->val.binary.data = (JsonbContainer *)target;
	}
	return copy;
}

/* find_entry returns the entry of these options, or NULL. */
static Entry *
find_entry(const UdStrategy *preset, const UdProfileOptions *options, uint32 hash)
{
	for (int i = 0; i < MAX_ENTRIES; i++)
	{
		Entry *entry = &entries[i];

		if (entry->context != NULL && entry->hash == hash && entry->preset == preset &&
			are_same(&entry->options, options))
			return entry;
	}
	return NULL;
}

/* free_entry returns an entry that is not in use, if need be by forgetting the least used one. */
static Entry *
free_entry(void)
{
	Entry *oldest = &entries[0];

	for (int i = 0; i < MAX_ENTRIES; i++)
	{
		if (entries[i].context == NULL)
			return &entries[i];
		if (entries[i].last_use < oldest->last_use)
			oldest = &entries[i];
	}
	MemoryContextDelete(oldest->context);
	oldest->context = NULL;
	return oldest;
}

/* add_entry compiles options and keeps them; options with an error in them are not kept. */
static Entry *
add_entry(const UdStrategy *preset, const UdProfileOptions *options, uint32 hash)
{
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "userdir connection options", ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	Entry new = {context, preset, copy_options(options), hash};
	Entry *entry;

	new.compiled = ud_connection_options_compile(preset, &new.options);
	MemoryContextSwitchTo(caller);

	/* Nothing can fail from here on. */
	entry = free_entry();
	MemoryContextSetParent(context, TopMemoryContext);
	*entry = new;
	return entry;
}

UdCompiledOptions
ud_options_cache_get(const UdStrategy *preset, const UdProfileOptions *options)
{
	uint32 hash;
	Entry *entry;

	/* The default maps are compiled once for all. */
	if (!options->any || !is_worth_keeping(options))
		return ud_connection_options_compile(preset, options);

	hash = hash_options(options);
	entry = find_entry(preset, options, hash);
	if (entry == NULL)
		entry = add_entry(preset, options, hash);
	entry->last_use = ++uses;
	return entry->compiled;
}
