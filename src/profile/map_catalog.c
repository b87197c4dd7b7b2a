/*
 * map_catalog.c: the strategies and default maps as rows.
 */
#include "base/userdir.h"

#include "funcapi.h"
#include "utils/builtins.h"

#include "profile/strategy.h"

/* make_document makes a jsonb of its own out of a part of the embedded document. */
static Datum
make_document(JsonbContainer *container)
{
	JsonbParseState *state = NULL;
	JsonbIterator *iterator = JsonbIteratorInit(container);
	JsonbValue *result = NULL;
	JsonbValue part;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &part, false)) != WJB_DONE)
	{
		bool carries_value = (token == WJB_KEY || token == WJB_VALUE || token == WJB_ELEM);

		result = pushJsonbValue(&state, token, carries_value ? &part : NULL);
	}
	return JsonbPGetDatum(JsonbValueToJsonb(result));
}

UD_FUNCTION(userdir_default_attribute_maps);

/*
 * userdir_default_attribute_maps returns one row for each strategy and preset: name, kind,
 * description, attribute_map.
 */
Datum
userdir_default_attribute_maps(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;
	const UdStrategy *list;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	list = ud_strategy_list(&count);
	for (int i = 0; i < count; i++)
	{
		Datum values[4];
		bool nulls[4] = {false};

		values[0] = CStringGetTextDatum(list[i].name);
		values[1] = CStringGetTextDatum(ud_strategy_kind_name(list[i].kind));
		values[2] = CStringGetTextDatum(list[i].title);
		values[3] = make_document(list[i].source);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum)0;
}

UD_FUNCTION(userdir_default_attribute_map);

/*
 * userdir_default_attribute_map returns the map that a connection has before its own options.
 *
 * Arguments: strategy text, connection text or NULL. Errors: UD001 for an unknown strategy.
 */
Datum
userdir_default_attribute_map(PG_FUNCTION_ARGS)
{
	const UdStrategy *strategy;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	strategy = ud_strategy_find(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	if (!PG_ARGISNULL(1))
		strategy = ud_strategy_preset(strategy, text_to_cstring(PG_GETARG_TEXT_PP(1)));
	PG_RETURN_DATUM(make_document(strategy->source));
}

/*
 * find_connection_strategy returns the strategy named by the first argument, or NULL when a
 * connection cannot have it.
 */
static const UdStrategy *
find_connection_strategy(FunctionCallInfo fcinfo)
{
	const UdStrategy *strategy = ud_strategy_lookup(text_to_cstring(PG_GETARG_TEXT_PP(0)));

	if (strategy != NULL &&
		(strategy->kind == UD_KIND_PROVISIONING || strategy->kind == UD_KIND_PRESET))
		return NULL;
	return strategy;
}

UD_FUNCTION(userdir__strategy_kind);

/*
 * userdir__strategy_kind returns database, social, enterprise or passwordless; NULL for a name that
 * is no strategy of connections.
 */
Datum
userdir__strategy_kind(PG_FUNCTION_ARGS)
{
	const UdStrategy *strategy = find_connection_strategy(fcinfo);

	if (strategy == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(ud_strategy_kind_name(strategy->kind)));
}

UD_FUNCTION(userdir__strategy_provider);

/*
 * userdir__strategy_provider returns what the user_id of a strategy's users begins with; NULL for a
 * name that is no strategy of connections.
 */
Datum
userdir__strategy_provider(PG_FUNCTION_ARGS)
{
	const UdStrategy *strategy = find_connection_strategy(fcinfo);

	if (strategy == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(strategy->provider));
}
