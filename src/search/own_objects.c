/*
 * own_objects.c: looking up the extension's own functions and operators.
 */
#include "base/userdir.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "search/own_objects.h"

static Oid
found(Oid object, const char *name)
{
	if (!OidIsValid(object))
		elog(ERROR, "%s.%s is missing", UD_SCHEMA, name);
	return object;
}

static Oid
find_type(Oid schema, const char *name)
{
	return found(GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name),
								 ObjectIdGetDatum(schema)),
				 name);
}

static Oid
find_function(Oid schema, const char *name, const Oid *arguments, int count)
{
	oidvector *types = buildoidvector(arguments, count);

	return found(GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(name),
								 PointerGetDatum(types), ObjectIdGetDatum(schema)),
				 name);
}

static Oid
find_operator(Oid schema, const char *name, Oid left, Oid right)
{
	return found(GetSysCacheOid4(OPERNAMENSP, Anum_pg_operator_oid, CStringGetDatum(name),
								 ObjectIdGetDatum(left), ObjectIdGetDatum(right),
								 ObjectIdGetDatum(schema)),
				 name);
}

static void
find(UdOwnObjects *objects)
{
	static const Oid texts[] = {TEXTOID, TEXTOID};
	Oid schema = get_namespace_oid(UD_SCHEMA, false);
	Oid record[] = {RECORDOID, InvalidOid};

	objects->userquery = record[1] = find_type(schema, "userquery");
	objects->fold_case = find_function(schema, "fold_case", texts, 1);
	objects->email_domain = find_function(schema, "email_domain", texts, 1);
	objects->matches_wildcard = find_function(schema, "matches_wildcard", texts, 2);
	objects->row_matches = find_function(schema, "_record_matches", record, 2);
	objects->wildcard = find_operator(schema, "=*", TEXTOID, TEXTOID);
	objects->document = find_operator(schema, "@@", JSONBOID, objects->userquery);
	objects->value = find_operator(schema, "@@=", JSONBOID, objects->userquery);
	objects->wildcard_family =
		found(GetSysCacheOid3(OPFAMILYAMNAMENSP, Anum_pg_opfamily_oid, ObjectIdGetDatum(GIN_AM_OID),
							  CStringGetDatum("text_wildcard_ops"), ObjectIdGetDatum(schema)),
			  "text_wildcard_ops");
}

/* What was found, as long as no catalog changes that it was found in */
static UdOwnObjects kept;
static bool is_kept = false;
static uint64 changes = 0;

static void
forget(Datum argument, int cache, uint32 hash)
{
	is_kept = false;
	changes++;
}

/* watch lets changes of the catalogs be told. */
static void
watch(void)
{
	static const int catalogs[] = {NAMESPACEOID, TYPEOID, PROCOID, OPEROID, OPFAMILYOID};
	static bool is_watching = false;

	if (is_watching)
		return;
	is_watching = true;
	for (int i = 0; i < lengthof(catalogs); i++)
		CacheRegisterSyscacheCallback(catalogs[i], forget, (Datum)0);
}

void
ud_own_objects_find(UdOwnObjects *objects)
{
	uint64 before;

	if (!is_kept)
	{
		watch();
		before = changes;
		find(&kept);
		/* a change may be told while they are looked up */
		is_kept = changes == before;
	}
	*objects = kept;
}
