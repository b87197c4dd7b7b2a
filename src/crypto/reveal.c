/*
 * reveal.c: turning a secret back into a text, for a system that wants the password itself.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "crypto/reveal.h"
#include "crypto/secret.h"
#include "crypto/secret_log.h"

static bool is_allowed = false;

bool
ud_reveal_allow(bool allowed)
{
	bool before = is_allowed;

	is_allowed = allowed;
	return before;
}

/* to_text returns the text of an opened secret in the encoding of the database. */
static text *
to_text(const UdSecret *secret)
{
	char *utf8 = palloc(secret->typed_length + 1);
	char *converted;
	text *result;

	memcpy(utf8, secret->typed, secret->typed_length);
	utf8[secret->typed_length] = '\0';
	converted = pg_any_to_server(utf8, (int)secret->typed_length, PG_UTF8);
	result = cstring_to_text(converted);
	if (converted != utf8)
	{
		sodium_memzero(converted, strlen(converted));
		pfree(converted);
	}
	sodium_memzero(utf8, secret->typed_length);
	pfree(utf8);
	return result;
}

UD_FUNCTION(userdir_reveal);

/*
 * userdir_reveal returns the text in a secret while an action of a custom database runs.
 *
 * Errors: 55000 at any other time, and for a secret of another session; 22P05 when a character has
 * no equivalent in the encoding of the database.
 */
Datum
userdir_reveal(PG_FUNCTION_ARGS)
{
	ErrorContextCallback frame;
	UdSecret secret;
	text *volatile result = NULL;

	ud_secret_log_hide(&frame);
	if (!is_allowed)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("a secret is revealed to a running action of a custom database only"),
				 errhint("userdir.password_matches(password, hash) compares a password with a "
						 "hash anywhere.")));

	ud_secret_open(PG_GETARG_DATUM(0), &secret);
	PG_TRY();
	{
		result = to_text(&secret);
	}
	PG_FINALLY();
	{
		ud_secret_close(&secret);
	}
	PG_END_TRY();
	ud_secret_log_show(&frame);
	PG_RETURN_TEXT_P(result);
}
