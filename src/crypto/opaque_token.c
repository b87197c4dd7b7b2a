/*
 * opaque_token.c: tokens that mean something to this directory alone.
 *
 * A token is the letters of its kind, the user_id in base64url, a dot, 16 letters and digits that
 * name a row of this user, a dot, and in base64url 32 random bytes with a tag of 16 bytes behind
 * them. The row holds the SHA-256 of the token that is good and the key of the tag; by the tag an
 * earlier token of the row is told from one that somebody made up.
 *
 * The token that replaces another is the HMAC of a salt, under the random bytes of the other as the
 * key: two that bring the same token get the same successor, and neither who reads the table, which
 * has the salt, nor who has the old token alone can make it. So the table keeps nothing from which
 * a token could be read, sealed or not, and no root key is needed where tokens are exchanged.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "crypto/opaque_token.h"
#include "crypto/primitives.h"
#include "crypto/secret.h"

#define ID_LENGTH        16
#define RANDOM_BYTES     32
#define TAG_BYTES        16
#define BODY_BYTES       (RANDOM_BYTES + TAG_BYTES)
#define BODY_LENGTH      64 /* of the body in base64url, which has no padding then */
#define HASH_BYTES       32
#define MAX_RANDOM_BYTES 256
#define BASE64URL        sodium_base64_VARIANT_URLSAFE_NO_PADDING

/* The kinds of tokens, by the letters in front of them. */
static const struct
{
	const char *prefix;
	const char *name;
	const char *hint;
} kinds[] = {
	{"rt_", "a refresh token", "refresh_tokens(), introspect() and revoke_token() take it."},
	{"at_", "an access token for userinfo()",
	 "userinfo(), introspect() and revoke_token() take it. Where an audience was asked for, the "
	 "access token is signed."}};

typedef struct Token
{
	const char *prefix; /* of one of kinds */
	char *user_id;      /* in the encoding of the database, as in the token */
	char id[ID_LENGTH + 1];
	uint8 body[BODY_BYTES];
	uint8 hash[HASH_BYTES];
} Token;

/* hmac writes the HMAC-SHA-256 of two pieces. */
static void
hmac(UdBytes key, UdBytes first, UdBytes second, uint8 *result)
{
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, key.bytes, key.length);
	crypto_auth_hmacsha256_update(&state, first.bytes, first.length);
	crypto_auth_hmacsha256_update(&state, second.bytes, second.length);
	crypto_auth_hmacsha256_final(&state, result);
	sodium_memzero(&state, sizeof(state));
}

static UdBytes
bytes_of(const bytea *value)
{
	return (UdBytes){(const uint8 *)VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)};
}

static UdBytes
bytes_of_string(const char *string)
{
	return (UdBytes){(const uint8 *)string, strlen(string)};
}

/* compute_tag writes what follows the random bytes of a token of a row. */
static void
compute_tag(UdBytes key, const char *id, const uint8 *random, uint8 *tag)
{
	uint8 digest[HASH_BYTES];

	hmac(key, bytes_of_string(id), (UdBytes){random, RANDOM_BYTES}, digest);
	memcpy(tag, digest, TAG_BYTES);
}

static bool
is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* decode reads base64url of length characters; *size has the room, and gets the bytes. */
static bool
decode(const char *text, size_t length, uint8 *target, size_t *size)
{
	const char *end;

	return sodium_base642bin(target, *size, text, length, NULL, size, &end, BASE64URL) == 0 &&
		   end == text + length;
}

/* read_user decodes the user_id of a token; NULL when it is none. */
static char *
read_user(const char *text, size_t length)
{
	size_t size = length;
	char *user_id = palloc(length + 1);

	if (!decode(text, length, (uint8 *)user_id, &size) || size == 0 ||
		memchr(user_id, '\0', size) != NULL || !pg_verifymbstr(user_id, (int)size, true))
		return NULL;
	user_id[size] = '\0';
	return user_id;
}

