/*
 * jsonb_estimate.h: which part of a table's documents a query matches, as far as one can tell.
 */
#ifndef UD_SEARCH_JSONB_ESTIMATE_H
#define UD_SEARCH_JSONB_ESTIMATE_H

#include "base/userdir.h"

#include "search/jsonb_match.h"
#include "search/jsonb_probe.h"

/*
 * ud_jsonb_estimate returns the part of the documents that match, from 0 to 1.
 *
 * probe asks an index for each condition; without it, when it is NULL, the kind of each condition
 * alone decides.
 */
extern double ud_jsonb_estimate(UdJsonbProbe *probe, const UdJsonbNode *node);

#endif
