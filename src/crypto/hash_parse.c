/*
 * hash_parse.c: what the readers of password hashes share.
 */
#include "base/userdir.h"

#include "pure/base64.h"

#include "crypto/hash_parse.h"

void
ud_hash_reject(const char *format, ...)
{
	char message[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	ereport(ERROR, (errcode(UD_ERR_INVALID_PASSWORD_HASH), errmsg_internal("%s", message),
					errhidestmt(true), errhidecontext(true)));
	pg_unreachable();
}

bool
ud_hash_starts_with(UdSpan text, const char *prefix)
{
	return text.length >= strlen(prefix) && memcmp(text.data, prefix, strlen(prefix)) == 0;
}

void
ud_hash_phc(UdSpan text, const char *const *names, UdPhc *phc)
{
	const char *problem = ud_phc_parse(text.data, text.length, phc);

	if (problem != NULL)
		ud_hash_reject("the password hash %s", problem);
	for (int i = 0; i < phc->parameter_count; i++)
	{
		UdSpan name = phc->parameters[i].name;
		const char *const *known = names;

		while (*known != NULL && !ud_span_is(name, *known))
			known++;
		if (*known == NULL)
			ud_hash_reject("a hash of scheme %.*s has no parameter \"%.*s\"", (int)phc->id.length,
						   phc->id.data, (int)name.length, name.data);
	}
}

UdBytes
ud_hash_bytes(UdSpan text, const char *what, size_t min, size_t max)
{
	uint8 *bytes;
	size_t length;

	if (text.length > UD_BASE64_SIZE(max))
		ud_hash_reject("%s is longer than %zu bytes", what, max);
	bytes = palloc(UD_BASE64_DECODED_SIZE(text.length) + 1);
	if (!ud_base64_decode(text.data, text.length, bytes, &length))
		ud_hash_reject("%s is not valid base64", what);
	if (length < min || length > max)
	{
		if (min == max)
			ud_hash_reject("%s has %zu bytes, but must have %zu", what, length, min);
		ud_hash_reject("%s has %zu bytes, but must have between %zu and %zu", what, length, min,
					   max);
	}
	return (UdBytes){bytes, length};
}

void
ud_hash_end(UdSpan text, const UdPhc *phc, bool without_hash, size_t length, UdStoredHash *hash)
{
	if (phc->has_hash == without_hash)
		ud_hash_reject(without_hash ? "a wrapped hash of scheme %.*s must come without its own hash"
									: "a hash of scheme %.*s is not whole",
					   (int)phc->id.length, phc->id.data);
	if (phc->has_salt)
		hash->salt = ud_hash_bytes(phc->salt, "the salt", 0, UD_HASH_MAX_SALT_LENGTH);
	hash->setting = text;
	if (!without_hash)
	{
		hash->expected = ud_hash_bytes(phc->hash, "the hash", length ? length : UD_HASH_MIN_LENGTH,
									   length ? length : UD_HASH_MAX_LENGTH);
		hash->setting.length -= phc->hash.length + 1;
	}
}

uint32
ud_hash_number(const UdPhc *phc, const char *name, uint32 min, uint32 max)
{
	const UdSpan *value = ud_phc_find(phc, name);
	uint32 number;

	if (value == NULL)
		ud_hash_reject("a hash of scheme %.*s needs parameter \"%s\"", (int)phc->id.length,
					   phc->id.data, name);
	if (!ud_phc_decimal(*value, &number) || number < min || number > max)
		ud_hash_reject("parameter \"%s\" of a hash of scheme %.*s must be between %u and %u", name,
					   (int)phc->id.length, phc->id.data, min, max);
	return number;
}

bool
ud_hash_position(const UdPhc *phc)
{
	const UdSpan *position = ud_phc_find(phc, "pos");

	if (position != NULL && !ud_span_is(*position, "prefix") && !ud_span_is(*position, "suffix"))
		ud_hash_reject("parameter \"pos\" of a hash must be prefix or suffix");
	return position != NULL && ud_span_is(*position, "suffix");
}

const UdDigest *
ud_hash_digest(const UdPhc *phc, const char *prefix)
{
	UdSpan name = {phc->id.data + strlen(prefix), phc->id.length - strlen(prefix)};
	const UdDigest *digest = ud_digest_find(name);

	if (digest == NULL || !ud_span_is(name, digest->name))
		ud_hash_reject("\"%.*s\" is no digest that a hash can have", (int)name.length, name.data);
	ud_digest_require(digest);
	return digest;
}
