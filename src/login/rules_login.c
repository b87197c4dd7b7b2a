/*
 * rules_login.c: running the rules of post_login.
 *
 * Every login with rules comes here, so the row that they get is made at once: not an object of
 * JSON first, of which it would be taken.
 */
#include "base/userdir.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/json_object.h"
#include "base/key_row.h"
#include "login/rules_context.h"
#include "login/rules_pipeline.h"

/* property_text returns what the operator ->> makes of a property, or NULL. */
static text *
property_text(Jsonb *object, const char *name)
{
	JsonbValue value;

	if (object == NULL || !ud_json_object_get(object, name, &value) || value.type == jbvNull)
		return NULL;
	if (value.type == jbvString)
		return cstring_to_text_with_len(value.val.string.val, value.val.string.len);
	return cstring_to_text(JsonbToCString(NULL, &JsonbValueToJsonb(&value)->root, 0));
}

/* property_of returns a property of an object as a document, or NULL. */
static Jsonb *
property_of(const Jsonb *object, const char *name)
{
	JsonbValue value;

	if (object == NULL || !ud_json_object_get(object, name, &value))
		return NULL;
	return JsonbValueToJsonb(&value);
}

UD_FUNCTION(userdir__is_blocked);

/*
 * userdir__is_blocked tells whether a user, named by its user_id, is blocked; null when there is
 * none.
 */
Datum
userdir__is_blocked(PG_FUNCTION_ARGS)
{
	UdKeyRow user;
	bool found;
	bool is_null;
	Datum blocked;

	ud_key_row_open(&user, "users", PG_GETARG_TEXT_PP(0));
	found = user.tuple != NULL;
	blocked = ud_key_row_get(&user, "blocked", &is_null);
	ud_key_row_close(&user);
	if (!found)
		PG_RETURN_NULL();
	PG_RETURN_BOOL(!is_null && DatumGetBool(blocked));
}

/* What the rules of post_login get; what is not known is NULL. */
typedef struct LoginEvent
{
	text *user_id;
	Jsonb *user;
	Jsonb *context;
	Jsonb *id_token;
	Jsonb *access_token;
	ArrayType *scope;
} LoginEvent;

/* object_or_empty returns an argument that is an object, by default an empty one. */
static Jsonb *
object_or_empty(Jsonb *argument)
{
	JsonbParseState *object = NULL;

	if (argument != NULL)
		return argument;
	pushJsonbValue(&object, WJB_BEGIN_OBJECT, NULL);
	return ud_json_object_end(&object);
}

/* read_login_event makes the event of the arguments of userdir__login_event. */
static LoginEvent
read_login_event(FunctionCallInfo fcinfo)
{
	text *user_id = UD_TEXT_ARGUMENT(0);
	Jsonb *request = UD_JSONB_ARGUMENT(3);
	Jsonb *user = ud_rules_context_user(user_id);
	UdRulesSource source = {UD_ROW_ARGUMENT(1),
							UD_TEXT_ARGUMENT(2),
							request,
							UD_TEXT_ARGUMENT(4),
							property_text(request, "session_id"),
							user_id,
							property_of(user, "logins_count"),
							UD_JSONB_ARGUMENT(5)};
	LoginEvent event = {user_id,
						user,
						ud_rules_context_make(&source),
						object_or_empty(UD_JSONB_ARGUMENT(6)),
						object_or_empty(UD_JSONB_ARGUMENT(7)),
						PG_ARGISNULL(8) ? construct_empty_array(TEXTOID)
										: PG_GETARG_ARRAYTYPE_P(8)};

	return event;
}

UD_FUNCTION(userdir__login_event);

/*
 * userdir__login_event returns what the rules of post_login get, as an object. Arguments, each of
 * which may be null: user_id; the connection, a row of _find_connection(); client_id; the request,
 * an object; the protocol; how the user has authenticated; claims for the ID token; claims for the
 * access token; the scopes that are granted.
 */
Datum
userdir__login_event(PG_FUNCTION_ARGS)
{
	LoginEvent event = read_login_event(fcinfo);
	JsonbParseState *object = NULL;

	pushJsonbValue(&object, WJB_BEGIN_OBJECT, NULL);
	if (event.user_id != NULL)
		ud_json_object_text(&object, "user_id", PointerGetDatum(event.user_id));
	if (event.user != NULL)
		ud_json_object_jsonb(&object, "user", event.user);
	ud_json_object_jsonb(&object, "context", event.context);
	ud_json_object_jsonb(&object, "id_token", event.id_token);
	ud_json_object_jsonb(&object, "access_token", event.access_token);
	ud_json_object_texts(&object, "scope", PointerGetDatum(event.scope), false);
	PG_RETURN_JSONB_P(ud_json_object_end(&object));
}

/* is_json_null tells whether a document is a null and nothing else. */
static bool
is_json_null(Jsonb *document)
{
	JsonbValue scalar;

	return JsonbExtractScalar(&document->root, &scalar) && scalar.type == jbvNull;
}

/* make_login_row is the make_event of a LoginEvent: the row of the view post_login. */
static HeapTuple
make_login_row(TupleDesc view, void *source)
{
	const LoginEvent *event = source;
	const struct
	{
		const char *column;
		Oid type;
		void *value;
	} known[] = {{"user_id", TEXTOID, event->user_id},
				 {"user", JSONBOID, event->user},
				 {"context", JSONBOID, event->context},
				 {"id_token", JSONBOID, event->id_token},
				 {"access_token", JSONBOID, event->access_token},
				 {"scope", TEXTARRAYOID, event->scope}};
	Datum *values = palloc0(view->natts * sizeof(Datum));
	bool *nulls = palloc(view->natts * sizeof(bool));

	for (int i = 0; i < view->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(view, i);

		nulls[i] = true;
		for (int k = 0; k < (int)lengthof(known); k++)
		{
			if (known[k].value == NULL || column->attisdropped ||
				column->atttypid != known[k].type ||
				strcmp(NameStr(column->attname), known[k].column) != 0)
				continue;
			values[i] = PointerGetDatum(known[k].value);
			nulls[i] = column->atttypid == JSONBOID && is_json_null(known[k].value);
		}
	}
	return heap_form_tuple(view, values, nulls);
}

UD_FUNCTION(userdir__run_login_rules);

/*
 * userdir__run_login_rules runs the rules of post_login that are switched on. Arguments: those of
 * userdir__login_event. Result and errors: those of ud_rules_pipeline_run.
 */
Datum
userdir__run_login_rules(PG_FUNCTION_ARGS)
{
	LoginEvent event = read_login_event(fcinfo);
	UdRulesRun run = {.stage = "post_login", .make_event = make_login_row, .source = &event};

	return ud_rules_pipeline_run(fcinfo, &run);
}
