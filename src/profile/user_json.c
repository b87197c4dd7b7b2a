/*
 * user_json.c: a user in the model's shape.
 */
#include "base/userdir.h"

#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "base/json_object.h"

#define ISO_FORMAT "YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\""

/* push_value adds a value to the object. */
static void
push_value(JsonbParseState **object, const char *name, JsonbValue *value)
{
	ud_json_object_key(object, name);
	pushJsonbValue(object, WJB_VALUE, value);
}

/* push_moment adds a moment as _iso_timestamp() writes it; one that is infinite has no such form.
 */
static void
push_moment(JsonbParseState **object, const char *name, TimestampTz moment)
{
	/* Without a zone it is the time of UTC. */
	if (!TIMESTAMP_NOT_FINITE(moment))
		ud_json_object_text(object, name,
							DirectFunctionCall2Coll(timestamp_to_char, C_COLLATION_OID,
													TimestampGetDatum(moment),
													CStringGetTextDatum(ISO_FORMAT)));
}

/* push_column adds a column that is not null. */
static void
push_column(JsonbParseState **object, const char *name, Oid type, Datum column)
{
	JsonbValue value;

	switch (type)
	{
		case TEXTOID:
			ud_json_object_text(object, name, column);
			break;
		case JSONBOID:
			ud_json_object_jsonb(object, name, DatumGetJsonbP(column));
			break;
		case BOOLOID:
			value.type = jbvBool;
			value.val.boolean = DatumGetBool(column);
			push_value(object, name, &value);
			break;
		case INT8OID:
			value.type = jbvNumeric;
			value.val.numeric = int64_to_numeric(DatumGetInt64(column));
			push_value(object, name, &value);
			break;
		case TIMESTAMPTZOID:
			push_moment(object, name, DatumGetTimestampTz(column));
			break;
		case INETOID:
			ud_json_object_text(object, name, DirectFunctionCall1(network_host, column));
			break;
		default:
			elog(ERROR, "column \"%s\" of a profile has the unexpected type %u", name, type);
	}
}

/* build_object makes an object of the columns of a row that are not null. */
static Jsonb *
build_object(TupleDesc descriptor, HeapTuple row)
{
	Datum *values = palloc(descriptor->natts * sizeof(Datum));
	bool *nulls = palloc(descriptor->natts * sizeof(bool));
	JsonbParseState *object = NULL;

	heap_deform_tuple(row, descriptor, values, nulls);
	pushJsonbValue(&object, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(descriptor, i);

		if (!column->attisdropped && !nulls[i])
			push_column(&object, NameStr(column->attname), column->atttypid, values[i]);
	}
	return ud_json_object_end(&object);
}

UD_FUNCTION(userdir__profile_json);

/*
 * userdir__profile_json returns a row of userdir.profiles in the model's shape: an object of its
 * columns, those left out that are null, with moments as ISO 8601 in UTC.
 */
Datum
userdir__profile_json(PG_FUNCTION_ARGS)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(0);
	TupleDesc descriptor =
		lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header), HeapTupleHeaderGetTypMod(header));
	HeapTupleData row = {.t_len = HeapTupleHeaderGetDatumLength(header), .t_data = header};
	Jsonb *object = build_object(descriptor, &row);

	ReleaseTupleDesc(descriptor);
	PG_RETURN_JSONB_P(object);
}
