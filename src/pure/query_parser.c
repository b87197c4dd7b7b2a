/*
 * query_parser.c: recursive descent from words to the tree; the grammar is in query.h.
 */
#include "pure/query_error.h"
#include "pure/query_field.h"
#include "pure/query_lexer.h"
#include "pure/query_node.h"

#define EXPECTED_OPERAND "a term, a phrase, a field or \"(\""
#define EXPECTED_VALUE   "a value"
#define HINT_COLON                                                                                 \
	"A colon inside a value needs a backslash before it, or quotation marks around the value."
#define HINT_SIGN    "\"+\", \"-\" and \"!\" stand directly before what they apply to."
#define HINT_KEYWORD "To search for the words AND, OR and NOT, put them into quotation marks."

const UdQueryLimits ud_query_default_limits = {UD_QUERY_DEFAULT_BYTES, UD_QUERY_DEFAULT_NODES,
											   UD_QUERY_DEFAULT_DEPTH, UD_QUERY_DEFAULT_WIDTH,
											   UD_QUERY_DEFAULT_WILDCARDS};

/* What a value is a value of, given by the field before it or around its group */
typedef enum ScopeKind
{
	SCOPE_FIELD,
	SCOPE_EXISTS,
	SCOPE_MISSING
} ScopeKind;

typedef struct Scope
{
	ScopeKind kind;
	const UdQueryField *field; /* of SCOPE_FIELD; NULL for none */
} Scope;

typedef struct Parser
{
	UdLexer lexer;
	const UdArena *arena;
	UdQueryError *error;
	UdQueryLimits limits;
	int nodes;
	int nesting;       /* parentheses that are open */
	int wildcards;     /* in all patterns so far */
	bool after_phrase; /* the token before the present one was a phrase */
} Parser;

typedef enum Sign
{
	SIGN_NONE,
	SIGN_MUST,
	SIGN_MUST_NOT
} Sign;

/* An operand with what stands before it: in a list signs are kept, elsewhere they are applied. */
typedef struct Operand
{
	Sign sign;
	size_t offset; /* of the sign */
	UdQueryNode *node;
} Operand;

static bool parse_list(Parser *parser, Scope scope, UdQueryNode **result);

/*
 * Errors and limits
 */

static bool
fail_memory(Parser *parser)
{
	ud_query_error_limit(parser->error, &parser->lexer, 0, UD_QUERY_NO_MEMORY, 0);
	return false;
}

/* fail_at reports a token that cannot stand where it is. */
static bool
fail_at(Parser *parser, const UdToken *token, const char *expected, const char *hint)
{
	ud_query_error_syntax(parser->error, &parser->lexer, token->start, token->end, expected, hint);
	return false;
}

static bool
fail_feature(Parser *parser, const UdToken *token, UdQueryFeature feature)
{
	ud_query_error_unsupported(parser->error, &parser->lexer, token, feature);
	return false;
}

static bool
fail_limit(Parser *parser, size_t offset, UdQueryErrorKind kind, size_t limit)
{
	ud_query_error_limit(parser->error, &parser->lexer, offset, kind, limit);
	return false;
}

static bool
next(Parser *parser, UdLexerPlace place)
{
	parser->after_phrase = parser->lexer.token.kind == UD_TOKEN_PHRASE;
	return ud_query_lexer_next(&parser->lexer, place);
}

static UdTokenKind
token_kind(const Parser *parser)
{
	return parser->lexer.token.kind;
}

/*
 * Nodes
 */

/* new_node makes a leaf that counts. */
static bool
new_node(Parser *parser, UdQueryKind kind, size_t offset, UdQueryNode **node)
{
	if (parser->limits.nodes > 0 && parser->nodes == parser->limits.nodes)
		return fail_limit(parser, offset, UD_QUERY_TOO_MANY_NODES, (size_t)parser->limits.nodes);
	parser->nodes++;
	*node = ud_query_node_new(parser->arena, kind, offset);
	return *node != NULL || fail_memory(parser);
}

