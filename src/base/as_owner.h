/*
 * as_owner.h: running a function of the directory with the rights of its owner, for the functions
 * in C that do something around it.
 */
#ifndef UD_BASE_AS_OWNER_H
#define UD_BASE_AS_OWNER_H

/*
 * userdir_as_owner calls the private function behind the one that is being called, with the same
 * arguments. Errors: see as_owner.c.
 */
extern UD_EXPORT Datum userdir_as_owner(PG_FUNCTION_ARGS);

#endif
