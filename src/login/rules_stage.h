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
	TriggerDesc *triggers; /* a copy: rules may change what rules there are */
	Datum *disabled;       /* texts, the names of those that are switched off */
	int disabled_count;
} UdRulesStage;

/*
 * ud_rules_stage_open opens the view of a stage and finds out which of its rules are switched off,
 * as the active snapshot sees it. Result: false, and nothing to be closed, when there is no such
 * view or it has no rules.
 */
extern bool ud_rules_stage_open(const char *name, UdRulesStage *stage);

/* ud_rules_stage_close closes the view. */
extern void ud_rules_stage_close(UdRulesStage *stage);

/* ud_rules_stage_is_rule tells whether a trigger of a stage's view is a rule, switched off or not.
 */
extern bool ud_rules_stage_is_rule(const Trigger *trigger);

/* ud_rules_stage_runs tells whether a trigger of a stage's view is a rule that is switched on. */
extern bool ud_rules_stage_runs(const UdRulesStage *stage, const Trigger *trigger);

#endif
