/*
 * time_limit.c: a time limit for what somebody else wrote, beside the limits of the statement.
 *
 * The server cancels statements, not calls. So the limit's own timer asks for a cancellation as a
 * client does, and whoever set the limit catches the error that comes of it.
 */
#include "base/userdir.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "login/time_limit.h"

#define REPEAT_MS   100
#define MAX_CANCELS 10

/* The limit in force: when it is over, 0 for none; whether it was; what was caught since. */
static TimestampTz deadline = 0;
static volatile sig_atomic_t ran_out = false;
static int cancels = 0;

static TimeoutId timer;
static bool is_registered = false;

/* run_out is called by the timer's signal handler. */
static void
run_out(void)
{
	ran_out = true;
	QueryCancelPending = true;
	InterruptPending = true;
}

/* start_timer lets the timer run until the deadline; one that is past fires at once. */
static void
start_timer(void)
{
	if (!is_registered)
		timer = RegisterTimeout(USER_TIMEOUT, run_out);
	is_registered = true;
	enable_timeout_every(timer, deadline, REPEAT_MS);
}

/* stop_timer lets nothing fire any more; what was asked for last and not seen yet is forgotten. */
static void
stop_timer(void)
{
	if (deadline != 0)
		disable_timeout(timer, false);
	if (ran_out)
		QueryCancelPending = false;
}

/*
 * end_stubborn is called while an error is being raised. A handler for query_canceled in a loop
 * would go on for ever, and no error would get past it.
 */
static void
end_stubborn(void *argument)
{
	if (!ran_out || geterrcode() != ERRCODE_QUERY_CANCELED || ++cancels < MAX_CANCELS)
		return;
	ereport(FATAL, (errcode(UD_ERR_RULE_TIMEOUT),
					errmsg("a rule or action that does not let itself be cancelled ends the "
						   "connection")));
}

void
ud_time_limit_begin(UdTimeLimit *limit, int milliseconds)
{
	limit->outer_deadline = deadline;
	limit->outer_cancels = cancels;
	limit->outer_ran_out = ran_out;
	limit->frame.callback = end_stubborn;
	limit->frame.arg = NULL;
	limit->frame.previous = error_context_stack;
	error_context_stack = &limit->frame;

	cancels = 0;
	ran_out = false;
	if (milliseconds > 0)
	{
		TimestampTz own = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), milliseconds);

		if (deadline != 0)
			disable_timeout(timer, false);
		deadline = deadline == 0 ? own : Min(deadline, own);
		start_timer();
	}
}

bool
ud_time_limit_end(UdTimeLimit *limit)
{
	bool was_over = ran_out;

	if (ran_out || deadline != limit->outer_deadline)
	{
		stop_timer();
		was_over = ran_out;
		deadline = limit->outer_deadline;
		ran_out = limit->outer_ran_out;
		if (deadline != 0)
			start_timer();
	}
	cancels = limit->outer_cancels;
	error_context_stack = limit->frame.previous;
	return was_over;
}

bool
ud_time_limit_is_over(void)
{
	return ran_out;
}

/* statement_timed_out tells whether statement_timeout has cancelled the running statement. */
static bool
statement_timed_out(void)
{
	TimestampTz due = get_timeout_finish_time(STATEMENT_TIMEOUT);

	return !get_timeout_active(STATEMENT_TIMEOUT) && due >= GetCurrentStatementStartTimestamp() &&
		   due <= GetCurrentTimestamp();
}

bool
ud_time_limit_is_foreign(const ErrorData *error)
{
	/* Anybody can raise an error of this code; the server does in one place. */
	if (error->sqlerrcode != ERRCODE_QUERY_CANCELED || error->funcname == NULL ||
		strcmp(error->funcname, "ProcessInterrupts") != 0)
		return false;
	return !ran_out || statement_timed_out();
}
