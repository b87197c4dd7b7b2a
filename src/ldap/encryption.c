/*
 * encryption.c: TLS on a connection to a directory server.
 */
#include "base/userdir.h"

#include <sys/stat.h>
#include <unistd.h>

#include "storage/fd.h"

#include "ldap/encryption.h"

/* A file of certificates is no larger; that of a whole system has 200 kB. */
#define MAX_CA_FILE (8 * 1024 * 1024)

static void
refuse_ca_file(const char *file, const char *problem)
{
	ereport(ERROR,
			(errcode(UD_ERR_LDAP_CONFIGURATION),
			 errmsg("the certificates in \"%s\" cannot be used", file), errdetail("%s", problem),
			 errhint("\"ca_file\" is a file in PEM format that the database server can "
					 "read.")));
}

/* has_certificate looks for the line with which a certificate begins. */
static bool
has_certificate(const char *file)
{
	FILE *stream = AllocateFile(file, "r");
	char line[256];
	bool is_found = false;

	while (stream != NULL && !is_found && fgets(line, sizeof(line), stream) != NULL)
		is_found = strncmp(line, "-----BEGIN ", 11) == 0 && strstr(line, "CERTIFICATE") != NULL;
	if (stream != NULL)
		FreeFile(stream);
	return is_found;
}

/* check_ca_file raises unless a file is there and can be read without surprises. */
static void
check_ca_file(const char *file)
{
	struct stat status;

	if (!is_absolute_path(file))
		refuse_ca_file(file, "The path is not absolute.");
	if (stat(file, &status) != 0 || access(file, R_OK) != 0)
		refuse_ca_file(file, strerror(errno));
	if (!S_ISREG(status.st_mode) || status.st_size > MAX_CA_FILE)
		refuse_ca_file(file, "It is no ordinary file, or too large.");
	if (!has_certificate(file))
		refuse_ca_file(file, "It holds no certificate.");
}

/*
 * trust_system makes a connection trust what the system trusts: what ldap.conf says, or one of the
 * usual places. A new connection would trust nothing.
 */
static void
trust_system(LDAP *library)
{
	static const char *const usual[] = {"/etc/ssl/certs/ca-certificates.crt",
										"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};
	char *file = NULL;
	char *directory = NULL;

	(void)ldap_get_option(NULL, LDAP_OPT_X_TLS_CACERTFILE, &file);
	(void)ldap_get_option(NULL, LDAP_OPT_X_TLS_CACERTDIR, &directory);
	if (directory != NULL)
		(void)ldap_set_option(library, LDAP_OPT_X_TLS_CACERTDIR, directory);
	if (file != NULL)
		(void)ldap_set_option(library, LDAP_OPT_X_TLS_CACERTFILE, file);
	for (int i = 0; file == NULL && directory == NULL && i < (int)lengthof(usual); i++)
	{
		if (access(usual[i], R_OK) == 0)
		{
			(void)ldap_set_option(library, LDAP_OPT_X_TLS_CACERTFILE, usual[i]);
			break;
		}
	}
	ldap_memfree(file);
	ldap_memfree(directory);
}

/*
 * is_recent tells whether an encrypted connection has TLS 1.2 or later. Not every library for TLS
 * can be told beforehand, and nothing was sent through it yet.
 */
static bool
is_recent(UdLdapConnection *connection)
{
	UdLdapTransport *transport = &connection->transport;
	char *version = NULL;
	bool is_recent_version;

	(void)ldap_get_option(connection->library, LDAP_OPT_X_TLS_VERSION, &version);
	is_recent_version =
		version != NULL && (strstr(version, "1.2") != NULL || strstr(version, "1.3") != NULL);
	if (!is_recent_version)
		snprintf(transport->problem, sizeof(transport->problem),
				 "TLS: the server has version %.20s, but 1.2 is needed",
				 version != NULL ? version : "unknown");
	ldap_memfree(version);
	return is_recent_version;
}

/*
 * keep_reason makes what the library says of its failure the problem. With GnuTLS it has no words
 * for a certificate that was refused, but nothing else is without.
 */
static bool
keep_reason(UdLdapConnection *connection)
{
	static const char prefix[] = "TLS: ";
	char *reason = NULL;
	const char *words;
	UdLdapTransport *transport = &connection->transport;

	(void)ldap_get_option(connection->library, LDAP_OPT_DIAGNOSTIC_MESSAGE, &reason);
	words = reason != NULL ? reason : "";
	if (strncmp(words, prefix, strlen(prefix)) == 0)
		words += strlen(prefix);
	if (words[0] == '\0')
		words = "it could not be started";
	else if (strcmp(words, "(unknown error code)") == 0)
		words = "the certificate is for another host, not of a trusted authority, or out of date";
	if (transport->problem[0] == '\0')
		snprintf(transport->problem, sizeof(transport->problem), "%s%.200s", prefix, words);
	ldap_memfree(reason);
	return false;
}

bool
ud_ldap_encryption_start(UdLdapConnection *connection)
{
	const UdLdapServer *server = connection->server;
	LDAP *library = connection->library;
	int verify = server->insecure ? LDAP_OPT_X_TLS_ALLOW : LDAP_OPT_X_TLS_HARD;
	int oldest = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
	int is_server = 0;

	if (server->ca_file != NULL)
	{
		check_ca_file(server->ca_file);
		(void)ldap_set_option(library, LDAP_OPT_X_TLS_CACERTFILE, server->ca_file);
	}
	else
		trust_system(library);
	(void)ldap_set_option(library, LDAP_OPT_X_TLS_PROTOCOL_MIN, &oldest);
	if (ldap_set_option(library, LDAP_OPT_X_TLS_REQUIRE_CERT, &verify) != LDAP_OPT_SUCCESS)
		return keep_reason(connection);

	/* Without one of its own the connection would use what the process has. */
	if (ldap_set_option(library, LDAP_OPT_X_TLS_NEWCTX, &is_server) != LDAP_OPT_SUCCESS)
	{
		if (server->ca_file != NULL)
			refuse_ca_file(server->ca_file, "It holds what is no certificate.");
		return keep_reason(connection);
	}
	if (ldap_install_tls(library) != LDAP_SUCCESS)
		return keep_reason(connection);
	return is_recent(connection);
}
