/*
 * compat.h: every difference between PostgreSQL 15, 16, 17 and 18 that this project meets.
 *
 * No other file tests PG_VERSION_NUM.
 */
#ifndef UD_BASE_COMPAT_H
#define UD_BASE_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "userdir needs PostgreSQL 15 or later"
#endif

/* Since 16 the layout of variable-length values has a header of its own. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* Since 18 the server's own word for this stands in front of a declaration, not behind it. */
#if PG_VERSION_NUM >= 180000
#define pg_attribute_noreturn() __attribute__((noreturn))
#endif

/*
 * Since 16 whose privileges count for a range table entry stands beside the range table. Invalid if
 * it is the current user.
 */
#if PG_VERSION_NUM >= 160000
#define UD_ENTRY_USER(query, entry)                                                                \
	((entry)->perminfoindex == 0                                                                   \
		 ? InvalidOid                                                                              \
		 : getRTEPermissionInfo((query)->rteperminfos, entry)->checkAsUser)
#else
#define UD_ENTRY_USER(query, entry) ((entry)->checkAsUser)
#endif

/* Since 18 there is reverse() for bytea as well. */
#if PG_VERSION_NUM >= 180000
#define UD_F_REVERSE F_REVERSE_TEXT
#else
#define UD_F_REVERSE F_REVERSE
#endif

/* Since 18 a module can tell its name and version. */
#if PG_VERSION_NUM >= 180000
#define UD_MODULE_MAGIC(name_) PG_MODULE_MAGIC_EXT(.name = name_, .version = USERDIR_VERSION)
#else
#define UD_MODULE_MAGIC(name_) PG_MODULE_MAGIC
#endif

/*
 * Reading a bitmap of rows changed its shape in 18. These are macros, so that only those who use
 * them need nodes/tidbitmap.h: "next" fills a block number, its offsets (count -1: all of the
 * page) and whether the condition has to be checked again.
 */
#if PG_VERSION_NUM >= 180000
#define UdBitmapIterator        TBMPrivateIterator
#define ud_bitmap_begin(bitmap) tbm_begin_private_iterate(bitmap)
#define ud_bitmap_end(iterator) tbm_end_private_iterate(iterator)
#define ud_bitmap_next(iterator, block_, offsets_, room, count_, recheck_)                         \
	({                                                                                             \
		TBMIterateResult result_;                                                                  \
		bool found_ = tbm_private_iterate((iterator), &result_);                                   \
		if (found_)                                                                                \
		{                                                                                          \
			*(block_) = result_.blockno;                                                           \
			*(recheck_) = result_.recheck;                                                         \
			*(count_) = result_.lossy ? -1 : tbm_extract_page_tuple(&result_, (offsets_), (room)); \
		}                                                                                          \
		found_;                                                                                    \
	})
#else
#define UdBitmapIterator        TBMIterator
#define ud_bitmap_begin(bitmap) tbm_begin_iterate(bitmap)
#define ud_bitmap_end(iterator) tbm_end_iterate(iterator)
#define ud_bitmap_next(iterator, block_, offsets_, room, count_, recheck_)                         \
	({                                                                                             \
		TBMIterateResult *result_ = tbm_iterate(iterator);                                         \
		if (result_ != NULL)                                                                       \
		{                                                                                          \
			*(block_) = result_->blockno;                                                          \
			*(recheck_) = result_->recheck;                                                        \
			*(count_) = result_->ntuples;                                                          \
			if (result_->ntuples > 0)                                                              \
				memcpy((offsets_), result_->offsets, sizeof(OffsetNumber) * result_->ntuples);     \
		}                                                                                          \
		result_ != NULL;                                                                           \
	})
#endif

/* An index scan can be instrumented since 18, and a query run more than once until 17. */
#if PG_VERSION_NUM >= 180000
#define ud_index_beginscan(heap, index, snapshot, nkeys)                                           \
	index_beginscan((heap), (index), (snapshot), NULL, (nkeys), 0)
#define ud_index_beginscan_bitmap(index, snapshot, nkeys)                                          \
	index_beginscan_bitmap((index), (snapshot), NULL, (nkeys))
#define ud_executor_run(query, count) ExecutorRun((query), ForwardScanDirection, (count))
#else
#define ud_index_beginscan(heap, index, snapshot, nkeys)                                           \
	index_beginscan((heap), (index), (snapshot), (nkeys), 0)
#define ud_index_beginscan_bitmap(index, snapshot, nkeys)                                          \
	index_beginscan_bitmap((index), (snapshot), (nkeys))
#define ud_executor_run(query, count) ExecutorRun((query), ForwardScanDirection, (count), true)
#endif

/* Until 16 a setting can let VACUUM take rows away that an old snapshot still sees. */
#if PG_VERSION_NUM >= 170000
#define UD_SNAPSHOTS_EXPIRE false
#else
#define UD_SNAPSHOTS_EXPIRE OldSnapshotThresholdActive()
#endif

/* Since 18 the rows of a range table entry may be the old or the new ones of a RETURNING list. */
#if PG_VERSION_NUM >= 180000
#define UD_EXPAND_ENTRY(entry, var, names, columns)                                                \
	expandRTE(entry, (var)->varno, (int)(var)->varlevelsup, (var)->varreturningtype, -1, true,     \
			  names, columns)
#else
#define UD_EXPAND_ENTRY(entry, var, names, columns)                                                \
	expandRTE(entry, (var)->varno, (int)(var)->varlevelsup, -1, true, names, columns)
#endif

/* Since 16 a variable knows the outer joins that may turn it into a null; a placeholder does too.
 */
#if PG_VERSION_NUM >= 160000
#define UD_NULL_WITH(var, placeholder)                                                             \
	((var)->varnullingrels = bms_add_members((var)->varnullingrels, (placeholder)->phnullingrels))
#else
#define UD_NULL_WITH(var, placeholder) ((void)0)
#endif

/* Since 16 a sort can lend the datum that it returns. Ours are passed by value. */
#if PG_VERSION_NUM >= 160000
#define ud_tuplesort_getdatum(sort, datum, is_null)                                                \
	tuplesort_getdatum(sort, true, false, datum, is_null, NULL)
#else
#define ud_tuplesort_getdatum(sort, datum, is_null)                                                \
	tuplesort_getdatum(sort, true, datum, is_null, NULL)
#endif

/*
 * A set of events to wait for belongs to a resource owner since 17, here to none, and before to a
 * memory context. Whoever makes it frees it.
 */
#if PG_VERSION_NUM >= 170000
#define ud_create_wait_set(events) CreateWaitEventSet(NULL, (events))
#else
#define ud_create_wait_set(events) CreateWaitEventSet(CurrentMemoryContext, (events))
#endif

/* Since 18 there are deferrable primary keys, which ours are not. */
#if PG_VERSION_NUM >= 180000
#define UD_PRIMARY_KEY_INDEX(table) RelationGetPrimaryKeyIndex((table), false)
#else
#define UD_PRIMARY_KEY_INDEX(table) RelationGetPrimaryKeyIndex(table)
#endif

#endif
