/*
 * test_ldap_text.c: what is put into filters and names of LDAP, templates, and URLs of servers.
 */
#include "check.h"

#include "pure/ldap_escape.h"
#include "pure/ldap_template.h"
#include "pure/ldap_url.h"

typedef size_t (*Escape)(const char *text, size_t length, char *target);

static void
check_escaped(Escape escape, const char *text, size_t length, const char *expected)
{
	char *copy = check_copy(text, length);
	char *target = malloc(UD_LDAP_ESCAPED_SIZE(length) + 1);

	CHECK_TEXT(target, escape(copy, length, target), expected);
	free(copy);
	free(target);
}

static void
test_filter(void)
{
	check_escaped(ud_ldap_escape_filter, "jane.doe+x@example-a.com_b", 26,
				  "jane.doe+x@example-a.com_b");
	check_escaped(ud_ldap_escape_filter, "*)(uid=*", 8, "\\2a\\29\\28uid\\3d\\2a");
	check_escaped(ud_ldap_escape_filter, "a\\b\0c", 5, "a\\5cb\\00c");
	check_escaped(ud_ldap_escape_filter, "\xc3\xb8 ", 3, "\\c3\\b8\\20");
	check_escaped(ud_ldap_escape_filter, "", 0, "");
}

static void
test_dn(void)
{
	check_escaped(ud_ldap_escape_dn, "Jane Doe", 8, "Jane Doe");
	check_escaped(ud_ldap_escape_dn, "a,b+c\"d\\e<f>g;h=i", 17,
				  "a\\2cb\\2bc\\22d\\5ce\\3cf\\3eg\\3bh\\3di");
	check_escaped(ud_ldap_escape_dn, " a ", 3, "\\20a\\20");
	check_escaped(ud_ldap_escape_dn, " ", 1, "\\20");
	check_escaped(ud_ldap_escape_dn, "#a#", 3, "\\23a#");
	check_escaped(ud_ldap_escape_dn, "a\0\n\x7f", 4, "a\\00\\0a\\7f");
	check_escaped(ud_ldap_escape_dn, "\xc3\xb8", 2, "\xc3\xb8");
	check_escaped(ud_ldap_escape_dn, "", 0, "");
}

/* check_pieces compares the pieces of a template, written with a letter for the kind of each. */
static void
check_pieces(const char *text, const char *expected)
{
	char *copy = check_copy(text, strlen(text));
	char written[200] = "";
	size_t position = 0;
	UdLdapPiece kind;
	UdSpan piece;

	do
	{
		size_t end = strlen(written);

		kind = ud_ldap_template_next((UdSpan){copy, strlen(text)}, &position, &piece);
		snprintf(written + end, sizeof(written) - end, "%c%.*s|", "ETNB"[kind],
				 kind == UD_LDAP_PIECE_END ? 0 : (int)piece.length, piece.data);
	} while (kind == UD_LDAP_PIECE_TEXT || kind == UD_LDAP_PIECE_NAME);
	CHECK_TEXT(written, strlen(written), expected);
	free(copy);
}

static void
test_template(void)
{
	check_pieces("", "E|");
	check_pieces("plain", "Tplain|E|");
	check_pieces("(uid={login})", "T(uid=|Nlogin|T)|E|");
	check_pieces("{a}{b}", "Na|Nb|E|");
	check_pieces("{a", "B{a|");
	check_pieces("{", "B{|");
	check_pieces("}", "B}|");
	check_pieces("x}", "Tx|B}|");
	check_pieces("{}", "B{}|");
	check_pieces("{a{b}", "B{a{b}|");
}

/* check_split compares what a description is split into; NULL: it is none. */
static void
check_split(const char *text, const char *expected_name, const char *expected_conversion)
{
	char *copy = check_copy(text, strlen(text));
	UdSpan name;
	UdSpan conversion;
	bool is_valid = ud_ldap_template_split((UdSpan){copy, strlen(text)}, &name, &conversion);

	CHECK_FOR(text, is_valid == (expected_name != NULL));
	if (is_valid && expected_name != NULL)
	{
		CHECK_TEXT(name.data, name.length, expected_name);
		CHECK_TEXT(conversion.data, conversion.length, expected_conversion);
	}
	free(copy);
}

static void
test_split(void)
{
	check_split("mail", "mail", "");
	check_split("objectGUID:guid", "objectGUID", "guid");
	check_split("cn;lang-de", "cn;lang-de", "");
	check_split("a-1;x;y:list", "a-1;x;y", "list");
	check_split("2.5.4.3", "2.5.4.3", "");
	check_split("2.5.4.3;binary", "2.5.4.3;binary", "");
	check_split("", NULL, NULL);
	check_split(":guid", NULL, NULL);
	check_split("a:", NULL, NULL);
	check_split("a b", NULL, NULL);
	check_split("-a", NULL, NULL);
	check_split("a;", NULL, NULL);
	check_split(";a", NULL, NULL);
	check_split("2.5.", NULL, NULL);
	check_split("2a", NULL, NULL);
	check_split("a.b", NULL, NULL);
	check_split("a*", NULL, NULL);
	check_split("\xc3\xb8", NULL, NULL);
}

