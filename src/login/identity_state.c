/*
 * identity_state.c: whose identity holds now, in memory that no SQL can write.
 */
#include "base/userdir.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/settings.h"
#include "login/identity_state.h"
#include "login/request_claims.h"

/*
 * While a session has an identity this setting is on. It decides nothing: it is there because RESET
 * ALL, and with it DISCARD ALL, turns it off, which is how we learn that the session is to be as
 * new. Whoever turns it off by hand gives up an identity; turning it on gives none.
 */
#define MARKER "userdir.session_identity"

/* Who acts. is_local: whether this transaction has its own answer, which may be "nobody". */
typedef struct State
{
	UdIdentity *session;
	UdIdentity *local;
	bool is_local;
} State;

/* What to come back to when the (sub)transaction of a nesting level is rolled back. */
typedef struct Frame
{
	struct Frame *below;
	int level;
	State saved;
} Frame;

/* Every identity that is kept, to find those that nothing refers to any more. */
typedef struct Kept
{
	struct Kept *next;
	UdIdentity *identity;
} Kept;

static bool marker = false;
static State state = {NULL, NULL, false};
static Frame *frames = NULL; /* innermost first, levels descending */
static Kept *kept = NULL;
static MemoryContext memory = NULL; /* holds frames, the list and what it lists */

static bool
is_used(const UdIdentity *identity)
{
	if (identity == state.session || identity == state.local)
		return true;
	for (const Frame *frame = frames; frame != NULL; frame = frame->below)
		if (identity == frame->saved.session || identity == frame->saved.local)
			return true;
	return false;
}

static void
free_unused(void)
{
	for (Kept **place = &kept; *place != NULL;)
	{
		Kept *entry = *place;

		if (is_used(entry->identity))
		{
			place = &entry->next;
			continue;
		}
		*place = entry->next;
		ud_identity_free(entry->identity);
		pfree(entry);
	}
}

static void
pop_frame(void)
{
	Frame *frame = frames;

	frames = frame->below;
	pfree(frame);
}

/* save_state keeps the state for a rollback of the running (sub)transaction, once for each. */
static void
save_state(void)
{
	int level = GetCurrentTransactionNestLevel();
	Frame *frame;

	if (frames != NULL && frames->level >= level)
		return;
	frame = MemoryContextAlloc(memory, sizeof(Frame));
	frame->below = frames;
	frame->level = level;
	frame->saved = state;
	frames = frame;
}

/* end_subtransaction: what it changed becomes part of the one around it, or is undone. */
static void
end_subtransaction(SubXactEvent event, SubTransactionId id, SubTransactionId parent, void *arg)
{
	int level = GetCurrentTransactionNestLevel();

	if (frames == NULL || frames->level < level)
		return;
	if (event == SUBXACT_EVENT_ABORT_SUB)
	{
		state = frames->saved;
		pop_frame();
		free_unused();
	}
	else if (event == SUBXACT_EVENT_COMMIT_SUB)
	{
		if (frames->below != NULL && frames->below->level == level - 1)
			pop_frame();
		else
			frames->level = level - 1;
		free_unused();
	}
}

/* end_transaction leaves the identity of the session: the new one, or the one before it. */
static void
end_transaction(XactEvent event, void *arg)
{
	if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT && event != XACT_EVENT_PREPARE)
		return;
	if (frames == NULL && !state.is_local)
		return;

	while (frames != NULL)
	{
		if (event == XACT_EVENT_ABORT)
			state = frames->saved;
		pop_frame();
	}
	state.local = NULL;
	state.is_local = false;
	free_unused();
}

/* reset_session hears that the marker gets a value; off means that the session gives up. */
static void
reset_session(bool value, void *extra)
{
	if (value)
		return;
	state.session = NULL;
	for (Frame *frame = frames; frame != NULL; frame = frame->below)
		frame->saved.session = NULL;
	free_unused();
}

void
ud_identity_state_start(void)
{
	memory =
		AllocSetContextCreate(TopMemoryContext, "userdir identity state", ALLOCSET_SMALL_SIZES);
	DefineCustomBoolVariable(
		MARKER, "Tells that authenticate() has given the session an identity.",
		"Turning it off, as RESET ALL and DISCARD ALL do, ends that; turning it on does nothing.",
		&marker, false, PGC_SUSET, GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE, NULL, reset_session,
		NULL);
	RegisterXactCallback(end_transaction, NULL);
	RegisterSubXactCallback(end_subtransaction, NULL);
}

const UdIdentity *
ud_identity_state_current(void)
{
	const UdIdentity *identity = state.is_local ? state.local : state.session;

	/* A function that is wrongly declared safe must not find that nobody acts. */
	if (IsParallelWorker())
		ereport(ERROR, (errcode(ERRCODE_INVALID_TRANSACTION_STATE),
						errmsg("a parallel worker does not know the identity"),
						errhint("Declare functions that ask for it PARALLEL RESTRICTED.")));
	if (identity == NULL)
	{
		if (!ud_trust_request_claims || state.is_local)
			return NULL;
		identity = ud_request_claims_identity();
		if (identity == NULL)
			return NULL;
	}

	/* The start of the statement, so that one statement gets one answer for all of its rows. */
	return identity->expires_at > GetCurrentStatementStartTimestamp() ? identity : NULL;
}

void
ud_identity_state_set(UdIdentity *identity, bool for_session)
{
	/* All that can raise comes first. */
	save_state();
	if (for_session && identity != NULL)
		SetConfigOption(MARKER, "on", PGC_SUSET, PGC_S_SESSION);
	if (identity != NULL)
	{
		Kept *entry = MemoryContextAlloc(memory, sizeof(Kept));

		entry->identity = identity;
		entry->next = kept;
		kept = entry;
		MemoryContextSetParent(identity->context, memory);
	}

	if (for_session)
		state.session = identity;
	state.local = for_session ? NULL : identity;
	state.is_local = !for_session;
	free_unused();
}

void
ud_identity_state_forget(void)
{
	state = (State){NULL, NULL, true};
	for (Frame *frame = frames; frame != NULL; frame = frame->below)
		frame->saved = state;
	free_unused();
}
