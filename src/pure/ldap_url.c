/*
 * ldap_url.c: where a directory server is.
 */
#include "pure/ldap_url.h"

#include "pure/hex.h"

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* take_prefix takes a constant in lower case off the beginning of a text that has it in any case.
 */
static bool
take_prefix(UdSpan *text, const char *prefix)
{
	size_t length = strlen(prefix);

	if (text->length < length)
		return false;
	for (size_t i = 0; i < length; i++)
	{
		if (lower(text->data[i]) != prefix[i])
			return false;
	}
	text->data += length;
	text->length -= length;
	return true;
}

/* parse_path decodes the path of a Unix socket, which is written as the host of the URL. */
static const char *
parse_path(UdSpan text, char *path)
{
	size_t written = 0;

	for (size_t i = 0; i < text.length; i++)
	{
		char c = text.data[i];

		if (c == '%')
		{
			uint8_t byte;

			if (text.length - i < 3 || !ud_hex_decode(text.data + i + 1, 2, &byte) || byte == 0)
				return "it has a \"%\" without two hexadecimal digits behind it";
			c = (char)byte;
			i += 2;
		}
		else if (c == '/' || c == '?' || (unsigned char)c <= ' ')
			return "the path of the socket must be written with \"%2F\" for \"/\"";
		if (written + 1 >= UD_LDAP_PATH_SIZE)
			return "the path of the socket is too long";
		path[written++] = c;
	}
	path[written] = '\0';
	return path[0] == '/' ? NULL : "it names no absolute path of a socket";
}

/* is_host_character tells what may stand in a host: a name, or an IPv6 address in brackets. */
static bool
is_host_character(char c, bool is_ipv6)
{
	if (is_ipv6)
		return ud_hex_digit(c) >= 0 || c == ':' || c == '.';
	return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
		   c == '_';
}

/* parse_port reads what is behind the host: nothing, or a colon and a number. */
static const char *
parse_port(UdSpan text, int *port)
{
	if (text.length == 0)
		return NULL;
	if (text.data[0] != ':')
		return "nothing but a port may be behind the host";
	if (text.length < 2 || text.length > 6)
		return "its port is none";
	*port = 0;
	for (size_t i = 1; i < text.length; i++)
	{
		if (text.data[i] < '0' || text.data[i] > '9')
			return "its port is none";
		*port = *port * 10 + (text.data[i] - '0');
	}
	return *port >= 1 && *port <= 65535 ? NULL : "its port is none";
}

static const char *
parse_host(UdSpan text, UdLdapUrl *url)
{
	size_t length = 0;

	url->is_ipv6 = text.length > 0 && text.data[0] == '[';
	if (url->is_ipv6)
	{
		text.data++;
		text.length--;
	}
	while (length < text.length && is_host_character(text.data[length], url->is_ipv6))
		length++;
	url->host = (UdSpan){text.data, length};
	if (length == 0)
		return "it names no host";
	if (length > UD_LDAP_HOST_MAX)
		return "its host is too long";
	if (url->is_ipv6)
	{
		if (length == text.length || text.data[length] != ']')
			return "the bracket of its address is not closed";
		length++;
	}
	return parse_port((UdSpan){text.data + length, text.length - length}, &url->port);
}

const char *
ud_ldap_url_parse(UdSpan text, UdLdapUrl *url)
{
	memset(url, 0, sizeof(*url));
	if (take_prefix(&text, "ldaps://"))
	{
		url->scheme = UD_LDAP_TLS;
		url->port = 636;
	}
	else if (take_prefix(&text, "ldapi://"))
		url->scheme = UD_LDAP_SOCKET;
	else if (take_prefix(&text, "ldap://"))
	{
		url->scheme = UD_LDAP_PLAIN;
		url->port = 389;
	}
	else
		return "it begins with none of ldaps://, ldap:// and ldapi://";

	if (text.length > 0 && text.data[text.length - 1] == '/')
		text.length--;
	if (url->scheme == UD_LDAP_SOCKET)
		return parse_path(text, url->path);
	if (text.length > 0 && memchr(text.data, '/', text.length) != NULL)
		return "it may name the server alone, with nothing behind host and port";
	return parse_host(text, url);
}

/* is_loopback_ipv4 returns whether a host is an address of the network 127, and no name. */
static bool
is_loopback_ipv4(UdSpan host)
{
	if (host.length < 5 || memcmp(host.data, "127.", 4) != 0)
		return false;
	for (size_t i = 4; i < host.length; i++)
	{
		if (host.data[i] != '.' && (host.data[i] < '0' || host.data[i] > '9'))
			return false;
	}
	return true;
}

bool
ud_ldap_url_is_local(const UdLdapUrl *url)
{
	UdSpan host = url->host;

	if (url->scheme == UD_LDAP_SOCKET)
		return true;
	if (url->is_ipv6)
		return ud_span_is(host, "::1");
	return is_loopback_ipv4(host) || (take_prefix(&host, "localhost") && host.length == 0);
}
