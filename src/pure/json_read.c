/*
 * json_read.c: a strict reader of JSON (RFC 8259) for what strangers send.
 */
#include "pure/json_read.h"

#include <stdint.h>

#include "pure/charset.h"

typedef struct Name
{
	UdSpan text;
	uint32_t hash;
} Name;

typedef struct Reader
{
	const char *at;
	const char *end;
	char *scratch; /* the free part of it */
	int depth;
	int max_depth;
	const UdJsonListener *listener;
	int name_count;
	Name names[UD_JSON_MAX_NAMES]; /* of the objects that are open, innermost last */
} Reader;

static UdJsonFault read_value(Reader *reader);

static void
tell(const Reader *reader, UdJsonEvent event, UdSpan text)
{
	if (reader->listener != NULL)
		reader->listener->tell(reader->listener->context, event, text, reader->depth);
}

static void
skip_blank(Reader *reader)
{
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' ||
										*reader->at == '\n' || *reader->at == '\r'))
		reader->at++;
}

/* take returns whether the next character is c, and goes beyond it. */
static bool
take(Reader *reader, char c)
{
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* read_unit reads the four digits of an escape. */
static bool
read_unit(Reader *reader, uint32_t *unit)
{
	*unit = 0;
	if (reader->end - reader->at < 4)
		return false;
	for (int i = 0; i < 4; i++)
	{
		int digit = hex_value(*reader->at++);

		if (digit < 0)
			return false;
		*unit = *unit << 4 | (uint32_t)digit;
	}
	return true;
}

/* read_code_point reads what follows \u, both halves of a pair. */
static UdJsonFault
read_code_point(Reader *reader, uint32_t *point)
{
	uint32_t low;

	if (!read_unit(reader, point))
		return UD_JSON_SYNTAX;
	if (*point == 0 || (*point >= 0xdc00 && *point < 0xe000))
		return UD_JSON_BAD_ESCAPE;
	if (*point < 0xd800 || *point >= 0xe000)
		return UD_JSON_FINE;

	if (!take(reader, '\\') || !take(reader, 'u') || !read_unit(reader, &low) || low < 0xdc00 ||
		low >= 0xe000)
		return UD_JSON_BAD_ESCAPE;
	*point = 0x10000 + ((*point - 0xd800) << 10) + (low - 0xdc00);
	return UD_JSON_FINE;
}

/* read_escape decodes what follows a backslash into scratch. */
static UdJsonFault
read_escape(Reader *reader)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	const char *letter;
	uint32_t point;
	UdJsonFault fault;

	if (reader->at == reader->end || *reader->at == '\0')
		return UD_JSON_SYNTAX;
	letter = strchr(letters, *reader->at);
	if (letter != NULL)
	{
		*reader->scratch++ = meanings[letter - letters];
		reader->at++;
		return UD_JSON_FINE;
	}
	if (!take(reader, 'u'))
		return UD_JSON_SYNTAX;
	fault = read_code_point(reader, &point);
	if (fault == UD_JSON_FINE)
		reader->scratch += ud_charset_utf8.encode(point, reader->scratch);
	return fault;
}

/* character_length returns the bytes of a character of UTF-8 that is not ASCII, 0 for none. */
static size_t
character_length(const char *at, size_t left)
{
	size_t length = ud_charset_utf8.length(at, left);
	unsigned char first = (unsigned char)at[0];
	unsigned char second = length > 1 ? (unsigned char)at[1] : 0;

	if (length == 1)
		return 0;
	/* Longer than need be, half of a pair, beyond the last plane. */
	if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) ||
		(first == 0xf0 && second < 0x90) || (first == 0xf4 && second >= 0x90))
		return 0;
	return length;
}

/* One and the same byte, eight times. */
#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

/* has_zero returns whether one of eight bytes is 0: its top bit, or that of one beyond it. */
static uint64_t
has_zero(uint64_t bytes)
{
	return (bytes - EIGHT(0x01)) & ~bytes & EIGHT(0x80);
}

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

size_t
ud_json_plain_length(const char *text, size_t length)
{
	size_t at = 0;
	uint64_t bytes;

	for (; length - at >= sizeof(bytes); at += sizeof(bytes))
	{
		memcpy(&bytes, text + at, sizeof(bytes));
		if (((bytes | ((bytes - EIGHT(0x20)) & ~bytes)) & EIGHT(0x80)) != 0 ||
			has_zero(bytes ^ EIGHT('"')) != 0 || has_zero(bytes ^ EIGHT('\\')) != 0)
			break;
	}
	while (at < length && is_plain((unsigned char)text[at]))
		at++;
	return at;
}

