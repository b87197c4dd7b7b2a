/*
 * leftover.c: what a provider sends beyond the normalized attributes.
 */
#include "base/userdir.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "profile/leftover.h"

#define NAME(text)                                                                                 \
	{                                                                                              \
		text, sizeof(text) - 1                                                                     \
	}

/* The members of an identity that hold the provider's tokens. */
static const UdName token_names[] = {
	NAME("access_token"),
	NAME("access_token_secret"),
	NAME("refresh_token"),
	NAME("expires_in"),
};

/* The last of them is only a number when there is no token that it could be about. */
#define NTOKENS    lengthof(token_names)
#define EXPIRES_IN (NTOKENS - 1)

/*
 * Members that are credentials wherever they come from and however deep they stand, whatever the
 * case of their letters: LDAP does not care about it. In alphabetical order.
 */
static UdName secret_names[] = {
	NAME("access_token"),
	NAME("access_token_secret"),
	NAME("accessToken"),
	NAME("client_secret"),
	NAME("id_token"),
	NAME("idToken"),
	NAME("oauth_token"),
	NAME("oauth_token_secret"),
	NAME("password"),
	NAME("password_hash"),
	NAME("passwd"),
	NAME("refresh_token"),
	NAME("refreshToken"),
	NAME("secret"),
	NAME("session_key"),
	NAME("session_token"),
	NAME("signed_access_token"),
	NAME("token"),
	NAME("unicodePwd"),
	NAME("userPassword"),
};

/* Claims about the token that carried the others; they say nothing about the user. */
static UdName claim_names[] = {
	NAME("acr"),    NAME("amr"),   NAME("at_hash"), NAME("aud"), NAME("auth_time"), NAME("azp"),
	NAME("c_hash"), NAME("cnf"),   NAME("exp"),     NAME("iat"), NAME("iss"),       NAME("jti"),
	NAME("nbf"),    NAME("nonce"), NAME("s_hash"),  NAME("sid"), NAME("typ"),       NAME("sub_jwk"),
};
static const UdNameList token_claims = {claim_names, lengthof(claim_names)};

bool
ud_leftover_is_listed(const UdNameList *list, const char *name, int length)
{
	for (int i = 0; i < list->count; i++)
	{
		if (list->names[i].length == length && memcmp(list->names[i].text, name, length) == 0)
			return true;
	}
	return false;
}

static bool
get_member(JsonbContainer *object, const UdName *name, JsonbValue *value)
{
	return object != NULL && JsonContainerIsObject(object) &&
		   getKeyJsonValueFromContainer(object, name->text, name->length, value) != NULL &&
		   value->type != jbvNull;
}

/* is_secret returns whether a member's name says that it is a credential. */
static bool
is_secret(const JsonbValue *name)
{
	for (int i = 0; i < lengthof(secret_names); i++)
	{
		if (secret_names[i].length == name->val.string.len &&
			pg_strncasecmp(secret_names[i].text, name->val.string.val, name->val.string.len) == 0)
			return true;
	}
	return false;
}

/* has_token returns whether an object holds tokens, so that expires_in is about them. */
static bool
has_token(JsonbContainer *object)
{
	JsonbValue value;

	for (int i = 0; i < EXPIRES_IN; i++)
	{
		if (get_member(object, &token_names[i], &value))
			return true;
	}
	return false;
}

/* find_token_container returns the object that holds the provider's tokens, or NULL. */
static JsonbContainer *
find_token_container(const UdNormalization *normalization)
{
	static const UdName token = NAME("token");
	JsonbContainer *content = normalization->answer.content.val.binary.data;
	JsonbContainer *extras = normalization->answer.extras;
	JsonbValue part;

	if (has_token(content))
		return content;
	for (int i = normalization->nlevels - 1; i >= 0; i--)
	{
		if (has_token(normalization->levels[i].container))
			return normalization->levels[i].container;
	}
	if (get_member(extras, &token, &part) && part.type == jbvBinary &&
		has_token(part.val.binary.data))
		return part.val.binary.data;
	return has_token(extras) ? extras : NULL;
}

static void
push_key(JsonbParseState **state, const char *name, int length)
{
	JsonbValue key;

	ud_transform_set_text(&key, name, length);
	(void)pushJsonbValue(state, WJB_KEY, &key);
}

static void
push_member(JsonbParseState **state, const char *name, int length, JsonbValue *value)
{
	push_key(state, name, length);
	(void)pushJsonbValue(state, WJB_VALUE, value);
}

