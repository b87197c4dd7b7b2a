/*
 * secret_owner.c: running a function that takes a secret with the rights of the directory's owner.
 */
#include "base/userdir.h"

#include "base/as_owner.h"
#include "crypto/secret_log.h"

UD_FUNCTION(userdir_as_owner_in_secret);

/*
 * userdir_as_owner_in_secret is userdir_as_owner for functions with a secret among their arguments:
 * whatever is raised in them, by whatever language, keeps statement and context out of the server's
 * log, where a literal would show.
 */
Datum
userdir_as_owner_in_secret(PG_FUNCTION_ARGS)
{
	ErrorContextCallback frame;
	Datum result;

	ud_secret_log_hide(&frame);
	result = userdir_as_owner(fcinfo);
	ud_secret_log_show(&frame);
	return result;
}
