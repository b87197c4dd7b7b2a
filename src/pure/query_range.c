/*
 * query_range.c: ranges, and the comparisons that stand for them.
 */
#include "pure/query_decode.h"
#include "pure/query_error.h"
#include "pure/query_parser.h"

/* require_field refuses a range or comparison that has no field to be of. */
static bool
require_field(UdQueryParser *parser, UdQueryScope scope)
{
	if (scope.kind != UD_SCOPE_FIELD)
		return ud_query_parser_fail(parser, &parser->lexer.token, "the name of a field", NULL);
	if (scope.field == NULL || scope.field->any)
		return ud_query_parser_fail(parser, &parser->lexer.token,
									"a field before the range or comparison",
									"Write \"field:[a TO b]\" or \"field:>=a\".");
	return true;
}

/* fail_in_range reports the present token, which is none that the range can go on with. */
static bool
fail_in_range(UdQueryParser *parser, size_t opened, const char *expected)
{
	ud_query_parser_fail(parser, &parser->lexer.token, expected, NULL);
	if (ud_query_parser_kind(parser) == UD_TOKEN_END)
		ud_query_error_opened(parser->error, &parser->lexer, opened);
	return false;
}

/* parse_bound reads one end of a range; the present token becomes the one behind it. */
static bool
parse_bound(UdQueryParser *parser, size_t opened, UdQueryBound *bound)
{
	const UdToken *token = &parser->lexer.token;

	bound->quoted = token->kind == UD_TOKEN_PHRASE;
	bound->open = token->kind == UD_TOKEN_BOUND_OPEN;
	if (!bound->quoted && !bound->open && token->kind != UD_TOKEN_BOUND)
		return fail_in_range(parser, opened, "a bound of the range, or \"*\"");
	if (ud_query_lexer_is(&parser->lexer, token, "TO"))
		return ud_query_parser_fail(parser, token, "a bound of the range, or \"*\"",
									"Put a bound that reads TO into quotation marks.");
	if (token->wildcards > 0 && !bound->open)
		return ud_query_parser_fail(parser, token, "a bound without wildcards",
									"Escape \"*\" and \"?\" if they belong to the value.");
	if (!bound->open && !ud_query_decode_value(&parser->lexer, token, parser->arena, &bound->value))
		return ud_query_parser_fail_memory(parser);
	return ud_query_parser_next(parser, UD_LEXER_RANGE);
}

/* ud_query_range_parse reads a range whose opening bracket is the present token. */
bool
ud_query_range_parse(UdQueryParser *parser, UdQueryScope scope, UdQueryNode **result)
{
	UdToken open = parser->lexer.token;
	UdQueryRange *range;

	if (!require_field(parser, scope) ||
		!ud_query_parser_node(parser, UD_QUERY_RANGE, open.start, result))
		return false;
	(*result)->field = scope.field;
	range = &(*result)->u.range;

	range->low.inclusive = ud_query_lexer_is(&parser->lexer, &open, "[");
	if (!ud_query_parser_next(parser, UD_LEXER_RANGE) ||
		!parse_bound(parser, open.start, &range->low))
		return false;
	if (ud_query_parser_kind(parser) != UD_TOKEN_BOUND ||
		!ud_query_lexer_is(&parser->lexer, &parser->lexer.token, "TO"))
		return fail_in_range(parser, open.start, "TO between the bounds of the range");
	if (!ud_query_parser_next(parser, UD_LEXER_RANGE) ||
		!parse_bound(parser, open.start, &range->high))
		return false;
	if (ud_query_parser_kind(parser) != UD_TOKEN_RANGE_CLOSE)
		return fail_in_range(parser, open.start, "\"]\" or \"}\"");
	range->high.inclusive = ud_query_lexer_is(&parser->lexer, &parser->lexer.token, "]");
	return ud_query_parser_next(parser, UD_LEXER_CLAUSE);
}

/* set_comparison fills the range that a comparison with bound stands for. */
static void
set_comparison(UdQueryRange *range, UdTokenKind comparison, const UdQueryBound *bound)
{
	const UdQueryBound open = {true, true, false, {NULL, 0}};
	bool below = comparison == UD_TOKEN_LESS || comparison == UD_TOKEN_LESS_EQUAL;

	range->low = below ? open : *bound;
	range->high = below ? *bound : open;
}

/* ud_query_range_compare reads a comparison whose sign is the present token. */
bool
ud_query_range_compare(UdQueryParser *parser, UdQueryScope scope, UdQueryNode **result)
{
	UdToken comparison = parser->lexer.token;
	UdToken value;
	UdQueryBound bound = {0};

	if (!require_field(parser, scope) || !ud_query_parser_next(parser, UD_LEXER_VALUE))
		return false;
	value = parser->lexer.token;
	if ((value.kind != UD_TOKEN_WORD && value.kind != UD_TOKEN_PHRASE) || value.wildcards > 0)
		return ud_query_parser_fail(parser, &value, "a value to compare with", NULL);
	if (!ud_query_parser_next(parser, UD_LEXER_CLAUSE))
		return false;
	if (comparison.kind == UD_TOKEN_EQUAL)
		return ud_query_leaf_value(parser, &value, scope.field, result);

	if (!ud_query_parser_node(parser, UD_QUERY_RANGE, comparison.start, result))
		return false;
	bound.quoted = value.kind == UD_TOKEN_PHRASE;
	bound.inclusive =
		comparison.kind == UD_TOKEN_LESS_EQUAL || comparison.kind == UD_TOKEN_GREATER_EQUAL;
	if (!ud_query_decode_value(&parser->lexer, &value, parser->arena, &bound.value))
		return ud_query_parser_fail_memory(parser);
	(*result)->field = scope.field;
	set_comparison(&(*result)->u.range, comparison.kind, &bound);
	return true;
}
