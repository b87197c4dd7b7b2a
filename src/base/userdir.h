/*
 * userdir.h: what every file with access to the server includes first.
 */
#ifndef UD_BASE_USERDIR_H
#define UD_BASE_USERDIR_H

#include "postgres.h"

#include "fmgr.h"

#include "base/compat.h"
#include "base/errors.h"

/* The one schema that holds both the code and the storage. */
#define UD_SCHEMA "userdir"

#define UD_EXPORT __attribute__((visibility("default")))

/*
 * UD_FUNCTION declares the C function behind an SQL function.
 *
 * The module is built with hidden visibility, so that its helpers cannot collide with those of
 * another module in the same backend; only what SQL calls is exported. PostgreSQL 15 does not mark
 * its own declarations, so ours come first.
 */
#define UD_FUNCTION(name)                                                                          \
	extern UD_EXPORT Datum name(PG_FUNCTION_ARGS);                                                 \
	extern UD_EXPORT const Pg_finfo_record *pg_finfo_##name(void);                                 \
	PG_FUNCTION_INFO_V1(name)

#endif
