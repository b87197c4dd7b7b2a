/*
 * record_event.c: the triggers that write what happens to users into userdir.events.
 *
 * Each consumer has triggers of its own, which its name and wishes are arguments of: so a change
 * costs nothing where nobody listens, no table is asked who does, and from the moment at which the
 * triggers are there no change is missed. They write one row, of the same user, and as the owner of
 * the directory: whoever may update users may not write events.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "commands/async.h"
#include "commands/trigger.h"
#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "nodes/value.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "base/directory.h"
#include "base/statement.h"
#include "events/event_kinds.h"
#include "events/row_change.h"

#define CHANNEL "userdir_events"

/* The arguments of the triggers. */
enum
{
	CONSUMER,
	WANTED_KINDS, /* separated by commas; none: all */
	OPTIONS,      /* profile, notify; separated by commas */
	ARGUMENTS
};

/* Events of one user have growing moments, whatever becomes of the clock. */
#define NEXT_MOMENT                                                                                \
	" GREATEST($3, (SELECT pg_catalog.max(e.moment) FROM userdir.events e"                         \
	" WHERE e.user_id OPERATOR(pg_catalog.=) $1 AND e.consumer OPERATOR(pg_catalog.=) $2)"         \
	" OPERATOR(pg_catalog.+) 1)"

static UdStatement insert_event = {
	"INSERT INTO userdir.events (user_id, consumer, moment, type, kinds, changed)"
	" SELECT $1, $2," NEXT_MOMENT ", $4, $5, $6",
	6,
	{TEXTOID, TEXTOID, INT8OID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID}};

/* The same with the user as it is now, and $7, the row as it was, as far as it has changed. */
static UdStatement insert_event_with_profile = {
	"INSERT INTO userdir.events (user_id, consumer, moment, type, kinds, changed, data)"
	" SELECT $1, $2," NEXT_MOMENT ", $4, $5, $6,"
	" (SELECT pg_catalog.jsonb_object_agg(d.key, d.value) FROM (VALUES"
	" ('user', userdir._users_json(ARRAY[$1]) OPERATOR(pg_catalog.->) 0),"
	" ('before', (SELECT pg_catalog.jsonb_object_agg(c.key, c.value)"
	" FROM pg_catalog.jsonb_each($7) c WHERE c.value OPERATOR(pg_catalog.<>) 'null'"
	" AND ($6 IS NULL OR c.key OPERATOR(pg_catalog.=) ANY ($6)))))"
	" AS d (key, value) WHERE d.value IS NOT NULL)",
	7,
	{TEXTOID, TEXTOID, INT8OID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, JSONBOID}};

/* Whether a user is as old as this transaction. */
static UdStatement find_new_user = {
	"SELECT u.created_at OPERATOR(pg_catalog.=) pg_catalog.now()::pg_catalog.timestamptz(3)"
	" FROM userdir.users u WHERE u.user_id OPERATOR(pg_catalog.=) $1",
	1,
	{TEXTOID}};

/* has_word tells whether one of the words in a list, separated by commas, is this one. */
static bool
has_word(const char *list, const char *word)
{
	const size_t length = strlen(word);

	for (const char *at = list; at != NULL; at = strchr(at, ','))
	{
		at += *at == ',';
		if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
			return true;
	}
	return false;
}

/* is_wanted tells whether one of an event's kinds is among those that a consumer wants. */
static bool
is_wanted(const char *wanted, List *kinds)
{
	ListCell *cell;

	if (wanted[0] == '\0')
		return true;
	foreach (cell, kinds)
	{
		if (has_word(wanted, strVal(lfirst(cell))))
			return true;
	}
	return false;
}

