/*
 * query_field.c: the paths that name fields, and their canonical text.
 */
#include "pure/query_field.h"

#include "pure/query_writer.h"

static void
write_segments(UdQueryWriter *writer, const UdSpan *segments, int nsegments)
{
	ud_query_writer_word(writer, segments[0], UD_WORD_FIELD, nsegments == 1);
	for (int i = 1; i < nsegments; i++)
	{
		ud_query_writer_text(writer, ".");
		ud_query_writer_word(writer, segments[i], UD_WORD_FIELD_INNER, false);
	}
}

UdQueryField *
ud_query_field_of_segments(const UdArena *arena, const UdSpan *segments, int nsegments)
{
	UdQueryWriter counter = {NULL, 0};
	UdQueryWriter writer = {NULL, 0};
	UdQueryField *field = ud_arena_zeroed(arena, sizeof(*field));

	write_segments(&counter, segments, nsegments);
	writer.target = ud_arena_allocate(arena, counter.length);
	if (field == NULL || writer.target == NULL)
		return NULL;
	write_segments(&writer, segments, nsegments);

	field->segments = segments;
	field->nsegments = nsegments;
	field->printed.data = writer.target;
	field->printed.length = writer.length;
	return field;
}

UdQueryField *
ud_query_field_any(const UdArena *arena)
{
	UdQueryField *field = ud_arena_zeroed(arena, sizeof(*field));

	if (field == NULL)
		return NULL;
	field->any = true;
	field->printed = UD_SPAN("*");
	return field;
}

UdQueryField *
ud_query_make_field(const UdSpan *segments, int nsegments, const UdArena *arena)
{
	UdSpan *copies = ud_arena_allocate(arena, sizeof(*copies) * (size_t)nsegments);

	if (copies == NULL)
		return NULL;
	for (int i = 0; i < nsegments; i++)
	{
		if (!ud_arena_copy(arena, segments[i], &copies[i]))
			return NULL;
	}
	return ud_query_field_of_segments(arena, copies, nsegments);
}
