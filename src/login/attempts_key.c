/*
 * attempts_key.c: under which address and which hash attempts are counted.
 */
#include "base/userdir.h"

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "utils/builtins.h"

#include "login/attempts_key.h"

#define WHO_LENGTH 16

/* The kinds by their names in SQL, in the order of UdAttemptKind. */
static const char *const kind_names[] = {NULL, "identifier_ip", "identifier", "login_ip",
										 "signup_ip"};

const char *
ud_attempts_key_kind_name(UdAttemptKind kind)
{
	return kind_names[kind];
}

UdAttemptKind
ud_attempts_key_kind(const text *name)
{
	for (int kind = UD_ATTEMPT_IDENTIFIER_IP; kind <= UD_ATTEMPT_SIGNUP_IP; kind++)
	{
		if (strlen(kind_names[kind]) == VARSIZE_ANY_EXHDR(name) &&
			memcmp(kind_names[kind], VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)) == 0)
			return (UdAttemptKind)kind;
	}
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("unknown kind of attempts")));
}

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

inet *
ud_attempts_key_plain(inet *address)
{
	inet *plain;

	if (!is_mapped(address, ip_bits(address)))
		return address;
	plain = new_address(PGSQL_AF_INET, ip_bits(address) - MAPPED_BITS);
	memcpy(ip_addr(plain), ip_addr(address) + sizeof(mapped_prefix), 4);
	return plain;
}

/* A network mask beside the address is ignored. */
inet *
ud_attempts_key_address(inet *address)
{
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
	return result;
}

void
ud_attempts_key_set_address(UdAttemptKey *key, inet *address)
{
	key->family = ip_family(address) == PGSQL_AF_INET ? 4 : 6;
	memcpy(key->address, ip_addr(address), ip_addrsize(address));
}

inet *
ud_attempts_key_inet(const UdAttemptKey *key)
{
	inet *address;

	if (key->family == 0)
		return new_address(PGSQL_AF_INET, 0);
	address = key->family == 4 ? new_address(PGSQL_AF_INET, 32) : new_address(PGSQL_AF_INET6, 64);
	memcpy(ip_addr(address), key->address, ip_addrsize(address));
	return address;
}

UD_FUNCTION(userdir__attempt_address);

/*
 * userdir__attempt_address returns what attempts from an address are counted under.
 */
Datum
userdir__attempt_address(PG_FUNCTION_ARGS)
{
	PG_RETURN_INET_P(ud_attempts_key_address(PG_GETARG_INET_PP(0)));
}

/* hash_part adds a text or bytea and its length to a hash, so that no two lists of parts look
 * alike. */
static bool
hash_part(pg_cryptohash_ctx *hash, const void *part, uint32 length)
{
	return pg_cryptohash_update(hash, (const uint8 *)&length, sizeof(length)) >= 0 &&
		   pg_cryptohash_update(hash, part, length) >= 0;
}

/* hash_text adds a text, which may be NULL, made lower case as far as it is ASCII if it is to be.
 */
static bool
hash_text(pg_cryptohash_ctx *hash, const text *value, bool fold)
{
	uint32 length = value != NULL ? VARSIZE_ANY_EXHDR(value) : 0;
	char *folded;
	bool done;

	if (!fold || length == 0)
		return hash_part(hash, length > 0 ? VARDATA_ANY(value) : "", length);
	folded = palloc(length);
	for (uint32 i = 0; i < length; i++)
		folded[i] = (char)pg_ascii_tolower((unsigned char)VARDATA_ANY(value)[i]);
	done = hash_part(hash, folded, length);
	pfree(folded);
	return done;
}

void
ud_attempts_key_hash(uint8 who[WHO_LENGTH], const bytea *salt, const text *connection,
					 const text *identifier)
{
	uint8 digest[PG_SHA256_DIGEST_LENGTH];
	pg_cryptohash_ctx *hash = pg_cryptohash_create(PG_SHA256);
	bool done = hash != NULL && pg_cryptohash_init(hash) >= 0 &&
				hash_part(hash, VARDATA_ANY(salt), VARSIZE_ANY_EXHDR(salt)) &&
				hash_text(hash, connection, false) && hash_text(hash, identifier, true) &&
				pg_cryptohash_final(hash, digest, sizeof(digest)) >= 0;

	pg_cryptohash_free(hash);
	if (!done)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not hash an identifier")));
	memcpy(who, digest, WHO_LENGTH);
}

UD_FUNCTION(userdir__attempt_who);

/*
 * userdir__attempt_who hashes salt, connection and identifier to the bytes by which counters know
 * an identifier.
 */
Datum
userdir__attempt_who(PG_FUNCTION_ARGS)
{
	bytea *result = palloc(VARHDRSZ + WHO_LENGTH);

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("identifiers cannot be hashed without a salt")));
	SET_VARSIZE(result, VARHDRSZ + WHO_LENGTH);
	ud_attempts_key_hash((uint8 *)VARDATA(result), PG_GETARG_BYTEA_PP(0),
						 PG_ARGISNULL(1) ? NULL : PG_GETARG_TEXT_PP(1),
						 PG_ARGISNULL(2) ? NULL : PG_GETARG_TEXT_PP(2));
	PG_RETURN_BYTEA_P(result);
}
