/*
 * rules_stage.c: which rules a stage has, and which of them are switched on.
 *
 * Every login asks this, most of them of a stage without any rule. The triggers are in the
 * relation cache, which others who create or drop one keep up to date. What is switched off is in a
 * table of a few rows, if any; it is read without a query, and only where there are triggers.
 */
#include "base/userdir.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

#include "base/directory.h"
#include "login/rules_stage.h"

#define DISABLED_RULES "disabled_rules"

/* column_number returns the number of a column of disabled_rules. */
static AttrNumber
column_number(Relation table, const char *name)
{
	AttrNumber number = get_attnum(RelationGetRelid(table), name);

	if (number == InvalidAttrNumber)
		elog(ERROR, "userdir." DISABLED_RULES " has no column \"%s\"", name);
	return number;
}

/* add_disabled copies the name in a row of disabled_rules. */
static void
add_disabled(UdRulesStage *stage, Datum name)
{
	Datum copy = PointerGetDatum(DatumGetTextPCopy(name));
	Size size = (stage->disabled_count + 1) * sizeof(Datum);

	stage->disabled = stage->disabled == NULL ? palloc(size) : repalloc(stage->disabled, size);
	stage->disabled[stage->disabled_count++] = copy;
}

/* read_disabled finds out which rules of a stage are switched off. */
static void
read_disabled(UdRulesStage *stage, const char *stage_name)
{
	Oid oid = ud_directory_find_relation(DISABLED_RULES);
	Relation table = table_open(oid, AccessShareLock);
	AttrNumber name_column = column_number(table, "name");
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple row;

	ScanKeyInit(&key, column_number(table, "stage"), BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(stage_name));
	scan = systable_beginscan(table, InvalidOid, false, GetActiveSnapshot(), 1, &key);
	while (HeapTupleIsValid(row = systable_getnext(scan)))
	{
		bool is_null;
		Datum name = heap_getattr(row, name_column, RelationGetDescr(table), &is_null);

		if (!is_null)
			add_disabled(stage, name);
	}
	systable_endscan(scan);
	table_close(table, AccessShareLock);
}

bool
ud_rules_stage_open(const char *name, UdRulesStage *stage)
{
	Oid oid = ud_directory_find_relation(name);

	memset(stage, 0, sizeof(*stage));
	stage->view = OidIsValid(oid) ? try_relation_open(oid, AccessShareLock) : NULL;
	if (stage->view == NULL)
		return false;
	if (stage->view->trigdesc != NULL && stage->view->trigdesc->trig_insert_instead_row)
	{
		stage->triggers = CopyTriggerDesc(stage->view->trigdesc);
		read_disabled(stage, name);
	}
	return true;
}

void
ud_rules_stage_close(UdRulesStage *stage)
{
	relation_close(stage->view, AccessShareLock);
	stage->view = NULL;
}

/* is_rule tells whether a trigger of a stage's view is a rule. */
static bool
is_rule(const Trigger *trigger)
{
	return TRIGGER_TYPE_MATCHES(trigger->tgtype, TRIGGER_TYPE_ROW, TRIGGER_TYPE_INSTEAD,
								TRIGGER_TYPE_INSERT) &&
		   trigger->tgenabled != TRIGGER_DISABLED;
}

/* has_name tells whether a text is the name of a trigger. */
static bool
has_name(Datum name, const Trigger *trigger)
{
	text *string = DatumGetTextPP(name);
	size_t length = VARSIZE_ANY_EXHDR(string);

	return strlen(trigger->tgname) == length &&
		   memcmp(trigger->tgname, VARDATA_ANY(string), length) == 0;
}

/* is_disabled tells whether a rule is switched off. */
static bool
is_disabled(const UdRulesStage *stage, const Trigger *trigger)
{
	for (int i = 0; i < stage->disabled_count; i++)
	{
		if (has_name(stage->disabled[i], trigger))
			return true;
	}
	return false;
}

Trigger *
ud_rules_stage_next(const UdRulesStage *stage, const char *only, int place)
{
	for (; stage->triggers != NULL && place < stage->triggers->numtriggers; place++)
	{
		Trigger *trigger = &stage->triggers->triggers[place];

		if (is_rule(trigger) &&
			(only == NULL ? !is_disabled(stage, trigger) : strcmp(only, trigger->tgname) == 0))
			return trigger;
	}
	return NULL;
}
