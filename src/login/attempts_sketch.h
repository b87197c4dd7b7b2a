/*
 * attempts_sketch.h: what is left of attempts for which the table had no place.
 *
 * A count-min sketch: every key has one cell in each of several rows, shared with others, and a
 * cell holds the most that any of them brought. So what it says of a key is never less than the
 * truth. It may be more, for keys whose cells in all rows are shared with others; that takes many
 * more keys than the table has places.
 */
#ifndef UD_LOGIN_ATTEMPTS_SKETCH_H
#define UD_LOGIN_ATTEMPTS_SKETCH_H

#include "login/attempts_state.h"

#define UD_ATTEMPTS_SKETCH_ROWS 4

/* Times are in seconds since 2000, rounded up. A cell that never was used is all zero. */
typedef struct UdAttemptCell
{
	float level;
	uint32 counted_at;
	uint32 expires_at;
} UdAttemptCell;

typedef struct UdAttemptSketch
{
	uint32 width;         /* cells in a row, a power of two */
	const uint64 *seeds;  /* of the rows' hashes */
	UdAttemptCell *cells; /* row after row */
} UdAttemptSketch;

/* ud_attempts_sketch_raise sees to it that the sketch says at least this of a key. */
extern void ud_attempts_sketch_raise(const UdAttemptSketch *sketch, const UdAttemptKey *key,
									 const UdAttemptState *state, TimestampTz now);

/*
 * ud_attempts_sketch_read returns a state that is at least what was raised for a key, faded until
 * now by the rate.
 */
extern UdAttemptState ud_attempts_sketch_read(const UdAttemptSketch *sketch,
											  const UdAttemptKey *key, double rate_ms,
											  TimestampTz now);

#endif
