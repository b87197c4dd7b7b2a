/*
 * module.c: the beginning of the library userdir_ldap.
 */
#include "base/userdir.h"

extern UD_EXPORT const Pg_magic_struct *PG_MAGIC_FUNCTION_NAME(void);
UD_MODULE_MAGIC("userdir_ldap");
