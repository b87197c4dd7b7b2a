/*
 * normalize.c: from a provider's answer to a profile in the model's shape.
 */
#include "base/userdir.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "profile/defaults.h"
#include "profile/evaluate.h"
#include "profile/leftover.h"
#include "profile/normalize.h"
#include "profile/options_cache.h"
#include "profile/payload.h"
#include "profile/saml.h"
#include "pure/contact.h"

#define MAX_ID_CHARACTERS     255
#define MAX_CONNECTION_LENGTH 128

static bool
is_object(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data);
}

/* is_denied returns whether the connection's deny list names an attribute. */
static bool
is_denied(const UdNormalization *normalization, const char *name)
{
	return ud_leftover_is_listed(&normalization->denied, name, strlen(name));
}

/* count_conditions returns how many steps of a path from one on are one selector. */
static int
count_conditions(const UdPath *path, int first)
{
	int count = 1;

	while (first + count < path->nsteps && path->steps[first + count].kind == UD_STEP_AND)
		count++;
	return count;
}

/*
 * unwrap_root finds the object that a root leads to. The levels on the way to it stay known, for
 * what stands beside the envelope is a part of the answer too.
 */
static bool
unwrap_root(UdNormalization *normalization, const UdPath *root, const JsonbValue *whole)
{
	JsonbValue value = *whole;
	UdPath step_path = *root;

	normalization->nlevels = 0;
	normalization->answer.content = *whole;
	for (int i = 0; i < root->nsteps; i += step_path.nsteps)
	{
		const UdPathStep *step = &root->steps[i];

		if (value.type == jbvBinary && JsonContainerIsObject(value.val.binary.data) &&
			step->kind == UD_STEP_MEMBER)
		{
			normalization->levels[normalization->nlevels].container = value.val.binary.data;
			normalization->levels[normalization->nlevels].entered.text = step->name;
			normalization->levels[normalization->nlevels++].entered.length = step->name_length;
		}
		step_path.steps = step;
		step_path.nsteps = count_conditions(root, i);
		normalization->answer.content = value;
		if (!ud_evaluate_steps(&normalization->answer, &step_path, &value))
			return false;
	}
	normalization->answer.content = value;
	return is_object(&value);
}

/* find_id evaluates the provider's id of the user in the content that was unwrapped. */
static bool
find_id(UdNormalization *normalization)
{
	UdAnswer *answer = &normalization->answer;

	answer->has[UD_FIELD_USER_ID] =
		ud_evaluate_sources(answer, &normalization->map->fields[UD_FIELD_USER_ID], UD_TYPE_ID,
							&answer->fields[UD_FIELD_USER_ID]);
	return answer->has[UD_FIELD_USER_ID];
}

/*
 * unwrap takes the first root of the map that leads to an object with an id of the user; without
 * any such root the first that leads to an object at all, else the answer as it is. Returns whether
 * there is an id.
 */
static bool
unwrap(UdNormalization *normalization, Jsonb *raw)
{
	const UdAttributeMap *map = normalization->map;
	JsonbValue whole;
	int first = -1;

	if (map->prepare_saml)
		raw = ud_saml_flatten(raw);
	ud_evaluate_set_container(&whole, &raw->root);

	for (int i = 0; i < map->nroots; i++)
	{
		if (!unwrap_root(normalization, &map->roots[i], &whole))
			continue;
		if (find_id(normalization))
			return true;
		if (first < 0)
			first = i;
	}
	if (first >= 0)
	{
		(void)unwrap_root(normalization, &map->roots[first], &whole);
		return false;
	}

	normalization->nlevels = 0;
	normalization->answer.content = whole;
	return is_object(&whole) && map->nroots == 0 && find_id(normalization);
}

/* use_map makes the default map of preset, changed by the connection's options, the one to use. */
static void
use_map(UdNormalization *normalization, const UdStrategy *preset, const UdProfileOptions *options)
{
	UdCompiledOptions compiled = ud_options_cache_get(preset, options);

	normalization->map = compiled.map;
	normalization->denied = compiled.denied;
}

