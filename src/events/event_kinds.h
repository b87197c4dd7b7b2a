/*
 * event_kinds.h: the names by which a change of a user goes.
 */
#ifndef UD_EVENTS_EVENT_KINDS_H
#define UD_EVENTS_EVENT_KINDS_H

#include "events/row_change.h"

/*
 * ud_event_kinds_of_user returns the names of what happened to a row of userdir.users, as String
 * nodes, the most general one first.
 *
 * changed: for an update, what ud_row_change_columns() returned; not empty then.
 */
extern List *ud_event_kinds_of_user(const UdRowChange *change, List *changed);

#endif
