/*
 * stored_hash.c: a password's hash as it is stored, and what verifies it.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "crypto/hash_parse.h"
#include "crypto/schemes.h"
#include "crypto/stored_hash.h"

static const char input_prefix[] = "$input$";
static const char wrapped_prefix[] = "$wrapped$";

static const UdHashScheme *const schemes[] = {
	&ud_scheme_argon2,       &ud_scheme_bcrypt,        &ud_scheme_digest, &ud_scheme_firebase,
	&ud_scheme_hmac,         &ud_scheme_md5_crypt,     &ud_scheme_pbkdf2, &ud_scheme_phpass,
	&ud_scheme_phpass_bb,    &ud_scheme_phpass_drupal, &ud_scheme_scrypt, &ud_scheme_sha256_crypt,
	&ud_scheme_sha512_crypt, &ud_scheme_yescrypt,
};

static const UdHashScheme *
find_scheme(UdSpan text)
{
	for (size_t i = 0; i < lengthof(schemes); i++)
	{
		if (ud_hash_starts_with(text, schemes[i]->prefix))
			return schemes[i];
	}
	ud_hash_reject("a password hash of this scheme is not known");
}

/*
 * take_fields cuts as many "$field" off the front of *rest and returns them.
 */
static UdSpan
take_fields(UdSpan *rest, int count)
{
	UdSpan taken = {rest->data, 0};

	while (taken.length < rest->length)
	{
		if (rest->data[taken.length] == '$' && count-- == 0)
			break;
		taken.length++;
	}
	rest->data += taken.length;
	rest->length -= taken.length;
	return taken;
}

/* parse_input reads "$input$enc=...,pre=...,pos=...,salt=..." off the front of *rest. */
static void
parse_input(UdSpan *rest, UdStoredHash *hash)
{
	static const char *const names[] = {"enc", "pos", "pre", "salt", NULL};
	UdPasswordInput *input = &hash->input;
	const UdSpan *value;
	UdPhc phc;

	ud_hash_phc(take_fields(rest, 2), names, &phc);
	if (phc.has_version || phc.has_salt || phc.parameter_count == 0)
		ud_hash_reject("the prefix $input$ of a password hash is malformed");

	value = ud_phc_find(&phc, "enc");
	if (value != NULL && !ud_password_encoding_find(*value, &input->encoding))
		ud_hash_reject(
			"parameter \"enc\" of a password hash must be utf8, ascii, latin1 or utf16le");
	value = ud_phc_find(&phc, "pre");
	if (value != NULL && !ud_span_is(*value, "sha256"))
		ud_hash_reject("parameter \"pre\" of a password hash must be sha256");
	input->sha256_hex = value != NULL;
	value = ud_phc_find(&phc, "salt");
	if (value != NULL)
		input->salt = ud_hash_bytes(*value, "parameter \"salt\" of a password hash", 1,
									UD_HASH_MAX_SALT_LENGTH);
	input->salt_is_suffix = ud_hash_position(&phc);
}

/* parse_wrapper reads "$wrapped" and the Argon2 hash behind it off the front of *rest. */
static void
parse_wrapper(UdSpan *rest, UdStoredHash *hash)
{
	UdStoredHash outer = {0};
	UdSpan text;
	UdPhc phc;

	take_fields(rest, 1);
	text = take_fields(rest, 5);
	ud_argon2_parse(text, &phc, &hash->wrapper);
	ud_hash_end(text, &phc, false, 0, &outer);
	if (hash->wrapper.type != UD_ARGON2ID || outer.salt.length < 8)
		ud_hash_reject("the argon2id hash of a wrapped hash is malformed");
	hash->is_wrapped = true;
	hash->wrapper_salt = outer.salt;
	hash->expected = outer.expected;
}

/*
 * check_input refuses bytes that a scheme would not look at: everything that differs only behind a
 * NUL would match.
 */
static void
check_input(const UdStoredHash *hash)
{
	const UdPasswordInput *input = &hash->input;

	if (!hash->scheme->ends_at_nul)
		return;
	if (input->encoding == UD_ENCODING_UTF16LE)
		ud_hash_reject("a hash by bcrypt or crypt cannot be of a password in utf16le");
	if (input->salt.length > 0 && memchr(input->salt.bytes, '\0', input->salt.length) != NULL)
		ud_hash_reject("a hash by bcrypt or crypt cannot have a salt with a byte 0");
}

void
ud_stored_hash_parse(UdSpan text, UdStoredHash *hash)
{
	UdSpan rest = text;
	UdBytes outer;

	if (text.length > UD_HASH_MAX_TEXT_LENGTH)
		ud_hash_reject("a password hash is longer than %d characters", UD_HASH_MAX_TEXT_LENGTH);
	memset(hash, 0, sizeof(*hash));
	if (ud_hash_starts_with(rest, wrapped_prefix))
		parse_wrapper(&rest, hash);
	if (ud_hash_starts_with(rest, input_prefix))
		parse_input(&rest, hash);

	outer = hash->expected;
	hash->scheme = find_scheme(rest);
	hash->scheme->parse(rest, hash->is_wrapped, hash);
	if (hash->is_wrapped)
		hash->expected = outer;
	if (hash->is_wrapped && hash->scheme->is_memory_hard)
		ud_hash_reject("a hash that is hard already is wrapped");
	check_input(hash);

	/* The setting is what stands before the hash, prefix and all. */
	hash->setting = (UdSpan){text.data, hash->setting.data + hash->setting.length - text.data};
}

bool
ud_stored_hash_is_slow(const UdStoredHash *hash)
{
	return hash->is_wrapped || hash->scheme->is_slow;
}

size_t
ud_stored_hash_work_size(const UdStoredHash *hash, size_t password_length)
{
	return 2 * UD_HASH_MAX_LENGTH + ud_password_input_size(&hash->input, password_length);
}

/* wrap replaces a result by the Argon2 hash of it, which goes to *wrapped. */
static UdHashOutcome
wrap(const UdStoredHash *hash, uint8 **result, size_t *length, uint8 *wrapped)
{
	UdBytes inner = {*result, *length};

	*result = wrapped;
	*length = hash->expected.length;
	return ud_argon2_hash_compute(&hash->wrapper, inner, hash->wrapper_salt, wrapped, *length)
			   ? UD_HASH_COMPUTED
			   : UD_HASH_FAILED;
}

bool
ud_stored_hash_matches(const UdStoredHash *hash, UdBytes password, uint8 *work,
					   UdHashOutcome *outcome)
{
	uint8 *result = work;
	uint8 *wrapped = work + UD_HASH_MAX_LENGTH;
	UdBytes input = {wrapped + UD_HASH_MAX_LENGTH, 0};
	size_t length = 0;
	bool possible =
		ud_password_input_write(&hash->input, password, (uint8 *)input.bytes, &input.length);

	if (!possible)
		input.length = 0;
	*outcome = hash->scheme->compute(hash, input, result, &length);

	/* What cannot match takes as long as what does not. */
	if (*outcome == UD_HASH_IMPOSSIBLE)
	{
		possible = false;
		input.length = 0;
		*outcome = hash->scheme->compute(hash, input, result, &length);
	}
	if (*outcome == UD_HASH_COMPUTED && hash->is_wrapped)
		*outcome = wrap(hash, &result, &length, wrapped);

	return *outcome == UD_HASH_COMPUTED && length == hash->expected.length &&
		   sodium_memcmp(result, hash->expected.bytes, length) == 0 && possible;
}
