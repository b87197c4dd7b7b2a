/*
 * jsonb_paths.c: the paths that an index of class jsonb_query_paths_ops is restricted to.
 */
#include "base/userdir.h"

#include "access/reloptions.h"
#include "lib/stringinfo.h"

#include "search/jsonb_paths.h"

/* The option stands in a row of pg_attribute, which the server fails to read when it gets long. */
#define MOST_OPTION_BYTES 1500

/* The options of an index column as the server keeps them. */
typedef struct Options
{
	int32 header;
	int paths; /* where the paths are, in bytes from the beginning; 0: nowhere */
} Options;

/* So many paths follow, each as two bytes of length and its names. */
struct UdJsonbPaths
{
	uint16 count;
};

typedef struct PathCursor
{
	int left;
	const char *at;
} PathCursor;

/*
 * Reading the option
 */

typedef struct Reader
{
	const char *option;
	const char *at;
} Reader;

static void
pg_attribute_noreturn() raise_malformed(const Reader *reader, const char *detail)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("paths of an index are malformed at character %d",
						   (int)(reader->at - reader->option) + 1),
					errdetail("%s", detail),
					errhint("Write paths from the document's root, separated by commas: paths = "
							"'plan,stripe.customer'. A backslash takes the meaning from a dot or "
							"comma.")));
}

static void
skip_blanks(Reader *reader)
{
	while (*reader->at == ' ')
		reader->at++;
}

/* read_name adds a name without the blanks behind it, unless these have a backslash each. */
static void
read_name(Reader *reader, StringInfo names)
{
	const int start = names->len;
	int end = start;

	while (*reader->at != '\0' && *reader->at != '.' && *reader->at != ',')
	{
		bool is_meant = *reader->at != ' ';

		if (*reader->at == '\\')
		{
			reader->at++;
			if (*reader->at == '\0')
				raise_malformed(reader, "There is nothing behind the last backslash.");
		}
		appendStringInfoCharMacro(names, *reader->at++);
		if (is_meant)
			end = names->len;
	}
	if (*reader->at != '.')
	{
		names->len = end;
		names->data[end] = '\0';
	}
	if (names->len == start)
		raise_malformed(reader, "A name must not be empty.");
}

/* read_path adds the names of a path. */
static void
read_path(Reader *reader, StringInfo names)
{
	skip_blanks(reader);
	read_name(reader, names);
	while (*reader->at == '.')
	{
		reader->at++;
		appendStringInfoChar(names, '\0');
		read_name(reader, names);
	}
}

/* read_paths returns the paths in the form in which they are kept. */
static void
read_paths(const char *option, StringInfo paths)
{
	Reader reader = {option, option};
	StringInfoData names;
	uint16 count = 0;

	if (strlen(option) > MOST_OPTION_BYTES)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("paths of an index are longer than %d bytes", MOST_OPTION_BYTES),
						errhint("Make several indexes.")));
	initStringInfo(&names);
	initStringInfo(paths);
	appendBinaryStringInfo(paths, (const char *)&count, sizeof(count));
	for (;;)
	{
		uint16 length;

		resetStringInfo(&names);
		read_path(&reader, &names);
		length = (uint16)names.len;
		appendBinaryStringInfo(paths, (const char *)&length, sizeof(length));
		appendBinaryStringInfo(paths, names.data, names.len);
		count++;
		if (*reader.at == '\0')
			break;
		reader.at++;
	}
	memcpy(paths->data, &count, sizeof(count));
	pfree(names.data);
}

/* check_option raises for a malformed option; it is asked for the default, NULL, as well. */
static void
check_option(const char *option)
{
	StringInfoData paths;

	if (option == NULL)
		return;
	read_paths(option, &paths);
	pfree(paths.data);
}

/* fill_option writes the paths to target, unless that is NULL, and returns their size. */
static Size
fill_option(const char *option, void *target)
{
	StringInfoData paths;

	if (option == NULL)
		return 0;
	read_paths(option, &paths);
	if (target != NULL)
		memcpy(target, paths.data, (size_t)paths.len);
	pfree(paths.data);
	return (Size)paths.len;
}

UD_FUNCTION(userdir__jsonb_gin_options);

/*
 * userdir__jsonb_gin_options declares the options of an index column: paths.
 *
 * Errors, when an index is made: 22023 for malformed paths, 54000 for too many.
 */
Datum
userdir__jsonb_gin_options(PG_FUNCTION_ARGS)
{
	local_relopts *options = (local_relopts *)PG_GETARG_POINTER(0);

	init_local_reloptions(options, sizeof(Options));
	add_local_string_reloption(options, "paths", "paths that are indexed, all others are not", NULL,
							   check_option, fill_option, offsetof(Options, paths));
	PG_RETURN_VOID();
}

/*
 * Asking
 */

const UdJsonbPaths *
ud_jsonb_paths_of(const bytea *options)
{
	const Options *own = (const Options *)options;

	if (own == NULL || own->paths == 0)
		return NULL;
	return (const UdJsonbPaths *)((const char *)own + own->paths);
}

static PathCursor
first_path(const UdJsonbPaths *paths)
{
	uint16 count;

	memcpy(&count, &paths->count, sizeof(count));
	return (PathCursor){count, (const char *)paths + sizeof(count)};
}

static bool
next_path(PathCursor *cursor, UdSpan *path)
{
	uint16 length;

	if (cursor->left == 0)
		return false;
	memcpy(&length, cursor->at, sizeof(length));
	path->data = cursor->at + sizeof(length);
	path->length = length;
	cursor->at = path->data + length;
	cursor->left--;
	return true;
}

/* is_at_or_below returns whether names lead to a place or further. */
static bool
is_at_or_below(UdSpan names, UdSpan place)
{
	return names.length >= place.length && memcmp(names.data, place.data, place.length) == 0 &&
		   (names.length == place.length || names.data[place.length] == '\0');
}

/* have_path returns whether one of the paths stands at names or above them, or at or below them. */
static bool
have_path(const UdJsonbPaths *paths, UdSpan names, bool above)
{
	PathCursor cursor;
	UdSpan path;

	if (paths == NULL)
		return true;
	cursor = first_path(paths);
	while (next_path(&cursor, &path))
	{
		if (above ? is_at_or_below(names, path) : is_at_or_below(path, names))
			return true;
	}
	return false;
}

bool
ud_jsonb_paths_cover(const UdJsonbPaths *paths, UdSpan names)
{
	return have_path(paths, names, true);
}

bool
ud_jsonb_paths_lead_below(const UdJsonbPaths *paths, UdSpan names)
{
	return have_path(paths, names, false);
}

bool
ud_jsonb_paths_cover_path(const UdJsonbPaths *paths, int nnames, const UdSpan *names)
{
	StringInfoData joined;
	bool result;

	if (paths == NULL || nnames == 0)
		return paths == NULL;
	initStringInfo(&joined);
	for (int i = 0; i < nnames; i++)
	{
		if (i > 0)
			appendStringInfoChar(&joined, '\0');
		appendBinaryStringInfo(&joined, names[i].data, (int)names[i].length);
	}
	result = ud_jsonb_paths_cover(paths, (UdSpan){joined.data, (size_t)joined.len});
	pfree(joined.data);
	return result;
}