/* finish_branch sets the depth of a node whose operands are there, and checks it. */
static bool
finish_branch(Parser *parser, UdQueryNode *node)
{
	ud_query_node_set_depth(node);
	if (node->depth > parser->limits.depth)
		return fail_limit(parser, node->offset, UD_QUERY_TOO_DEEP, (size_t)parser->limits.depth);
	return true;
}

static bool
new_branch(Parser *parser, UdQueryKind kind, size_t offset, const UdQueryList *list,
		   UdQueryNode **node)
{
	if (!new_node(parser, kind, offset, node))
		return false;
	(*node)->u.list = *list;
	return finish_branch(parser, *node);
}

/* apply_sign makes a node of an operand that stands where no list keeps its sign. */
static bool
apply_sign(Parser *parser, const Operand *operand, UdQueryNode **result)
{
	UdQueryListBuilder operands = {0};

	*result = operand->node;
	if (operand->sign != SIGN_MUST_NOT)
		return true;
	if (!ud_query_list_add(&operands, parser->arena, operand->node))
		return fail_memory(parser);
	return new_branch(parser, UD_QUERY_NOT, operand->offset, &operands.list, result);
}

/* add_operand adds a node to the operands that were collected for one list, if it may be so long.
 */
static bool
add_operand(Parser *parser, UdQueryListBuilder *operands, int count, UdQueryNode *node)
{
	if (parser->limits.width > 0 && count == parser->limits.width)
		return fail_limit(parser, node->offset, UD_QUERY_TOO_WIDE, (size_t)parser->limits.width);
	return ud_query_list_add(operands, parser->arena, node) || fail_memory(parser);
}

/*
 * Values
 */

static bool
value_node(Parser *parser, const UdToken *token, const UdQueryField *field, UdQueryNode **result)
{
	bool quoted = token->kind == UD_TOKEN_PHRASE;

	if (!new_node(parser, quoted ? UD_QUERY_PHRASE : UD_QUERY_TERM, token->start, result))
		return false;
	(*result)->field = field;
	(*result)->quoted = quoted;
	return ud_query_lexer_value(&parser->lexer, token, parser->arena, &(*result)->u.value) ||
		   fail_memory(parser);
}

static bool
pattern_node(Parser *parser, const UdToken *token, const UdQueryField *field, UdQueryNode **result)
{
	parser->wildcards += token->wildcards;
	if (parser->limits.wildcards > 0 && parser->wildcards > parser->limits.wildcards)
		return fail_limit(parser, token->start, UD_QUERY_TOO_MANY_WILDCARDS,
						  (size_t)parser->limits.wildcards);
	if (!new_node(parser, UD_QUERY_WILDCARD, token->start, result))
		return false;
	(*result)->field = field;
	return ud_query_lexer_pattern(&parser->lexer, token, parser->arena, &(*result)->u.pattern) ||
		   fail_memory(parser);
}

/* make_field makes the field that a word or phrase names. */
static bool
make_field(Parser *parser, const UdToken *token, const UdQueryField **field)
{
	UdSpan *segments;
	int nsegments;

	if (token->kind == UD_TOKEN_WORD && token->wildcards > 0)
		return fail_feature(parser, token, UD_QUERY_FIELD_WILDCARD);
	if (token->end - token->start == 2 && token->kind == UD_TOKEN_PHRASE)
		return fail_at(parser, token, "the name of a field", NULL);
	if (!ud_query_lexer_segments(&parser->lexer, token, parser->arena, &segments, &nsegments))
		return fail_memory(parser);
	*field = ud_query_field_of_segments(parser->arena, segments, nsegments);
	return *field != NULL || fail_memory(parser);
}

/* existence_node makes the EXISTS or MISSING of a word or phrase that names a field. */
static bool
existence_node(Parser *parser, const UdToken *token, ScopeKind kind, UdQueryNode **result)
{
	return new_node(parser, kind == SCOPE_EXISTS ? UD_QUERY_EXISTS : UD_QUERY_MISSING, token->start,
					result) &&
		   make_field(parser, token, &(*result)->field);
}

