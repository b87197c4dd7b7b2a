/*
 * attribute_map.c: compiling an attribute map.
 */
#include "base/userdir.h"

#include "profile/attribute_map.h"
#include "profile/map_source.h"
#include "profile/metadata_check.h"

#define MAX_TARGETS 128
#define MAX_ROOTS   32
#define MAX_NAMES   64 /* of one attribute in fieldsMap */

#define NAME(text)  text, sizeof(text) - 1

const UdFieldInfo ud_fields[UD_FIELD_COUNT] = {
	[UD_FIELD_USER_ID] = {NAME("user_id"), UD_TYPE_ID, 0},
	[UD_FIELD_EMAIL] = {NAME("email"), UD_TYPE_EMAIL, 254},
	[UD_FIELD_EMAIL_VERIFIED] = {NAME("email_verified"), UD_TYPE_BOOLEAN, 0},
	[UD_FIELD_PHONE_NUMBER] = {NAME("phone_number"), UD_TYPE_PHONE, 0},
	[UD_FIELD_PHONE_VERIFIED] = {NAME("phone_verified"), UD_TYPE_BOOLEAN, 0},
	[UD_FIELD_USERNAME] = {NAME("username"), UD_TYPE_TEXT, 128},
	[UD_FIELD_GIVEN_NAME] = {NAME("given_name"), UD_TYPE_TEXT, 150},
	[UD_FIELD_FAMILY_NAME] = {NAME("family_name"), UD_TYPE_TEXT, 150},
	[UD_FIELD_NAME] = {NAME("name"), UD_TYPE_TEXT, 300},
	[UD_FIELD_NICKNAME] = {NAME("nickname"), UD_TYPE_TEXT, 300},
	[UD_FIELD_PICTURE] = {NAME("picture"), UD_TYPE_URI, 2048},
	[UD_FIELD_BLOCKED] = {NAME("blocked"), UD_TYPE_BOOLEAN, 0},
	[UD_FIELD_USER_METADATA] = {NAME("user_metadata"), UD_TYPE_OBJECT, 0},
	[UD_FIELD_APP_METADATA] = {NAME("app_metadata"), UD_TYPE_OBJECT, 0},
};

UdField
ud_field_find(const char *name, int length)
{
	int field;

	for (field = 0; field < UD_FIELD_COUNT; field++)
	{
		if (ud_fields[field].name_length == length &&
			memcmp(ud_fields[field].name, name, length) == 0)
			break;
	}
	return (UdField)field;
}

/*
 * Targets beyond the root attributes that need no "attributes." before them: the standard claims
 * of OpenID Connect and what directories usually send. A closed list, so that a misspelled root
 * attribute is an error and not one more attribute.
 */
static const char *const known_attributes[] = {
	"address",    "birthdate", "company",     "department",   "gender",
	"groups",     "locale",    "middle_name", "organization", "preferred_username",
	"profile",    "role",      "roles",       "timezone",     "title",
	"updated_at", "upn",       "website",     "zoneinfo",
};

static const struct
{
	const char *prefix;
	UdShelf shelf;
} shelves[] = {
	{"attributes.", UD_SHELF_ATTRIBUTES},
	{"user_metadata.", UD_SHELF_USER_METADATA},
	{"app_metadata.", UD_SHELF_APP_METADATA},
};

typedef struct MapCompiler
{
	UdAttributeMap *map;
	UdMapFinder find;
	const UdMapPlace *place;
	const UdAttributeMap *fallback;
	bool any_target; /* a name that is no known target is one under attributes */
	void (*compile_from)(const JsonbValue *, const UdMapPlace *, UdField, UdSourceList *);
} MapCompiler;

static bool
is_key(const JsonbValue *key, const char *name)
{
	return key->val.string.len == strlen(name) &&
		   memcmp(key->val.string.val, name, key->val.string.len) == 0;
}

static JsonbContainer *
get_object(const JsonbValue *value, const UdMapPlace *place)
{
	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
		ud_map_fail(place, NULL, "object expected");
	return value->val.binary.data;
}

