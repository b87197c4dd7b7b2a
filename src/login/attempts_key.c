/*
 * attempts_key.c: under which address and which hash attempts are counted.
 */
#include "base/userdir.h"

#include <sys/socket.h>

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "utils/builtins.h"
#include "utils/inet.h"

#define WHO_LENGTH 16

/* Before an IPv4 address in the form of IPv6 stands ::ffff:0:0/96. */
#define MAPPED_BITS 96
static const uint8 mapped_prefix[MAPPED_BITS / 8] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* new_address returns an empty address or network of a family. */
static inet *
new_address(int family, int bits)
{
	inet *address = palloc0(sizeof(inet));

	ip_family(address) = family;
	ip_bits(address) = bits;
	SET_INET_VARSIZE(address);
	return address;
}

/* is_mapped tells whether an address that has so many bits is one of IPv4 in the form of IPv6. */
static bool
is_mapped(const inet *address, int bits)
{
	return ip_family(address) == PGSQL_AF_INET6 && bits >= MAPPED_BITS &&
		   memcmp(ip_addr(address), mapped_prefix, sizeof(mapped_prefix)) == 0;
}

UD_FUNCTION(userdir__plain_address);

/*
 * userdir__plain_address returns an address or network of IPv4 in the form of IPv6 as one of IPv4,
 * any other as it is.
 */
Datum
userdir__plain_address(PG_FUNCTION_ARGS)
{
	inet *address = PG_GETARG_INET_PP(0);
	inet *plain;

	if (!is_mapped(address, ip_bits(address)))
		PG_RETURN_INET_P(address);
	plain = new_address(PGSQL_AF_INET, ip_bits(address) - MAPPED_BITS);
	memcpy(ip_addr(plain), ip_addr(address) + sizeof(mapped_prefix), 4);
	PG_RETURN_INET_P(plain);
}

UD_FUNCTION(userdir__attempt_address);

/*
 * userdir__attempt_address returns the address of IPv4, or the network of 64 bits of IPv6, that an
 * attempt comes from. A network mask beside the address is ignored.
 */
Datum
userdir__attempt_address(PG_FUNCTION_ARGS)
{
	inet *address = PG_GETARG_INET_PP(0);
	inet *result;

	if (ip_family(address) == PGSQL_AF_INET || is_mapped(address, 128))
	{
		int skip = ip_family(address) == PGSQL_AF_INET ? 0 : (int)sizeof(mapped_prefix);

		result = new_address(PGSQL_AF_INET, 32);
		memcpy(ip_addr(result), ip_addr(address) + skip, 4);
	}
	else
	{
		result = new_address(PGSQL_AF_INET6, 64);
		memcpy(ip_addr(result), ip_addr(address), 8);
	}
	PG_RETURN_INET_P(result);
}

/* hash_part adds a text or bytea and its length to a hash, so that no two lists of parts look
 * alike. */
static bool
hash_part(pg_cryptohash_ctx *hash, const void *part, uint32 length)
{
	return pg_cryptohash_update(hash, (const uint8 *)&length, sizeof(length)) >= 0 &&
		   pg_cryptohash_update(hash, part, length) >= 0;
}

/* text_argument returns a copy of a text argument; null is empty. */
static text *
text_argument(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? cstring_to_text("") : PG_GETARG_TEXT_P_COPY(argument);
}

/* fold makes a text lower case as far as it is ASCII. */
static void
fold(text *value)
{
	char *end = VARDATA(value) + VARSIZE(value) - VARHDRSZ;

	for (char *byte = VARDATA(value); byte < end; byte++)
		*byte = (char)pg_ascii_tolower((unsigned char)*byte);
}

UD_FUNCTION(userdir__attempt_who);

/*
 * userdir__attempt_who hashes salt, connection and identifier to the bytes by which counters know
 * an identifier.
 */
Datum
userdir__attempt_who(PG_FUNCTION_ARGS)
{
	bytea *salt;
	text *connection = text_argument(fcinfo, 1);
	text *identifier = text_argument(fcinfo, 2);
	bytea *result = palloc(VARHDRSZ + WHO_LENGTH);
	uint8 digest[PG_SHA256_DIGEST_LENGTH];
	pg_cryptohash_ctx *hash;
	bool done;

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("identifiers cannot be hashed without a salt")));
	salt = PG_GETARG_BYTEA_PP(0);
	fold(identifier);

	hash = pg_cryptohash_create(PG_SHA256);
	done = hash != NULL && pg_cryptohash_init(hash) >= 0 &&
		   hash_part(hash, VARDATA_ANY(salt), VARSIZE_ANY_EXHDR(salt)) &&
		   hash_part(hash, VARDATA(connection), VARSIZE(connection) - VARHDRSZ) &&
		   hash_part(hash, VARDATA(identifier), VARSIZE(identifier) - VARHDRSZ) &&
		   pg_cryptohash_final(hash, digest, sizeof(digest)) >= 0;
	pg_cryptohash_free(hash);
	if (!done)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not hash an identifier")));

	SET_VARSIZE(result, VARHDRSZ + WHO_LENGTH);
	memcpy(VARDATA(result), digest, WHO_LENGTH);
	PG_RETURN_BYTEA_P(result);
}
