/*
 * payload.c: the limits that an answer of an identity provider has to keep.
 */
#include "base/userdir.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "base/settings.h"
#include "profile/payload.h"

/* The path in an error is for reading; the first levels tell enough. */
#define SHOWN_LEVELS 8

typedef struct Level
{
	JsonbValue name; /* of the member being looked at; unused in arrays */
	bool is_array;
	int position; /* of the element being looked at, in arrays */
} Level;

/* describe_path writes the path that the levels make. */
static char *
describe_path(const Level *levels, int depth)
{
	StringInfoData path;

	initStringInfo(&path);
	for (int i = 0; i < depth && i < SHOWN_LEVELS; i++)
	{
		if (levels[i].is_array)
			appendStringInfo(&path, "[%d]", levels[i].position);
		else
			appendStringInfo(
				&path, "%s%.*s", path.len > 0 ? "." : "",
				pg_mbcliplen(levels[i].name.val.string.val, levels[i].name.val.string.len, 60),
				levels[i].name.val.string.val);
	}
	if (depth > SHOWN_LEVELS)
		appendStringInfoString(&path, "...");
	return path.data;
}

void
ud_payload_count_digits(const JsonbValue *value, uint64 *digits, int limit_kb, const char *what,
						const char *setting)
{
	char *text;

	if (value->type != jbvNumeric)
		return;
	text = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));
	*digits += strlen(text);
	pfree(text);
	if (*digits > (uint64)limit_kb * 1024)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the numbers of %s are too long", what),
						errdetail("Written out they have more than %d kB.", limit_kb),
						errhint("The limit is the setting %s.", setting)));
}

/* check_content walks through the whole document; the walk does not recurse. */
static void
check_content(Jsonb *document, const char *what)
{
	JsonbIterator *iterator = JsonbIteratorInit(&document->root);
	Level *levels = palloc0(sizeof(Level) * (ud_payload_max_depth + 1));
	JsonbValue value;
	JsonbIteratorToken token;
	int depth = 0;
	uint64 digits = 0;

	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token == WJB_VALUE || token == WJB_ELEM)
			ud_payload_count_digits(&value, &digits, ud_payload_max_size_kb, what,
									"userdir.payload_max_size");
		if ((token == WJB_ELEM || token == WJB_BEGIN_OBJECT || token == WJB_BEGIN_ARRAY) &&
			depth > 0 && levels[depth - 1].is_array)
			levels[depth - 1].position++;

		if (token == WJB_BEGIN_OBJECT || token == WJB_BEGIN_ARRAY)
		{
			if (depth == ud_payload_max_depth)
				ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
								errmsg("%s is nested more than %d levels deep", what,
									   ud_payload_max_depth),
								errdetail("At \"%s\".", describe_path(levels, depth)),
								errhint("The limit is the setting userdir.payload_max_depth.")));
			levels[depth].is_array = (token == WJB_BEGIN_ARRAY);
			levels[depth].position = -1; /* before the first element */
			depth++;
		}
		else if (token == WJB_END_OBJECT || token == WJB_END_ARRAY)
			depth--;
		else if (token == WJB_KEY)
			levels[depth - 1].name = value;
	}
	pfree(levels);
}

void
ud_payload_check(Jsonb *document, const char *what)
{
	uint32 size_kb = (VARSIZE(document) + 1023) / 1024;

	if (size_kb > ud_payload_max_size_kb)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("%s is too large: %u kB, but %d kB are allowed", what, size_kb,
							   ud_payload_max_size_kb),
						errhint("The limit is the setting userdir.payload_max_size.")));
	check_content(document, what);
}

const char *
ud_payload_describe(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvNull:
			return "null";
		case jbvString:
			return value->val.string.len == 0 ? "an empty string" : "a string";
		case jbvNumeric:
			return "a number";
		case jbvBool:
			return "a boolean";
		case jbvBinary:
			return JsonContainerIsArray(value->val.binary.data) ? "an array" : "an object";
		default:
			return "of an unknown type";
	}
}
