/*
 * name_set.c: a set of names that is asked for each row, such as the scopes of an identity.
 */
#include "base/userdir.h"

#include "login/name_set.h"

static int
compare(const void *left, const void *right)
{
	const UdName *a = left;
	const UdName *b = right;

	if (a->length != b->length)
		return a->length < b->length ? -1 : 1;
	return memcmp(a->bytes, b->bytes, a->length);
}

static void
add_name(UdNameSet *set, const char *bytes, int length)
{
	/* Grows by doubling: room is a power of two that the count tells. */
	if (set->count == 0)
		set->names = palloc(sizeof(UdName));
	else if ((set->count & (set->count - 1)) == 0)
		set->names = repalloc(set->names, sizeof(UdName) * set->count * 2);
	set->names[set->count].bytes = bytes;
	set->names[set->count].length = length;
	set->count++;
}

static void
add_string(UdNameSet *set, const JsonbValue *string, bool splits)
{
	const char *bytes = string->val.string.val;
	int length = string->val.string.len;
	int start = 0;

	if (!splits)
	{
		add_name(set, bytes, length);
		return;
	}
	for (int i = 0; i <= length; i++)
	{
		if (i < length && bytes[i] != ' ')
			continue;
		if (i > start)
			add_name(set, bytes + start, i - start);
		start = i + 1;
	}
}

UdNameSet
ud_name_set_make(const JsonbValue *claim, bool splits)
{
	UdNameSet set = {0, NULL};

	if (claim == NULL)
		return set;
	if (claim->type == jbvString)
		add_string(&set, claim, splits);
	else if (claim->type == jbvBinary && JsonContainerIsArray(claim->val.binary.data))
	{
		JsonbIterator *iterator = JsonbIteratorInit(claim->val.binary.data);
		JsonbIteratorToken token;
		JsonbValue element;

		while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE)
			if (token == WJB_ELEM && element.type == jbvString)
				add_string(&set, &element, splits);
	}
	if (set.count > 1)
		qsort(set.names, set.count, sizeof(UdName), compare);
	return set;
}

bool
ud_name_set_has(const UdNameSet *set, const char *bytes, int length)
{
	UdName wanted = {bytes, length};

	return set->count > 0 &&
		   bsearch(&wanted, set->names, set->count, sizeof(UdName), compare) != NULL;
}
