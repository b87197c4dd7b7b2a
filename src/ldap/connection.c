/*
 * connection.c: a connection to a directory server, and what is asked through it.
 */
#include "base/userdir.h"

#include <openldap.h>

#include "miscadmin.h"

#include "ldap/connection.h"
#include "ldap/encryption.h"
#include "pure/ldap_value.h"

/* The largest message that is read; an entry with a photograph is well below. */
#define MAX_MESSAGE (1024 * 1024)

UdLdapConnection *
ud_ldap_connection_create(const UdLdapServer *server, int64 latest)
{
	UdLdapConnection *connection = palloc0(sizeof(UdLdapConnection));

	connection->server = server;
	connection->latest = latest;
	ud_ldap_transport_start(&connection->transport);
	return connection;
}

/* release frees what was held while a message was read. */
static void
release(UdLdapConnection *connection)
{
	if (connection->values != NULL)
		ber_memfree(connection->values);
	connection->values = NULL;
	if (connection->position != NULL)
		ber_free(connection->position, 0);
	connection->position = NULL;
	if (connection->message != NULL)
		ldap_msgfree(connection->message);
	connection->message = NULL;
}

void
ud_ldap_connection_close(UdLdapConnection *connection)
{
	if (connection == NULL)
		return;
	release(connection);
	connection->transport.is_closing = true;
	if (connection->library != NULL)
		ldap_unbind_ext(connection->library, NULL, NULL);
	connection->library = NULL;
	ud_ldap_transport_close(&connection->transport);
}

/* broken tells why a connection is of no use, unless that is known already. */
static int
broken(UdLdapConnection *connection, const char *problem)
{
	ud_ldap_transport_raise(&connection->transport);
	if (connection->transport.problem[0] == '\0')
		strlcpy(connection->transport.problem, problem, sizeof(connection->transport.problem));
	return UD_LDAP_BROKEN;
}

/* broken_by_library does so when a function of the library has failed by itself. */
static int
broken_by_library(UdLdapConnection *connection, int error)
{
	char problem[200];

	snprintf(problem, sizeof(problem), "the library gave up: %s", ldap_err2string(error));
	return broken(connection, problem);
}

/* begin sets the deadline of the next operation. */
static void
begin(UdLdapConnection *connection)
{
	connection->transport.deadline =
		Min(connection->latest, ud_ldap_transport_now() + connection->server->timeout);
}

/*
 * next_message waits for a message that answers a request and holds it. Returns its type, or
 * UD_LDAP_BROKEN.
 */
static int
next_message(UdLdapConnection *connection, int request)
{
	release(connection);
	for (;;)
	{
		struct timeval now = {0, 0};
		int type =
			ldap_result(connection->library, request, LDAP_MSG_ONE, &now, &connection->message);

		ud_ldap_transport_raise(&connection->transport);
		if (type > 0)
			return type;
		if (type < 0)
			return broken(connection, "what it sent is not LDAP");
		if (!ud_ldap_transport_wait(&connection->transport, WL_SOCKET_READABLE))
			return broken(connection, "it did not answer in time");
	}
}

/* read_result takes the result code out of the message that is held. */
static int
read_result(UdLdapConnection *connection)
{
	char *explanation = NULL;
	int code = LDAP_OTHER;
	LDAPMessage *message = connection->message;
	int error;

	connection->message = NULL;
	error = ldap_parse_result(connection->library, message, &code, NULL, &explanation, NULL, NULL,
							  true);
	connection->explanation[0] = '\0';
	if (error == LDAP_SUCCESS && explanation != NULL)
		strlcpy(connection->explanation, explanation, sizeof(connection->explanation));
	ldap_memfree(explanation);
	if (error != LDAP_SUCCESS || code < 0)
		return broken(connection, "what it sent is not LDAP");
	return code;
}

/* finish waits for the one message that answers a request other than a search. */
static int
finish(UdLdapConnection *connection, int error, int request, int wanted)
{
	int type;

	ud_ldap_transport_raise(&connection->transport);
	if (error != LDAP_SUCCESS)
		return broken_by_library(connection, error);
	type = next_message(connection, request);
	if (type == UD_LDAP_BROKEN)
		return type;
	if (type != wanted)
		return broken(connection, "it answered with something else");
	return read_result(connection);
}

