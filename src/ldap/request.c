/*
 * request.c: one call of a function that asks a directory server, from its arguments to the entry.
 */
#include "base/userdir.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "ldap/profile.h"
#include "ldap/request.h"
#include "pure/ldap_escape.h"
#include "pure/ldap_template.h"
#include "pure/ldap_value.h"

/* Bytes of UTF-8; whoever has a longer name is not in a directory. */
#define LONGEST_LOGIN 1024

/* What of a server's explanation is shown. */
#define LONGEST_EXPLANATION 200

/* The functions of the main library, which is in this backend as soon as there is a secret. */
static const UdSecretAccess *
secret_access(void)
{
	void **place = find_rendezvous_variable(UD_SECRET_ACCESS_NAME);
	const UdSecretAccess *access;

	if (*place == NULL)
		load_file("$libdir/userdir", false);
	access = *place;
	if (access == NULL || access->version != UD_SECRET_ACCESS_VERSION)
		ereport(ERROR, (errcode(UD_ERR_VERSION_MISMATCH),
						errmsg("the libraries userdir and userdir_ldap are of different versions"),
						errhint("Install both from the same source, and connect anew.")));
	return access;
}

/* open_secret opens one argument; nothing where it is null. */
static UdSpan
open_secret(UdLdapRequest *request, FunctionCallInfo fcinfo, int argument, UdSecret *secret)
{
	if (PG_ARGISNULL(argument))
		return (UdSpan){NULL, 0};
	if (request->access == NULL)
	{
		const UdSecretAccess *access = secret_access();

		access->hide(&request->frame);
		request->access = access;
	}
	request->access->open(PG_GETARG_DATUM(argument), secret);
	return (UdSpan){(const char *)secret->typed, secret->typed_length};
}

/* read_login returns the login in UTF-8. */
static UdSpan
read_login(FunctionCallInfo fcinfo)
{
	text *login = PG_GETARG_TEXT_PP(1);
	int length = (int)VARSIZE_ANY_EXHDR(login);
	char *text;
	UdSpan utf8;

	if (length > LONGEST_LOGIN)
		return (UdSpan){NULL, 0};
	text = pnstrdup(VARDATA_ANY(login), length);
	/* Without an encoding anything may be in a text. */
	if (GetDatabaseEncoding() == PG_SQL_ASCII && !pg_verify_mbstr(PG_UTF8, text, length, true))
		return (UdSpan){NULL, 0};
	utf8 = ud_span_of(pg_server_to_any(text, length, PG_UTF8));
	if (!pg_verify_mbstr(PG_UTF8, utf8.data, (int)utf8.length, true) || utf8.length > LONGEST_LOGIN)
		return (UdSpan){NULL, 0};
	return utf8;
}

/* check_bind raises when there is a name without a password or the other way round. */
static void
check_bind(const UdLdapRequest *request)
{
	if (request->server->bind_dn != NULL && request->bind_password.length == 0)
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
						errmsg("the password of \"bind_dn\" is missing"),
						errhint("Pass it as the argument bind_password.")));
	if (request->server->bind_dn == NULL && request->bind_password.data != NULL)
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
						errmsg("there is a bind_password, but no \"bind_dn\"")));
}

bool
ud_ldap_request_start(UdLdapRequest *request, FunctionCallInfo fcinfo, int password)
{
	/* Secrets come first: from then on no error shows the statement. */
	if (password >= 0)
		request->password = open_secret(request, fcinfo, password, &request->secrets[0]);
	request->bind_password = open_secret(request, fcinfo, PG_NARGS() - 1, &request->secrets[1]);
	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
						errmsg("the description of the LDAP server is null")));
	request->server = ud_ldap_server_read(PG_GETARG_JSONB_P(0));
	request->latest = ud_ldap_transport_now() + request->server->total_timeout;
	check_bind(request);
	if (password >= 0 && request->password.length == 0)
		ereport(ERROR, (errcode(UD_ERR_WRONG_CREDENTIALS), errmsg("wrong username or password"),
						errhint("The password is empty.")));
	if (!PG_ARGISNULL(1))
		request->login = read_login(fcinfo);
	return request->login.length > 0;
}

void
ud_ldap_request_end(UdLdapRequest *request)
{
	ud_ldap_connection_close(request->searcher);
	ud_ldap_connection_close(request->user);
	for (int i = 0; i < (int)lengthof(request->secrets); i++)
	{
		if (request->secrets[i].bytes != NULL)
			request->access->close(&request->secrets[i]);
	}
}

/* holds tells whether a text has a secret in it. */
static bool
holds(const char *text, UdSpan secret)
{
	size_t length = strlen(text);

	for (size_t i = 0; secret.length > 0 && i + secret.length <= length; i++)
	{
		if (memcmp(text + i, secret.data, secret.length) == 0)
			return true;
	}
	return false;
}

/*
 * explanation returns what a server has said, in printable ASCII, unless it repeats a password.
 * Empty where there is nothing to be shown.
 */
