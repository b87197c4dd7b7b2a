/*
 * option_names.h: options of a connection that are misspelled.
 */
#ifndef UD_PROFILE_OPTION_NAMES_H
#define UD_PROFILE_OPTION_NAMES_H

#include "base/userdir.h"

#include "utils/jsonb.h"

/*
 * ud_option_names_check raises when an option has a name that is not one of those that are acted
 * on, but so like one of them that it is a mistake: a misspelled policy is enforced by nobody. All
 * other unknown options are somebody else's and are kept.
 *
 * Errors: UD001, with the name that is likely to be meant.
 */
extern void ud_option_names_check(JsonbContainer *options);

#endif
