/*
 * name_set.h: a set of names that is asked for each row, such as the scopes of an identity.
 */
#ifndef UD_LOGIN_NAME_SET_H
#define UD_LOGIN_NAME_SET_H

#include "utils/jsonb.h"

/* A name; its bytes belong to the document that it stands in. */
typedef struct UdName
{
	const char *bytes;
	int length;
} UdName;

/* Names in the order of their lengths, then of their bytes. */
typedef struct UdNameSet
{
	int count;
	UdName *names;
} UdNameSet;

/*
 * ud_name_set_make reads a set from a claim: the strings of an array, or one string. NULL, and a
 * claim of any other kind, makes the empty set; elements that are no strings count for nothing.
 *
 * splits: whether every string is a list of names with blanks between them, as in "scope".
 * Result: the set, in the current memory context; its names point into the document of the claim.
 */
extern UdNameSet ud_name_set_make(const JsonbValue *claim, bool splits);

/* ud_name_set_has tells whether a name is in the set, byte for byte. */
extern bool ud_name_set_has(const UdNameSet *set, const char *bytes, int length);

#endif