/*
 * open_answer finds the user's data and id in the answer. A preset is a guess by the connection's
 * name; where it finds no id, the usual names of the strategy's own map may do.
 */
static void
open_answer(UdNormalization *normalization, const UdStrategy *strategy, Jsonb *raw,
			JsonbContainer *options)
{
	const UdStrategy *preset = ud_strategy_preset(strategy, normalization->connection);
	UdProfileOptions profile_options = ud_connection_options_read(options);

	use_map(normalization, preset, &profile_options);
	if (unwrap(normalization, raw) || preset == strategy)
		return;
	use_map(normalization, strategy, &profile_options);
	if (unwrap(normalization, raw))
		return;
	use_map(normalization, preset, &profile_options);
	(void)unwrap(normalization, raw);
}

/* check_content raises unless the user's data is an object. */
static void
check_content(const UdNormalization *normalization)
{
	const JsonbValue *content = &normalization->answer.content;

	if (is_object(content))
		return;
	ereport(ERROR,
			(errcode(UD_ERR_INVALID_PAYLOAD),
			 errmsg("the payload of strategy \"%s\" is no object", normalization->strategy->name),
			 JsonContainerIsScalar(content->val.binary.data)
				 ? errdetail("At the top stands a scalar.")
				 : errdetail("At the top stands an array, and no \"root\" of the attribute "
							 "map leads to an object in it.")));
}

/* clip_text cuts a text to the model's limit; cut addresses would be other ones, so they go. */
static bool
clip_text(JsonbValue *value, UdField field)
{
	int max = ud_fields[field].max_characters;
	int length;

	if (max == 0 || value->type != jbvString || value->val.string.len <= max)
		return true;
	length = pg_mbcharcliplen(value->val.string.val, value->val.string.len, max);
	if (length == value->val.string.len)
		return true;
	if (field == UD_FIELD_EMAIL || field == UD_FIELD_USERNAME || field == UD_FIELD_PICTURE)
		return false;
	value->val.string.len = length;
	return true;
}

/* map_fields evaluates the root attributes but the id. */
static void
map_fields(UdNormalization *normalization)
{
	UdAnswer *answer = &normalization->answer;

	for (int field = UD_FIELD_USER_ID + 1; field < UD_FIELD_COUNT; field++)
	{
		if (is_denied(normalization, ud_fields[field].name))
			continue;
		/* A word about the verification of an address that is not there is a word about nothing. */
		if ((field == UD_FIELD_EMAIL_VERIFIED && !answer->has[UD_FIELD_EMAIL]) ||
			(field == UD_FIELD_PHONE_VERIFIED && !answer->has[UD_FIELD_PHONE_NUMBER]))
			continue;
		answer->has[field] = ud_evaluate_sources(answer, &normalization->map->fields[field],
												 ud_fields[field].type, &answer->fields[field]) &&
							 clip_text(&answer->fields[field], field);
	}
}

/* describe_id_sources lists the paths that were tried for the id, and what is there. */
static char *
describe_id_sources(const UdNormalization *normalization)
{
	const UdSourceList *list = &normalization->map->fields[UD_FIELD_USER_ID];
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < list->count; i++)
	{
		const UdSource *source = &list->sources[i];
		JsonbValue value;

		if (source->kind != UD_SOURCE_PATH)
			continue;
		appendStringInfo(&text, "%s\"%s%.*s\" ", text.len > 0 ? ", " : "",
						 source->path.origin == UD_PATH_PART ? "@" : "", source->path.whole_length,
						 source->path.whole);
		if (ud_evaluate_path(&normalization->answer, &source->path, &value))
			appendStringInfo(&text, "(is %s)", ud_payload_describe(&value));
		else
			appendStringInfoString(&text, "(missing)");
	}
	return text.len > 0 ? text.data : pstrdup("no path at all");
}

