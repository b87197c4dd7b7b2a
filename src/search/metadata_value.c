/*
 * metadata_value.c: the value at one path of a JSON document, as SQL compares, joins and sorts it.
 *
 * These functions stand in indexes: they depend on nothing but their arguments, and no document
 * makes them fail.
 */
#include "base/userdir.h"

#include "access/tupmacs.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "nodes/supportnodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/selfuncs.h"
#include "utils/timestamp.h"

#include "pure/date_value.h"
#include "search/jsonb_value.h"
#include "search/metadata_value.h"

/* root_value returns the document itself as a value: a scalar is stored in an array of one. */
static UdJsonbValue
root_value(const Jsonb *document)
{
	UdJsonbCursor elements;

	if (!JB_ROOT_IS_SCALAR(document))
		return ud_jsonb_container_value(&document->root);
	elements = ud_jsonb_elements(&document->root);
	return ud_jsonb_next(&elements);
}

/*
 * find_value goes down a path of names; false if it leads nowhere. Unlike in a query an array is
 * the end of it: which of its elements would be the one to compare?
 */
static bool
find_value(const Jsonb *document, const ArrayType *path, UdJsonbValue *value)
{
	const char *at = ARR_DATA_PTR(path);
	int left = ArrayGetNItems(ARR_NDIM(path), ARR_DIMS(path));

	if (array_contains_nulls(unconstify(ArrayType *, path)))
		return false;
	*value = root_value(document);
	for (; left > 0; left--)
	{
		UdSpan name = {VARDATA_ANY(at), VARSIZE_ANY_EXHDR(at)};

		if (value->type != UD_JSONB_OBJECT || !ud_jsonb_member(value->u.container, name, value))
			return false;
		at = att_addlength_pointer(at, -1, at);
		at = (const char *)att_align_nominal(at, TYPALIGN_INT);
	}
	return true;
}

/* find_argument reads document and path of a call; false if there is no value of the type. */
static bool
find_argument(FunctionCallInfo fcinfo, UdJsonbType type, UdJsonbValue *value)
{
	return find_value(PG_GETARG_JSONB_P(0), PG_GETARG_ARRAYTYPE_P(1), value) && value->type == type;
}

UD_FUNCTION(userdir_metadata_text);

/*
 * userdir_metadata_text returns the string at a path. Arguments: the document, the path. Result:
 * null where there is no string, or one of more than UD_METADATA_VALUE_BYTES.
 */
Datum
userdir_metadata_text(PG_FUNCTION_ARGS)
{
	UdJsonbValue value;

	if (!find_argument(fcinfo, UD_JSONB_STRING, &value) ||
		value.u.string.length > UD_METADATA_VALUE_BYTES)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(value.u.string.data, (int)value.u.string.length));
}

UD_FUNCTION(userdir_metadata_number);

/*
 * userdir_metadata_number returns the number at a path. Arguments: the document, the path. Result:
 * null where there is no number, or one that takes more than UD_METADATA_VALUE_BYTES.
 */
Datum
userdir_metadata_number(PG_FUNCTION_ARGS)
{
	UdJsonbValue value;
	Size size;
	void *copy;

	if (!find_argument(fcinfo, UD_JSONB_NUMBER, &value))
		PG_RETURN_NULL();
	size = VARSIZE_ANY(value.u.number);
	if (size > UD_METADATA_VALUE_BYTES)
		PG_RETURN_NULL();
	copy = palloc(size);
	memcpy(copy, value.u.number, size);
	PG_RETURN_POINTER(copy);
}

UD_FUNCTION(userdir_metadata_boolean);

/*
 * userdir_metadata_boolean returns the boolean at a path, null where there is none. Arguments: the
 * document, the path.
 */
Datum
userdir_metadata_boolean(PG_FUNCTION_ARGS)
{
	UdJsonbValue value;

	if (!find_argument(fcinfo, UD_JSONB_BOOLEAN, &value))
		PG_RETURN_NULL();
	PG_RETURN_BOOL(value.u.boolean);
}

UD_FUNCTION(userdir_metadata_date);

