/*
 * query_parser.c: the beginning and the end of parsing; the grammar is in query.h.
 */
#include "pure/query_parser.h"

#include "pure/query_error.h"
#include "pure/query_node.h"

const UdQueryLimits ud_query_default_limits = {UD_QUERY_DEFAULT_BYTES, UD_QUERY_DEFAULT_NODES,
											   UD_QUERY_DEFAULT_DEPTH, UD_QUERY_DEFAULT_WIDTH,
											   UD_QUERY_DEFAULT_WILDCARDS};

bool
ud_query_parser_fail_memory(UdQueryParser *parser)
{
	ud_query_error_limit(parser->error, &parser->lexer, 0, UD_QUERY_NO_MEMORY, 0);
	return false;
}

/* ud_query_parser_fail reports a token that cannot stand where it is. */
bool
ud_query_parser_fail(UdQueryParser *parser, const UdToken *token, const char *expected,
					 const char *hint)
{
	ud_query_error_syntax(parser->error, &parser->lexer, token->start, token->end, expected, hint);
	return false;
}

bool
ud_query_parser_fail_feature(UdQueryParser *parser, const UdToken *token, UdQueryFeature feature)
{
	ud_query_error_unsupported(parser->error, &parser->lexer, token, feature);
	return false;
}

bool
ud_query_parser_fail_limit(UdQueryParser *parser, size_t offset, UdQueryErrorKind kind,
						   size_t limit)
{
	ud_query_error_limit(parser->error, &parser->lexer, offset, kind, limit);
	return false;
}

bool
ud_query_parser_next(UdQueryParser *parser, UdLexerPlace place)
{
	parser->after_phrase = parser->lexer.token.kind == UD_TOKEN_PHRASE;
	return ud_query_lexer_next(&parser->lexer, place);
}

UdTokenKind
ud_query_parser_kind(const UdQueryParser *parser)
{
	return parser->lexer.token.kind;
}

/* ud_query_parser_node makes a leaf that counts. */
bool
ud_query_parser_node(UdQueryParser *parser, UdQueryKind kind, size_t offset, UdQueryNode **node)
{
	if (parser->limits.nodes > 0 && parser->nodes == parser->limits.nodes)
		return ud_query_parser_fail_limit(parser, offset, UD_QUERY_TOO_MANY_NODES,
										  (size_t)parser->limits.nodes);
	parser->nodes++;
	*node = ud_query_node_new(parser->arena, kind, offset);
	return *node != NULL || ud_query_parser_fail_memory(parser);
}

static bool
parse_query(UdQueryParser *parser, UdQueryNode **result)
{
	const UdQueryScope scope = {UD_SCOPE_FIELD, NULL};

	if (parser->limits.bytes > 0 && parser->lexer.length > parser->limits.bytes)
		return ud_query_parser_fail_limit(parser, 0, UD_QUERY_TOO_LONG, parser->limits.bytes);
	if (!ud_query_parser_next(parser, UD_LEXER_CLAUSE))
		return false;
	if (ud_query_parser_kind(parser) == UD_TOKEN_END)
		return ud_query_parser_node(parser, UD_QUERY_ALL, 0, result);
	if (!ud_query_operator_parse(parser, scope, result))
		return false;
	if (ud_query_parser_kind(parser) != UD_TOKEN_END)
		return ud_query_parser_fail(parser, &parser->lexer.token, "the end of the query",
									"There is no \"(\" that this one closes.");
	if (parser->limits.bytes > 0 && ud_query_printed_length(*result) > parser->limits.bytes)
		return ud_query_parser_fail_limit(parser, 0, UD_QUERY_TOO_LONG, parser->limits.bytes);
	return true;
}

static void
begin(UdQueryParser *parser, const char *text, size_t length, const UdQueryOptions *options,
	  const UdArena *arena, UdQueryError *error)
{
	const UdQueryOptions none = {NULL, NULL};

	if (options == NULL)
		options = &none;
	memset(parser, 0, sizeof(*parser));
	ud_query_error_reset(error);
	ud_query_lexer_begin(&parser->lexer, text, length,
						 options->charset != NULL ? options->charset : &ud_charset_utf8, error);
	parser->arena = arena;
	parser->error = error;
	parser->limits = options->limits != NULL ? *options->limits : ud_query_default_limits;
	if (parser->limits.depth <= 0 || parser->limits.depth > UD_QUERY_MAX_DEPTH)
		parser->limits.depth = UD_QUERY_MAX_DEPTH;
}

UdQueryNode *
ud_query_parse(const char *text, size_t length, const UdQueryOptions *options, const UdArena *arena,
			   UdQueryError *error)
{
	UdQueryParser parser;
	UdQueryNode *result;

	begin(&parser, text, length, options, arena, error);
	return parse_query(&parser, &result) ? result : NULL;
}

UdQueryField *
ud_query_parse_field(const char *text, size_t length, const UdQueryOptions *options,
					 const UdArena *arena, UdQueryError *error)
{
	UdQueryParser parser;
	UdToken word;
	const UdQueryField *field;

	begin(&parser, text, length, options, arena, error);
	if (!ud_query_parser_next(&parser, UD_LEXER_CLAUSE))
		return NULL;
	word = parser.lexer.token;
	if (word.kind != UD_TOKEN_WORD)
	{
		ud_query_parser_fail(&parser, &word, "the name of a field", NULL);
		return NULL;
	}
	if (!ud_query_leaf_field(&parser, &word, &field) ||
		!ud_query_parser_next(&parser, UD_LEXER_CLAUSE))
		return NULL;
	if (ud_query_parser_kind(&parser) != UD_TOKEN_END)
	{
		ud_query_parser_fail(&parser, &parser.lexer.token, "the end of the field's name", NULL);
		return NULL;
	}
	return (UdQueryField *)field;
}
