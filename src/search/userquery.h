/*
 * userquery.h: the type userquery: a query of the search language as a value.
 *
 * A value is the canonical text of a query in the server's encoding. Canonical texts are equal if
 * and only if the queries have the same tree.
 */
#ifndef UD_SEARCH_USERQUERY_H
#define UD_SEARCH_USERQUERY_H

#include "base/userdir.h"

#include "pure/query.h"

/*
 * ud_userquery_parse reads a query as somebody wrote it, in memory of the current context.
 *
 * Errors: UD020 with the position for what is no query, UD021 for features that are not supported,
 * 54000 beyond the settings' limits.
 */
extern UdQueryNode *ud_userquery_parse(const char *text, size_t length);

/*
 * ud_userquery_load reads a value of the type, in memory of the current context. The limits do not
 * apply any more. Errors: XX001 for what no function of the type can have made.
 */
extern UdQueryNode *ud_userquery_load(const struct varlena *value);

/*
 * ud_userquery_store makes a value of a tree, in the current context. The tree is one that was
 * parsed or put together from such; limits are not checked.
 */
extern struct varlena *ud_userquery_store(const UdQueryNode *node);

#endif
