/*
 * table_indexes.c: looking at the indexes of a table as the planner does when it matches them.
 */
#include "base/userdir.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_am.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteManip.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "search/table_indexes.h"

/* A column of an index: what it keeps and what it can do with it */
typedef struct Key
{
	AttrNumber attnum; /* 0: expression */
	Node *expression;
	Oid collation;
	int kinds;
} Key;

typedef struct Table
{
	Oid oid;
	List *keys;
} Table;

/* So many tables are kept in mind. */
#define MOST_TABLES 64

/* The tables that were looked at since a relation has changed, and the memory that they are in */
static MemoryContext memory = NULL;
static List *tables = NIL;
static Oid family_of_tables = InvalidOid;
static bool is_outdated = false;

/* kinds_of returns what a column of an index on text serves. */
static int
kinds_of(Oid wildcard_family, Relation index, int column)
{
	Oid family = index->rd_opfamily[column];
	Oid method = index->rd_rel->relam;

	if (method == GIN_AM_OID)
		return family == wildcard_family ? UD_INDEX_PATTERNS : 0;
	if (column > 0)
		return 0;
	if (method == BTREE_AM_OID && family == TEXT_BTREE_FAM_OID)
		return UD_INDEX_BYTES | UD_INDEX_EQUALITY;
	if (method == HASH_AM_OID &&
		get_opfamily_member(family, TEXTOID, TEXTOID, 1) == TextEqualOperator)
		return UD_INDEX_EQUALITY;
	return 0;
}

/* add_keys adds the columns of an index that serve anything. */
static void
add_keys(Oid wildcard_family, Table *table, Relation index)
{
	Form_pg_index form = index->rd_index;
	List *expressions = RelationGetIndexExpressions(index);
	ListCell *expression = list_head(expressions);

	for (int i = 0; i < form->indnkeyatts; i++)
	{
		Key *key = palloc0(sizeof(Key));

		key->attnum = form->indkey.values[i];
		key->collation = index->rd_indcollation[i];
		key->kinds = kinds_of(wildcard_family, index, i);
		if (key->attnum == InvalidAttrNumber)
		{
			key->expression = lfirst(expression);
			expression = lnext(expressions, expression);
		}
		if (key->kinds != 0)
			table->keys = lappend(table->keys, key);
	}
}

/* read_table lists what the indexes of a table serve. */
static Table *
read_table(Oid wildcard_family, Oid oid)
{
	Table *table = palloc0(sizeof(Table));
	Relation relation = table_open(oid, NoLock);
	List *indexes = RelationGetIndexList(relation);
	ListCell *cell;

	table->oid = oid;
	foreach (cell, indexes)
	{
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);

		if (index->rd_index->indisvalid)
			add_keys(wildcard_family, table, index);
		index_close(index, NoLock);
	}
	list_free(indexes);
	table_close(relation, NoLock);
	return table;
}

/* note_change: an index of a table may have come, gone or become valid. */
static void
note_change(Datum argument, Oid relation)
{
	is_outdated = true;
}

/* forget_changed forgets all tables if any may be another now. */
static void
forget_changed(Oid family)
{
	if (memory == NULL)
	{
		memory =
			AllocSetContextCreate(CacheMemoryContext, "userdir indexes", ALLOCSET_DEFAULT_SIZES);
		CacheRegisterRelcacheCallback(note_change, (Datum)0);
	}
	if (!is_outdated && family_of_tables == family && list_length(tables) < MOST_TABLES)
		return;
	tables = NIL;
	MemoryContextReset(memory);
	family_of_tables = family;
	is_outdated = false;
}

/* get_table returns a table, which is good until the next one is asked for. */
static const Table *
get_table(Oid wildcard_family, Oid oid)
{
	MemoryContext caller;
	Table *table;
	ListCell *cell;

	forget_changed(wildcard_family);
	foreach (cell, tables)
	{
		table = lfirst(cell);
		if (table->oid == oid)
			return table;
	}
	caller = MemoryContextSwitchTo(memory);
	table = read_table(wildcard_family, oid);
	tables = lappend(tables, table);
	MemoryContextSwitchTo(caller);
	return table;
}

static Node *
without_relabel(Node *node)
{
	while (IsA(node, RelabelType))
		node = (Node *)((RelabelType *)node)->arg;
	return node;
}

/* is_key returns whether an index keeps the values of an expression, collations aside. */
static bool
is_key(const Key *key, Index varno, Node *operand)
{
	Node *expression;

	if (key->attnum != InvalidAttrNumber)
		return IsA(operand, Var) && ((Var *)operand)->varattno == key->attnum;
	expression = copyObject(key->expression);
	if (varno != 1)
		ChangeVarNodes(expression, 1, (int)varno, 0);
	return equal(without_relabel(expression), operand);
}

int
ud_table_indexes_find(Oid wildcard_family, Oid table, Index varno, Expr *operand)
{
	Node *bare = without_relabel((Node *)operand);
	Oid collation = exprCollation((Node *)operand);
	int found = 0;
	ListCell *cell;

	if (!OidIsValid(table))
		return 0;
	foreach (cell, get_table(wildcard_family, table)->keys)
	{
		Key *key = lfirst(cell);
		int kinds = key->kinds;

		if (key->collation != C_COLLATION_OID)
			kinds &= ~UD_INDEX_BYTES;
		if (key->collation != collation)
			kinds &= UD_INDEX_BYTES;
		if ((kinds & ~found) != 0 && is_key(key, varno, bare))
			found |= kinds;
	}
	return found;
}
