/*
 * metadata_merge.c: changing a JSON object by another one.
 *
 * Two ways: the model's, which looks at the first level only, and RFC 7396 JSON Merge Patch, which
 * goes as deep as the objects do. In both a null deletes.
 */
#include "base/userdir.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

/* The state of one merge: the document that is being built, and how deep it merges. */
typedef struct Merge
{
	JsonbParseState *state;
	bool deep;
} Merge;

static void push_value(Merge *merge, const JsonbValue *stored, JsonbValue *change);

static const JsonbValue *
find_member(JsonbContainer *object, const JsonbValue *name, JsonbValue *member)
{
	return object == NULL ? NULL
						  : getKeyJsonValueFromContainer(object, name->val.string.val,
														 name->val.string.len, member);
}

static bool
is_object(const JsonbValue *value)
{
	return value != NULL && value->type == jbvBinary &&
		   JsonContainerIsObject(value->val.binary.data);
}

/* push_stored_members copies the members of stored that changes does not name. */
static void
push_stored_members(Merge *merge, JsonbContainer *stored, JsonbContainer *changes)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue name;
	JsonbValue value;
	JsonbValue ignored;

	if (stored == NULL)
		return;
	iterator = JsonbIteratorInit(stored);
	while ((token = JsonbIteratorNext(&iterator, &name, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		JsonbIteratorNext(&iterator, &value, true);
		if (find_member(changes, &name, &ignored) != NULL)
			continue;
		pushJsonbValue(&merge->state, WJB_KEY, &name);
		pushJsonbValue(&merge->state, WJB_VALUE, &value);
	}
}

/* push_changed_members writes the members that changes names, except for those that it deletes. */
static void
push_changed_members(Merge *merge, JsonbContainer *stored, JsonbContainer *changes)
{
	JsonbIterator *iterator = JsonbIteratorInit(changes);
	JsonbIteratorToken token;
	JsonbValue name;
	JsonbValue change;
	JsonbValue found;

	while ((token = JsonbIteratorNext(&iterator, &name, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		JsonbIteratorNext(&iterator, &change, true);
		if (change.type == jbvNull)
			continue;
		pushJsonbValue(&merge->state, WJB_KEY, &name);
		push_value(merge, find_member(stored, &name, &found), &change);
	}
}

/* push_object writes stored, or {} when it is NULL, with the changes applied. */
static JsonbValue *
push_object(Merge *merge, JsonbContainer *stored, JsonbContainer *changes)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	pushJsonbValue(&merge->state, WJB_BEGIN_OBJECT, NULL);
	push_stored_members(merge, stored, changes);
	push_changed_members(merge, stored, changes);
	return pushJsonbValue(&merge->state, WJB_END_OBJECT, NULL);
}

/* push_value writes what becomes of one member. */
static void
push_value(Merge *merge, const JsonbValue *stored, JsonbValue *change)
{
	if (merge->deep && is_object(change))
		push_object(merge, is_object(stored) ? stored->val.binary.data : NULL,
					change->val.binary.data);
	else
		pushJsonbValue(&merge->state, WJB_VALUE, change);
}

static Datum
merge_objects(JsonbContainer *stored, JsonbContainer *changes, bool deep)
{
	Merge merge = {NULL, deep};

	PG_RETURN_JSONB_P(JsonbValueToJsonb(push_object(&merge, stored, changes)));
}

UD_FUNCTION(userdir_merge_metadata);

/*
 * userdir_merge_metadata applies changes to stored metadata as the model's PATCH does.
 *
 * Each first-level member of changes replaces the stored one whole, a null deletes it, and {}
 * wipes everything. A null stored counts as {}; null changes leave stored as it is. Errors: UD005
 * when either is no object.
 */
Datum
userdir_merge_metadata(PG_FUNCTION_ARGS)
{
	Jsonb *stored = PG_ARGISNULL(0) ? NULL : PG_GETARG_JSONB_P(0);
	Jsonb *changes = PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1);

	if ((stored != NULL && !JB_ROOT_IS_OBJECT(stored)) ||
		(changes != NULL && !JB_ROOT_IS_OBJECT(changes)))
		ereport(ERROR,
				(errcode(UD_ERR_INVALID_METADATA), errmsg("metadata must be a JSON object")));
	if (changes == NULL && stored == NULL)
		PG_RETURN_NULL();
	if (changes == NULL)
		PG_RETURN_JSONB_P(stored);
	if (JB_ROOT_COUNT(changes) == 0)
		PG_RETURN_JSONB_P(changes);
	return merge_objects(stored == NULL ? NULL : &stored->root, &changes->root, false);
}

UD_FUNCTION(userdir_json_merge_patch);

/*
 * userdir_json_merge_patch returns target changed by patch, as section 2 of RFC 7396 defines it.
 */
Datum
userdir_json_merge_patch(PG_FUNCTION_ARGS)
{
	Jsonb *target = PG_GETARG_JSONB_P(0);
	Jsonb *patch = PG_GETARG_JSONB_P(1);

	if (!JB_ROOT_IS_OBJECT(patch))
		PG_RETURN_JSONB_P(patch);
	return merge_objects(JB_ROOT_IS_OBJECT(target) ? &target->root : NULL, &patch->root, true);
}
