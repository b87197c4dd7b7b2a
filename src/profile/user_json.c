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
#include "profile/user_json.h"

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

/* push_properties adds the properties of a document that is an object. */
static void
push_properties(JsonbParseState **object, Jsonb *document)
{
	JsonbIterator *iterator = JsonbIteratorInit(&document->root);
	JsonbIteratorToken token;
	JsonbValue value;

	if (!JB_ROOT_IS_OBJECT(document))
		return;
	/* Values are not taken apart, so that all that follows is of the root. */
	(void)JsonbIteratorNext(&iterator, &value, false);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_END_OBJECT)
		pushJsonbValue(object, token, &value);
}

/* push_app_metadata adds the properties of the column app_metadata. */
static void
push_app_metadata(JsonbParseState **object, TupleDesc descriptor, const Datum *values,
				  const bool *nulls)
{
	for (int i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(descriptor, i);

		if (!column->attisdropped && !nulls[i] && column->atttypid == JSONBOID &&
			strcmp(NameStr(column->attname), "app_metadata") == 0)
			push_properties(object, DatumGetJsonbP(values[i]));
	}
}

/* build_object makes an object of the columns of a row that are not null. */
static Jsonb *
build_object(TupleDesc descriptor, HeapTuple row, bool with_app_metadata)
{
	Datum *values = palloc(descriptor->natts * sizeof(Datum));
	bool *nulls = palloc(descriptor->natts * sizeof(bool));
	JsonbParseState *object = NULL;

	heap_deform_tuple(row, descriptor, values, nulls);
	pushJsonbValue(&object, WJB_BEGIN_OBJECT, NULL);
	/* Of two properties of one name, an object keeps the later. */
	if (with_app_metadata)
		push_app_metadata(&object, descriptor, values, nulls);
	for (int i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(descriptor, i);

		if (!column->attisdropped && !nulls[i])
			push_column(&object, NameStr(column->attname), column->atttypid, values[i]);
	}
	return ud_json_object_end(&object);
}

Jsonb *
ud_user_json(HeapTupleHeader profile, bool with_app_metadata)
{
	TupleDesc descriptor = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(profile),
												  HeapTupleHeaderGetTypMod(profile));
	HeapTupleData row = {.t_len = HeapTupleHeaderGetDatumLength(profile), .t_data = profile};
	Jsonb *object = build_object(descriptor, &row, with_app_metadata);

	ReleaseTupleDesc(descriptor);
	return object;
}

UD_FUNCTION(userdir__profile_json);

/*
 * userdir__profile_json returns a row of userdir.profiles in the model's shape.
 */
Datum
userdir__profile_json(PG_FUNCTION_ARGS)
{
	PG_RETURN_JSONB_P(ud_user_json(PG_GETARG_HEAPTUPLEHEADER(0), false));
}
