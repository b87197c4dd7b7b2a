/*
 * connection_options.c: what the options of a connection say about its profiles.
 */
#include "base/userdir.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "profile/connection_options.h"
#include "profile/map_source.h"
#include "profile/option_names.h"
#include "profile/payload.h"

/* The model's limits of non_persistent_attrs. */
#define MAX_DENIED        96
#define MAX_DENIED_LENGTH 255

static const char *const option_names[UD_OPTION_COUNT] = {
	[UD_OPTION_ATTRIBUTE_MAP] = "attribute_map",
	[UD_OPTION_DENIED] = "non_persistent_attrs",
	[UD_OPTION_FIELDS_MAP] = "fieldsMap",
	[UD_OPTION_USER_ID_ATTRIBUTE] = "user_id_attribute",
};

static bool
get_option(JsonbContainer *options, const char *name, JsonbValue *value)
{
	return options != NULL &&
		   getKeyJsonValueFromContainer(options, name, strlen(name), value) != NULL &&
		   value->type != jbvNull;
}

UdProfileOptions
ud_connection_options_read(JsonbContainer *options)
{
	UdProfileOptions read = {0};

	for (int i = 0; i < UD_OPTION_COUNT; i++)
	{
		if (get_option(options, option_names[i], &read.values[i]))
			read.any = true;
		else
			read.values[i].type = jbvNull;
	}
	return read;
}

/* get_object returns an option that has to be an object, or NULL when it is not there. */
static JsonbContainer *
get_object(const UdProfileOptions *options, UdOption option)
{
	const JsonbValue *value = &options->values[option];

	if (value->type == jbvNull)
		return NULL;
	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
		ereport(ERROR, (errcode(UD_ERR_INVALID_ATTRIBUTE_MAP),
						errmsg("connection option \"%s\" is %s, but has to be an object",
							   option_names[option], ud_payload_describe(value))));
	return value->val.binary.data;
}

/* compile_map puts a connection's own maps over the default one. */
static const UdAttributeMap *
compile_map(const UdStrategy *preset, const UdProfileOptions *options)
{
	const UdAttributeMap *map = ud_strategy_map(preset->name);
	JsonbContainer *own = get_object(options, UD_OPTION_ATTRIBUTE_MAP);
	JsonbContainer *fields_map = get_object(options, UD_OPTION_FIELDS_MAP);
	const JsonbValue *id_attribute = &options->values[UD_OPTION_USER_ID_ATTRIBUTE];

	if (id_attribute->type == jbvNull)
		id_attribute = NULL;
	if (own != NULL)
		map = ud_attribute_map_compile(own, map, ud_strategy_map);
	if (fields_map != NULL || id_attribute != NULL)
		map = ud_attribute_map_apply_fields_map(map, fields_map, id_attribute);
	return map;
}

static void
fail_denied(const char *problem)
{
	ereport(ERROR, (errcode(UD_ERR_INVALID_CONNECTION),
					errmsg("connection option \"non_persistent_attrs\" %s", problem),
					errhint("It is an array of at most %d names of at most %d characters.",
							MAX_DENIED, MAX_DENIED_LENGTH)));
}

/* read_denied returns the names in non_persistent_attrs. */
static UdNameList
read_denied(const JsonbValue *value)
{
	UdNameList denied = {NULL, 0};
	JsonbContainer *array;

	if (value->type == jbvNull)
		return denied;
	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
		fail_denied("is no array");
	array = value->val.binary.data;
	if (JsonContainerSize(array) > MAX_DENIED)
		fail_denied("is too long");

	denied.names = palloc(sizeof(UdName) * Max(JsonContainerSize(array), 1));
	for (int i = 0; i < JsonContainerSize(array); i++)
	{
		JsonbValue *name = getIthJsonbValueFromContainer(array, i);

		if (name->type != jbvString || name->val.string.len == 0)
			fail_denied(psprintf("holds something that is no name at position %d", i));
		if (pg_mbstrlen_with_len(name->val.string.val, name->val.string.len) > MAX_DENIED_LENGTH)
			fail_denied(psprintf("holds a name that is too long at position %d", i));
		denied.names[denied.count].text = name->val.string.val;
		denied.names[denied.count++].length = name->val.string.len;
	}
	return denied;
}

UdCompiledOptions
ud_connection_options_compile(const UdStrategy *preset, const UdProfileOptions *options)
{
	UdCompiledOptions compiled;

	compiled.map = compile_map(preset, options);
	compiled.denied = read_denied(&options->values[UD_OPTION_DENIED]);
	return compiled;
}

/* check_sync_mode refuses everything but the model's three words. */
static void
check_sync_mode(JsonbContainer *options)
{
	static const char *const modes[] = {"on_each_login", "on_first_login", "never_on_login"};
	JsonbValue value;

	if (!get_option(options, "set_user_root_attributes", &value))
		return;
	for (int i = 0; i < lengthof(modes); i++)
	{
		if (value.type == jbvString && value.val.string.len == strlen(modes[i]) &&
			memcmp(value.val.string.val, modes[i], value.val.string.len) == 0)
			return;
	}
	ereport(ERROR, (errcode(UD_ERR_INVALID_CONNECTION),
					errmsg("unknown value of connection option \"set_user_root_attributes\""),
					errhint("It is \"on_each_login\", \"on_first_login\" or \"never_on_login\".")));
}

/* get_options_argument returns options that have to be an object. */
static JsonbContainer *
get_options_argument(Jsonb *options)
{
	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(UD_ERR_INVALID_CONNECTION), errmsg("connection options are no object"),
				 errhint("Options are a JSON object, as in '{\"disable_signup\": true}'.")));
	return &options->root;
}

UD_FUNCTION(userdir__check_connection_options);

/*
 * userdir__check_connection_options checks the options that concern profiles, so that a mistake
 * shows when the connection is stored and not at the first login.
 *
 * Arguments: strategy text, options jsonb. Errors: UD001 for an unknown strategy, options that are
 * no object, a misspelled option, an unknown sync mode and a deny list beyond the limits; UD002 for
 * maps.
 */
Datum
userdir__check_connection_options(PG_FUNCTION_ARGS)
{
	const UdStrategy *strategy = ud_strategy_find(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	JsonbContainer *options = get_options_argument(PG_GETARG_JSONB_P(1));
	UdProfileOptions profile_options = ud_connection_options_read(options);

	ud_option_names_check(options);
	check_sync_mode(options);
	(void)ud_connection_options_compile(strategy, &profile_options);
	PG_RETURN_VOID();
}

UD_FUNCTION(userdir_check_attribute_map);

/*
 * userdir_check_attribute_map returns true for a valid attribute map.
 *
 * Arguments: map jsonb. Errors: UD002, naming what is wrong and where.
 */
Datum
userdir_check_attribute_map(PG_FUNCTION_ARGS)
{
	Jsonb *map = PG_GETARG_JSONB_P(0);

	if (!JB_ROOT_IS_OBJECT(map))
		ud_map_fail(NULL, NULL, "it must be a JSON object");
	(void)ud_attribute_map_compile(&map->root, NULL, ud_strategy_map);
	PG_RETURN_BOOL(true);
}
