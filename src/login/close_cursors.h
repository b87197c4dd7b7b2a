/*
 * close_cursors.h: taking away the cursors that a function left open.
 */
#ifndef UD_LOGIN_CLOSE_CURSORS_H
#define UD_LOGIN_CLOSE_CURSORS_H

/*
 * ud_close_cursors_since closes the cursors that were opened in a subtransaction or in those within
 * it. A cursor is read with the rights of whoever reads it: one that a function has left could make
 * its query run as somebody else.
 */
extern void ud_close_cursors_since(SubTransactionId subtransaction);

#endif
