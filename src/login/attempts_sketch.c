/*
 * attempts_sketch.c: what is left of attempts for which the table had no place.
 */
#include "base/userdir.h"

#include <math.h>

#include "common/hashfn.h"

#include "login/attempts_sketch.h"

/* cell_of returns the cell of a key in one of the rows. */
static UdAttemptCell *
cell_of(const UdAttemptSketch *sketch, const UdAttemptKey *key, int row)
{
	uint64 hash = hash_bytes_extended((const unsigned char *)key, sizeof(*key), sketch->seeds[row]);

	return &sketch->cells[(uint64)row * sketch->width + (hash & (sketch->width - 1))];
}

/* to_seconds rounds a time up to a second. */
static uint32
to_seconds(TimestampTz time)
{
	if (time <= 0)
		return 0;
	if (time / USECS_PER_SEC >= PG_UINT32_MAX)
		return PG_UINT32_MAX;
	return (uint32)((time + USECS_PER_SEC - 1) / USECS_PER_SEC);
}

/* level_up rounds up to a number that a cell can hold. */
static float
level_up(double level)
{
	float rounded = (float)level;

	return rounded < level ? nextafterf(rounded, INFINITY) : rounded;
}

static UdAttemptState
state_of(const UdAttemptCell *cell)
{
	UdAttemptState state = {cell->level, cell->counted_at * USECS_PER_SEC,
							cell->expires_at * USECS_PER_SEC};

	return state;
}

void
ud_attempts_sketch_raise(const UdAttemptSketch *sketch, const UdAttemptKey *key,
						 const UdAttemptState *state, TimestampTz now)
{
	for (int row = 0; row < UD_ATTEMPTS_SKETCH_ROWS; row++)
	{
		UdAttemptCell *cell = cell_of(sketch, key, row);

		/*
		 * Keys of several rates share a cell. The higher level with the later times is at least
		 * either of them, whatever the rate by which it is made to fade.
		 */
		if (now >= cell->expires_at * USECS_PER_SEC)
			cell->level = 0;
		cell->level = Max(cell->level, level_up(state->level));
		cell->counted_at = Max(cell->counted_at, to_seconds(state->counted_at));
		cell->expires_at = Max(cell->expires_at, to_seconds(state->expires_at));
	}
}

UdAttemptState
ud_attempts_sketch_read(const UdAttemptSketch *sketch, const UdAttemptKey *key, double rate_ms,
						TimestampTz now)
{
	UdAttemptState least = {0};

	for (int row = 0; row < UD_ATTEMPTS_SKETCH_ROWS; row++)
	{
		UdAttemptState state = state_of(cell_of(sketch, key, row));

		state.level = ud_attempts_state_level(&state, rate_ms, now);
		if (row == 0 || state.level < least.level ||
			(state.level == least.level && state.expires_at < least.expires_at))
			least = state;
	}
	least.counted_at = now;
	return least;
}
