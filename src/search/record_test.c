/*
 * record_test.c: what a leaf asks of a column, by the class of the column.
 */
#include "base/userdir.h"

#include <limits.h>

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/memory_arena.h"
#include "search/fold_case.h"
#include "search/record_test.h"

#define LONGEST_VALUE_OUT 100

void
ud_record_test_raise_misfit(const UdField *field, UdSpan value, UdFieldPlace place,
							const char *hint)
{
	int length = (int)Min(value.length, (size_t)LONGEST_VALUE_OUT);

	if ((size_t)length < value.length)
		length = pg_mbcliplen(value.data, (int)Min(value.length, INT_MAX), length);
	ereport(ERROR, (errcode(UD_ERR_QUERY_INVALID_VALUE),
					errmsg("value \"%s\" does not fit field \"%s\" at character %d of the query",
						   pnstrdup(value.data, length), field->column, ud_field_position(place)),
					errdetail("The field is of type %s.", format_type_be(field->type)),
					errhint("%s", hint)));
	pg_unreachable();
}

static void
raise_no_pattern(const UdField *field, UdFieldPlace place)
{
	ereport(ERROR, (errcode(UD_ERR_QUERY_INVALID_VALUE),
					errmsg("pattern does not fit field \"%s\" at character %d of the query",
						   field->column, ud_field_position(place)),
					errdetail("The field is of type %s.", format_type_be(field->type)),
					errhint("Only text and addresses match patterns; write a value or a range.")));
}

static void
raise_no_boolean_range(const UdField *field, UdFieldPlace place)
{
	ereport(ERROR, (errcode(UD_ERR_QUERY_INVALID_VALUE),
					errmsg("range does not fit field \"%s\" at character %d of the query",
						   field->column, ud_field_position(place)),
					errdetail("The field is of type boolean."), errhint("Write true or false.")));
}

/* reading_as_text returns how the text of a field is read. */
static UdReading
reading_as_text(const UdField *field)
{
	if (field->is_domain)
		return UD_READ_DOMAIN;
	if (field->class == UD_FIELD_INET)
		return UD_READ_HOST;
	return field->folds ? UD_READ_FOLDED : UD_READ_TEXT;
}

/* readable returns a text of a query as it is to be compared in a reading. */
static text *
readable(UdSpan span, UdReading reading)
{
	text *value = cstring_to_text_with_len(span.data, (int)span.length);

	return reading == UD_READ_FOLDED || reading == UD_READ_DOMAIN ? ud_fold_case_text(value)
																  : value;
}

/* set_pattern takes a pattern over; its literals are folded one by one, as folding is per letter.
 */
static void
set_pattern(UdTest *test, const UdWildcard *pattern)
{
	UdWildcardPart *parts = palloc(sizeof(UdWildcardPart) * (size_t)Max(pattern->nparts, 1));

	for (int i = 0; i < pattern->nparts; i++)
	{
		parts[i] = pattern->parts[i];
		if (parts[i].kind == UD_WILDCARD_LITERAL)
		{
			text *literal = readable(parts[i].text, test->reading);

			parts[i].text = (UdSpan){VARDATA_ANY(literal), VARSIZE_ANY_EXHDR(literal)};
		}
	}
	test->kind = UD_TEST_MATCH;
	test->pattern = (UdWildcard){pattern->nparts, parts};
}

static void
set_equal(UdTest *test, UdSpan value)
{
	test->kind = UD_TEST_EQUAL;
	test->reading = reading_as_text(&test->field);
	test->value = readable(value, test->reading);
}

static void
set_between(UdTest *test, const UdQueryRange *range)
{
	test->kind = UD_TEST_BETWEEN;
	test->reading = reading_as_text(&test->field);
	test->low = range->low.open ? NULL : readable(range->low.value, test->reading);
	test->high = range->high.open ? NULL : readable(range->high.value, test->reading);
	test->low_inclusive = range->low.inclusive;
	test->high_inclusive = range->high.inclusive;
}

