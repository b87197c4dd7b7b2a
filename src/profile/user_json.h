/*
 * user_json.h: a user in the model's shape.
 */
#ifndef UD_PROFILE_USER_JSON_H
#define UD_PROFILE_USER_JSON_H

#include "access/htup.h"
#include "access/tupdesc.h"
#include "utils/jsonb.h"

/*
 * ud_user_json returns a user in the model's shape: an object of the columns of rows that together
 * are one of userdir.profiles, those left out that are null, with moments as ISO 8601 in UTC.
 *
 * rows, columns: the rows, of which each may be NULL, and what columns they have. count: how many.
 * with_app_metadata: whether the properties of app_metadata are at the root of the object too; none
 * of them takes the place of a column.
 */
extern Jsonb *ud_user_json(const HeapTuple *rows, const TupleDesc *columns, int count,
						   bool with_app_metadata);

#endif
