/*
 * field_hint.c: what somebody may have meant who names a field that a row does not have.
 */
#include "base/userdir.h"

#include <limits.h>

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/varlena.h"

#include "base/memory_arena.h"
#include "search/field_hint.h"

/* How many names a hint offers, and how much of a name is looked at for it. */
#define NAMES_OFFERED   3
#define LONGEST_MISTAKE 100

/* Columns of the view userdir.profiles that userdir.users does not have */
static const char *const profile_columns[] = {"last_login", "last_ip", "logins_count"};

/* Names inside of identities */
static const char *const identity_names[] = {"connection", "provider", "isSocial", "profileData"};

static bool
is_one_of(UdSpan name, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
	{
		if (ud_span_equal(name, (UdSpan){names[i], strlen(names[i])}))
			return true;
	}
	return false;
}

char *
ud_field_clip(UdSpan text, int limit)
{
	int length = (int)Min(text.length, (size_t)limit);

	if ((size_t)length < text.length)
		length = pg_mbcliplen(text.data, (int)Min(text.length, INT_MAX), limit);
	return pnstrdup(text.data, length);
}

/* append_name adds the name number i of count to an enumeration. */
static void
append_name(StringInfo sentence, const char *name, int i, int count, const char *conjunction)
{
	if (i > 0 && i == count - 1)
		appendStringInfo(sentence, " %s ", conjunction);
	else if (i > 0)
		appendStringInfoString(sentence, ", ");
	appendStringInfo(sentence, "\"%s\"", name);
}

typedef struct NearName
{
	char *name;
	int distance;
} NearName;

