/*
 * json_reader.h: as much JSON as the tests' own data need; whoever feeds it nonsense is stopped.
 */
#ifndef UD_UNIT_JSON_READER_H
#define UD_UNIT_JSON_READER_H

#include <stdint.h>

#include "pure/charset.h"
#include "query_dump.h"

typedef enum JsonKind
{
	JSON_NULL,
	JSON_BOOLEAN,
	JSON_STRING,
	JSON_LIST,
	JSON_OBJECT
} JsonKind;

/* A value; its members or elements are linked by next. */
typedef struct Json
{
	JsonKind kind;
	bool boolean;
	UdSpan string;
	UdSpan name; /* as a member of an object */
	struct Json *first;
	struct Json *next;
} Json;

typedef struct JsonReader
{
	const char *at;
	const UdArena *arena;
} JsonReader;

static inline void
json_stop(const JsonReader *reader)
{
	fprintf(stderr, "not the JSON that the test reads: %.60s\n", reader->at);
	abort();
}

static inline void
json_blank(JsonReader *reader)
{
	reader->at += strspn(reader->at, " \t\r\n");
}

static inline bool
json_take(JsonReader *reader, const char *text)
{
	json_blank(reader);
	if (strncmp(reader->at, text, strlen(text)) != 0)
		return false;
	reader->at += strlen(text);
	return true;
}

static inline uint32_t
json_code(JsonReader *reader)
{
	char digits[5] = {0};

	memcpy(digits, reader->at, strnlen(reader->at, 4));
	reader->at += strlen(digits);
	return (uint32_t)strtoul(digits, NULL, 16);
}

static inline void
json_escape(JsonReader *reader, Dump *out)
{
	char character[UD_CHARSET_MAX];
	uint32_t code;
	char c = *reader->at++;

	if (c != 'u')
	{
		const char *found = strchr("n\nr\rt\tb\bf\f", c);

		dump_bytes(out, found != NULL ? found + 1 : &c, 1);
		return;
	}
	code = json_code(reader);
	if (code >= 0xd800 && code < 0xdc00 && json_take(reader, "\\u"))
		code = 0x10000 + ((code - 0xd800) << 10) + (json_code(reader) - 0xdc00);
	dump_bytes(out, character, ud_charset_utf8.encode(code, character));
}

/* json_string reads a string; the opening quote is behind us. */
static inline UdSpan
json_string(JsonReader *reader)
{
	Dump out = {NULL, 0, 0};
	UdSpan result = {"", 0};

	dump_text(&out, "");
	while (*reader->at != '"')
	{
		if (*reader->at == '\0')
			json_stop(reader);
		if (*reader->at == '\\')
		{
			reader->at++;
			json_escape(reader, &out);
		}
		else
			dump_bytes(&out, reader->at++, 1);
	}
	reader->at++;
	ud_arena_copy(reader->arena, (UdSpan){out.text, out.length}, &result);
	free(out.text);
	return result;
}

static inline Json *json_value(JsonReader *reader);

/* json_members reads what is in a list or object up to the closing character. */
static inline void
json_members(JsonReader *reader, Json *parent, const char *closing)
{
	Json **end = &parent->first;

	while (!json_take(reader, closing))
	{
		UdSpan name = {"", 0};

		json_take(reader, ",");
		if (parent->kind == JSON_OBJECT)
		{
			if (!json_take(reader, "\""))
				json_stop(reader);
			name = json_string(reader);
			json_take(reader, ":");
		}
		*end = json_value(reader);
		(*end)->name = name;
		end = &(*end)->next;
	}
}

static inline Json *
json_value(JsonReader *reader)
{
	Json *value = (Json *)ud_arena_zeroed(reader->arena, sizeof(*value));

	if (json_take(reader, "{"))
	{
		value->kind = JSON_OBJECT;
		json_members(reader, value, "}");
	}
	else if (json_take(reader, "["))
	{
		value->kind = JSON_LIST;
		json_members(reader, value, "]");
	}
	else if (json_take(reader, "\""))
	{
		value->kind = JSON_STRING;
		value->string = json_string(reader);
	}
	else if (json_take(reader, "true") || json_take(reader, "false"))
	{
		value->kind = JSON_BOOLEAN;
		value->boolean = reader->at[-2] == 'u';
	}
	else if (!json_take(reader, "null"))
		json_stop(reader);
	return value;
}

/* json_member returns the member of that name, or NULL. */
static inline const Json *
json_member(const Json *object, const char *name)
{
	for (const Json *member = object->first; member != NULL; member = member->next)
	{
		if (ud_span_equal(member->name, (UdSpan){name, strlen(name)}))
			return member;
	}
	return NULL;
}

static inline bool
json_is(const Json *value, const char *text)
{
	return value != NULL && value->kind == JSON_STRING &&
		   ud_span_equal(value->string, (UdSpan){text, strlen(text)});
}

#endif
