/*
 * jsonb_value.h: walking through a stored JSON document in place, without copies or memory.
 */
#ifndef UD_SEARCH_JSONB_VALUE_H
#define UD_SEARCH_JSONB_VALUE_H

#include "base/userdir.h"

#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "pure/span.h"

typedef enum UdJsonbType
{
	UD_JSONB_NULL,
	UD_JSONB_STRING,
	UD_JSONB_NUMBER,
	UD_JSONB_BOOLEAN,
	UD_JSONB_OBJECT,
	UD_JSONB_ARRAY
} UdJsonbType;

/* One value of a document; everything points into it. */
typedef struct UdJsonbValue
{
	UdJsonbType type;
	union
	{
		UdSpan string;
		Numeric number;
		bool boolean;
		const JsonbContainer *container; /* of an object or array */
	} u;
} UdJsonbValue;

/* A position before a child of a container: the elements of an array, or an object's names or
 * values. */
typedef struct UdJsonbCursor
{
	const JEntry *entry;
	const char *data;
	uint32 offset; /* of the next child's content in data */
} UdJsonbCursor;

/* ud_jsonb_container_value returns an object or array as a value. */
static inline UdJsonbValue
ud_jsonb_container_value(const JsonbContainer *container)
{
	UdJsonbValue value = {.type =
							  JsonContainerIsObject(container) ? UD_JSONB_OBJECT : UD_JSONB_ARRAY,
						  .u.container = container};

	return value;
}

/* ud_jsonb_elements stands before the first element of an array. */
static inline UdJsonbCursor
ud_jsonb_elements(const JsonbContainer *array)
{
	UdJsonbCursor cursor = {array->children,
							(const char *)&array->children[JsonContainerSize(array)], 0};

	return cursor;
}

/* ud_jsonb_names stands before the first name of an object. */
static inline UdJsonbCursor
ud_jsonb_names(const JsonbContainer *object)
{
	UdJsonbCursor cursor = {object->children,
							(const char *)&object->children[2 * JsonContainerSize(object)], 0};

	return cursor;
}

/* ud_jsonb_values stands before the first value of an object. */
static inline UdJsonbCursor
ud_jsonb_values(const JsonbContainer *object)
{
	uint32 count = JsonContainerSize(object);
	UdJsonbCursor cursor = {object->children + count, (const char *)&object->children[2 * count],
							getJsonbOffset(object, (int)count)};

	return cursor;
}

/* ud_jsonb_next returns the child that the cursor stands before, and steps behind it. */
static inline UdJsonbValue
ud_jsonb_next(UdJsonbCursor *cursor)
{
	JEntry entry = *cursor->entry++;
	const char *content = cursor->data + cursor->offset;
	const char *aligned = cursor->data + INTALIGN(cursor->offset);
	uint32 start = cursor->offset;
	UdJsonbValue value = {.type = UD_JSONB_NULL};

	JBE_ADVANCE_OFFSET(cursor->offset, entry);
	if (JBE_ISSTRING(entry))
	{
		value.type = UD_JSONB_STRING;
		value.u.string.data = content;
		value.u.string.length = cursor->offset - start;
	}
	else if (JBE_ISNUMERIC(entry))
	{
		value.type = UD_JSONB_NUMBER;
		value.u.number = (Numeric)aligned;
	}
	else if (JBE_ISBOOL(entry))
	{
		value.type = UD_JSONB_BOOLEAN;
		value.u.boolean = JBE_ISBOOL_TRUE(entry);
	}
	else if (JBE_ISCONTAINER(entry))
		value = ud_jsonb_container_value((const JsonbContainer *)aligned);
	return value;
}

/* ud_jsonb_member looks a member of an object up; returns false if there is none of that name. */
static inline bool
ud_jsonb_member(const JsonbContainer *object, UdSpan name, UdJsonbValue *value)
{
	JsonbValue member;

	if (getKeyJsonValueFromContainer(unconstify(JsonbContainer *, object), name.data,
									 (int)name.length, &member) == NULL)
		return false;
	switch (member.type)
	{
		case jbvString:
			value->type = UD_JSONB_STRING;
			value->u.string.data = member.val.string.val;
			value->u.string.length = (size_t)member.val.string.len;
			break;
		case jbvNumeric:
			value->type = UD_JSONB_NUMBER;
			value->u.number = member.val.numeric;
			break;
		case jbvBool:
			value->type = UD_JSONB_BOOLEAN;
			value->u.boolean = member.val.boolean;
			break;
		case jbvBinary:
			*value = ud_jsonb_container_value(member.val.binary.data);
			break;
		default:
			value->type = UD_JSONB_NULL;
	}
	return true;
}

#endif