/* A string while it is read. */
typedef struct Piece
{
	const char *begin; /* of what was not copied yet */
	char *copy;        /* of what stands before an escape; NULL until there is one */
} Piece;

/* copy_piece copies what was read of a string since the last time. */
static void
copy_piece(Reader *reader, Piece *piece)
{
	const size_t length = (size_t)(reader->at - piece->begin);

	if (piece->copy == NULL)
		piece->copy = reader->scratch;
	memcpy(reader->scratch, piece->begin, length);
	reader->scratch += length;
}

/* end_string returns the string in front of a quotation mark, and goes beyond it. */
static UdSpan
end_string(Reader *reader, Piece *piece)
{
	UdSpan text = {piece->begin, (size_t)(reader->at - piece->begin)};

	if (piece->copy != NULL)
	{
		copy_piece(reader, piece);
		text = (UdSpan){piece->copy, (size_t)(reader->scratch - piece->copy)};
	}
	reader->at++;
	return text;
}

/* read_string reads what follows a quotation mark. Nothing is copied until there is an escape. */
static UdJsonFault
read_string(Reader *reader, UdSpan *text)
{
	Piece piece = {reader->at, NULL};

	for (;;)
	{
		unsigned char c;

		reader->at += ud_json_plain_length(reader->at, (size_t)(reader->end - reader->at));
		if (reader->at == reader->end)
			return UD_JSON_SYNTAX;
		c = (unsigned char)*reader->at;
		if (c == '"')
		{
			*text = end_string(reader, &piece);
			return UD_JSON_FINE;
		}
		if (c == '\\')
		{
			UdJsonFault fault;

			copy_piece(reader, &piece);
			reader->at++;
			fault = read_escape(reader);
			if (fault != UD_JSON_FINE)
				return fault;
			piece.begin = reader->at;
		}
		else if (c >= 0x80)
		{
			size_t length = character_length(reader->at, (size_t)(reader->end - reader->at));

			if (length == 0)
				return UD_JSON_NOT_UTF8;
			reader->at += length;
		}
		else
			return UD_JSON_SYNTAX;
	}
}

/* read_digits returns how many digits follow, and goes beyond them. */
static size_t
read_digits(Reader *reader)
{
	const char *begin = reader->at;

	while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
		reader->at++;
	return (size_t)(reader->at - begin);
}

/* read_exponent reads what follows an "e". */
static UdJsonFault
read_exponent(Reader *reader)
{
	const char *begin;
	int value = 0;

	if (!take(reader, '+'))
		take(reader, '-');
	begin = reader->at;
	if (read_digits(reader) == 0)
		return UD_JSON_SYNTAX;
	for (; begin < reader->at; begin++)
	{
		value = value * 10 + (*begin - '0');
		if (value > UD_JSON_MAX_EXPONENT)
			return UD_JSON_HUGE_NUMBER;
	}
	return UD_JSON_FINE;
}

static UdJsonFault
read_number(Reader *reader)
{
	const char *begin = reader->at;
	UdJsonFault fault = UD_JSON_FINE;

	take(reader, '-');
	if (!take(reader, '0') && read_digits(reader) == 0)
		return UD_JSON_SYNTAX;
	if (take(reader, '.') && read_digits(reader) == 0)
		return UD_JSON_SYNTAX;
	if (take(reader, 'e') || take(reader, 'E'))
		fault = read_exponent(reader);
	if (fault == UD_JSON_FINE && reader->at - begin > UD_JSON_MAX_NUMBER)
		fault = UD_JSON_HUGE_NUMBER;
	if (fault == UD_JSON_FINE)
		tell(reader, UD_JSON_NUMBER, (UdSpan){begin, (size_t)(reader->at - begin)});
	return fault;
}

static UdJsonFault
read_word(Reader *reader, const char *word, UdJsonEvent event)
{
	size_t length = strlen(word);

	if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
		return UD_JSON_SYNTAX;
	reader->at += length;
	tell(reader, event, (UdSpan){"", 0});
	return UD_JSON_FINE;
}

static uint32_t
hash_of(UdSpan text)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < text.length; i++)
		hash = (hash ^ (unsigned char)text.data[i]) * 16777619u;
	return hash;
}

