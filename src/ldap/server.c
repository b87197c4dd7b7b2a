/*
 * server.c: the description of a directory server, which the functions get as a JSON object.
 */
#include "base/userdir.h"

#include <ldap.h>

#include "mb/pg_wchar.h"

#include "ldap/keys.h"
#include "ldap/server.h"
#include "pure/ldap_template.h"

/* Seconds; a hosted service would wait for about 20 in all. */
#define CONNECT_TIMEOUT 3
#define TIMEOUT         5
#define TOTAL_TIMEOUT   10
#define MAX_TIMEOUT     300

/* The groups of one user. */
#define GROUPS_LIMIT     500
#define MAX_GROUPS_LIMIT 10000

static const char *const server_keys[] = {
	"attributes", "base_dn",   "bind_dn", "ca_file",       "connect_timeout",
	"directory",  "filter",    "groups",  "id_attribute",  "insecure",
	"scope",      "start_tls", "timeout", "total_timeout", "url",
	"user_dn",    NULL};

static const char *const group_keys[] = {"attribute", "base_dn", "filter", "into",
										 "limit",     "scope",   NULL};

static const char person_filter[] = "(&(objectClass=person)(|(uid={login})(mail={login})))";
static const char active_directory_filter[] =
	"(&(objectCategory=person)(objectClass=user)"
	"(|(sAMAccountName={login})(userPrincipalName={login})(mail={login})))";
static const char groups_filter[] = "(|(member={dn})(uniqueMember={dn}))";

static void
read_url(UdLdapServer *server, const char *text)
{
	const char *problem;

	if (server->url_count == UD_LDAP_MAX_URLS)
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
						errmsg("\"url\" has more than %d servers", UD_LDAP_MAX_URLS)));
	problem = ud_ldap_url_parse(ud_span_of(text), &server->urls[server->url_count]);
	if (problem != NULL)
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION), errmsg("\"url\" is not valid"),
						errdetail("Of \"%.*s\": %s.", pg_mbcliplen(text, (int)strlen(text), 300),
								  text, problem),
						errhint("For example \"ldaps://ldap.example.com\", or several, with "
								"blanks between or in an array.")));
	server->url_texts[server->url_count++] = text;
}

/* read_url_list reads one or more URLs with blanks between. */
static void
read_url_list(UdLdapServer *server, const JsonbValue *value)
{
	char *list;
	char *start;

	if (value->type != jbvString)
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
						errmsg("\"url\" has to be a string or an array of strings")));
	list = pstrdup(ud_ldap_keys_utf8(value));
	for (start = list + strspn(list, " "); *start != '\0'; start += strspn(start, " "))
	{
		size_t length = strcspn(start, " ");

		read_url(server, pnstrdup(start, length));
		start += length;
	}
}

static void
read_urls(UdLdapServer *server, JsonbContainer *object)
{
	JsonbValue value;

	if (getKeyJsonValueFromContainer(object, "url", 3, &value) != NULL && value.type != jbvNull)
	{
		if (value.type == jbvBinary && JsonContainerIsArray(value.val.binary.data))
		{
			for (int i = 0; i < JsonContainerSize(value.val.binary.data); i++)
				read_url_list(server, getIthJsonbValueFromContainer(value.val.binary.data, i));
		}
		else
			read_url_list(server, &value);
	}
	if (server->url_count == 0)
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION), errmsg("\"url\" is missing"),
						errhint("For example \"ldaps://ldap.example.com\".")));
}

/* check_protection raises when a password would travel in the clear. */
static void
check_protection(const UdLdapServer *server)
{
	for (int i = 0; i < server->url_count; i++)
	{
		const UdLdapUrl *url = &server->urls[i];

		if (server->start_tls && url->scheme != UD_LDAP_PLAIN)
			ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
							errmsg("\"start_tls\" is for ldap:// alone"),
							errdetail("A connection to \"%s\" needs no encryption to be added.",
									  server->url_texts[i])));
		if (url->scheme == UD_LDAP_PLAIN && !server->start_tls && !server->insecure &&
			!ud_ldap_url_is_local(url))
			ereport(ERROR,
					(errcode(UD_ERR_LDAP_CONFIGURATION),
					 errmsg("\"%s\" would carry passwords in the clear", server->url_texts[i]),
					 errhint("Use ldaps://, or add \"start_tls\": true. Where nobody can "
							 "listen, \"insecure\": true permits it.")));
	}
}

static int
read_scope(JsonbContainer *object)
{
	const char *scope = ud_ldap_keys_text(object, "scope", "subtree");

	if (strcmp(scope, "subtree") == 0)
		return LDAP_SCOPE_SUBTREE;
	if (strcmp(scope, "one") == 0)
		return LDAP_SCOPE_ONELEVEL;
	if (strcmp(scope, "base") == 0)
		return LDAP_SCOPE_BASE;
	ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION), errmsg("unknown \"scope\""),
					errhint("It is \"subtree\", \"one\" or \"base\".")));
}

/*
 * check_names raises when something stands between braces that is none of the names, or none of
 * them does.
 */