/* find_shelf tells where a target that is no root attribute lands, and under which name. */
static bool
find_shelf(const JsonbValue *key, UdExtraTarget *target)
{
	for (int i = 0; i < lengthof(known_attributes); i++)
	{
		if (is_key(key, known_attributes[i]))
		{
			target->shelf = UD_SHELF_ATTRIBUTES;
			target->name = key->val.string.val;
			target->name_length = key->val.string.len;
			return true;
		}
	}
	for (int i = 0; i < lengthof(shelves); i++)
	{
		int length = strlen(shelves[i].prefix);

		if (key->val.string.len > length &&
			memcmp(key->val.string.val, shelves[i].prefix, length) == 0)
		{
			target->shelf = shelves[i].shelf;
			target->name = key->val.string.val + length;
			target->name_length = key->val.string.len - length;
			return true;
		}
	}
	return false;
}

/* check_metadata_name refuses a target in metadata that could never be stored there. */
static void
check_metadata_name(const UdExtraTarget *target, const UdMapPlace *place)
{
	bool app = (target->shelf == UD_SHELF_APP_METADATA);

	if (target->shelf == UD_SHELF_ATTRIBUTES)
		return;
	if (!ud_metadata_is_name(target->name, target->name_length))
		ud_map_fail(place, "A name in metadata holds no \".\" and no \"$\".",
					"invalid target \"%.*s\"", ud_map_clip(place->name, place->name_length),
					place->name);
	if (app && ud_metadata_is_reserved(target->name, target->name_length))
		ud_map_fail(place, "It is the name of an attribute of the user itself.",
					"reserved name \"%.*s\"", target->name_length, target->name);
}

/* place_extra_target adds a target, or replaces the one of the same name. */
static void
place_extra_target(UdAttributeMap *map, const UdExtraTarget *target, const UdMapPlace *place)
{
	for (int i = 0; i < map->nextras; i++)
	{
		UdExtraTarget *old = &map->extras[i];

		if (old->shelf == target->shelf && old->name_length == target->name_length &&
			memcmp(old->name, target->name, target->name_length) == 0)
		{
			*old = *target;
			return;
		}
	}
	if (map->nextras == MAX_TARGETS)
		ud_map_fail(place, NULL, "more than %d targets", MAX_TARGETS);
	map->extras[map->nextras++] = *target;
}

/* compile_target compiles the sources of one attribute. */
static void
compile_target(void *state, const JsonbValue *key, const JsonbValue *value)
{
	MapCompiler *compiler = state;
	UdMapPlace place =
		ud_map_place_member(compiler->place, key->val.string.val, key->val.string.len);
	UdField field = ud_field_find(key->val.string.val, key->val.string.len);
	UdExtraTarget target;

	if (field < UD_FIELD_COUNT)
	{
		compiler->compile_from(value, &place, field, &compiler->map->fields[field]);
		return;
	}
	if (!find_shelf(key, &target) && compiler->any_target)
	{
		target.shelf = UD_SHELF_ATTRIBUTES;
		target.name = key->val.string.val;
		target.name_length = key->val.string.len;
	}
	else if (!find_shelf(key, &target))
		ud_map_fail(&place,
					"Targets are the root attributes of a profile, the standard claims of OpenID "
					"Connect, and attributes.*, user_metadata.* and app_metadata.* for the rest.",
					"unknown target \"%.*s\"",
					ud_map_clip(key->val.string.val, key->val.string.len), key->val.string.val);
	check_metadata_name(&target, &place);
	compiler->compile_from(value, &place, UD_FIELD_COUNT, &target.from);
	place_extra_target(compiler->map, &target, &place);
}

/* compile_targets compiles an object whose members are targets. */
static void
compile_targets(MapCompiler *compiler, const JsonbValue *value, const UdMapPlace *place)
{
	const UdMapPlace *outer = compiler->place;

	compiler->place = place;
	ud_map_walk(get_object(value, place), compile_target, compiler);
	compiler->place = outer;
}

