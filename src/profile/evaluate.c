/*
 * evaluate.c: what the sources of an attribute map give for one answer of a provider.
 */
#include "base/userdir.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "profile/evaluate.h"

static bool
is_object(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data);
}

static bool
is_array(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data);
}

static bool
get_member(const JsonbValue *object, const char *name, int length, JsonbValue *member)
{
	return is_object(object) &&
		   getKeyJsonValueFromContainer(object->val.binary.data, name, length, member) != NULL;
}

/*
 * get_element steps to an element. What is no array is its own first and last element: some
 * libraries, and LDAP and SAML by their nature, write a list of one as the thing itself.
 */
static bool
get_element(JsonbValue *value, int index)
{
	JsonbValue *element;
	int count;

	if (!is_array(value))
		return index == 0 || index == -1;
	count = JsonContainerSize(value->val.binary.data);
	if (index < 0)
		index += count;
	if (index < 0 || index >= count)
		return false;
	element = getIthJsonbValueFromContainer(value->val.binary.data, index);
	*value = *element;
	return true;
}

/* equals_text compares a scalar with the right side of a condition. */
static bool
equals_text(const JsonbValue *value, const char *text, int length)
{
	JsonbValue scalar = *value;

	if (scalar.type == jbvBool)
	{
		const char *word = scalar.val.boolean ? "true" : "false";

		return length == strlen(word) && memcmp(word, text, length) == 0;
	}
	if (scalar.type == jbvNumeric)
		(void)ud_transform_to_text(&scalar);
	return scalar.type == jbvString && scalar.val.string.len == length &&
		   memcmp(scalar.val.string.val, text, length) == 0;
}

/*
 * find_key finds the member that a condition is about. As with paths, one named like the whole key
 * goes before one that is reached through the key's dots.
 */
static bool
find_key(const JsonbValue *element, const char *key, int length, JsonbValue *member)
{
	const char *end = key + length;

	if (get_member(element, key, length, member))
		return true;
	*member = *element;
	for (const char *name = key; name <= end;)
	{
		const char *dot = memchr(name, '.', end - name);
		const char *name_end = dot ? dot : end;
		JsonbValue inner;

		if (!get_member(member, name, name_end - name, &inner))
			return false;
		*member = inner;
		name = name_end + 1;
	}
	return true;
}

/* meets_condition checks one condition against one element. */
static bool
meets_condition(const UdAnswer *answer, const JsonbValue *element, const UdPathStep *step)
{
	JsonbValue member;
	const char *text = step->value;
	int length = step->value_length;

	if (!find_key(element, step->name, step->name_length, &member))
		return false;
	if (length > 1 && text[0] == '$' && !step->value_quoted)
	{
		UdField field = ud_field_find(text + 1, length - 1);

		if (field == UD_FIELD_COUNT || !answer->has[field] ||
			answer->fields[field].type != jbvString)
			return false;
		text = answer->fields[field].val.string.val;
		length = answer->fields[field].val.string.len;
	}
	/* A provider that writes flags as 1 and 0 means true and false. */
	if (member.type == jbvNumeric && length == 4 && memcmp(text, "true", 4) == 0)
		return equals_text(&member, "1", 1);
	return equals_text(&member, text, length);
}

/* meets_conditions checks the condition at step and those that "and" adds to it. */
static bool
meets_conditions(const UdAnswer *answer, const JsonbValue *element, const UdPathStep *step,
				 const UdPathStep *end)
{
	if (!meets_condition(answer, element, step))
		return false;
	for (step++; step < end && step->kind == UD_STEP_AND; step++)
	{
		if (!meets_condition(answer, element, step))
			return false;
	}
	return true;
}

/* choose_element steps to the first element that meets the conditions. */
static bool
choose_element(const UdAnswer *answer, JsonbValue *value, const UdPathStep *step,
			   const UdPathStep *end)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue element;

	if (!is_array(value))
		return meets_conditions(answer, value, step, end);

	/* The iterator, because getting each element by its number would be quadratic. */
	iterator = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token != WJB_ELEM || !meets_conditions(answer, &element, step, end))
			continue;
		*value = element;
		return true;
	}
	return false;
}