/* is_every_value returns whether word is a "*" that needs no field: it stands for every record. */
static bool
is_every_value(const Parser *parser, const UdToken *word, Scope scope)
{
	return ud_query_lexer_is(&parser->lexer, word, "*") &&
		   (scope.field == NULL || scope.field->any);
}

static bool
word_node(Parser *parser, const UdToken *word, Scope scope, UdQueryNode **result)
{
	if (scope.kind != SCOPE_FIELD)
		return existence_node(parser, word, scope.kind, result);
	if (is_every_value(parser, word, scope))
		return new_node(parser, UD_QUERY_ALL, word->start, result);
	if (word->wildcards > 0)
		return pattern_node(parser, word, scope.field, result);
	return value_node(parser, word, scope.field, result);
}

/* parse_phrase makes the node of the phrase that is the present token. */
static bool
parse_phrase(Parser *parser, Scope scope, UdQueryNode **result)
{
	UdToken phrase = parser->lexer.token;

	if (!next(parser, UD_LEXER_CLAUSE))
		return false;
	if (token_kind(parser) == UD_TOKEN_COLON && scope.kind == SCOPE_FIELD)
		return fail_feature(parser, &phrase, UD_QUERY_QUOTED_FIELD);
	if (token_kind(parser) == UD_TOKEN_WORD && parser->lexer.token.wildcards > 0 &&
		ud_query_lexer_touches(&parser->lexer, &phrase))
		return fail_at(parser, &parser->lexer.token, "white space or an operator",
					   "A pattern is written without quotation marks; escape its white space with "
					   "backslashes.");
	if (scope.kind != SCOPE_FIELD)
		return existence_node(parser, &phrase, scope.kind, result);
	return value_node(parser, &phrase, scope.field, result);
}

/*
 * Ranges and comparisons
 */

/* require_field refuses a range or comparison that has no field to be of. */
static bool
require_field(Parser *parser, Scope scope)
{
	if (scope.kind != SCOPE_FIELD)
		return fail_at(parser, &parser->lexer.token, "the name of a field", NULL);
	if (scope.field == NULL || scope.field->any)
		return fail_at(parser, &parser->lexer.token, "a field before the range or comparison",
					   "Write \"field:[a TO b]\" or \"field:>=a\".");
	return true;
}

/* fail_in_range reports the present token, which is none that the range can go on with. */
static bool
fail_in_range(Parser *parser, size_t opened, const char *expected)
{
	fail_at(parser, &parser->lexer.token, expected, NULL);
	if (token_kind(parser) == UD_TOKEN_END)
		ud_query_error_opened(parser->error, &parser->lexer, opened);
	return false;
}

/* parse_bound reads one end of a range; the present token becomes the one behind it. */
static bool
parse_bound(Parser *parser, size_t opened, UdQueryBound *bound)
{
	const UdToken *token = &parser->lexer.token;

	bound->quoted = token->kind == UD_TOKEN_PHRASE;
	bound->open = token->kind == UD_TOKEN_BOUND_OPEN;
	if (!bound->quoted && !bound->open && token->kind != UD_TOKEN_BOUND)
		return fail_in_range(parser, opened, "a bound of the range, or \"*\"");
	if (ud_query_lexer_is(&parser->lexer, token, "TO"))
		return fail_at(parser, token, "a bound of the range, or \"*\"",
					   "Put a bound that reads TO into quotation marks.");
	if (token->wildcards > 0 && !bound->open)
		return fail_at(parser, token, "a bound without wildcards",
					   "Escape \"*\" and \"?\" if they belong to the value.");
	if (!bound->open && !ud_query_lexer_value(&parser->lexer, token, parser->arena, &bound->value))
		return fail_memory(parser);
	return next(parser, UD_LEXER_RANGE);
}

