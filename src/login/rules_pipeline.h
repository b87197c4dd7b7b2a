/*
 * rules_pipeline.h: running the rules of a stage.
 */
#ifndef UD_LOGIN_RULES_PIPELINE_H
#define UD_LOGIN_RULES_PIPELINE_H

#include "access/htup.h"
#include "access/tupdesc.h"

/* What is to run, and on what. */
typedef struct UdRulesRun
{
	const char *stage;
	const char *only; /* the trigger that alone is to run, NULL for all that are switched on */
	bool is_trial;    /* it does not count in the statistics, and all of the event is returned */

	/* makes the event that the rules get, a row of the stage's view */
	HeapTuple (*make_event)(TupleDesc view, void *source);
	void *source;
} UdRulesRun;

/*
 * ud_rules_pipeline_run runs rules, in one subtransaction and within userdir.rules_timeout, for the
 * SQL function whose call is given.
 *
 * Result: a row of the event as the rules have made it, an object, null when they have failed; the
 * name of the trigger that has failed, or has denied; SQLSTATE, message, detail, hint and context
 * of the failure, null when there was none. Unless it is a trial, the event is without user and
 * context.
 *
 * Errors: UD066 for an unknown stage; those of ud_guarded_run and make_event.
 */
extern Datum ud_rules_pipeline_run(FunctionCallInfo fcinfo, const UdRulesRun *run);

#endif