bool
ud_evaluate_steps(const UdAnswer *answer, const UdPath *path, JsonbValue *value)
{
	const UdPathStep *end = path->steps + path->nsteps;

	for (const UdPathStep *step = path->steps; step < end; step++)
	{
		bool found = true;

		switch (step->kind)
		{
			case UD_STEP_MEMBER:
			{
				JsonbValue member;

				found = get_member(value, step->name, step->name_length, &member);
				if (found)
					*value = member;
				break;
			}
			case UD_STEP_INDEX:
				found = get_element(value, step->index);
				break;
			case UD_STEP_WHERE:
				found = choose_element(answer, value, step, end);
				break;
			case UD_STEP_AND:
				break;
		}
		if (!found)
			return false;
	}
	return true;
}

void
ud_evaluate_set_container(JsonbValue *value, JsonbContainer *container)
{
	value->type = jbvBinary;
	value->val.binary.data = container;
	value->val.binary.len = 0; /* nobody reads it: pushing unpacks the container */
}

/* get_profile_field gives what "$name" stands for. */
static bool
get_profile_field(const UdAnswer *answer, const UdPath *path, JsonbValue *value)
{
	UdField field = ud_field_find(path->whole, path->whole_length);

	if (field == UD_FIELD_COUNT || !answer->has[field])
		return false;
	*value = answer->fields[field];
	return true;
}

bool
ud_evaluate_path(const UdAnswer *answer, const UdPath *path, JsonbValue *value)
{
	switch (path->origin)
	{
		case UD_PATH_PROFILE:
			return get_profile_field(answer, path, value);
		case UD_PATH_PART:
			if (answer->extras == NULL)
				return false;
			ud_evaluate_set_container(value, answer->extras);
			break;
		case UD_PATH_OPTION:
			if (answer->options == NULL)
				return false;
			ud_evaluate_set_container(value, answer->options);
			break;
		case UD_PATH_ANSWER:
			*value = answer->content;
			break;
	}
	/* A member named like the whole path goes first: names may hold dots, slashes and brackets. */
	if (path->nsteps > 1)
	{
		JsonbValue member;

		if (get_member(value, path->whole, path->whole_length, &member))
		{
			*value = member;
			return true;
		}
	}
	return ud_evaluate_steps(answer, path, value);
}

bool
ud_evaluate_is_present(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvNull:
			return false;
		case jbvString:
			return !ud_transform_is_blank(value->val.string.val, value->val.string.len);
		case jbvBinary:
			return JsonContainerSize(value->val.binary.data) > 0;
		default:
			return true;
	}
}

/* convert_value gives a value the form of a type, or returns false. */
static bool
convert_value(JsonbValue *value, UdFieldType type)
{
	switch (type)
	{
		case UD_TYPE_ID:
		case UD_TYPE_TEXT:
			return ud_transform_to_text(value);
		case UD_TYPE_EMAIL:
			return ud_transform_to_email(value);
		case UD_TYPE_PHONE:
			return ud_transform_to_phone(value);
		case UD_TYPE_URI:
			return ud_transform_to_web_uri(value);
		case UD_TYPE_BOOLEAN:
			return ud_transform_to_boolean(value);
		case UD_TYPE_OBJECT:
			return is_object(value);
		case UD_TYPE_ANY:
			return true;
	}
	return false;
}

static bool evaluate_source(const UdAnswer *answer, const UdSource *source, JsonbValue *value);

/* equals_value compares scalars, whatever their JSON types; true is the same as "true". */
static bool
equals_value(const JsonbValue *a, const JsonbValue *b)
{
	JsonbValue text = *b;

	if (text.type == jbvBool)
		return equals_text(a, text.val.boolean ? "true" : "false", text.val.boolean ? 4 : 5);
	if (text.type == jbvNumeric)
		(void)ud_transform_to_text(&text);
	return text.type == jbvString && equals_text(a, text.val.string.val, text.val.string.len);
}