/* parse_range reads a range whose opening bracket is the present token. */
static bool
parse_range(Parser *parser, Scope scope, UdQueryNode **result)
{
	UdToken open = parser->lexer.token;
	UdQueryRange *range;

	if (!require_field(parser, scope) || !new_node(parser, UD_QUERY_RANGE, open.start, result))
		return false;
	(*result)->field = scope.field;
	range = &(*result)->u.range;

	range->low.inclusive = ud_query_lexer_is(&parser->lexer, &open, "[");
	if (!next(parser, UD_LEXER_RANGE) || !parse_bound(parser, open.start, &range->low))
		return false;
	if (token_kind(parser) != UD_TOKEN_BOUND ||
		!ud_query_lexer_is(&parser->lexer, &parser->lexer.token, "TO"))
		return fail_in_range(parser, open.start, "TO between the bounds of the range");
	if (!next(parser, UD_LEXER_RANGE) || !parse_bound(parser, open.start, &range->high))
		return false;
	if (token_kind(parser) != UD_TOKEN_RANGE_CLOSE)
		return fail_in_range(parser, open.start, "\"]\" or \"}\"");
	range->high.inclusive = ud_query_lexer_is(&parser->lexer, &parser->lexer.token, "]");
	return next(parser, UD_LEXER_CLAUSE);
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

/* parse_comparison reads a comparison whose sign is the present token. */
static bool
parse_comparison(Parser *parser, Scope scope, UdQueryNode **result)
{
	UdToken comparison = parser->lexer.token;
	UdToken value;
	UdQueryBound bound = {0};

	if (!require_field(parser, scope) || !next(parser, UD_LEXER_VALUE))
		return false;
	value = parser->lexer.token;
	if ((value.kind != UD_TOKEN_WORD && value.kind != UD_TOKEN_PHRASE) || value.wildcards > 0)
		return fail_at(parser, &value, "a value to compare with", NULL);
	if (!next(parser, UD_LEXER_CLAUSE))
		return false;
	if (comparison.kind == UD_TOKEN_EQUAL)
		return value_node(parser, &value, scope.field, result);

	if (!new_node(parser, UD_QUERY_RANGE, comparison.start, result))
		return false;
	bound.quoted = value.kind == UD_TOKEN_PHRASE;
	bound.inclusive =
		comparison.kind == UD_TOKEN_LESS_EQUAL || comparison.kind == UD_TOKEN_GREATER_EQUAL;
	if (!ud_query_lexer_value(&parser->lexer, &value, parser->arena, &bound.value))
		return fail_memory(parser);
	(*result)->field = scope.field;
	set_comparison(&(*result)->u.range, comparison.kind, &bound);
	return true;
}

/*
 * Groups, fields and what follows an operand
 */

/* parse_group reads a list in parentheses; the present token is the opening one. */
static bool
parse_group(Parser *parser, Scope scope, UdQueryNode **result)
{
	UdToken open = parser->lexer.token;

	if (parser->nesting == parser->limits.depth)
		return fail_limit(parser, open.start, UD_QUERY_TOO_DEEP, (size_t)parser->limits.depth);
	parser->nesting++;
	if (!next(parser, UD_LEXER_CLAUSE) || !parse_list(parser, scope, result))
		return false;
	parser->nesting--;

	if (token_kind(parser) != UD_TOKEN_CLOSE)
	{
		fail_at(parser, &parser->lexer.token, "\")\"", NULL);
		ud_query_error_opened(parser->error, &parser->lexer, open.start);
		return false;
	}
	return next(parser, UD_LEXER_CLAUSE);
}

/* open_scope finds out what the word before a colon means. */
static bool
open_scope(Parser *parser, const UdToken *word, Scope *scope)
{
	scope->kind = SCOPE_FIELD;
	scope->field = NULL;
	if (ud_query_lexer_is(&parser->lexer, word, "_exists_"))
		scope->kind = SCOPE_EXISTS;
	else if (ud_query_lexer_is(&parser->lexer, word, "_missing_"))
		scope->kind = SCOPE_MISSING;
	else if (ud_query_lexer_is(&parser->lexer, word, "*"))
	{
		scope->field = ud_query_field_any(parser->arena);
		return scope->field != NULL || fail_memory(parser);
	}
	else
		return make_field(parser, word, &scope->field);
	return true;
}

/* parse_field_value reads what stands behind a field; the present token is the colon. */
static bool
parse_field_value(Parser *parser, const UdToken *field, UdQueryNode **result)
{
	Scope scope;
	UdToken value;

	if (!open_scope(parser, field, &scope) || !next(parser, UD_LEXER_VALUE))
		return false;
	value = parser->lexer.token;
	switch (value.kind)
	{
		case UD_TOKEN_WORD:
			return next(parser, UD_LEXER_CLAUSE) && word_node(parser, &value, scope, result);
		case UD_TOKEN_PHRASE:
			return parse_phrase(parser, scope, result);
		case UD_TOKEN_OPEN:
			return parse_group(parser, scope, result);
		case UD_TOKEN_RANGE_OPEN:
			return parse_range(parser, scope, result);
		case UD_TOKEN_LESS:
		case UD_TOKEN_LESS_EQUAL:
		case UD_TOKEN_GREATER:
		case UD_TOKEN_GREATER_EQUAL:
		case UD_TOKEN_EQUAL:
			return parse_comparison(parser, scope, result);
		case UD_TOKEN_SLASH:
			return fail_feature(parser, &value, UD_QUERY_REGEX);
		case UD_TOKEN_PLUS:
		case UD_TOKEN_MINUS:
		case UD_TOKEN_BANG:
			return fail_at(
				parser, &value, EXPECTED_VALUE,
				"Signs stand before the field; escape them at the beginning of a value.");
		case UD_TOKEN_AND:
		case UD_TOKEN_OR:
		case UD_TOKEN_NOT:
			return fail_at(parser, &value, EXPECTED_VALUE, HINT_KEYWORD);
		default:
			return fail_at(parser, &value, EXPECTED_VALUE, NULL);
	}
}

/* parse_word reads what begins with a word: a field with its value, or a value. */
static bool
parse_word(Parser *parser, Scope scope, UdQueryNode **result)
{
	UdToken word = parser->lexer.token;

	if (!next(parser, UD_LEXER_CLAUSE))
		return false;
	if (token_kind(parser) != UD_TOKEN_COLON)
		return word_node(parser, &word, scope, result);
	if (!parse_field_value(parser, &word, result))
		return false;
	(*result)->offset = word.start;
	return true;
}

/* check_behind refuses what Lucene allows behind an operand, and a second colon. */
static bool
check_behind(Parser *parser)
{
	const UdToken *token = &parser->lexer.token;

	switch (token->kind)
	{
		case UD_TOKEN_TILDE:
			return fail_feature(parser, token,
								parser->after_phrase ? UD_QUERY_PROXIMITY : UD_QUERY_FUZZY);
		case UD_TOKEN_CARET:
			return fail_feature(parser, token, UD_QUERY_BOOST);
		case UD_TOKEN_COLON:
			return fail_at(parser, token, "white space or an operator", HINT_COLON);
		default:
			return true;
	}
}

/* fail_operand reports the present token, with which no operand begins. */
static bool
fail_operand(Parser *parser)
{
	const UdToken *token = &parser->lexer.token;

	switch (token->kind)
	{
		case UD_TOKEN_TILDE:
			return fail_feature(parser, token, UD_QUERY_FUZZY);
		case UD_TOKEN_CARET:
			return fail_feature(parser, token, UD_QUERY_BOOST);
		case UD_TOKEN_SLASH:
			return fail_feature(parser, token, UD_QUERY_REGEX);
		case UD_TOKEN_AND:
		case UD_TOKEN_OR:
			return fail_at(parser, token, EXPECTED_OPERAND, HINT_KEYWORD);
		case UD_TOKEN_PLUS:
		case UD_TOKEN_MINUS:
		case UD_TOKEN_BANG:
		case UD_TOKEN_NOT:
			return fail_at(parser, token, EXPECTED_OPERAND,
						   "Only one sign or NOT can stand before an operand; use parentheses.");
		default:
			return fail_at(parser, token, EXPECTED_OPERAND, NULL);
	}
}

static bool
parse_primary(Parser *parser, Scope scope, UdQueryNode **result)
{
	bool parsed;

	switch (token_kind(parser))
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
			parsed = parse_range(parser, scope, result);
			break;
		case UD_TOKEN_LESS:
		case UD_TOKEN_LESS_EQUAL:
		case UD_TOKEN_GREATER:
		case UD_TOKEN_GREATER_EQUAL:
		case UD_TOKEN_EQUAL:
			parsed = parse_comparison(parser, scope, result);
			break;
		default:
			parsed = fail_operand(parser);
			break;
	}
	return parsed && check_behind(parser);
}