/* start_library gives the socket to the library. */
static bool
start_library(UdLdapConnection *connection, int url)
{
	static ber_len_t max_message = MAX_MESSAGE;
	int version = LDAP_VERSION3;
	int never = LDAP_DEREF_NEVER;
	int none = 0;
	struct timeval forever = {-1, 0}; /* it is the transport that waits */
	Sockbuf *buffer = NULL;
	LDAP *library = NULL;
	int error = ldap_init_fd(connection->transport.socket, LDAP_PROTO_EXT,
							 connection->server->url_texts[url], &library);

	if (error != LDAP_SUCCESS)
	{
		broken_by_library(connection, error);
		return false;
	}
	connection->library = library;

	/* What the system's ldap.conf or the environment says is for others. */
	if (ldap_get_option(library, LDAP_OPT_SOCKBUF, &buffer) != LDAP_OPT_SUCCESS ||
		ber_sockbuf_add_io(buffer, &ud_ldap_transport_io, LBER_SBIOD_LEVEL_PROVIDER,
						   &connection->transport) != 0 ||
		ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &max_message) != 1 ||
		ldap_set_option(library, LDAP_OPT_PROTOCOL_VERSION, &version) != LDAP_OPT_SUCCESS ||
		ldap_set_option(library, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) != LDAP_OPT_SUCCESS ||
		ldap_set_option(library, LDAP_OPT_DEREF, &never) != LDAP_OPT_SUCCESS ||
		ldap_set_option(library, LDAP_OPT_TIMELIMIT, &none) != LDAP_OPT_SUCCESS ||
		ldap_set_option(library, LDAP_OPT_SIZELIMIT, &none) != LDAP_OPT_SUCCESS ||
		ldap_set_option(library, LDAP_OPT_TIMEOUT, &forever) != LDAP_OPT_SUCCESS ||
		ldap_set_option(library, LDAP_OPT_NETWORK_TIMEOUT, &forever) != LDAP_OPT_SUCCESS)
	{
		broken(connection, "the library gave up");
		return false;
	}
	return true;
}

/* start_tls asks a server to go on encrypted. */
static bool
start_tls(UdLdapConnection *connection)
{
	int request;
	int error = ldap_start_tls(connection->library, NULL, NULL, &request);
	int code = finish(connection, error, request, LDAP_RES_EXTENDED);

	if (code != LDAP_SUCCESS && code != UD_LDAP_BROKEN)
	{
		char problem[200];

		snprintf(problem, sizeof(problem), "it refuses StartTLS: %s", ldap_err2string(code));
		broken(connection, problem);
	}
	return code == LDAP_SUCCESS;
}

bool
ud_ldap_connection_open(UdLdapConnection *connection, int url)
{
	const UdLdapServer *server = connection->server;
	const UdLdapUrl *target = &server->urls[url];
	bool is_encrypted = target->scheme == UD_LDAP_TLS || server->start_tls;

	ud_ldap_connection_close(connection);
	ud_ldap_transport_start(&connection->transport);
	connection->transport.deadline = connection->latest;
	if (!ud_ldap_transport_open(&connection->transport, target, server->connect_timeout))
	{
		ud_ldap_transport_raise(&connection->transport);
		return false;
	}
	begin(connection);
	if (!start_library(connection, url))
		return false;
	if (server->start_tls && !start_tls(connection))
		return false;
	if (is_encrypted && !ud_ldap_encryption_start(connection))
	{
		ud_ldap_transport_raise(&connection->transport);
		return false;
	}
	return true;
}

int
ud_ldap_connection_bind(UdLdapConnection *connection, const char *dn, UdSpan password)
{
	struct berval credentials = {password.length, unconstify(char *, password.data)};
	int request;
	int error;

	begin(connection);
	error = ldap_sasl_bind(connection->library, dn == NULL ? "" : dn, LDAP_SASL_SIMPLE,
						   &credentials, NULL, NULL, &request);
	return finish(connection, error, request, LDAP_RES_BIND);
}

/* copy_bytes copies a value of the message that is held, and puts a NUL behind it. */
static UdSpan
copy_bytes(const struct berval *value)
{
	char *copy = palloc(value->bv_len + 1);

	if (value->bv_len > 0)
		memcpy(copy, value->bv_val, value->bv_len);
	copy[value->bv_len] = '\0';
	return (UdSpan){copy, value->bv_len};
}

/* copy_values copies the values that are held. */
static void
copy_values(UdLdapConnection *connection, UdLdapAttribute *attribute)
{
	attribute->count = 0;
	while (connection->values != NULL && connection->values[attribute->count].bv_val != NULL)
		attribute->count++;
	attribute->values = palloc(sizeof(UdSpan) * Max(attribute->count, 1));
	for (int i = 0; i < attribute->count; i++)
		attribute->values[i] = copy_bytes(&connection->values[i]);
}

/*
 * read_attribute reads the next attribute of the message that is held, in place: looking each one
 * up by its name would take time by the square of their number. Returns false when it cannot be
 * read; at the end the name is NULL.
 */
static bool
read_attribute(UdLdapConnection *connection, struct berval *name)
{
	name->bv_val = NULL;
	return ldap_get_attribute_ber(connection->library, connection->message, connection->position,
								  name, &connection->values) == LDAP_SUCCESS;
}

/* read_attributes copies the attributes of the message that is held. */
static bool
read_attributes(UdLdapConnection *connection, UdLdapEntry *entry)
{
	struct berval name;
	int room = 8;

	entry->attributes = palloc(sizeof(UdLdapAttribute) * room);
	entry->count = 0;
	while (read_attribute(connection, &name))
	{
		UdLdapAttribute *attribute;

		if (name.bv_val == NULL)
			return true;
		if (entry->count == room)
		{
			room *= 2;
			entry->attributes = repalloc(entry->attributes, sizeof(UdLdapAttribute) * room);
		}
		attribute = &entry->attributes[entry->count++];
		attribute->name = copy_bytes(&name).data;
		copy_values(connection, attribute);
		ber_memfree(connection->values);
		connection->values = NULL;
		CHECK_FOR_INTERRUPTS();
	}
	return false;
}

