/*
 * default_maps.c: the strategies and their default attribute maps, read from the embedded data.
 *
 * src/profile/maps holds one JSON file for each; tools/embed_maps makes one document of them. It
 * is parsed once per backend and each map is compiled when it is first used.
 */
#include "base/userdir.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/varlena.h"

#include "profile/strategy.h"

#include "default_maps.h"

static MemoryContext maps_context = NULL;
static UdStrategy *strategies = NULL;
static int nstrategies = 0;

static const struct
{
	const char *name;
	UdStrategyKind kind;
} kinds[] = {
	{"database", UD_KIND_DATABASE},         {"social", UD_KIND_SOCIAL},
	{"enterprise", UD_KIND_ENTERPRISE},     {"passwordless", UD_KIND_PASSWORDLESS},
	{"provisioning", UD_KIND_PROVISIONING}, {"preset", UD_KIND_PRESET},
};

const char *
ud_strategy_kind_name(UdStrategyKind kind)
{
	for (int i = 0; i < lengthof(kinds); i++)
	{
		if (kinds[i].kind == kind)
			return kinds[i].name;
	}
	return NULL;
}

/* get_text_member returns a text member of a file, or otherwise. */
static char *
get_text_member(JsonbContainer *file, const char *name, const char *otherwise)
{
	JsonbValue value;

	if (getKeyJsonValueFromContainer(file, name, strlen(name), &value) == NULL)
		return pstrdup(otherwise);
	return pnstrdup(value.val.string.val, value.val.string.len);
}

static bool
get_boolean_member(JsonbContainer *file, const char *name)
{
	JsonbValue value;

	return getKeyJsonValueFromContainer(file, name, strlen(name), &value) != NULL &&
		   value.val.boolean;
}

static UdStrategyKind
read_kind(JsonbContainer *file, const char *name)
{
	char *kind = get_text_member(file, "kind", "");

	for (int i = 0; i < lengthof(kinds); i++)
	{
		if (strcmp(kinds[i].name, kind) == 0)
			return kinds[i].kind;
	}
	elog(ERROR, "embedded attribute map \"%s\" is of no known kind", name);
}

/* add_strategy appends one entry; the array has room. */
static UdStrategy *
add_strategy(UdStrategy *list, int *count, JsonbContainer *file, char *name, char *title)
{
	UdStrategy *strategy = &list[(*count)++];
	JsonbValue map;

	if (getKeyJsonValueFromContainer(file, "attribute_map", 13, &map) == NULL ||
		map.type != jbvBinary)
		elog(ERROR, "embedded attribute map \"%s\" is incomplete", name);

	strategy->name = name;
	strategy->title = title;
	strategy->kind = read_kind(file, name);
	strategy->provider = get_text_member(file, "provider", name);
	strategy->id_has_connection = get_boolean_member(file, "id_has_connection");
	strategy->custom = get_boolean_member(file, "custom");
	strategy->source = map.val.binary.data;
	return strategy;
}

/* add_file appends the strategy of a file and those that share its map. */
static void
add_file(UdStrategy *list, int *count, const JsonbValue *key, JsonbContainer *file)
{
	char *name = pnstrdup(key->val.string.val, key->val.string.len);
	JsonbValue also;
	JsonbIterator *iterator;
	JsonbValue other;
	JsonbIteratorToken token;

	add_strategy(list, count, file, name, get_text_member(file, "title", name));
	if (getKeyJsonValueFromContainer(file, "also", 4, &also) == NULL)
		return;
	iterator = JsonbIteratorInit(also.val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &other, true)) != WJB_DONE)
	{
		JsonbValue title;

		if (token != WJB_KEY)
			continue;
		(void)JsonbIteratorNext(&iterator, &title, true);
		add_strategy(list, count, file, pnstrdup(other.val.string.val, other.val.string.len),
					 pnstrdup(title.val.string.val, title.val.string.len));
	}
}

static int
compare_strategies(const void *a, const void *b)
{
	return strcmp(((const UdStrategy *)a)->name, ((const UdStrategy *)b)->name);
}

/* read_files reads the embedded document in the current memory context. */
static UdStrategy *
read_files(int *count)
{
	enum
	{
		MAX_STRATEGIES = 512
	};
	Jsonb *files =
		DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(default_maps_json)));
	UdStrategy *list = palloc0(sizeof(UdStrategy) * MAX_STRATEGIES);
	JsonbIterator *iterator = JsonbIteratorInit(&files->root);
	JsonbValue key;
	JsonbIteratorToken token;

	*count = 0;
	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		JsonbValue file;

		if (token != WJB_KEY)
			continue;
		(void)JsonbIteratorNext(&iterator, &file, true);
		if (*count + 16 > MAX_STRATEGIES)
			elog(ERROR, "too many embedded attribute maps");
		add_file(list, count, &key, file.val.binary.data);
	}
	qsort(list, *count, sizeof(UdStrategy), compare_strategies);
	return list;
}

