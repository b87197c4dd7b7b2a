/*
 * map_source.c: compiling one source of an attribute map.
 */
#include "base/userdir.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "profile/map_source.h"

/* Sources within sources: a join of formats with a condition is as deep as anybody needs. */
#define MAX_SOURCE_DEPTH 6
#define MAX_SOURCES      64
#define MAX_TRANSFORMS   16
#define SHOWN_BYTES      100

typedef struct SourceCompiler
{
	UdField field; /* "$" may refer to the fields before this one */
	int depth;
} SourceCompiler;

static void compile_source(SourceCompiler *compiler, const JsonbValue *value,
						   const UdMapPlace *place, UdSource *source);

UdMapPlace
ud_map_place_member(const UdMapPlace *outer, const char *name, int length)
{
	UdMapPlace place = {outer, name, length, 0};

	return place;
}

UdMapPlace
ud_map_place_element(const UdMapPlace *outer, int index)
{
	UdMapPlace place = {outer, NULL, 0, index};

	return place;
}

/* describe_place appends the place as a path, outermost part first. */
static void
describe_place(const UdMapPlace *place, StringInfo text)
{
	if (place == NULL)
		return;
	describe_place(place->outer, text);
	if (place->name == NULL)
		appendStringInfo(text, "[%d]", place->index);
	else
		appendStringInfo(text, "%s%.*s", text->len > 0 ? "." : "",
						 ud_map_clip(place->name, place->name_length), place->name);
}

int
ud_map_clip(const char *text, int length)
{
	return pg_mbcliplen(text, length, SHOWN_BYTES);
}

void
ud_map_fail(const UdMapPlace *place, const char *hint, const char *message, ...)
{
	StringInfoData text;
	StringInfoData where;

	initStringInfo(&text);
	for (;;)
	{
		va_list arguments;
		int needed;

		va_start(arguments, message);
		needed = appendStringInfoVA(&text, message, arguments);
		va_end(arguments);
		if (needed == 0)
			break;
		enlargeStringInfo(&text, needed);
	}
	initStringInfo(&where);
	describe_place(place, &where);

	ereport(
		ERROR,
		(errcode(UD_ERR_INVALID_ATTRIBUTE_MAP), errmsg("invalid attribute map: %s", text.data),
		 where.len > 0 ? errdetail("At \"%s\".", where.data) : errdetail("At the top of the map."),
		 hint ? errhint("%s", hint) : 0));
}

void
ud_map_walk(JsonbContainer *object, UdMapVisitor visit, void *state)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbValue key;
	JsonbValue value;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		(void)JsonbIteratorNext(&iterator, &value, true);
		visit(state, &key, &value);
	}
}

/* check_reference refuses a "$name" that is no attribute or comes later than the one it is for. */
static void
check_reference(const char *name, int length, UdField field, const UdMapPlace *place)
{
	UdField referred = ud_field_find(name, length);

	if (referred == UD_FIELD_COUNT)
		ud_map_fail(place, "After \"$\" stands a root attribute such as email or given_name.",
					"unknown attribute \"$%.*s\"", ud_map_clip(name, length), name);
	if (referred >= field)
		ud_map_fail(place,
					"Attributes are mapped in the order user_id, email, email_verified, "
					"phone_number, phone_verified, username, given_name, family_name, name, "
					"nickname, picture, blocked, user_metadata, app_metadata.",
					"attribute \"$%.*s\" is not known yet", length, name);
}

/* check_references looks at the path's start and at the values that its conditions compare with. */
static void
check_references(const UdPath *path, UdField field, const UdMapPlace *place)
{
	if (path->origin == UD_PATH_PROFILE)
	{
		if (path->nsteps != 1)
			ud_map_fail(place, NULL, "\"$%.*s\" is no attribute",
						ud_map_clip(path->whole, path->whole_length), path->whole);
		check_reference(path->whole, path->whole_length, field, place);
	}
	for (int i = 0; i < path->nsteps; i++)
	{
		const UdPathStep *step = &path->steps[i];

		if (step->value_length > 1 && !step->value_quoted && step->value[0] == '$')
			check_reference(step->value + 1, step->value_length - 1, field, place);
	}
}

