/*
 * close_cursors.c: taking away the cursors that a function left open, and keeping those of its
 * caller from it.
 */
#include "base/userdir.h"

#include "nodes/memnodes.h"
#include "utils/memutils.h"
#include "utils/portal.h"

#include "login/close_cursors.h"

/* A portal of the caller, as it was before it was withheld; it cannot go meanwhile. */
typedef struct UdWithheldCursor
{
	Portal portal;
	bool is_ready;
	bool is_visible;
} UdWithheldCursor;

/*
 * find_portals returns the memory context above those of all portals. The server keeps the list of
 * them to itself, but each has a context there that is named after it.
 */
static MemoryContext
find_portals(void)
{
	static MemoryContext found = NULL;

	for (MemoryContext child = TopMemoryContext->firstchild; found == NULL && child != NULL;
		 child = child->nextchild)
	{
		if (strcmp(child->name, "TopPortalContext") == 0)
			found = child;
	}
	if (found == NULL)
		elog(ERROR, "could not find the portals");
	return found;
}

/* portal_of returns the portal to which a memory context belongs, or NULL. */
static Portal
portal_of(MemoryContext context)
{
	return context->ident == NULL ? NULL : GetPortalByName(context->ident);
}

void
ud_close_cursors_since(SubTransactionId subtransaction)
{
	MemoryContext child = find_portals()->firstchild;

	while (child != NULL)
	{
		MemoryContext next = child->nextchild;
		Portal portal = portal_of(child);

		if (PortalIsValid(portal) && portal->createSubid >= subtransaction)
			PortalDrop(portal, false);
		child = next;
	}
}

List *
ud_withhold_cursors(void)
{
	List *withheld = NIL;

	for (MemoryContext child = find_portals()->firstchild; child != NULL; child = child->nextchild)
	{
		Portal portal = portal_of(child);
		UdWithheldCursor *cursor;

		if (!PortalIsValid(portal))
			continue;
		cursor = palloc(sizeof(UdWithheldCursor));
		cursor->portal = portal;
		cursor->is_ready = portal->status == PORTAL_READY;
		cursor->is_visible = portal->visible;
		/* What is being run is neither read nor closed by anybody else. */
		if (cursor->is_ready)
			portal->status = PORTAL_ACTIVE;
		portal->visible = false;
		withheld = lappend(withheld, cursor);
	}
	return withheld;
}

void
ud_return_cursors(List *withheld)
{
	ListCell *cell;

	foreach (cell, withheld)
	{
		UdWithheldCursor *cursor = lfirst(cell);

		if (cursor->is_ready)
			cursor->portal->status = PORTAL_READY;
		cursor->portal->visible = cursor->is_visible;
	}
	list_free_deep(withheld);
}
