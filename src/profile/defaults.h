/*
 * defaults.h: the attributes that every profile has, whether the provider sends them or not.
 */
#ifndef UD_PROFILE_DEFAULTS_H
#define UD_PROFILE_DEFAULTS_H

#include "profile/strategy.h"

/*
 * ud_defaults_picture returns the URL of the picture for an e-mail address, NULL when the server
 * cannot compute an MD5.
 *
 * It is Gravatar's, by the MD5 of the address in lower case, with a fallback: the initials for
 * databases, social and passwordless connections, a silhouette for enterprise connections.
 */
extern char *ud_defaults_picture(const char *email, int length, UdStrategyKind kind);

#endif