/*
 * userdir_metadata_date returns the instant of the string at a path, null where there is none that
 * searches take for a date. Arguments: the document, the path.
 */
Datum
userdir_metadata_date(PG_FUNCTION_ARGS)
{
	UdJsonbValue value;
	int64_t instant;

	if (!find_argument(fcinfo, UD_JSONB_STRING, &value) ||
		!ud_date_value_parse(value.u.string, &instant))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ((TimestampTz)instant);
}

/* find_element returns what the operator #> would, which counts elements of arrays too, or NULL. */
static Jsonb *
find_element(Jsonb *document, ArrayType *path)
{
	Datum *names;
	int nnames;
	bool isnull;
	Datum found;

	if (array_contains_nulls(path))
		return NULL;
	deconstruct_array(path, TEXTOID, -1, false, TYPALIGN_INT, &names, NULL, &nnames);
	found = jsonb_get_element(document, names, nnames, &isnull, false);
	return isnull ? NULL : DatumGetJsonbP(found);
}

/* shorten cuts a string of JSON behind a character. */
static Jsonb *
shorten(UdSpan string)
{
	JsonbValue value = {.type = jbvString};

	value.val.string.val = unconstify(char *, string.data);
	value.val.string.len = pg_mbcliplen(string.data, (int)string.length, UD_SORT_KEY_STRING_BYTES);
	return JsonbValueToJsonb(&value);
}

UD_FUNCTION(userdir_metadata_sort_key);

/*
 * userdir_metadata_sort_key returns the value at a path by which lists are sorted.
 *
 * Arguments: the document, the path. Result: the value; of a string no more than
 * UD_SORT_KEY_STRING_BYTES; null where there is nothing, JSON's null, or another value of more than
 * UD_SORT_KEY_BYTES.
 */
Datum
userdir_metadata_sort_key(PG_FUNCTION_ARGS)
{
	Jsonb *found = find_element(PG_GETARG_JSONB_P(0), PG_GETARG_ARRAYTYPE_P(1));

	if (found == NULL)
		PG_RETURN_NULL();
	if (JB_ROOT_IS_SCALAR(found))
	{
		UdJsonbValue value = root_value(found);

		if (value.type == UD_JSONB_NULL)
			PG_RETURN_NULL();
		if (value.type == UD_JSONB_STRING && value.u.string.length > UD_SORT_KEY_STRING_BYTES)
			PG_RETURN_JSONB_P(shorten(value.u.string));
	}
	if (VARSIZE(found) > UD_SORT_KEY_BYTES)
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(found);
}

/*
 * known_part returns which part of the rows a call of metadata_boolean() is true for, from what
 * ANALYZE knows of an index on it; negative if that is nothing. The planner asks for it only where
 * the call is compared with something, which a condition by itself is not.
 */
static double
known_part(const SupportRequestSelectivity *request)
{
	FuncExpr *call = makeFuncExpr(request->funcid, BOOLOID, request->args, InvalidOid,
								  request->inputcollid, COERCE_EXPLICIT_CALL);
	VariableStatData variable;
	double part = -1;

	call->funcvariadic = true;
	examine_variable(request->root, (Node *)call, request->varRelid, &variable);
	if (HeapTupleIsValid(variable.statsTuple))
		part = boolvarsel(request->root, (Node *)call, request->varRelid);
	ReleaseVariableStats(variable);
	return part;
}

UD_FUNCTION(userdir__metadata_boolean_support);

/*
 * userdir__metadata_boolean_support tells the planner how many rows metadata_boolean() is true for.
 */
Datum
userdir__metadata_boolean_support(PG_FUNCTION_ARGS)
{
	SupportRequestSelectivity *request = (SupportRequestSelectivity *)PG_GETARG_POINTER(0);
	double part;

	if (!IsA(request, SupportRequestSelectivity) || request->is_join)
		PG_RETURN_POINTER(NULL);
	part = known_part(request);
	if (part < 0)
		PG_RETURN_POINTER(NULL);
	request->selectivity = part;
	PG_RETURN_POINTER(request);
}