void
ud_leftover_push_tokens(UdNormalization *normalization, JsonbParseState **state)
{
	JsonbContainer *tokens = find_token_container(normalization);
	JsonbValue value;

	for (int i = 0; i < NTOKENS; i++)
	{
		if (get_member(tokens, &token_names[i], &value) && value.type != jbvBinary)
			push_member(state, token_names[i].text, token_names[i].length, &value);
	}
}

/* is_same_value compares two values as JSON does. */
static bool
is_same_value(const JsonbValue *a, const JsonbValue *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type)
	{
		case jbvNull:
			return true;
		case jbvBool:
			return a->val.boolean == b->val.boolean;
		case jbvString:
			return a->val.string.len == b->val.string.len &&
				   memcmp(a->val.string.val, b->val.string.val, a->val.string.len) == 0;
		case jbvNumeric:
			return DatumGetBool(DirectFunctionCall2(numeric_eq, NumericGetDatum(a->val.numeric),
													NumericGetDatum(b->val.numeric)));
		case jbvBinary:
			return compareJsonbContainers(a->val.binary.data, b->val.binary.data) == 0;
		default:
			return false;
	}
}

/*
 * is_in_profile returns whether the profile holds a member already. The user of a database is what
 * the profile says; there a raw spelling of a root attribute is not worth keeping.
 */
static bool
is_in_profile(const UdNormalization *normalization, const JsonbValue *name, const JsonbValue *value)
{
	const UdAnswer *answer = &normalization->answer;
	UdField field = ud_field_find(name->val.string.val, name->val.string.len);
	JsonbValue id = *value;

	if (field == UD_FIELD_COUNT || !answer->has[field])
		return false;
	if (field == UD_FIELD_USER_ID)
		return ud_transform_to_text(&id) && is_same_value(&id, &answer->fields[UD_FIELD_USER_ID]);
	return normalization->strategy->kind == UD_KIND_DATABASE ||
		   is_same_value(value, &answer->fields[field]);
}

/* is_expires_in returns whether a member tells for how long the tokens beside it are good. */
static bool
is_expires_in(const JsonbValue *name)
{
	const UdName *expires_in = &token_names[EXPIRES_IN];

	return name->val.string.len == expires_in->length &&
		   memcmp(name->val.string.val, expires_in->text, expires_in->length) == 0;
}

/* is_pushed_target returns whether a target of the map bears the name and has given a value. */
static bool
is_pushed_target(const UdNormalization *normalization, const bool *pushed, const JsonbValue *name)
{
	for (int i = 0; i < normalization->map->nextras; i++)
	{
		const UdExtraTarget *target = &normalization->map->extras[i];

		if (pushed[i] && target->shelf == UD_SHELF_ATTRIBUTES &&
			target->name_length == name->val.string.len &&
			memcmp(target->name, name->val.string.val, name->val.string.len) == 0)
			return true;
	}
	return false;
}

/* An object that is begun when its first member comes. */
typedef struct LazyObject
{
	JsonbParseState **state;
	const char *name;
	bool begun;
} LazyObject;

static void
begin_lazily(LazyObject *object)
{
	if (object->begun)
		return;
	push_key(object->state, object->name, strlen(object->name));
	(void)pushJsonbValue(object->state, WJB_BEGIN_OBJECT, NULL);
	object->begun = true;
}

static void
push_lazily(LazyObject *object, const char *name, int length, JsonbValue *value)
{
	begin_lazily(object);
	push_member(object->state, name, length, value);
}

/* push_without_secrets adds a member; what it contains is kept but for credentials. */
static void
push_without_secrets(LazyObject *object, const JsonbValue *name, JsonbValue *value)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue part;

	if (value->type != jbvBinary)
	{
		push_lazily(object, name->val.string.val, name->val.string.len, value);
		return;
	}
	begin_lazily(object);
	push_key(object->state, name->val.string.val, name->val.string.len);
	iterator = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &part, false)) != WJB_DONE)
	{
		bool carries_value = (token == WJB_KEY || token == WJB_VALUE || token == WJB_ELEM);

		CHECK_FOR_INTERRUPTS();
		if (token == WJB_KEY && is_secret(&part))
			(void)JsonbIteratorNext(&iterator, &part, true);
		else
			(void)pushJsonbValue(object->state, token, carries_value ? &part : NULL);
	}
}

static void
end_lazily(LazyObject *object)
{
	if (object->begun)
		(void)pushJsonbValue(object->state, WJB_END_OBJECT, NULL);
}

