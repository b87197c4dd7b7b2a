/*
 * test_json_read.c: what the strict reader of JSON lets pass, and what it refuses.
 */
#include "check.h"

#include "pure/json_read.h"

static UdJsonFault
read_depth(const char *text, size_t length, int depth, const UdJsonListener *listener)
{
	char *copy = check_copy(text, length);
	char *scratch = malloc(length + 1);
	UdJsonFault fault = ud_json_read((UdSpan){copy, length}, depth, scratch, listener);

	free(copy);
	free(scratch);
	return fault;
}

static UdJsonFault
read_text(const char *text)
{
	return read_depth(text, strlen(text), 8, NULL);
}

static void
test_valid(void)
{
	static const char *const texts[] = {
		"{}",
		" {\t} \r\n",
		"{\"a\":1}",
		"{\"\":\"\"}",
		"{\"a\":[],\"b\":{},\"c\":[[],{}]}",
		"{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":2}]}",
		"{\"a\":true,\"b\":false,\"c\":null}",
		"{\"a\":0,\"b\":-0,\"c\":1.5,\"d\":-1e10,\"e\":1E+2,\"f\":1e-400,\"g\":"
		"123456789012345678901}",
		"{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"}",
		"{\"a\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f\"}",
		"{\"A\":1,\"a\":2}",
		"{\"a\":[[[[[[1]]]]]]}",
		"{\"\\ud83d\\ude00\":1}",
		"{\"a\":\"\xf4\x8f\xbf\xbf\xee\x80\x80\xed\x9f\xbf\"}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		CHECK_FOR(texts[i], read_text(texts[i]) == UD_JSON_FINE);
}