static bool
set_boolean(UdTest *test, UdSpan value, UdFieldPlace place)
{
	bool yes = ud_span_equal(value, UD_SPAN("true"));

	if (!yes && !ud_span_equal(value, UD_SPAN("false")))
		ud_record_test_raise_misfit(&test->field, value, place, "Write true or false.");
	test->kind = UD_TEST_BOOLEAN;
	test->boolean = yes;
	return true;
}

static bool
set_term(UdTest *test, UdSpan value, UdFieldPlace place)
{
	switch (test->field.class)
	{
		case UD_FIELD_BOOLEAN:
			return set_boolean(test, value, place);
		case UD_FIELD_INTEGER:
		case UD_FIELD_FLOAT:
		case UD_FIELD_NUMERIC:
		case UD_FIELD_TIME:
		case UD_FIELD_INET:
		case UD_FIELD_OWN:
			return ud_record_scalar_term(test, value, place);
		default:
			/* no domain holds the sign that parts it from the rest of the address */
			if (test->field.is_domain && memchr(value.data, '@', value.length) != NULL)
				return false;
			set_equal(test, value);
			return true;
	}
}

static bool
set_range(UdTest *test, const UdQueryRange *range, UdFieldPlace place)
{
	switch (test->field.class)
	{
		case UD_FIELD_BOOLEAN:
			raise_no_boolean_range(&test->field, place);
			return false;
		case UD_FIELD_INTEGER:
		case UD_FIELD_FLOAT:
		case UD_FIELD_NUMERIC:
		case UD_FIELD_TIME:
		case UD_FIELD_INET:
		case UD_FIELD_OWN:
			return ud_record_scalar_range(test, range, place);
		default:
			set_between(test, range);
			return true;
	}
}

static bool
set_wildcard(UdTest *test, const UdWildcard *pattern, UdFieldPlace place)
{
	if (test->field.class != UD_FIELD_TEXT && test->field.class != UD_FIELD_INET)
		raise_no_pattern(&test->field, place);
	test->reading = reading_as_text(&test->field);
	set_pattern(test, pattern);
	return true;
}

/* set_exists asks for a value; that of a domain is there only if its reading is not null. */
static bool
set_exists(UdTest *test)
{
	test->kind = UD_TEST_EXISTS;
	test->reading = test->field.is_domain ? UD_READ_DOMAIN : UD_READ_VALUE;
	return true;
}

/* set_document takes over the leaf, with the path that begins in the document. */
static bool
set_document(UdTest *test)
{
	UdArena arena = ud_memory_arena(CurrentMemoryContext);
	UdQueryNode *document = palloc(sizeof(UdQueryNode));

	*document = *test->leaf;
	document->field = test->field.npath == 0
						  ? NULL
						  : ud_query_make_field(test->field.path, test->field.npath, &arena);
	test->kind = UD_TEST_DOCUMENT;
	test->document = document;
	return true;
}

/* with_field returns the leaf with the name of its field, which a bare one does not have. */
static const UdQueryNode *
with_field(const UdQueryNode *leaf, const UdField *field)
{
	UdQueryNode *copy;

	if (leaf->field != NULL)
		return leaf;
	copy = palloc(sizeof(UdQueryNode));
	*copy = *leaf;
	copy->field = field->name;
	return copy;
}

UdTest *
ud_record_test_make(const UdQueryNode *leaf, const UdField *field, UdFieldPlace place)
{
	UdTest *test = palloc0(sizeof(UdTest));
	bool possible;

	test->field = *field;
	test->leaf = with_field(leaf, field);
	if (field->class == UD_FIELD_JSONB)
		possible = set_document(test);
	else if (leaf->kind == UD_QUERY_EXISTS)
		possible = set_exists(test);
	else if (leaf->kind == UD_QUERY_TERM)
		possible = set_term(test, leaf->u.value, place);
	else if (leaf->kind == UD_QUERY_RANGE)
		possible = set_range(test, &leaf->u.range, place);
	else
		possible = set_wildcard(test, &leaf->u.pattern, place);
	return possible ? test : NULL;
}
