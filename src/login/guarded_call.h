/*
 * guarded_call.h: calling what others wrote, rules and actions of custom databases, so that it can
 * do no harm to who calls: with the rights of its owner, in a subtransaction, in limited time.
 */
#ifndef UD_LOGIN_GUARDED_CALL_H
#define UD_LOGIN_GUARDED_CALL_H

/* How a guarded call ended. The texts live in the memory of the caller; each may be NULL. */
typedef struct UdGuardedOutcome
{
	int sqlstate; /* 0: it ended well; UD064: its time ran out; else that of the error it raised */
	char *message;
	char *detail;
	char *hint;
	char *context;
} UdGuardedOutcome;

/*
 * ud_guarded_run calls body(state), which calls one or more functions by ud_guarded_invoke, in a
 * subtransaction and in limited time. Nothing that it did stays when it fails; what it allocates in
 * the current memory context does. Cursors that it opened are closed, those of the caller are not
 * for it, nor is the text of the statement that runs.
 *
 * limit_ms: the time for all of it, 0 for no limit. outcome: gets how it ended.
 *
 * Errors: those on which the whole transaction has to be given up or tried again pass through: a
 * cancelled statement, a deadlock, a serialization failure. 54001 when guarded calls lead to one
 * another too deeply; that is an outcome of the calls further out.
 */
extern void ud_guarded_run(void (*body)(void *state), void *state, int limit_ms,
						   UdGuardedOutcome *outcome);

/*
 * ud_guarded_invoke calls a function (call->flinfo) with the rights of its owner, within a body of
 * ud_guarded_run. It cannot become anybody else, create objects (see creation_guard.h), nor leave a
 * setting changed; it begins with
 * search_path pg_catalog, pg_temp unless it says otherwise itself. Result and call->isnull: those
 * of the function.
 *
 * Errors: those of the function; those of ud_guarded_check.
 */
extern Datum ud_guarded_invoke(FunctionCallInfo call);

/*
 * ud_guarded_check raises UD066 unless the owner of a function lets the directory call it with the
 * owner's rights: it is declared SECURITY DEFINER, or the directory's owner has the rights of the
 * function's owner anyway. Otherwise whoever has the directory could make use of the rights of
 * everybody who has ever written such a function.
 */
extern void ud_guarded_check(Oid function);

/*
 * ud_guarded_call calls one function with arguments as ud_guarded_run and ud_guarded_invoke do.
 * Result: that of the function, (Datum) 0 and *is_null when the outcome is an error.
 *
 * Errors: those of ud_guarded_run.
 */
extern Datum ud_guarded_call(Oid function, int count, const NullableDatum *arguments, int limit_ms,
							 bool *is_null, UdGuardedOutcome *outcome);

/* ud_guarded_is_running tells whether a rule or an action is running. */
extern bool ud_guarded_is_running(void);

#endif
