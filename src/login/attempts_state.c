/*
 * attempts_state.c: how many failed attempts stand against a key, and how that number fades.
 */
#include "base/userdir.h"

#include <math.h>

#include "login/attempts_state.h"

/* later returns a time plus milliseconds, rounded up, so that nothing is forgotten too early. */
static TimestampTz
later(TimestampTz time, double milliseconds)
{
	double result = (double)time + ceil(milliseconds * 1000.0);

	return result >= (double)END_TIMESTAMP ? END_TIMESTAMP - 1 : (TimestampTz)result;
}

double
ud_attempts_state_level(const UdAttemptState *state, double rate_ms, TimestampTz now)
{
	double faded;

	if (now >= state->expires_at)
		return 0;

	/* A clock that was set back makes nothing fade, and nothing grow. */
	if (rate_ms <= 0 || now <= state->counted_at)
		return state->level;
	faded = (double)(now - state->counted_at) / 1000.0 / rate_ms;
	return Max(state->level - faded, 0);
}

void
ud_attempts_state_add(UdAttemptState *state, const UdAttemptRule *rule, TimestampTz now,
					  double *before, double *after)
{
	*before = ud_attempts_state_level(state, rule->rate_ms, now);
	*after = Max(*before, Min(*before + 1, rule->ceiling));

	state->level = *after;
	state->counted_at = *before > 0 ? Max(state->counted_at, now) : now;
	state->expires_at =
		later(state->counted_at, rule->rate_ms > 0 ? *after * rule->rate_ms : rule->lifetime_ms);
}
