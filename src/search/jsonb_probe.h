/*
 * jsonb_probe.h: how many rows an index of JSON documents holds under a key, or between two.
 *
 * The index itself is the statistics: looking a key up shows how many rows it has, and the pages
 * around two keys how many lie between them. A few pages are read, whatever the size of the index;
 * what is on others is estimated from these. Rows that are dead but not vacuumed count, those that
 * wait in the pending list do not.
 */
#ifndef UD_SEARCH_JSONB_PROBE_H
#define UD_SEARCH_JSONB_PROBE_H

#include "base/userdir.h"

#include "access/attnum.h"
#include "nodes/pathnodes.h"

#include "search/jsonb_search_keys.h"

typedef struct UdJsonbProbe UdJsonbProbe;

/*
 * ud_jsonb_probe_open returns a probe of the first usable index on a column, in the current
 * context; NULL if there is none.
 *
 * root: the statement that is being planned, in whose memo counts are kept, or NULL. table: locked
 * already. column: its number. rows: an estimate of how many rows the table has; an
 * index that has much of them in its pending list is not usable. Partial indexes are not, as they
 * do not know all rows. query: what will be asked, lowered. An index of chosen paths that knows all
 * of it, or else a part, is usable too; covered receives that part. With NULL only an index of all
 * paths is.
 */
extern UdJsonbProbe *ud_jsonb_probe_open(const PlannerInfo *root, Oid table, AttrNumber column,
										 double rows, const UdQueryNode *query,
										 const UdQueryNode **covered);

/* ud_jsonb_probe_close closes the index, if it had to be opened. */
extern void ud_jsonb_probe_close(UdJsonbProbe *probe);

/* ud_jsonb_probe_rows returns of how many rows the index knows. */
extern double ud_jsonb_probe_rows(const UdJsonbProbe *probe);

/* ud_jsonb_probe_operator returns the operator @@, or @@=, that the index serves, for a query's
 * type. */
extern Oid ud_jsonb_probe_operator(const UdJsonbProbe *probe, bool is_value, Oid type);

/* ud_jsonb_probe_counts returns how often ud_jsonb_probe_count has been called, for limits. */
extern int ud_jsonb_probe_counts(const UdJsonbProbe *probe);

/*
 * ud_jsonb_probe_count returns about how many rows a search key finds; a row that has several of
 * the keys of a walk counts as often.
 */
extern double ud_jsonb_probe_count(UdJsonbProbe *probe, UdJsonbSearchKey *search);

#endif