/* text_array returns an array of the strings in a list. */
static Datum
text_array(List *strings)
{
	Datum *values = palloc(sizeof(Datum) * Max(list_length(strings), 1));
	int count = 0;
	ListCell *cell;

	foreach (cell, strings)
		values[count++] = CStringGetTextDatum(strVal(lfirst(cell)));
	return PointerGetDatum(construct_array(values, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/* row_document returns a row as a JSON object. */
static Datum
row_document(HeapTuple row, TupleDesc columns)
{
	Datum json = DirectFunctionCall1(row_to_json, heap_copy_tuple_as_datum(row, columns));

	return DirectFunctionCall1(jsonb_in, CStringGetDatum(TextDatumGetCString(json)));
}

/* now_in_microseconds returns the time since 1970. */
static int64
now_in_microseconds(void)
{
	return GetCurrentTimestamp() + (int64)(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
}

/* write_event inserts an event as the owner of the directory. changed: NIL where nothing changed.
 */
static void
write_event(const Trigger *trigger, Datum user_id, const UdRowChange *change, List *kinds,
			List *changed)
{
	const bool with_profile = has_word(trigger->tgargs[OPTIONS], "profile");
	const bool has_before = with_profile && change != NULL && change->before != NULL;
	Datum values[] = {user_id,
					  CStringGetTextDatum(trigger->tgargs[CONSUMER]),
					  Int64GetDatum(now_in_microseconds()),
					  CStringGetTextDatum(strVal(linitial(kinds))),
					  text_array(kinds),
					  text_array(changed),
					  has_before ? row_document(change->before, change->columns) : (Datum)0};
	const bool nulls[] = {false, false, false, false, false, changed == NIL, !has_before};
	Oid caller;
	int caller_context;

	GetUserIdAndSecContext(&caller, &caller_context);
	SetUserIdAndSecContext(ud_directory_owner(), caller_context | SECURITY_LOCAL_USERID_CHANGE);
	ud_statement_run(with_profile ? &insert_event_with_profile : &insert_event, values, nulls);
	SetUserIdAndSecContext(caller, caller_context);

	if (has_word(trigger->tgargs[OPTIONS], "notify"))
		Async_Notify(CHANNEL, trigger->tgargs[CONSUMER]);
}

/* check_trigger returns what fired a trigger function, and raises when it is called otherwise. */
static TriggerData *
check_trigger(FunctionCallInfo fcinfo)
{
	TriggerData *data = (TriggerData *)fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(data->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(data->tg_event) || data->tg_trigger->tgnargs != ARGUMENTS)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("this function is called by the triggers of create_consumer() only")));
	return data;
}

/* row_change returns what a trigger sees of a row's change. */
static UdRowChange
row_change(const TriggerData *data)
{
	UdRowChange change = {RelationGetDescr(data->tg_relation), NULL, NULL};

	if (!TRIGGER_FIRED_BY_INSERT(data->tg_event))
		change.before = data->tg_trigtuple;
	if (TRIGGER_FIRED_BY_INSERT(data->tg_event))
		change.after = data->tg_trigtuple;
	else if (TRIGGER_FIRED_BY_UPDATE(data->tg_event))
		change.after = data->tg_newtuple;
	return change;
}

/* user_of returns whose row it is. */
static Datum
user_of(const UdRowChange *change)
{
	bool is_null;
	HeapTuple row = change->after != NULL ? change->after : change->before;
	Datum user_id = ud_row_change_value(change, row, "user_id", &is_null);

	if (is_null)
		elog(ERROR, "a row has no user_id");
	return user_id;
}

UD_FUNCTION(userdir__user_event);

/*
 * userdir__user_event is the trigger of a consumer on userdir.users. An update that changes nothing
 * but updated_at is no event.
 *
 * Errors: 39P01 when it is called as anything else than such a trigger.
 */
Datum
userdir__user_event(PG_FUNCTION_ARGS)
{
	TriggerData *data = check_trigger(fcinfo);
	UdRowChange change = row_change(data);
	const bool is_update = TRIGGER_FIRED_BY_UPDATE(data->tg_event);
	List *changed = is_update ? ud_row_change_columns(&change, "updated_at") : NIL;
	List *kinds;

	if (is_update && changed == NIL)
		return PointerGetDatum(NULL);
	kinds = ud_event_kinds_of_user(&change, changed);
	if (is_wanted(data->tg_trigger->tgargs[WANTED_KINDS], kinds))
		write_event(data->tg_trigger, user_of(&change), &change, kinds, changed);
	return PointerGetDatum(NULL);
}

/* belongs_to_new_user tells whether a password is the one that a user is created with. */
static bool
belongs_to_new_user(Datum user_id)
{
	Datum is_new;
	bool is_null;

	return ud_statement_fetch(&find_new_user, &user_id, &is_new, &is_null, 1) && !is_null &&
		   DatumGetBool(is_new);
}

UD_FUNCTION(userdir__password_event);

/*
 * userdir__password_event is the trigger of a consumer on userdir.credentials. A hash that is
 * renewed without a new password is no event, nor is the first password of a new user.
 *
 * Errors: 39P01 when it is called as anything else than such a trigger.
 */
Datum
userdir__password_event(PG_FUNCTION_ARGS)
{
	TriggerData *data = check_trigger(fcinfo);
	UdRowChange change = row_change(data);
	Datum user_id = user_of(&change);

	if (change.before == NULL
			? !belongs_to_new_user(user_id)
			: list_member(ud_row_change_columns(&change, ""), makeString("set_at")))
		write_event(data->tg_trigger, user_id, NULL,
					list_make1(makeString("user.password_changed")), NIL);
	return PointerGetDatum(NULL);
}