/* find_kind returns which of kinds a token begins as, -1 for none. */
static int
find_kind(const char *text, size_t length)
{
	for (int i = 0; i < (int)lengthof(kinds); i++)
	{
		const size_t prefix_length = strlen(kinds[i].prefix);

		if (length > prefix_length && memcmp(text, kinds[i].prefix, prefix_length) == 0)
			return i;
	}
	return -1;
}

void
ud_opaque_token_refuse(UdSpan token)
{
	const int kind = find_kind(token.data, token.length);

	if (kind >= 0)
		ereport(ERROR, (errcode(UD_ERR_TOKEN_MALFORMED),
						errmsg("the token is opaque, and not a signed one"),
						errdetail("It begins as %s does.", kinds[kind].name),
						errhint("%s", kinds[kind].hint), errhidestmt(true), errhidecontext(true)));
}

/* read_token takes a token apart; false when it is none. */
static bool
read_token(const char *text, size_t length, Token *token)
{
	const char *end = text + length;
	const char *dot;
	size_t size = BODY_BYTES;
	const int kind = find_kind(text, length);

	token->prefix = kind >= 0 ? kinds[kind].prefix : NULL;
	if (token->prefix == NULL || length < strlen(token->prefix) + ID_LENGTH + BODY_LENGTH + 2)
		return false;

	crypto_hash_sha256(token->hash, (const uint8 *)text, length);
	dot = end - BODY_LENGTH - 1;
	if (*dot != '.' || !decode(dot + 1, BODY_LENGTH, token->body, &size) || size != BODY_BYTES)
		return false;
	memcpy(token->id, dot - ID_LENGTH, ID_LENGTH);
	token->id[ID_LENGTH] = '\0';
	for (int i = 0; i < ID_LENGTH; i++)
	{
		if (!is_alphanumeric(token->id[i]))
			return false;
	}
	dot -= ID_LENGTH + 1;
	text += strlen(token->prefix);
	if (dot < text || *dot != '.')
		return false;
	token->user_id = read_user(text, dot - text);
	return token->user_id != NULL;
}

/* open_token reads a token out of a secret; false when it is none. */
static bool
open_token(Datum datum, Token *token)
{
	UdSecret secret;
	volatile bool is_token = false;

	memset(token, 0, sizeof(*token));
	ud_secret_open(datum, &secret);
	PG_TRY();
	{
		is_token = read_token((const char *)secret.typed, secret.typed_length, token);
	}
	PG_FINALLY();
	{
		ud_secret_close(&secret);
	}
	PG_END_TRY();
	return is_token;
}

/* write_token returns a token as a text, and overwrites its body. */
static text *
write_token(const char *prefix, const char *user_id, const char *id, uint8 *body)
{
	size_t size = sodium_base64_encoded_len(strlen(user_id), BASE64URL);
	char *user = palloc(size);
	char encoded[BODY_LENGTH + 1];
	text *token;

	sodium_bin2base64(user, size, (const uint8 *)user_id, strlen(user_id), BASE64URL);
	sodium_bin2base64(encoded, sizeof(encoded), body, BODY_BYTES, BASE64URL);
	token = cstring_to_text(psprintf("%s%s.%s.%s", prefix, user, id, encoded));
	sodium_memzero(encoded, sizeof(encoded));
	sodium_memzero(body, BODY_BYTES);
	return token;
}

UD_FUNCTION(userdir__make_token);

/*
 * userdir__make_token returns a new token: letters of its kind, user_id, id of the row, key of the
 * tag.
 */
Datum
userdir__make_token(PG_FUNCTION_ARGS)
{
	char *prefix = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char *user_id = text_to_cstring(PG_GETARG_TEXT_PP(1));
	char *id = text_to_cstring(PG_GETARG_TEXT_PP(2));
	uint8 body[BODY_BYTES];

	if (!pg_strong_random(body, RANDOM_BYTES))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
	compute_tag(bytes_of(PG_GETARG_BYTEA_PP(3)), id, body, body + RANDOM_BYTES);
	PG_RETURN_TEXT_P(write_token(prefix, user_id, id, body));
}