/* holds returns whether a source gives a value other than false. */
static bool
holds(const UdAnswer *answer, const UdSource *source)
{
	JsonbValue value;

	return evaluate_source(answer, source, &value) &&
		   (!ud_transform_to_boolean(&value) || value.val.boolean);
}

/* meets_source_condition checks the "if" and "unless" of a source. */
static bool
meets_source_condition(const UdAnswer *answer, const UdSource *source)
{
	JsonbValue value;

	if (source->obstacle != NULL && holds(answer, source->obstacle))
		return false;
	if (source->condition == NULL)
		return true;
	if (source->expected == NULL)
		return holds(answer, source->condition);
	return evaluate_source(answer, source->condition, &value) &&
		   equals_value(&value, source->expected);
}

/* is_same_text compares two strings. */
static bool
is_same_text(const JsonbValue *text, const JsonbValue *other)
{
	return text->val.string.len == other->val.string.len &&
		   memcmp(text->val.string.val, other->val.string.val, text->val.string.len) == 0;
}

/*
 * join_parts joins those parts that are there. A part equal to the one before it is left out:
 * some providers fill both halves of a name with the whole of it.
 */
static bool
join_parts(const UdAnswer *answer, const UdSource *source, JsonbValue *value)
{
	StringInfoData text;
	JsonbValue previous;
	bool any = false;

	initStringInfo(&text);
	for (int i = 0; i < source->nparts; i++)
	{
		JsonbValue part;

		if (!evaluate_source(answer, &source->parts[i], &part) || !ud_transform_to_text(&part) ||
			(any && is_same_text(&part, &previous)))
			continue;
		if (any)
			appendStringInfoString(&text, source->separator);
		appendBinaryStringInfo(&text, part.val.string.val, part.val.string.len);
		previous = part;
		any = true;
	}
	ud_transform_set_text(value, text.data, text.len);
	return any;
}

/* format_parts fills a format in; without one of its parts there is no result. */
static bool
format_parts(const UdAnswer *answer, const UdSource *source, JsonbValue *value)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, source->literals[0]);
	for (int i = 0; i < source->nparts; i++)
	{
		JsonbValue part;

		if (!evaluate_source(answer, &source->parts[i], &part) || !ud_transform_to_text(&part))
			return false;
		appendBinaryStringInfo(&text, part.val.string.val, part.val.string.len);
		appendStringInfoString(&text, source->literals[i + 1]);
	}
	ud_transform_set_text(value, text.data, text.len);
	return true;
}

/* evaluate_source gives the value of one source, transformed; false for nothing or emptiness. */
static bool
evaluate_source(const UdAnswer *answer, const UdSource *source, JsonbValue *value)
{
	bool found = false;

	check_stack_depth();
	if (!meets_source_condition(answer, source))
		return false;

	switch (source->kind)
	{
		case UD_SOURCE_PATH:
			found = ud_evaluate_path(answer, &source->path, value);
			break;
		case UD_SOURCE_JOIN:
			found = join_parts(answer, source, value);
			break;
		case UD_SOURCE_FORMAT:
			found = format_parts(answer, source, value);
			break;
		case UD_SOURCE_CONST:
			*value = source->constant;
			found = true;
			break;
	}
	if (!found || !ud_evaluate_is_present(value))
		return false;
	for (int i = 0; i < source->ntransforms; i++)
	{
		const UdTransform *transform = &source->transforms[i];

		if (!transform->apply(value, transform->argument, transform->argument_length))
			return false;
	}
	return ud_evaluate_is_present(value);
}

bool
ud_evaluate_sources(const UdAnswer *answer, const UdSourceList *list, UdFieldType type,
					JsonbValue *value)
{
	for (int i = 0; i < list->count; i++)
	{
		if (evaluate_source(answer, &list->sources[i], value) && convert_value(value, type))
			return true;
	}
	return false;
}
