/*
 * custom_action.h: the actions of a custom database, and the functions that can be one.
 */
#ifndef UD_LOGIN_CUSTOM_ACTION_H
#define UD_LOGIN_CUSTOM_ACTION_H

/* What an action can be given. */
typedef enum UdActionArgument
{
	UD_ACTION_NAME,     /* whom it is about: an identifier, an address or an id */
	UD_ACTION_PASSWORD, /* a secret */
	UD_ACTION_PROFILE,  /* of a new user */
	UD_ACTION_NEW_NAME, /* a new address */
	UD_ACTION_VERIFIED, /* whether it is verified */
	UD_ACTION_CONTEXT,  /* where the request comes from; always the last */
	UD_ACTION_ARGUMENTS
} UdActionArgument;

#define UD_ACTION_MAX_ARGUMENTS 4

typedef struct UdAction
{
	const char *name;
	const char *signature; /* for whoever writes one */
	int count;
	UdActionArgument arguments[UD_ACTION_MAX_ARGUMENTS];
	Oid results[3]; /* types that it may return, InvalidOid where there are fewer */
} UdAction;

/* A function that is an action. */
typedef struct UdActionFunction
{
	Oid oid;
	Oid result;
	int count; /* of the arguments that it takes: all, or all but the context */
} UdActionFunction;

/* ud_action_find returns the action of a name. Errors: 22023 when there is none. */
extern const UdAction *ud_action_find(const char *name);

/*
 * ud_action_resolve finds the function that a qualified name stands for.
 *
 * Errors: UD066 when the name has no schema, or there is no function of that name which takes and
 * returns what the action does, or its owner does not lend its rights; see ud_guarded_check.
 */
extern UdActionFunction ud_action_resolve(const UdAction *action, const char *function);

#endif
