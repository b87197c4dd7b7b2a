/*
 * connection_options.h: what the options of a connection say about its profiles.
 */
#ifndef UD_PROFILE_CONNECTION_OPTIONS_H
#define UD_PROFILE_CONNECTION_OPTIONS_H

#include "profile/attribute_map.h"
#include "profile/strategy.h"

/*
 * ud_connection_options_map returns the attribute map of a connection: the default one with
 * attribute_map, fieldsMap and user_id_attribute of its options over it.
 *
 * options may be NULL. Errors: UD002.
 */
extern const UdAttributeMap *ud_connection_options_map(const UdStrategy *strategy,
													   const char *connection,
													   JsonbContainer *options);

/*
 * ud_connection_options_denied returns the names in non_persistent_attrs. Errors: UD001 unless
 * it is an array of at most 96 strings of at most 255 characters.
 */
extern UdNameList ud_connection_options_denied(JsonbContainer *options);

#endif
