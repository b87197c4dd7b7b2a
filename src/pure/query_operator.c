/*
 * query_operator.c: signs, AND, OR and lists, from the closest binding outward.
 */
#include "pure/query_node.h"
#include "pure/query_parser.h"

#define HINT_SIGN "\"+\", \"-\" and \"!\" stand directly before what they apply to."

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

/* finish_branch sets the depth of a node whose operands are there, and checks it. */
static bool
finish_branch(UdQueryParser *parser, UdQueryNode *node)
{
	ud_query_node_set_depth(node);
	if (node->depth > parser->limits.depth)
		return ud_query_parser_fail_limit(parser, node->offset, UD_QUERY_TOO_DEEP,
										  (size_t)parser->limits.depth);
	return true;
}

static bool
new_branch(UdQueryParser *parser, UdQueryKind kind, size_t offset, const UdQueryList *list,
		   UdQueryNode **node)
{
	if (!ud_query_parser_node(parser, kind, offset, node))
		return false;
	(*node)->u.list = *list;
	return finish_branch(parser, *node);
}

/* apply_sign makes a node of an operand that stands where no list keeps its sign. */
static bool
apply_sign(UdQueryParser *parser, const Operand *operand, UdQueryNode **result)
{
	UdQueryListBuilder operands = {0};

	*result = operand->node;
	if (operand->sign != SIGN_MUST_NOT)
		return true;
	if (!ud_query_list_add(&operands, parser->arena, operand->node))
		return ud_query_parser_fail_memory(parser);
	return new_branch(parser, UD_QUERY_NOT, operand->offset, &operands.list, result);
}

/* add_operand adds a node to a list of operands, of which count are there, if it may get longer. */
static bool
add_operand(UdQueryParser *parser, UdQueryListBuilder *operands, int count, UdQueryNode *node)
{
	if (parser->limits.width > 0 && count == parser->limits.width)
		return ud_query_parser_fail_limit(parser, node->offset, UD_QUERY_TOO_WIDE,
										  (size_t)parser->limits.width);
	return ud_query_list_add(operands, parser->arena, node) || ud_query_parser_fail_memory(parser);
}

/* parse_sign reads what may stand before an operand. */
static bool
parse_sign(UdQueryParser *parser, Operand *operand)
{
	const UdToken *token = &parser->lexer.token;

	operand->offset = token->start;
	operand->sign = SIGN_NONE;
	switch (token->kind)
	{
		case UD_TOKEN_NOT:
			operand->sign = SIGN_MUST_NOT;
			return ud_query_parser_next(parser, UD_LEXER_CLAUSE);
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
		return ud_query_parser_fail(parser, token, "an operand directly behind it", HINT_SIGN);
	return ud_query_parser_next(parser, UD_LEXER_CLAUSE);
}

static bool
parse_modified(UdQueryParser *parser, UdQueryScope scope, Operand *operand)
{
	return parse_sign(parser, operand) && ud_query_operand_parse(parser, scope, &operand->node);
}

typedef bool (*ParseOperand)(UdQueryParser *parser, UdQueryScope scope, Operand *operand);

/*
 * parse_chain reads operands that all have the operator between them. One alone stays what it is,
 * with its sign; more become a node of the kind.
 */
static bool
parse_chain(UdQueryParser *parser, UdQueryScope scope, UdTokenKind operator, UdQueryKind kind,
			ParseOperand parse_operand, Operand *result)
{
	UdQueryListBuilder operands = {0};
	UdQueryNode *node;
	size_t offset = parser->lexer.token.start;

	if (!parse_operand(parser, scope, result))
		return false;
	if (ud_query_parser_kind(parser) != operator)
		return true;

	if (!apply_sign(parser, result, &node) || !add_operand(parser, &operands, 0, node))
		return false;
	while (ud_query_parser_kind(parser) == operator)
	{
		Operand operand;

		if (!ud_query_parser_next(parser, UD_LEXER_CLAUSE) ||
			!parse_operand(parser, scope, &operand) || !apply_sign(parser, &operand, &node) ||
			!add_operand(parser, &operands, operands.list.count, node))
			return false;
	}
	result->sign = SIGN_NONE;
	result->offset = offset;
	return new_branch(parser, kind, offset, &operands.list, &result->node);
}

static bool
parse_conjunction(UdQueryParser *parser, UdQueryScope scope, Operand *result)
{
	return parse_chain(parser, scope, UD_TOKEN_AND, UD_QUERY_AND, parse_modified, result);
}

static bool
parse_disjunction(UdQueryParser *parser, UdQueryScope scope, Operand *result)
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
add_clause(UdQueryParser *parser, Clauses *clauses, const Operand *operand)
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
make_list(UdQueryParser *parser, size_t offset, const Clauses *clauses, UdQueryNode **result)
{
	if (clauses->must.list.count == 0 && clauses->must_not.list.count == 0)
		return new_branch(parser, UD_QUERY_OR, offset, &clauses->should.list, result);
	if (!ud_query_parser_node(parser, UD_QUERY_OCCUR, offset, result))
		return false;
	(*result)->u.occur.must = clauses->must.list;
	(*result)->u.occur.should = clauses->should.list;
	(*result)->u.occur.must_not = clauses->must_not.list;
	return finish_branch(parser, *result);
}

/* ud_query_operator_parse reads clauses up to the end of the text or of the group. */
bool
ud_query_operator_parse(UdQueryParser *parser, UdQueryScope scope, UdQueryNode **result)
{
	Clauses clauses = {0};
	size_t offset = parser->lexer.token.start;
	Operand operand;

	if (!parse_disjunction(parser, scope, &operand))
		return false;
	if (ud_query_parser_kind(parser) == UD_TOKEN_END ||
		ud_query_parser_kind(parser) == UD_TOKEN_CLOSE)
		return apply_sign(parser, &operand, result);

	if (!add_clause(parser, &clauses, &operand))
		return false;
	while (ud_query_parser_kind(parser) != UD_TOKEN_END &&
		   ud_query_parser_kind(parser) != UD_TOKEN_CLOSE)
	{
		if (!parse_disjunction(parser, scope, &operand) || !add_clause(parser, &clauses, &operand))
			return false;
	}
	return make_list(parser, offset, &clauses, result);
}