/* check_id raises unless there is an id of the user that can be stored. */
static void
check_id(const UdNormalization *normalization)
{
	const JsonbValue *id = &normalization->answer.fields[UD_FIELD_USER_ID];
	const char *name = normalization->strategy->name;

	if (!normalization->answer.has[UD_FIELD_USER_ID])
		ereport(ERROR,
				(errcode(UD_ERR_INVALID_PAYLOAD),
				 errmsg("no usable id of the user in the payload of strategy \"%s\"", name),
				 errdetail("Tried %s.", describe_id_sources(normalization)),
				 errhint("Name the member that holds the id in the connection's options: "
						 "{\"user_id_attribute\": \"...\"}, or {\"attribute_map\": {\"user_id\": "
						 "[\"...\"]}} for a path.")));
	if (pg_mbstrlen_with_len(id->val.string.val, id->val.string.len) > MAX_ID_CHARACTERS)
		ereport(ERROR,
				(errcode(UD_ERR_INVALID_PAYLOAD),
				 errmsg("the id of the user in the payload of strategy \"%s\" is too long", name),
				 errdetail("It has more than %d characters.", MAX_ID_CHARACTERS)));
}

/* check_metadata refuses metadata of a database script that is no object. */
static void
check_metadata(const UdNormalization *normalization)
{
	static const char *const names[] = {"user_metadata", "app_metadata", "metadata"};

	if (normalization->strategy->kind != UD_KIND_DATABASE)
		return;
	for (int i = 0; i < lengthof(names); i++)
	{
		JsonbValue value;

		if (getKeyJsonValueFromContainer(normalization->answer.content.val.binary.data, names[i],
										 strlen(names[i]), &value) != NULL &&
			value.type != jbvNull && !is_object(&value))
			ereport(ERROR, (errcode(UD_ERR_INVALID_PAYLOAD),
							errmsg("\"%s\" in the payload is %s, but has to be an object", names[i],
								   ud_payload_describe(&value))));
	}
}

/* set_default fills a text attribute that is neither there nor denied; text NULL leaves it so. */
static void
set_default(UdNormalization *normalization, UdField field, const char *text, int length)
{
	UdAnswer *answer = &normalization->answer;

	if (answer->has[field] || text == NULL || length == 0 ||
		is_denied(normalization, ud_fields[field].name))
		return;
	ud_transform_set_text(&answer->fields[field], text, length);
	answer->has[field] = clip_text(&answer->fields[field], field);
}

static void
copy_default(UdNormalization *normalization, UdField field, UdField from)
{
	const UdAnswer *answer = &normalization->answer;

	if (answer->has[from])
		set_default(normalization, field, answer->fields[from].val.string.val,
					answer->fields[from].val.string.len);
}

/*
 * add_defaults fills in name, nickname and picture, and says false about an address of which the
 * provider says nothing. A denied address is not there, so nothing is derived from it.
 */
static void
add_defaults(UdNormalization *normalization)
{
	UdAnswer *answer = &normalization->answer;
	const JsonbValue *email = &answer->fields[UD_FIELD_EMAIL];

	if (answer->has[UD_FIELD_EMAIL])
	{
		const char *text = email->val.string.val;
		int length = email->val.string.len;

		set_default(normalization, UD_FIELD_NICKNAME, text, ud_contact_local_part(text, length));
		if (!answer->has[UD_FIELD_PICTURE] && !is_denied(normalization, "picture"))
		{
			char *url = ud_defaults_picture(text, length, normalization->strategy->kind);

			set_default(normalization, UD_FIELD_PICTURE, url, url ? strlen(url) : 0);
		}
		if (!answer->has[UD_FIELD_EMAIL_VERIFIED] && normalization->map->email_verified_default &&
			!is_denied(normalization, "email_verified"))
		{
			answer->has[UD_FIELD_EMAIL_VERIFIED] = true;
			answer->fields[UD_FIELD_EMAIL_VERIFIED].type = jbvBool;
			answer->fields[UD_FIELD_EMAIL_VERIFIED].val.boolean = false;
		}
	}
	copy_default(normalization, UD_FIELD_NICKNAME, UD_FIELD_USERNAME);
	copy_default(normalization, UD_FIELD_NICKNAME, UD_FIELD_NAME);
	copy_default(normalization, UD_FIELD_NICKNAME, UD_FIELD_PHONE_NUMBER);
	copy_default(normalization, UD_FIELD_NAME, UD_FIELD_EMAIL);
	copy_default(normalization, UD_FIELD_NAME, UD_FIELD_NICKNAME);
	copy_default(normalization, UD_FIELD_NAME, UD_FIELD_PHONE_NUMBER);
}

