/*
 * foreign_text.c: hashes of other systems that come as one text.
 *
 * Nothing is computed here: each form is written as the one that is stored, whose reader checks it.
 */
#include "base/userdir.h"

#include "mb/pg_wchar.h"

#include "crypto/foreign_hash.h"
#include "crypto/hash_parse.h"
#include "pure/base64.h"
#include "pure/hex.h"

#define MAX_FIELDS 6

char *
ud_foreign_hash_base64(UdBytes bytes)
{
	char *text = palloc(UD_BASE64_SIZE(bytes.length));

	ud_base64_encode(bytes.bytes, bytes.length, text);
	return text;
}

/* print returns a span as a C string. */
static char *
print(UdSpan span)
{
	return pnstrdup(span.data, span.length);
}

/* split cuts a text at every "$" into at most MAX_FIELDS fields and returns how many there are. */
static int
split(UdSpan text, UdSpan *fields)
{
	int count = 1;

	fields[0] = (UdSpan){text.data, 0};
	for (size_t i = 0; i < text.length; i++)
	{
		if (text.data[i] != '$')
			fields[count - 1].length++;
		else if (count < MAX_FIELDS)
			fields[count++] = (UdSpan){text.data + i + 1, 0};
		else
			return MAX_FIELDS + 1;
	}
	return count;
}

/* decode_base64 reads base64, in which passlib and OpenLDAP write "." for "+". */
static UdBytes
decode_base64(UdSpan text, const char *what)
{
	char *standard = print(text);

	for (size_t i = 0; i < text.length; i++)
	{
		if (standard[i] == '.')
			standard[i] = '+';
	}
	return ud_hash_bytes((UdSpan){standard, text.length}, what, 0, UD_HASH_MAX_TEXT_LENGTH);
}

/* decode_hex reads hexadecimal digits. */
static UdBytes
decode_hex(UdSpan text)
{
	uint8 *bytes = palloc(text.length / 2 + 1);

	if (!ud_hex_decode(text.data, text.length, bytes))
		ud_hash_reject("the hash is not valid hex");
	return (UdBytes){bytes, text.length / 2};
}

static uint32
decimal(UdSpan text, const char *what)
{
	uint32 number;

	if (!ud_phc_decimal(text, &number))
		ud_hash_reject("%s of a password hash must be a whole number", what);
	return number;
}

/* utf8_bytes returns a salt that is a text of the database as UTF-8. */
static UdBytes
utf8_bytes(UdSpan text)
{
	char *utf8 = pg_server_to_any(print(text), (int)text.length, PG_UTF8);

	return (UdBytes){(const uint8 *)utf8, strlen(utf8)};
}

/* find_digest returns the digest of this name or raises. */
static const UdDigest *
find_digest(UdSpan name)
{
	const UdDigest *digest = ud_digest_find(name);

	if (digest == NULL)
		ud_hash_reject("the digest of a password hash is not known");
	return digest;
}

static char *
make_pbkdf2(const UdDigest *digest, uint32 iterations, UdBytes salt, UdBytes hash)
{
	return psprintf("$pbkdf2-%s$i=%u,l=%zu$%s$%s", digest->name, iterations, hash.length,
					ud_foreign_hash_base64(salt), ud_foreign_hash_base64(hash));
}

static char *
make_digest(const UdDigest *digest, bool salt_is_suffix, UdBytes salt, UdBytes hash)
{
	return psprintf("$digest-%s%s$%s$%s", digest->name, salt_is_suffix ? "$pos=suffix" : "",
					ud_foreign_hash_base64(salt), ud_foreign_hash_base64(hash));
}

/* read_pbkdf2_parameters reads "i=..,l=.." or, as passlib writes it, the iterations alone. */
static void
read_pbkdf2_parameters(UdSpan text, uint32 *iterations, uint32 *length)
{
	UdPhc phc;

	if (memchr(text.data, '=', text.length) == NULL)
	{
		*iterations = decimal(text, "the number of iterations");
		return;
	}
	ud_hash_phc(ud_span_of(psprintf("$pbkdf2$%s", print(text))), (const char *[]){"i", "l", NULL},
				&phc);
	if (ud_phc_find(&phc, "i") != NULL)
		*iterations = ud_hash_number(&phc, "i", 1, UINT32_MAX);
	if (ud_phc_find(&phc, "l") != NULL)
		*length = ud_hash_number(&phc, "l", 1, UINT32_MAX);
}

/*
 * ud_foreign_hash_from_pbkdf2 reads "$pbkdf2-digest$i=..,l=..$salt$hash", with any name that
 * OpenSSL has for the digest. Without parameters i is 100000, l what the hash has.
 */
