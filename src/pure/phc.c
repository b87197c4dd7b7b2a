/*
 * phc.c: password hashes as text, in the PHC string format.
 */
#include "pure/phc.h"

#include <string.h>

static bool
is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

static bool
is_value_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
		   c == '+' || c == '.' || c == '-';
}

/* is_name returns whether a span can be an id or the name of a parameter. */
static bool
is_name(UdSpan span)
{
	if (span.length == 0 || span.length > UD_PHC_MAX_NAME_LENGTH)
		return false;
	for (size_t i = 0; i < span.length; i++)
	{
		if (!is_name_character(span.data[i]))
			return false;
	}
	return true;
}

/* is_value returns whether a span can be a value, a salt or a hash; it may be empty. */
static bool
is_value(UdSpan span)
{
	for (size_t i = 0; i < span.length; i++)
	{
		if (!is_value_character(span.data[i]))
			return false;
	}
	return true;
}

/* take_until cuts what stands before a character, or all, off the front of *rest. */
static UdSpan
take_until(UdSpan *rest, char end)
{
	const char *found = rest->length > 0 ? memchr(rest->data, end, rest->length) : NULL;
	UdSpan taken = {rest->data, found ? (size_t)(found - rest->data) : rest->length};
	size_t used = found ? taken.length + 1 : taken.length;

	rest->data += used;
	rest->length -= used;
	return taken;
}

/* parse_parameters reads "name=value,..." up to the end of the field. */
static const char *
parse_parameters(UdSpan field, UdPhc *phc)
{
	bool more = true;

	while (more)
	{
		UdSpan before = field;
		UdSpan pair = take_until(&field, ',');
		UdSpan value = pair;
		UdSpan name = take_until(&value, '=');

		more = pair.length < before.length;
		if (name.length == pair.length || !is_name(name) || value.length == 0 || !is_value(value))
			return "has a malformed parameter";
		for (int i = 0; i < phc->parameter_count; i++)
		{
			if (phc->parameters[i].name.length == name.length &&
				memcmp(phc->parameters[i].name.data, name.data, name.length) == 0)
				return "has a parameter twice";
		}
		if (phc->parameter_count == UD_PHC_MAX_PARAMETERS)
			return "has too many parameters";
		phc->parameters[phc->parameter_count++] = (UdPhcParameter){name, value};
	}
	return NULL;
}

/* is_version returns whether a field is "v=..." alone. */
static bool
is_version(UdSpan field)
{
	return field.length > 2 && memcmp(field.data, "v=", 2) == 0 &&
		   memchr(field.data, ',', field.length) == NULL;
}

const char *
ud_phc_parse(const char *text, size_t length, UdPhc *phc)
{
	UdSpan rest = {text, length};
	UdSpan fields[5];
	int count = 0;
	int next = 1;
	bool more = true;

	memset(phc, 0, sizeof(*phc));
	if (length > UD_PHC_MAX_LENGTH)
		return "is too long";
	if (length == 0 || text[0] != '$')
		return "does not begin with \"$\"";
	take_until(&rest, '$');
	while (more)
	{
		UdSpan before = rest;

		if (count == 5)
			return "has too many fields";
		fields[count] = take_until(&rest, '$');
		more = fields[count].length < before.length;
		count++;
	}

	phc->id = fields[0];
	if (!is_name(phc->id))
		return "has no usable identifier";
	if (next < count && is_version(fields[next]))
	{
		UdSpan number = {fields[next].data + 2, fields[next].length - 2};

		if (!ud_phc_decimal(number, &phc->version))
			return "has a malformed version";
		phc->has_version = true;
		next++;
	}
	if (next < count && fields[next].length > 0 &&
		memchr(fields[next].data, '=', fields[next].length))
	{
		const char *problem = parse_parameters(fields[next], phc);

		if (problem != NULL)
			return problem;
		next++;
	}
	if (next < count)
	{
		phc->has_salt = true;
		phc->salt = fields[next++];
	}
	if (next < count)
	{
		phc->has_hash = true;
		phc->hash = fields[next++];
	}
	if (next < count)
		return "has too many fields";
	if (!is_value(phc->salt) || !is_value(phc->hash))
		return "has a character that cannot be there";
	return NULL;
}

/* A text that grows as far as there is room, and counts on. */
typedef struct Output
{
	char *target;
	size_t size;
	size_t length;
} Output;

static void
put(Output *output, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if (output->length + 1 < output->size)
			output->target[output->length] = text[i];
		output->length++;
	}
}

static void
put_span(Output *output, const char *before, UdSpan span)
{
	put(output, before, strlen(before));
	put(output, span.data, span.length);
}

static void
put_decimal(Output *output, uint32_t number)
{
	char digits[10];
	int first = 10;

	do
	{
		digits[--first] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	put(output, digits + first, (size_t)(10 - first));
}

size_t
ud_phc_print(const UdPhc *phc, char *target, size_t size)
{
	Output output = {target, size, 0};

	put_span(&output, "$", phc->id);
	if (phc->has_version)
	{
		put(&output, "$v=", 3);
		put_decimal(&output, phc->version);
	}
	for (int i = 0; i < phc->parameter_count; i++)
	{
		put_span(&output, i == 0 ? "$" : ",", phc->parameters[i].name);
		put_span(&output, "=", phc->parameters[i].value);
	}
	if (phc->has_salt)
		put_span(&output, "$", phc->salt);
	if (phc->has_hash)
		put_span(&output, "$", phc->hash);
	if (size > 0)
		target[output.length < size ? output.length : size - 1] = '\0';
	return output.length;
}

const UdSpan *
ud_phc_find(const UdPhc *phc, const char *name)
{
	for (int i = 0; i < phc->parameter_count; i++)
	{
		if (ud_span_is(phc->parameters[i].name, name))
			return &phc->parameters[i].value;
	}
	return NULL;
}

void
ud_phc_add(UdPhc *phc, const char *name, UdSpan value)
{
	phc->parameters[phc->parameter_count++] = (UdPhcParameter){ud_span_of(name), value};
}

bool
ud_phc_decimal(UdSpan span, uint32_t *number)
{
	uint64_t value = 0;

	if (span.length == 0 || span.length > 10 || (span.length > 1 && span.data[0] == '0'))
		return false;
	for (size_t i = 0; i < span.length; i++)
	{
		if (span.data[i] < '0' || span.data[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(span.data[i] - '0');
	}
	*number = (uint32_t)value;
	return value <= UINT32_MAX;
}
