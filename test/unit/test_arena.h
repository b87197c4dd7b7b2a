/*
 * test_arena.h: an arena of malloc'ed blocks that can be told to run dry.
 */
#ifndef UD_UNIT_TEST_ARENA_H
#define UD_UNIT_TEST_ARENA_H

#include <stdlib.h>

#include "pure/arena.h"

typedef struct TestBlock
{
	struct TestBlock *next;
	union
	{
		long double number;
		void *pointer;
	} memory[];
} TestBlock;

typedef struct TestArena
{
	UdArena arena;
	TestBlock *blocks;
	long allocations;
	long allowed; /* allocations until NULL is returned; negative: no end */
} TestArena;

static inline void *
test_arena_allocate(void *context, size_t size)
{
	TestArena *arena = (TestArena *)context;
	TestBlock *block;

	if (arena->allowed >= 0 && arena->allocations >= arena->allowed)
		return NULL;
	arena->allocations++;
	block = (TestBlock *)malloc(sizeof(TestBlock) + size);
	if (block == NULL)
		abort();
	/* whoever reads what was not written shall be seen */
	memset(block->memory, 0xa5, size);
	block->next = arena->blocks;
	arena->blocks = block;
	return block->memory;
}

static inline void
test_arena_begin(TestArena *arena)
{
	arena->arena.allocate = test_arena_allocate;
	arena->arena.context = arena;
	arena->blocks = NULL;
	arena->allocations = 0;
	arena->allowed = -1;
}

static inline void
test_arena_end(TestArena *arena)
{
	while (arena->blocks != NULL)
	{
		TestBlock *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
}

#endif
