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

/* push_moment adds a moment as _iso_timestamp() writes it; infinite ones have no such form. */
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

/* What a profile has of the columns of its tables, to which applications may have added others. */
static const struct
{
	const char *name;
	Oid type;
} profile_columns[] = {
	{"user_id", TEXTOID},
	{"email", TEXTOID},
	{"email_verified", BOOLOID},
	{"username", TEXTOID},
	{"phone_number", TEXTOID},
	{"phone_verified", BOOLOID},
	{"name", TEXTOID},
	{"given_name", TEXTOID},
	{"family_name", TEXTOID},
	{"nickname", TEXTOID},
	{"picture", TEXTOID},
	{"blocked", BOOLOID},
	{"user_metadata", JSONBOID},
	{"app_metadata", JSONBOID},
	{"attributes", JSONBOID},
	{"identities", JSONBOID},
	{"created_at", TIMESTAMPTZOID},
	{"updated_at", TIMESTAMPTZOID},
	{"last_login", TIMESTAMPTZOID},
	{"last_ip", INETOID},
	{"logins_count", INT8OID},
	{"last_password_reset", TIMESTAMPTZOID},
};

/* is_of_profile tells whether a column is one of a profile, and has the type of that. */
static bool
is_of_profile(Form_pg_attribute column)
{
	if (column->attisdropped)
		return false;
	for (size_t i = 0; i < lengthof(profile_columns); i++)
	{
		if (strcmp(NameStr(column->attname), profile_columns[i].name) == 0)
			return column->atttypid == profile_columns[i].type;
	}
	return false;
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
		default:
			Assert(type == INETOID);
			ud_json_object_text(object, name, DirectFunctionCall1(network_host, column));
			break;
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
push_app_metadata(JsonbParseState **object, HeapTuple row, TupleDesc columns)
{
	for (int i = 0; i < columns->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(columns, i);
		bool is_null = true;
		Datum value = (Datum)0;

		if (is_of_profile(column) && strcmp(NameStr(column->attname), "app_metadata") == 0)
			value = heap_getattr(row, i + 1, columns, &is_null);
		if (!is_null)
			push_properties(object, DatumGetJsonbP(value));
	}
}

/* push_row adds the columns of a profile in a row that are not null. */
static void
push_row(JsonbParseState **object, HeapTuple row, TupleDesc columns)
{
	Datum *values = palloc(columns->natts * sizeof(Datum));
	bool *nulls = palloc(columns->natts * sizeof(bool));

	heap_deform_tuple(row, columns, values, nulls);
	for (int i = 0; i < columns->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(columns, i);

		if (!nulls[i] && is_of_profile(column))
			push_column(object, NameStr(column->attname), column->atttypid, values[i]);
	}
}

Jsonb *
ud_user_json(const HeapTuple *rows, const TupleDesc *columns, int count, bool with_app_metadata)
{
	JsonbParseState *object = NULL;

	pushJsonbValue(&object, WJB_BEGIN_OBJECT, NULL);
	/* Of two properties of one name, an object keeps the later. */
	for (int i = 0; with_app_metadata && i < count; i++)
	{
		if (rows[i] != NULL)
			push_app_metadata(&object, rows[i], columns[i]);
	}
	for (int i = 0; i < count; i++)
	{
		if (rows[i] != NULL)
			push_row(&object, rows[i], columns[i]);
	}
	return ud_json_object_end(&object);
}

UD_FUNCTION(userdir__profile_json);

/*
 * userdir__profile_json returns a row of userdir.profiles in the model's shape.
 */
Datum
userdir__profile_json(PG_FUNCTION_ARGS)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(0);
	TupleDesc columns =
		lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header), HeapTupleHeaderGetTypMod(header));
	HeapTupleData data = {.t_len = HeapTupleHeaderGetDatumLength(header), .t_data = header};
	HeapTuple row = &data;
	Jsonb *object = ud_user_json(&row, &columns, 1, false);

	ReleaseTupleDesc(columns);
	PG_RETURN_JSONB_P(object);
}
