/*
 * own_objects.h: the extension's own functions and operators that conditions are made of.
 *
 * They are found by name in the extension's schema, whatever the search path, and without asking
 * whether the user may look there: whoever calls one is asked for the right to do so at execution.
 */
#ifndef UD_SEARCH_OWN_OBJECTS_H
#define UD_SEARCH_OWN_OBJECTS_H

#include "base/userdir.h"

typedef struct UdOwnObjects
{
	Oid userquery;        /* type */
	Oid fold_case;        /* (text) */
	Oid email_domain;     /* (text) */
	Oid matches_wildcard; /* (text, text) */
	Oid wildcard;         /* operator =* of the same */
	Oid document;         /* operator @@ (jsonb, userquery) */
	Oid value;            /* operator @@= of the same */
	Oid row_matches;      /* (record, userquery), which the planner leaves alone */
	Oid wildcard_family;  /* GIN operator family text_wildcard_ops */
} UdOwnObjects;

/* ud_own_objects_find looks them all up, once until one may have changed. Errors: XX000 if one is
 * missing. */
extern void ud_own_objects_find(UdOwnObjects *objects);

#endif
