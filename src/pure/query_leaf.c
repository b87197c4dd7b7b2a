/*
 * query_leaf.c: what a single word or phrase of a query becomes.
 */
#include "pure/query_decode.h"
#include "pure/query_field.h"
#include "pure/query_parser.h"

bool
ud_query_leaf_value(UdQueryParser *parser, const UdToken *token, const UdQueryField *field,
					UdQueryNode **result)
{
	bool quoted = token->kind == UD_TOKEN_PHRASE;

	if (!ud_query_parser_node(parser, quoted ? UD_QUERY_PHRASE : UD_QUERY_TERM, token->start,
							  result))
		return false;
	(*result)->field = field;
	(*result)->quoted = quoted;
	return ud_query_decode_value(&parser->lexer, token, parser->arena, &(*result)->u.value) ||
		   ud_query_parser_fail_memory(parser);
}

static bool
pattern_node(UdQueryParser *parser, const UdToken *token, const UdQueryField *field,
			 UdQueryNode **result)
{
	parser->wildcards += token->wildcards;
	if (parser->limits.wildcards > 0 && parser->wildcards > parser->limits.wildcards)
		return ud_query_parser_fail_limit(parser, token->start, UD_QUERY_TOO_MANY_WILDCARDS,
										  (size_t)parser->limits.wildcards);
	if (!ud_query_parser_node(parser, UD_QUERY_WILDCARD, token->start, result))
		return false;
	(*result)->field = field;
	return ud_query_decode_pattern(&parser->lexer, token, parser->arena, &(*result)->u.pattern) ||
		   ud_query_parser_fail_memory(parser);
}

/* ud_query_leaf_field makes the field that a word or phrase names. */
bool
ud_query_leaf_field(UdQueryParser *parser, const UdToken *token, const UdQueryField **field)
{
	UdSpan *segments;
	int nsegments;

	if (token->kind == UD_TOKEN_WORD && token->wildcards > 0)
		return ud_query_parser_fail_feature(parser, token, UD_QUERY_FIELD_WILDCARD);
	if (token->end - token->start == 2 && token->kind == UD_TOKEN_PHRASE)
		return ud_query_parser_fail(parser, token, "the name of a field", NULL);
	if (!ud_query_decode_field(&parser->lexer, token, parser->arena, &segments, &nsegments))
		return ud_query_parser_fail_memory(parser);
	*field = ud_query_field_of_segments(parser->arena, segments, nsegments);
	return *field != NULL || ud_query_parser_fail_memory(parser);
}

/* existence_node makes the EXISTS or MISSING of a word or phrase that names a field. */
static bool
existence_node(UdQueryParser *parser, const UdToken *token, UdQueryScopeKind kind,
			   UdQueryNode **result)
{
	return ud_query_parser_node(parser,
								kind == UD_SCOPE_EXISTS ? UD_QUERY_EXISTS : UD_QUERY_MISSING,
								token->start, result) &&
		   ud_query_leaf_field(parser, token, &(*result)->field);
}

/* is_every_value returns whether word is a "*" that needs no field: it stands for every record. */
static bool
is_every_value(const UdQueryParser *parser, const UdToken *word, UdQueryScope scope)
{
	return ud_query_lexer_is(&parser->lexer, word, "*") &&
		   (scope.field == NULL || scope.field->any);
}

bool
ud_query_leaf_word(UdQueryParser *parser, const UdToken *word, UdQueryScope scope,
				   UdQueryNode **result)
{
	if (scope.kind != UD_SCOPE_FIELD)
		return existence_node(parser, word, scope.kind, result);
	if (is_every_value(parser, word, scope))
		return ud_query_parser_node(parser, UD_QUERY_ALL, word->start, result);
	if (word->wildcards > 0)
		return pattern_node(parser, word, scope.field, result);
	return ud_query_leaf_value(parser, word, scope.field, result);
}

bool
ud_query_leaf_phrase(UdQueryParser *parser, const UdToken *phrase, UdQueryScope scope,
					 UdQueryNode **result)
{
	if (scope.kind != UD_SCOPE_FIELD)
		return existence_node(parser, phrase, scope.kind, result);
	return ud_query_leaf_value(parser, phrase, scope.field, result);
}