static const char *
explanation(const UdLdapRequest *request, const UdLdapConnection *connection)
{
	char *text = pstrdup(connection->explanation);

	if (holds(text, request->password) || holds(text, request->bind_password))
		return "";
	if (strlen(text) > LONGEST_EXPLANATION)
		text[LONGEST_EXPLANATION] = '\0';
	for (char *c = text; *c != '\0'; c++)
	{
		if (*c < 0x20 || *c > 0x7e)
			*c = '?';
	}
	return text;
}

/* is_fault_of_server tells whether a refusal says nothing about what was asked for. */
static bool
is_fault_of_server(int code)
{
	switch (code)
	{
		case UD_LDAP_BROKEN:
		case LDAP_TIMELIMIT_EXCEEDED:
		case LDAP_ADMINLIMIT_EXCEEDED:
		case LDAP_BUSY:
		case LDAP_UNAVAILABLE:
		case LDAP_LOOP_DETECT:
		case LDAP_OTHER:
			return true;
		default:
			return false;
	}
}

void
ud_ldap_request_fail(UdLdapRequest *request, UdLdapConnection *connection, int code,
					 const char *what)
{
	const char *said;

	if (code == UD_LDAP_BROKEN)
		ereport(ERROR, (errcode(UD_ERR_LDAP_SERVER),
						errmsg("the directory server failed when asked %s", what),
						errdetail("Of \"%s\": %s.", request->server->url_texts[request->url],
								  connection->transport.problem)));
	said = explanation(request, connection);
	ereport(ERROR,
			(errcode(is_fault_of_server(code) ? UD_ERR_LDAP_SERVER : UD_ERR_LDAP_CONFIGURATION),
			 errmsg("the directory server refuses %s: %s", what, ldap_err2string(code)),
			 said[0] != '\0' ? errdetail("It says: %s", said) : 0,
			 code == LDAP_REFERRAL ? errhint("It refers to another server; name that one.") : 0,
			 code == LDAP_CONFIDENTIALITY_REQUIRED || code == LDAP_STRONG_AUTH_REQUIRED
				 ? errhint("Use ldaps://, or add \"start_tls\": true.")
				 : 0));
}

void
ud_ldap_request_search(UdLdapRequest *request)
{
	const UdLdapServer *server = request->server;
	StringInfoData problems;

	initStringInfo(&problems);
	request->searcher = ud_ldap_connection_create(server, request->latest);
	for (int i = 0; i < server->url_count; i++)
	{
		int code = UD_LDAP_BROKEN;

		request->url = i;
		if (ud_ldap_connection_open(request->searcher, i))
			code =
				ud_ldap_connection_bind(request->searcher, server->bind_dn, request->bind_password);
		if (code == LDAP_SUCCESS)
			return;
		if (!is_fault_of_server(code))
			ud_ldap_request_fail(request, request->searcher, code,
								 server->bind_dn != NULL ? "\"bind_dn\"" : "anonymous access");
		appendStringInfo(&problems, "%sOf \"%s\": %s.", i > 0 ? "\n" : "", server->url_texts[i],
						 code == UD_LDAP_BROKEN ? request->searcher->transport.problem
												: ldap_err2string(code));
	}
	ereport(ERROR, (errcode(UD_ERR_LDAP_SERVER),
					errmsg_plural("the directory server cannot be used",
								  "none of the directory servers can be used", server->url_count),
					errdetail("%s", problems.data)));
}

typedef size_t (*Escape)(const char *text, size_t length, char *target);

/* fill_in puts values into a template. */
static const char *
fill_in(UdSpan template_text, Escape escape, UdSpan login, UdSpan dn)
{
	StringInfoData filled;
	size_t position = 0;
	UdSpan piece;
	UdLdapPiece kind;

	initStringInfo(&filled);
	while ((kind = ud_ldap_template_next(template_text, &position, &piece)) != UD_LDAP_PIECE_END)
	{
		UdSpan value = ud_span_is(piece, "dn") ? dn : login;

		if (kind == UD_LDAP_PIECE_NAME)
		{
			enlargeStringInfo(&filled, (int)UD_LDAP_ESCAPED_SIZE(value.length));
			filled.len += (int)escape(value.data, value.length, filled.data + filled.len);
			filled.data[filled.len] = '\0';
		}
		else
			appendBinaryStringInfo(&filled, piece.data, (int)piece.length);
	}
	return filled.data;
}

const char *
ud_ldap_request_user_dn(const UdLdapRequest *request)
{
	return fill_in(request->server->user_dn, ud_ldap_escape_dn, request->login, UD_SPAN(""));
}

