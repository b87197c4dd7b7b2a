/*
 * test_uri.c: what counts as a web address, and percent encoding.
 */
#include "check.h"

#include "pure/uri.h"

static bool
is_web(const char *text)
{
	char *copy = check_copy(text, strlen(text));
	bool result = ud_uri_is_web(copy, strlen(text));

	free(copy);
	return result;
}

static void
test_web_addresses(void)
{
	static const char *const good[] = {
		"http://a",
		"https://a",
		"HTTPS://EXAMPLE.COM/",
		"hTTp://example.com",
		"https://example.com:8443/path/x.png?a=b&c[]=d#fragment",
		"https://user:secret@example.com/",
		"https://user@example.com",
		"https://[2001:db8::1]/x",
		"https://[2001:db8::1]:443",
		"https://example.com?query",
		"https://example.com#fragment",
		"https://example.com/a@b:c",
		"https://example.com?a@b",
		"https://example.com/%20%e2%82%ac%FF",
		"https://example.com/-._~!$&'()*+,;=:@/",
		"https://example.com./",
		"http://127.0.0.1/",
		"https://xn--bcher-kva.example/",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK_FOR(good[i], is_web(good[i]));
}

static void
test_other_texts(void)
{
	static const char *const bad[] = {
		"",
		"h",
		"http",
		"http:",
		"http:/",
		"http://",
		"https://",
		"http:/a",
		"http:a",
		"//example.com/",
		"/path",
		"example.com",
		"ftp://example.com/",
		"data:image/png;base64,AAAA",
		"javascript:alert(1)//http://example.com",
		"mailto:a@b.example",
		" https://example.com",
		"https ://example.com",
		"httpss://example.com",
		/* no host */
		"https:///path",
		"https://?a",
		"https://#a",
		"https://:80/",
		"https://@",
		"https://@/x",
		"https://user@",
		"https://user@/x",
		"https://user:secret@/x",
		"https://user@:80/x",
		"https://user@?x",
		/* characters that must be escaped, and bad escapes */
		"https://example.com/a b",
		"https://example.com/\t",
		"https://example.com/a\n",
		"https://example.com/<a>",
		"https://example.com/\"a\"",
		"https://example.com/\\a",
		"https://example.com/^",
		"https://example.com/`",
		"https://example.com/{a}",
		"https://example.com/a|b",
		"https://example.com/\x7f",
		"https://b\xc3\xbc"
		"cher.example/",
		"https://example.com/\xff",
		"https://example.com/%",
		"https://example.com/%2",
		"https://example.com/%zz",
		"https://example.com/%2g",
		"https://example.com/%%20",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_FOR(bad[i], !is_web(bad[i]));
	CHECK(!ud_uri_is_web("https://a\0b", 11));
	CHECK(!ud_uri_is_web("https://\0", 9));
	CHECK(!ud_uri_is_web("https://a\0", 10));
}

/* encode returns the encoding of a text in a static buffer. */
static const char *
encode(const char *text, size_t length, size_t *written)
{
	static char target[3 * 256];

	*written = ud_uri_encode(text, length, target);
	return target;
}

static void
test_encoding(void)
{
	char unreserved[66];
	size_t count = 0;
	size_t written;
	const char *encoded;

	for (int c = 0; c < 256; c++)
	{
		char byte = (char)c;
		char expected[4];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
					 c == '-' || c == '.' || c == '_' || c == '~';

		snprintf(expected, sizeof(expected), plain ? "%c" : "%%%02X", c);
		encoded = encode(&byte, 1, &written);
		CHECK_TEXT(encoded, written, expected);
		if (plain)
			unreserved[count++] = byte;
	}
	CHECK_INT(count, 66);
	encoded = encode(unreserved, count, &written);
	CHECK(written == count && memcmp(encoded, unreserved, count) == 0);

	encoded = encode("", 0, &written);
	CHECK_INT(written, 0);
	encoded = encode("a b/c", 5, &written);
	CHECK_TEXT(encoded, written, "a%20b%2Fc");
	encoded = encode("J\xc3\xb6rg+x@y", 9, &written);
	CHECK_TEXT(encoded, written, "J%C3%B6rg%2Bx%40y");
	encoded = encode("a\0b", 3, &written);
	CHECK_TEXT(encoded, written, "a%00b");
}

int
main(void)
{
	test_web_addresses();
	test_other_texts();
	test_encoding();
	return check_summary();
}