/* remember_name refuses a name that the object, whose names begin at first, has already. */
static UdJsonFault
remember_name(Reader *reader, int first, UdSpan text)
{
	uint32_t hash = hash_of(text);

	for (int i = first; i < reader->name_count; i++)
	{
		if (reader->names[i].hash == hash && ud_span_equal(reader->names[i].text, text))
			return UD_JSON_DUPLICATE_NAME;
	}
	if (reader->name_count == UD_JSON_MAX_NAMES)
		return UD_JSON_TOO_MANY_NAMES;
	reader->names[reader->name_count++] = (Name){text, hash};
	return UD_JSON_FINE;
}

static UdJsonFault
read_member(Reader *reader, int first)
{
	UdSpan name;
	UdJsonFault fault;

	skip_blank(reader);
	if (!take(reader, '"'))
		return UD_JSON_SYNTAX;
	fault = read_string(reader, &name);
	if (fault == UD_JSON_FINE)
		fault = remember_name(reader, first, name);
	if (fault != UD_JSON_FINE)
		return fault;
	tell(reader, UD_JSON_NAME, name);
	skip_blank(reader);
	return take(reader, ':') ? read_value(reader) : UD_JSON_SYNTAX;
}

/* read_list reads the members of an object or the elements of an array, and what closes them. */
static UdJsonFault
read_list(Reader *reader, bool is_object)
{
	const char close = is_object ? '}' : ']';
	const int first = reader->name_count;

	if (reader->depth == reader->max_depth)
		return UD_JSON_TOO_DEEP;
	tell(reader, is_object ? UD_JSON_OBJECT : UD_JSON_ARRAY, (UdSpan){"", 0});
	reader->depth++;
	skip_blank(reader);
	if (!take(reader, close))
	{
		do
		{
			UdJsonFault fault = is_object ? read_member(reader, first) : read_value(reader);

			if (fault != UD_JSON_FINE)
				return fault;
			skip_blank(reader);
		} while (take(reader, ','));
		if (!take(reader, close))
			return UD_JSON_SYNTAX;
	}
	reader->name_count = first;
	reader->depth--;
	tell(reader, is_object ? UD_JSON_OBJECT_END : UD_JSON_ARRAY_END, (UdSpan){"", 0});
	return UD_JSON_FINE;
}

static UdJsonFault
read_value(Reader *reader)
{
	UdSpan text;
	UdJsonFault fault;

	skip_blank(reader);
	if (reader->at == reader->end)
		return UD_JSON_SYNTAX;
	switch (*reader->at)
	{
		case '{':
			reader->at++;
			return read_list(reader, true);
		case '[':
			reader->at++;
			return read_list(reader, false);
		case '"':
			reader->at++;
			fault = read_string(reader, &text);
			if (fault == UD_JSON_FINE)
				tell(reader, UD_JSON_STRING, text);
			return fault;
		case 't':
			return read_word(reader, "true", UD_JSON_TRUE);
		case 'f':
			return read_word(reader, "false", UD_JSON_FALSE);
		case 'n':
			return read_word(reader, "null", UD_JSON_NULL);
		default:
			return read_number(reader);
	}
}

UdJsonFault
ud_json_read(UdSpan text, int max_depth, char *scratch, const UdJsonListener *listener)
{
	Reader reader;
	UdJsonFault fault;

	reader.at = text.data;
	reader.end = text.data + text.length;
	reader.scratch = scratch;
	reader.depth = 0;
	reader.max_depth = max_depth;
	reader.listener = listener;
	reader.name_count = 0;

	skip_blank(&reader);
	if (reader.at < reader.end && *reader.at != '{')
	{
		reader.listener = NULL;
		fault = read_value(&reader);
		return fault == UD_JSON_FINE ? UD_JSON_NO_OBJECT : fault;
	}
	fault = read_value(&reader);
	skip_blank(&reader);
	return fault == UD_JSON_FINE && reader.at < reader.end ? UD_JSON_SYNTAX : fault;
}

const char *
ud_json_fault_text(UdJsonFault fault)
{
	static const char *const texts[] = {
		[UD_JSON_FINE] = "is fine",
		[UD_JSON_SYNTAX] = "is no valid JSON",
		[UD_JSON_NOT_UTF8] = "is no valid UTF-8",
		[UD_JSON_DUPLICATE_NAME] = "names a member twice",
		[UD_JSON_TOO_DEEP] = "is nested too deep",
		[UD_JSON_TOO_MANY_NAMES] = "has too many members",
		[UD_JSON_BAD_ESCAPE] = "has an escape that means no character",
		[UD_JSON_HUGE_NUMBER] = "has a number out of all bounds",
		[UD_JSON_NO_OBJECT] = "is no JSON object",
	};

	return texts[fault];
}
