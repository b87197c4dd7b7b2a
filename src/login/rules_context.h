/*
 * rules_context.h: what the stages tell their rules: the user, and what is known of the request.
 */
#ifndef UD_LOGIN_RULES_CONTEXT_H
#define UD_LOGIN_RULES_CONTEXT_H

#include "access/htup.h"
#include "utils/jsonb.h"

/* What a context is made of; what is not known is NULL. */
typedef struct UdRulesSource
{
	HeapTupleHeader connection; /* a row of _find_connection() */
	text *client_id;
	Jsonb *request;
	text *protocol;
	text *session_id;
	text *user_id;
	Jsonb *logins_count;
	Jsonb *methods;
} UdRulesSource;

/* Arguments of SQL functions, NULL for null. */
#define UD_TEXT_ARGUMENT(n)  (PG_ARGISNULL(n) ? NULL : PG_GETARG_TEXT_PP(n))
#define UD_JSONB_ARGUMENT(n) (PG_ARGISNULL(n) ? NULL : PG_GETARG_JSONB_P(n))
#define UD_ROW_ARGUMENT(n)   (PG_ARGISNULL(n) ? NULL : PG_GETARG_HEAPTUPLEHEADER(n))

/*
 * ud_rules_context_make returns the context of rules, in the model's shape. To be called as the
 * directory's owner.
 */
extern Jsonb *ud_rules_context_make(const UdRulesSource *source);

/*
 * ud_rules_context_user returns a user as rules see it: the profile, with the properties of
 * app_metadata at its root; NULL when there is none. To be called as the directory's owner.
 */
extern Jsonb *ud_rules_context_user(const text *user_id);

#endif