bool
ud_ldap_request_find(UdLdapRequest *request, UdLdapConnection *connection, UdLdapEntry *entry)
{
	const UdLdapServer *server = request->server;
	const bool is_named = server->user_dn.length > 0;
	const char *base = is_named ? ud_ldap_request_user_dn(request) : server->base_dn;
	const char *filter =
		is_named ? "(objectClass=*)"
				 : fill_in(server->filter, ud_ldap_escape_filter, request->login, UD_SPAN(""));
	UdLdapFound found;
	int code =
		ud_ldap_connection_search(connection, base, is_named ? LDAP_SCOPE_BASE : server->scope,
								  filter, server->mapping.attributes, 1, &found);

	if (code == LDAP_NO_SUCH_OBJECT && is_named)
		return false;
	if (code != LDAP_SUCCESS)
		ud_ldap_request_fail(request, connection, code, "to search");
	if (found.is_more)
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
						errmsg("more than one entry of the directory has this login"),
						errhint("Make \"filter\" or \"base_dn\" narrower.")));
	if (found.count == 0)
		return false;

	/* A bind without a name is anonymous, and succeeds with any password. */
	if (found.entries[0].dn[0] == '\0')
		ereport(ERROR, (errcode(UD_ERR_LDAP_SERVER),
						errmsg("the directory server returned an entry without a name")));
	*entry = found.entries[0];
	return true;
}

static void
refuse_account(const char *message)
{
	ereport(ERROR, (errcode(UD_ERR_UNAUTHORIZED), errmsg("%s", message)));
}

/* refuse_password raises that a password is wrong, and whose, so that guesses can be counted. */
static void
refuse_password(const UdLdapServer *server, const UdLdapEntry *entry)
{
	UdSpan id = entry == NULL ? UD_SPAN("") : ud_ldap_profile_id(server, entry);

	ereport(ERROR, (errcode(UD_ERR_WRONG_CREDENTIALS), errmsg("wrong username or password"),
					id.length > 0 ? errdetail("%.*s", (int)id.length, id.data) : 0));
}

/*
 * refuse_login raises what a refused bind of a user means. Active Directory has one code of LDAP
 * for everything and tells the reason in its explanation.
 */
static void
refuse_login(const UdLdapRequest *request, const UdLdapEntry *entry)
{
	const UdLdapConnection *connection = request->user;

	switch (ud_ldap_value_bind_code(connection->explanation, strlen(connection->explanation)))
	{
		case 0x530:
		case 0x531:
			refuse_account("the account may not log in now or from here");
			break;
		case 0x532:
			refuse_account("the password has expired");
			break;
		case 0x533:
			refuse_account("the account is disabled");
			break;
		case 0x701:
			refuse_account("the account has expired");
			break;
		case 0x773:
			refuse_account("the password must be changed before the first login");
			break;
		case 0x775:
			refuse_account("the account is locked after too many failed logins");
			break;
		default: /* 0x525 and 0x52e among them: no such user, wrong password */
			refuse_password(request->server, entry);
	}
}

void
ud_ldap_request_authenticate(UdLdapRequest *request, const char *dn, const UdLdapEntry *entry)
{
	int code = UD_LDAP_BROKEN;

	request->user = ud_ldap_connection_create(request->server, request->latest);
	/* With a name that follows from the login this is the first connection of all. */
	if (request->searcher != NULL)
	{
		if (ud_ldap_connection_open(request->user, request->url))
			code = ud_ldap_connection_bind(request->user, dn, request->password);
	}
	else
	{
		for (request->url = 0;; request->url++)
		{
			if (ud_ldap_connection_open(request->user, request->url))
				code = ud_ldap_connection_bind(request->user, dn, request->password);
			if (!is_fault_of_server(code) || request->url + 1 == request->server->url_count)
				break;
			code = UD_LDAP_BROKEN;
		}
	}

	switch (code)
	{
		case LDAP_SUCCESS:
			return;
		case LDAP_INVALID_CREDENTIALS:
		case LDAP_INAPPROPRIATE_AUTH: /* the entry has no password */
		case LDAP_NO_SUCH_OBJECT:
			refuse_login(request, entry);
			break;
		case LDAP_CONSTRAINT_VIOLATION:
		case LDAP_UNWILLING_TO_PERFORM:
		case LDAP_INSUFFICIENT_ACCESS:
			refuse_account("the directory server does not let this account log in");
			break;
		default:
			ud_ldap_request_fail(request, request->user, code, "to authenticate a user");
	}
}

/* find_groups finds the groups of an entry; an incomplete list would be worse than none. */
static void
find_groups(UdLdapRequest *request, UdLdapConnection *connection, const UdLdapEntry *entry,
			UdLdapFound *found)
{
	const UdLdapGroups *groups = &request->server->groups;
	const char *filter =
		fill_in(groups->filter, ud_ldap_escape_filter, request->login, ud_span_of(entry->dn));
	char *attributes[] = {unconstify(char *, groups->attribute), NULL};
	int code = ud_ldap_connection_search(connection, groups->base_dn, groups->scope, filter,
										 attributes, groups->limit, found);

	if (code != LDAP_SUCCESS)
		ud_ldap_request_fail(request, connection, code, "to search for groups");
	if (found->is_more)
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
						errmsg("the user is in more than %d groups", groups->limit),
						errhint("Raise \"limit\" of \"groups\", or make its filter narrower.")));
}

Jsonb *
ud_ldap_request_profile(UdLdapRequest *request, UdLdapConnection *connection,
						const UdLdapEntry *entry)
{
	UdLdapFound found;

	if (request->server->groups.filter.length == 0)
		return ud_ldap_profile_make(request->server, entry, NULL);
	find_groups(request, connection, entry, &found);
	return ud_ldap_profile_make(request->server, entry, &found);
}
