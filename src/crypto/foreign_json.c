/*
 * foreign_json.c: hashes of other systems as custom_password_hash, the JSON object of import files.
 *
 * Beyond the model's algorithms there are crypt, django, firebase_scrypt and phpass.
 */
#include "base/userdir.h"

#include "utils/builtins.h"

#include "crypto/foreign_hash.h"
#include "crypto/hash_json.h"
#include "crypto/hash_parse.h"

/* What every kind reads of the object first. */
typedef struct Custom
{
	JsonbContainer *object;
	UdSpan algorithm;
	JsonbContainer *hash;
	JsonbContainer *salt; /* or NULL */
	UdPasswordEncoding encoding;
} Custom;

typedef char *(*MakeStored)(const Custom *custom);

/* refuse_salt is for algorithms whose hash brings its salt. */
static void
refuse_salt(const Custom *custom)
{
	if (custom->salt != NULL)
		ud_hash_reject("a password hash by %.*s cannot have property \"salt\"",
					   (int)custom->algorithm.length, custom->algorithm.data);
}

/* hash_text returns hash.value of an algorithm whose hash is a text. */
static UdSpan
hash_text(const Custom *custom)
{
	static const char *const names[] = {"encoding", "value", NULL};
	UdSpan encoding = ud_hash_json_text(custom->hash, "hash", "encoding", "utf8");

	ud_hash_json_allow(custom->hash, "hash", names);
	if (!ud_span_is(encoding, "utf8"))
		ud_hash_reject("property \"hash.encoding\" of a password hash by %.*s must be utf8",
					   (int)custom->algorithm.length, custom->algorithm.data);
	return ud_hash_json_text(custom->hash, "hash", "value", NULL);
}

static char *
hash_string(const Custom *custom)
{
	UdSpan text = hash_text(custom);

	return pnstrdup(text.data, text.length);
}

/*
 * hash_bytes returns hash.value of an algorithm whose hash is bytes; names are its properties.
 * default_encoding is NULL where hash.encoding has to be there.
 */
static char *
hash_bytes(const Custom *custom, const char *const *names, const char *default_encoding)
{
	ud_hash_json_allow(custom->hash, "hash", names);
	return ud_foreign_hash_base64(
		ud_hash_json_bytes(custom->hash, "hash", default_encoding, false));
}

/* salt_bytes returns the salt, which may be missing. */
static char *
salt_bytes(const Custom *custom, const char *default_encoding)
{
	static const char *const names[] = {"encoding", "position", "value", NULL};

	if (custom->salt == NULL)
		return pstrdup("");
	ud_hash_json_allow(custom->salt, "salt", names);
	return ud_foreign_hash_base64(ud_hash_json_bytes(custom->salt, "salt", default_encoding, true));
}

/* salt_is_suffix returns whether salt.position is suffix. */
static bool
salt_is_suffix(const Custom *custom)
{
	UdSpan position = custom->salt == NULL
						  ? ud_span_of("prefix")
						  : ud_hash_json_text(custom->salt, "salt", "position", "prefix");

	if (!ud_span_is(position, "prefix") && !ud_span_is(position, "suffix"))
		ud_hash_reject("property \"salt.position\" of a password hash must be prefix or suffix");
	return ud_span_is(position, "suffix");
}

static char *
make_argon2(const Custom *custom)
{
	refuse_salt(custom);
	return hash_string(custom);
}

/* make_bcrypt writes the salt that a bcrypt hash may have besides its own into the prefix. */
static char *
make_bcrypt(const Custom *custom)
{
	char *text = hash_string(custom);
	char *salt = salt_bytes(custom, "utf8");

	if (strncmp(text, "$2", 2) != 0)
		ud_hash_reject("a bcrypt hash must begin with $2a$, $2b$ or $2y$");
	if (salt[0] == '\0')
		return text;
	return psprintf(
		"$input$%s%s%s%ssalt=%s%s", custom->encoding != UD_ENCODING_UTF8 ? "enc=" : "",
		custom->encoding != UD_ENCODING_UTF8 ? ud_password_encoding_name(custom->encoding) : "",
		custom->encoding != UD_ENCODING_UTF8 ? "," : "",
		salt_is_suffix(custom) ? "pos=suffix," : "", salt, text);
}

