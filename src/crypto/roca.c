/*
 * roca.c: RSA keys of a faulty generator, which are easily factored (CVE-2017-15361, "ROCA").
 *
 * Its primes are k * M + (65537^a mod M), where M is a product of small primes. So modulo each of
 * those the key's modulus is a power of 65537. Few numbers are that for all of them: another key
 * is taken for such a one in less than one of a hundred million cases.
 */
#include "base/userdir.h"

#include "crypto/roca.h"

#define GENERATOR 65537

/* Keys of all sizes have these in M. Two is left out: every modulus is odd. */
static const uint8 primes[] = {3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,
							   47,  53,  59,  61,  67,  71,  73,  79,  83,  89,  97,  101, 103,
							   107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};

/* is_power returns whether a rest modulo a prime is a power of the generator. */
static bool
is_power(unsigned int rest, unsigned int prime)
{
	unsigned int power = 1;

	do
	{
		if (power == rest)
			return true;
		power = power * (GENERATOR % prime) % prime;
	} while (power != 1);
	return false;
}

bool
ud_roca_is_marked(const BIGNUM *modulus)
{
	for (size_t i = 0; i < lengthof(primes); i++)
	{
		if (!is_power((unsigned int)BN_mod_word(modulus, primes[i]), primes[i]))
			return false;
	}
	return true;
}
