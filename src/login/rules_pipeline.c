/*
 * rules_pipeline.c: running the rules of a stage.
 *
 * A stage is a view, and its rules are the INSTEAD OF INSERT row triggers on it. An INSERT would
 * run them as whoever inserts, and would not tell which one has failed. So they are called here as
 * the executor calls triggers, but each with the rights of its own owner, and one after the other:
 * the row that one returns is what the next one gets.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/tuptable.h"
#include "funcapi.h"
#include "parser/parse_func.h"
#include "portability/instr_time.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "base/directory.h"
#include "base/settings.h"
#include "login/guarded_call.h"
#include "login/rules_event.h"
#include "login/rules_pipeline.h"
#include "login/rules_stage.h"
#include "login/rules_stats.h"

/* The columns of the result. */
#define COLUMN_COUNT 7

/* What the rules of a stage ask for is done by this function, with their failure as its own. */
#define SETTLER "_settle_rules"

/* The columns by which they ask. */
static const char *const wishes[] = {"user_metadata", "app_metadata", "primary_user", "redirect",
									 "scope"};

/* One run of a stage. */
typedef struct Pipeline
{
	const UdRulesRun *run;
	UdRulesStage stage;
	HeapTuple first; /* the event as the stage hands it over */
	Size first_size;
	HeapTuple event; /* as the last rule has returned it */
	Jsonb *settled;
	Trigger *current; /* the rule that runs, NULL between them */
	instr_time started;
} Pipeline;

/* count_call puts the call that has just ended into the statistics. */
static void
count_call(Pipeline *pipeline, int sqlstate, const char *message)
{
	instr_time ended;

	if (pipeline->run->is_trial || pipeline->current == NULL)
		return;
	INSTR_TIME_SET_CURRENT(ended);
	INSTR_TIME_SUBTRACT(ended, pipeline->started);
	ud_rules_stats_count(pipeline->current->tgoid, INSTR_TIME_GET_MICROSEC(ended), sqlstate,
						 message);
}

/* call_rule calls the current rule with the event. Result: the row that it returns, or NULL. */
static HeapTuple
call_rule(Pipeline *pipeline, TupleTableSlot *slot)
{
	LOCAL_FCINFO(call, 0);
	TriggerData data = {.type = T_TriggerData};
	FmgrInfo function;
	Datum result;

	data.tg_event = TRIGGER_EVENT_INSERT | TRIGGER_EVENT_ROW | TRIGGER_EVENT_INSTEAD;
	data.tg_relation = pipeline->stage.view;
	data.tg_trigger = pipeline->current;
	data.tg_trigtuple = pipeline->event;
	data.tg_trigslot = ExecStoreHeapTuple(pipeline->event, slot, false);

	fmgr_info(pipeline->current->tgfoid, &function);
	InitFunctionCallInfoData(*call, &function, 0, InvalidOid, (fmNodePtr)&data, NULL);
	result = ud_guarded_invoke(call);
	if (call->isnull)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("trigger function %u returned null value", function.fn_oid)));
	return (HeapTuple)DatumGetPointer(result);
}

/* run_rule runs the current rule: what it returns is the event from then on. */
static void
run_rule(Pipeline *pipeline, TupleTableSlot *slot)
{
	TupleDesc view = RelationGetDescr(pipeline->stage.view);
	HeapTuple returned;

	INSTR_TIME_SET_CURRENT(pipeline->started);
	returned = call_rule(pipeline, slot);
	if (returned == NULL)
		ereport(ERROR, (errcode(UD_ERR_NOT_A_RULE), errmsg("the rule returned null"),
						errhint("End it with RETURN NEW.")));
	if (returned != pipeline->event)
	{
		ud_rules_event_check(view, returned, pipeline->first, pipeline->first_size);
		ud_rules_event_check_claims(view, returned, pipeline->first);
	}
	pipeline->event = returned;
	count_call(pipeline, 0, NULL);
}

/* wishes_something tells whether the rules ask for something that is to be done for them. */
static bool
wishes_something(Pipeline *pipeline)
{
	TupleDesc view = RelationGetDescr(pipeline->stage.view);

	for (int i = 0; i < (int)lengthof(wishes); i++)
	{
		if (ud_rules_event_differs(view, pipeline->event, pipeline->first, wishes[i]))
			return true;
	}
	return false;
}