static char *
make_digest(const Custom *custom)
{
	static const char *const names[] = {"encoding", "value", NULL};
	char *hash = hash_bytes(custom, names, NULL);

	return psprintf("$digest-%.*s%s$%s$%s", (int)custom->algorithm.length, custom->algorithm.data,
					salt_is_suffix(custom) ? "$pos=suffix" : "", salt_bytes(custom, "utf8"), hash);
}

static char *
make_hmac(const Custom *custom)
{
	static const char *const digests[] = {"md4",    "md5",    "ripemd160", "sha1",      "sha224",
										  "sha256", "sha384", "sha512",    "whirlpool", NULL};
	static const char *const names[] = {"digest", "encoding", "key", "value", NULL};
	static const char *const key_names[] = {"encoding", "value", NULL};
	char *hash = hash_bytes(custom, names, NULL);
	UdSpan digest = ud_hash_json_text(custom->hash, "hash", "digest", NULL);
	JsonbContainer *key = ud_hash_json_object(custom->hash, "hash", "key");
	const char *const *known = digests;
	UdBytes key_bytes;

	while (*known != NULL && !ud_span_is(digest, *known))
		known++;
	if (*known == NULL)
		ud_hash_reject(
			"property \"hash.digest\" of a password hash must be one of md4, md5, ripemd160, "
			"sha1, sha224, sha256, sha384, sha512, whirlpool");
	if (key == NULL)
		ud_hash_reject("a password hash needs property \"hash.key\"");
	ud_hash_json_allow(key, "hash.key", key_names);

	key_bytes = ud_hash_json_bytes(key, "hash.key", "utf8", true);
	if (key_bytes.length == 0)
		ud_hash_reject("property \"hash.key.value\" of a password hash must not be empty");
	return psprintf("$hmac-%s$key=%s%s$%s$%s", *known, ud_foreign_hash_base64(key_bytes),
					salt_is_suffix(custom) ? ",pos=suffix" : "", salt_bytes(custom, "utf8"), hash);
}

static char *
make_ldap(const Custom *custom)
{
	refuse_salt(custom);
	return ud_foreign_hash_from_ldap(hash_text(custom));
}

static char *
make_pbkdf2(const Custom *custom)
{
	refuse_salt(custom);
	return ud_foreign_hash_from_pbkdf2(hash_text(custom));
}

static char *
make_scrypt(const Custom *custom)
{
	static const char *const names[] = {"encoding", "value", NULL};
	char *hash = hash_bytes(custom, names, NULL);
	uint32 keylen = ud_hash_json_number(custom->object, "", "keylen", UD_HASH_JSON_REQUIRED,
										UD_HASH_MIN_LENGTH, UD_HASH_MAX_LENGTH);
	uint32 cost = ud_hash_json_number(custom->object, "", "cost", 16384, 2, 1 << UD_HASH_MAX_LOG_N);
	uint32 log_n = ud_foreign_hash_log2(cost);
	UdBytes bytes = ud_hash_json_bytes(custom->hash, "hash", NULL, false);

	if (bytes.length != keylen)
		ud_hash_reject("property \"keylen\" of a password hash is %u, but the hash has %zu bytes",
					   keylen, bytes.length);
	if (log_n == 0)
		ud_hash_reject("property \"cost\" of a password hash must be a power of two");
	return psprintf("$scrypt$ln=%u,r=%u,p=%u$%s$%s", log_n,
					ud_hash_json_number(custom->object, "", "blockSize", 8, 1, UD_HASH_MAX_R),
					ud_hash_json_number(custom->object, "", "parallelization", 1, 1, UD_HASH_MAX_P),
					salt_bytes(custom, "utf8"), hash);
}

