/*
 * saml.c: SAML assertions as flat claims, the way the model flattens them.
 */
#include "base/userdir.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "profile/saml.h"
#include "profile/transform.h"

#define CLAIM_PREFIX    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
#define NAME_IDENTIFIER CLAIM_PREFIX "nameidentifier"
#define AUTHENTICATION_METHOD                                                                      \
	"http://schemas.microsoft.com/ws/2008/06/identity/claims/authenticationmethod"

/* Members of an assertion that become claims of another name; a later spelling is an alias. */
static const struct
{
	const char *member;
	const char *claim;
} renamed[] = {
	{"nameID", NAME_IDENTIFIER},
	{"nameId", NAME_IDENTIFIER},
	{"NameID", NAME_IDENTIFIER},
	{"authnContextClassRef", AUTHENTICATION_METHOD},
	{"authenticationMethod", AUTHENTICATION_METHOD},
};

static bool
is_container(const JsonbValue *value, bool array)
{
	return value->type == jbvBinary && (array ? JsonContainerIsArray(value->val.binary.data)
											  : JsonContainerIsObject(value->val.binary.data));
}

static bool
get_member(JsonbContainer *object, const char *name, JsonbValue *value)
{
	return getKeyJsonValueFromContainer(object, name, strlen(name), value) != NULL;
}

/* get_text_member returns whether an object has a text of the name. */
static bool
get_text_member(JsonbContainer *object, const char *name, JsonbValue *value)
{
	return get_member(object, name, value) && value->type == jbvString && value->val.string.len > 0;
}

static void
push_claim(JsonbParseState **state, const char *name, int length, JsonbValue *value)
{
	JsonbValue key;

	CHECK_FOR_INTERRUPTS();
	ud_transform_set_text(&key, name, length);
	(void)pushJsonbValue(state, WJB_KEY, &key);
	(void)pushJsonbValue(state, WJB_VALUE, value);
}

/* push_values adds an attribute: nothing for no value, a scalar for one, else an array. */
static void
push_values(JsonbParseState **state, const char *name, int length, JsonbValue *values)
{
	JsonbContainer *array;

	if (!is_container(values, true))
	{
		if (values->type != jbvNull)
			push_claim(state, name, length, values);
		return;
	}
	array = values->val.binary.data;
	if (JsonContainerSize(array) == 1)
	{
		JsonbValue *only = getIthJsonbValueFromContainer(array, 0);

		if (only->type != jbvNull)
			push_claim(state, name, length, only);
	}
	else if (JsonContainerSize(array) > 1)
		push_claim(state, name, length, values);
}

/* push_attribute_map adds attributes that are written as an object. */
static void
push_attribute_map(JsonbParseState **state, JsonbContainer *attributes)
{
	JsonbIterator *iterator = JsonbIteratorInit(attributes);
	JsonbValue name;
	JsonbValue values;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &name, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		(void)JsonbIteratorNext(&iterator, &values, true);
		push_values(state, name.val.string.val, name.val.string.len, &values);
	}
}

/* push_attribute_element adds one attribute of a list; SAML 1.1 splits its name in two. */
static void
push_attribute_element(JsonbParseState **state, JsonbContainer *attribute)
{
	JsonbValue name;
	JsonbValue namespace;
	JsonbValue values;
	StringInfoData full;

	if (!get_text_member(attribute, "name", &name) && !get_text_member(attribute, "Name", &name) &&
		!get_text_member(attribute, "attributeName", &name) &&
		!get_text_member(attribute, "AttributeName", &name))
		return;
	if (!get_member(attribute, "values", &values) && !get_member(attribute, "value", &values))
		return;

	initStringInfo(&full);
	if (get_text_member(attribute, "namespace", &namespace) ||
		get_text_member(attribute, "attributeNamespace", &namespace) ||
		get_text_member(attribute, "AttributeNamespace", &namespace))
	{
		appendBinaryStringInfo(&full, namespace.val.string.val, namespace.val.string.len);
		appendStringInfoChar(&full, '/');
	}
	appendBinaryStringInfo(&full, name.val.string.val, name.val.string.len);
	push_values(state, full.data, full.len, &values);
}

static void
push_attribute_list(JsonbParseState **state, JsonbContainer *attributes)
{
	JsonbIterator *iterator = JsonbIteratorInit(attributes);
	JsonbValue attribute;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &attribute, true)) != WJB_DONE)
	{
		if (token == WJB_ELEM && is_container(&attribute, false))
			push_attribute_element(state, attribute.val.binary.data);
	}
}

/* find_claim returns the name of the claim that a member of the assertion becomes, or NULL. */
static const char *
find_claim(const JsonbValue *member)
{
	for (int i = 0; i < lengthof(renamed); i++)
	{
		if (member->val.string.len == strlen(renamed[i].member) &&
			memcmp(member->val.string.val, renamed[i].member, member->val.string.len) == 0)
			return renamed[i].claim;
	}
	return NULL;
}

/* is_attributes returns whether a member is the one that holds the attributes. */
static bool
is_attributes(const JsonbValue *member)
{
	return member->val.string.len == strlen("attributes") &&
		   memcmp(member->val.string.val, "attributes", strlen("attributes")) == 0;
}

/*
 * push_assertion adds what stands around the attributes. It comes last, and the last of two members
 * of one name wins: the subject's NameID replaces an attribute of that name.
 */
static void
push_assertion(JsonbParseState **state, JsonbContainer *assertion, bool nested)
{
	JsonbIterator *iterator = JsonbIteratorInit(assertion);
	JsonbValue member;
	JsonbValue value;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &member, true)) != WJB_DONE)
	{
		const char *claim;

		if (token != WJB_KEY)
			continue;
		(void)JsonbIteratorNext(&iterator, &value, true);
		if (value.type == jbvNull || (nested && is_attributes(&member)))
			continue;
		claim = find_claim(&member);
		if (claim != NULL)
			push_claim(state, claim, strlen(claim), &value);
		else
			push_values(state, member.val.string.val, member.val.string.len, &value);
	}
}

Jsonb *
ud_saml_flatten(Jsonb *answer)
{
	JsonbParseState *state = NULL;
	JsonbValue attributes;
	bool nested;

	if (!JB_ROOT_IS_OBJECT(answer))
		return answer;
	nested = get_member(&answer->root, "attributes", &attributes) && attributes.type == jbvBinary;

	(void)pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	if (nested && is_container(&attributes, false))
		push_attribute_map(&state, attributes.val.binary.data);
	else if (nested)
		push_attribute_list(&state, attributes.val.binary.data);
	push_assertion(&state, &answer->root, nested);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}
