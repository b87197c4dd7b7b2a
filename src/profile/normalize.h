/*
 * normalize.h: from a provider's answer to a profile in the model's shape.
 */
#ifndef UD_PROFILE_NORMALIZE_H
#define UD_PROFILE_NORMALIZE_H

#include "profile/evaluate.h"
#include "profile/strategy.h"

/* An object around the user's data, and the member of it that leads further in. */
typedef struct UdLevel
{
	JsonbContainer *container;
	UdName entered;
} UdLevel;

/* Everything that is known about one answer while it is being normalized. */
typedef struct UdNormalization
{
	const UdStrategy *strategy;
	const UdStrategy *provider; /* whose ids they are; the strategy, but for provisioning */
	const char *connection;
	const UdAttributeMap *map;
	UdNameList denied;
	UdAnswer answer;
	UdLevel levels[UD_PATH_MAX_STEPS];
	int nlevels;
	char *identity_user_id;
} UdNormalization;

/*
 * ud_normalize returns the profile of an answer. connection, extras and options may be NULL; extras
 * and options are objects. Sizes and depths were checked before.
 *
 * Errors: UD001, UD002, UD003, 22023.
 */
extern Jsonb *ud_normalize(const char *strategy_name, Jsonb *raw, const char *connection,
						   Jsonb *extras, Jsonb *options);

#endif
