/*
 * jsonb_paths.h: the paths that an index of class jsonb_query_paths_ops is restricted to.
 *
 *	option = path *( "," path )
 *	path   = name *( "." name )
 *
 * Blanks around a path count for nothing, and a backslash takes the meaning from any character. An
 * index with this option has the keys of these paths and of everything below them, and no others.
 *
 * Names stand here as in keys: their bytes, with a zero byte between any two.
 */
#ifndef UD_SEARCH_JSONB_PATHS_H
#define UD_SEARCH_JSONB_PATHS_H

#include "base/userdir.h"

#include "pure/span.h"

/* What a column of an index covers; NULL stands for everything. */
typedef struct UdJsonbPaths UdJsonbPaths;

/* ud_jsonb_paths_of returns what the options of an index column say; NULL for none. */
extern const UdJsonbPaths *ud_jsonb_paths_of(const bytea *options);

/* ud_jsonb_paths_cover returns whether the keys of a place in a document are in the index. */
extern bool ud_jsonb_paths_cover(const UdJsonbPaths *paths, UdSpan names);

/* ud_jsonb_paths_lead_below returns whether there may be such places below this one. */
extern bool ud_jsonb_paths_lead_below(const UdJsonbPaths *paths, UdSpan names);

/* ud_jsonb_paths_cover_path does what ud_jsonb_paths_cover does for a list of names. */
extern bool ud_jsonb_paths_cover_path(const UdJsonbPaths *paths, int nnames, const UdSpan *names);

#endif
