/*
 * evaluate.h: what the sources of an attribute map give for one answer of a provider.
 */
#ifndef UD_PROFILE_EVALUATE_H
#define UD_PROFILE_EVALUATE_H

#include "profile/attribute_map.h"

/* One answer while it is being normalized. */
typedef struct UdAnswer
{
	JsonbValue content;      /* the object that paths start in: the answer without its envelope */
	JsonbContainer *extras;  /* further answers by part name; NULL for none */
	JsonbContainer *options; /* the connection's options; NULL for none */
	bool has[UD_FIELD_COUNT];
	JsonbValue fields[UD_FIELD_COUNT]; /* the profile so far */
} UdAnswer;

/* ud_evaluate_path returns whether there is a value at the path; null and blanks are values. */
extern bool ud_evaluate_path(const UdAnswer *answer, const UdPath *path, JsonbValue *value);

/*
 * ud_evaluate_steps follows the steps of a path from value on, whatever its origin is, and leaves
 * in value what is there. Returns false when there is nothing.
 */
extern bool ud_evaluate_steps(const UdAnswer *answer, const UdPath *path, JsonbValue *value);

/* ud_evaluate_set_container makes value the whole of a container. */
extern void ud_evaluate_set_container(JsonbValue *value, JsonbContainer *container);

/* ud_evaluate_is_present returns whether a value counts: not null, blank, [] or {}. */
extern bool ud_evaluate_is_present(const JsonbValue *value);

/*
 * ud_evaluate_sources returns whether one of the sources gives a value that has a form of the type,
 * and the first such value in that form.
 */
extern bool ud_evaluate_sources(const UdAnswer *answer, const UdSourceList *list, UdFieldType type,
								JsonbValue *value);

#endif
