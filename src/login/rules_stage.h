/*
 * rules_stage.h: which rules a stage has, and which of them are switched on.
 */
#ifndef UD_LOGIN_RULES_STAGE_H
#define UD_LOGIN_RULES_STAGE_H

#include "utils/rel.h"
#include "utils/reltrigger.h"

/* A stage whose rules are to run. */
typedef struct UdRulesStage
{
	Relation view;
	TriggerDesc *triggers; /* a copy, as rules may change what rules there are; NULL: no rules */
	Datum *disabled;       /* texts, the names of those that are switched off */
	int disabled_count;
} UdRulesStage;

/*
 * ud_rules_stage_open opens the view of a stage and finds out which of its rules are switched off,
 * as the active snapshot sees it. Result: false, and nothing to be closed, when there is none.
 */
extern bool ud_rules_stage_open(const char *name, UdRulesStage *stage);

/* ud_rules_stage_close closes the view. */
extern void ud_rules_stage_close(UdRulesStage *stage);

/*
 * ud_rules_stage_next returns the first rule that is to run from a place among the triggers on, or
 * NULL. only: the name of the one trigger that is to run, even if it is switched off; NULL: all
 * that are switched on.
 */
extern Trigger *ud_rules_stage_next(const UdRulesStage *stage, const char *only, int place);

#endif
