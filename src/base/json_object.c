/*
 * json_object.c: building an object of JSON from values of SQL.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/json_object.h"

/* string_of makes a text, in its memory, a string of JSON. */
static JsonbValue
string_of(text *value)
{
	JsonbValue string;

	string.type = jbvString;
	string.val.string.val = VARDATA_ANY(value);
	string.val.string.len = (int)VARSIZE_ANY_EXHDR(value);
	return string;
}

void
ud_json_object_key(JsonbParseState **object, const char *name)
{
	JsonbValue key;

	key.type = jbvString;
	key.val.string.val = unconstify(char *, name);
	key.val.string.len = (int)strlen(name);
	pushJsonbValue(object, WJB_KEY, &key);
}

void
ud_json_object_text(JsonbParseState **object, const char *name, Datum value)
{
	JsonbValue string = string_of(DatumGetTextPP(value));

	ud_json_object_key(object, name);
	pushJsonbValue(object, WJB_VALUE, &string);
}

void
ud_json_object_jsonb(JsonbParseState **object, const char *name, const Jsonb *value)
{
	JsonbValue document;

	document.type = jbvBinary;
	document.val.binary.data = unconstify(JsonbContainer *, &value->root);
	document.val.binary.len = (int)VARSIZE(value) - VARHDRSZ;
	ud_json_object_key(object, name);
	pushJsonbValue(object, WJB_VALUE, &document);
}

void
ud_json_object_begin(JsonbParseState **object, const char *name)
{
	ud_json_object_key(object, name);
	pushJsonbValue(object, WJB_BEGIN_OBJECT, NULL);
}

void
ud_json_object_empty(JsonbParseState **object, const char *name)
{
	ud_json_object_begin(object, name);
	pushJsonbValue(object, WJB_END_OBJECT, NULL);
}

/* push_texts adds the elements of a text[] to an array of JSON. */
static void
push_texts(JsonbParseState **object, Datum array)
{
	Datum *items;
	bool *nulls;
	int count;

	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &items, &nulls,
					  &count);
	for (int i = 0; i < count; i++)
	{
		JsonbValue item = {.type = jbvNull};

		if (!nulls[i])
			item = string_of(DatumGetTextPP(items[i]));
		pushJsonbValue(object, WJB_ELEM, &item);
	}
}

void
ud_json_object_texts(JsonbParseState **object, const char *name, Datum array, bool is_null)
{
	ud_json_object_key(object, name);
	pushJsonbValue(object, WJB_BEGIN_ARRAY, NULL);
	if (!is_null)
		push_texts(object, array);
	pushJsonbValue(object, WJB_END_ARRAY, NULL);
}

Jsonb *
ud_json_object_end(JsonbParseState **object)
{
	return JsonbValueToJsonb(pushJsonbValue(object, WJB_END_OBJECT, NULL));
}

bool
ud_json_object_get(const Jsonb *object, const char *name, JsonbValue *value)
{
	return getKeyJsonValueFromContainer(unconstify(JsonbContainer *, &object->root), name,
										(int)strlen(name), value) != NULL;
}
