/*
 * authenticate.c: becoming somebody, and nobody again.
 */
#include "base/userdir.h"

#include "access/xact.h"

#include "login/identity_state.h"

/* refuse_parallel keeps the identity as it is while workers run, who know nothing of a change. */
static void
refuse_parallel(void)
{
	if (IsInParallelMode())
		ereport(ERROR, (errcode(ERRCODE_INVALID_TRANSACTION_STATE),
						errmsg("the identity cannot change during a parallel operation")));
}

UD_FUNCTION(userdir_clear_identity);

/*
 * userdir_clear_identity forgets who is acting. Errors: 25000 during a parallel operation.
 */
Datum
userdir_clear_identity(PG_FUNCTION_ARGS)
{
	refuse_parallel();
	ud_identity_state_forget();
	PG_RETURN_VOID();
}
