/*
 * jwt_json.c: JSON that strangers sent, read strictly, as the server's jsonb; and back.
 */
#include "base/userdir.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "crypto/jwt_json.h"

/* Numbers of so few digits fit into 64 bits. */
#define MAX_INT_DIGITS 18

typedef struct Builder
{
	JsonbParseState *state;
	JsonbValue *result;
} Builder;

/* put_string makes a string of UTF-8; it is not copied unless the database has another encoding. */
static void
put_string(UdSpan text, JsonbValue *value)
{
	char *converted = unconstify(char *, text.data);

	/* The reader has seen to it that it is valid UTF-8. */
	if (GetDatabaseEncoding() != PG_UTF8)
		converted = pg_any_to_server(text.data, (int)text.length, PG_UTF8);
	value->type = jbvString;
	value->val.string.val = converted;
	value->val.string.len = converted == text.data ? (int)text.length : (int)strlen(converted);
}

/* put_number makes a numeric; whole numbers, as times are, need not go through its text. */
static void
put_number(UdSpan text, JsonbValue *value)
{
	const bool is_negative = text.data[0] == '-';
	size_t digits = text.length - (is_negative ? 1 : 0);
	const char *at = text.data + (is_negative ? 1 : 0);
	int64 number = 0;
	bool is_whole = digits <= MAX_INT_DIGITS;

	for (size_t i = 0; is_whole && i < digits; i++)
	{
		is_whole = at[i] >= '0' && at[i] <= '9';
		number = number * 10 + (at[i] - '0');
	}
	value->type = jbvNumeric;
	if (is_whole)
		value->val.numeric = int64_to_numeric(is_negative ? -number : number);
	else
		value->val.numeric = DatumGetNumeric(
			DirectFunctionCall3(numeric_in, CStringGetDatum(pnstrdup(text.data, text.length)),
								ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

/* build takes a piece from the reader. */
static void
build(void *context, UdJsonEvent event, UdSpan text, int depth)
{
	Builder *builder = context;
	JsonbIteratorToken token = WJB_VALUE;
	JsonbValue value;

	switch (event)
	{
		case UD_JSON_OBJECT:
			builder->result = pushJsonbValue(&builder->state, WJB_BEGIN_OBJECT, NULL);
			return;
		case UD_JSON_OBJECT_END:
			builder->result = pushJsonbValue(&builder->state, WJB_END_OBJECT, NULL);
			return;
		case UD_JSON_ARRAY:
			builder->result = pushJsonbValue(&builder->state, WJB_BEGIN_ARRAY, NULL);
			return;
		case UD_JSON_ARRAY_END:
			builder->result = pushJsonbValue(&builder->state, WJB_END_ARRAY, NULL);
			return;
		case UD_JSON_NAME:
			put_string(text, &value);
			builder->result = pushJsonbValue(&builder->state, WJB_KEY, &value);
			return;
		case UD_JSON_STRING:
			put_string(text, &value);
			break;
		case UD_JSON_NUMBER:
			put_number(text, &value);
			break;
		case UD_JSON_TRUE:
		case UD_JSON_FALSE:
			value.type = jbvBool;
			value.val.boolean = event == UD_JSON_TRUE;
			break;
		case UD_JSON_NULL:
			value.type = jbvNull;
			break;
	}
	if (builder->state->contVal.type == jbvArray)
		token = WJB_ELEM;
	builder->result = pushJsonbValue(&builder->state, token, &value);
}

Jsonb *
ud_jwt_json_read(UdSpan text, UdJsonFault *fault)
{
	Builder builder = {NULL, NULL};
	UdJsonListener listener = {build, &builder};
	char *scratch = palloc(text.length + 1);

	*fault = ud_json_read(text, UD_JWT_MAX_DEPTH, scratch, &listener);
	return *fault == UD_JSON_FINE ? JsonbValueToJsonb(builder.result) : NULL;
}

/* write_escape writes a character that must not stand in a string as it is. */
static void
write_escape(StringInfo text, unsigned char c)
{
	static const char characters[] = "\"\\\b\f\n\r\t";
	static const char letters[] = "\"\\bfnrt";
	const char *found = memchr(characters, c, sizeof(characters) - 1);

	if (found != NULL)
		appendStringInfo(text, "\\%c", letters[found - characters]);
	else
		appendStringInfo(text, "\\u%04x", c);
}

static void
write_string(StringInfo text, const char *string, int length)
{
	const char *end = string + length;
	const char *at = string;

	appendStringInfoCharMacro(text, '"');
	for (;; at++)
	{
		at += ud_json_plain_length(at, (size_t)(end - at));
		if (at == end)
			break;
		if ((unsigned char)*at >= 0x80)
			continue;
		appendBinaryStringInfo(text, string, (int)(at - string));
		write_escape(text, (unsigned char)*at);
		string = at + 1;
	}
	appendBinaryStringInfo(text, string, (int)(end - string));
	appendStringInfoCharMacro(text, '"');
}

/* What is written, and how far it is from the bounds of the reader. */
typedef struct Writer
{
	StringInfoData text;
	int depth;
	int name_count;                     /* of the objects that are open */
	int names_before[UD_JWT_MAX_DEPTH]; /* how many there were when each was opened */
} Writer;

static UdJsonFault
write_number(StringInfo text, Numeric number)
{
	char *digits = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number)));

	/* It has no exponent: a large one stands there as zeros. */
	if (strlen(digits) > UD_JSON_MAX_NUMBER)
		return UD_JSON_HUGE_NUMBER;
	appendStringInfoString(text, digits);
	return UD_JSON_FINE;
}

