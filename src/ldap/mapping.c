/*
 * mapping.c: which attributes of an entry become which fields of a profile.
 */
#include "base/userdir.h"

#include "mb/pg_wchar.h"

#include "ldap/keys.h"
#include "ldap/mapping.h"
#include "pure/ldap_template.h"

#define MAX_FIELDS 100

static const char *const conversion_names[UD_LDAP_CONVERSIONS] = {
	[UD_LDAP_TEXT] = "text",     [UD_LDAP_LIST] = "list",         [UD_LDAP_RDN] = "rdn",
	[UD_LDAP_BASE64] = "base64", [UD_LDAP_GUID] = "guid",         [UD_LDAP_UUID] = "uuid",
	[UD_LDAP_SID] = "sid",       [UD_LDAP_NUMBER] = "number",     [UD_LDAP_BOOLEAN] = "boolean",
	[UD_LDAP_DATE] = "date",     [UD_LDAP_FILETIME] = "filetime",
};

/* Attributes that are of no use as the text of their first value. */
static const struct
{
	const char *attribute;
	UdLdapConversion conversion;
} usual_conversions[] = {
	{"accountExpires", UD_LDAP_FILETIME}, {"badPasswordTime", UD_LDAP_FILETIME},
	{"createTimestamp", UD_LDAP_DATE},    {"jpegPhoto", UD_LDAP_BASE64},
	{"lastLogon", UD_LDAP_FILETIME},      {"lastLogonTimestamp", UD_LDAP_FILETIME},
	{"lockoutTime", UD_LDAP_FILETIME},    {"memberOf", UD_LDAP_LIST},
	{"modifyTimestamp", UD_LDAP_DATE},    {"objectClass", UD_LDAP_LIST},
	{"objectGUID", UD_LDAP_GUID},         {"objectSid", UD_LDAP_SID},
	{"proxyAddresses", UD_LDAP_LIST},     {"pwdChangedTime", UD_LDAP_DATE},
	{"pwdLastSet", UD_LDAP_FILETIME},     {"thumbnailPhoto", UD_LDAP_BASE64},
	{"whenChanged", UD_LDAP_DATE},        {"whenCreated", UD_LDAP_DATE},
};

typedef struct UsualField
{
	const char *target;
	const char *attribute;
} UsualField;

static const UsualField person_fields[] = {
	{"email", "mail"},           {"username", "uid"},   {"name", "cn"},
	{"given_name", "givenName"}, {"family_name", "sn"}, {NULL, NULL},
};

static const UsualField active_directory_fields[] = {
	{"email", "mail"},           {"username", "sAMAccountName"}, {"name", "displayName"},
	{"given_name", "givenName"}, {"family_name", "sn"},          {NULL, NULL},
};

static void
refuse(const char *problem, UdSpan where)
{
	int shown = pg_mbcliplen(where.data, (int)where.length, 64);

	ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
					errmsg("%s: \"%.*s\"", problem, shown, where.data)));
}

static UdLdapConversion
usual_conversion(const char *attribute)
{
	for (int i = 0; i < (int)lengthof(usual_conversions); i++)
	{
		if (pg_strcasecmp(attribute, usual_conversions[i].attribute) == 0)
			return usual_conversions[i].conversion;
	}
	return UD_LDAP_TEXT;
}

UdLdapSource
ud_ldap_mapping_source(UdSpan text)
{
	UdLdapSource source;
	UdSpan name;
	UdSpan conversion;

	if (!ud_ldap_template_split(text, &name, &conversion))
		refuse("no name of an LDAP attribute", text);
	source.attribute = pnstrdup(name.data, name.length);
	source.conversion = usual_conversion(source.attribute);
	if (conversion.length == 0)
		return source;
	for (int i = 0; i < UD_LDAP_CONVERSIONS; i++)
	{
		if (ud_span_is(conversion, conversion_names[i]))
		{
			source.conversion = i;
			return source;
		}
	}
	ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
					errmsg("unknown conversion \"%s\" of an LDAP attribute",
						   pnstrdup(conversion.data, Min(conversion.length, 64))),
					errhint("The conversions are text, list, rdn, base64, guid, uuid, sid, number, "
							"boolean, date and filetime.")));
}

/* take_prefix takes the beginning off a name that has it. */
static bool
take_prefix(UdSpan *name, UdSpan prefix)
{
	if (name->length <= prefix.length || memcmp(name->data, prefix.data, prefix.length) != 0)
		return false;
	name->data += prefix.length;
	name->length -= prefix.length;
	return true;
}

UdLdapTarget
ud_ldap_mapping_target(UdSpan name)
{
	UdLdapTarget target = {UD_LDAP_ROOT, name};

	if (take_prefix(&target.name, UD_SPAN("user_metadata.")))
		target.place = UD_LDAP_USER_METADATA;
	else if (take_prefix(&target.name, UD_SPAN("app_metadata.")))
		target.place = UD_LDAP_APP_METADATA;
	else if (ud_span_is(name, "user_metadata") || ud_span_is(name, "app_metadata"))
		refuse("not one path of the metadata", name);
	else if (ud_span_is(name, "user_id"))
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
						errmsg("\"user_id\" cannot be among the attributes"),
						errhint("It comes from \"id_attribute\".")));

	if (target.name.length == 0 || memchr(target.name.data, '.', target.name.length) != NULL ||
		memchr(target.name.data, '$', target.name.length) != NULL)
		refuse("no field of a profile", name);
	return target;
}

