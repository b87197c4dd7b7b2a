/*
 * test_jwt_split.c: tokens taken apart, and base64url in its one spelling.
 */
#include "check.h"

#include "pure/base64.h"
#include "pure/jwt_split.h"

static UdJwtFault
split(const char *text, size_t length, UdJwtParts *parts)
{
	static char *copy = NULL;

	free(copy);
	copy = check_copy(text, length);
	return ud_jwt_split((UdSpan){copy, length}, parts);
}

static void
test_parts(void)
{
	static const struct
	{
		const char *text;
		UdJwtFault fault;
	} cases[] = {
		{"a.b.c", UD_JWT_FINE},
		{"", UD_JWT_NOT_THREE_PARTS},
		{"a", UD_JWT_NOT_THREE_PARTS},
		{"a.b", UD_JWT_NOT_THREE_PARTS},
		{".", UD_JWT_NOT_THREE_PARTS},
		{"..", UD_JWT_EMPTY_PART},
		{"a..c", UD_JWT_EMPTY_PART},
		{"a.b.", UD_JWT_EMPTY_PART},
		{".b.c", UD_JWT_EMPTY_PART},
		{"a.b.c.d", UD_JWT_NOT_THREE_PARTS},
		{"a.b.c.", UD_JWT_NOT_THREE_PARTS},
		{"...", UD_JWT_NOT_THREE_PARTS},
		{"a.b.c.d.e", UD_JWT_NOT_THREE_PARTS},
	};
	static char large[UD_JWT_MAX_LENGTH + 2];
	UdJwtParts parts;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_FOR(cases[i].text,
				  split(cases[i].text, strlen(cases[i].text), &parts) == cases[i].fault);
	CHECK_INT(split("head.body.sign", 14, &parts), UD_JWT_FINE);
	CHECK_TEXT(parts.header.data, parts.header.length, "head");
	CHECK_TEXT(parts.payload.data, parts.payload.length, "body");
	CHECK_TEXT(parts.signature.data, parts.signature.length, "sign");
	CHECK_TEXT(parts.signed_part.data, parts.signed_part.length, "head.body");

	memset(large, 'a', sizeof(large));
	large[10] = large[20] = '.';
	CHECK_INT(split(large, UD_JWT_MAX_LENGTH, &parts), UD_JWT_FINE);
	CHECK_INT(split(large, UD_JWT_MAX_LENGTH + 1, &parts), UD_JWT_TOO_LONG);
	large[10] = 'a';
	large[UD_JWT_MAX_HEADER_LENGTH + 1] = '.';
	large[20] = 'a';
	large[UD_JWT_MAX_HEADER_LENGTH + 5] = '.';
	CHECK_INT(split(large, UD_JWT_MAX_LENGTH, &parts), UD_JWT_LONG_HEADER);
	CHECK_INT(split(large + 1, UD_JWT_MAX_LENGTH, &parts), UD_JWT_FINE);
	split("", 0, &parts);
	for (int fault = UD_JWT_FINE; fault <= UD_JWT_LONG_HEADER; fault++)
		CHECK(strlen(ud_jwt_fault_text((UdJwtFault)fault)) > 5);
}

static bool
decodes(const char *text, const char *expected)
{
	char *copy = check_copy(text, strlen(text));
	uint8_t *target = malloc(UD_BASE64_DECODED_SIZE(strlen(text)) + 1);
	size_t length;
	bool ok = ud_base64url_decode(copy, strlen(text), target, &length);

	if (ok && expected != NULL)
		CHECK_TEXT((const char *)target, length, expected);
	free(copy);
	free(target);
	return ok;
}

static void
test_base64url(void)
{
	static const char *const refused[] = {"Z",      "Zg==", "Zg=",      "Zm8=",   "Zh",    "Zm9",
										  "Zm9vY",  "Zm+v", "Zm/v",     "Z g",    "Zm9v ", " Zm9v",
										  "Zm9v\n", "Zm.v", "\xc3\xa9", "Zm9vZ=", "====",  "Zm!v"};
	uint8_t bytes[256];
	char text[UD_BASE64_SIZE(sizeof(bytes))];
	uint8_t back[sizeof(text)];
	size_t written;
	size_t decoded;

	CHECK(decodes("", ""));
	CHECK(decodes("Zg", "f"));
	CHECK(decodes("Zm8", "fo"));
	CHECK(decodes("Zm9v", "foo"));
	CHECK(decodes("Zm9vYmFy", "foobar"));
	CHECK(decodes("-_-_", "\xfb\xff\xbf"));
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		CHECK_FOR(refused[i], !decodes(refused[i], NULL));

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 167 + 13);
	for (size_t length = 0; length <= sizeof(bytes); length++)
	{
		written = ud_base64url_encode(bytes, length, text);
		CHECK_INT(strlen(text), written);
		CHECK(strpbrk(text, "+/=") == NULL);
		CHECK(ud_base64url_decode(text, written, back, &decoded) && decoded == length &&
			  memcmp(back, bytes, length) == 0);
		/* In place. */
		memcpy(back, text, written);
		CHECK(ud_base64url_decode((const char *)back, written, back, &decoded) &&
			  decoded == length && memcmp(back, bytes, length) == 0);
	}
	/* Each of the other 192 characters is refused, in each place. */
	for (int c = 0; c < 256; c++)
	{
		bool is_digit =
			c < 128 && c > 0 &&
			strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", c) != NULL;

		for (size_t place = 0; place < 4; place++)
		{
			char four[4] = {'A', 'A', 'A', 'A'};

			four[place] = (char)c;
			CHECK(ud_base64url_decode(four, 4, back, &decoded) == is_digit);
		}
	}
}

int
main(void)
{
	test_parts();
	test_base64url();
	return check_summary();
}