static int
compare_near_names(const void *left, const void *right)
{
	const NearName *a = left;
	const NearName *b = right;

	if (a->distance != b->distance)
		return a->distance < b->distance ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* distance returns how many letters must be put in, taken out or changed; case costs nothing. */
static int
distance(const char *mistake, const char *name)
{
	char *a = pstrdup(mistake);
	char *b = pstrdup(name);

	for (char *c = a; *c != '\0'; c++)
		*c = (char)pg_ascii_tolower((unsigned char)*c);
	for (char *c = b; *c != '\0'; c++)
		*c = (char)pg_ascii_tolower((unsigned char)*c);
	return varstr_levenshtein(a, (int)strlen(a), b, (int)strlen(b), 1, 1, 1, true);
}

/* list_fields lists the fields of a row, each with its distance from a mistaken name. */
static NearName *
list_fields(TupleDesc row, const char *mistake, int *count)
{
	NearName *names = palloc(sizeof(NearName) * (size_t)(row->natts + 1));

	*count = 0;
	for (int i = 0; i < row->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(row, i);

		if (!attribute->attisdropped)
			names[(*count)++].name = pstrdup(NameStr(attribute->attname));
	}
	if (ud_field_find_column(row, UD_SPAN("email")) >= 0)
		names[(*count)++].name = pstrdup(UD_FIELD_DOMAIN);
	for (int i = 0; i < *count; i++)
		names[i].distance = distance(mistake, names[i].name);
	return names;
}

/* list_near_names returns the names of a row's fields, the nearest first. */
static NearName *
list_near_names(TupleDesc row, const char *mistake, int *count)
{
	NearName *names = list_fields(row, mistake, count);

	qsort(names, (size_t)*count, sizeof(NearName), compare_near_names);
	return names;
}

/* nearest_names returns a sentence with the names that are nearest. */
static char *
nearest_names(const NearName *names, int count)
{
	StringInfoData sentence;
	int near = 0;

	while (near < Min(count, NAMES_OFFERED) && names[near].distance == names[0].distance)
		near++;
	initStringInfo(&sentence);
	appendStringInfo(&sentence, "The nearest %s of this row %s ", near == 1 ? "field" : "fields",
					 near == 1 ? "is" : "are");
	for (int i = 0; i < near; i++)
		append_name(&sentence, names[i].name, i, near, "and");
	appendStringInfoChar(&sentence, '.');
	return sentence.data;
}

/* is_near returns whether a name is so near to a mistaken one that it is likely to be meant. */
static bool
is_near(const char *mistake, const NearName *name)
{
	int length = (int)strlen(mistake);

	/* two letters that have changed places are two changes */
	return name->distance <= (length <= 3 ? 1 : Max(length / 3, 2));
}

static bool
is_document(TupleDesc row, int index)
{
	Oid type = TupleDescAttr(row, index)->atttypid;

	if (TupleDescAttr(row, index)->attisdropped)
		return false;
	type = getBaseType(type);
	return type == JSONBOID || type == JSONOID;
}

/*
 * documents returns a sentence with the paths that a name would have inside the row's documents;
 * NULL if there are none. What is in identities is known.
 */
static char *
documents(TupleDesc row, const UdQueryField *name)
{
	bool in_identity = is_one_of(name->segments[0], identity_names, lengthof(identity_names));
	int identities = ud_field_find_column(row, UD_SPAN("identities"));
	char *path = ud_field_clip(name->printed, LONGEST_MISTAKE);
	char *paths[NAMES_OFFERED];
	int count = 0;
	StringInfoData sentence;

	if (in_identity && identities >= 0 && is_document(row, identities))
		return psprintf("It is in the identities of a user: \"identities.%s\".", path);
	for (int i = 0; i < row->natts && count < NAMES_OFFERED; i++)
	{
		if (i != identities && is_document(row, i))
			paths[count++] = psprintf("%s.%s", NameStr(TupleDescAttr(row, i)->attname), path);
	}
	if (count == 0)
		return NULL;
	initStringInfo(&sentence);
	appendStringInfoString(&sentence, "What is inside a document has its column before it: ");
	for (int i = 0; i < count; i++)
		append_name(&sentence, paths[i], i, count, "or");
	appendStringInfoChar(&sentence, '.');
	return sentence.data;
}

/* dotted_column returns a sentence if there is a column whose name has a dot where a path has. */
static char *
dotted_column(TupleDesc row, const UdQueryField *name)
{
	UdArena arena = ud_memory_arena(CurrentMemoryContext);
	StringInfoData joined;
	UdSpan column;

	initStringInfo(&joined);
	for (int i = 0; i < name->nsegments; i++)
	{
		if (i > 0)
			appendStringInfoChar(&joined, '.');
		appendBinaryStringInfo(&joined, name->segments[i].data, (int)name->segments[i].length);
	}
	column = (UdSpan){joined.data, (size_t)joined.len};
	if (name->nsegments == 1 || ud_field_find_column(row, column) < 0)
		return NULL;
	column = ud_query_make_field(&column, 1, &arena)->printed;
	return psprintf("The column with a dot in its name is written \"%s\".",
					ud_field_clip(column, LONGEST_MISTAKE));
}

char *
ud_field_hint(TupleDesc row, const UdQueryField *name)
{
	char *mistake = ud_field_clip(name->segments[0], LONGEST_MISTAKE);
	int count;
	NearName *names = list_near_names(row, mistake, &count);
	char *hint;

	if (count == 0)
		return pstrdup("The row has no fields.");
	if (is_one_of(name->segments[0], profile_columns, lengthof(profile_columns)) &&
		ud_field_find_column(row, UD_SPAN("app_metadata")) >= 0)
		return pstrdup("Statistics of logins are columns of the view userdir.profiles.");
	if (distance(mistake, "_exists_") <= 2 || distance(mistake, "_missing_") <= 2)
		return pstrdup("Write _exists_:field or _missing_:field.");
	hint = dotted_column(row, name);
	if (hint == NULL && !is_near(mistake, &names[0]))
		hint = documents(row, name);
	return hint != NULL ? hint : nearest_names(names, count);
}