/* read_entry copies the entry in the message that is held. */
static bool
read_entry(UdLdapConnection *connection, UdLdapEntry *entry)
{
	struct berval dn = {0, NULL};

	if (ldap_get_dn_ber(connection->library, connection->message, &connection->position, &dn) !=
			LDAP_SUCCESS ||
		dn.bv_val == NULL)
		return false;
	/* It will be the name of a bind, so it must be the whole one. */
	if (dn.bv_len > 0 && memchr(dn.bv_val, '\0', dn.bv_len) != NULL)
		return false;
	entry->dn = copy_bytes(&dn).data;
	return read_attributes(connection, entry);
}

/* abandon tells the server that no more is wanted. */
static void
abandon(UdLdapConnection *connection, int request)
{
	(void)ldap_abandon_ext(connection->library, request, NULL, NULL);
	ud_ldap_transport_raise(&connection->transport);
}

/* collect reads the answers to a search until its result. */
static int
collect(UdLdapConnection *connection, int request, int limit, UdLdapFound *found)
{
	for (;;)
	{
		int type = next_message(connection, request);

		switch (type)
		{
			case LDAP_RES_SEARCH_ENTRY:
				found->is_more = found->count == limit;
				if (found->is_more)
				{
					abandon(connection, request);
					return LDAP_SUCCESS;
				}
				if (!read_entry(connection, &found->entries[found->count]))
					return broken(connection, "it sent an entry that is none");
				found->count++;
				break;
			case LDAP_RES_SEARCH_REFERENCE: /* other servers are left alone */
			case LDAP_RES_INTERMEDIATE:
				break;
			case LDAP_RES_SEARCH_RESULT:
				type = read_result(connection);
				if (type == LDAP_SIZELIMIT_EXCEEDED)
					found->is_more = true;
				return type == LDAP_SIZELIMIT_EXCEEDED ? LDAP_SUCCESS : type;
			case UD_LDAP_BROKEN:
				return type;
			default:
				return broken(connection, "it answered with something else");
		}
	}
}

int
ud_ldap_connection_search(UdLdapConnection *connection, const char *base, int scope,
						  const char *filter, char **attributes, int limit, UdLdapFound *found)
{
	struct timeval patience;
	int request;
	int error;

	memset(found, 0, sizeof(*found));
	found->entries = palloc0(sizeof(UdLdapEntry) * limit);
	begin(connection);
	patience.tv_sec = connection->server->timeout / 1000 + 1;
	patience.tv_usec = 0;
	error = ldap_search_ext(connection->library, base, scope, filter, attributes, false, NULL, NULL,
							&patience, limit + 1, &request);
	ud_ldap_transport_raise(&connection->transport);
	if (error == LDAP_FILTER_ERROR)
		ereport(ERROR,
				(errcode(UD_ERR_LDAP_CONFIGURATION), errmsg("\"filter\" is not a filter of LDAP"),
				 errhint("See RFC 4515; for example \"(uid={login})\".")));
	if (error != LDAP_SUCCESS)
		return broken_by_library(connection, error);
	return collect(connection, request, limit, found);
}

/* set_unicode_password replaces the attribute unicodePwd. */
static int
set_unicode_password(UdLdapConnection *connection, const char *dn, UdSpan password)
{
	const size_t size = 2 * (password.length + 2);
	uint8 *bytes = palloc(size);
	struct berval value = {0, (char *)bytes};
	struct berval *values[] = {&value, NULL};
	LDAPMod change = {LDAP_MOD_REPLACE | LDAP_MOD_BVALUES, "unicodePwd", {NULL}};
	LDAPMod *changes[] = {&change, NULL};
	int request;
	int error;

	value.bv_len =
		ud_ldap_value_unicode_password((const uint8 *)password.data, password.length, bytes);
	change.mod_bvalues = values;
	error = ldap_modify_ext(connection->library, dn, changes, NULL, NULL, &request);
	explicit_bzero(bytes, size);
	pfree(bytes);
	return finish(connection, error, request, LDAP_RES_MODIFY);
}

int
ud_ldap_connection_set_password(UdLdapConnection *connection, const char *dn, UdSpan password)
{
	struct berval user = {strlen(dn), unconstify(char *, dn)};
	struct berval value = {password.length, unconstify(char *, password.data)};
	int request;
	int error;

	begin(connection);
	if (connection->server->is_active_directory)
		return set_unicode_password(connection, dn, password);
	error = ldap_passwd(connection->library, &user, NULL, &value, NULL, NULL, &request);
	return finish(connection, error, request, LDAP_RES_EXTENDED);
}
