/*
 * ldap_url.h: where a directory server is.
 */
#ifndef UD_PURE_LDAP_URL_H
#define UD_PURE_LDAP_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "pure/span.h"

/* The longest path of a Unix socket with its NUL, and the longest name of a host. */
#define UD_LDAP_PATH_SIZE 108
#define UD_LDAP_HOST_MAX  253

typedef enum UdLdapScheme
{
	UD_LDAP_PLAIN, /* ldap:// */
	UD_LDAP_TLS,   /* ldaps:// */
	UD_LDAP_SOCKET /* ldapi:// */
} UdLdapScheme;

typedef struct UdLdapUrl
{
	UdLdapScheme scheme;
	UdSpan host; /* into the text; an IPv6 address has no brackets */
	bool is_ipv6;
	int port;
	char path[UD_LDAP_PATH_SIZE]; /* of the Unix socket */
} UdLdapUrl;

/*
 * ud_ldap_url_parse reads an LDAP URL of a server alone: "ldap://host", "ldaps://host:port",
 * "ldap://[::1]:389" or "ldapi://%2Frun%2Fldapi", with or without a slash at the end.
 *
 * Returns NULL, or what is wrong with it.
 */
extern const char *ud_ldap_url_parse(UdSpan text, UdLdapUrl *url);

/*
 * ud_ldap_url_is_local returns whether what is sent to a server stays on this machine: through a
 * Unix socket, or to a loopback address or "localhost".
 */
extern bool ud_ldap_url_is_local(const UdLdapUrl *url);

#endif