/*
 * Operators, from the closest binding one outward
 */

/* parse_sign reads what may stand before an operand. */
static bool
parse_sign(Parser *parser, Operand *operand)
{
	const UdToken *token = &parser->lexer.token;

	operand->offset = token->start;
	operand->sign = SIGN_NONE;
	switch (token->kind)
	{
		case UD_TOKEN_NOT:
			operand->sign = SIGN_MUST_NOT;
			return next(parser, UD_LEXER_CLAUSE);
		case UD_TOKEN_PLUS:
			operand->sign = SIGN_MUST;
			break;
		case UD_TOKEN_MINUS:
		case UD_TOKEN_BANG:
			operand->sign = SIGN_MUST_NOT;
			break;
		default:
			return true;
	}
	if (!ud_query_lexer_touches(&parser->lexer, token))
		return fail_at(parser, token, "an operand directly behind it", HINT_SIGN);
	return next(parser, UD_LEXER_CLAUSE);
}

static bool
parse_modified(Parser *parser, Scope scope, Operand *operand)
{
	return parse_sign(parser, operand) && parse_primary(parser, scope, &operand->node);
}

typedef bool (*ParseOperand)(Parser *parser, Scope scope, Operand *operand);

/*
 * parse_chain reads operands that all have the operator between them. One alone stays what it is,
 * with its sign; more become a node of the kind.
 */
