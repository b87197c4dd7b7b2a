/*
 * time_limit.h: a time limit for what somebody else wrote, beside the limits of the statement.
 */
#ifndef UD_LOGIN_TIME_LIMIT_H
#define UD_LOGIN_TIME_LIMIT_H

#include "datatype/timestamp.h"

/* A limit that is in force; a local variable of whoever sets it. Its fields are nobody else's. */
typedef struct UdTimeLimit
{
	TimestampTz outer_deadline;
	int outer_cancels;
	bool outer_ran_out;
	ErrorContextCallback frame;
} UdTimeLimit;

/*
 * ud_time_limit_begin limits what follows to some milliseconds, 0 for no limit, and to what a limit
 * further out leaves. When they are over, the running statement is cancelled, and again every tenth
 * of a second. What catches that ten times ends its session.
 */
extern void ud_time_limit_begin(UdTimeLimit *limit, int milliseconds);

/*
 * ud_time_limit_end ends a limit, also after an error was caught, and tells whether the time had
 * run out; a limit further out is in force again.
 */
extern bool ud_time_limit_end(UdTimeLimit *limit);

/* ud_time_limit_is_over tells whether the time of the limit in force has run out. */
extern bool ud_time_limit_is_over(void);

/*
 * ud_time_limit_is_foreign tells whether an error cancels the statement for another reason than the
 * limit in force: the statement's own limit, or somebody's request. To be asked before
 * ud_time_limit_end.
 */
extern bool ud_time_limit_is_foreign(const ErrorData *error);

#endif
