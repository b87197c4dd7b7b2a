/*
 * scheme_argon2.c: Argon2, as PHC strings.
 *
 *     $argon2id$v=19$m=19456,t=2,p=1$salt$hash
 *
 * A string without version is of version 16, as the reference library has it.
 */
#include "base/userdir.h"

#include "crypto/hash_parse.h"
#include "crypto/schemes.h"

#define MAX_LANES       64
#define MAX_PASSES      1024
#define MIN_SALT_LENGTH 8 /* Argon2's own */

static const char *const names[] = {"argon2d", "argon2i", "argon2id"};

const char *
ud_argon2_name(UdArgon2Type type)
{
	return names[type];
}

static UdArgon2Type
find_type(UdSpan id)
{
	for (int i = 0; i < (int)lengthof(names); i++)
	{
		if (ud_span_is(id, names[i]))
			return (UdArgon2Type)i;
	}
	ud_hash_reject("\"%.*s\" is no kind of argon2", (int)id.length, id.data);
}

void
ud_argon2_parse(UdSpan text, UdPhc *phc, UdArgon2 *argon2)
{
	static const char *const parameters[] = {"m", "t", "p", NULL};

	ud_hash_phc(text, parameters, phc);
	argon2->type = find_type(phc->id);
	argon2->version = phc->has_version ? phc->version : 16;
	if (argon2->version != 16 && argon2->version != 19)
		ud_hash_reject("version %u of argon2 is not known", argon2->version);

	argon2->lanes = ud_hash_number(phc, "p", 1, MAX_LANES);
	argon2->memory = ud_hash_number(phc, "m", 8 * argon2->lanes, UD_HASH_MAX_MEMORY_KB);
	argon2->passes =
		ud_hash_number(phc, "t", 1, Min(MAX_PASSES, UD_HASH_MAX_ARGON2_WORK_KB / argon2->memory));
}

static void
parse_argon2(UdSpan text, bool without_hash, UdStoredHash *hash)
{
	UdPhc phc;

	ud_argon2_parse(text, &phc, &hash->argon2);
	ud_hash_end(text, &phc, without_hash, 0, hash);
	if (hash->salt.length < MIN_SALT_LENGTH)
		ud_hash_reject("the salt of an argon2 hash must have at least %d bytes", MIN_SALT_LENGTH);
}

static UdHashOutcome
compute_argon2(const UdStoredHash *hash, UdBytes input, uint8 *result, size_t *length)
{
	*length = hash->expected.length;
	return ud_argon2_hash_compute(&hash->argon2, input, hash->salt, result, *length)
			   ? UD_HASH_COMPUTED
			   : UD_HASH_FAILED;
}

static int
describe_argon2(const UdStoredHash *hash, UdHashFact *facts)
{
	facts[0] = (UdHashFact){"scheme", ud_argon2_name(hash->argon2.type), 0};
	facts[1] = (UdHashFact){"version", NULL, hash->argon2.version};
	facts[2] = (UdHashFact){"memory", NULL, hash->argon2.memory};
	facts[3] = (UdHashFact){"passes", NULL, hash->argon2.passes};
	facts[4] = (UdHashFact){"lanes", NULL, hash->argon2.lanes};
	return 5;
}

const UdHashScheme ud_scheme_argon2 = {
	.prefix = "$argon2",
	.parse = parse_argon2,
	.compute = compute_argon2,
	.describe = describe_argon2,
	.is_slow = true,
	.is_memory_hard = true,
};