/* compile_root compiles the path to an envelope of the user's data. */
static void
compile_root(const JsonbValue *value, const UdMapPlace *place, UdPath *root)
{
	ud_map_compile_path(value->val.string.val, value->val.string.len, place, UD_FIELD_USER_ID,
						root);
	if (root->origin != UD_PATH_ANSWER)
		ud_map_fail(place, "The user's data stands in the answer, not in a part or an option.",
					"a root begins with \"@\" or \"#\"");
}

static void
compile_roots(UdAttributeMap *map, const JsonbValue *value, const UdMapPlace *place)
{
	JsonbContainer *array;

	if (value->type == jbvString)
	{
		map->nroots = 1;
		map->roots = palloc(sizeof(UdPath));
		compile_root(value, place, map->roots);
		return;
	}
	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
		ud_map_fail(place, NULL, "path or array of paths expected");
	array = value->val.binary.data;
	if (JsonContainerSize(array) > MAX_ROOTS)
		ud_map_fail(place, NULL, "more than %d roots", MAX_ROOTS);
	map->nroots = JsonContainerSize(array);
	map->roots = palloc(sizeof(UdPath) * Max(map->nroots, 1));
	for (int i = 0; i < map->nroots; i++)
	{
		JsonbValue *path = getIthJsonbValueFromContainer(array, i);
		UdMapPlace inner = ud_map_place_element(place, i);

		if (path->type != jbvString)
			ud_map_fail(&inner, NULL, "path expected");
		compile_root(path, &inner, &map->roots[i]);
	}
}

/* compile_secrets adds names of members that must be stored nowhere. */
static void
compile_secrets(UdAttributeMap *map, const JsonbValue *value, const UdMapPlace *place)
{
	JsonbContainer *array;
	UdNameList all;
	int count;

	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
		ud_map_fail(place, NULL, "array of names expected");
	array = value->val.binary.data;
	count = JsonContainerSize(array);
	if (count > MAX_TARGETS)
		ud_map_fail(place, NULL, "more than %d names", MAX_TARGETS);

	all.count = map->secrets.count;
	all.names = palloc(sizeof(UdName) * (all.count + count + 1));
	memcpy(all.names, map->secrets.names, sizeof(UdName) * all.count);
	for (int i = 0; i < count; i++)
	{
		JsonbValue *name = getIthJsonbValueFromContainer(array, i);
		UdMapPlace inner = ud_map_place_element(place, i);

		if (name->type != jbvString)
			ud_map_fail(&inner, NULL, "name expected");
		all.names[all.count].text = name->val.string.val;
		all.names[all.count++].length = name->val.string.len;
	}
	map->secrets = all;
}

/* choose reads one of several words and returns its position. */
static int
choose(const JsonbValue *value, const UdMapPlace *place, const char *const *words, int count,
	   const char *hint)
{
	for (int i = 0; i < count; i++)
	{
		if (value->type == jbvString && is_key(value, words[i]))
			return i;
	}
	if (value->type == jbvString)
		ud_map_fail(place, hint, "unknown value \"%.*s\"",
					ud_map_clip(value->val.string.val, value->val.string.len),
					value->val.string.val);
	ud_map_fail(place, hint, "string expected");
}

static void
compile_keep(UdAttributeMap *map, const JsonbValue *value, const UdMapPlace *place)
{
	static const char *const words[] = {"all", "claims", "none"};
	static const UdKeep keeps[] = {UD_KEEP_ALL, UD_KEEP_CLAIMS, UD_KEEP_NONE};

	map->keep = keeps[choose(value, place, words, lengthof(words),
							 "It is \"all\", \"claims\" or \"none\".")];
}

/* compile_mapping_mode reads the model's switch between all claims and the mapped ones. */
static void
compile_mapping_mode(UdAttributeMap *map, const JsonbValue *value, const UdMapPlace *place)
{
	static const char *const words[] = {"bind_all", "use_map", "basic_profile"};
	static const UdKeep keeps[] = {UD_KEEP_CLAIMS, UD_KEEP_NONE, UD_KEEP_CLAIMS};

	map->keep = keeps[choose(value, place, words, lengthof(words),
							 "It is \"bind_all\", \"use_map\" or \"basic_profile\".")];
}

