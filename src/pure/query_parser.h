/*
 * query_parser.h: the parser's state and its parts, from the outside in: query_operator.c,
 * query_operand.c, query_range.c and query_leaf.c; for these files only.
 *
 * The parser has read one token ahead. Each function that reads begins at the present token and
 * leaves behind what it read; false means that the error is filled.
 */
#ifndef UD_PURE_QUERY_PARSER_H
#define UD_PURE_QUERY_PARSER_H

#include "pure/query_lexer.h"

/* What a value is a value of, given by the field before it or around its group */
typedef enum UdQueryScopeKind
{
	UD_SCOPE_FIELD,
	UD_SCOPE_EXISTS,
	UD_SCOPE_MISSING
} UdQueryScopeKind;

typedef struct UdQueryScope
{
	UdQueryScopeKind kind;
	const UdQueryField *field; /* of UD_SCOPE_FIELD; NULL for none */
} UdQueryScope;

typedef struct UdQueryParser
{
	UdLexer lexer;
	const UdArena *arena;
	UdQueryError *error;
	UdQueryLimits limits;
	int nodes;
	int nesting;       /* parentheses that are open */
	int wildcards;     /* in all patterns so far */
	bool after_phrase; /* the token before the present one was a phrase */
} UdQueryParser;

/*
 * query_parser.c: errors, limits, and the present token
 */

/* These fill the error and return false. */
extern bool ud_query_parser_fail_memory(UdQueryParser *parser);
extern bool ud_query_parser_fail(UdQueryParser *parser, const UdToken *token, const char *expected,
								 const char *hint);
extern bool ud_query_parser_fail_feature(UdQueryParser *parser, const UdToken *token,
										 UdQueryFeature feature);
extern bool ud_query_parser_fail_limit(UdQueryParser *parser, size_t offset, UdQueryErrorKind kind,
									   size_t limit);

/* ud_query_parser_next goes on to the next token, which stands at place. */
extern bool ud_query_parser_next(UdQueryParser *parser, UdLexerPlace place);

/* ud_query_parser_kind returns the kind of the present token. */
extern UdTokenKind ud_query_parser_kind(const UdQueryParser *parser);

/* ud_query_parser_node makes a node that counts. */
extern bool ud_query_parser_node(UdQueryParser *parser, UdQueryKind kind, size_t offset,
								 UdQueryNode **node);

/*
 * query_leaf.c: nodes of single words and phrases, which are already read
 */

/* ud_query_leaf_field makes the field that a word or phrase names. */
extern bool ud_query_leaf_field(UdQueryParser *parser, const UdToken *token,
								const UdQueryField **field);

/* ud_query_leaf_value makes the TERM or PHRASE of a token. */
extern bool ud_query_leaf_value(UdQueryParser *parser, const UdToken *token,
								const UdQueryField *field, UdQueryNode **result);

/* ud_query_leaf_word and ud_query_leaf_phrase make what a word or phrase means in its scope. */
extern bool ud_query_leaf_word(UdQueryParser *parser, const UdToken *word, UdQueryScope scope,
							   UdQueryNode **result);
extern bool ud_query_leaf_phrase(UdQueryParser *parser, const UdToken *phrase, UdQueryScope scope,
								 UdQueryNode **result);

/*
 * query_range.c: a range that begins with the present bracket, a comparison with the present sign
 */
extern bool ud_query_range_parse(UdQueryParser *parser, UdQueryScope scope, UdQueryNode **result);
extern bool ud_query_range_compare(UdQueryParser *parser, UdQueryScope scope, UdQueryNode **result);

/* query_operand.c: anything that operators can stand between */
extern bool ud_query_operand_parse(UdQueryParser *parser, UdQueryScope scope, UdQueryNode **result);

/* query_operator.c: clauses up to the end of the text or of the group */
extern bool ud_query_operator_parse(UdQueryParser *parser, UdQueryScope scope,
									UdQueryNode **result);

#endif
