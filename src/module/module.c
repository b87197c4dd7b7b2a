/*
 * module.c: what happens when the library is loaded.
 *
 * This is the one place that knows every layer which has to prepare something.
 */
#include "base/userdir.h"

#include "miscadmin.h"

#include "base/settings.h"
#include "crypto/hash_slots.h"
#include "crypto/libsodium.h"
#include "crypto/secret.h"
#include "crypto/secret_log.h"
#include "login/attempts_shared.h"
#include "login/creation_guard.h"
#include "login/identity_state.h"
#include "login/rules_stats.h"

extern UD_EXPORT const Pg_magic_struct *PG_MAGIC_FUNCTION_NAME(void);
UD_MODULE_MAGIC("userdir");

extern UD_EXPORT void _PG_init(void);

void
_PG_init(void)
{
	/* pg_upgrade loads every library to see whether it loads; nothing else is wanted then. */
	if (IsBinaryUpgrade)
		return;

	/* What declares a parameter of its own comes before the prefix is closed. */
	if (process_shared_preload_libraries_in_progress)
		ud_attempts_shared_preload();
	ud_identity_state_start();
	ud_settings_define();
	ud_sodium_start();
	ud_secret_log_start();
	ud_secret_share();
	ud_creation_guard_start();
	if (process_shared_preload_libraries_in_progress)
	{
		ud_hash_slots_preload();
		ud_rules_stats_preload();
	}
}