void
ud_map_compile_path(const char *text, int length, const UdMapPlace *place, UdField field,
					UdPath *path)
{
	UdPathStep steps[UD_PATH_MAX_STEPS];
	UdPathStep *kept;
	UdPathError error;

	if (!ud_attribute_path_parse(text, length, steps, path, &error))
		ud_map_fail(place, NULL, "path \"%.*s\": %s at character %d", ud_map_clip(text, length),
					text, error.message, pg_mbstrlen_with_len(text, error.offset) + 1);

	kept = palloc(sizeof(UdPathStep) * Max(path->nsteps, 1));
	memcpy(kept, steps, sizeof(UdPathStep) * path->nsteps);
	path->steps = kept;
	check_references(path, field, place);
}

/* get_array returns the container of an array, or raises. */
static JsonbContainer *
get_array(const JsonbValue *value, const UdMapPlace *place, int max)
{
	JsonbContainer *array;

	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
		ud_map_fail(place, NULL, "array expected");
	array = value->val.binary.data;
	if (JsonContainerSize(array) == 0)
		ud_map_fail(place, NULL, "empty array");
	if (JsonContainerSize(array) > max)
		ud_map_fail(place, NULL, "more than %d elements", max);
	return array;
}

/* get_text checks that a value is a string. */
static const JsonbValue *
get_text(const JsonbValue *value, const UdMapPlace *place)
{
	if (value->type != jbvString)
		ud_map_fail(place, NULL, "string expected");
	return value;
}

/* compile_transform compiles one name out of "as". */
static void
compile_transform(const JsonbValue *value, const UdMapPlace *place, UdTransform *transform)
{
	const char *problem;

	(void)get_text(value, place);
	if (!ud_transform_find(value->val.string.val, value->val.string.len, transform, &problem))
		ud_map_fail(place, psprintf("The transforms are %s.", ud_transform_names()), "%s: \"%.*s\"",
					problem, ud_map_clip(value->val.string.val, value->val.string.len),
					value->val.string.val);
}

/* compile_transforms compiles "as": a transform's name or an array of them. */
static void
compile_transforms(const JsonbValue *value, const UdMapPlace *place, UdSource *source)
{
	JsonbContainer *array;

	if (value->type == jbvString)
	{
		source->transforms = palloc(sizeof(UdTransform));
		source->ntransforms = 1;
		compile_transform(value, place, source->transforms);
		return;
	}
	array = get_array(value, place, MAX_TRANSFORMS);
	source->ntransforms = JsonContainerSize(array);
	source->transforms = palloc(sizeof(UdTransform) * source->ntransforms);
	for (int i = 0; i < source->ntransforms; i++)
	{
		UdMapPlace inner = ud_map_place_element(place, i);

		compile_transform(getIthJsonbValueFromContainer(array, i), &inner, &source->transforms[i]);
	}
}

/* compile_parts compiles the sources that a join puts together. */
static void
compile_parts(SourceCompiler *compiler, const JsonbValue *value, const UdMapPlace *place,
			  UdSource *source)
{
	JsonbContainer *array = get_array(value, place, MAX_SOURCES);

	source->kind = UD_SOURCE_JOIN;
	source->nparts = JsonContainerSize(array);
	source->parts = palloc0(sizeof(UdSource) * source->nparts);
	for (int i = 0; i < source->nparts; i++)
	{
		UdMapPlace inner = ud_map_place_element(place, i);

		compile_source(compiler, getIthJsonbValueFromContainer(array, i), &inner,
					   &source->parts[i]);
	}
}

