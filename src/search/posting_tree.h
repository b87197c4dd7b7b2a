/*
 * posting_tree.h: how many rows a GIN index has under a key that has a tree of them.
 */
#ifndef UD_SEARCH_POSTING_TREE_H
#define UD_SEARCH_POSTING_TREE_H

#include "base/userdir.h"

#include "storage/block.h"
#include "utils/relcache.h"

#define UD_POSTING_TREE_MOST_LEAVES 8

/*
 * ud_posting_tree_rows returns about how many rows a posting tree holds, judging from some of its
 * leaves.
 *
 * index: open. block: the root of the tree. leaves: at how many children of its root to look, half
 * as many of each of these, and so on, but one at least; at most UD_POSTING_TREE_MOST_LEAVES.
 */
extern double ud_posting_tree_rows(Relation index, BlockNumber block, int leaves);

#endif
