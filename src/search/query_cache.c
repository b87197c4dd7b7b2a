/*
 * query_cache.c: a query that a call site evaluates again and again is read once.
 */
#include "base/userdir.h"

#include "utils/memutils.h"

#include "base/memory_arena.h"
#include "search/query_cache.h"
#include "search/userquery.h"

typedef struct KeptQuery
{
	MemoryContext context; /* holds all of the following */
	const struct varlena *value;
	const void *compiled; /* NULL: nothing is kept */
} KeptQuery;

static bool
is_kept(const KeptQuery *kept, const struct varlena *value)
{
	size_t length = VARSIZE_ANY_EXHDR(value);

	return kept->compiled != NULL && length == VARSIZE_ANY_EXHDR(kept->value) &&
		   memcmp(VARDATA_ANY(value), VARDATA_ANY(kept->value), length) == 0;
}

/* new_kept makes the empty memory of a call site. */
static KeptQuery *
new_kept(FmgrInfo *site)
{
	KeptQuery *kept = MemoryContextAllocZero(site->fn_mcxt, sizeof(KeptQuery));

	kept->context = AllocSetContextCreate(site->fn_mcxt, "userdir query", ALLOCSET_SMALL_SIZES);
	return kept;
}

/* keep reads a query in the place of the one before. */
static void
keep(KeptQuery *kept, const struct varlena *value, UdQueryCompile compile)
{
	UdArena arena = ud_memory_arena(kept->context);
	MemoryContext caller;
	UdQueryNode *lowered;

	kept->compiled = NULL;
	MemoryContextReset(kept->context);
	caller = MemoryContextSwitchTo(kept->context);
	kept->value = memcpy(palloc(VARSIZE_ANY(value)), value, VARSIZE_ANY(value));
	lowered = ud_query_lower(ud_userquery_load(kept->value), &arena);
	kept->compiled = compile(lowered);
	MemoryContextSwitchTo(caller);
}

const void *
ud_query_cache_get(FmgrInfo *site, Datum query, UdQueryCompile compile)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(query);
	KeptQuery *kept = site->fn_extra;

	if (kept == NULL)
		site->fn_extra = kept = new_kept(site);
	if (!is_kept(kept, value))
		keep(kept, value, compile);
	if ((Pointer)value != DatumGetPointer(query))
		pfree(value);
	return kept->compiled;
}
