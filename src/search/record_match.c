/*
 * record_match.c: the operator @@ of a row and a query, evaluated in memory.
 *
 * The planner turns most calls into conditions on columns, see record_expand.h. What remains is a
 * query that is not known when the plan is made: a parameter in a generic plan, or a column, as in
 * a join of users with a table of saved queries. So a call site keeps the queries that it has seen,
 * in as much memory as a sort may take, and beyond that the latest one.
 */
#include "base/userdir.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "search/record_matcher.h"

/* What a call is about: the columns of a row, and a query */
typedef struct Subject
{
	uint64 row;  /* identifies the columns that the type has; 0: unknown */
	uint64 hash; /* of the query */
} Subject;

typedef struct KeptMatcher
{
	Subject subject;
	MemoryContext context; /* holds all of the following; NULL: nothing is kept here */
	struct varlena *query;
	UdRecordMatcher *matcher;
} KeptMatcher;

typedef struct Site
{
	MemoryContext kept_context; /* of everything that is kept */
	MemoryContext row_context;  /* what is made for one row */
	HTAB *kept;
	bool is_full;
	KeptMatcher spare;   /* the latest for which there was no memory */
	KeptMatcher *latest; /* the one that was asked for last; NULL at first */
} Site;

typedef struct Call
{
	Subject subject;
	Oid type; /* InvalidOid: unknown */
	int32 typmod;
	const struct varlena *query;
} Call;

static bool
is_about(const KeptMatcher *kept, const Call *call)
{
	size_t length = VARSIZE_ANY_EXHDR(call->query);

	return kept->context != NULL && kept->subject.row == call->subject.row &&
		   kept->subject.hash == call->subject.hash && length == VARSIZE_ANY_EXHDR(kept->query) &&
		   memcmp(VARDATA_ANY(call->query), VARDATA_ANY(kept->query), length) == 0;
}

/* new_site makes what a call site keeps. */
static Site *
new_site(MemoryContext context)
{
	Site *site = MemoryContextAllocZero(context, sizeof(Site));
	HASHCTL control = {.keysize = sizeof(Subject), .entrysize = sizeof(KeptMatcher)};

	site->kept_context = AllocSetContextCreate(context, "userdir queries", ALLOCSET_SMALL_SIZES);
	site->row_context = AllocSetContextCreate(context, "userdir row", ALLOCSET_DEFAULT_SIZES);
	control.hcxt = site->kept_context;
	site->kept =
		hash_create("userdir queries", 32, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	return site;
}

/* read_query makes the matcher of a call, in memory of its own below the current context. */
static KeptMatcher
read_query(const Site *site, const Call *call)
{
	KeptMatcher new = {.subject = call->subject};
	Size size = VARSIZE_ANY(call->query);
	TupleDesc row = NULL;
	MemoryContext caller;

	new.context =
		AllocSetContextCreate(CurrentMemoryContext, "userdir query", ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(new.context);
	new.query = memcpy(palloc(size), call->query, size);
	if (OidIsValid(call->type))
		row = lookup_rowtype_tupdesc_copy(call->type, call->typmod);
	new.matcher = ud_record_matcher_make(row, new.query, site->row_context);
	MemoryContextSwitchTo(caller);
	return new;
}

/* keep makes the matcher of a call and keeps it, for good or until there is another. */
static KeptMatcher *
keep(Site *site, const Call *call)
{
	KeptMatcher new = read_query(site, call);
	KeptMatcher *kept = &site->spare;
	bool is_taken = true;

	/* only now that nothing can be raised any more does it get the call site's lifetime */
	MemoryContextSetParent(new.context, site->kept_context);
	site->is_full = site->is_full || MemoryContextMemAllocated(site->kept_context, true) >
										 (Size)work_mem * (Size)1024;
	if (!site->is_full)
		kept = hash_search(site->kept, &call->subject, HASH_ENTER, &is_taken);
	if (is_taken && kept->context != NULL)
		MemoryContextDelete(kept->context);
	*kept = new;
	return kept;
}

static UdRecordMatcher *
get_matcher(FmgrInfo *function, const Call *call)
{
	Site *site = function->fn_extra;
	KeptMatcher *kept;

	if (site == NULL)
		site = function->fn_extra = new_site(function->fn_mcxt);
	if (site->latest != NULL && is_about(site->latest, call))
		return site->latest->matcher;
	kept = hash_search(site->kept, &call->subject, HASH_FIND, NULL);
	if (kept == NULL || !is_about(kept, call))
		kept = keep(site, call);
	site->latest = kept;
	return kept->matcher;
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
	if (OidIsValid(call.type))
		call.subject.row = assign_record_type_identifier(call.type, call.typmod);
	call.subject.hash = hash_bytes_extended((const unsigned char *)VARDATA_ANY(query),
											(int)VARSIZE_ANY_EXHDR(query), 0);
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
