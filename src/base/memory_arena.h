/*
 * memory_arena.h: a memory context as the arena of src/pure.
 */
#ifndef UD_BASE_MEMORY_ARENA_H
#define UD_BASE_MEMORY_ARENA_H

#include "base/userdir.h"

#include "utils/memutils.h"

#include "pure/arena.h"

/* ud_memory_arena_allocate is palloc for an arena; large queries make large arrays. */
static inline void *
ud_memory_arena_allocate(void *context, size_t size)
{
	return MemoryContextAllocExtended((MemoryContext)context, size, MCXT_ALLOC_HUGE);
}

/* ud_memory_arena returns an arena in context; running out of memory is an error as usual. */
static inline UdArena
ud_memory_arena(MemoryContext context)
{
	UdArena arena = {ud_memory_arena_allocate, context};

	return arena;
}

#endif
