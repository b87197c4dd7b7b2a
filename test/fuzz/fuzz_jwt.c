/*
 * fuzz_jwt.c: a token is taken apart into parts that make it up again; what base64url decodes has
 * that one spelling; and what the strict reader of JSON accepts, it accepts again in the plain
 * spelling that its events give.
 */
#include "fuzz.h"

#include "pure/base64.h"
#include "pure/json_read.h"
#include "pure/jwt_split.h"

/* The events of a text, written as JSON in one spelling. */
typedef struct Writer
{
	char *text;
	size_t length;
	int events;
	int depth;
	char last; /* what stands before the next piece */
} Writer;

static void
put(Writer *writer, const char *text, size_t length)
{
	memcpy(writer->text + writer->length, text, length);
	writer->length += length;
}

static void
put_string(Writer *writer, UdSpan text)
{
	put(writer, "\"", 1);
	for (size_t i = 0; i < text.length; i++)
	{
		unsigned char c = (unsigned char)text.data[i];
		char escape[7];

		DEMAND(c != 0);
		if (c < 0x20 || c == '"' || c == '\\')
			put(writer, escape, (size_t)snprintf(escape, sizeof(escape), "\\u%04x", c));
		else
			put(writer, text.data + i, 1);
	}
	put(writer, "\"", 1);
}

static void
write_event(void *context, UdJsonEvent event, UdSpan text, int depth)
{
	Writer *writer = context;
	const bool ends = event == UD_JSON_OBJECT_END || event == UD_JSON_ARRAY_END;

	if (!ends && writer->last == 'v')
		put(writer, ",", 1);
	writer->last = 'v';
	writer->events++;
	DEMAND(depth == writer->depth - (ends ? 1 : 0));
	switch (event)
	{
		case UD_JSON_OBJECT:
		case UD_JSON_ARRAY:
			put(writer, event == UD_JSON_OBJECT ? "{" : "[", 1);
			writer->depth++;
			writer->last = 'o';
			break;
		case UD_JSON_OBJECT_END:
		case UD_JSON_ARRAY_END:
			put(writer, event == UD_JSON_OBJECT_END ? "}" : "]", 1);
			writer->depth--;
			break;
		case UD_JSON_NAME:
			put_string(writer, text);
			put(writer, ":", 1);
			writer->last = 'n';
			break;
		case UD_JSON_STRING:
			put_string(writer, text);
			break;
		case UD_JSON_NUMBER:
			put(writer, text.data, text.length);
			break;
		case UD_JSON_TRUE:
			put(writer, "true", 4);
			break;
		case UD_JSON_FALSE:
			put(writer, "false", 5);
			break;
		case UD_JSON_NULL:
			put(writer, "null", 4);
			break;
	}
}

/* rewrite reads a text and writes it in one spelling, into memory that the caller frees. */
static UdJsonFault
rewrite(const char *text, size_t size, int depth, Writer *writer)
{
	UdJsonListener listener = {write_event, writer};
	char *scratch = malloc(size + 1);
	UdJsonFault fault;

	memset(writer, 0, sizeof(*writer));
	writer->text = malloc(6 * size + 16);
	fault = ud_json_read((UdSpan){text, size}, depth, scratch, &listener);
	free(scratch);
	return fault;
}

static void
check_json(const char *text, size_t size)
{
	Writer first;
	Writer second;
	UdJsonFault fault = rewrite(text, size, 8, &first);

	DEMAND(strlen(ud_json_fault_text(fault)) > 0);
	if (fault == UD_JSON_FINE)
	{
		DEMAND(first.depth == 0 && first.events >= 2);
		DEMAND(rewrite(first.text, first.length, 8, &second) == UD_JSON_FINE);
		DEMAND(first.events == second.events && first.length == second.length &&
			   memcmp(first.text, second.text, first.length) == 0);
		free(second.text);
	}
	free(first.text);
}

static void
check_base64url(const char *text, size_t size)
{
	uint8_t *bytes = malloc(UD_BASE64_DECODED_SIZE(size) + 1);
	char *again = malloc(UD_BASE64_SIZE(UD_BASE64_DECODED_SIZE(size)));
	size_t length;

	if (ud_base64url_decode(text, size, bytes, &length))
	{
		DEMAND(ud_base64url_encode(bytes, length, again) == size);
		DEMAND(memcmp(again, text, size) == 0);
		check_json((const char *)bytes, length);
	}
	free(bytes);
	free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	UdJwtParts parts;

	check_json(text, size);
	check_base64url(text, size);
	if (ud_jwt_split((UdSpan){text, size}, &parts) == UD_JWT_FINE)
	{
		DEMAND(parts.header.length + parts.payload.length + parts.signature.length + 2 == size);
		DEMAND(parts.signed_part.length == size - parts.signature.length - 1);
		check_base64url(parts.header.data, parts.header.length);
		check_base64url(parts.payload.data, parts.payload.length);
		check_base64url(parts.signature.data, parts.signature.length);
	}
	return 0;
}
