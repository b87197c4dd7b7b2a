/*
 * rules_context.c: what the stages tell their rules: the user, and what is known of the request.
 *
 * In C because every login with rules needs it, and as expressions of SQL it took several times as
 * long as the rules.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "base/json_object.h"
#include "base/key_row.h"
#include "base/statement.h"
#include "login/rules_pipeline.h"
#include "profile/user_json.h"

static UdStatement find_session = {
	"SELECT s.clients FROM userdir.sessions s"
	" WHERE s.user_id OPERATOR(pg_catalog.=) $1 AND s.session_id OPERATOR(pg_catalog.=) $2",
	2,
	{TEXTOID, TEXTOID},
	true};

/* What a context is made of; what is not known is NULL. */
typedef struct Source
{
	HeapTupleHeader connection; /* a row of _find_connection() */
	text *client_id;
	Jsonb *request;
	text *protocol;
	text *session_id;
	text *user_id;
	Jsonb *logins_count;
	Jsonb *methods;
} Source;

/* push_text adds a property unless its value is null. */
static void
push_text(JsonbParseState **object, const char *name, text *value)
{
	if (value != NULL)
		ud_json_object_text(object, name, PointerGetDatum(value));
}

/* push_raw adds a property of another object as it is, if that has it. */
static void
push_raw(JsonbParseState **object, const char *name, const Jsonb *from, const char *from_name)
{
	JsonbValue value;

	if (from == NULL || !ud_json_object_get(from, from_name, &value))
		return;
	ud_json_object_key(object, name);
	pushJsonbValue(object, WJB_VALUE, &value);
}

/* push_stripped adds a document without the nulls in its objects, unless it is one. */
static void
push_stripped(JsonbParseState **object, const char *name, Jsonb *value)
{
	Jsonb *stripped;
	JsonbValue scalar;

	if (value == NULL)
		return;
	stripped = DatumGetJsonbP(DirectFunctionCall1(jsonb_strip_nulls, JsonbPGetDatum(value)));
	if (JsonbExtractScalar(&stripped->root, &scalar) && scalar.type == jbvNull)
		return;
	ud_json_object_jsonb(object, name, stripped);
}

/* push_property adds a property of another object in the same way. */
static void
push_property(JsonbParseState **object, const char *name, const Jsonb *from, const char *from_name)
{
	JsonbValue value;

	if (from == NULL || !ud_json_object_get(from, from_name, &value) || value.type == jbvNull)
		return;
	if (value.type == jbvBinary)
	{
		push_stripped(object, name, JsonbValueToJsonb(&value));
		return;
	}
	ud_json_object_key(object, name);
	pushJsonbValue(object, WJB_VALUE, &value);
}

/* push_object adds a property that is an object, an empty one when there is none. */
static void
push_object(JsonbParseState **object, const char *name, const Jsonb *value)
{
	if (value == NULL)
		ud_json_object_empty(object, name);
	else
		ud_json_object_jsonb(object, name, value);
}

/* connection_column returns a column of the connection, or NULL. */
static text *
connection_column(const Source *source, const char *name)
{
	bool is_null = true;
	Datum value = (Datum)0;

	if (source->connection != NULL)
		value = GetAttributeByName(source->connection, name, &is_null);
	return is_null ? NULL : DatumGetTextPP(value);
}

/* text_column returns a column of a row, or NULL. */
static text *
text_column(const UdKeyRow *row, const char *name)
{
	bool is_null;
	Datum value = ud_key_row_get(row, name, &is_null);

	return is_null ? NULL : DatumGetTextPP(value);
}

/* jsonb_column returns a column of a row, or NULL. */
static Jsonb *
jsonb_column(const UdKeyRow *row, const char *name)
{
	bool is_null;
	Datum value = ud_key_row_get(row, name, &is_null);

	return is_null ? NULL : DatumGetJsonbP(value);
}

/* push_connection adds what is known of the tenant and the connection. */
static void
push_connection(JsonbParseState **object, const Source *source)
{
	text *id = connection_column(source, "id");
	UdKeyRow directory;
	UdKeyRow connection;
	Jsonb *options;

	ud_key_row_open_only(&directory, "directory");
	push_text(object, "tenant", text_column(&directory, "name"));
	ud_key_row_close(&directory);
	ud_key_row_open(&connection, "connections", id);
	options = jsonb_column(&connection, "options");
	push_object(object, "connectionMetadata", jsonb_column(&connection, "metadata"));
	ud_key_row_close(&connection);
	push_text(object, "connectionID", id);
	push_text(object, "connection", connection_column(source, "name"));
	push_text(object, "connectionStrategy", connection_column(source, "strategy"));
	ud_json_object_begin(object, "connectionOptions");
	push_property(object, "tenant_domain", options, "tenant_domain");
	push_property(object, "domain_aliases", options, "domain_aliases");
	pushJsonbValue(object, WJB_END_OBJECT, NULL);
}

/* push_client adds what is known of the application. */
static void
push_client(JsonbParseState **object, const Source *source)
{
	UdKeyRow client;

	push_text(object, "clientID", source->client_id);
	ud_key_row_open(&client, "clients", source->client_id);
	push_text(object, "clientName", text_column(&client, "name"));
	push_object(object, "clientMetadata", jsonb_column(&client, "client_metadata"));
	ud_key_row_close(&client);
}

