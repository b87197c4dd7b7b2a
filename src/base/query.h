/*
 * query.h: planning and starting a query whose plan is looked at before it runs.
 *
 * SPI runs plans; it does not show them. Everything here happens with the rights, and under the row
 * security, of the current user, as for any statement of theirs.
 */
#ifndef UD_BASE_QUERY_H
#define UD_BASE_QUERY_H

#include "executor/execdesc.h"
#include "tcop/dest.h"

/*
 * ud_query_open plans one SELECT and starts it under the active snapshot, without parameters and
 * parallel workers. Errors: 22023 unless it is one SELECT; those of any statement.
 */
extern QueryDesc *ud_query_open(const char *sql);

/*
 * ud_query_run sends the rows of a started query to a receiver until it refuses one. It may be
 * called once.
 */
extern void ud_query_run(QueryDesc *query, DestReceiver *receiver);

/* ud_query_close ends a started query, whether it was run or not. */
extern void ud_query_close(QueryDesc *query);

#endif
