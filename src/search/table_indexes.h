/*
 * table_indexes.h: which ways of asking for a value the indexes of a table serve.
 */
#ifndef UD_SEARCH_TABLE_INDEXES_H
#define UD_SEARCH_TABLE_INDEXES_H

#include "base/userdir.h"

#include "nodes/primnodes.h"

/* How an index answers; bits of a set */
#define UD_INDEX_BYTES    0x1 /* btree on text in the order of bytes: equality and ranges */
#define UD_INDEX_EQUALITY 0x2 /* btree or hash on text in the operand's own collation */
#define UD_INDEX_PATTERNS 0x4 /* GIN: operator =* */

/*
 * ud_table_indexes_find returns which kinds of index a table has on an expression of type text.
 *
 * wildcard_family: the operator family of =*. table and varno: as of ud_row_source_table; nothing
 * is found for InvalidOid. A lock on the table is held already; tables are looked at once until a
 * relation changes. Only what leads an index counts, but for GIN, whose columns are equal.
 */
extern int ud_table_indexes_find(Oid wildcard_family, Oid table, Index varno, Expr *operand);

#endif
