/*
 * hash_json.c: reading the JSON object in which a hash of another system comes.
 */
#include "base/userdir.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "crypto/hash_json.h"
#include "crypto/hash_parse.h"
#include "pure/base64.h"
#include "pure/hex.h"

/* full_name returns the path of a key as messages show it. */
static const char *
full_name(const char *path, const char *name)
{
	return path[0] != '\0' ? psprintf("%s.%s", path, name) : name;
}

static JsonbValue *
find(JsonbContainer *object, const char *name, JsonbValue *value)
{
	return getKeyJsonValueFromContainer(object, name, (int)strlen(name), value);
}

bool
ud_hash_json_has(JsonbContainer *object, const char *name)
{
	JsonbValue value;

	return find(object, name, &value) != NULL;
}

void
ud_hash_json_allow(JsonbContainer *object, const char *path, const char *const *names)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue value;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		const char *const *name = names;
		UdSpan key;

		if (token != WJB_KEY)
			continue;
		key = (UdSpan){value.val.string.val, (size_t)value.val.string.len};
		while (*name != NULL && !ud_span_is(key, *name))
			name++;
		if (*name == NULL)
			ud_hash_reject(
				"property \"%s\" of a password hash is not known here",
				full_name(path, pnstrdup(key.data, pg_mbcliplen(key.data, key.length, 64))));
	}
}

JsonbContainer *
ud_hash_json_object(JsonbContainer *object, const char *path, const char *name)
{
	JsonbValue value;

	if (find(object, name, &value) == NULL)
		return NULL;
	if (value.type != jbvBinary || !JsonContainerIsObject(value.val.binary.data))
		ud_hash_reject("property \"%s\" of a password hash must be an object",
					   full_name(path, name));
	return value.val.binary.data;
}

UdSpan
ud_hash_json_text(JsonbContainer *object, const char *path, const char *name, const char *missing)
{
	JsonbValue value;

	if (find(object, name, &value) == NULL)
	{
		if (missing == NULL)
			ud_hash_reject("a password hash needs property \"%s\"", full_name(path, name));
		return ud_span_of(missing);
	}
	if (value.type != jbvString)
		ud_hash_reject("property \"%s\" of a password hash must be a string",
					   full_name(path, name));
	return (UdSpan){value.val.string.val, (size_t)value.val.string.len};
}

/* whole_number reads a number that has no fraction: 16384.0 is one too. */
static bool
whole_number(Numeric value, uint32 *number)
{
	Datum trimmed = DirectFunctionCall1(numeric_trim_scale, NumericGetDatum(value));
	char *printed = DatumGetCString(DirectFunctionCall1(numeric_out, trimmed));

	return ud_phc_decimal(ud_span_of(printed), number);
}

uint32
ud_hash_json_number(JsonbContainer *object, const char *path, const char *name, int64 missing,
					uint32 min, uint32 max)
{
	JsonbValue value;
	uint32 number;

	if (find(object, name, &value) == NULL)
	{
		if (missing == UD_HASH_JSON_REQUIRED)
			ud_hash_reject("a password hash needs property \"%s\"", full_name(path, name));
		return (uint32)missing;
	}
	if (value.type != jbvNumeric || !whole_number(value.val.numeric, &number) || number < min ||
		number > max)
		ud_hash_reject(
			"property \"%s\" of a password hash must be a whole number between %u and %u",
			full_name(path, name), min, max);
	return number;
}

/* text_bytes returns a text of the database as UTF-8. */
static UdBytes
text_bytes(UdSpan text)
{
	char *copy = pnstrdup(text.data, text.length);
	char *utf8 = pg_server_to_any(copy, (int)text.length, PG_UTF8);

	return (UdBytes){(const uint8 *)utf8, strlen(utf8)};
}

UdBytes
ud_hash_json_bytes(JsonbContainer *object, const char *path, const char *default_encoding,
				   bool allow_utf8)
{
	UdSpan value = ud_hash_json_text(object, path, "value", NULL);
	UdSpan encoding = ud_hash_json_text(object, path, "encoding", default_encoding);
	uint8 *bytes;
	size_t length = value.length / 2;
	bool ok;

	if (allow_utf8 && ud_span_is(encoding, "utf8"))
		return text_bytes(value);
	if (value.length > UD_HASH_MAX_TEXT_LENGTH)
		ud_hash_reject("property \"%s\" of a password hash is too long", full_name(path, "value"));

	bytes = palloc(UD_BASE64_DECODED_SIZE(value.length) + 1);
	if (ud_span_is(encoding, "base64"))
		ok = ud_base64_decode(value.data, value.length, bytes, &length);
	else if (ud_span_is(encoding, "hex"))
		ok = ud_hex_decode(value.data, value.length, bytes);
	else
		ud_hash_reject("property \"%s\" of a password hash must be %s", full_name(path, "encoding"),
					   allow_utf8 ? "base64, hex or utf8" : "base64 or hex");
	if (!ok)
		ud_hash_reject("property \"%s\" of a password hash is not valid %.*s",
					   full_name(path, "value"), (int)encoding.length, encoding.data);
	return (UdBytes){bytes, length};
}
