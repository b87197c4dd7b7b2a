/*
 * field_table.c: finding the column, and what there is below it, that a field names.
 */
#include "base/userdir.h"

#include <limits.h>

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"
#include "utils/varlena.h"

#include "base/memory_arena.h"
#include "base/server_charset.h"
#include "search/field_hint.h"
#include "search/field_table.h"

/* How much of a name an error repeats */
#define LONGEST_NAME_OUT 100

/* The fields of the normalized profile whose case does not count */
static const char *const folding_columns[] = {"email", "name", "given_name", "family_name",
											  "nickname"};

/* The fields that a value without field may stand in */
static const char *const bare_columns[] = {"user_id", "email",      "username",    "phone_number",
										   "name",    "given_name", "family_name", "nickname"};

static bool
is_one_of(const char *name, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
	{
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

int
ud_field_position(UdFieldPlace place)
{
	size_t offset = Min(place.offset, place.query.length);

	return (int)ud_charset_count(ud_server_charset(), place.query.data, offset) + 1;
}

/*
 * has_own_order returns whether values of a type are to be compared by its own operators. Of "char"
 * they are not, whose input takes a part of what it is given.
 */
static bool
has_own_order(Oid type)
{
	const TypeCacheEntry *cache = lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY);

	if (type_is_enum(type))
		return true;
	return cache->typtype == TYPTYPE_BASE && type != CHAROID && !type_is_collatable(type) &&
		   OidIsValid(cache->btree_opf) && cache->btree_opintype == type;
}

/* classify returns what values of a type, that is no domain, are compared as. */
static UdFieldClass
classify(Oid type)
{
	char category;
	bool preferred;

	switch (type)
	{
		case BOOLOID:
			return UD_FIELD_BOOLEAN;
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return UD_FIELD_INTEGER;
		case FLOAT4OID:
		case FLOAT8OID:
			return UD_FIELD_FLOAT;
		case NUMERICOID:
			return UD_FIELD_NUMERIC;
		case TIMESTAMPTZOID:
		case TIMESTAMPOID:
		case DATEOID:
			return UD_FIELD_TIME;
		case INETOID:
		case CIDROID:
			return UD_FIELD_INET;
		case JSONBOID:
		case JSONOID:
			return UD_FIELD_JSONB;
		default:
			break;
	}
	get_type_category_preferred(type, &category, &preferred);
	if (category == TYPCATEGORY_STRING)
		return UD_FIELD_TEXT;
	return has_own_order(type) ? UD_FIELD_OWN : UD_FIELD_OTHER;
}

/* describe fills field for a column as a whole. */
static void
describe(TupleDesc row, int index, const UdQueryField *name, UdField *field)
{
	Form_pg_attribute attribute = TupleDescAttr(row, index);
	Oid type = getBaseType(attribute->atttypid);
	Oid element = get_base_element_type(type);

	memset(field, 0, sizeof(*field));
	field->attnum = attribute->attnum;
	field->column = pstrdup(NameStr(attribute->attname));
	field->type = OidIsValid(element) ? getBaseType(element) : type;
	field->array_type = OidIsValid(element) ? type : InvalidOid;
	field->collation = attribute->attcollation;
	field->class = classify(field->type);
	field->folds = field->class == UD_FIELD_TEXT &&
				   is_one_of(field->column, folding_columns, lengthof(folding_columns));
	field->not_null = attribute->attnotnull;
	field->name = name;
}

int
ud_field_find_column(TupleDesc row, UdSpan name)
{
	for (int i = 0; i < row->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(row, i);
		const char *column = NameStr(attribute->attname);

		if (!attribute->attisdropped && strlen(column) == name.length &&
			memcmp(column, name.data, name.length) == 0)
			return i;
	}
	return -1;
}

/* text_column returns the index of a text column of that name, or -1. */
static int
text_column(TupleDesc row, const char *name)
{
	int index = ud_field_find_column(row, (UdSpan){name, strlen(name)});
	UdField field;

	if (index < 0)
		return -1;
	describe(row, index, NULL, &field);
	return field.class == UD_FIELD_TEXT && !OidIsValid(field.array_type) ? index : -1;
}

static void
raise_unknown(TupleDesc row, const UdQueryField *name, UdFieldPlace place)
{
	ereport(ERROR,
			(errcode(UD_ERR_QUERY_UNKNOWN_FIELD),
			 errmsg("unknown field \"%s\" at character %d of the query",
					ud_field_clip(name->printed, LONGEST_NAME_OUT), ud_field_position(place)),
			 errhint("%s", ud_field_hint(row, name))));
}

static void
raise_nothing_below(TupleDesc row, const UdField *field, UdFieldPlace place)
{
	bool has_domain = text_column(row, "email") == field->attnum - 1;
	bool is_raw = ud_span_equal(field->name->segments[1], UD_SPAN("raw"));

	ereport(
		ERROR,
		(errcode(UD_ERR_QUERY_UNKNOWN_FIELD),
		 errmsg("unknown field \"%s\" at character %d of the query",
				ud_field_clip(field->name->printed, LONGEST_NAME_OUT), ud_field_position(place)),
		 errdetail("Column \"%s\" is of type %s, which has no fields of its own.", field->column,
				   format_type_be(OidIsValid(field->array_type) ? field->array_type : field->type)),
		 is_raw       ? errhint("Values are compared as a whole; write \"%s\".", field->column)
		 : has_domain ? errhint("The domain of an e-mail address is \"" UD_FIELD_DOMAIN "\".")
					  : 0));
}

static bool
is_domain_path(const UdQueryField *name)
{
	return name->nsegments == 2 && ud_span_equal(name->segments[0], UD_SPAN("email")) &&
		   ud_span_equal(name->segments[1], UD_SPAN("domain"));
}

void
ud_field_resolve(TupleDesc row, const UdQueryField *name, UdFieldPlace place, UdField *field)
{
	int index = ud_field_find_column(row, name->segments[0]);

	if (index < 0)
		raise_unknown(row, name, place);
	describe(row, index, name, field);
	if (name->nsegments == 1)
		return;

	if (is_domain_path(name) && text_column(row, "email") == index)
		field->is_domain = true;
	else if (field->class == UD_FIELD_JSONB)
	{
		field->npath = name->nsegments - 1;
		field->path = name->segments + 1;
	}
	else
		raise_nothing_below(row, field, place);
}

/* add_text_column appends the column at index to fields if it is text. */
static void
add_text_column(TupleDesc row, int index, UdField *fields, int *count)
{
	UdArena arena = ud_memory_arena(CurrentMemoryContext);
	UdField *field = &fields[*count];
	UdSpan name;

	describe(row, index, NULL, field);
	if (field->class != UD_FIELD_TEXT || OidIsValid(field->array_type))
		return;
	name = (UdSpan){field->column, strlen(field->column)};
	field->name = ud_query_make_field(&name, 1, &arena);
	(*count)++;
}

static void
raise_no_text(UdFieldPlace place)
{
	ereport(ERROR,
			(errcode(UD_ERR_QUERY_UNKNOWN_FIELD),
			 errmsg("value without field at character %d of the query", ud_field_position(place)),
			 errdetail("The row has no column of text that it could stand in."),
			 errhint("Write field:value.")));
}

int
ud_field_bare(TupleDesc row, UdFieldPlace place, UdField **fields)
{
	int count = 0;

	*fields = palloc(sizeof(UdField) * (size_t)Max(row->natts, (int)lengthof(bare_columns)));
	for (int i = 0; i < lengthof(bare_columns); i++)
	{
		int index = text_column(row, bare_columns[i]);

		if (index >= 0)
			add_text_column(row, index, *fields, &count);
	}
	if (count > 0)
		return count;

	for (int i = 0; i < row->natts; i++)
	{
		if (!TupleDescAttr(row, i)->attisdropped)
			add_text_column(row, i, *fields, &count);
	}
	if (count == 0)
		raise_no_text(place);
	return count;
}
