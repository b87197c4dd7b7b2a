/*
 * server.h: the description of a directory server, which the functions get as a JSON object.
 */
#ifndef UD_LDAP_SERVER_H
#define UD_LDAP_SERVER_H

#include "utils/jsonb.h"

#include "ldap/mapping.h"
#include "pure/ldap_url.h"

/* Servers that can stand in for each other. */
#define UD_LDAP_MAX_URLS 16

/* Where the groups of a user are found; filter is empty when they are not looked for. */
typedef struct UdLdapGroups
{
	const char *base_dn;
	int scope;
	UdSpan filter; /* with {dn} and {login} */
	const char *attribute;
	int limit;
	UdLdapTarget into;
} UdLdapGroups;

/* Everything that is sent to a server is UTF-8. */
typedef struct UdLdapServer
{
	UdLdapUrl urls[UD_LDAP_MAX_URLS];
	const char *url_texts[UD_LDAP_MAX_URLS];
	int url_count;
	bool start_tls;
	bool insecure; /* no encryption, or any certificate, will do */
	const char *ca_file;
	bool is_active_directory;
	const char *base_dn;
	int scope;
	UdSpan filter;       /* with {login} */
	UdSpan user_dn;      /* with {login}; empty: the entry is searched for */
	const char *bind_dn; /* NULL: nobody's account is used for searching */
	UdLdapMapping mapping;
	UdLdapGroups groups;
	int connect_timeout; /* milliseconds, as the other two */
	int timeout;
	int total_timeout;
} UdLdapServer;

/*
 * ud_ldap_server_read reads and checks a description. What it points to lives in the current memory
 * context or in the document.
 *
 * Errors: UD069, naming the key; its hint names the key that a misspelled one is nearest to.
 */
extern UdLdapServer *ud_ldap_server_read(Jsonb *document);

#endif
