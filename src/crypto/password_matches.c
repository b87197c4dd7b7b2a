/*
 * password_matches.c: comparing a password with a hash of another system, for whoever logs users in
 * against a database of somebody else.
 */
#include "base/userdir.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "crypto/foreign_hash.h"
#include "crypto/password_hash.h"
#include "crypto/secret_log.h"

/* matches tells whether a password is the one behind a hash in the form in which they are stored.
 */
static bool
matches(Datum password, char *stored)
{
	return ud_password_verify(password, cstring_to_text(stored));
}

UD_FUNCTION(userdir_password_matches);

/*
 * userdir_password_matches tells whether a password is the one behind a hash that says of which
 * kind it is. Without a hash the answer is false, after the work of one.
 *
 * Errors: UD030 for what is no hash; UD201, 53200.
 */
Datum
userdir_password_matches(PG_FUNCTION_ARGS)
{
	ErrorContextCallback frame;
	bool result = false;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	ud_secret_log_hide(&frame);
	if (PG_ARGISNULL(1))
		result = ud_password_verify_nothing(PG_GETARG_DATUM(0));
	else
	{
		text *hash = PG_GETARG_TEXT_PP(1);

		result = matches(PG_GETARG_DATUM(0),
						 ud_foreign_hash_from_text(
							 (UdSpan){VARDATA_ANY(hash), (size_t)VARSIZE_ANY_EXHDR(hash)}));
	}
	ud_secret_log_show(&frame);
	PG_RETURN_BOOL(result);
}

UD_FUNCTION(userdir_password_matches_json);

/*
 * userdir_password_matches_json does so for a hash that comes as a custom_password_hash.
 *
 * Errors: UD030 for what is no such object; UD201, 53200.
 */
Datum
userdir_password_matches_json(PG_FUNCTION_ARGS)
{
	ErrorContextCallback frame;
	bool result = false;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	ud_secret_log_hide(&frame);
	if (PG_ARGISNULL(1))
		result = ud_password_verify_nothing(PG_GETARG_DATUM(0));
	else
		result =
			matches(PG_GETARG_DATUM(0), ud_foreign_hash_from_json(&PG_GETARG_JSONB_P(1)->root));
	ud_secret_log_show(&frame);
	PG_RETURN_BOOL(result);
}
