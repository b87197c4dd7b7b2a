/*
 * password_input.c: the bytes that others have hashed for a password.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "mb/pg_wchar.h"

#include "crypto/password_input.h"
#include "pure/hex.h"

#define SHA256_LENGTH 32

/* The first name of each encoding is our own. */
static const struct
{
	const char *name;
	UdPasswordEncoding encoding;
} encodings[] = {
	{"utf8", UD_ENCODING_UTF8},       {"ascii", UD_ENCODING_ASCII},
	{"latin1", UD_ENCODING_LATIN1},   {"binary", UD_ENCODING_LATIN1},
	{"utf16le", UD_ENCODING_UTF16LE}, {"ucs2", UD_ENCODING_UTF16LE},
};

bool
ud_password_encoding_find(UdSpan name, UdPasswordEncoding *encoding)
{
	for (size_t i = 0; i < lengthof(encodings); i++)
	{
		if (ud_span_is(name, encodings[i].name))
		{
			*encoding = encodings[i].encoding;
			return true;
		}
	}
	return false;
}

const char *
ud_password_encoding_name(UdPasswordEncoding encoding)
{
	for (size_t i = 0; i < lengthof(encodings); i++)
	{
		if (encodings[i].encoding == encoding)
			return encodings[i].name;
	}
	return NULL;
}

size_t
ud_password_input_size(const UdPasswordInput *input, size_t utf8_length)
{
	/* A byte of UTF-8 becomes at most two of UTF-16. */
	return Max(2 * utf8_length, 2 * SHA256_LENGTH + 1) + input->salt.length;
}

/* transcode_single writes each character as one byte. */
static bool
transcode_single(UdBytes utf8, pg_wchar highest, uint8 *target, size_t *written)
{
	*written = 0;
	for (size_t i = 0; i < utf8.length; i += pg_utf_mblen(utf8.bytes + i))
	{
		pg_wchar point = utf8_to_unicode(utf8.bytes + i);

		if (point > highest)
			return false;
		target[(*written)++] = (uint8)point;
	}
	return true;
}

static void
put_utf16le(pg_wchar unit, uint8 *target, size_t *written)
{
	target[(*written)++] = (uint8)unit;
	target[(*written)++] = (uint8)(unit >> 8);
}

static void
transcode_utf16le(UdBytes utf8, uint8 *target, size_t *written)
{
	*written = 0;
	for (size_t i = 0; i < utf8.length; i += pg_utf_mblen(utf8.bytes + i))
	{
		pg_wchar point = utf8_to_unicode(utf8.bytes + i);

		if (point >= 0x10000)
		{
			put_utf16le(0xd800 + ((point - 0x10000) >> 10), target, written);
			point = 0xdc00 + ((point - 0x10000) & 0x3ff);
		}
		put_utf16le(point, target, written);
	}
}

static bool
transcode(UdPasswordEncoding encoding, UdBytes utf8, uint8 *target, size_t *written)
{
	switch (encoding)
	{
		case UD_ENCODING_UTF8:
			memcpy(target, utf8.bytes, utf8.length);
			*written = utf8.length;
			return true;
		case UD_ENCODING_ASCII:
			return transcode_single(utf8, 0x7f, target, written);
		case UD_ENCODING_LATIN1:
			return transcode_single(utf8, 0xff, target, written);
		case UD_ENCODING_UTF16LE:
			transcode_utf16le(utf8, target, written);
			return true;
	}
	return false;
}

bool
ud_password_input_write(const UdPasswordInput *input, UdBytes utf8, uint8 *target, size_t *written)
{
	if (!transcode(input->encoding, utf8, target, written))
		return false;
	if (input->sha256_hex)
	{
		uint8 digest[crypto_hash_sha256_BYTES];

		crypto_hash_sha256(digest, target, *written);
		ud_hex_encode(digest, sizeof(digest), (char *)target);
		*written = 2 * sizeof(digest);
		sodium_memzero(digest, sizeof(digest));
	}
	if (input->salt.length > 0)
	{
		if (!input->salt_is_suffix)
			memmove(target + input->salt.length, target, *written);
		memcpy(input->salt_is_suffix ? target + *written : target, input->salt.bytes,
			   input->salt.length);
		*written += input->salt.length;
	}
	return true;
}
