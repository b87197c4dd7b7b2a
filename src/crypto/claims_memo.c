/*
 * claims_memo.c: the claims of the tokens that were read lately, by their payload.
 */
#include "base/userdir.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

#include "crypto/claims_memo.h"

#define SLOTS 16

/* Larger ones are not kept: a session has at most so much of them for each slot, twice. */
#define MAX_KEPT 4096

typedef struct Slot
{
	char *payload; /* NULL: free; the claims stand behind it in the same piece of memory */
	size_t length;
	Jsonb *claims;
} Slot;

static Slot slots[SLOTS];

/* slot_of returns the one slot where a payload may be. */
static Slot *
slot_of(UdSpan payload)
{
	return &slots[hash_bytes((const unsigned char *)payload.data, (int)payload.length) % SLOTS];
}

Jsonb *
ud_claims_memo_find(UdSpan payload)
{
	const Slot *slot;
	Jsonb *claims;

	if (payload.length > MAX_KEPT)
		return NULL;
	slot = slot_of(payload);
	if (slot->payload == NULL || slot->length != payload.length ||
		memcmp(slot->payload, payload.data, payload.length) != 0)
		return NULL;
	claims = palloc(VARSIZE(slot->claims));
	memcpy(claims, slot->claims, VARSIZE(slot->claims));
	return claims;
}

void
ud_claims_memo_keep(UdSpan payload, const Jsonb *claims)
{
	Slot *slot;
	char *kept;

	if (payload.length > MAX_KEPT || VARSIZE(claims) > MAX_KEPT)
		return;
	slot = slot_of(payload);
	kept = MemoryContextAlloc(TopMemoryContext, MAXALIGN(payload.length) + VARSIZE(claims));
	if (slot->payload != NULL)
		pfree(slot->payload);
	slot->payload = memcpy(kept, payload.data, payload.length);
	slot->length = payload.length;
	slot->claims = memcpy(kept + MAXALIGN(payload.length), claims, VARSIZE(claims));
}
