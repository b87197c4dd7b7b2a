/*
 * policy_options.h: what the options of a connection demand of passwords.
 *
 * They are the hosted service's: passwordPolicy with password_complexity_options,
 * password_dictionary, password_no_personal_info and password_history, or password_options, which
 * replaces them all. The policy "nist" is our own; password_nist_options belongs to it.
 */
#ifndef UD_CRYPTO_POLICY_OPTIONS_H
#define UD_CRYPTO_POLICY_OPTIONS_H

#include "utils/jsonb.h"

#include "crypto/common_passwords.h"
#include "pure/password_policy.h"

/* NIST SP 800-63B-4, section 3.1.1.2: the length of a password that is all, or one of two. */
#define UD_NIST_MIN_LENGTH        15
#define UD_NIST_MIN_LENGTH_OF_TWO 8

typedef struct UdPolicyOptions
{
	UdPasswordPolicy policy;
	bool is_nist;

	UdCommonPasswords common;  /* which of the bundled passwords are refused */
	JsonbContainer *own_words; /* an array of words that are refused, too, or NULL */

	bool refuses_personal_data;
	JsonbContainer *personal_fields; /* an array of paths in a user's profile; NULL: the default */

	int history_size; /* how many earlier passwords are refused */
} UdPolicyOptions;

/*
 * ud_policy_options_read reads the options that concern passwords. What *read points to lies in
 * options or in the current memory context.
 *
 * Errors: UD001, naming the option, for whatever is malformed, out of bounds or unknown.
 */
extern void ud_policy_options_read(JsonbContainer *options, UdPolicyOptions *read);

#endif
