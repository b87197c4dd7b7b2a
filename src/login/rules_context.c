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
#include "login/rules_context.h"
#include "profile/user_json.h"

static UdStatement find_session = {
	"SELECT s.clients FROM userdir.sessions s"
	" WHERE s.user_id OPERATOR(pg_catalog.=) $1 AND s.session_id OPERATOR(pg_catalog.=) $2",
	2,
	{TEXTOID, TEXTOID},
	true};

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
connection_column(const UdRulesSource *source, const char *name)
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
push_connection(JsonbParseState **object, const UdRulesSource *source)
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
push_client(JsonbParseState **object, const UdRulesSource *source)
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
push_session(JsonbParseState **object, const UdRulesSource *source)
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
push_context(JsonbParseState **object, const UdRulesSource *source)
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

Jsonb *
ud_rules_context_make(const UdRulesSource *source)
{
	JsonbParseState *object = NULL;

	pushJsonbValue(&object, WJB_BEGIN_OBJECT, NULL);
	push_context(&object, source);
	return ud_json_object_end(&object);
}

UD_FUNCTION(userdir__rule_context);

/*
 * userdir__rule_context returns the context of rules. Arguments, each of which may be null: the
 * connection, a row of _find_connection(); client_id; the request, an object; the protocol;
 * session_id; user_id; how often the user has logged in; how the user has authenticated.
 */
Datum
userdir__rule_context(PG_FUNCTION_ARGS)
{
	UdRulesSource source = {UD_ROW_ARGUMENT(0),   UD_TEXT_ARGUMENT(1), UD_JSONB_ARGUMENT(2),
							UD_TEXT_ARGUMENT(3),  UD_TEXT_ARGUMENT(4), UD_TEXT_ARGUMENT(5),
							UD_JSONB_ARGUMENT(6), UD_JSONB_ARGUMENT(7)};

	PG_RETURN_JSONB_P(ud_rules_context_make(&source));
}

Jsonb *
ud_rules_context_user(const text *user_id)
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
	Jsonb *user = ud_rules_context_user(UD_TEXT_ARGUMENT(0));

	if (user == NULL)
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(user);
}
