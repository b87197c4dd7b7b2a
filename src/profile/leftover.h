/*
 * leftover.h: what a provider sends beyond the normalized attributes.
 */
#ifndef UD_PROFILE_LEFTOVER_H
#define UD_PROFILE_LEFTOVER_H

#include "profile/normalize.h"

/* ud_leftover_is_listed returns whether a list has a name. */
extern bool ud_leftover_is_listed(const UdNameList *list, const char *name, int length);

/*
 * ud_leftover_push_tokens adds the provider's tokens to the open identity: access_token,
 * access_token_secret, refresh_token and expires_in, from the answer or the extra part "token".
 */
extern void ud_leftover_push_tokens(UdNormalization *normalization, JsonbParseState **state);

/*
 * ud_leftover_push adds user_metadata, app_metadata and attributes to the open profile, each only
 * when there is something to put in it. attributes takes every member of the answer that the map
 * keeps, unless it is a token, a secret, denied, or in the profile already with the same value.
 */
extern void ud_leftover_push(UdNormalization *normalization, JsonbParseState **state);

#endif
