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

/* Since 18 a module can tell its name and version. */
#if PG_VERSION_NUM >= 180000
#define UD_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "userdir", .version = USERDIR_VERSION)
#else
#define UD_MODULE_MAGIC PG_MODULE_MAGIC
#endif

/* Since 16 a sort can lend the datum that it returns. Ours are passed by value. */
#if PG_VERSION_NUM >= 160000
#define ud_tuplesort_getdatum(sort, datum, is_null)                                                \
	tuplesort_getdatum(sort, true, false, datum, is_null, NULL)
#else
#define ud_tuplesort_getdatum(sort, datum, is_null)                                                \
	tuplesort_getdatum(sort, true, datum, is_null, NULL)
#endif

#endif