static UdJsonFault
write_scalar(StringInfo text, const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvString:
			write_string(text, value->val.string.val, value->val.string.len);
			break;
		case jbvNumeric:
			return write_number(text, value->val.numeric);
		case jbvBool:
			appendStringInfoString(text, value->val.boolean ? "true" : "false");
			break;
		default:
			Assert(value->type == jbvNull);
			appendStringInfoString(text, "null");
			break;
	}
	return UD_JSON_FINE;
}

/* write_bracket opens or closes an object or an array. */
static UdJsonFault
write_bracket(Writer *writer, JsonbIteratorToken token)
{
	if (token == WJB_BEGIN_OBJECT || token == WJB_BEGIN_ARRAY)
	{
		if (writer->depth == UD_JWT_MAX_DEPTH)
			return UD_JSON_TOO_DEEP;
		writer->names_before[writer->depth++] = writer->name_count;
	}
	else
		writer->name_count = writer->names_before[--writer->depth];
	appendStringInfoCharMacro(&writer->text, token == WJB_BEGIN_OBJECT  ? '{'
											 : token == WJB_BEGIN_ARRAY ? '['
											 : token == WJB_END_OBJECT  ? '}'
																		: ']');
	return UD_JSON_FINE;
}

static UdJsonFault
write_name(Writer *writer, const JsonbValue *name)
{
	if (writer->name_count == UD_JSON_MAX_NAMES)
		return UD_JSON_TOO_MANY_NAMES;
	writer->name_count++;
	write_string(&writer->text, name->val.string.val, name->val.string.len);
	appendStringInfoCharMacro(&writer->text, ':');
	return UD_JSON_FINE;
}

/* write_object writes an object without the blanks that the server's own writer puts into it. */
static UdJsonFault
write_object(Writer *writer, JsonbContainer *object)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbValue value;
	JsonbIteratorToken token;
	bool follows = false; /* whether what comes next follows something in the same list */
	UdJsonFault fault = UD_JSON_FINE;

	while (fault == UD_JSON_FINE &&
		   (token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		const bool ends = token == WJB_END_OBJECT || token == WJB_END_ARRAY;

		if (follows && !ends)
			appendStringInfoCharMacro(&writer->text, ',');
		follows = ends || token == WJB_VALUE || token == WJB_ELEM;
		if (token == WJB_KEY)
			fault = write_name(writer, &value);
		else if (token == WJB_VALUE || token == WJB_ELEM)
			fault = write_scalar(&writer->text, &value);
		else
			fault = write_bracket(writer, token);
	}
	return fault;
}

char *
ud_jwt_json_write(Jsonb *object, size_t *length, UdJsonFault *fault)
{
	Writer writer = {.depth = 0};
	StringInfo text = &writer.text;
	char *utf8;

	initStringInfo(text);
	enlargeStringInfo(text, (int)VARSIZE(object));
	*fault = write_object(&writer, &object->root);
	if (*fault != UD_JSON_FINE)
		return NULL;
	if (GetDatabaseEncoding() == PG_SQL_ASCII)
		pg_verify_mbstr(PG_UTF8, text->data, text->len, false);
	utf8 = pg_server_to_any(text->data, text->len, PG_UTF8);
	*length = utf8 == text->data ? (size_t)text->len : strlen(utf8);
	return utf8;
}
