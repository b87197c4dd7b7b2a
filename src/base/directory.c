/*
 * directory.c: where the directory of this database is, who owns it, and whether code and data fit.
 */
#include "base/userdir.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/directory.h"

/* Whether the data version was found right since the last change of any relation. */
static bool data_version_known = false;

Oid
ud_directory_find_relation(const char *name)
{
	Oid schema = get_namespace_oid(UD_SCHEMA, true);

	return OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
}

Oid
ud_directory_find_owner(void)
{
	Oid users = ud_directory_find_relation("users");
	HeapTuple tuple = OidIsValid(users) ? SearchSysCache1(RELOID, ObjectIdGetDatum(users)) : NULL;
	Oid owner;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;

	owner = ((Form_pg_class)GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

Oid
ud_directory_owner(void)
{
	Oid owner = ud_directory_find_owner();

	if (!OidIsValid(owner))
		ereport(ERROR,
				(errcode(UD_ERR_NOT_INSTALLED), errmsg("this database holds no user directory"),
				 errhint("Run \"SELECT userdir.install();\" as the owner of the database.")));
	return owner;
}

/* read_extension_version returns the version that CREATE or ALTER EXTENSION left, or NULL. */
static char *
read_extension_version(void)
{
	Relation catalog = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;
	char *version = NULL;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum(UD_SCHEMA));
	scan = systable_beginscan(catalog, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool isnull;
		Datum value =
			heap_getattr(tuple, Anum_pg_extension_extversion, RelationGetDescr(catalog), &isnull);

		if (!isnull)
			version = TextDatumGetCString(value);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return version;
}

void
ud_directory_check_code(void)
{
	char *version = read_extension_version();

	if (version == NULL || strcmp(version, USERDIR_VERSION) != 0)
		ereport(ERROR,
				(errcode(UD_ERR_VERSION_MISMATCH),
				 errmsg("userdir's library is version %s, but its SQL objects are version %s",
						USERDIR_VERSION, version ? version : "(none)"),
				 errhint("Run \"ALTER EXTENSION userdir UPDATE;\", then \"SELECT "
						 "userdir.install();\". A session that was open during an update of the "
						 "package must reconnect.")));
	pfree(version);
}

/* forget_data_version is the relation cache's callback: no catalog access, no more than a flag. */
static void
forget_data_version(Datum arg, Oid relid)
{
	data_version_known = false;
}

/* read_data_version returns what userdir.directory says, 0 when it says nothing. */
static int
read_data_version(void)
{
	int version = 0;

	SPI_connect();
	if (SPI_execute("SELECT data_version FROM userdir.directory", true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read userdir.directory");
	if (SPI_processed == 1)
	{
		bool isnull;
		Datum value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);

		version = isnull ? 0 : DatumGetInt32(value);
	}
	SPI_finish();
	return version;
}

void
ud_directory_check_data(void)
{
	static bool registered = false;
	int version;

	if (data_version_known)
		return;

	if (!registered)
	{
		CacheRegisterRelcacheCallback(forget_data_version, (Datum)0);
		registered = true;
	}

	/* Set before the read: an invalidation that arrives during it must win. */
	data_version_known = true;
	version = read_data_version();
	if (version != USERDIR_DATA_VERSION)
	{
		data_version_known = false;
		ereport(ERROR,
				(errcode(UD_ERR_VERSION_MISMATCH),
				 errmsg("the directory's tables are at data version %d, but userdir %s works with "
						"data version %d",
						version, USERDIR_VERSION, USERDIR_DATA_VERSION),
				 version < USERDIR_DATA_VERSION
					 ? errhint("Run \"SELECT userdir.install();\" as the owner of the directory.")
					 : errhint("Install the newer userdir that made these tables, then run \"ALTER "
							   "EXTENSION userdir UPDATE;\".")));
	}
}

UD_FUNCTION(userdir__library_version);

/*
 * userdir__library_version returns the version of the loaded library.
 */
Datum
userdir__library_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(USERDIR_VERSION));
}

UD_FUNCTION(userdir__expected_data_version);

/*
 * userdir__expected_data_version returns the version of the tables that the library works with.
 */
Datum
userdir__expected_data_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(USERDIR_DATA_VERSION);
}
