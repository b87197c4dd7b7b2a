/*
 * rules_event.c: what a stage hands to its rules, as an object of JSON and as a row of its view.
 */
#include "base/userdir.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/json.h"
#include "utils/numeric.h"

#include "base/json_object.h"
#include "login/rules_event.h"

/* How much rules may add to an event: what is in it already may be large. */
#define MAX_GROWTH (1024 * 1024)

/* How long the claims of a token may become in text; with its own they have to fit into 100 kB. */
#define MAX_CLAIMS (64 * 1024)

/* array_of_strings returns a text[] of the strings in an array of JSON. */
static Datum
array_of_strings(JsonbValue *array)
{
	JsonbIterator *iterator = JsonbIteratorInit(array->val.binary.data);
	ArrayBuildState *built = initArrayResult(TEXTOID, CurrentMemoryContext, false);
	JsonbIteratorToken token;
	JsonbValue item;

	while ((token = JsonbIteratorNext(&iterator, &item, true)) != WJB_DONE)
	{
		if (token == WJB_ELEM && item.type == jbvString)
			built = accumArrayResult(
				built,
				PointerGetDatum(cstring_to_text_with_len(item.val.string.val, item.val.string.len)),
				false, TEXTOID, CurrentMemoryContext);
	}
	return makeArrayResult(built, CurrentMemoryContext);
}

/* to_column makes a value of JSON one of a column's type. Result: false when it is none. */
static bool
to_column(JsonbValue *value, Oid type, Datum *column)
{
	if (type == JSONBOID)
		*column = JsonbPGetDatum(JsonbValueToJsonb(value));
	else if (type == TEXTOID && value->type == jbvString)
		*column =
			PointerGetDatum(cstring_to_text_with_len(value->val.string.val, value->val.string.len));
	else if (type == TEXTARRAYOID && value->type == jbvBinary &&
			 JsonContainerIsArray(value->val.binary.data))
		*column = array_of_strings(value);
	else
		return false;
	return true;
}

HeapTuple
ud_rules_event_to_row(TupleDesc view, Jsonb *event)
{
	Datum *values = palloc0(view->natts * sizeof(Datum));
	bool *nulls = palloc(view->natts * sizeof(bool));

	for (int i = 0; i < view->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(view, i);
		const char *name = NameStr(column->attname);
		JsonbValue value;

		nulls[i] =
			column->attisdropped ||
			getKeyJsonValueFromContainer(&event->root, name, (int)strlen(name), &value) == NULL ||
			value.type == jbvNull || !to_column(&value, column->atttypid, &values[i]);
	}
	return heap_form_tuple(view, values, nulls);
}

/* push_column adds the value of a column to an object that is being built. */
static void
push_column(JsonbParseState **object, const char *name, Oid type, Datum column)
{
	if (type == TEXTARRAYOID)
		ud_json_object_texts(object, name, column, false);
	else if (type == JSONBOID)
		ud_json_object_jsonb(object, name, DatumGetJsonbP(column));
	else
		ud_json_object_text(object, name, column);
}

static bool
is_known_type(Oid type)
{
	return type == JSONBOID || type == TEXTOID || type == TEXTARRAYOID;
}

/* get_value gets a column of a row that has a value of a type that we know; else it returns false.
 */
static bool
get_value(TupleDesc view, HeapTuple row, int i, Datum *value)
{
	Form_pg_attribute column = TupleDescAttr(view, i);
	bool is_null = true;

	if (!column->attisdropped && is_known_type(column->atttypid))
		*value = heap_getattr(row, i + 1, view, &is_null);
	return !is_null;
}

/* is_background tells whether a column is what rules are told, and not what they ask for. */
static bool
is_background(const char *name)
{
	return strcmp(name, "user") == 0 || strcmp(name, "context") == 0;
}

Jsonb *
ud_rules_event_from_row(TupleDesc view, HeapTuple row, bool with_background)
{
	JsonbParseState *object = NULL;

	pushJsonbValue(&object, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < view->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(view, i);
		Datum value;

		if (get_value(view, row, i, &value) &&
			(with_background || !is_background(NameStr(column->attname))))
			push_column(&object, NameStr(column->attname), column->atttypid, value);
	}
	return ud_json_object_end(&object);
}

Size
ud_rules_event_size(TupleDesc view, HeapTuple row)
{
	Datum *values = palloc(view->natts * sizeof(Datum));
	bool *nulls = palloc(view->natts * sizeof(bool));
	Size size = 0;

	heap_deform_tuple(row, view, values, nulls);
	for (int i = 0; i < view->natts; i++)
	{
		if (!nulls[i] && is_known_type(TupleDescAttr(view, i)->atttypid))
			size += toast_raw_datum_size(values[i]);
	}
	pfree(values);
	pfree(nulls);
	return size;
}