char *
ud_foreign_hash_from_pbkdf2(UdSpan text)
{
	UdSpan fields[MAX_FIELDS];
	int count = split(text, fields);
	uint32 iterations = 100000;
	uint32 length = 0;
	UdSpan name;
	UdBytes hash;

	if ((count != 4 && count != 5) || fields[0].length != 0 ||
		!ud_hash_starts_with(fields[1], "pbkdf2"))
		ud_hash_reject("a pbkdf2 hash must have the form $pbkdf2-digest$i=...,l=...$salt$hash");
	name = (UdSpan){fields[1].data + strlen("pbkdf2"), fields[1].length - strlen("pbkdf2")};
	if (name.length == 0)
		name = ud_span_of("-sha1"); /* passlib's name for it */
	if (name.data[0] != '-')
		ud_hash_reject("a pbkdf2 hash must begin with $pbkdf2-digest$");
	name.data++;
	name.length--;

	if (count == 5)
		read_pbkdf2_parameters(fields[2], &iterations, &length);
	hash = decode_base64(fields[count - 1], "the hash");
	if (length != 0 && length != hash.length)
		ud_hash_reject("parameter \"l\" of a pbkdf2 hash is %u, but the hash has %zu bytes", length,
					   hash.length);
	return make_pbkdf2(find_digest(name), iterations, decode_base64(fields[count - 2], "the salt"),
					   hash);
}

/* take_name reads the "{SCHEME}" at the front of *text, in lower case. */
static char *
take_name(UdSpan *text)
{
	const char *end = memchr(text->data, '}', text->length);
	char *name;

	if (text->length == 0 || text->data[0] != '{' || end == NULL || end - text->data > 32)
		ud_hash_reject("an ldap hash must begin with a scheme in braces");
	name = pnstrdup(text->data + 1, end - text->data - 1);
	for (char *c = name; *c != '\0'; c++)
	{
		if (*c >= 'A' && *c <= 'Z')
			*c |= 0x20;
	}
	text->length -= (size_t)(end + 1 - text->data);
	text->data = end + 1;
	return name;
}

/* from_ldap_digest reads a digest, with whatever stands behind it as the salt. */
static char *
from_ldap_digest(const UdDigest *digest, bool is_salted, UdSpan text)
{
	UdBytes bytes = decode_base64(text, "an ldap hash");
	UdBytes hash = {bytes.bytes, digest->length};
	UdBytes salt;

	if (bytes.length < digest->length || (!is_salted && bytes.length > digest->length))
		ud_hash_reject("an ldap hash has %zu bytes, but the digest of its scheme has %zu",
					   bytes.length, digest->length);
	salt = (UdBytes){bytes.bytes + digest->length, bytes.length - digest->length};
	return make_digest(digest, salt.length > 0, salt, hash);
}

/* from_ldap_pbkdf2 reads "10000$salt$hash", as OpenLDAP has it. */
static char *
from_ldap_pbkdf2(UdSpan digest, UdSpan text)
{
	UdSpan fields[MAX_FIELDS];

	if (split(text, fields) != 3)
		ud_hash_reject(
			"an ldap hash by pbkdf2 must have the form {PBKDF2-digest}iterations$salt$hash");
	return make_pbkdf2(find_digest(digest), decimal(fields[0], "the number of iterations"),
					   decode_base64(fields[1], "the salt"), decode_base64(fields[2], "the hash"));
}

/* from_ldap_block reads the block of 389 Directory Server: iterations, salt of 64 bytes, hash. */
static char *
from_ldap_block(UdSpan text)
{
	UdBytes block = decode_base64(text, "an ldap hash");
	uint32 iterations;

	if (block.length != 4 + 64 + 256)
		ud_hash_reject("an ldap hash of scheme pbkdf2_sha256 must have 324 bytes");
	iterations = (uint32)block.bytes[0] << 24 | (uint32)block.bytes[1] << 16 |
				 (uint32)block.bytes[2] << 8 | block.bytes[3];
	return make_pbkdf2(find_digest(ud_span_of("sha256")), iterations,
					   (UdBytes){block.bytes + 4, 64}, (UdBytes){block.bytes + 68, 256});
}

/*
 * ud_foreign_hash_from_ldap reads "{SCHEME}..." of RFC 2307 and what servers have added to it.
 */