/* push_session adds the session, and which applications the user uses in it. */
static void
push_session(JsonbParseState **object, const Source *source)
{
	Datum clients = (Datum)0;
	bool is_null = true;

	if (source->user_id != NULL && source->session_id != NULL)
	{
		Datum arguments[] = {PointerGetDatum(source->user_id), PointerGetDatum(source->session_id)};

		ud_statement_fetch(&find_session, arguments, &clients, &is_null, 1);
	}
	push_text(object, "sessionID", source->session_id);
	ud_json_object_begin(object, "sso");
	ud_json_object_texts(object, "current_clients", clients, is_null);
	pushJsonbValue(object, WJB_END_OBJECT, NULL);
}

/* push_request adds what the caller has told of the request. */
static void
push_request(JsonbParseState **object, const Jsonb *request)
{
	ud_json_object_begin(object, "request");
	push_property(object, "userAgent", request, "user_agent");
	push_property(object, "ip", request, "ip");
	push_property(object, "hostname", request, "hostname");
	push_property(object, "language", request, "language");
	push_property(object, "geoip", request, "geoip");
	push_property(object, "audience", request, "audience");
	push_property(object, "scope", request, "scope");
	push_raw(object, "query", request, "query");
	push_raw(object, "body", request, "body");
	pushJsonbValue(object, WJB_END_OBJECT, NULL);
	push_raw(object, "organization", request, "organization");
	push_raw(object, "riskAssessment", request, "riskAssessment");
}

/* push_context adds the properties of a context. */
static void
push_context(JsonbParseState **object, const Source *source)
{
	push_connection(object, source);
	push_client(object, source);
	push_session(object, source);
	push_request(object, source->request);
	push_text(object, "protocol", source->protocol);
	ud_json_object_begin(object, "stats");
	push_stripped(object, "loginsCount", source->logins_count);
	pushJsonbValue(object, WJB_END_OBJECT, NULL);
	ud_json_object_begin(object, "authentication");
	push_stripped(object, "methods", source->methods);
	pushJsonbValue(object, WJB_END_OBJECT, NULL);
	ud_json_object_empty(object, "samlConfiguration");
	ud_json_object_begin(object, "authorization");
	ud_json_object_texts(object, "roles", (Datum)0, true);
	pushJsonbValue(object, WJB_END_OBJECT, NULL);
}

/* make_context returns the context of rules. */
static Jsonb *
make_context(const Source *source)
{
	JsonbParseState *object = NULL;

	pushJsonbValue(&object, WJB_BEGIN_OBJECT, NULL);
	push_context(&object, source);
	return ud_json_object_end(&object);
}

#define TEXT_ARGUMENT(n)  (PG_ARGISNULL(n) ? NULL : PG_GETARG_TEXT_PP(n))
#define JSONB_ARGUMENT(n) (PG_ARGISNULL(n) ? NULL : PG_GETARG_JSONB_P(n))
#define ROW_ARGUMENT(n)   (PG_ARGISNULL(n) ? NULL : PG_GETARG_HEAPTUPLEHEADER(n))

UD_FUNCTION(userdir__rule_context);

/*
 * userdir__rule_context returns the context of rules. Arguments, each of which may be null: the
 * connection, a row of _find_connection(); client_id; the request, an object; the protocol;
 * session_id; user_id; how often the user has logged in; how the user has authenticated.
 */
Datum
userdir__rule_context(PG_FUNCTION_ARGS)
{
	Source source = {ROW_ARGUMENT(0),  TEXT_ARGUMENT(1), JSONB_ARGUMENT(2), TEXT_ARGUMENT(3),
					 TEXT_ARGUMENT(4), TEXT_ARGUMENT(5), JSONB_ARGUMENT(6), JSONB_ARGUMENT(7)};

	PG_RETURN_JSONB_P(make_context(&source));
}

/* read_user returns a user as rules see it, or NULL. */
static Jsonb *
read_user(text *user_id)
{
	UdKeyRow user;
	UdKeyRow logins;
	Jsonb *result = NULL;

	/* Together they are the row of userdir.profiles. */
	ud_key_row_open(&user, "users", user_id);
	ud_key_row_open(&logins, "user_logins", user_id);
	if (user.tuple != NULL)
	{
		const HeapTuple rows[] = {user.tuple, logins.tuple};
		const TupleDesc columns[] = {RelationGetDescr(user.table), RelationGetDescr(logins.table)};

		result = ud_user_json(rows, columns, lengthof(rows), true);
	}
	ud_key_row_close(&logins);
	ud_key_row_close(&user);
	return result;
}

UD_FUNCTION(userdir__rule_user);

/*
 * userdir__rule_user returns a user, named by its user_id, as rules see it, or null when there is
 * none.
 */
Datum
userdir__rule_user(PG_FUNCTION_ARGS)
{
	Jsonb *user = read_user(TEXT_ARGUMENT(0));

	if (user == NULL)
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(user);
}

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
	text *user_id = TEXT_ARGUMENT(0);
	Jsonb *request = JSONB_ARGUMENT(3);
	Jsonb *user = read_user(user_id);
	Source source = {ROW_ARGUMENT(1),
					 TEXT_ARGUMENT(2),
					 request,
					 TEXT_ARGUMENT(4),
					 property_text(request, "session_id"),
					 user_id,
					 property_of(user, "logins_count"),
					 JSONB_ARGUMENT(5)};
	LoginEvent event = {user_id,
						user,
						make_context(&source),
						object_or_empty(JSONB_ARGUMENT(6)),
						object_or_empty(JSONB_ARGUMENT(7)),
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
	push_text(&object, "user_id", event.user_id);
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
