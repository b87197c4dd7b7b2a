/*
 * attempts_settings.h: how attempts are counted, and when they end in a block: what
 * userdir.attack_protection says.
 */
#ifndef UD_LOGIN_ATTEMPTS_SETTINGS_H
#define UD_LOGIN_ATTEMPTS_SETTINGS_H

#include "utils/inet.h"

/* What an attempt belongs to. */
typedef enum UdAttemptStage
{
	UD_STAGE_LOGIN,
	UD_STAGE_ACCOUNT, /* a login, whose address counts elsewhere */
	UD_STAGE_SIGNUP
} UdAttemptStage;

typedef struct UdAttemptLimit
{
	bool counts; /* switched on, and the address is none that is let through */
	bool blocks; /* whoever has reached it is refused */
	double most; /* attempts */
} UdAttemptLimit;

typedef struct UdAttemptSettings
{
	bytea *salt;
	bool of_address_too;       /* those of an identifier are counted for each address */
	UdAttemptLimit identifier; /* failed logins of an identifier */
	UdAttemptLimit address;    /* failed logins or sign-ups from an address */
	double rate_ms;            /* the interval in which an address is granted one attempt more */
	bool detects_breaches;     /* passwords are looked up among those that are known */
} UdAttemptSettings;

/*
 * ud_attempts_settings_read reads the settings for an attempt of some stage from an address, which
 * may be NULL. To be called as the directory's owner.
 *
 * Errors: P0002 when there are none, XX001 when they are not what update_attack_protection()
 * leaves.
 */
extern UdAttemptSettings ud_attempts_settings_read(UdAttemptStage stage, inet *ip);

#endif