/*
 * check_object checks a column that holds an object. One that was there must not become null: "||"
 * with a null does that by mistake, and what other rules have written would be lost, or a later one
 * would find nothing to refuse.
 */
static void
check_object(TupleDesc view, HeapTuple row, HeapTuple first, int i)
{
	const char *name = NameStr(TupleDescAttr(view, i)->attname);
	Datum value;

	if (get_value(view, row, i, &value))
	{
		if (!JB_ROOT_IS_OBJECT(DatumGetJsonbP(value)))
			ereport(ERROR,
					(errcode(UD_ERR_NOT_A_RULE),
					 errmsg("the rule made \"%s\" something other than a JSON object", name)));
	}
	else if (get_value(view, first, i, &value))
		ereport(ERROR, (errcode(UD_ERR_NOT_A_RULE), errmsg("the rule made \"%s\" null", name),
						errhint("What is joined with a null becomes null: use coalesce(..., '{}'), "
								"or set it to '{}' where nothing of it is to stay.")));
}

void
ud_rules_event_check(TupleDesc view, HeapTuple row, HeapTuple first, Size first_size)
{
	if (HeapTupleHeaderGetNatts(row->t_data) != view->natts)
		ereport(ERROR,
				(errcode(UD_ERR_NOT_A_RULE), errmsg("the rule returned a row of another shape"),
				 errhint("End it with RETURN NEW.")));
	if (ud_rules_event_size(view, row) > first_size + MAX_GROWTH)
		ereport(ERROR, (errcode(UD_ERR_NOT_A_RULE),
						errmsg("the rules have added more than %d kB to what they got",
							   MAX_GROWTH / 1024)));
	for (int i = 0; i < view->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(view, i);

		if (!column->attisdropped && column->atttypid == JSONBOID)
			check_object(view, row, first, i);
	}
}

/* column_number returns the number of a column, 0 when the view has none of this name. */
static int
column_number(TupleDesc view, const char *column)
{
	for (int i = 0; i < view->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(view, i);

		if (!attribute->attisdropped && strcmp(NameStr(attribute->attname), column) == 0)
			return i + 1;
	}
	return 0;
}

bool
ud_rules_event_has(TupleDesc view, HeapTuple row, const char *column)
{
	int number = column_number(view, column);
	bool is_null = true;

	if (number > 0)
		(void)heap_getattr(row, number, view, &is_null);
	return !is_null;
}

bool
ud_rules_event_differs(TupleDesc view, HeapTuple row, HeapTuple other, const char *column)
{
	int number = column_number(view, column);
	bool is_null;
	bool other_is_null;
	Datum value;
	Datum other_value;

	if (number == 0)
		return false;
	value = heap_getattr(row, number, view, &is_null);
	other_value = heap_getattr(other, number, view, &other_is_null);
	if (is_null || other_is_null)
		return is_null != other_is_null;
	return !datum_image_eq(value, other_value, false, -1);
}

/* append_scalar adds the text of a string or number to a buffer; other values are short. */
static void
append_scalar(StringInfo text, const JsonbValue *value)
{
	if (value->type == jbvString)
		escape_json(text, pnstrdup(value->val.string.val, value->val.string.len));
	else if (value->type == jbvNumeric)
		appendStringInfoString(text, DatumGetCString(DirectFunctionCall1(
										 numeric_out, NumericGetDatum(value->val.numeric))));
	else
		appendStringInfoString(text, "false");
}

/*
 * is_longer tells whether a document takes more than so many bytes in text. It stops there: a
 * number of few bytes can take a hundred thousand characters, and a document hold thousands of it.
 */
static bool
is_longer(Jsonb *document, int limit)
{
	JsonbIterator *iterator = JsonbIteratorInit(&document->root);
	StringInfoData text;
	JsonbIteratorToken token;
	JsonbValue value;

	initStringInfo(&text);
	while (text.len <= limit && (token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		if (token == WJB_KEY || token == WJB_VALUE || token == WJB_ELEM)
			append_scalar(&text, &value);
		appendStringInfoString(&text, ", ");
	}
	return text.len > limit;
}

void
ud_rules_event_check_claims(TupleDesc view, HeapTuple row, HeapTuple first)
{
	static const char *const claims[] = {"id_token", "access_token"};

	for (int i = 0; i < (int)lengthof(claims); i++)
	{
		Datum value;

		if (ud_rules_event_differs(view, row, first, claims[i]) &&
			get_value(view, row, column_number(view, claims[i]) - 1, &value) &&
			is_longer(DatumGetJsonbP(value), MAX_CLAIMS))
			ereport(ERROR,
					(errcode(UD_ERR_NOT_A_RULE), errmsg("the rule made \"%s\" longer than %d kB",
														claims[i], MAX_CLAIMS / 1024)));
	}
}
