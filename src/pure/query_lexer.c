/*
 * query_lexer.c: from bytes to the words of a query.
 */
#include "pure/query_lexer.h"

#include "pure/query_error.h"

#include <string.h>

#define EXPECTED_HEX   "four hexadecimal digits behind \"\\u\""
#define EXPECTED_PLAIN "a character behind the backslash"

static const char *
at_byte(const UdLexer *lexer, size_t offset)
{
	return lexer->text + offset;
}

static const char *
text_end(const UdLexer *lexer)
{
	return lexer->text + lexer->length;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
fail(UdLexer *lexer, size_t start, size_t end, const char *expected)
{
	ud_query_error_syntax(lexer->error, lexer, start, end, expected, NULL);
	return false;
}

size_t
ud_query_lexer_blank(const char *at, const char *end, bool unicode)
{
	if (at == end)
		return 0;
	if (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')
		return 1;
	/* the ideographic space that Chinese and Japanese keyboards enter, U+3000 */
	if (unicode && end - at >= 3 && memcmp(at, "\xe3\x80\x80", 3) == 0)
		return 3;
	return 0;
}

bool
ud_query_lexer_ends_word(char c)
{
	return c != '\0' && strchr("():^[]\"{}~!", c) != NULL;
}

/* match_shape returns whether text has the shape: "d" is a digit, all else stands for itself. */
static bool
match_shape(const char *text, size_t length, const char *shape)
{
	size_t needed = strlen(shape);

	if (length < needed)
		return false;
	for (size_t i = 0; i < needed; i++)
	{
		if (shape[i] == 'd' ? !is_digit(text[i]) : text[i] != shape[i])
			return false;
	}
	return true;
}

size_t
ud_query_lexer_date_time(const char *text, size_t length)
{
	size_t at;

	if (!match_shape(text, length, "dddd-dd-ddTdd:dd"))
		return 0;
	at = strlen("dddd-dd-ddTdd:dd");
	if (match_shape(text + at, length - at, ":dd"))
	{
		at += 3;
		if (match_shape(text + at, length - at, ".d"))
		{
			for (at++; at < length && is_digit(text[at]);)
				at++;
		}
	}
	if (match_shape(text + at, length - at, "+dd:dd") ||
		match_shape(text + at, length - at, "-dd:dd"))
		at += strlen("+dd:dd");
	return at;
}

/* hex_value returns the number of four hexadecimal digits, or -1. */
static long
hex_value(const char *at, const char *end)
{
	long value = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++)
	{
		char c = at[i];

		if (is_digit(c))
			value = value * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			value = value * 16 + (c - 'A' + 10);
		else
			return -1;
	}
	return value;
}

/*
 * read_code_point reads the \uXXXX at at, with its second half if it is the first of a surrogate
 * pair. Returns its bytes, 0 for anything wrong.
 */
static size_t
read_code_point(const char *at, const char *end, uint32_t *code_point)
{
	long first = hex_value(at + 2, end);
	long second;

	if (first <= 0 || (first >= 0xdc00 && first <= 0xdfff))
		return 0;
	*code_point = (uint32_t)first;
	if (first < 0xd800 || first > 0xdbff)
		return 6;

	if (end - at < 12 || at[6] != '\\' || at[7] != 'u')
		return 0;
	second = hex_value(at + 8, end);
	if (second < 0xdc00 || second > 0xdfff)
		return 0;
	*code_point = 0x10000 + (((uint32_t)first - 0xd800) << 10) + ((uint32_t)second - 0xdc00);
	return 12;
}

/*
 * read_escape decodes the escape at at, whose backslash is there, into character.
 *
 * Returns the bytes it takes in the text, 0 if it is none. Of a character of several bytes only the
 * first counts as escaped, as the others have no meaning that could be taken away.
 */
static size_t
read_escape(const UdCharset *charset, const char *at, const char *end, char *character,
			size_t *length)
{
	uint32_t code_point;
	size_t consumed;

	if (end - at < 2)
		return 0;
	if (at[1] != 'u')
	{
		*character = at[1];
		*length = 1;
		return at[1] == '\0' ? 0 : 2;
	}
	consumed = read_code_point(at, end, &code_point);
	if (consumed == 0)
		return 0;
	*length = charset->encode(code_point, character);
	return *length == 0 ? 0 : consumed;
}

/* fail_escape reports what is wrong with the escape at offset. */
static bool
fail_escape(UdLexer *lexer, size_t offset)
{
	const char *at = at_byte(lexer, offset);
	size_t left = lexer->length - offset;
	uint32_t code_point;

	if (left < 2)
		return fail(lexer, lexer->length, lexer->length, EXPECTED_PLAIN);
	if (at[1] != 'u')
		return fail(lexer, offset, offset + 2, EXPECTED_PLAIN);
	if (hex_value(at + 2, text_end(lexer)) < 0)
		return fail(lexer, offset, offset + 2, EXPECTED_HEX);
	if (read_code_point(at, text_end(lexer), &code_point) == 0)
		return fail(lexer, offset, offset + 6, "the code of a Unicode character");
	return fail(lexer, offset, offset + 6, "a character of this database's encoding");
}

/* skip_escape moves *at over an escape; it only checks. */
static bool
skip_escape(UdLexer *lexer, size_t *at)
{
	char character[UD_CHARSET_MAX];
	size_t length;
	size_t consumed =
		read_escape(lexer->charset, at_byte(lexer, *at), text_end(lexer), character, &length);

	if (consumed == 0)
		return fail_escape(lexer, *at);
	*at += consumed;
	lexer->token.escaped = true;
	return true;
}

static bool
is_wildcard(char c)
{
	return c == '*' || c == '?';
}

static bool
finish(UdLexer *lexer, UdTokenKind kind, size_t end)
{
	lexer->token.kind = kind;
	lexer->token.end = end;
	lexer->at = end;
	return true;
}

/* fail_nul reports a byte that no text of the server can hold. */
static bool
fail_nul(UdLexer *lexer, size_t at)
{
	return fail(lexer, at, at + 1, "no character of code zero");
}

static bool
next_phrase(UdLexer *lexer)
{
	size_t at = lexer->token.start + 1;

	while (at < lexer->length && *at_byte(lexer, at) != '"')
	{
		if (*at_byte(lexer, at) == '\0')
			return fail_nul(lexer, at);
		if (*at_byte(lexer, at) != '\\')
			at++;
		else if (!skip_escape(lexer, &at))
			return false;
	}
	if (at == lexer->length)
	{
		ud_query_error_unclosed(lexer->error, lexer, lexer->token.start, "a quotation mark");
		return false;
	}
	return finish(lexer, UD_TOKEN_PHRASE, at + 1);
}

/* keyword returns what kind of token the word is that was just read. */
static UdTokenKind
keyword(const UdLexer *lexer)
{
	if (ud_query_lexer_is(lexer, &lexer->token, "AND"))
		return UD_TOKEN_AND;
	if (ud_query_lexer_is(lexer, &lexer->token, "OR"))
		return UD_TOKEN_OR;
	if (ud_query_lexer_is(lexer, &lexer->token, "NOT"))
		return UD_TOKEN_NOT;
	return UD_TOKEN_WORD;
}

static bool
next_word(UdLexer *lexer)
{
	size_t at = lexer->token.start;

	at += ud_query_lexer_date_time(at_byte(lexer, at), lexer->length - at);
	while (at < lexer->length)
	{
		char c = *at_byte(lexer, at);

		if (c == '\0')
			return fail_nul(lexer, at);
		if (c == '\\')
		{
			if (!skip_escape(lexer, &at))
				return false;
			continue;
		}
		if (ud_query_lexer_ends_word(c) ||
			ud_query_lexer_blank(at_byte(lexer, at), text_end(lexer), lexer->charset->unicode) > 0)
			break;
		if (is_wildcard(c))
			lexer->token.wildcards++;
		at++;
	}
	finish(lexer, UD_TOKEN_WORD, at);
	lexer->token.kind = keyword(lexer);
	return true;
}

/* next_bound reads an unquoted bound: everything up to white space or a closing bracket. */
static bool
next_bound(UdLexer *lexer)
{
	size_t at = lexer->token.start;

	while (at < lexer->length)
	{
		char c = *at_byte(lexer, at);

		if (c == '\0')
			return fail_nul(lexer, at);
		if (c == '\\')
		{
			if (!skip_escape(lexer, &at))
				return false;
			continue;
		}
		if (c == ']' || c == '}' ||
			ud_query_lexer_blank(at_byte(lexer, at), text_end(lexer), lexer->charset->unicode) > 0)
			break;
		if (is_wildcard(c))
			lexer->token.wildcards++;
		at++;
	}
	finish(lexer, UD_TOKEN_BOUND, at);
	if (ud_query_lexer_is(lexer, &lexer->token, "*"))
		lexer->token.kind = UD_TOKEN_BOUND_OPEN;
	return true;
}

static bool
next_in_range(UdLexer *lexer)
{
	switch (*at_byte(lexer, lexer->token.start))
	{
		case '"':
			return next_phrase(lexer);
		case ']':
		case '}':
			return finish(lexer, UD_TOKEN_RANGE_CLOSE, lexer->token.start + 1);
		default:
			return next_bound(lexer);
	}
}

/* next_comparison reads one of < <= > >= =. */
static bool
next_comparison(UdLexer *lexer)
{
	size_t start = lexer->token.start;
	bool equal = start + 1 < lexer->length && *at_byte(lexer, start + 1) == '=';

	switch (*at_byte(lexer, start))
	{
		case '<':
			return equal ? finish(lexer, UD_TOKEN_LESS_EQUAL, start + 2)
						 : finish(lexer, UD_TOKEN_LESS, start + 1);
		case '>':
			return equal ? finish(lexer, UD_TOKEN_GREATER_EQUAL, start + 2)
						 : finish(lexer, UD_TOKEN_GREATER, start + 1);
		default:
			return finish(lexer, UD_TOKEN_EQUAL, start + 1);
	}
}

/* next_sign reads "+" or "-", which begin a value where one is expected: "-5", "+15550100". */
static bool
next_sign(UdLexer *lexer, UdLexerPlace place)
{
	size_t start = lexer->token.start;

	if (place == UD_LEXER_VALUE && start + 1 < lexer->length &&
		is_digit(*at_byte(lexer, start + 1)))
		return next_word(lexer);
	return finish(lexer, *at_byte(lexer, start) == '+' ? UD_TOKEN_PLUS : UD_TOKEN_MINUS, start + 1);
}

/* next_doubled reads "&&" or "||"; one alone is a letter. */
static bool
next_doubled(UdLexer *lexer)
{
	size_t start = lexer->token.start;
	char c = *at_byte(lexer, start);

	if (start + 1 == lexer->length || *at_byte(lexer, start + 1) != c)
		return next_word(lexer);
	return finish(lexer, c == '&' ? UD_TOKEN_AND : UD_TOKEN_OR, start + 2);
}

static bool
next_outside_range(UdLexer *lexer, UdLexerPlace place)
{
	size_t start = lexer->token.start;

	switch (*at_byte(lexer, start))
	{
		case '(':
			return finish(lexer, UD_TOKEN_OPEN, start + 1);
		case ')':
			return finish(lexer, UD_TOKEN_CLOSE, start + 1);
		case ':':
			return finish(lexer, UD_TOKEN_COLON, start + 1);
		case '[':
		case '{':
			return finish(lexer, UD_TOKEN_RANGE_OPEN, start + 1);
		case ']':
		case '}':
			return finish(lexer, UD_TOKEN_RANGE_CLOSE, start + 1);
		case '~':
			return finish(lexer, UD_TOKEN_TILDE, start + 1);
		case '^':
			return finish(lexer, UD_TOKEN_CARET, start + 1);
		case '/':
			return finish(lexer, UD_TOKEN_SLASH, start + 1);
		case '!':
			return finish(lexer, UD_TOKEN_BANG, start + 1);
		case '"':
			return next_phrase(lexer);
		case '+':
		case '-':
			return next_sign(lexer, place);
		case '<':
		case '>':
		case '=':
			return next_comparison(lexer);
		case '&':
		case '|':
			return next_doubled(lexer);
		default:
			return next_word(lexer);
	}
}

void
ud_query_lexer_begin(UdLexer *lexer, const char *text, size_t length, const UdCharset *charset,
					 UdQueryError *error)
{
	memset(lexer, 0, sizeof(*lexer));
	lexer->text = text;
	lexer->length = length;
	lexer->charset = charset;
	lexer->error = error;
}

bool
ud_query_lexer_next(UdLexer *lexer, UdLexerPlace place)
{
	size_t blank;

	while ((blank = ud_query_lexer_blank(at_byte(lexer, lexer->at), text_end(lexer),
										 lexer->charset->unicode)) > 0)
		lexer->at += blank;

	memset(&lexer->token, 0, sizeof(lexer->token));
	lexer->token.start = lexer->at;
	if (lexer->at == lexer->length)
		return finish(lexer, UD_TOKEN_END, lexer->at);
	return place == UD_LEXER_RANGE ? next_in_range(lexer) : next_outside_range(lexer, place);
}

bool
ud_query_lexer_is(const UdLexer *lexer, const UdToken *token, const char *word)
{
	size_t length = strlen(word);

	return token->end - token->start == length &&
		   memcmp(at_byte(lexer, token->start), word, length) == 0;
}

bool
ud_query_lexer_touches(const UdLexer *lexer, const UdToken *token)
{
	return token->end < lexer->length &&
		   ud_query_lexer_blank(at_byte(lexer, token->end), text_end(lexer),
								lexer->charset->unicode) == 0;
}

/* A place in a token that is being decoded */
typedef struct Decoder
{
	const UdCharset *charset;
	const char *at;
	const char *end;
} Decoder;

static Decoder
decoder_of(const UdLexer *lexer, const UdToken *token)
{
	Decoder decoder = {lexer->charset, at_byte(lexer, token->start), at_byte(lexer, token->end)};

	if (token->kind == UD_TOKEN_PHRASE)
	{
		decoder.at++;
		decoder.end--;
	}
	return decoder;
}

/* decode_one writes the next character to target; literal says that no meaning is left in it. */
static size_t
decode_one(Decoder *decoder, char *target, bool *literal)
{
	size_t length = 1;

	*literal = *decoder->at == '\\';
	if (*literal)
		decoder->at += read_escape(decoder->charset, decoder->at, decoder->end, target, &length);
	else
		*target = *decoder->at++;
	return length;
}

/*
 * decoding_room returns memory for what a token decodes to. No escape is shorter than the character
 * it stands for, but the room of the last one is taken whole.
 */
static char *
decoding_room(const Decoder *decoder, const UdArena *arena)
{
	return ud_arena_allocate(arena, (size_t)(decoder->end - decoder->at) + UD_CHARSET_MAX);
}

bool
ud_query_lexer_value(const UdLexer *lexer, const UdToken *token, const UdArena *arena,
					 UdSpan *value)
{
	Decoder decoder = decoder_of(lexer, token);
	char *target = decoding_room(&decoder, arena);
	size_t length = 0;
	bool literal;

	if (target == NULL)
		return false;
	while (decoder.at < decoder.end)
		length += decode_one(&decoder, target + length, &literal);
	value->data = target;
	value->length = length;
	return true;
}

bool
ud_query_lexer_pattern(const UdLexer *lexer, const UdToken *token, const UdArena *arena,
					   UdWildcard *pattern)
{
	Decoder decoder = decoder_of(lexer, token);
	char *target = decoding_room(&decoder, arena);
	UdWildcardPart *parts =
		ud_arena_allocate(arena, sizeof(*parts) * (2 * (size_t)token->wildcards + 1));
	int nparts = 0;
	bool in_literal = false;

	if (target == NULL || parts == NULL)
		return false;
	while (decoder.at < decoder.end)
	{
		bool literal;
		size_t length = decode_one(&decoder, target, &literal);

		if (!literal && is_wildcard(*target))
		{
			parts[nparts].kind = *target == '*' ? UD_WILDCARD_MANY : UD_WILDCARD_ONE;
			parts[nparts++].text = (UdSpan){NULL, 0};
			in_literal = false;
			continue;
		}
		if (!in_literal)
		{
			parts[nparts].kind = UD_WILDCARD_LITERAL;
			parts[nparts++].text = (UdSpan){target, 0};
			in_literal = true;
		}
		parts[nparts - 1].text.length += length;
		target += length;
	}
	pattern->nparts = nparts;
	pattern->parts = parts;
	return true;
}

static int
count_dots(const Decoder *decoder)
{
	int dots = 0;

	for (const char *at = decoder->at; at < decoder->end; at++)
		dots += *at == '.';
	return dots;
}

bool
ud_query_lexer_segments(const UdLexer *lexer, const UdToken *token, const UdArena *arena,
						UdSpan **segments, int *nsegments)
{
	Decoder decoder = decoder_of(lexer, token);
	char *target = decoding_room(&decoder, arena);
	UdSpan *list = ud_arena_allocate(arena, sizeof(*list) * ((size_t)count_dots(&decoder) + 1));
	int count = 1;

	if (target == NULL || list == NULL)
		return false;
	list[0] = (UdSpan){target, 0};
	while (decoder.at < decoder.end)
	{
		bool literal;
		size_t length = decode_one(&decoder, target, &literal);

		if (!literal && *target == '.')
		{
			list[count++] = (UdSpan){target, 0};
			continue;
		}
		list[count - 1].length += length;
		target += length;
	}
	*segments = list;
	*nsegments = count;
	return true;
}