/* compile_claim compiles the path between the braces of a format or template. */
static void
compile_claim(const char *text, int length, bool template, const UdMapPlace *place, UdField field,
			  UdPath *path)
{
	static const char tokenset[] = "context.tokenset.";
	static const char userinfo[] = "context.userinfo.";

	if (!template)
		ud_map_compile_path(text, length, place, field, path);
	else if (length >= strlen(tokenset) && memcmp(text, tokenset, strlen(tokenset)) == 0)
		ud_map_compile_path(text + strlen(tokenset), length - strlen(tokenset), place, field, path);
	else if (length >= strlen(userinfo) && memcmp(text, userinfo, strlen(userinfo)) == 0)
	{
		char *in_part =
			psprintf("@userinfo.%.*s", (int)(length - strlen(userinfo)), text + strlen(userinfo));

		ud_map_compile_path(in_part, strlen(in_part), place, field, path);
	}
	else
		ud_map_fail(place,
					"A claim is written ${context.tokenset.name} or ${context.userinfo.name}.",
					"unknown variable \"%.*s\"", ud_map_clip(text, length), text);
}

/* count_parts returns how many opening braces a format has. */
static int
count_parts(const char *text, const char *end, const char *opening, int opening_length)
{
	int count = 0;

	for (const char *at = text; at + opening_length <= end; at++)
	{
		if (memcmp(at, opening, opening_length) == 0)
			count++;
	}
	return count;
}

/*
 * compile_format splits "text {path} text" into its literals and paths. In a template the opening
 * brace is "${"; a single "{" is text there.
 */
static void
compile_format(const char *text, int length, bool template, const UdMapPlace *place, UdField field,
			   UdSource *source)
{
	const char *const opening = template ? "${" : "{";
	const int opening_length = strlen(opening);
	const char *end = text + length;
	const char *literal = text;
	const char *at = text;
	int count = count_parts(text, end, opening, opening_length);

	if (count > MAX_SOURCES)
		ud_map_fail(place, NULL, "more than %d braces", MAX_SOURCES);
	source->kind = UD_SOURCE_FORMAT;
	source->parts = palloc0(sizeof(UdSource) * Max(count, 1));
	source->literals = palloc0(sizeof(char *) * (count + 1));
	while (at + opening_length <= end)
	{
		const char *close;

		if (memcmp(at, opening, opening_length) != 0)
		{
			at++;
			continue;
		}
		close = memchr(at, '}', end - at);
		if (close == NULL)
			ud_map_fail(place, NULL, "brace at character %d is not closed",
						pg_mbstrlen_with_len(text, at - text) + 1);
		source->literals[source->nparts] = pnstrdup(literal, at - literal);
		compile_claim(at + opening_length, close - at - opening_length, template, place, field,
					  &source->parts[source->nparts].path);
		source->nparts++;
		at = literal = close + 1;
	}
	source->literals[source->nparts] = pnstrdup(literal, end - literal);
}

/* set_kind refuses a second one of "path", "join", "format" and "const". */
static void
set_kind(bool *has_kind, const UdMapPlace *place)
{
	if (*has_kind)
		ud_map_fail(place, NULL, "source with more than one of path, join, format and const");
	*has_kind = true;
}

typedef struct ObjectSource
{
	SourceCompiler *compiler;
	const UdMapPlace *place;
	UdSource *source;
	bool has_kind;
} ObjectSource;

static bool
is_key(const JsonbValue *key, const char *name)
{
	return key->val.string.len == strlen(name) &&
		   memcmp(key->val.string.val, name, key->val.string.len) == 0;
}

