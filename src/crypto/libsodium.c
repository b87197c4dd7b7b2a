/*
 * libsodium.c: libsodium, made ready.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "crypto/libsodium.h"

void
ud_sodium_start(void)
{
	/* Without this call argon2 would work, but without vector instructions: half as fast. */
	if (sodium_init() < 0)
		ereport(ERROR,
				(errcode(ERRCODE_SYSTEM_ERROR), errmsg("libsodium could not be initialized")));
}