static const UdAttributeMap *
find_map(MapCompiler *compiler, const JsonbValue *value, const UdMapPlace *place)
{
	const UdAttributeMap *found = NULL;

	if (value->type != jbvString)
		ud_map_fail(place, NULL, "string expected");
	if (compiler->find != NULL)
		found = compiler->find(pnstrdup(value->val.string.val, value->val.string.len));
	if (found == NULL)
		ud_map_fail(place, "The names are those of userdir.default_attribute_maps().",
					"unknown map \"%.*s\"",
					ud_map_clip(value->val.string.val, value->val.string.len),
					value->val.string.val);
	return found;
}

/* compile_member compiles one member of a map: one of the keys below, or a target. */
static void
compile_member(void *state, const JsonbValue *key, const JsonbValue *value)
{
	MapCompiler *compiler = state;
	UdAttributeMap *map = compiler->map;
	UdMapPlace place = ud_map_place_member(NULL, key->val.string.val, key->val.string.len);

	if (is_key(key, "like") || is_key(key, "userinfo_scope"))
		return; /* the one was read first, the other is for the request, not for the answer */
	if (is_key(key, "map"))
		compile_targets(compiler, value, &place);
	else if (is_key(key, "attributes"))
	{
		compiler->compile_from = ud_map_compile_template;
		compile_targets(compiler, value, &place);
		compiler->compile_from = ud_map_compile_sources;
	}
	else if (is_key(key, "root"))
		compile_roots(map, value, &place);
	else if (is_key(key, "secret"))
		compile_secrets(map, value, &place);
	else if (is_key(key, "raw"))
		compile_keep(map, value, &place);
	else if (is_key(key, "mapping_mode"))
		compile_mapping_mode(map, value, &place);
	else if (is_key(key, "fallback"))
		compiler->fallback = find_map(compiler, value, &place);
	else if (is_key(key, "prepare"))
	{
		static const char *const words[] = {"none", "saml"};

		map->prepare_saml =
			choose(value, &place, words, lengthof(words), "It is \"saml\" or \"none\".") == 1;
	}
	else if (is_key(key, "email_verified_default"))
	{
		if (value->type != jbvNull && !(value->type == jbvBool && !value->val.boolean))
			ud_map_fail(&place, "An unverified address must not become a verified one by default.",
						"false or null expected");
		map->email_verified_default = value->type == jbvBool;
	}
	else
		compile_target(compiler, key, value);
}

/* start_map makes the map to begin with: a copy of "like", of base, or an empty one. */
static UdAttributeMap *
start_map(MapCompiler *compiler, JsonbContainer *object, const UdAttributeMap *base)
{
	UdAttributeMap *map = palloc0(sizeof(UdAttributeMap));
	UdMapPlace place = ud_map_place_member(NULL, "like", 4);
	UdExtraTarget *extras = palloc(sizeof(UdExtraTarget) * MAX_TARGETS);
	JsonbValue like;

	map->email_verified_default = true;
	if (object != NULL && getKeyJsonValueFromContainer(object, "like", 4, &like) != NULL)
		base = find_map(compiler, &like, &place);
	if (base != NULL)
	{
		*map = *base;
		memcpy(extras, base->extras, sizeof(UdExtraTarget) * base->nextras);
	}
	map->extras = extras;
	return map;
}

/* append_sources puts the sources of a fallback map behind the map's own. */
static void
append_sources(UdSourceList *list, const UdSourceList *more)
{
	UdSource *sources;

	if (more->count == 0)
		return;
	sources = palloc(sizeof(UdSource) * (list->count + more->count));
	memcpy(sources, list->sources, sizeof(UdSource) * list->count);
	memcpy(sources + list->count, more->sources, sizeof(UdSource) * more->count);
	list->sources = sources;
	list->count += more->count;
}