/* push_text adds a member of type text. */
static void
push_text(JsonbParseState **state, const char *name, const char *text)
{
	JsonbValue value;

	ud_transform_set_text(&value, name, strlen(name));
	(void)pushJsonbValue(state, WJB_KEY, &value);
	ud_transform_set_text(&value, text, strlen(text));
	(void)pushJsonbValue(state, WJB_VALUE, &value);
}

static void
push_key(JsonbParseState **state, const char *name)
{
	JsonbValue key;

	ud_transform_set_text(&key, name, strlen(name));
	(void)pushJsonbValue(state, WJB_KEY, &key);
}

/* push_identity adds identities with its one element. */
static void
push_identity(UdNormalization *normalization, JsonbParseState **state)
{
	JsonbValue social;

	social.type = jbvBool;
	social.val.boolean = (normalization->strategy->kind == UD_KIND_SOCIAL);

	push_key(state, "identities");
	(void)pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	(void)pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	push_text(state, "connection", normalization->connection);
	push_text(state, "provider", normalization->provider->provider);
	push_text(state, "user_id", normalization->identity_user_id);
	push_key(state, "isSocial");
	(void)pushJsonbValue(state, WJB_VALUE, &social);
	ud_leftover_push_tokens(normalization, state);
	(void)pushJsonbValue(state, WJB_END_OBJECT, NULL);
	(void)pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

/* build_profile puts the result together. */
static Jsonb *
build_profile(UdNormalization *normalization)
{
	JsonbParseState *state = NULL;

	(void)pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_text(
		&state, "user_id",
		psprintf("%s|%s", normalization->provider->provider, normalization->identity_user_id));
	for (int field = UD_FIELD_USER_ID + 1; field < UD_FIELD_USER_METADATA; field++)
	{
		if (!normalization->answer.has[field])
			continue;
		push_key(&state, ud_fields[field].name);
		(void)pushJsonbValue(&state, WJB_VALUE, &normalization->answer.fields[field]);
	}
	push_identity(normalization, &state);
	ud_leftover_push(normalization, &state);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/*
 * choose_provider returns the strategy that the ids are of. SCIM is a protocol: what it brings are
 * the users of another strategy, which the option "strategy" or the connection's name tells.
 */
static const UdStrategy *
choose_provider(const UdStrategy *strategy, const char *connection, JsonbContainer *options)
{
	const UdStrategy *provider = NULL;
	JsonbValue value;

	if (strategy->kind != UD_KIND_PROVISIONING)
		return strategy;
	if (options != NULL && getKeyJsonValueFromContainer(options, "strategy", 8, &value) != NULL &&
		value.type == jbvString)
		return ud_strategy_find(pnstrdup(value.val.string.val, value.val.string.len));
	if (connection != NULL)
		provider = ud_strategy_lookup(connection);
	return provider && provider->kind == UD_KIND_ENTERPRISE ? provider : strategy;
}

/* choose_map_strategy returns the entry whose map applies: scim-waad for a SCIM answer of waad. */
static const UdStrategy *
choose_map_strategy(const UdStrategy *strategy, const UdStrategy *provider)
{
	const UdStrategy *dialect = NULL;

	if (provider != strategy)
		dialect = ud_strategy_lookup(psprintf("%s-%s", strategy->name, provider->name));
	return dialect ? dialect : strategy;
}

/* name_connection returns the connection's name, by default that of the strategy. */
static const char *
name_connection(const UdStrategy *strategy, const char *connection)
{
	bool needs_name = strategy->custom || strategy->kind == UD_KIND_DATABASE ||
					  strategy->kind == UD_KIND_ENTERPRISE ||
					  strategy->kind == UD_KIND_PROVISIONING;

	if (connection == NULL && needs_name)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("strategy \"%s\" needs the name of the connection", strategy->name),
						errhint("Pass it as the third argument; it becomes a part of the "
								"identity.")));
	if (connection == NULL)
		return strategy->name;
	if (connection[0] == '\0' || strlen(connection) > MAX_CONNECTION_LENGTH ||
		strchr(connection, '|') != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid name of a connection"),
				 errdetail("It is empty, longer than %d bytes or holds a \"|\".",
						   MAX_CONNECTION_LENGTH)));
	return connection;
}