/* settle lets the directory do what the rules ask for, as far as that may fail. */
static void
settle(Pipeline *pipeline)
{
	TupleDesc view = RelationGetDescr(pipeline->stage.view);
	const Oid types[] = {TEXTOID, JSONBOID, JSONBOID};
	Oid settler =
		LookupFuncName(list_make2(makeString(UD_SCHEMA), makeString(SETTLER)), 3, types, false);
	Jsonb *given = ud_rules_event_from_row(view, pipeline->first, true);

	pipeline->settled =
		DatumGetJsonbP(OidFunctionCall3(settler, CStringGetTextDatum(pipeline->run->stage),
										JsonbPGetDatum(given), JsonbPGetDatum(pipeline->settled)));
}

/* next_rule returns the first rule that is to run from a place among the triggers on, or NULL. */
static Trigger *
next_rule(const Pipeline *pipeline, int place)
{
	return ud_rules_stage_next(&pipeline->stage, pipeline->run->only, place);
}

/* run_rules is what runs in the subtransaction. */
static void
run_rules(void *state)
{
	Pipeline *pipeline = state;
	TupleDesc view = RelationGetDescr(pipeline->stage.view);
	TupleTableSlot *slot = MakeSingleTupleTableSlot(view, &TTSOpsHeapTuple);
	bool denied = false;

	pipeline->current = next_rule(pipeline, 0);
	while (pipeline->current != NULL && !denied)
	{
		run_rule(pipeline, slot);
		denied = ud_rules_event_has(view, pipeline->event, "denied");
		/* Who has denied is told; nobody else is. */
		if (!denied)
			pipeline->current = next_rule(
				pipeline, (int)(pipeline->current - pipeline->stage.triggers->triggers) + 1);
	}
	ExecDropSingleTupleTableSlot(slot);
	pipeline->settled = ud_rules_event_from_row(view, pipeline->event, pipeline->run->is_trial);
	if (!denied && wishes_something(pipeline))
		settle(pipeline);
}

/* run_stage runs the rules that are to run; where there are none, the event is what it was. */
static void
run_stage(Pipeline *pipeline, UdGuardedOutcome *outcome)
{
	TupleDesc view = RelationGetDescr(pipeline->stage.view);

	pipeline->first = pipeline->run->make_event(view, pipeline->run->source);
	pipeline->first_size = ud_rules_event_size(view, pipeline->first);
	pipeline->event = pipeline->first;
	if (next_rule(pipeline, 0) == NULL)
	{
		pipeline->settled = ud_rules_event_from_row(view, pipeline->first, pipeline->run->is_trial);
		return;
	}
	ud_guarded_run(run_rules, pipeline, ud_rules_timeout_ms, outcome);
	if (outcome->sqlstate != 0)
		count_call(pipeline, outcome->sqlstate, outcome->message);
}

/*
 * result_columns returns the columns of the result of the SQL function that is being called. They
 * are kept: working them out takes as long as a rule.
 */