/* compile_source_member compiles one member of a source that is written as an object. */
static void
compile_source_member(void *state, const JsonbValue *key, const JsonbValue *value)
{
	ObjectSource *object = state;
	UdSource *source = object->source;
	UdMapPlace place = ud_map_place_member(object->place, key->val.string.val, key->val.string.len);

	if (is_key(key, "path"))
	{
		set_kind(&object->has_kind, object->place);
		(void)get_text(value, &place);
		ud_map_compile_path(value->val.string.val, value->val.string.len, &place,
							object->compiler->field, &source->path);
	}
	else if (is_key(key, "join"))
	{
		set_kind(&object->has_kind, object->place);
		compile_parts(object->compiler, value, &place, source);
	}
	else if (is_key(key, "format"))
	{
		set_kind(&object->has_kind, object->place);
		(void)get_text(value, &place);
		compile_format(value->val.string.val, value->val.string.len, false, &place,
					   object->compiler->field, source);
	}
	else if (is_key(key, "const"))
	{
		set_kind(&object->has_kind, object->place);
		source->kind = UD_SOURCE_CONST;
		source->constant = *value;
	}
	else if (is_key(key, "with"))
	{
		(void)get_text(value, &place);
		source->separator = pnstrdup(value->val.string.val, value->val.string.len);
	}
	else if (is_key(key, "as"))
		compile_transforms(value, &place, source);
	else if (is_key(key, "if"))
	{
		source->condition = palloc0(sizeof(UdSource));
		compile_source(object->compiler, value, &place, source->condition);
	}
	else if (is_key(key, "unless"))
	{
		source->obstacle = palloc0(sizeof(UdSource));
		compile_source(object->compiler, value, &place, source->obstacle);
	}
	else if (is_key(key, "eq"))
	{
		if (value->type == jbvNull || value->type == jbvBinary)
			ud_map_fail(&place, NULL, "string, number or boolean expected");
		source->expected = palloc(sizeof(JsonbValue));
		*source->expected = *value;
	}
	else
		ud_map_fail(&place,
					"A source has path, join, format or const, and may have as, with, if, "
					"eq and unless.",
					"unknown key \"%.*s\"", ud_map_clip(key->val.string.val, key->val.string.len),
					key->val.string.val);
}

/* compile_source compiles one source: a path, or an object that says more. */
static void
compile_source(SourceCompiler *compiler, const JsonbValue *value, const UdMapPlace *place,
			   UdSource *source)
{
	ObjectSource object = {compiler, place, source, false};

	check_stack_depth();
	if (value->type == jbvString)
	{
		ud_map_compile_path(value->val.string.val, value->val.string.len, place, compiler->field,
							&source->path);
		return;
	}
	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
		ud_map_fail(place, NULL, "a source must be a path or an object");
	if (++compiler->depth > MAX_SOURCE_DEPTH)
		ud_map_fail(place, NULL, "sources nested too deeply");

	ud_map_walk(value->val.binary.data, compile_source_member, &object);
	compiler->depth--;

	if (!object.has_kind)
		ud_map_fail(place, NULL, "source without path, join, format or const");
	if (source->separator != NULL && source->kind != UD_SOURCE_JOIN)
		ud_map_fail(place, NULL, "\"with\" belongs to a join");
	if (source->expected != NULL && source->condition == NULL)
		ud_map_fail(place, NULL, "\"eq\" belongs to an \"if\"");
	if (source->kind == UD_SOURCE_JOIN && source->separator == NULL)
		source->separator = pstrdup(" ");
}

void
ud_map_compile_sources(const JsonbValue *value, const UdMapPlace *place, UdField field,
					   UdSourceList *list)
{
	SourceCompiler compiler = {field, 0};
	JsonbContainer *array;

	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
	{
		list->count = 1;
		list->sources = palloc0(sizeof(UdSource));
		compile_source(&compiler, value, place, list->sources);
		return;
	}

	array = value->val.binary.data;
	if (JsonContainerSize(array) > MAX_SOURCES)
		ud_map_fail(place, NULL, "more than %d sources", MAX_SOURCES);
	/* No source at all is how a connection switches an attribute of the default map off. */
	list->count = JsonContainerSize(array);
	list->sources = palloc0(sizeof(UdSource) * Max(list->count, 1));
	for (int i = 0; i < list->count; i++)
	{
		UdMapPlace inner = ud_map_place_element(place, i);

		compile_source(&compiler, getIthJsonbValueFromContainer(array, i), &inner,
					   &list->sources[i]);
	}
}

void
ud_map_compile_template(const JsonbValue *value, const UdMapPlace *place, UdField field,
						UdSourceList *list)
{
	UdSource *source = palloc0(sizeof(UdSource));

	list->sources = source;
	list->count = 1;
	if (value->type != jbvString)
	{
		source->kind = UD_SOURCE_CONST;
		source->constant = *value;
		return;
	}
	compile_format(value->val.string.val, value->val.string.len, true, place, field, source);
	/* A claim alone keeps its type; only a mixture with text is text. */
	if (source->nparts == 1 && source->literals[0][0] == '\0' && source->literals[1][0] == '\0')
		*source = source->parts[0];
}
