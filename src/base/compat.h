/*
 * compat.h: every difference between PostgreSQL 15, 16, 17 and 18 that this project meets.
 *
 * No other file tests PG_VERSION_NUM.
 */
#ifndef UD_BASE_COMPAT_H
#define UD_BASE_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "userdir needs PostgreSQL 15 or later"
#endif

/* Since 16 the layout of variable-length values has a header of its own. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* Since 18 the server's own word for this stands in front of a declaration, not behind it. */
#if PG_VERSION_NUM >= 180000
#define pg_attribute_noreturn() __attribute__((noreturn))
#endif

/*
 * Since 16 whose privileges count for a range table entry stands beside the range table. Invalid if
 * it is the current user.
 */
#if PG_VERSION_NUM >= 160000
#define UD_ENTRY_USER(query, entry)                                                                \
	((entry)->perminfoindex == 0                                                                   \
		 ? InvalidOid                                                                              \
		 : getRTEPermissionInfo((query)->rteperminfos, entry)->checkAsUser)
#else
#define UD_ENTRY_USER(query, entry) ((entry)->checkAsUser)
#endif

/* Since 18 a module can tell its name and version. */
#if PG_VERSION_NUM >= 180000
#define UD_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "userdir", .version = USERDIR_VERSION)
#else
#define UD_MODULE_MAGIC PG_MODULE_MAGIC
#endif

/* Since 18 the rows of a range table entry may be the old or the new ones of a RETURNING list. */
#if PG_VERSION_NUM >= 180000
#define UD_EXPAND_ENTRY(entry, var, names, columns)                                                \
	expandRTE(entry, (var)->varno, (int)(var)->varlevelsup, (var)->varreturningtype, -1, true,     \
			  names, columns)
#else
#define UD_EXPAND_ENTRY(entry, var, names, columns)                                                \
	expandRTE(entry, (var)->varno, (int)(var)->varlevelsup, -1, true, names, columns)
#endif

/* Since 16 a variable knows the outer joins that may turn it into a null; a placeholder does too.
 */
#if PG_VERSION_NUM >= 160000
#define UD_NULL_WITH(var, placeholder)                                                             \
	((var)->varnullingrels = bms_add_members((var)->varnullingrels, (placeholder)->phnullingrels))
#else
#define UD_NULL_WITH(var, placeholder) ((void)0)
#endif

/* Since 18 there is a second function of this name. */
#if PG_VERSION_NUM >= 180000
#define UD_F_REVERSE F_REVERSE_TEXT
#else
#define UD_F_REVERSE F_REVERSE
#endif

#endif