/* set_identity makes the id that the identity carries: connection|id where ids need it. */
static void
set_identity(UdNormalization *normalization)
{
	const JsonbValue *id = &normalization->answer.fields[UD_FIELD_USER_ID];

	if (normalization->provider->id_has_connection)
		normalization->identity_user_id =
			psprintf("%s|%.*s", normalization->connection, id->val.string.len, id->val.string.val);
	else
		normalization->identity_user_id = pnstrdup(id->val.string.val, id->val.string.len);
}

Jsonb *
ud_normalize(const char *strategy_name, Jsonb *raw, const char *connection, Jsonb *extras,
			 Jsonb *options)
{
	UdNormalization normalization = {0};
	JsonbContainer *option_values = options ? &options->root : NULL;

	normalization.strategy = ud_strategy_find(strategy_name);
	normalization.connection = name_connection(normalization.strategy, connection);
	normalization.provider = choose_provider(normalization.strategy, connection, option_values);
	normalization.answer.extras = extras ? &extras->root : NULL;
	normalization.answer.options = option_values;

	open_answer(&normalization, choose_map_strategy(normalization.strategy, normalization.provider),
				raw, option_values);
	check_content(&normalization);
	check_metadata(&normalization);
	check_id(&normalization);
	set_identity(&normalization);
	map_fields(&normalization);
	add_defaults(&normalization);
	return build_profile(&normalization);
}

/* get_object returns a jsonb argument that has to be an object, or NULL. */
static Jsonb *
get_object(FunctionCallInfo fcinfo, int argument, const char *name)
{
	Jsonb *object;

	if (PG_ARGISNULL(argument))
		return NULL;
	object = PG_GETARG_JSONB_P(argument);
	if (!JB_ROOT_IS_OBJECT(object))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("argument \"%s\" must be a JSON object", name)));
	return object;
}

UD_FUNCTION(userdir_normalize_profile);

/*
 * userdir_normalize_profile turns a provider's answer into a profile in the model's shape.
 *
 * Arguments: strategy text, raw jsonb, connection text or NULL, extras jsonb or NULL (further
 * answers by part name), options jsonb or NULL (the connection's). Errors: UD001 unknown strategy
 * or bad option, UD002 bad map, UD003 payload that cannot become a profile, 54000 answers that are
 * too large or too deep, 22023 missing or bad connection name, 22004 missing strategy.
 */
Datum
userdir_normalize_profile(PG_FUNCTION_ARGS)
{
	char *strategy;
	char *connection;
	Jsonb *raw;
	Jsonb *extras;

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("strategy is null")));
	if (PG_ARGISNULL(1))
		ereport(ERROR, (errcode(UD_ERR_INVALID_PAYLOAD), errmsg("the payload is null")));

	strategy = text_to_cstring(PG_GETARG_TEXT_PP(0));
	connection = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2));
	raw = PG_GETARG_JSONB_P(1);
	ud_payload_check(raw, "the payload");
	extras = get_object(fcinfo, 3, "extras");
	if (extras != NULL)
		ud_payload_check(extras, "argument \"extras\"");

	/* Options are the directory's own, and their maps are checked when they are compiled. */
	PG_RETURN_JSONB_P(
		ud_normalize(strategy, raw, connection, extras, get_object(fcinfo, 4, "options")));
}
