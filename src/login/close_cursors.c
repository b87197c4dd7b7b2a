/*
 * close_cursors.c: taking away the cursors that a function left open.
 */
#include "base/userdir.h"

#include "nodes/memnodes.h"
#include "utils/memutils.h"
#include "utils/portal.h"

#include "login/close_cursors.h"

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

void
ud_close_cursors_since(SubTransactionId subtransaction)
{
	MemoryContext child = find_portals()->firstchild;

	while (child != NULL)
	{
		MemoryContext next = child->nextchild;
		Portal portal = child->ident == NULL ? NULL : GetPortalByName(child->ident);

		if (PortalIsValid(portal) && portal->createSubid >= subtransaction)
			PortalDrop(portal, false);
		child = next;
	}
}
