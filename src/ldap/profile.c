/*
 * profile.c: from an entry of a directory to the profile of a user.
 */
#include "base/userdir.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "ldap/profile.h"
#include "pure/base64.h"
#include "pure/ldap_template.h"
#include "pure/ldap_time.h"
#include "pure/ldap_value.h"

/* The bit of userAccountControl that disables an account. */
#define ACCOUNT_DISABLED 0x2

/* From PostgreSQL's beginning of time, 2000, to that of the functions in pure. */
#define MS_FROM_1970_TO_2000 INT64CONST(946684800000)

static void
fail_value(const char *attribute, const char *problem)
{
	ereport(ERROR,
			(errcode(UD_ERR_LDAP_SERVER),
			 errmsg("attribute \"%.*s\" of the entry %s",
					pg_mbcliplen(attribute, (int)strlen(attribute), 64), attribute, problem)));
}

/* find_attribute returns an attribute of an entry, or NULL when it has none of that name. */
static const UdLdapAttribute *
find_attribute(const UdLdapEntry *entry, const char *name)
{
	const size_t length = strlen(name);

	for (int i = 0; i < entry->count; i++)
	{
		const UdLdapAttribute *attribute = &entry->attributes[i];

		if (pg_strncasecmp(attribute->name, name, length) != 0)
			continue;
		/* Active Directory sends long lists in parts; a part must not pass for the whole. */
		if (pg_strncasecmp(attribute->name + length, ";range=", 7) == 0)
			fail_value(name, "has more values than the server returns at once");
		if (attribute->name[length] == '\0' && attribute->count > 0)
			return attribute;
	}
	return NULL;
}

/* text_of returns a value as text in the encoding of the database. */
static UdSpan
text_of(const char *attribute, UdSpan value)
{
	const char *text;

	if (!pg_verify_mbstr(PG_UTF8, value.data, (int)value.length, true))
		fail_value(attribute, "is not text");
	if (GetDatabaseEncoding() == PG_UTF8)
		return value;
	text = pg_any_to_server(value.data, (int)value.length, PG_UTF8);
	return text == value.data ? value : ud_span_of(text);
}

static UdSpan
rdn_of(const char *attribute, UdSpan value)
{
	UdSpan text = text_of(attribute, value);
	char *target = palloc(text.length + 1);
	size_t length;

	if (!ud_ldap_value_rdn(text.data, text.length, target, &length))
		fail_value(attribute, "is no distinguished name");
	/* What was escaped may not be a text. */
	if (!pg_verifymbstr(target, (int)length, true))
		fail_value(attribute, "is not text");
	return (UdSpan){target, length};
}

static UdSpan
base64_of(UdSpan value)
{
	char *target = palloc(UD_BASE64_SIZE(value.length) + 2);
	size_t length = ud_base64_encode((const uint8 *)value.data, value.length, target);

	for (; length % 4 != 0; length++)
		target[length] = '=';
	return (UdSpan){target, length};
}

/* bytes_of writes a UUID or a security identifier. */
static UdSpan
bytes_of(const UdLdapSource *source, UdSpan value)
{
	const uint8 *bytes = (const uint8 *)value.data;
	char *target = palloc(Max(UD_LDAP_UUID_SIZE, UD_LDAP_SID_SIZE));
	bool is_valid;

	if (source->conversion == UD_LDAP_SID)
		is_valid = ud_ldap_value_sid(bytes, value.length, target);
	else
		is_valid = ud_ldap_value_uuid(bytes, value.length,
									  source->conversion == UD_LDAP_GUID ? UD_LDAP_UUID_WINDOWS
																		 : UD_LDAP_UUID_NETWORK,
									  target);
	if (!is_valid)
		fail_value(source->attribute, source->conversion == UD_LDAP_SID
										  ? "is no security identifier"
										  : "does not have the 16 bytes of a UUID");
	return ud_span_of(target);
}

/* time_of writes a point in time, nothing for one that never is. */
static UdSpan
time_of(const UdLdapSource *source, UdSpan value)
{
	char *target = palloc(UD_LDAP_TIME_SIZE);
	int64 milliseconds;
	UdLdapTime result = source->conversion == UD_LDAP_FILETIME
							? ud_ldap_time_windows(value.data, value.length, &milliseconds)
							: ud_ldap_time_generalized(value.data, value.length, &milliseconds);

	if (result == UD_LDAP_TIME_NEVER)
		return (UdSpan){target, 0};
	if (result == UD_LDAP_TIME_BAD)
		fail_value(source->attribute, "is no point in time");
	return (UdSpan){target, ud_ldap_time_text(milliseconds, target)};
}

