/*
 * query_operand.c: values with and without field, groups, and what must not stand behind them.
 */
#include "pure/query_error.h"
#include "pure/query_field.h"
#include "pure/query_parser.h"

#define EXPECTED_OPERAND "a term, a phrase, a field or \"(\""
#define EXPECTED_VALUE   "a value"
#define HINT_COLON                                                                                 \
	"A colon inside a value needs a backslash before it, or quotation marks around the value."
#define HINT_KEYWORD "To search for the words AND, OR and NOT, put them into quotation marks."

/* parse_phrase makes the node of the phrase that is the present token. */
static bool
parse_phrase(UdQueryParser *parser, UdQueryScope scope, UdQueryNode **result)
{
	UdToken phrase = parser->lexer.token;

	if (!ud_query_parser_next(parser, UD_LEXER_CLAUSE))
		return false;
	if (ud_query_parser_kind(parser) == UD_TOKEN_COLON && scope.kind == UD_SCOPE_FIELD)
		return ud_query_parser_fail_feature(parser, &phrase, UD_QUERY_QUOTED_FIELD);
	if (ud_query_parser_kind(parser) == UD_TOKEN_WORD && parser->lexer.token.wildcards > 0 &&
		ud_query_lexer_touches(&parser->lexer, &phrase))
		return ud_query_parser_fail(
			parser, &parser->lexer.token, "white space or an operator",
			"A pattern is written without quotation marks; escape its white space with "
			"backslashes.");
	return ud_query_leaf_phrase(parser, &phrase, scope, result);
}

/* parse_group reads a list in parentheses; the present token is the opening one. */
static bool
parse_group(UdQueryParser *parser, UdQueryScope scope, UdQueryNode **result)
{
	UdToken open = parser->lexer.token;

	if (parser->nesting == parser->limits.depth)
		return ud_query_parser_fail_limit(parser, open.start, UD_QUERY_TOO_DEEP,
										  (size_t)parser->limits.depth);
	parser->nesting++;
	if (!ud_query_parser_next(parser, UD_LEXER_CLAUSE) ||
		!ud_query_operator_parse(parser, scope, result))
		return false;
	parser->nesting--;

	if (ud_query_parser_kind(parser) != UD_TOKEN_CLOSE)
	{
		ud_query_parser_fail(parser, &parser->lexer.token, "\")\"", NULL);
		ud_query_error_opened(parser->error, &parser->lexer, open.start);
		return false;
	}
	return ud_query_parser_next(parser, UD_LEXER_CLAUSE);
}

/* open_scope finds out what the word before a colon means. */
static bool
open_scope(UdQueryParser *parser, const UdToken *word, UdQueryScope *scope)
{
	scope->kind = UD_SCOPE_FIELD;
	scope->field = NULL;
	if (ud_query_lexer_is(&parser->lexer, word, "_exists_"))
		scope->kind = UD_SCOPE_EXISTS;
	else if (ud_query_lexer_is(&parser->lexer, word, "_missing_"))
		scope->kind = UD_SCOPE_MISSING;
	else if (ud_query_lexer_is(&parser->lexer, word, "*"))
	{
		scope->field = ud_query_field_any(parser->arena);
		return scope->field != NULL || ud_query_parser_fail_memory(parser);
	}
	else
		return ud_query_leaf_field(parser, word, &scope->field);
	return true;
}

/* parse_field_value reads what stands behind a field; the present token is the colon. */
static bool
parse_field_value(UdQueryParser *parser, const UdToken *field, UdQueryNode **result)
{
	UdQueryScope scope;
	UdToken value;

	if (!open_scope(parser, field, &scope) || !ud_query_parser_next(parser, UD_LEXER_VALUE))
		return false;
	value = parser->lexer.token;
	switch (value.kind)
	{
		case UD_TOKEN_WORD:
			return ud_query_parser_next(parser, UD_LEXER_CLAUSE) &&
				   ud_query_leaf_word(parser, &value, scope, result);
		case UD_TOKEN_PHRASE:
			return parse_phrase(parser, scope, result);
		case UD_TOKEN_OPEN:
			return parse_group(parser, scope, result);
		case UD_TOKEN_RANGE_OPEN:
			return ud_query_range_parse(parser, scope, result);
		case UD_TOKEN_LESS:
		case UD_TOKEN_LESS_EQUAL:
		case UD_TOKEN_GREATER:
		case UD_TOKEN_GREATER_EQUAL:
		case UD_TOKEN_EQUAL:
			return ud_query_range_compare(parser, scope, result);
		case UD_TOKEN_SLASH:
			return ud_query_parser_fail_feature(parser, &value, UD_QUERY_REGEX);
		case UD_TOKEN_PLUS:
		case UD_TOKEN_MINUS:
		case UD_TOKEN_BANG:
			return ud_query_parser_fail(
				parser, &value, EXPECTED_VALUE,
				"Signs stand before the field; escape them at the beginning of a value.");
		case UD_TOKEN_AND:
		case UD_TOKEN_OR:
		case UD_TOKEN_NOT:
			return ud_query_parser_fail(parser, &value, EXPECTED_VALUE, HINT_KEYWORD);
		default:
			return ud_query_parser_fail(parser, &value, EXPECTED_VALUE, NULL);
	}
}

