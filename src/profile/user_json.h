/*
 * user_json.h: a user in the model's shape.
 */
#ifndef UD_PROFILE_USER_JSON_H
#define UD_PROFILE_USER_JSON_H

#include "access/htup.h"
#include "utils/jsonb.h"

/*
 * ud_user_json returns a row of userdir.profiles in the model's shape: an object of its columns,
 * those left out that are null, with moments as ISO 8601 in UTC.
 *
 * with_app_metadata: whether the properties of app_metadata are at its root too; none of them takes
 * the place of a column.
 */
extern Jsonb *ud_user_json(HeapTupleHeader profile, bool with_app_metadata);

#endif