/* string_of converts the first value of an attribute to a string; empty: there is none. */
static UdSpan
string_of(const UdLdapEntry *entry, const UdLdapSource *source)
{
	const UdLdapAttribute *attribute = find_attribute(entry, source->attribute);

	if (attribute == NULL)
		return UD_SPAN("");
	switch (source->conversion)
	{
		case UD_LDAP_BASE64:
			return base64_of(attribute->values[0]);
		case UD_LDAP_GUID:
		case UD_LDAP_UUID:
		case UD_LDAP_SID:
			return bytes_of(source, attribute->values[0]);
		case UD_LDAP_DATE:
		case UD_LDAP_FILETIME:
			return time_of(source, attribute->values[0]);
		default:
			return text_of(source->attribute, attribute->values[0]);
	}
}

static JsonbValue
make_string(UdSpan text)
{
	JsonbValue value;

	value.type = jbvString;
	value.val.string.val = unconstify(char *, text.data);
	value.val.string.len = (int)text.length;
	return value;
}

/* push_list pushes all values of an attribute as an array. */
static void
push_list(JsonbParseState **state, const UdLdapSource *source, const UdLdapAttribute *attribute)
{
	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < attribute->count; i++)
	{
		UdSpan text = source->conversion == UD_LDAP_RDN
						  ? rdn_of(source->attribute, attribute->values[i])
						  : text_of(source->attribute, attribute->values[i]);
		JsonbValue value = make_string(text);

		pushJsonbValue(state, WJB_ELEM, &value);
	}
	pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

static JsonbValue
number_of(const UdLdapSource *source, UdSpan text)
{
	JsonbValue value;
	int64 number;

	if (!ud_ldap_value_integer(text.data, text.length, &number))
		fail_value(source->attribute, "is no whole number");
	value.type = jbvNumeric;
	value.val.numeric = int64_to_numeric(number);
	return value;
}

static JsonbValue
boolean_of(const UdLdapSource *source, UdSpan text)
{
	JsonbValue value;

	value.type = jbvBool;
	value.val.boolean = ud_span_is(text, "TRUE");
	if (!value.val.boolean && !ud_span_is(text, "FALSE"))
		fail_value(source->attribute, "is neither TRUE nor FALSE");
	return value;
}

static void
push_key(JsonbParseState **state, UdSpan name)
{
	JsonbValue key = make_string(name);

	pushJsonbValue(state, WJB_KEY, &key);
}

/* push_source pushes what comes from one attribute, if the entry has it. */
static void
push_source(JsonbParseState **state, const UdLdapEntry *entry, const UdLdapField *field)
{
	const UdLdapSource *source = &field->source;
	const UdLdapAttribute *attribute = find_attribute(entry, source->attribute);
	JsonbValue value;
	UdSpan text;

	if (attribute == NULL)
		return;
	if (source->conversion == UD_LDAP_LIST || source->conversion == UD_LDAP_RDN)
	{
		push_key(state, field->target.name);
		push_list(state, source, attribute);
		return;
	}
	text = string_of(entry, source);
	if (text.length == 0)
		return;
	if (source->conversion == UD_LDAP_NUMBER)
		value = number_of(source, text);
	else if (source->conversion == UD_LDAP_BOOLEAN)
		value = boolean_of(source, text);
	else
		value = make_string(text);
	push_key(state, field->target.name);
	pushJsonbValue(state, WJB_VALUE, &value);
}

/* push_template pushes what comes from several attributes, if the entry has all of them. */
static void
push_template(JsonbParseState **state, const UdLdapEntry *entry, const UdLdapField *field)
{
	StringInfoData text;
	size_t position = 0;
	UdSpan piece;
	UdLdapPiece kind;
	JsonbValue value;

	initStringInfo(&text);
	while ((kind = ud_ldap_template_next(field->template_text, &position, &piece)) !=
		   UD_LDAP_PIECE_END)
	{
		if (kind == UD_LDAP_PIECE_NAME)
		{
			UdLdapSource source = ud_ldap_mapping_source(piece);

			piece = string_of(entry, &source);
			if (piece.length == 0)
				return;
		}
		appendBinaryStringInfo(&text, piece.data, (int)piece.length);
	}
	value = make_string((UdSpan){text.data, text.len});
	push_key(state, field->target.name);
	pushJsonbValue(state, WJB_VALUE, &value);
}

static void
push_field(JsonbParseState **state, const UdLdapEntry *entry, const UdLdapField *field)
{
	JsonbValue value;

	switch (field->kind)
	{
		case UD_LDAP_FROM_ATTRIBUTE:
			push_source(state, entry, field);
			break;
		case UD_LDAP_FROM_TEMPLATE:
			push_template(state, entry, field);
			break;
		case UD_LDAP_CONSTANT:
			value.type = jbvBool;
			value.val.boolean = field->constant;
			push_key(state, field->target.name);
			pushJsonbValue(state, WJB_VALUE, &value);
			break;
	}
}

