/*
 * keys.h: the keys of a JSON object that has a fixed set of them.
 */
#ifndef UD_LDAP_KEYS_H
#define UD_LDAP_KEYS_H

#include "utils/jsonb.h"

#include "pure/span.h"

/*
 * ud_ldap_keys_check raises UD069 for a key that is none of a list, which a NULL ends; the hint is
 * the nearest one. where names the object.
 */
extern void ud_ldap_keys_check(JsonbContainer *object, const char *const *known, const char *where);

/*
 * The others return the value of a key, or what stands for it when it is missing or null, and raise
 * UD069 when it is of another type. Texts are in UTF-8, end in a NUL, and are not empty.
 */
extern const char *ud_ldap_keys_text(JsonbContainer *object, const char *key, const char *missing);
extern bool ud_ldap_keys_boolean(JsonbContainer *object, const char *key);
extern double ud_ldap_keys_number(JsonbContainer *object, const char *key, double lowest,
								  double highest, double missing);
extern JsonbContainer *ud_ldap_keys_object(JsonbContainer *object, const char *key);

/* ud_ldap_keys_utf8 returns a string of a document in UTF-8, ended by a NUL. */
extern const char *ud_ldap_keys_utf8(const JsonbValue *string);

#endif
