/*
 * password_matches.c: comparing a password with a hash of another system, for whoever logs users in
 * against a database of somebody else.
 */
#include "base/userdir.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "crypto/foreign_hash.h"
#include "crypto/password_hash.h"
#include "crypto/password_matches.h"
#include "crypto/secret_log.h"

/* Whether a password was verified at today's cost since an action has begun. */
static bool has_worked = false;

void
ud_password_matches_begin(void)
{
	has_worked = false;
}

/* match_nothing does the work of a hash; the result is false. */
static bool
match_nothing(Datum password)
{
	has_worked = true;
	return ud_password_verify_nothing(password);
}

/*
 * matches tells whether a password is the one behind a hash in the form in which they are stored. A
 * wrong one takes as long as for somebody who is not there: other hashes may be quicker.
 */
static bool
matches(Datum password, char *stored)
{
	text *hash = cstring_to_text(stored);

	if (ud_password_verify(password, hash))
		return true;
	if (!ud_password_is_costly(hash))
		return match_nothing(password);
	has_worked = true;
	return false;
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
		result = match_nothing(PG_GETARG_DATUM(0));
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
		result = match_nothing(PG_GETARG_DATUM(0));
	else
		result =
			matches(PG_GETARG_DATUM(0), ud_foreign_hash_from_json(&PG_GETARG_JSONB_P(1)->root));
	ud_secret_log_show(&frame);
	PG_RETURN_BOOL(result);
}

UD_FUNCTION(userdir__spend_hash);

/*
 * userdir__spend_hash does the work of verifying a password, unless password_matches has done it
 * since an action has begun. Errors: UD201, 53200.
 */
Datum
userdir__spend_hash(PG_FUNCTION_ARGS)
{
	if (!has_worked && !PG_ARGISNULL(0))
		(void)match_nothing(PG_GETARG_DATUM(0));
	PG_RETURN_VOID();
}