/* check_url wants a URL to be valid, and what it names. */
static void
check_url(const char *text, UdLdapScheme scheme, const char *host, int port, bool is_local)
{
	char *copy = check_copy(text, strlen(text));
	UdLdapUrl url;
	const char *problem = ud_ldap_url_parse((UdSpan){copy, strlen(text)}, &url);

	if (CHECK_FOR(text, problem == NULL))
	{
		CHECK_INT(url.scheme, scheme);
		if (scheme == UD_LDAP_SOCKET)
			CHECK_TEXT(url.path, strlen(url.path), host);
		else
			CHECK_TEXT(url.host.data, url.host.length, host);
		CHECK_INT(url.port, port);
		CHECK_FOR(text, ud_ldap_url_is_local(&url) == is_local);
	}
	free(copy);
}

static void
check_no_url(const char *text)
{
	char *copy = check_copy(text, strlen(text));
	UdLdapUrl url;

	CHECK_FOR(text, ud_ldap_url_parse((UdSpan){copy, strlen(text)}, &url) != NULL);
	free(copy);
}

static void
test_url(void)
{
	char long_path[200];

	check_url("ldap://ldap.example.com", UD_LDAP_PLAIN, "ldap.example.com", 389, false);
	check_url("LDAPS://a-b_c.example:1636/", UD_LDAP_TLS, "a-b_c.example", 1636, false);
	check_url("ldap://127.0.0.1:3389", UD_LDAP_PLAIN, "127.0.0.1", 3389, true);
	check_url("ldap://127.9.9.9", UD_LDAP_PLAIN, "127.9.9.9", 389, true);
	check_url("ldap://127.0.0.1.example.com", UD_LDAP_PLAIN, "127.0.0.1.example.com", 389, false);
	check_url("ldap://1270.0.0.1", UD_LDAP_PLAIN, "1270.0.0.1", 389, false);
	check_url("ldap://LocalHost", UD_LDAP_PLAIN, "LocalHost", 389, true);
	check_url("ldap://localhost.example.com", UD_LDAP_PLAIN, "localhost.example.com", 389, false);
	check_url("ldap://[::1]", UD_LDAP_PLAIN, "::1", 389, true);
	check_url("ldaps://[2001:db8::7]:636", UD_LDAP_TLS, "2001:db8::7", 636, false);
	check_url("ldap://[::ffff:192.0.2.1]", UD_LDAP_PLAIN, "::ffff:192.0.2.1", 389, false);
	check_url("ldapi://%2Frun%2fslapd%2Fldapi/", UD_LDAP_SOCKET, "/run/slapd/ldapi", 0, true);

	check_no_url("");
	check_no_url("ldap://");
	check_no_url("ldap:///");
	check_no_url("ldap:/host");
	check_no_url("http://host");
	check_no_url("host");
	check_no_url("ldap://host/dc=example");
	check_no_url("ldap://host?x");
	check_no_url("ldap://user@host");
	check_no_url("ldap://host:");
	check_no_url("ldap://host:0");
	check_no_url("ldap://host:65536");
	check_no_url("ldap://host:1234567");
	check_no_url("ldap://host:1x");
	check_no_url("ldap://[::1");
	check_no_url("ldap://[]");
	check_no_url("ldap://[host]");
	check_no_url("ldap://[::1]x");
	check_no_url("ldap://ho st");
	check_no_url("ldap://h\xc3\xb6st");
	check_no_url("ldapi://");
	check_no_url("ldapi:///run/ldapi");
	check_no_url("ldapi://run");
	check_no_url("ldapi://%2");
	check_no_url("ldapi://%zz");
	check_no_url("ldapi://%2Frun%00");
	check_no_url("ldapi://%2Frun x");
	memset(long_path, 'x', sizeof(long_path) - 1);
	memcpy(long_path, "ldapi://%2F", 11);
	long_path[sizeof(long_path) - 1] = '\0';
	check_no_url(long_path);
	memcpy(long_path, "ldap://xxxx", 11);
	check_url(long_path, UD_LDAP_PLAIN, long_path + 7, 389, false);
}

static void
test_long_host(void)
{
	char text[300] = "ldap://";

	memset(text + 7, 'x', UD_LDAP_HOST_MAX + 1);
	check_no_url(text);
	text[7 + UD_LDAP_HOST_MAX] = '\0';
	check_url(text, UD_LDAP_PLAIN, text + 7, 389, false);
}

int
main(void)
{
	test_filter();
	test_dn();
	test_template();
	test_split();
	test_url();
	test_long_host();
	return check_summary();
}
