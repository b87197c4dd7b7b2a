/*
 * test_phc.c: base64, hexadecimal digits and PHC strings.
 */
#include "check.h"
#include "pure/base64.h"
#include "pure/hex.h"
#include "pure/phc.h"

/* decode_base64 returns the decoded bytes as hexadecimal digits, or "refused". */
static const char *
decode_base64(const char *text)
{
	static char hex[256];
	size_t length = strlen(text);
	char *exact = check_copy(text, length);
	uint8_t *bytes = malloc(UD_BASE64_DECODED_SIZE(length) + 1);
	size_t decoded = 0;

	if (!ud_base64_decode(exact, length, bytes, &decoded))
		memcpy(hex, "refused", 8);
	else
		ud_hex_encode(bytes, decoded, hex);
	free(exact);
	free(bytes);
	return hex;
}

static void
test_base64(void)
{
	/* RFC 4648, section 10, and what must not be read. */
	static const char *const cases[][2] = {
		{"", ""},
		{"Zg==", "66"},
		{"Zg", "66"},
		{"Zm8=", "666f"},
		{"Zm8", "666f"},
		{"Zm9v", "666f6f"},
		{"Zm9vYg==", "666f6f62"},
		{"Zm9vYmE=", "666f6f6261"},
		{"Zm9vYmFy", "666f6f626172"},
		{"+/+/", "fbffbf"},
		{"-_-_", "fbffbf"},
		{"Z", "refused"},
		{"Zm9vY", "refused"},
		{"Zg=", "refused"},
		{"Zg===", "refused"},
		{"Zm9v====", "refused"},
		{"=", "refused"},
		{"====", "refused"},
		{"Zm=v", "refused"},
		{"Zh", "refused"},
		{"Zm9", "refused"},
		{"Zm9v\n", "refused"},
		{" Zm9v", "refused"},
		{"Zm9*", "refused"},
		{"\xc3\xa9..", "refused"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		CHECK_FOR(cases[i][0], strcmp(decode_base64(cases[i][0]), cases[i][1]) == 0);

	for (size_t length = 0; length < 40; length++)
	{
		uint8_t bytes[40], back[64];
		char text[UD_BASE64_SIZE(40)];
		size_t decoded, written;

		for (size_t i = 0; i < length; i++)
			bytes[i] = (uint8_t)(i * 37 + length * 11);
		written = ud_base64_encode(bytes, length, text);
		CHECK_FOR(text, written == strlen(text) && written == (length * 4 + 2) / 3);
		CHECK_FOR(text, ud_base64_decode(text, written, back, &decoded) && decoded == length &&
							memcmp(bytes, back, length) == 0);
	}
}

static void
test_hex(void)
{
	uint8_t bytes[4];
	char text[9];

	CHECK_FOR("00fFA9b1",
			  ud_hex_decode("00fFA9b1", 8, bytes) && memcmp(bytes, "\x00\xff\xa9\xb1", 4) == 0);
	CHECK_FOR("empty", ud_hex_decode("", 0, bytes));
	CHECK_FOR("odd", !ud_hex_decode("0", 1, bytes));
	CHECK_FOR("0g", !ud_hex_decode("0g", 2, bytes));
	CHECK_FOR("blank", !ud_hex_decode(" 0", 2, bytes));
	CHECK_FOR("0x", !ud_hex_decode("0x", 2, bytes));
	ud_hex_encode((const uint8_t *)"\x00\xff\xa9\xb1", 4, text);
	CHECK_FOR(text, strcmp(text, "00ffa9b1") == 0);
}

/* A string that can be read, taken apart into: id | version | parameters | salt | hash. */
static void
test_phc_valid(void)
{
	static const char *const cases[][2] = {
		{"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA",
		 "argon2id|19|m:19456 t:2 p:1 |c2FsdHNhbHQ|aGFzaA"},
		{"$argon2i$m=8,t=1,p=1$c2FsdA$aGFzaA", "argon2i||m:8 t:1 p:1 |c2FsdA|aGFzaA"},
		{"$scrypt$ln=14,r=8,p=1$c2FsdA", "scrypt||ln:14 r:8 p:1 |c2FsdA|-"},
		{"$digest-md5$$aGFzaA", "digest-md5||||aGFzaA"},
		{"$digest-md5$c2FsdA", "digest-md5|||c2FsdA|-"},
		{"$digest-md5$", "digest-md5||||-"},
		{"$digest-md5", "digest-md5|||-|-"},
		{"$a$v=4294967295$a/+.-=1$$", NULL},
		{"$a$v=4294967295$b=a/+.-$$", "a|4294967295|b:a/+.- ||"},
		{"$a$v=0", "a|0||-|-"},
		{"$a$v=1,w=2", "a||v:1 w:2 |-|-"},
		{"$a$a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8", "a||a:1 b:2 c:3 d:4 e:5 f:6 g:7 h:8 |-|-"},
		{"$aaaaaaaaaabbbbbbbbbbccccccccccdd", "aaaaaaaaaabbbbbbbbbbccccccccccdd|||-|-"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		const char *text = cases[i][0];
		UdPhc phc;
		const char *problem = ud_phc_parse(text, strlen(text), &phc);
		char shown[512];
		int n = 0;

		if (cases[i][1] == NULL)
		{
			CHECK_FOR(text, problem != NULL);
			continue;
		}
		CHECK_FOR(problem ? problem : "", problem == NULL);
		n += snprintf(shown + n, sizeof(shown) - n, "%.*s|", (int)phc.id.length, phc.id.data);
		if (phc.has_version)
			n += snprintf(shown + n, sizeof(shown) - n, "%u", phc.version);
		n += snprintf(shown + n, sizeof(shown) - n, "|");
		for (int p = 0; p < phc.parameter_count; p++)
			n += snprintf(shown + n, sizeof(shown) - n, "%.*s:%.*s ",
						  (int)phc.parameters[p].name.length, phc.parameters[p].name.data,
						  (int)phc.parameters[p].value.length, phc.parameters[p].value.data);
		n += snprintf(shown + n, sizeof(shown) - n, "|%.*s|",
					  phc.has_salt ? (int)phc.salt.length : 1, phc.has_salt ? phc.salt.data : "-");
		n += snprintf(shown + n, sizeof(shown) - n, "%.*s", phc.has_hash ? (int)phc.hash.length : 1,
					  phc.has_hash ? phc.hash.data : "-");
		CHECK_FOR(shown, strcmp(shown, cases[i][1]) == 0);

		CHECK_FOR(shown, ud_phc_print(&phc, shown, sizeof(shown)) == strlen(text) &&
							 strcmp(shown, text) == 0);
		CHECK_FOR(shown, ud_phc_print(&phc, shown, 3) == strlen(text) && strlen(shown) == 2);
		CHECK_FOR(text, ud_phc_print(&phc, NULL, 0) == strlen(text));
	}
}

static void
test_phc_invalid(void)
{
	static const char *const cases[][2] = {
		{"", "does not begin with \"$\""},
		{"argon2id$v=19", "does not begin with \"$\""},
		{"$", "has no usable identifier"},
		{"$$salt", "has no usable identifier"},
		{"$Argon2id$salt", "has no usable identifier"},
		{"$argon2_id$salt", "has no usable identifier"},
		{"$aaaaaaaaaabbbbbbbbbbccccccccccddd", "has no usable identifier"},
		{"$a$v=$salt", "has a malformed parameter"},
		{"$a$v=019$salt", "has a malformed version"},
		{"$a$v=-1$salt", "has a malformed version"},
		{"$a$v=4294967296$salt", "has a malformed version"},
		{"$a$v=99999999999$salt", "has a malformed version"},
		{"$a$m=1,$salt", "has a malformed parameter"},
		{"$a$,m=1$salt", "has a malformed parameter"},
		{"$a$m=1,,t=2$salt", "has a malformed parameter"},
		{"$a$m=1,t$salt", "has a malformed parameter"},
		{"$a$=1$salt", "has a malformed parameter"},
		{"$a$m=$salt", "has a malformed parameter"},
		{"$a$M=1$salt", "has a malformed parameter"},
		{"$a$m=1=2$salt", "has a malformed parameter"},
		{"$a$m=1,t=2,m=3$salt", "has a parameter twice"},
		{"$a$a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8,i=9", "has too many parameters"},
		{"$a$m=1$salt$hash$more", "has too many fields"},
		{"$a$v=1$m=1$salt$hash$more", "has too many fields"},
		{"$a$salt$hash$more", "has too many fields"},
		{"$a$sa lt$hash", "has a character that cannot be there"},
		{"$a$salt$ha_sh", "has a character that cannot be there"},
		{"$a$salt$hash=", "has a character that cannot be there"},
		{"$a$salt$hash\n", "has a character that cannot be there"},
	};
	char *long_text = malloc(UD_PHC_MAX_LENGTH + 1);
	UdPhc phc;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		const char *problem = ud_phc_parse(cases[i][0], strlen(cases[i][0]), &phc);

		CHECK_FOR(problem ? problem : "read", problem != NULL && strcmp(problem, cases[i][1]) == 0);
	}
	CHECK_FOR("read", ud_phc_parse("$a$salt\0$hash", 13, &phc) != NULL);

	memset(long_text, 'a', UD_PHC_MAX_LENGTH + 1);
	memcpy(long_text, "$a$", 3);
	CHECK_FOR("refused", ud_phc_parse(long_text, UD_PHC_MAX_LENGTH, &phc) == NULL);
	CHECK_FOR("read", ud_phc_parse(long_text, UD_PHC_MAX_LENGTH + 1, &phc) != NULL);
	free(long_text);
}

static void
test_phc_parameters(void)
{
	UdPhc phc;
	uint32_t number = 7;
	char text[64];

	ud_phc_parse("$a$m=19456,t=2$x", 16, &phc);
	CHECK_FOR("m", ud_phc_find(&phc, "m") && ud_span_is(*ud_phc_find(&phc, "m"), "19456"));
	CHECK_FOR("t", ud_phc_find(&phc, "t") && ud_span_is(*ud_phc_find(&phc, "t"), "2"));
	CHECK_FOR("p", ud_phc_find(&phc, "p") == NULL && ud_phc_find(&phc, "") == NULL);
	ud_phc_add(&phc, "p", ud_span_of("1"));
	ud_phc_print(&phc, text, sizeof(text));
	CHECK_FOR(text, strcmp(text, "$a$m=19456,t=2,p=1$x") == 0);

	CHECK_FOR("0", ud_phc_decimal(ud_span_of("0"), &number) && number == 0);
	CHECK_FOR("max", ud_phc_decimal(ud_span_of("4294967295"), &number) && number == UINT32_MAX);
	CHECK_FOR("max + 1", !ud_phc_decimal(ud_span_of("4294967296"), &number));
	CHECK_FOR("empty", !ud_phc_decimal(ud_span_of(""), &number));
	CHECK_FOR("01", !ud_phc_decimal(ud_span_of("01"), &number));
	CHECK_FOR("+1", !ud_phc_decimal(ud_span_of("+1"), &number));
	CHECK_FOR("1e3", !ud_phc_decimal(ud_span_of("1e3"), &number));
	CHECK_FOR("long", !ud_phc_decimal(ud_span_of("00000000000000001"), &number));
}

int
main(void)
{
	test_base64();
	test_hex();
	test_phc_valid();
	test_phc_invalid();
	test_phc_parameters();
	return check_summary();
}