/* push_groups pushes the names of the groups that were found; some may not be readable. */
static void
push_groups(JsonbParseState **state, const UdLdapGroups *settings, const UdLdapFound *groups)
{
	UdLdapSource source = {settings->attribute, UD_LDAP_TEXT};

	push_key(state, settings->into.name);
	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < groups->count; i++)
	{
		JsonbValue name = make_string(string_of(&groups->entries[i], &source));

		if (name.val.string.len > 0)
			pushJsonbValue(state, WJB_ELEM, &name);
	}
	pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

/* push_place pushes everything that belongs into one place of the profile. */
static void
push_place(JsonbParseState **state, const UdLdapServer *server, const UdLdapEntry *entry,
		   const UdLdapFound *groups, int place)
{
	for (int i = 0; i < server->mapping.field_count; i++)
	{
		if ((int)server->mapping.fields[i].target.place == place)
			push_field(state, entry, &server->mapping.fields[i]);
	}
	if (groups != NULL && (int)server->groups.into.place == place)
		push_groups(state, &server->groups, groups);
}

/* push_metadata pushes one of the two kinds of metadata. */
static void
push_metadata(JsonbParseState **state, const UdLdapServer *server, const UdLdapEntry *entry,
			  const UdLdapFound *groups, int place)
{
	JsonbParseState *metadata = NULL;
	JsonbValue *object;

	pushJsonbValue(&metadata, WJB_BEGIN_OBJECT, NULL);
	push_place(&metadata, server, entry, groups, place);
	object = pushJsonbValue(&metadata, WJB_END_OBJECT, NULL);
	if (object->val.object.nPairs == 0)
		return;
	push_key(state,
			 place == UD_LDAP_USER_METADATA ? UD_SPAN("user_metadata") : UD_SPAN("app_metadata"));
	pushJsonbValue(state, WJB_VALUE, object);
}

/* is_past tells whether a point in time of Windows has come. */
static bool
is_past(const UdLdapAttribute *attribute)
{
	int64 now = GetCurrentTimestamp() / 1000 + MS_FROM_1970_TO_2000;
	int64 then;

	if (attribute == NULL)
		return false;
	switch (ud_ldap_time_windows(attribute->values[0].data, attribute->values[0].length, &then))
	{
		case UD_LDAP_TIME_OK:
			return then <= now;
		case UD_LDAP_TIME_NEVER:
			return false;
		case UD_LDAP_TIME_BAD:
			break;
	}
	/* Windows writes the end of its time in more than one way; beyond the year 9999 is never. */
	return false;
}

/* is_blocked tells whether Active Directory lets nobody in with the account. */
static bool
is_blocked(const UdLdapEntry *entry)
{
	const UdLdapAttribute *control = find_attribute(entry, "userAccountControl");
	int64 flags = 0;

	if (control != NULL &&
		!ud_ldap_value_integer(control->values[0].data, control->values[0].length, &flags))
		fail_value("userAccountControl", "is no whole number");
	return (flags & ACCOUNT_DISABLED) != 0 || is_past(find_attribute(entry, "accountExpires"));
}

UdSpan
ud_ldap_profile_id(const UdLdapServer *server, const UdLdapEntry *entry)
{
	return string_of(entry, &server->mapping.id);
}

Jsonb *
ud_ldap_profile_make(const UdLdapServer *server, const UdLdapEntry *entry,
					 const UdLdapFound *groups)
{
	JsonbParseState *state = NULL;
	JsonbValue id = make_string(ud_ldap_profile_id(server, entry));
	JsonbValue blocked = {jbvBool};

	if (id.val.string.len == 0)
		ereport(ERROR, (errcode(UD_ERR_LDAP_SERVER),
						errmsg("the entry has no attribute \"%s\" that could be the user's id",
							   server->mapping.id.attribute),
						errhint("Name another as \"id_attribute\", or let the account that "
								"searches read it.")));

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_place(&state, server, entry, groups, UD_LDAP_ROOT);
	push_metadata(&state, server, entry, groups, UD_LDAP_USER_METADATA);
	push_metadata(&state, server, entry, groups, UD_LDAP_APP_METADATA);
	/* Of two values for a key the last one stays. */
	blocked.val.boolean = server->is_active_directory && is_blocked(entry);
	if (blocked.val.boolean)
	{
		push_key(&state, UD_SPAN("blocked"));
		pushJsonbValue(&state, WJB_VALUE, &blocked);
	}
	push_key(&state, UD_SPAN("user_id"));
	pushJsonbValue(&state, WJB_VALUE, &id);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}
