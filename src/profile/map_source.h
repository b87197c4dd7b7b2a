/*
 * map_source.h: compiling one source of an attribute map, and the errors of a map.
 */
#ifndef UD_PROFILE_MAP_SOURCE_H
#define UD_PROFILE_MAP_SOURCE_H

#include "profile/attribute_map.h"

/* Where in the map we are, from the inside out; turned into text for an error only. */
typedef struct UdMapPlace
{
	const struct UdMapPlace *outer;
	const char *name; /* NULL for an array's element */
	int name_length;
	int index;
} UdMapPlace;

/* ud_map_place_member and _element make the place of something inside of outer. */
extern UdMapPlace ud_map_place_member(const UdMapPlace *outer, const char *name, int length);
extern UdMapPlace ud_map_place_element(const UdMapPlace *outer, int index);

/* ud_map_fail raises UD002 with a message about the place; hint may be NULL. */
extern void ud_map_fail(const UdMapPlace *place, const char *hint, const char *message, ...)
	pg_attribute_noreturn() pg_attribute_printf(3, 4);

/* ud_map_clip returns how many bytes of a text out of a map an error repeats. */
extern int ud_map_clip(const char *text, int length);

/* ud_map_compile_path compiles one path; field is the first that "$" may not refer to. */
extern void ud_map_compile_path(const char *text, int length, const UdMapPlace *place,
								UdField field, UdPath *path);

/* ud_map_compile_sources compiles a source or an array of them for a field. */
extern void ud_map_compile_sources(const JsonbValue *value, const UdMapPlace *place, UdField field,
								   UdSourceList *list);

/*
 * ud_map_compile_template compiles a text of the model's own attribute maps, in which
 * "${context.tokenset.claim}" and "${context.userinfo.claim}" stand for claims.
 */
extern void ud_map_compile_template(const JsonbValue *value, const UdMapPlace *place, UdField field,
									UdSourceList *list);

/*
 * ud_map_walk calls visit with each member of an object. Its order is that of jsonb, not that of
 * the text.
 */
typedef void (*UdMapVisitor)(void *state, const JsonbValue *key, const JsonbValue *value);
extern void ud_map_walk(JsonbContainer *object, UdMapVisitor visit, void *state);

#endif
