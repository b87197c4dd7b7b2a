/*
 * query_lexer.c: from bytes to the words of a query.
 */
#include "pure/query_lexer.h"

#include "pure/query_error.h"
#include "pure/query_escape.h"

#include <string.h>

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
	switch (c)
	{
		case '(':
		case ')':
		case ':':
		case '^':
		case '[':
		case ']':
		case '"':
		case '{':
		case '}':
		case '~':
		case '!':
			return true;
		default:
			return false;
	}
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

/* skip_escape moves *at over an escape; it only checks. */
static bool
skip_escape(UdLexer *lexer, size_t *at)
{
	char character[UD_CHARSET_MAX];
	size_t length;
	size_t consumed = ud_query_escape_read(lexer->charset, at_byte(lexer, *at), text_end(lexer),
										   character, &length);

	if (consumed == 0)
	{
		size_t faulty;
		const char *expected = ud_query_escape_fault(at_byte(lexer, *at), text_end(lexer), &faulty);

		return fail(lexer, *at + (faulty == 0), *at + (faulty == 0) + faulty, expected);
	}
	*at += consumed;
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
