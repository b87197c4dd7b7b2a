/*
 * json_object.h: building an object of JSON from values of SQL.
 *
 * An object begins with pushJsonbValue(&object, WJB_BEGIN_OBJECT, NULL), as anywhere in the server.
 */
#ifndef UD_BASE_JSON_OBJECT_H
#define UD_BASE_JSON_OBJECT_H

#include "utils/jsonb.h"

/* ud_json_object_key pushes the name of a property; its value has to follow. */
extern void ud_json_object_key(JsonbParseState **object, const char *name);

/* ud_json_object_text adds a property with a string: a text that is not toasted out of line. */
extern void ud_json_object_text(JsonbParseState **object, const char *name, Datum value);

/* ud_json_object_jsonb adds a property with a document, also one that is no object. */
extern void ud_json_object_jsonb(JsonbParseState **object, const char *name, const Jsonb *value);

/* ud_json_object_begin begins a property that is an object; WJB_END_OBJECT ends it. */
extern void ud_json_object_begin(JsonbParseState **object, const char *name);

/* ud_json_object_empty adds a property that is an object without properties. */
extern void ud_json_object_empty(JsonbParseState **object, const char *name);

/* ud_json_object_texts adds a property with an array of strings: of a text[], or an empty one where
 * is_null. */
extern void ud_json_object_texts(JsonbParseState **object, const char *name, Datum array,
								 bool is_null);

/* ud_json_object_end ends an object that no other holds, and returns it. */
extern Jsonb *ud_json_object_end(JsonbParseState **object);

/* ud_json_object_get looks a property of an object up. Result: false when it has none. */
extern bool ud_json_object_get(const Jsonb *object, const char *name, JsonbValue *value);

#endif
