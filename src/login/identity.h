/*
 * identity.h: who is acting, made ready once so that a row that asks costs next to nothing.
 */
#ifndef UD_LOGIN_IDENTITY_H
#define UD_LOGIN_IDENTITY_H

#include "datatype/timestamp.h"
#include "utils/jsonb.h"

#include "login/name_set.h"

typedef struct UdIdentity
{
	MemoryContext context; /* holds this structure and all that it points to */
	Jsonb *claims;
	text *user_id;          /* claim "sub"; NULL when there is none */
	text *organization_id;  /* claim "org_id"; NULL when there is none */
	UdNameSet scopes;       /* claim "scope" */
	UdNameSet roles;        /* the claim that userdir.roles_claim names */
	UdNameSet permissions;  /* claim "permissions" */
	TimestampTz expires_at; /* claim "exp"; DT_NOEND when there is none */
} UdIdentity;

/*
 * ud_identity_make makes an identity of a token's claims.
 *
 * claims: copied; an object. roles_claim: the name of the claim that lists the roles.
 * Result: the identity in a memory context of its own below the current one; who keeps it moves
 * that context elsewhere, and ud_identity_free frees it.
 *
 * Errors: UD040 when a claim that is prepared is not of its type, or claims is no object.
 */
extern UdIdentity *ud_identity_make(const Jsonb *claims, const char *roles_claim);

extern void ud_identity_free(UdIdentity *identity);

/*
 * ud_identity_claim finds a claim by its path: names with dots between them, where the longest name
 * that there is counts first, because names of claims can hold dots themselves.
 *
 * Result: whether there is one; *value gets it, and points into the identity.
 */
extern bool ud_identity_claim(const UdIdentity *identity, const char *path, int length,
							  JsonbValue *value);

#endif