static bool
parse_chain(Parser *parser, Scope scope, UdTokenKind operator, UdQueryKind kind,
			ParseOperand parse_operand, Operand *result)
{
	UdQueryListBuilder operands = {0};
	UdQueryNode *node;
	size_t offset = parser->lexer.token.start;

	if (!parse_operand(parser, scope, result))
		return false;
	if (token_kind(parser) != operator)
		return true;

	if (!apply_sign(parser, result, &node) || !add_operand(parser, &operands, 0, node))
		return false;
	while (token_kind(parser) == operator)
	{
		Operand operand;

		if (!next(parser, UD_LEXER_CLAUSE) || !parse_operand(parser, scope, &operand) ||
			!apply_sign(parser, &operand, &node) ||
			!add_operand(parser, &operands, operands.list.count, node))
			return false;
	}
	result->sign = SIGN_NONE;
	result->offset = offset;
	return new_branch(parser, kind, offset, &operands.list, &result->node);
}

static bool
parse_conjunction(Parser *parser, Scope scope, Operand *result)
{
	return parse_chain(parser, scope, UD_TOKEN_AND, UD_QUERY_AND, parse_modified, result);
}

static bool
parse_disjunction(Parser *parser, Scope scope, Operand *result)
{
	return parse_chain(parser, scope, UD_TOKEN_OR, UD_QUERY_OR, parse_conjunction, result);
}

/* The clauses of a list, by their signs */
typedef struct Clauses
{
	UdQueryListBuilder must;
	UdQueryListBuilder should;
	UdQueryListBuilder must_not;
	int count;
} Clauses;