/* parse_word reads what begins with a word: a field with its value, or a value. */
static bool
parse_word(UdQueryParser *parser, UdQueryScope scope, UdQueryNode **result)
{
	UdToken word = parser->lexer.token;

	if (!ud_query_parser_next(parser, UD_LEXER_CLAUSE))
		return false;
	if (ud_query_parser_kind(parser) != UD_TOKEN_COLON)
		return ud_query_leaf_word(parser, &word, scope, result);
	if (!parse_field_value(parser, &word, result))
		return false;
	(*result)->offset = word.start;
	return true;
}

/* check_behind refuses what Lucene allows behind an operand, and a second colon. */
static bool
check_behind(UdQueryParser *parser)
{
	const UdToken *token = &parser->lexer.token;

	switch (token->kind)
	{
		case UD_TOKEN_TILDE:
			return ud_query_parser_fail_feature(
				parser, token, parser->after_phrase ? UD_QUERY_PROXIMITY : UD_QUERY_FUZZY);
		case UD_TOKEN_CARET:
			return ud_query_parser_fail_feature(parser, token, UD_QUERY_BOOST);
		case UD_TOKEN_COLON:
			return ud_query_parser_fail(parser, token, "white space or an operator", HINT_COLON);
		default:
			return true;
	}
}

/* fail_operand reports the present token, with which no operand begins. */
static bool
fail_operand(UdQueryParser *parser)
{
	const UdToken *token = &parser->lexer.token;

	switch (token->kind)
	{
		case UD_TOKEN_TILDE:
			return ud_query_parser_fail_feature(parser, token, UD_QUERY_FUZZY);
		case UD_TOKEN_CARET:
			return ud_query_parser_fail_feature(parser, token, UD_QUERY_BOOST);
		case UD_TOKEN_SLASH:
			return ud_query_parser_fail_feature(parser, token, UD_QUERY_REGEX);
		case UD_TOKEN_AND:
		case UD_TOKEN_OR:
			return ud_query_parser_fail(parser, token, EXPECTED_OPERAND, HINT_KEYWORD);
		case UD_TOKEN_PLUS:
		case UD_TOKEN_MINUS:
		case UD_TOKEN_BANG:
		case UD_TOKEN_NOT:
			return ud_query_parser_fail(
				parser, token, EXPECTED_OPERAND,
				"Only one sign or NOT can stand before an operand; use parentheses.");
		default:
			return ud_query_parser_fail(parser, token, EXPECTED_OPERAND, NULL);
	}
}

bool
ud_query_operand_parse(UdQueryParser *parser, UdQueryScope scope, UdQueryNode **result)
{
	bool parsed;

	switch (ud_query_parser_kind(parser))
	{
		case UD_TOKEN_OPEN:
			parsed = parse_group(parser, scope, result);
			break;
		case UD_TOKEN_WORD:
			parsed = parse_word(parser, scope, result);
			break;
		case UD_TOKEN_PHRASE:
			parsed = parse_phrase(parser, scope, result);
			break;
		case UD_TOKEN_RANGE_OPEN:
			parsed = ud_query_range_parse(parser, scope, result);
			break;
		case UD_TOKEN_LESS:
		case UD_TOKEN_LESS_EQUAL:
		case UD_TOKEN_GREATER:
		case UD_TOKEN_GREATER_EQUAL:
		case UD_TOKEN_EQUAL:
			parsed = ud_query_range_compare(parser, scope, result);
			break;
		default:
			parsed = fail_operand(parser);
			break;
	}
	return parsed && check_behind(parser);
}