static TupleDesc
result_columns(FunctionCallInfo fcinfo)
{
	static TupleDesc columns = NULL;
	static Oid of_function = InvalidOid;
	TupleDesc found;
	MemoryContext memory;

	if (of_function == fcinfo->flinfo->fn_oid)
		return columns;
	if (get_call_result_type(fcinfo, NULL, &found) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	memory = MemoryContextSwitchTo(TopMemoryContext);
	of_function = InvalidOid;
	if (columns != NULL)
		FreeTupleDesc(columns);
	columns = BlessTupleDesc(CreateTupleDescCopy(found));
	of_function = fcinfo->flinfo->fn_oid;
	MemoryContextSwitchTo(memory);
	return columns;
}

/* form_result returns the row of the SQL function. */
static Datum
form_result(FunctionCallInfo fcinfo, const Pipeline *pipeline, const UdGuardedOutcome *outcome)
{
	const bool failed = outcome->sqlstate != 0;
	const char *texts[] = {pipeline->current == NULL ? NULL : pipeline->current->tgname,
						   failed ? unpack_sql_state(outcome->sqlstate) : NULL,
						   outcome->message,
						   outcome->detail,
						   outcome->hint,
						   outcome->context};
	Datum values[COLUMN_COUNT] = {failed ? (Datum)0 : JsonbPGetDatum(pipeline->settled)};
	bool nulls[COLUMN_COUNT] = {failed};

	for (int i = 0; i < (int)lengthof(texts); i++)
	{
		nulls[i + 1] = texts[i] == NULL;
		if (texts[i] != NULL)
			values[i + 1] = CStringGetTextDatum(texts[i]);
	}
	return HeapTupleGetDatum(heap_form_tuple(result_columns(fcinfo), values, nulls));
}

Datum
ud_rules_pipeline_run(FunctionCallInfo fcinfo, const UdRulesRun *run)
{
	Pipeline pipeline = {.run = run};
	UdGuardedOutcome outcome = {0};

	if (!ud_rules_stage_open(run->stage, &pipeline.stage))
		ereport(ERROR, (errcode(UD_ERR_NOT_A_RULE), errmsg("unknown stage \"%s\"", run->stage)));
	run_stage(&pipeline, &outcome);
	ud_rules_stage_close(&pipeline.stage);
	return form_result(fcinfo, &pipeline, &outcome);
}

/* event_of_object is the make_event of an object of the columns. */
static HeapTuple
event_of_object(TupleDesc view, void *source)
{
	return ud_rules_event_to_row(view, source);
}

UD_FUNCTION(userdir__run_rules);

/*
 * userdir__run_rules runs the rules of a stage. Arguments: the stage; the event, an object of the
 * columns of its view; the name of the trigger that alone is to run, or null for all that are not
 * switched off; whether it counts in the statistics, or is a trial.
 *
 * Result and errors: those of ud_rules_pipeline_run; 22023 without a stage, or for an event that is
 * no object.
 */
Datum
userdir__run_rules(PG_FUNCTION_ARGS)
{
	UdRulesRun run = {.make_event = event_of_object};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || !JB_ROOT_IS_OBJECT(PG_GETARG_JSONB_P(1)))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("rules need a stage and an event that is an object")));
	run.stage = text_to_cstring(PG_GETARG_TEXT_PP(0));
	run.source = PG_GETARG_JSONB_P(1);
	run.only = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2));
	run.is_trial = PG_ARGISNULL(3) || !PG_GETARG_BOOL(3);
	return ud_rules_pipeline_run(fcinfo, &run);
}

UD_FUNCTION(userdir__has_rules);

/*
 * userdir__has_rules tells whether a stage has rules that are switched on: where there are none,
 * nothing has to be made ready for them.
 */
Datum
userdir__has_rules(PG_FUNCTION_ARGS)
{
	UdRulesStage stage;
	bool found;

	if (!ud_rules_stage_open(text_to_cstring(PG_GETARG_TEXT_PP(0)), &stage))
		PG_RETURN_BOOL(false);
	found = ud_rules_stage_next(&stage, NULL, 0) != NULL;
	ud_rules_stage_close(&stage);
	PG_RETURN_BOOL(found);
}

UD_FUNCTION(userdir__rule_stats);

/*
 * userdir__rule_stats returns the figures of a rule, by the OID of its trigger: calls, failures,
 * mean time in milliseconds, and of the last failure the moment, SQLSTATE and message.
 */
Datum
userdir__rule_stats(PG_FUNCTION_ARGS)
{
	UdRuleStats stats;
	Datum values[6] = {0};
	bool nulls[6] = {false, false, false, true, true, true};
	TupleDesc descriptor;

	if (!ud_rules_stats_find(PG_GETARG_OID(0), &stats))
		memset(&stats, 0, sizeof(stats));
	values[0] = Int64GetDatum((int64)stats.calls);
	values[1] = Int64GetDatum((int64)stats.failures);
	nulls[2] = stats.calls == 0;
	if (stats.calls > 0)
		values[2] = Float8GetDatum((double)stats.microseconds / 1000.0 / (double)stats.calls);
	if (stats.failed_at != 0)
	{
		memset(&nulls[3], false, 3);
		values[3] = TimestampTzGetDatum(stats.failed_at);
		values[4] = CStringGetTextDatum(unpack_sql_state(stats.sqlstate));
		values[5] = CStringGetTextDatum(stats.message);
	}
	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls)));
}