static void
test_refused(void)
{
	static const struct
	{
		const char *text;
		UdJsonFault fault;
	} cases[] = {
		{"", UD_JSON_SYNTAX},
		{" ", UD_JSON_SYNTAX},
		{"{", UD_JSON_SYNTAX},
		{"}", UD_JSON_SYNTAX},
		{"{}{}", UD_JSON_SYNTAX},
		{"{} x", UD_JSON_SYNTAX},
		{"\xef\xbb\xbf{}", UD_JSON_SYNTAX},
		{"{,}", UD_JSON_SYNTAX},
		{"{\"a\"}", UD_JSON_SYNTAX},
		{"{\"a\":}", UD_JSON_SYNTAX},
		{"{\"a\":1,}", UD_JSON_SYNTAX},
		{"{\"a\":1 \"b\":2}", UD_JSON_SYNTAX},
		{"{a:1}", UD_JSON_SYNTAX},
		{"{'a':1}", UD_JSON_SYNTAX},
		{"{1:1}", UD_JSON_SYNTAX},
		{"{\"a\":[1,]}", UD_JSON_SYNTAX},
		{"{\"a\":[1}", UD_JSON_SYNTAX},
		{"{\"a\":{]}", UD_JSON_SYNTAX},
		{"{\"a\":01}", UD_JSON_SYNTAX},
		{"{\"a\":+1}", UD_JSON_SYNTAX},
		{"{\"a\":.5}", UD_JSON_SYNTAX},
		{"{\"a\":1.}", UD_JSON_SYNTAX},
		{"{\"a\":1e}", UD_JSON_SYNTAX},
		{"{\"a\":-}", UD_JSON_SYNTAX},
		{"{\"a\":0x10}", UD_JSON_SYNTAX},
		{"{\"a\":NaN}", UD_JSON_SYNTAX},
		{"{\"a\":Infinity}", UD_JSON_SYNTAX},
		{"{\"a\":True}", UD_JSON_SYNTAX},
		{"{\"a\":nul}", UD_JSON_SYNTAX},
		{"{\"a\":\"\n\"}", UD_JSON_SYNTAX},
		{"{\"a\":\"\t\"}", UD_JSON_SYNTAX},
		{"{\"a\":\"\\x41\"}", UD_JSON_SYNTAX},
		{"{\"a\":\"\\u12\"}", UD_JSON_SYNTAX},
		{"{\"a\":\"\\u12g4\"}", UD_JSON_SYNTAX},
		{"{\"a\":\"x}", UD_JSON_SYNTAX},
		{"{\"a\":\"\\", UD_JSON_SYNTAX},
		{"{\"a\":1}/* */", UD_JSON_SYNTAX},
		{"// \n{}", UD_JSON_SYNTAX},
		{"[]", UD_JSON_NO_OBJECT},
		{"[{}]", UD_JSON_NO_OBJECT},
		{"\"a\"", UD_JSON_NO_OBJECT},
		{"1", UD_JSON_NO_OBJECT},
		{"null", UD_JSON_NO_OBJECT},
		{"{\"a\":1,\"a\":1}", UD_JSON_DUPLICATE_NAME},
		{"{\"a\":1,\"b\":2,\"\\u0061\":3}", UD_JSON_DUPLICATE_NAME},
		{"{\"\\u0061\":1,\"\\u0061\":3}", UD_JSON_DUPLICATE_NAME},
		{"{\"a\\/\":1,\"a/\":3}", UD_JSON_DUPLICATE_NAME},
		{"{\"\xc3\xa9\":1,\"\\u00e9\":3}", UD_JSON_DUPLICATE_NAME},
		{"{\"\":1,\"\":3}", UD_JSON_DUPLICATE_NAME},
		{"{\"x\":{\"a\":1,\"a\":2}}", UD_JSON_DUPLICATE_NAME},
		{"{\"x\":[{\"b\":0},{\"a\":1,\"c\":{\"d\":1},\"a\":2}]}", UD_JSON_DUPLICATE_NAME},
		{"{\"a\":{\"b\":1},\"c\":{\"d\":{}},\"a\":1}", UD_JSON_DUPLICATE_NAME},
		{"{\"a\":\"\x80\"}", UD_JSON_NOT_UTF8},
		{"{\"a\":\"\xc3\"}", UD_JSON_NOT_UTF8},
		{"{\"a\":\"\xc0\x80\"}", UD_JSON_NOT_UTF8},
		{"{\"a\":\"\xe0\x80\x80\"}", UD_JSON_NOT_UTF8},
		{"{\"a\":\"\xed\xa0\x80\"}", UD_JSON_NOT_UTF8},
		{"{\"a\":\"\xf0\x80\x80\x80\"}", UD_JSON_NOT_UTF8},
		{"{\"a\":\"\xf4\x90\x80\x80\"}", UD_JSON_NOT_UTF8},
		{"{\"a\":\"\xff\"}", UD_JSON_NOT_UTF8},
		{"{\"\x80\":1}", UD_JSON_NOT_UTF8},
		{"{\"a\":\"\\u0000\"}", UD_JSON_BAD_ESCAPE},
		{"{\"a\":\"\\ud800\"}", UD_JSON_BAD_ESCAPE},
		{"{\"a\":\"\\udc00\"}", UD_JSON_BAD_ESCAPE},
		{"{\"a\":\"\\ud800x\"}", UD_JSON_BAD_ESCAPE},
		{"{\"a\":\"\\ud800\\u0041\"}", UD_JSON_BAD_ESCAPE},
		{"{\"a\":\"\\ud800\\ud800\"}", UD_JSON_BAD_ESCAPE},
		{"{\"a\":1e401}", UD_JSON_HUGE_NUMBER},
		{"{\"a\":1e-99999999999999999999}", UD_JSON_HUGE_NUMBER},
		{"{\"a\":[[[[[[[[1]]]]]]]]}", UD_JSON_TOO_DEEP},
		{"{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}}}", UD_JSON_TOO_DEEP},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_FOR(cases[i].text, read_text(cases[i].text) == cases[i].fault);
}

/* Bounds: depth, names, digits. */
static void
test_bounds(void)
{
	static char text[64 * 1024];
	size_t length = 0;

	CHECK_INT(read_depth("{\"a\":1}", 7, 1, NULL), UD_JSON_FINE);
	CHECK_INT(read_depth("{\"a\":{}}", 8, 1, NULL), UD_JSON_TOO_DEEP);
	CHECK_INT(read_depth("{\"a\":[1]}", 9, 2, NULL), UD_JSON_FINE);
	CHECK_INT(read_depth("{\"a\":\"x\0y\"}", 11, 2, NULL), UD_JSON_SYNTAX);

	for (int count = UD_JSON_MAX_NAMES; count <= UD_JSON_MAX_NAMES + 1; count++)
	{
		length = 0;
		for (int i = 0; i < count; i++)
			length += (size_t)snprintf(text + length, sizeof(text) - length, "%c\"n%d\":%d",
									   i == 0 ? '{' : ',', i, i);
		text[length++] = '}';
		CHECK_INT(read_depth(text, length, 1, NULL),
				  count == UD_JSON_MAX_NAMES ? UD_JSON_FINE : UD_JSON_TOO_MANY_NAMES);
	}

	for (int digits = UD_JSON_MAX_NUMBER; digits <= UD_JSON_MAX_NUMBER + 1; digits++)
	{
		memcpy(text, "{\"a\":", 5);
		memset(text + 5, '7', (size_t)digits);
		text[5 + digits] = '}';
		CHECK_INT(read_depth(text, 6 + (size_t)digits, 1, NULL),
				  digits == UD_JSON_MAX_NUMBER ? UD_JSON_FINE : UD_JSON_HUGE_NUMBER);
	}

	memset(text, '[', 60000);
	CHECK_INT(read_depth(text, 60000, 32, NULL), UD_JSON_TOO_DEEP);
	/* Every prefix of a valid text is refused, and read no further than it goes. */
	length =
		(size_t)snprintf(text, sizeof(text), "%s",
						 "{\"a\":[1.5e3,\"\\ud83d\\ude00\xe2\x82\xac\",{\"b\":null}],\"c\":true}");
	for (size_t i = 0; i < length; i++)
		CHECK(read_depth(text, i, 8, NULL) != UD_JSON_FINE);
	CHECK_INT(read_depth(text, length, 8, NULL), UD_JSON_FINE);
}

/* What the listener is told, written down. */
typedef struct Record
{
	char text[512];
	size_t length;
} Record;

static void
record(void *context, UdJsonEvent event, UdSpan text, int depth)
{
	static const char marks[] = "{}[]:snTFN";
	Record *record = context;

	record->length +=
		(size_t)snprintf(record->text + record->length, sizeof(record->text) - record->length,
						 "%c%d%.*s ", marks[event], depth, (int)text.length, text.data);
}

static void
test_listener(void)
{
	Record heard = {"", 0};
	UdJsonListener listener = {record, &heard};
	const char *text = "{\"a\": [1, \"x\\u00e9y\\n\"], \"\\u0062\": {\"c\": null}, \"d\": -1.5e3, "
					   "\"e\": true, \"f\": false}";

	CHECK_INT(read_depth(text, strlen(text), 4, &listener), UD_JSON_FINE);
	CHECK_TEXT(heard.text, heard.length,
			   "{0 :1a [1 n21 s2x\xc3\xa9y\n ]1 :1b {1 :2c N2 }1 :1d n1-1.5e3 :1e T1 :1f F1 }0 ");
	for (int fault = UD_JSON_FINE; fault <= UD_JSON_NO_OBJECT; fault++)
		CHECK(strlen(ud_json_fault_text((UdJsonFault)fault)) > 5);
}

/* is_plain tells by itself what stands for itself in a string. */
static bool
is_plain(unsigned char c)
{
	return c >= ' ' && c <= '~' + 1 && strchr("\"\\", c) == NULL;
}

/* Every byte at every place, for they are looked at eight at a time. */
static void
test_plain_length(void)
{
	for (int c = 0; c < 256; c++)
	{
		for (size_t at = 0; at < 20; at++)
		{
			char text[20];
			char *copy;

			memset(text, 'x', sizeof(text));
			text[at] = (char)c;
			copy = check_copy(text, sizeof(text));
			CHECK(ud_json_plain_length(copy, sizeof(text)) ==
				  (is_plain((unsigned char)c) ? sizeof(text) : at));
			CHECK(ud_json_plain_length(copy, at) == at);
			free(copy);
		}
	}
}

/* The same in a string that is read: an escape, a character of UTF-8, or what must not be there. */
static void
test_strings(void)
{
	static const struct
	{
		const char *piece;
		UdJsonFault fault;
	} cases[] = {{"\\n", UD_JSON_FINE},      {"\\u00e9\\\"", UD_JSON_FINE},
				 {"\xc3\xa9", UD_JSON_FINE}, {"\x7f", UD_JSON_FINE},
				 {"\x1f", UD_JSON_SYNTAX},   {"\n", UD_JSON_SYNTAX},
				 {"\\", UD_JSON_SYNTAX},     {"\x80", UD_JSON_NOT_UTF8},
				 {"\xc3", UD_JSON_NOT_UTF8}, {"\xed\xa0\x80", UD_JSON_NOT_UTF8}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		for (int before = 0; before < 20; before++)
		{
			char text[64];

			snprintf(text, sizeof(text), "{\"a\":\"%.*s%s%.*s\"}", before, "xxxxxxxxxxxxxxxxxxxx",
					 cases[i].piece, before % 10, "yyyyyyyyyy");
			/* A backslash in front of the quotation mark or of a "y" is no escape. */
			CHECK_FOR(text, read_text(text) == cases[i].fault);
		}
	}
}

int
main(void)
{
	test_valid();
	test_refused();
	test_bounds();
	test_listener();
	test_plain_length();
	test_strings();
	return check_summary();
}