UD_FUNCTION(userdir__next_token);

/*
 * userdir__next_token returns the token that replaces another, the same each time: the other, the
 * salt, the key of the tag. NULL when the other is no token.
 */
Datum
userdir__next_token(PG_FUNCTION_ARGS)
{
	Token token;
	uint8 body[BODY_BYTES];

	if (!open_token(PG_GETARG_DATUM(0), &token))
		PG_RETURN_NULL();
	hmac((UdBytes){token.body, RANDOM_BYTES}, bytes_of(PG_GETARG_BYTEA_PP(1)),
		 bytes_of_string(token.id), body);
	sodium_memzero(token.body, sizeof(token.body));
	compute_tag(bytes_of(PG_GETARG_BYTEA_PP(2)), token.id, body, body + RANDOM_BYTES);
	PG_RETURN_TEXT_P(write_token(token.prefix, token.user_id, token.id, body));
}

/* make_bytea returns bytes as a value. */
static Datum
make_bytea(const uint8 *bytes, size_t length)
{
	bytea *value = palloc(VARHDRSZ + length);

	SET_VARSIZE(value, VARHDRSZ + length);
	memcpy(VARDATA(value), bytes, length);
	return PointerGetDatum(value);
}

UD_FUNCTION(userdir__read_token);

/*
 * userdir__read_token takes a token apart: a row of the letters of its kind, user_id, id of the row
 * and hash, all null when it is no token.
 */
Datum
userdir__read_token(PG_FUNCTION_ARGS)
{
	Token token;
	Datum values[4] = {0};
	bool nulls[4] = {true, true, true, true};
	TupleDesc descriptor;

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (!PG_ARGISNULL(0) && open_token(PG_GETARG_DATUM(0), &token))
	{
		memset(nulls, false, sizeof(nulls));
		values[0] = CStringGetTextDatum(token.prefix);
		values[1] = CStringGetTextDatum(token.user_id);
		values[2] = CStringGetTextDatum(token.id);
		values[3] = make_bytea(token.hash, sizeof(token.hash));
		sodium_memzero(token.body, sizeof(token.body));
	}
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
}

UD_FUNCTION(userdir__is_token_of);

/*
 * userdir__is_token_of tells whether a token was once made for the row that has this key of the
 * tag.
 */
Datum
userdir__is_token_of(PG_FUNCTION_ARGS)
{
	Token token;
	uint8 tag[TAG_BYTES];
	bool matches;

	if (!open_token(PG_GETARG_DATUM(0), &token))
		PG_RETURN_BOOL(false);
	compute_tag(bytes_of(PG_GETARG_BYTEA_PP(1)), token.id, token.body, tag);
	matches = sodium_memcmp(tag, token.body + RANDOM_BYTES, TAG_BYTES) == 0;
	sodium_memzero(token.body, sizeof(token.body));
	PG_RETURN_BOOL(matches);
}

UD_FUNCTION(userdir__random_bytes);

/*
 * userdir__random_bytes returns bytes of the server's strong source.
 *
 * Errors: 22023 for fewer than 1 or more than 256.
 */
Datum
userdir__random_bytes(PG_FUNCTION_ARGS)
{
	int32 count = PG_GETARG_INT32(0);
	bytea *value;

	if (count < 1 || count > MAX_RANDOM_BYTES)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("random bytes come in 1 to %d", MAX_RANDOM_BYTES)));
	value = palloc(VARHDRSZ + count);
	SET_VARSIZE(value, VARHDRSZ + count);
	if (!pg_strong_random(VARDATA(value), count))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
	PG_RETURN_BYTEA_P(value);
}

UD_FUNCTION(userdir__secret_length);

/* userdir__secret_length returns how many bytes of UTF-8 a secret has. */
Datum
userdir__secret_length(PG_FUNCTION_ARGS)
{
	UdSecret secret;
	int32 length;

	ud_secret_open(PG_GETARG_DATUM(0), &secret);
	length = (int32)secret.typed_length;
	ud_secret_close(&secret);
	PG_RETURN_INT32(length);
}
