/*
 * metadata_check.c: what user_metadata and app_metadata may be.
 */
#include "base/userdir.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "base/settings.h"
#include "profile/metadata_check.h"
#include "profile/payload.h"

/* How much of a name an error repeats, in bytes. */
#define SHOWN_NAME 64

/* The model's own root attributes, which app_metadata would hide where both are merged. */
static const char *const reserved_names[] = {
	"__tenant",         "_id",        "blocked",        "clientID",
	"created_at",       "email",      "email_verified", "globalClientID",
	"global_client_id", "identities", "lastIP",         "lastLogin",
	"loginsCount",      "metadata",   "multifactor",    "multifactor_last_modified",
	"updated_at",       "user_id"};

bool
ud_metadata_is_name(const char *name, int length)
{
	return memchr(name, '.', length) == NULL && memchr(name, '$', length) == NULL;
}

bool
ud_metadata_is_reserved(const char *name, int length)
{
	for (int i = 0; i < lengthof(reserved_names); i++)
	{
		if (length == strlen(reserved_names[i]) && memcmp(name, reserved_names[i], length) == 0)
			return true;
	}
	return false;
}

/* check_name raises unless a member at this depth (1 is the first level) may have this name. */
static void
check_name(const char *kind, const JsonbValue *name, int depth)
{
	const char *text = name->val.string.val;
	int length = name->val.string.len;
	int shown = pg_mbcliplen(text, length, SHOWN_NAME);

	if (!ud_metadata_is_name(text, length))
		ereport(ERROR, (errcode(UD_ERR_INVALID_METADATA),
						errmsg("the name \"%.*s\" in %s holds a \".\" or \"$\"", shown, text, kind),
						errhint("Nest objects instead of joining names with dots.")));
	if (depth == 1 && strcmp(kind, "app_metadata") == 0 && ud_metadata_is_reserved(text, length))
		ereport(ERROR, (errcode(UD_ERR_INVALID_METADATA),
						errmsg("the name \"%.*s\" is reserved in app_metadata", shown, text),
						errdetail("It is that of an attribute of the user itself.")));
}

/* check_content walks through the whole document; the walk does not recurse. */
static void
check_content(const char *kind, Jsonb *metadata)
{
	JsonbIterator *iterator = JsonbIteratorInit(&metadata->root);
	JsonbValue value;
	JsonbIteratorToken token;
	int depth = 0;
	uint64 digits = 0;

	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		if (token == WJB_BEGIN_OBJECT || token == WJB_BEGIN_ARRAY)
		{
			CHECK_FOR_INTERRUPTS();
			if (++depth > ud_metadata_max_depth)
				ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
								errmsg("%s is nested more than %d levels deep", kind,
									   ud_metadata_max_depth),
								errhint("The limit is the setting userdir.metadata_max_depth.")));
		}
		else if (token == WJB_END_OBJECT || token == WJB_END_ARRAY)
			depth--;
		else if (token == WJB_KEY)
			check_name(kind, &value, depth);
		else if (token == WJB_VALUE || token == WJB_ELEM)
			ud_payload_count_digits(&value, &digits, ud_metadata_max_size_kb, kind,
									"userdir.metadata_max_size");
	}
}

UD_FUNCTION(userdir_check_metadata);

/*
 * userdir_check_metadata returns true when a document may be stored as metadata.
 *
 * Arguments: "user_metadata" or "app_metadata"; the document. Errors: 22023 for another kind;
 * UD005 when the document is no object or has a name that is not allowed; 54000 when it is larger,
 * also in its numbers written out, or deeper than the settings allow.
 */
Datum
userdir_check_metadata(PG_FUNCTION_ARGS)
{
	char *kind = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Jsonb *metadata = PG_GETARG_JSONB_P(1);

	if (strcmp(kind, "user_metadata") != 0 && strcmp(kind, "app_metadata") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("unknown kind of metadata"),
				 errhint("It is \"user_metadata\" or \"app_metadata\".")));
	if (!JB_ROOT_IS_OBJECT(metadata))
		ereport(ERROR,
				(errcode(UD_ERR_INVALID_METADATA), errmsg("%s must be a JSON object", kind)));
	if (VARSIZE(metadata) / 1024 >= ud_metadata_max_size_kb)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%s is too large: %u kB, but %d kB are allowed", kind,
						(unsigned int)(VARSIZE(metadata) / 1024) + 1, ud_metadata_max_size_kb),
				 errhint("The limit is the setting userdir.metadata_max_size.")));
	check_content(kind, metadata);
	PG_FREE_IF_COPY(metadata, 1);
	PG_RETURN_BOOL(true);
}
