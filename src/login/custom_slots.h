/*
 * custom_slots.h: how many actions of one custom database run at the same time.
 *
 * A database that does not answer holds every backend that asks it for as long as the time limit
 * allows. So that it does not hold them all, each connection has a number of places.
 */
#ifndef UD_LOGIN_CUSTOM_SLOTS_H
#define UD_LOGIN_CUSTOM_SLOTS_H

#include "storage/lock.h"

/* A place that was taken; a local variable of whoever takes it. */
typedef struct UdCustomSlot
{
	LOCKTAG tag;
} UdCustomSlot;

/*
 * ud_custom_slot_take waits for a place, a second at most, and can be interrupted. Returns false
 * when none became free. What is taken is given back by ud_custom_slot_give, or by an abort.
 */
extern bool ud_custom_slot_take(const char *connection, UdCustomSlot *slot);
extern void ud_custom_slot_give(const UdCustomSlot *slot);

#endif
