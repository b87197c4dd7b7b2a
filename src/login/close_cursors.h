/*
 * close_cursors.h: taking away the cursors that a function left open, and keeping those of its
 * caller from it.
 */
#ifndef UD_LOGIN_CLOSE_CURSORS_H
#define UD_LOGIN_CLOSE_CURSORS_H

#include "nodes/pg_list.h"

/*
 * ud_close_cursors_since closes the cursors that were opened in a subtransaction or in those within
 * it. A cursor is read with the rights of whoever reads it: one that a function has left could make
 * its query run as somebody else.
 */
extern void ud_close_cursors_since(SubTransactionId subtransaction);

/*
 * ud_withhold_cursors makes the cursors of this session that are open unusable and invisible until
 * ud_return_cursors is called with what it returned: a cursor is read without asking for rights, so
 * whoever knows its name would read, move and close what the caller has opened.
 */
extern List *ud_withhold_cursors(void);
extern void ud_return_cursors(List *withheld);

#endif
