/*
 * root_key_functions.c: the root keys, for SQL. None of these shows a byte of a key.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "crypto/root_key.h"

/* check_superuser raises unless the caller may change what all databases of the server depend on.
 */
static void
check_superuser(void)
{
	if (!superuser())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("only a superuser may change the server's root keys")));
}

UD_FUNCTION(userdir_add_root_key);

/*
 * userdir_add_root_key makes a new root key and returns its id. Errors: 42501 for
 * anybody but superusers, and those of ud_root_key_add.
 */
Datum
userdir_add_root_key(PG_FUNCTION_ARGS)
{
	check_superuser();
	ud_root_key_add();
	PG_RETURN_TEXT_P(cstring_to_text(ud_root_key_current(false)->id));
}

UD_FUNCTION(userdir__remove_root_key);

/*
 * userdir__remove_root_key takes a root key out of the file. Errors: 42501 for
 * anybody but superusers, and those of ud_root_key_remove.
 */
Datum
userdir__remove_root_key(PG_FUNCTION_ARGS)
{
	check_superuser();
	ud_root_key_remove(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	PG_RETURN_VOID();
}

UD_FUNCTION(userdir__root_key_ids);

/*
 * userdir__root_key_ids returns the ids of the root keys as an array, the one in use last; an empty
 * one when there is no root key file. Errors: those of ud_root_key_list.
 */
Datum
userdir__root_key_ids(PG_FUNCTION_ARGS)
{
	Datum ids[UD_ROOT_KEY_MAX_COUNT];
	int count = 0;

	if (ud_root_key_exists())
	{
		const UdRootKey *keys = ud_root_key_list(&count);

		for (int i = 0; i < count; i++)
			ids[i] = CStringGetTextDatum(keys[i].id);
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(ids, count, TEXTOID, -1, false, TYPALIGN_INT));
}