static void
check_names(const char *key, UdSpan text, const char *first, const char *second)
{
	size_t position = 0;
	bool has_name = false;
	UdSpan piece;
	UdLdapPiece kind;

	while ((kind = ud_ldap_template_next(text, &position, &piece)) != UD_LDAP_PIECE_END)
	{
		if (kind == UD_LDAP_PIECE_TEXT)
			continue;
		if (kind == UD_LDAP_PIECE_BAD ||
			!(ud_span_is(piece, first) || (second != NULL && ud_span_is(piece, second))))
			ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
							errmsg("\"%s\" has a brace that encloses no name that it knows", key),
							second == NULL ? errhint("It knows {%s}.", first)
										   : errhint("It knows {%s} and {%s}.", first, second)));
		has_name = true;
	}
	if (!has_name)
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
						errmsg("\"%s\" does not have {%s} in it", key, first),
						errdetail("It would find the same for everybody.")));
}

/* read_search reads where entries of users are, and how they are found. */
static void
read_search(UdLdapServer *server, JsonbContainer *object)
{
	const char *filter = ud_ldap_keys_text(object, "filter", NULL);

	server->scope = read_scope(object);
	server->base_dn = ud_ldap_keys_text(object, "base_dn", NULL);
	server->user_dn = ud_span_of(ud_ldap_keys_text(object, "user_dn", ""));
	if (server->user_dn.length > 0)
	{
		check_names("user_dn", server->user_dn, "login", NULL);
		if (server->base_dn != NULL || filter != NULL)
			ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
							errmsg("\"user_dn\" excludes \"base_dn\" and \"filter\""),
							errdetail("It is the name of the entry itself, which is not "
									  "searched for then.")));
		return;
	}
	if (server->base_dn == NULL)
		ereport(ERROR,
				(errcode(UD_ERR_LDAP_CONFIGURATION), errmsg("\"base_dn\" is missing"),
				 errhint("For example \"ou=people,dc=example,dc=com\", or \"user_dn\" where the "
						 "name of an entry follows from the login.")));
	if (filter == NULL)
		filter = server->is_active_directory ? active_directory_filter : person_filter;
	server->filter = ud_span_of(filter);
	check_names("filter", server->filter, "login", NULL);
}

static void
read_groups(UdLdapServer *server, JsonbContainer *object)
{
	JsonbContainer *groups = ud_ldap_keys_object(object, "groups");
	UdLdapGroups *read = &server->groups;
	const char *into;

	if (groups == NULL)
		return;
	ud_ldap_keys_check(groups, group_keys, "\"groups\" of the LDAP server");
	read->base_dn = ud_ldap_keys_text(groups, "base_dn", server->base_dn);
	if (read->base_dn == NULL)
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
						errmsg("\"base_dn\" of \"groups\" is missing")));
	read->scope = read_scope(groups);
	read->filter = ud_span_of(ud_ldap_keys_text(groups, "filter", groups_filter));
	check_names("filter", read->filter, "dn", "login");
	read->attribute = ud_ldap_keys_text(groups, "attribute", "cn");
	if (ud_ldap_mapping_source(ud_span_of(read->attribute)).conversion != UD_LDAP_TEXT ||
		strchr(read->attribute, ':') != NULL)
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
						errmsg("\"attribute\" of \"groups\" has to be one of text")));
	read->limit = (int)ud_ldap_keys_number(groups, "limit", 1, MAX_GROUPS_LIMIT, GROUPS_LIMIT);
	into = ud_ldap_keys_text(groups, "into", "app_metadata.groups");
	read->into =
		ud_ldap_mapping_target(ud_span_of(pg_any_to_server(into, (int)strlen(into), PG_UTF8)));
}

static int
read_timeout(JsonbContainer *object, const char *key, double missing)
{
	return (int)(1000 * ud_ldap_keys_number(object, key, 0.1, MAX_TIMEOUT, missing));
}

UdLdapServer *
ud_ldap_server_read(Jsonb *document)
{
	UdLdapServer *server = palloc0(sizeof(UdLdapServer));
	JsonbContainer *object = &document->root;
	const char *directory;

	if (!JB_ROOT_IS_OBJECT(document))
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION),
						errmsg("an LDAP server is described by a JSON object"),
						errhint("It has at least \"url\" and \"base_dn\".")));
	ud_ldap_keys_check(object, server_keys, "the description of the LDAP server");
	read_urls(server, object);
	server->start_tls = ud_ldap_keys_boolean(object, "start_tls");
	server->insecure = ud_ldap_keys_boolean(object, "insecure");
	check_protection(server);
	server->ca_file = ud_ldap_keys_text(object, "ca_file", NULL);

	directory = ud_ldap_keys_text(object, "directory", "ldap");
	server->is_active_directory = strcmp(directory, "active_directory") == 0;
	if (!server->is_active_directory && strcmp(directory, "ldap") != 0)
		ereport(ERROR, (errcode(UD_ERR_LDAP_CONFIGURATION), errmsg("unknown \"directory\""),
						errhint("It is \"ldap\" or \"active_directory\".")));
	read_search(server, object);
	server->bind_dn = ud_ldap_keys_text(object, "bind_dn", NULL);
	ud_ldap_mapping_read(
		&server->mapping, ud_ldap_keys_object(object, "attributes"),
		ud_ldap_keys_text(object, "id_attribute",
						  server->is_active_directory ? "objectGUID" : "entryUUID"),
		server->is_active_directory);
	read_groups(server, object);

	server->connect_timeout = read_timeout(object, "connect_timeout", CONNECT_TIMEOUT);
	server->timeout = read_timeout(object, "timeout", TIMEOUT);
	server->total_timeout = read_timeout(object, "total_timeout", TOTAL_TIMEOUT);
	return server;
}
