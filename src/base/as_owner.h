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

/* What the guard triggers of the tables know of the API function that is running. */
typedef struct UdApiState
{
	int trigger_depth;
	bool is_installer;
	Oid caller;
} UdApiState;

/*
 * ud_as_owner_suspend makes the guard triggers take no statement for one of userdir's own until
 * ud_as_owner_resume is called with what it returned: for calling what somebody else wrote.
 */
extern UdApiState ud_as_owner_suspend(void);
extern void ud_as_owner_resume(UdApiState state);

#endif