/* push_targets adds the targets of one shelf, and notes which of them had a value. */
static void
push_targets(UdNormalization *normalization, UdShelf shelf, LazyObject *object, bool *pushed)
{
	const UdAttributeMap *map = normalization->map;

	for (int i = 0; i < map->nextras; i++)
	{
		const UdExtraTarget *target = &map->extras[i];
		JsonbValue value;

		if (target->shelf != shelf ||
			(shelf == UD_SHELF_ATTRIBUTES &&
			 ud_leftover_is_listed(&normalization->denied, target->name, target->name_length)))
			continue;
		pushed[i] = ud_evaluate_sources(&normalization->answer, &target->from, UD_TYPE_ANY, &value);
		if (pushed[i])
			push_lazily(object, target->name, target->name_length, &value);
	}
}

/* is_wanted returns whether a member of the answer belongs into attributes. */
static bool
is_wanted(const UdNormalization *normalization, const bool *pushed, bool among_tokens,
		  const JsonbValue *name, const JsonbValue *value)
{
	const UdAttributeMap *map = normalization->map;
	const char *text = name->val.string.val;
	int length = name->val.string.len;

	return !is_secret(name) && !(among_tokens && is_expires_in(name)) &&
		   !ud_leftover_is_listed(&map->secrets, text, length) &&
		   !ud_leftover_is_listed(&normalization->denied, text, length) &&
		   !(map->keep == UD_KEEP_CLAIMS && ud_leftover_is_listed(&token_claims, text, length)) &&
		   !is_pushed_target(normalization, pushed, name) &&
		   !is_in_profile(normalization, name, value);
}

/* is_further_in returns whether a level within this one has a member of the name too. */
static bool
is_further_in(const UdNormalization *normalization, int level, const JsonbValue *name)
{
	JsonbValue value;

	for (int i = level + 1; i <= normalization->nlevels; i++)
	{
		JsonbContainer *inner = i == normalization->nlevels
									? normalization->answer.content.val.binary.data
									: normalization->levels[i].container;

		if (getKeyJsonValueFromContainer(inner, name->val.string.val, name->val.string.len,
										 &value) != NULL)
			return true;
	}
	return false;
}

/* push_level adds the members of one object; the content itself is the level behind the last. */
static void
push_level(UdNormalization *normalization, int level, LazyObject *object, const bool *pushed)
{
	bool innermost = (level == normalization->nlevels);
	JsonbContainer *container = innermost ? normalization->answer.content.val.binary.data
										  : normalization->levels[level].container;
	bool among_tokens = has_token(container);
	JsonbIterator *iterator = JsonbIteratorInit(container);
	JsonbValue name;
	JsonbValue value;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &name, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		(void)JsonbIteratorNext(&iterator, &value, true);
		CHECK_FOR_INTERRUPTS();
		if (!innermost)
		{
			const UdName *entered = &normalization->levels[level].entered;

			if ((entered->length == name.val.string.len &&
				 memcmp(entered->text, name.val.string.val, entered->length) == 0) ||
				is_further_in(normalization, level, &name))
				continue;
		}
		if (is_wanted(normalization, pushed, among_tokens, &name, &value))
			push_without_secrets(object, &name, &value);
	}
}

/* push_metadata adds user_metadata or app_metadata: what is mapped as a whole, then the parts. */
static void
push_metadata(UdNormalization *normalization, JsonbParseState **state, UdField field, UdShelf shelf,
			  bool *pushed)
{
	LazyObject object = {state, ud_fields[field].name, false};

	if (ud_leftover_is_listed(&normalization->denied, object.name, strlen(object.name)))
		return;
	if (normalization->answer.has[field])
	{
		JsonbIterator *iterator =
			JsonbIteratorInit(normalization->answer.fields[field].val.binary.data);
		JsonbValue name;
		JsonbValue value;
		JsonbIteratorToken token;

		while ((token = JsonbIteratorNext(&iterator, &name, true)) != WJB_DONE)
		{
			if (token != WJB_KEY)
				continue;
			(void)JsonbIteratorNext(&iterator, &value, true);
			push_lazily(&object, name.val.string.val, name.val.string.len, &value);
		}
	}
	push_targets(normalization, shelf, &object, pushed);
	end_lazily(&object);
}

void
ud_leftover_push(UdNormalization *normalization, JsonbParseState **state)
{
	LazyObject attributes = {state, "attributes", false};
	bool *pushed = palloc0(sizeof(bool) * Max(normalization->map->nextras, 1));

	push_metadata(normalization, state, UD_FIELD_USER_METADATA, UD_SHELF_USER_METADATA, pushed);
	push_metadata(normalization, state, UD_FIELD_APP_METADATA, UD_SHELF_APP_METADATA, pushed);

	push_targets(normalization, UD_SHELF_ATTRIBUTES, &attributes, pushed);
	if (normalization->map->keep != UD_KEEP_NONE)
	{
		for (int level = normalization->nlevels; level >= 0; level--)
			push_level(normalization, level, &attributes, pushed);
	}
	end_lazily(&attributes);
}
