/*
 * functions.c: what SQL calls: logging in, finding and changing passwords of users in a directory.
 */
#include "base/userdir.h"

#include "ldap/request.h"

/* run is one of the functions below: what is done between start and end of a request. */
typedef Datum (*Run)(UdLdapRequest *request, bool *is_null);

/* perform does what every function does around its own; password is as in request.h. */
static Datum
perform(FunctionCallInfo fcinfo, int password, Run run)
{
	UdLdapRequest *request = palloc0(sizeof(UdLdapRequest));
	volatile Datum result = (Datum)0;
	volatile bool is_null = true;

	PG_TRY();
	{
		bool run_null = true;

		if (ud_ldap_request_start(request, fcinfo, password))
			result = run(request, &run_null);
		is_null = run_null;
	}
	PG_FINALLY();
	{
		ud_ldap_request_end(request);
	}
	PG_END_TRY();
	fcinfo->isnull = is_null;
	return result;
}

/* find_by_searching opens the connection that searches, and finds the entry of the user. */
static bool
find_by_searching(UdLdapRequest *request, UdLdapEntry *entry)
{
	ud_ldap_request_search(request);
	return ud_ldap_request_find(request, request->searcher, entry);
}

static Datum
run_login(UdLdapRequest *request, bool *is_null)
{
	UdLdapEntry entry;
	UdLdapConnection *reader;

	if (request->server->user_dn.length > 0 && request->server->bind_dn == NULL)
	{
		/* Users read their own entries. */
		ud_ldap_request_authenticate(request, ud_ldap_request_user_dn(request), NULL);
		reader = request->user;
		*is_null = !ud_ldap_request_find(request, reader, &entry);
	}
	else
	{
		*is_null = !find_by_searching(request, &entry);
		reader = request->searcher;
		if (!*is_null)
			ud_ldap_request_authenticate(request, entry.dn, &entry);
	}
	return *is_null ? (Datum)0 : JsonbPGetDatum(ud_ldap_request_profile(request, reader, &entry));
}

static Datum
run_get_user(UdLdapRequest *request, bool *is_null)
{
	UdLdapEntry entry;

	*is_null = !find_by_searching(request, &entry);
	return *is_null ? (Datum)0
					: JsonbPGetDatum(ud_ldap_request_profile(request, request->searcher, &entry));
}

/* check_change raises when a new password cannot be sent as it has to be. */
static void
check_change(const UdLdapServer *server)
{
	if (server->bind_dn == NULL)
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION), errmsg("\"bind_dn\" is missing"),
						errdetail("Only an account that may do so sets passwords of others.")));
	for (int i = 0; server->is_active_directory && i < server->url_count; i++)
	{
		if (server->urls[i].scheme == UD_LDAP_PLAIN && !server->start_tls)
			ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
							errmsg("Active Directory takes new passwords over TLS alone"),
							errhint("Use ldaps://, or add \"start_tls\": true.")));
	}
}

static Datum
run_change_password(UdLdapRequest *request, bool *is_null)
{
	UdLdapEntry entry;
	int code;

	*is_null = false;
	check_change(request->server);
	if (!find_by_searching(request, &entry))
		return BoolGetDatum(false);
	code = ud_ldap_connection_set_password(request->searcher, entry.dn, request->password);
	if (code == LDAP_CONSTRAINT_VIOLATION || code == LDAP_UNWILLING_TO_PERFORM)
		ereport(ERROR, (errcode(UD_ERR_ACTION_VALIDATION),
						errmsg("the directory server refuses the new password"),
						errdetail("invalid_password")));
	if (code != LDAP_SUCCESS)
		ud_ldap_request_fail(request, request->searcher, code, "to change a password");
	return BoolGetDatum(true);
}

UD_FUNCTION(userdir_ldap_login);

/*
 * userdir_ldap_login finds the entry of a login, authenticates with its name and the password, and
 * returns its profile.
 *
 * Arguments: server jsonb, login text, password secret, bind_password secret. Result: the profile,
 * null when there is no such entry. Errors: UD060 for a wrong password, UD061 for an account that
 * may not be used, UD068 and UD069.
 */
Datum
userdir_ldap_login(PG_FUNCTION_ARGS)
{
	return perform(fcinfo, 2, run_login);
}

UD_FUNCTION(userdir_ldap_get_user);

/*
 * userdir_ldap_get_user finds the entry of a login and returns its profile.
 *
 * Arguments: server jsonb, login text, bind_password secret. Result: the profile, null when there
 * is no such entry. Errors: UD068 and UD069.
 */
Datum
userdir_ldap_get_user(PG_FUNCTION_ARGS)
{
	return perform(fcinfo, -1, run_get_user);
}

UD_FUNCTION(userdir_ldap_change_password);

/*
 * userdir_ldap_change_password sets the password of the entry of a login.
 *
 * Arguments: server jsonb, login text, new_password secret, bind_password secret. Result: true,
 * false when there is no such entry. Errors: UD060 for an empty password, UD062 when the server
 * does not want it, UD068 and UD069.
 */
Datum
userdir_ldap_change_password(PG_FUNCTION_ARGS)
{
	return perform(fcinfo, 2, run_change_password);
}

UD_FUNCTION(userdir_ldap_check_server);

/*
 * userdir_ldap_check_server returns true for a valid description of a server; nothing is connected
 * to. Arguments: server jsonb. Errors: UD069.
 */
Datum
userdir_ldap_check_server(PG_FUNCTION_ARGS)
{
	(void)ud_ldap_server_read(PG_GETARG_JSONB_P(0));
	PG_RETURN_BOOL(true);
}
