/*
 * connection_options.h: what the options of a connection say about its profiles.
 */
#ifndef UD_PROFILE_CONNECTION_OPTIONS_H
#define UD_PROFILE_CONNECTION_OPTIONS_H

#include "profile/attribute_map.h"
#include "profile/strategy.h"

/* The options that concern profiles; all others are kept and not read. */
typedef enum UdOption
{
	UD_OPTION_ATTRIBUTE_MAP,
	UD_OPTION_DENIED,
	UD_OPTION_FIELDS_MAP,
	UD_OPTION_USER_ID_ATTRIBUTE,
	UD_OPTION_COUNT
} UdOption;

/* Their values as they are written; jbvNull for those that are not there. */
typedef struct UdProfileOptions
{
	JsonbValue values[UD_OPTION_COUNT];
	bool any; /* whether one of them is there */
} UdProfileOptions;

/* The same in the form in which they are used. */
typedef struct UdCompiledOptions
{
	const UdAttributeMap *map;
	UdNameList denied; /* names of attributes that must not be stored */
} UdCompiledOptions;

/*
 * ud_connection_options_read finds the options that concern profiles. options may be NULL; the
 * values refer to it.
 */
extern UdProfileOptions ud_connection_options_read(JsonbContainer *options);

/*
 * ud_connection_options_compile compiles options in the current memory context.
 *
 * preset is the strategy or preset whose map is the default: attribute_map, fieldsMap and
 * user_id_attribute come over it. The result refers to what the options refer to.
 *
 * Errors: UD001 for non_persistent_attrs unless it is an array of at most 96 strings of at most 255
 * characters; UD002 for the maps.
 */
extern UdCompiledOptions ud_connection_options_compile(const UdStrategy *preset,
													   const UdProfileOptions *options);

#endif