/* make_crypt takes the strings of crypt(3), also with {CRYPT} before them. */
static char *
make_crypt(const Custom *custom)
{
	char *text = hash_string(custom);

	refuse_salt(custom);
	if (pg_strncasecmp(text, "{crypt}", 7) == 0)
		text += 7;
	if (strncmp(text, "$1$", 3) != 0 && strncmp(text, "$2", 2) != 0 &&
		strncmp(text, "$5$", 3) != 0 && strncmp(text, "$6$", 3) != 0 &&
		strncmp(text, "$y$", 3) != 0)
		ud_hash_reject("a crypt hash must begin with $1$, $2a$, $2b$, $2y$, $5$, $6$ or $y$");
	return text;
}

static char *
make_phpass(const Custom *custom)
{
	char *text = hash_string(custom);

	refuse_salt(custom);
	if (strncmp(text, "$P$", 3) != 0 && strncmp(text, "$H$", 3) != 0 &&
		strncmp(text, "$S$", 3) != 0)
		ud_hash_reject("a phpass hash must begin with $P$, $H$ or $S$");
	return text;
}

static char *
make_django(const Custom *custom)
{
	refuse_salt(custom);
	if (custom->encoding != UD_ENCODING_UTF8)
		ud_hash_reject("property \"password.encoding\" of a password hash by django must be utf8");
	return ud_foreign_hash_from_django(hash_text(custom));
}

/* base64_property returns a property with base64 in it, as our own strings have it. */
static char *
base64_property(const Custom *custom, const char *name, const char *missing)
{
	UdSpan text = ud_hash_json_text(custom->object, "", name, missing);

	return ud_foreign_hash_base64(
		ud_hash_bytes(text, psprintf("property \"%s\" of a password hash", name),
					  missing != NULL ? 0 : UD_HASH_MIN_LENGTH, UD_HASH_MAX_SALT_LENGTH));
}

/* make_firebase takes the parameters under the names that Firebase shows them by. */
static char *
make_firebase(const Custom *custom)
{
	static const char *const names[] = {"encoding", "value", NULL};
	char *hash = hash_bytes(custom, names, "base64");
	char *key = base64_property(custom, "base64_signer_key", NULL);
	char *separator = base64_property(custom, "base64_salt_separator", "");

	return psprintf(
		"$firebase-scrypt$ln=%u,r=%u,key=%s%s%s$%s$%s",
		ud_hash_json_number(custom->object, "", "mem_cost", UD_HASH_JSON_REQUIRED, 1,
							UD_HASH_MAX_LOG_N),
		ud_hash_json_number(custom->object, "", "rounds", UD_HASH_JSON_REQUIRED, 1, UD_HASH_MAX_R),
		key, separator[0] != '\0' ? ",sep=" : "", separator, salt_bytes(custom, "base64"), hash);
}

/*
 * The algorithms, each with what else than algorithm, hash, salt and password its object may have.
 */
static const struct
{
	const char *name;
	MakeStored make;
	const char *own[5];
} algorithms[] = {
	{"argon2", make_argon2, {NULL}},
	{"bcrypt", make_bcrypt, {NULL}},
	{"crypt", make_crypt, {NULL}},
	{"django", make_django, {NULL}},
	{"firebase_scrypt",
	 make_firebase,
	 {"base64_signer_key", "base64_salt_separator", "rounds", "mem_cost", NULL}},
	{"hmac", make_hmac, {NULL}},
	{"ldap", make_ldap, {NULL}},
	{"md4", make_digest, {NULL}},
	{"md5", make_digest, {NULL}},
	{"pbkdf2", make_pbkdf2, {NULL}},
	{"phpass", make_phpass, {NULL}},
	{"scrypt", make_scrypt, {"keylen", "cost", "blockSize", "parallelization", NULL}},
	{"sha1", make_digest, {NULL}},
	{"sha256", make_digest, {NULL}},
	{"sha512", make_digest, {NULL}},
};