char *
ud_foreign_hash_from_ldap(UdSpan text)
{
	static const char *const digest_names[] = {"md5",    "sha",    "sha1",   "sha224",
											   "sha256", "sha384", "sha512", NULL};
	char *name = take_name(&text);
	const char *digest = name;
	bool is_salted = name[0] == 's' && (strncmp(name, "ssha", 4) == 0 || strcmp(name, "smd5") == 0);

	if (strcmp(name, "crypt") == 0)
		ud_hash_reject("an ldap hash of scheme crypt is not one of ldap's own; import it as crypt");
	if (strcmp(name, "pbkdf2_sha256") == 0)
		return from_ldap_block(text);
	if (strcmp(name, "pbkdf2") == 0)
		return from_ldap_pbkdf2(ud_span_of("sha1"), text);
	if (strncmp(name, "pbkdf2-", 7) == 0)
		return from_ldap_pbkdf2(ud_span_of(name + 7), text);
	if (strcmp(name, "argon2") == 0 && ud_hash_starts_with(text, "$argon2"))
		return print(text);

	if (is_salted)
		digest++;
	for (const char *const *known = digest_names; *known != NULL; known++)
	{
		if (strcmp(digest, *known) == 0)
			return from_ldap_digest(
				find_digest(ud_span_of(strcmp(digest, "sha") == 0 ? "sha1" : digest)), is_salted,
				text);
	}
	ud_hash_reject("the scheme of an ldap hash is not known");
}

/* from_django_digest reads "md5$salt$hex"; the salt stands before the password. */
static char *
from_django_digest(const UdDigest *digest, UdSpan salt, UdSpan hex)
{
	return make_digest(digest, false, utf8_bytes(salt), decode_hex(hex));
}

uint32
ud_foreign_hash_log2(uint32 number)
{
	uint32 logarithm = 0;

	while (logarithm < 31 && ((uint32)1 << logarithm) < number)
		logarithm++;
	return ((uint32)1 << logarithm) == number ? logarithm : 0;
}

/* from_django_scrypt reads "scrypt$n$salt$r$p$hash". */
static char *
from_django_scrypt(const UdSpan *fields)
{
	uint32 log_n = ud_foreign_hash_log2(decimal(fields[1], "the cost"));

	if (log_n == 0)
		ud_hash_reject("the cost of a scrypt hash must be a power of two, and more than 1");
	return psprintf("$scrypt$ln=%u,r=%u,p=%u$%s$%s", log_n, decimal(fields[3], "the block size"),
					decimal(fields[4], "the parallelization"),
					ud_foreign_hash_base64(utf8_bytes(fields[2])),
					ud_foreign_hash_base64(decode_base64(fields[5], "the hash")));
}

/* behind returns what stands behind a prefix of a text. */
static UdSpan
behind(UdSpan text, const char *prefix)
{
	return (UdSpan){text.data + strlen(prefix), text.length - strlen(prefix)};
}

/*
 * ud_foreign_hash_from_django reads the forms of Django's password hashers.
 */
char *
ud_foreign_hash_from_django(UdSpan text)
{
	UdSpan fields[MAX_FIELDS];
	int count;

	/* These have a whole hash of another kind behind their name. */
	if (ud_hash_starts_with(text, "argon2$"))
		return psprintf("$%s", print(behind(text, "argon2$")));
	if (ud_hash_starts_with(text, "bcrypt$"))
		return print(behind(text, "bcrypt$"));
	if (ud_hash_starts_with(text, "bcrypt_sha256$"))
		return psprintf("$input$pre=sha256%s", print(behind(text, "bcrypt_sha256$")));

	count = split(text, fields);
	if (count == 1 && text.length == 32)
		return from_django_digest(find_digest(ud_span_of("md5")), ud_span_of(""), text);
	if (count == 3 && (ud_span_is(fields[0], "md5") || ud_span_is(fields[0], "sha1")))
		return from_django_digest(find_digest(fields[0]), fields[1], fields[2]);
	if (count == 4 && ud_hash_starts_with(fields[0], "pbkdf2_"))
		return make_pbkdf2(find_digest(behind(fields[0], "pbkdf2_")),
						   decimal(fields[1], "the number of iterations"), utf8_bytes(fields[2]),
						   decode_base64(fields[3], "the hash"));
	if (count == 6 && ud_span_is(fields[0], "scrypt"))
		return from_django_scrypt(fields);
	ud_hash_reject("the text is no password hash of a kind that can be verified");
}

char *
ud_foreign_hash_from_text(UdSpan text)
{
	UdStoredHash hash;
	char *stored;

	if (text.length > UD_HASH_MAX_TEXT_LENGTH)
		ud_hash_reject("a password hash is longer than %d characters", UD_HASH_MAX_TEXT_LENGTH);
	if (ud_hash_starts_with(text, "{"))
	{
		UdSpan rest = text;

		stored =
			strcmp(take_name(&rest), "crypt") == 0 ? print(rest) : ud_foreign_hash_from_ldap(text);
	}
	else if (ud_hash_starts_with(text, "$pbkdf2"))
		stored = ud_foreign_hash_from_pbkdf2(text);
	else if (ud_hash_starts_with(text, "$"))
		stored = print(text);
	else
		stored = ud_foreign_hash_from_django(text);

	ud_stored_hash_parse(ud_span_of(stored), &hash);
	return stored;
}
