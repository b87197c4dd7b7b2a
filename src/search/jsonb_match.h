/*
 * jsonb_match.h: a query as it is evaluated on JSON documents.
 */
#ifndef UD_SEARCH_JSONB_MATCH_H
#define UD_SEARCH_JSONB_MATCH_H

#include "base/userdir.h"

#include "search/jsonb_leaf.h"

typedef enum UdJsonbNodeKind
{
	UD_JSONB_ALL,
	UD_JSONB_NONE,
	UD_JSONB_AND, /* children: two or more */
	UD_JSONB_OR,  /* children: two or more */
	UD_JSONB_NOT, /* children: one */
	UD_JSONB_LEAF
} UdJsonbNodeKind;

typedef struct UdJsonbNode
{
	UdJsonbNodeKind kind;
	int nchildren;
	struct UdJsonbNode **children;
	const UdJsonbLeaf *leaf;
} UdJsonbNode;

/*
 * ud_jsonb_match_compile makes of a lowered query what is evaluated on documents, in the current
 * context; it keeps pointers into the query. Terms of one field in an OR become one condition.
 *
 * Errors: UD022 for a value without field, which a document cannot be asked for.
 */
extern UdJsonbNode *ud_jsonb_match_compile(const UdQueryNode *lowered);

/*
 * ud_jsonb_match_compile_value does the same for a document that is a value itself: what has no
 * field is a condition on the document's root.
 */
extern UdJsonbNode *ud_jsonb_match_compile_value(const UdQueryNode *lowered);

/* ud_jsonb_match_try_compile does what the first, or with is_value the second does, without error.
 */
extern UdJsonbNode *ud_jsonb_match_try_compile(const UdQueryNode *lowered, bool is_value);

/* ud_jsonb_match_evaluate returns whether a document matches. */
extern bool ud_jsonb_match_evaluate(const UdJsonbNode *node, const JsonbContainer *document);

#endif
