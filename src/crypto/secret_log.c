/*
 * secret_log.c: keeping secrets out of what the server logs of a statement.
 *
 * When log_parameter_max_length_on_error is set, the server keeps the parameters of a statement as
 * the text that the client has sent, before their types had a say, and shows it in the context of
 * every message while the statement is planned and runs. That text is erased here: before either,
 * if a parameter is a secret, and in any case once a function handles a secret.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "executor/executor.h"
#include "optimizer/planner.h"
#include "tcop/pquery.h"
#include "utils/portal.h"

#include "crypto/secret.h"
#include "crypto/secret_log.h"

static planner_hook_type previous_planner = NULL;
static ExecutorStart_hook_type previous_executor_start = NULL;

/* erase overwrites the text of parameters and lets the server forget it. */
static void
erase(ParamListInfo parameters)
{
	if (parameters == NULL || parameters->paramValuesStr == NULL)
		return;
	sodium_memzero(parameters->paramValuesStr, strlen(parameters->paramValuesStr));
	parameters->paramValuesStr = NULL;
}

/* erase_if_secret erases the text of parameters when one of them is a secret. */
static void
erase_if_secret(ParamListInfo parameters)
{
	Oid type;

	if (parameters == NULL || parameters->paramValuesStr == NULL)
		return;
	type = ud_secret_type();
	for (int i = 0; OidIsValid(type) && i < parameters->numParams; i++)
	{
		if (parameters->params[i].ptype == type)
		{
			erase(parameters);
			break;
		}
	}
}

/* erase_bound does so for the statement that is being bound, whose generic plan knows no values. */
static void
erase_bound(void)
{
	for (ErrorContextCallback *frame = error_context_stack; frame != NULL; frame = frame->previous)
		if (frame->callback == ParamsErrorCallback)
			erase_if_secret(((ParamsErrorCbData *)frame->arg)->params);
}

static PlannedStmt *
plan(Query *query, const char *text, int options, ParamListInfo parameters)
{
	if (parameters != NULL)
		erase_if_secret(parameters);
	else
		erase_bound();
	return previous_planner != NULL ? previous_planner(query, text, options, parameters)
									: standard_planner(query, text, options, parameters);
}

static void
start_executor(QueryDesc *query, int flags)
{
	erase_if_secret(query->params);
	if (previous_executor_start != NULL)
		previous_executor_start(query, flags);
	else
		standard_ExecutorStart(query, flags);
}

void
ud_secret_log_start(void)
{
	previous_planner = planner_hook;
	planner_hook = plan;
	previous_executor_start = ExecutorStart_hook;
	ExecutorStart_hook = start_executor;
}

static void
hide_statement_and_context(void *arg)
{
	errhidestmt(true);
	errhidecontext(true);
}

void
ud_secret_log_hide(ErrorContextCallback *frame)
{
	if (ActivePortal != NULL)
		erase(ActivePortal->portalParams);

	frame->callback = hide_statement_and_context;
	frame->arg = NULL;
	frame->previous = error_context_stack;
	error_context_stack = frame;
}

void
ud_secret_log_show(ErrorContextCallback *frame)
{
	error_context_stack = frame->previous;
}
