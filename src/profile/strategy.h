/*
 * strategy.h: the strategies of connections, and the default attribute maps.
 */
#ifndef UD_PROFILE_STRATEGY_H
#define UD_PROFILE_STRATEGY_H

#include "profile/attribute_map.h"

typedef enum UdStrategyKind
{
	UD_KIND_DATABASE,
	UD_KIND_SOCIAL,
	UD_KIND_ENTERPRISE,
	UD_KIND_PASSWORDLESS,
	UD_KIND_PROVISIONING, /* an answer that is pushed and not part of a login: SCIM */
	UD_KIND_PRESET        /* no strategy: a map for custom social connections, or a base of maps */
} UdStrategyKind;

typedef struct UdStrategy
{
	char *name;
	char *title;
	UdStrategyKind kind;
	char *provider;         /* what user_id begins with; the name, but for custom databases */
	bool id_has_connection; /* user_id is provider|connection|id */
	bool custom;            /* the provider behind it is known by the connection's name at best */
	JsonbContainer *source; /* the map as it is written */
	UdAttributeMap *map;    /* compiled when first used */
} UdStrategy;

/* ud_strategy_find returns the strategy of a name. Errors: UD001 for an unknown one. */
extern const UdStrategy *ud_strategy_find(const char *name);

/* ud_strategy_lookup returns the strategy or preset of a name, or NULL. */
extern const UdStrategy *ud_strategy_lookup(const char *name);

/* ud_strategy_list returns all strategies and presets, sorted by name, and their number. */
extern const UdStrategy *ud_strategy_list(int *count);

/* ud_strategy_kind_name returns "social" for UD_KIND_SOCIAL, and so on. */
extern const char *ud_strategy_kind_name(UdStrategyKind kind);

/*
 * ud_strategy_map returns the compiled default map of a strategy or preset, NULL for an unknown
 * one. It lives as long as the backend.
 */
extern const UdAttributeMap *ud_strategy_map(const char *name);

/*
 * ud_strategy_preset returns the entry whose map fits a connection: for custom social connections
 * the preset that the connection's name, or a word of it, names; else strategy itself. connection
 * may be NULL.
 */
extern const UdStrategy *ud_strategy_preset(const UdStrategy *strategy, const char *connection);

#endif