/* append_roots puts the envelopes that a fallback map knows behind the map's own. */
static void
append_roots(UdAttributeMap *map, const UdAttributeMap *more)
{
	UdPath *roots = palloc(sizeof(UdPath) * (map->nroots + more->nroots + 1));

	memcpy(roots, map->roots, sizeof(UdPath) * map->nroots);
	memcpy(roots + map->nroots, more->roots, sizeof(UdPath) * more->nroots);
	map->roots = roots;
	map->nroots += more->nroots;
}

UdAttributeMap *
ud_attribute_map_compile(JsonbContainer *object, const UdAttributeMap *base, UdMapFinder find)
{
	MapCompiler compiler = {NULL, find, NULL, NULL, false, ud_map_compile_sources};

	if (!JsonContainerIsObject(object))
		ud_map_fail(NULL, NULL, "object expected");
	compiler.map = start_map(&compiler, object, base);
	ud_map_walk(object, compile_member, &compiler);

	if (compiler.fallback != NULL)
	{
		append_roots(compiler.map, compiler.fallback);
		for (int field = 0; field < UD_FIELD_COUNT; field++)
			append_sources(&compiler.map->fields[field], &compiler.fallback->fields[field]);
	}
	return compiler.map;
}

/*
 * compile_attribute_names compiles a value of fieldsMap. Its names are plain, so a dot in one is
 * only a dot; an attribute with several values gives its first.
 */
static void
compile_attribute_names(const JsonbValue *value, const UdMapPlace *place, UdField field,
						UdSourceList *list)
{
	JsonbContainer *array = NULL;
	static const char first[] = "first";
	const char *problem;

	if (value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data))
		array = value->val.binary.data;
	if (array != NULL && JsonContainerSize(array) > MAX_NAMES)
		ud_map_fail(place, NULL, "more than %d attribute names", MAX_NAMES);
	list->count = array ? JsonContainerSize(array) : 1;
	list->sources = palloc0(sizeof(UdSource) * Max(list->count, 1));
	for (int i = 0; i < list->count; i++)
	{
		const JsonbValue *name = array ? getIthJsonbValueFromContainer(array, i) : value;
		UdMapPlace inner = ud_map_place_element(place, i);
		UdSource *source = &list->sources[i];
		UdPathStep *step = palloc0(sizeof(UdPathStep));

		if (name->type != jbvString || name->val.string.len == 0)
			ud_map_fail(array ? &inner : place, NULL, "attribute name expected");
		step->kind = UD_STEP_MEMBER;
		step->name = source->path.whole = name->val.string.val;
		step->name_length = source->path.whole_length = name->val.string.len;
		source->path.steps = step;
		source->path.nsteps = 1;
		if (field < UD_FIELD_COUNT)
		{
			source->transforms = palloc(sizeof(UdTransform));
			source->ntransforms = 1;
			(void)ud_transform_find(first, strlen(first), source->transforms, &problem);
		}
	}
}

UdAttributeMap *
ud_attribute_map_apply_fields_map(const UdAttributeMap *base, JsonbContainer *fields_map,
								  const JsonbValue *user_id_attribute)
{
	MapCompiler compiler = {NULL, NULL, NULL, NULL, true, compile_attribute_names};
	UdMapPlace place = ud_map_place_member(NULL, "fieldsMap", 9);

	compiler.map = start_map(&compiler, NULL, base);
	if (fields_map != NULL)
	{
		if (!JsonContainerIsObject(fields_map))
			ud_map_fail(&place, NULL, "object expected");
		compiler.place = &place;
		ud_map_walk(fields_map, compile_target, &compiler);
	}
	if (user_id_attribute != NULL)
	{
		place = ud_map_place_member(NULL, "user_id_attribute", 17);
		compile_attribute_names(user_id_attribute, &place, UD_FIELD_USER_ID,
								&compiler.map->fields[UD_FIELD_USER_ID]);
	}
	return compiler.map;
}