/* find_algorithm returns the place of an algorithm in the list. */
static size_t
find_algorithm(UdSpan name)
{
	for (size_t i = 0; i < lengthof(algorithms); i++)
	{
		if (ud_span_is(name, algorithms[i].name))
			return i;
	}
	ud_hash_reject(
		"property \"algorithm\" of a password hash must be one of argon2, bcrypt, crypt, "
		"django, firebase_scrypt, hmac, ldap, md4, md5, pbkdf2, phpass, scrypt, sha1, "
		"sha256, sha512");
}

/* allow_properties refuses properties that the algorithm does not have. */
static void
allow_properties(JsonbContainer *object, size_t algorithm)
{
	const char *names[10] = {"algorithm", "hash", "salt", "password"};
	int count = 4;

	for (int i = 0; algorithms[algorithm].own[i] != NULL; i++)
		names[count++] = algorithms[algorithm].own[i];
	names[count] = NULL;
	ud_hash_json_allow(object, "", names);
}

/* read_encoding reads password.encoding. */
static UdPasswordEncoding
read_encoding(JsonbContainer *object)
{
	static const char *const names[] = {"encoding", NULL};
	JsonbContainer *password = ud_hash_json_object(object, "", "password");
	UdPasswordEncoding encoding = UD_ENCODING_UTF8;

	if (password == NULL)
		return encoding;
	ud_hash_json_allow(password, "password", names);
	if (!ud_password_encoding_find(ud_hash_json_text(password, "password", "encoding", "utf8"),
								   &encoding))
		ud_hash_reject(
			"property \"password.encoding\" of a password hash must be one of ascii, utf8, "
			"utf16le, ucs2, latin1, binary");
	return encoding;
}

char *
ud_foreign_hash_from_json(JsonbContainer *object)
{
	Custom custom = {.object = object};
	UdStoredHash parsed;
	size_t algorithm;
	char *stored;

	if (!JsonContainerIsObject(object))
		ud_hash_reject("a custom password hash must be an object");
	custom.algorithm = ud_hash_json_text(object, "", "algorithm", NULL);
	algorithm = find_algorithm(custom.algorithm);
	allow_properties(object, algorithm);
	custom.hash = ud_hash_json_object(object, "", "hash");
	if (custom.hash == NULL)
		ud_hash_reject("a password hash needs property \"hash\"");
	custom.salt = ud_hash_json_object(object, "", "salt");
	custom.encoding = read_encoding(object);

	stored = algorithms[algorithm].make(&custom);
	if (custom.encoding != UD_ENCODING_UTF8 && strncmp(stored, "$input$", 7) != 0)
		stored = psprintf("$input$enc=%s%s", ud_password_encoding_name(custom.encoding), stored);
	ud_stored_hash_parse(ud_span_of(stored), &parsed);
	return stored;
}

UD_FUNCTION(userdir__import_password_hash);

/*
 * userdir__import_password_hash turns a custom_password_hash into the text that is stored for it.
 */
Datum
userdir__import_password_hash(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(ud_foreign_hash_from_json(&PG_GETARG_JSONB_P(0)->root)));
}

UD_FUNCTION(userdir__import_password_text);

/*
 * userdir__import_password_text turns a hash that says of which kind it is into the text that is
 * stored for it.
 */
Datum
userdir__import_password_text(PG_FUNCTION_ARGS)
{
	text *hash = PG_GETARG_TEXT_PP(0);

	PG_RETURN_TEXT_P(cstring_to_text(
		ud_foreign_hash_from_text((UdSpan){VARDATA_ANY(hash), VARSIZE_ANY_EXHDR(hash)})));
}

UD_FUNCTION(userdir_check_password_hash);

/*
 * userdir_check_password_hash returns true when a custom_password_hash could be imported.
 */
Datum
userdir_check_password_hash(PG_FUNCTION_ARGS)
{
	(void)ud_foreign_hash_from_json(&PG_GETARG_JSONB_P(0)->root);
	PG_RETURN_BOOL(true);
}
