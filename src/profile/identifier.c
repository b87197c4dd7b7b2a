/*
 * identifier.c: refusing names of users and connections that are not well-formed.
 *
 * The messages repeat no value: an e-mail address is nobody's business but its owner's.
 */
#include "base/userdir.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "pure/identifier.h"
#include "pure/uri.h"

#define MAX_CONNECTION_NAME  128
#define MAX_EMAIL            254
#define MAX_EMAIL_LOCAL_PART 64
#define MAX_USER_ID_PART     255
#define MAX_PICTURE          2048

typedef struct Value
{
	const char *bytes;
	int length;
	int characters;
} Value;

static Value
get_value(FunctionCallInfo fcinfo, int argument)
{
	text *datum = PG_GETARG_TEXT_PP(argument);
	Value value = {VARDATA_ANY(datum), VARSIZE_ANY_EXHDR(datum), 0};

	value.characters = pg_mbstrlen_with_len(value.bytes, value.length);
	return value;
}

UD_FUNCTION(userdir__check_connection_name);

/*
 * userdir__check_connection_name raises UD001 unless a connection may have this name, null
 * included.
 */
Datum
userdir__check_connection_name(PG_FUNCTION_ARGS)
{
	Value name = PG_ARGISNULL(0) ? (Value){"", 0, 0} : get_value(fcinfo, 0);

	if (!ud_identifier_is_connection_name(name.bytes, name.length) ||
		name.length > MAX_CONNECTION_NAME)
		ereport(ERROR, (errcode(UD_ERR_INVALID_CONNECTION),
						errmsg("a connection's name must be 1 to %d letters and digits",
							   MAX_CONNECTION_NAME),
						errdetail("Single hyphens may stand between them.")));
	PG_RETURN_VOID();
}

/* check_email_lengths raises unless the two lengths that RFC 5321 limits are kept. */
static void
check_email_lengths(Value email)
{
	const char *at = memchr(email.bytes, '@', email.length);

	for (const char *c = at; c != NULL; c = memchr(c + 1, '@', email.bytes + email.length - c - 1))
		at = c;
	if (email.characters > MAX_EMAIL)
		ereport(ERROR, (errcode(UD_ERR_INVALID_USER),
						errmsg("email must have at most %d characters", MAX_EMAIL)));
	if (at != NULL && pg_mbstrlen_with_len(email.bytes, at - email.bytes) > MAX_EMAIL_LOCAL_PART)
		ereport(ERROR, (errcode(UD_ERR_INVALID_USER),
						errmsg("the part of email before the \"@\" must have at most %d characters",
							   MAX_EMAIL_LOCAL_PART)));
}

UD_FUNCTION(userdir__check_email);

/*
 * userdir__check_email raises UD004 unless the text is an e-mail address of RFC 5321's lengths.
 */
Datum
userdir__check_email(PG_FUNCTION_ARGS)
{
	Value email = get_value(fcinfo, 0);

	check_email_lengths(email);
	if (!ud_identifier_is_email(email.bytes, email.length))
		ereport(ERROR,
				(errcode(UD_ERR_INVALID_USER), errmsg("email must be a valid e-mail address")));
	PG_RETURN_VOID();
}

UD_FUNCTION(userdir__check_username);

/*
 * userdir__check_username raises UD004 unless the text, folded already, is a user name of the
 * given shortest and longest length.
 */
Datum
userdir__check_username(PG_FUNCTION_ARGS)
{
	Value username = get_value(fcinfo, 0);
	int shortest = PG_GETARG_INT32(1);
	int longest = PG_GETARG_INT32(2);

	if (username.characters < shortest || username.characters > longest)
		ereport(ERROR, (errcode(UD_ERR_INVALID_USER),
						errmsg("username must have %d to %d characters", shortest, longest)));
	if (!ud_identifier_is_username(username.bytes, username.length))
		ereport(ERROR, (errcode(UD_ERR_INVALID_USER),
						errmsg("username holds a character that is not allowed"),
						errhint("Letters and digits without accents are, and @^$.!`-#+'~_ .")));
	if (ud_identifier_is_email(username.bytes, username.length))
		ereport(ERROR,
				(errcode(UD_ERR_INVALID_USER), errmsg("username must not be an e-mail address")));
	PG_RETURN_VOID();
}

UD_FUNCTION(userdir__check_phone_number);

/*
 * userdir__check_phone_number raises UD004 unless the text is an E.164 number.
 */
Datum
userdir__check_phone_number(PG_FUNCTION_ARGS)
{
	Value number = get_value(fcinfo, 0);

	if (!ud_identifier_is_phone_number(number.bytes, number.length))
		ereport(ERROR, (errcode(UD_ERR_INVALID_USER),
						errmsg("phone_number must be \"+\" and 1 to 15 digits"),
						errhint("The format is that of E.164, as in +15551234567.")));
	PG_RETURN_VOID();
}

UD_FUNCTION(userdir__check_picture);

/*
 * userdir__check_picture raises UD004 unless the text is an absolute http or https URI of RFC 3986.
 */
Datum
userdir__check_picture(PG_FUNCTION_ARGS)
{
	Value picture = get_value(fcinfo, 0);

	if (picture.length > MAX_PICTURE || !ud_uri_is_web(picture.bytes, picture.length))
		ereport(ERROR, (errcode(UD_ERR_INVALID_USER),
						errmsg("picture must be an absolute http or https URI of at most %d bytes",
							   MAX_PICTURE)));
	PG_RETURN_VOID();
}

UD_FUNCTION(userdir__check_user_id_part);

/*
 * userdir__check_user_id_part raises UD004 unless the text may follow the bar of a user_id.
 */
Datum
userdir__check_user_id_part(PG_FUNCTION_ARGS)
{
	Value id = get_value(fcinfo, 0);

	if (id.characters > MAX_USER_ID_PART || !ud_identifier_is_user_id_part(id.bytes, id.length))
		ereport(ERROR, (errcode(UD_ERR_INVALID_USER),
						errmsg("user_id must have 1 to %d characters and no white space",
							   MAX_USER_ID_PART),
						errdetail("It is the part that follows the bar of the whole user_id.")));
	PG_RETURN_VOID();
}
