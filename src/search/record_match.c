/*
 * record_match.c: the operator @@ of a row and a query, evaluated in memory.
 *
 * The planner turns most calls into conditions on columns, see record_expand.h. What remains is a
 * query that is not known when the plan is made: a parameter in a generic plan, or a column, as in
 * a join of users with a table of saved queries. So a call site keeps several queries.
 */
#include "base/userdir.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "search/record_matcher.h"

#define KEPT_MATCHERS 64

typedef struct KeptMatcher
{
	MemoryContext context; /* holds all of the following; NULL: nothing is kept here */
	Oid type;
	uint64 row;  /* identifies the columns that the type has */
	uint32 hash; /* of query */
	struct varlena *query;
	UdRecordMatcher *matcher;
} KeptMatcher;

typedef struct Site
{
	KeptMatcher kept[KEPT_MATCHERS];
	int next;   /* where the next one comes to */
	int latest; /* the one that was asked for last */
} Site;

/* What a call is about */
typedef struct Call
{
	Oid type; /* InvalidOid: unknown */
	int32 typmod;
	uint64 row;
	uint32 hash;
	const struct varlena *query;
} Call;

static bool
is_kept(const KeptMatcher *kept, const Call *call)
{
	size_t length = VARSIZE_ANY_EXHDR(call->query);

	return kept->context != NULL && kept->hash == call->hash && kept->type == call->type &&
		   kept->row == call->row && length == VARSIZE_ANY_EXHDR(kept->query) &&
		   memcmp(VARDATA_ANY(call->query), VARDATA_ANY(kept->query), length) == 0;
}

/* fill makes a matcher in a context that is empty. */
static void
fill(KeptMatcher *kept, const Call *call)
{
	Size size = VARSIZE_ANY(call->query);
	TupleDesc row = NULL;

	kept->query = memcpy(palloc(size), call->query, size);
	if (OidIsValid(call->type))
		row = lookup_rowtype_tupdesc_copy(call->type, call->typmod);
	kept->matcher = ud_record_matcher_make(row, kept->query);
	kept->type = call->type;
	kept->row = call->row;
	kept->hash = call->hash;
}

/* keep makes the matcher of a call, in the place of the one that was made first. */
static UdRecordMatcher *
keep(Site *site, FmgrInfo *function, const Call *call)
{
	KeptMatcher *kept = &site->kept[site->next];
	KeptMatcher new = {0};
	MemoryContext caller;

	new.context =
		AllocSetContextCreate(CurrentMemoryContext, "userdir query", ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(new.context);
	fill(&new, call);
	MemoryContextSwitchTo(caller);

	/* only now that nothing can be raised any more does it get the call site's lifetime */
	MemoryContextSetParent(new.context, function->fn_mcxt);
	if (kept->context != NULL)
		MemoryContextDelete(kept->context);
	*kept = new;
	site->latest = site->next;
	site->next = (site->next + 1) % KEPT_MATCHERS;
	return kept->matcher;
}

static UdRecordMatcher *
get_matcher(FmgrInfo *function, const Call *call)
{
	Site *site = function->fn_extra;

	if (site == NULL)
		site = function->fn_extra = MemoryContextAllocZero(function->fn_mcxt, sizeof(Site));
	if (is_kept(&site->kept[site->latest], call))
		return site->kept[site->latest].matcher;
	for (int i = 0; i < KEPT_MATCHERS; i++)
	{
		if (is_kept(&site->kept[i], call))
		{
			site->latest = i;
			return site->kept[i].matcher;
		}
	}
	return keep(site, function, call);
}

/* declared_row returns the type that the call's first argument has in the statement. */
static Oid
declared_row(FmgrInfo *function)
{
	Oid type = get_fn_expr_argtype(function, 0);

	if (!OidIsValid(type))
		return InvalidOid;
	type = getBaseType(type);
	return type == RECORDOID || !type_is_rowtype(type) ? InvalidOid : type;
}

static Call
describe_call(FmgrInfo *function, HeapTupleHeader record, const struct varlena *query)
{
	Call call = {.query = query};

	call.type = record == NULL ? declared_row(function) : HeapTupleHeaderGetTypeId(record);
	call.typmod = record == NULL ? -1 : HeapTupleHeaderGetTypMod(record);
	call.row = OidIsValid(call.type) ? assign_record_type_identifier(call.type, call.typmod) : 0;
	call.hash = DatumGetUInt32(
		hash_any((const unsigned char *)VARDATA_ANY(query), (int)VARSIZE_ANY_EXHDR(query)));
	return call;
}

UD_FUNCTION(userdir_record_matches);

/*
 * userdir_record_matches(row record, query userquery) returns whether a row matches a query; null
 * for a null query. A null row is a row of nulls.
 *
 * Errors: UD022 for a field that the row does not have, UD023 for a value that does not fit one.
 */
Datum
userdir_record_matches(PG_FUNCTION_ARGS)
{
	HeapTupleHeader record;
	Call call;

	if (PG_ARGISNULL(1))
		PG_RETURN_NULL();
	record = PG_ARGISNULL(0) ? NULL : PG_GETARG_HEAPTUPLEHEADER(0);
	call = describe_call(fcinfo->flinfo, record, PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1)));
	PG_RETURN_BOOL(ud_record_matcher_matches(get_matcher(fcinfo->flinfo, &call), record));
}
