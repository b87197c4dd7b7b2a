/*
 * arena.h: where a pure function gets memory that lives as long as its caller wants.
 *
 * Nothing is ever given back piece by piece: the caller drops the arena as a whole (the server
 * resets a memory context). allocate may return NULL, which the functions report as an error of
 * their own, or may not return at all, as palloc does.
 */
#ifndef UD_PURE_ARENA_H
#define UD_PURE_ARENA_H

#include <string.h>

#include "pure/span.h"

typedef struct UdArena
{
	/* allocate returns size bytes, aligned for any type; size is never 0 */
	void *(*allocate)(void *context, size_t size);
	void *context;
} UdArena;

static inline void *
ud_arena_allocate(const UdArena *arena, size_t size)
{
	return arena->allocate(arena->context, size > 0 ? size : 1);
}

/* ud_arena_zeroed returns size bytes of value 0, or NULL. */
static inline void *
ud_arena_zeroed(const UdArena *arena, size_t size)
{
	void *memory = ud_arena_allocate(arena, size);

	return memory == NULL ? NULL : memset(memory, 0, size);
}

/* ud_arena_copy puts a copy of text into the arena; returns false without memory. */
static inline bool
ud_arena_copy(const UdArena *arena, UdSpan text, UdSpan *copy)
{
	char *data = (char *)ud_arena_allocate(arena, text.length);

	if (data == NULL)
		return false;
	if (text.length > 0)
		memcpy(data, text.data, text.length);
	copy->data = data;
	copy->length = text.length;
	return true;
}

#endif
