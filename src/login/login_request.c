/*
 * login_request.c: what a login knows of its request.
 */
#include "base/userdir.h"

#include <sys/socket.h>

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/inet.h"
#include "utils/jsonb.h"

#define MAX_CONTEXT_BYTES (64 * 1024)
#define MAX_CHARACTERS    8192

/* Those that go into the request: client_id, audience, scope. */
#define ARGUMENTS 3

/* is_short tells whether a string has no more characters than one that is logged may have. */
static bool
is_short(const char *value, int length)
{
	return length <= MAX_CHARACTERS || pg_mbstrlen_with_len(value, length) <= MAX_CHARACTERS;
}

/* is_short_property tells the same of what the operator ->> makes of a property of an object. */
static bool
is_short_property(Jsonb *object, const char *name)
{
	JsonbValue value;
	char *text;

	if (getKeyJsonValueFromContainer(&object->root, name, (int)strlen(name), &value) == NULL)
		return true;
	if (value.type == jbvString)
		return is_short(value.val.string.val, value.val.string.len);
	text = JsonbToCString(NULL, &JsonbValueToJsonb(&value)->root, 0);
	return is_short(text, (int)strlen(text));
}

/* is_address tells whether a string is an address to the type inet, and no network. */
static bool
is_address(const char *value, int length)
{
	char *text = pnstrdup(value, length);
	unsigned char bytes[16];
	bool is_ipv6 = strchr(text, ':') != NULL;
	int bits = pg_inet_net_pton(is_ipv6 ? PGSQL_AF_INET6 : PGSQL_AF_INET, text, bytes, -1);

	return bits == (is_ipv6 ? 128 : 32);
}

/* check_lengths raises when something that is logged is too long; context may be NULL. */
static void
check_lengths(FunctionCallInfo fcinfo, Jsonb *context)
{
	bool all_short = context == NULL || (is_short_property(context, "user_agent") &&
										 is_short_property(context, "hostname"));

	for (int i = 0; i < ARGUMENTS; i++)
	{
		text *argument = PG_ARGISNULL(i) ? NULL : PG_GETARG_TEXT_PP(i);

		if (argument != NULL)
			all_short &= is_short(VARDATA_ANY(argument), (int)VARSIZE_ANY_EXHDR(argument));
	}
	if (!all_short)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("client_id, audience, scope, user_agent and hostname must have at "
							   "most %d characters",
							   MAX_CHARACTERS)));
}

/* check_address raises when a context holds an ip that is neither null nor an address. */
static void
check_address(Jsonb *context)
{
	JsonbValue ip;

	if (getKeyJsonValueFromContainer(&context->root, "ip", 2, &ip) == NULL || ip.type == jbvNull ||
		(ip.type == jbvString && is_address(ip.val.string.val, ip.val.string.len)))
		return;
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("ip in context is no address"),
					errhint("For example \"192.0.2.7\" or \"2001:db8::7\", without a port or a "
							"network's mask.")));
}

/*
 * check_names raises when a name differs by its case from one that is read: everything else may be
 * in a context, but without the address its attempts would not count, without the nonce an ID token
 * would answer no request, and without the session's id another session would begin.
 */
static void
check_names(Jsonb *context)
{
	static const char *const names[] = {"ip",  "user_agent", "hostname", "nonce",
										"acr", "amr",        "protocol", "session_id"};
	JsonbIterator *iterator = JsonbIteratorInit(&context->root);
	JsonbIteratorToken token;
	JsonbValue key;

	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		for (int i = 0; token == WJB_KEY && i < (int)lengthof(names); i++)
		{
			if (key.val.string.len == (int)strlen(names[i]) &&
				pg_strncasecmp(key.val.string.val, names[i], strlen(names[i])) == 0 &&
				memcmp(key.val.string.val, names[i], strlen(names[i])) != 0)
				ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
								errmsg("unknown name \"%s\" in context",
									   pnstrdup(key.val.string.val, key.val.string.len)),
								errhint("It is written \"%s\".", names[i])));
		}
	}
}

/* push_text adds a string to an object that is being built. */
static JsonbValue *
push_text(JsonbParseState **object, const char *name, const text *value)
{
	JsonbValue item;

	item.type = jbvString;
	item.val.string.val = unconstify(char *, name);
	item.val.string.len = (int)strlen(name);
	pushJsonbValue(object, WJB_KEY, &item);
	item.val.string.val = VARDATA_ANY(value);
	item.val.string.len = (int)VARSIZE_ANY_EXHDR(value);
	return pushJsonbValue(object, WJB_VALUE, &item);
}

/* arguments_object returns an object of those of the first three arguments that are not null. */
static Jsonb *
arguments_object(FunctionCallInfo fcinfo)
{
	static const char *const names[ARGUMENTS] = {"client_id", "audience", "scope"};
	JsonbParseState *object = NULL;

	pushJsonbValue(&object, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < ARGUMENTS; i++)
	{
		if (!PG_ARGISNULL(i))
			push_text(&object, names[i], PG_GETARG_TEXT_PP(i));
	}
	return JsonbValueToJsonb(pushJsonbValue(&object, WJB_END_OBJECT, NULL));
}

UD_FUNCTION(userdir__login_request);

/*
 * userdir__login_request returns the context of a login with client_id, audience and scope in it,
 * its arguments, each of which may be null.
 *
 * Errors: 22023 when the context is no object, is too large, holds an ip that is none or a name
 * that is misspelled by its case, or when something that is to be logged is too long.
 */
Datum
userdir__login_request(PG_FUNCTION_ARGS)
{
	Jsonb *context = PG_ARGISNULL(3) ? NULL : PG_GETARG_JSONB_P(3);
	Jsonb *arguments;

	if (context != NULL && (!JB_ROOT_IS_OBJECT(context) || VARSIZE(context) > MAX_CONTEXT_BYTES))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("context must be a JSON object of at most 64 kB"),
						errhint("For example {\"ip\": \"192.0.2.7\", \"user_agent\": \"...\"}.")));
	check_lengths(fcinfo, context);
	arguments = arguments_object(fcinfo);
	if (context == NULL)
		PG_RETURN_JSONB_P(arguments);
	check_names(context);
	check_address(context);
	return DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(context), JsonbPGetDatum(arguments));
}