static bool
add_clause(Parser *parser, Clauses *clauses, const Operand *operand)
{
	UdQueryListBuilder *operands = &clauses->should;

	if (operand->sign == SIGN_MUST)
		operands = &clauses->must;
	else if (operand->sign == SIGN_MUST_NOT)
		operands = &clauses->must_not;
	return add_operand(parser, operands, clauses->count++, operand->node);
}

/* make_list makes the node of two or more clauses side by side. */
static bool
make_list(Parser *parser, size_t offset, const Clauses *clauses, UdQueryNode **result)
{
	if (clauses->must.list.count == 0 && clauses->must_not.list.count == 0)
		return new_branch(parser, UD_QUERY_OR, offset, &clauses->should.list, result);
	if (!new_node(parser, UD_QUERY_OCCUR, offset, result))
		return false;
	(*result)->u.occur.must = clauses->must.list;
	(*result)->u.occur.should = clauses->should.list;
	(*result)->u.occur.must_not = clauses->must_not.list;
	return finish_branch(parser, *result);
}

/* parse_list reads clauses up to the end of the text or of the group. */
static bool
parse_list(Parser *parser, Scope scope, UdQueryNode **result)
{
	Clauses clauses = {0};
	size_t offset = parser->lexer.token.start;
	Operand operand;

	if (!parse_disjunction(parser, scope, &operand))
		return false;
	if (token_kind(parser) == UD_TOKEN_END || token_kind(parser) == UD_TOKEN_CLOSE)
		return apply_sign(parser, &operand, result);

	if (!add_clause(parser, &clauses, &operand))
		return false;
	while (token_kind(parser) != UD_TOKEN_END && token_kind(parser) != UD_TOKEN_CLOSE)
	{
		if (!parse_disjunction(parser, scope, &operand) || !add_clause(parser, &clauses, &operand))
			return false;
	}
	return make_list(parser, offset, &clauses, result);
}

static bool
parse_query(Parser *parser, UdQueryNode **result)
{
	const Scope scope = {SCOPE_FIELD, NULL};

	if (parser->limits.bytes > 0 && parser->lexer.length > parser->limits.bytes)
		return fail_limit(parser, 0, UD_QUERY_TOO_LONG, parser->limits.bytes);
	if (!next(parser, UD_LEXER_CLAUSE))
		return false;
	if (token_kind(parser) == UD_TOKEN_END)
		return new_node(parser, UD_QUERY_ALL, 0, result);
	if (!parse_list(parser, scope, result))
		return false;
	if (token_kind(parser) != UD_TOKEN_END)
		return fail_at(parser, &parser->lexer.token, "the end of the query",
					   "There is no \"(\" that this one closes.");
	if (parser->limits.bytes > 0 && ud_query_printed_length(*result) > parser->limits.bytes)
		return fail_limit(parser, 0, UD_QUERY_TOO_LONG, parser->limits.bytes);
	return true;
}

static void
begin(Parser *parser, const char *text, size_t length, const UdQueryOptions *options,
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
	Parser parser;
	UdQueryNode *result;

	begin(&parser, text, length, options, arena, error);
	return parse_query(&parser, &result) ? result : NULL;
}

UdQueryField *
ud_query_parse_field(const char *text, size_t length, const UdQueryOptions *options,
					 const UdArena *arena, UdQueryError *error)
{
	Parser parser;
	UdToken word;
	const UdQueryField *field;

	begin(&parser, text, length, options, arena, error);
	if (!next(&parser, UD_LEXER_CLAUSE))
		return NULL;
	word = parser.lexer.token;
	if (word.kind != UD_TOKEN_WORD)
	{
		fail_at(&parser, &word, "the name of a field", NULL);
		return NULL;
	}
	if (!make_field(&parser, &word, &field) || !next(&parser, UD_LEXER_CLAUSE))
		return NULL;
	if (token_kind(&parser) != UD_TOKEN_END)
	{
		fail_at(&parser, &parser.lexer.token, "the end of the field's name", NULL);
		return NULL;
	}
	return (UdQueryField *)field;
}