/* check_template raises for a template that has errors or uses lists. */
static void
check_template(UdSpan text)
{
	size_t position = 0;
	UdSpan piece;
	UdLdapPiece kind;

	while ((kind = ud_ldap_template_next(text, &position, &piece)) != UD_LDAP_PIECE_END)
	{
		UdLdapSource source;

		if (kind == UD_LDAP_PIECE_BAD)
			refuse("a brace without its other one, or with nothing between", text);
		if (kind != UD_LDAP_PIECE_NAME)
			continue;
		source = ud_ldap_mapping_source(piece);
		if (source.conversion == UD_LDAP_LIST || source.conversion == UD_LDAP_RDN)
			refuse("a list within a template", text);
	}
}

static UdLdapField
read_field(const JsonbValue *key, const JsonbValue *value)
{
	UdLdapField field = {{0}};
	UdSpan name = {key->val.string.val, key->val.string.len};

	field.target = ud_ldap_mapping_target(name);
	if (value->type == jbvBool)
	{
		field.kind = UD_LDAP_CONSTANT;
		field.constant = value->val.boolean;
	}
	else if (value->type != jbvString)
		refuse("neither the name of an attribute nor true or false", name);
	else
	{
		field.template_text = (UdSpan){value->val.string.val, value->val.string.len};
		if (value->val.string.len > 0 &&
			(memchr(value->val.string.val, '{', value->val.string.len) != NULL ||
			 memchr(value->val.string.val, '}', value->val.string.len) != NULL))
		{
			field.kind = UD_LDAP_FROM_TEMPLATE;
			check_template(field.template_text);
		}
		else
			field.source = ud_ldap_mapping_source(field.template_text);
	}
	return field;
}

static void
read_fields(UdLdapMapping *mapping, JsonbContainer *fields)
{
	JsonbIterator *iterator = JsonbIteratorInit(fields);
	JsonbIteratorToken token;
	JsonbValue key;
	JsonbValue value;

	if (JsonContainerSize(fields) > MAX_FIELDS)
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
						errmsg("\"attributes\" has more than %d fields", MAX_FIELDS)));
	mapping->fields = palloc0(sizeof(UdLdapField) * Max(JsonContainerSize(fields), 1));
	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		(void)JsonbIteratorNext(&iterator, &value, true);
		/* A null takes nothing. */
		if (value.type != jbvNull)
			mapping->fields[mapping->field_count++] = read_field(&key, &value);
	}
}

static void
take_usual_fields(UdLdapMapping *mapping, const UsualField *usual)
{
	mapping->fields = palloc0(sizeof(UdLdapField) * MAX_FIELDS);
	for (; usual->target != NULL; usual++)
	{
		UdLdapField *field = &mapping->fields[mapping->field_count++];

		field->target = ud_ldap_mapping_target(ud_span_of(usual->target));
		field->source = ud_ldap_mapping_source(ud_span_of(usual->attribute));
	}
}

/* ask_for adds an attribute to those that are asked for. */
static void
ask_for(UdLdapMapping *mapping, int *count, const char *attribute)
{
	for (int i = 0; i < *count; i++)
	{
		if (pg_strcasecmp(mapping->attributes[i], attribute) == 0)
			return;
	}
	/* One more for the NULL at the end, with which a list of 8, 16 and so on is full. */
	if (*count == 0)
		mapping->attributes = palloc(sizeof(char *) * 8);
	else if (*count + 1 >= 8 && ((*count + 1) & *count) == 0)
		mapping->attributes =
			repalloc(mapping->attributes, sizeof(char *) * 2 * ((size_t)*count + 1));
	mapping->attributes[(*count)++] = pstrdup(attribute);
	mapping->attributes[*count] = NULL;
}

static void
ask_for_all(UdLdapMapping *mapping, bool is_active_directory)
{
	int count = 0;

	ask_for(mapping, &count, mapping->id.attribute);
	if (is_active_directory)
	{
		ask_for(mapping, &count, "userAccountControl");
		ask_for(mapping, &count, "accountExpires");
	}
	for (int i = 0; i < mapping->field_count; i++)
	{
		const UdLdapField *field = &mapping->fields[i];
		size_t position = 0;
		UdSpan piece;
		UdLdapPiece kind;

		if (field->kind == UD_LDAP_FROM_ATTRIBUTE)
			ask_for(mapping, &count, field->source.attribute);
		while (field->kind == UD_LDAP_FROM_TEMPLATE &&
			   (kind = ud_ldap_template_next(field->template_text, &position, &piece)) !=
				   UD_LDAP_PIECE_END)
		{
			if (kind == UD_LDAP_PIECE_NAME)
				ask_for(mapping, &count, ud_ldap_mapping_source(piece).attribute);
		}
	}
}

void
ud_ldap_mapping_read(UdLdapMapping *mapping, JsonbContainer *fields, const char *id,
					 bool is_active_directory)
{
	mapping->id = ud_ldap_mapping_source(ud_span_of(id));
	if (mapping->id.conversion == UD_LDAP_LIST || mapping->id.conversion == UD_LDAP_RDN)
		refuse("a list cannot be the id of a user", ud_span_of(id));
	if (fields != NULL)
		read_fields(mapping, fields);
	else
		take_usual_fields(mapping, is_active_directory ? active_directory_fields : person_fields);
	ask_for_all(mapping, is_active_directory);
}