/* load reads the data when nobody did before in this backend. */
static void
load(void)
{
	MemoryContext caller;
	UdStrategy *list;
	int count;

	if (strategies != NULL)
		return;
	/* After a failed attempt the context is there, with leftovers. */
	if (maps_context == NULL)
		maps_context =
			AllocSetContextCreate(TopMemoryContext, "userdir default maps", ALLOCSET_DEFAULT_SIZES);
	else
		MemoryContextReset(maps_context);

	caller = MemoryContextSwitchTo(maps_context);
	list = read_files(&count);
	MemoryContextSwitchTo(caller);
	nstrategies = count;
	strategies = list;
}

static UdStrategy *
find_entry(const char *name)
{
	UdStrategy key = {unconstify(char *, name)};

	load();
	return bsearch(&key, strategies, nstrategies, sizeof(UdStrategy), compare_strategies);
}

const UdStrategy *
ud_strategy_lookup(const char *name)
{
	return find_entry(name);
}

const UdStrategy *
ud_strategy_list(int *count)
{
	load();
	*count = nstrategies;
	return strategies;
}

const UdAttributeMap *
ud_strategy_map(const char *name)
{
	UdStrategy *strategy = find_entry(name);

	if (strategy != NULL && strategy->map == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(maps_context);

		strategy->map = ud_attribute_map_compile(strategy->source, NULL, ud_strategy_map);
		MemoryContextSwitchTo(caller);
	}
	return strategy ? strategy->map : NULL;
}

/* find_nearest returns the strategy whose name is written most like name, or NULL. */
static const char *
find_nearest(const char *name)
{
	const char *nearest = NULL;
	int best = Min(4, strlen(name) / 2 + 1); /* at least half of it has to be the same */

	if (strlen(name) > 64)
		return NULL;
	for (int i = 0; i < nstrategies; i++)
	{
		int distance;

		if (strategies[i].kind == UD_KIND_PRESET)
			continue;
		distance = varstr_levenshtein_less_equal(name, strlen(name), strategies[i].name,
												 strlen(strategies[i].name), 1, 1, 1, best, true);
		if (distance < best)
		{
			best = distance;
			nearest = strategies[i].name;
		}
	}
	return nearest;
}

const UdStrategy *
ud_strategy_find(const char *name)
{
	const UdStrategy *strategy = find_entry(name);
	int shown = pg_mbcliplen(name, strlen(name), 64);
	const char *nearest;

	if (strategy != NULL && strategy->kind != UD_KIND_PRESET)
		return strategy;

	if (strategy != NULL)
		ereport(ERROR, (errcode(UD_ERR_INVALID_CONNECTION), errmsg("\"%s\" is no strategy", name),
						errhint("Use strategy oauth2 with a connection named \"%s\"; it gets the "
								"attribute map of that provider.",
								name)));
	nearest = find_nearest(name);
	ereport(ERROR,
			(errcode(UD_ERR_INVALID_CONNECTION), errmsg("unknown strategy \"%.*s\"", shown, name),
			 nearest
				 ? errhint("Perhaps you mean \"%s\". userdir.strategies() lists them all.", nearest)
				 : errhint("userdir.strategies() lists the strategies.")));
}

/* is_for_custom returns whether an entry's map suits a custom social connection. */
static bool
is_for_custom(const UdStrategy *strategy)
{
	return strategy != NULL &&
		   (strategy->kind == UD_KIND_PRESET || strategy->kind == UD_KIND_SOCIAL);
}

const UdStrategy *
ud_strategy_preset(const UdStrategy *strategy, const char *connection)
{
	const UdStrategy *preset;
	char *words;

	if (!strategy->custom || connection == NULL)
		return strategy;
	words = pstrdup(connection);
	for (char *c = words; *c != '\0'; c++)
		*c = pg_ascii_tolower((unsigned char)*c);
	preset = find_entry(words);
	if (is_for_custom(preset))
		return preset;

	/* "discord-staging" and "acme-gitlab" are as clear. */
	for (char *rest = words; rest != NULL;)
	{
		char *dash = strchr(rest, '-');

		if (dash != NULL)
			*dash = '\0';
		preset = find_entry(rest);
		if (is_for_custom(preset))
			return preset;
		rest = dash ? dash + 1 : NULL;
	}
	return strategy;
}
