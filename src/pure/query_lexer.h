/*
 * query_lexer.h: words of a query; between lexer and parser only.
 *
 * A token is a piece of the text. What it says is decoded when the parser knows what it is: the
 * same word is a field's path before a colon, and a value or a pattern elsewhere.
 */
#ifndef UD_PURE_QUERY_LEXER_H
#define UD_PURE_QUERY_LEXER_H

#include "pure/query.h"

typedef enum UdTokenKind
{
	UD_TOKEN_END,
	UD_TOKEN_WORD,
	UD_TOKEN_PHRASE, /* with its quotes */
	UD_TOKEN_AND,
	UD_TOKEN_OR,
	UD_TOKEN_NOT, /* the word */
	UD_TOKEN_BANG,
	UD_TOKEN_PLUS,
	UD_TOKEN_MINUS,
	UD_TOKEN_OPEN,
	UD_TOKEN_CLOSE,
	UD_TOKEN_COLON,
	UD_TOKEN_RANGE_OPEN, /* "[" or "{" */
	UD_TOKEN_RANGE_CLOSE,
	UD_TOKEN_LESS,
	UD_TOKEN_LESS_EQUAL,
	UD_TOKEN_GREATER,
	UD_TOKEN_GREATER_EQUAL,
	UD_TOKEN_EQUAL,
	UD_TOKEN_TILDE,
	UD_TOKEN_CARET,
	UD_TOKEN_SLASH,
	UD_TOKEN_BOUND,     /* an unquoted bound of a range */
	UD_TOKEN_BOUND_OPEN /* "*" as a bound */
} UdTokenKind;

/* Where the next token stands decides what some characters mean. */
typedef enum UdLexerPlace
{
	UD_LEXER_CLAUSE, /* where a clause or an operator is expected */
	UD_LEXER_VALUE,  /* behind a colon or a comparison: "-5" is a value */
	UD_LEXER_RANGE   /* between the brackets of a range */
} UdLexerPlace;

typedef struct UdToken
{
	UdTokenKind kind;
	size_t start;
	size_t end;
	int wildcards; /* "*" and "?" without backslash, in a word */
} UdToken;

typedef struct UdLexer
{
	const char *text;
	size_t length;
	const UdCharset *charset;
	UdQueryError *error;
	size_t at; /* the first byte behind token */
	UdToken token;
} UdLexer;

/* ud_query_lexer_begin sets lexer up; there is no token before the first ud_query_lexer_next. */
extern void ud_query_lexer_begin(UdLexer *lexer, const char *text, size_t length,
								 const UdCharset *charset, UdQueryError *error);

/* ud_query_lexer_next reads the next token. Returns false with the error filled. */
extern bool ud_query_lexer_next(UdLexer *lexer, UdLexerPlace place);

/* ud_query_lexer_is returns whether token reads exactly word, without any escape. */
extern bool ud_query_lexer_is(const UdLexer *lexer, const UdToken *token, const char *word);

/* ud_query_lexer_touches returns whether something stands directly behind token. */
extern bool ud_query_lexer_touches(const UdLexer *lexer, const UdToken *token);

/* ud_query_lexer_blank returns the bytes of the white space at at, 0 if there is none. */
extern size_t ud_query_lexer_blank(const char *at, const char *end, bool unicode);

/*
 * ud_query_lexer_date_time returns the bytes of the date with time that text begins with, 0 if with
 * none: its colons belong to the word. The printer asks too.
 */
extern size_t ud_query_lexer_date_time(const char *text, size_t length);

/* ud_query_lexer_ends_word returns whether c ends a word that has no backslash before it. */
extern bool ud_query_lexer_ends_word(char c);

#endif
