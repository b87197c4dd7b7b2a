/*
 * transform.h: what an attribute map may do to a value on its way.
 */
#ifndef UD_PROFILE_TRANSFORM_H
#define UD_PROFILE_TRANSFORM_H

#include "utils/jsonb.h"

/*
 * A transform changes a value in place and returns false when there is no result, which makes its
 * source one that gives nothing. argument is the text behind the colon of the transform's name.
 */
typedef bool (*UdTransformFunction)(JsonbValue *value, const char *argument, int argument_length);

typedef struct UdTransform
{
	UdTransformFunction apply;
	const char *argument;
	int argument_length;
} UdTransform;

/*
 * ud_transform_find looks up "name" or "name:argument". On failure it returns false and leaves in
 * problem why: "unknown transform", "transform needs an argument" and the like.
 */
extern bool ud_transform_find(const char *text, int length, UdTransform *transform,
							  const char **problem);

/* ud_transform_names returns the names of all transforms for a hint, separated by commas. */
extern char *ud_transform_names(void);

/*
 * The conversions that the type of a target implies. Each changes the value in place and returns
 * false when it has no such form; text is a string with something other than white space, and
 * numbers become text without loss.
 */
extern bool ud_transform_to_text(JsonbValue *value);
extern bool ud_transform_to_boolean(JsonbValue *value);
extern bool ud_transform_to_email(JsonbValue *value);
extern bool ud_transform_to_phone(JsonbValue *value);
extern bool ud_transform_to_web_uri(JsonbValue *value);
extern bool ud_transform_local_part(JsonbValue *value);

/* ud_transform_set_text makes value a string of length bytes at text. */
extern void ud_transform_set_text(JsonbValue *value, const char *text, int length);

/* ud_transform_lower returns a copy of text with its ASCII letters in lower case. */
extern char *ud_transform_lower(const char *text, int length);

/* ud_transform_is_blank returns whether text holds nothing but ASCII white space. */
extern bool ud_transform_is_blank(const char *text, int length);

#endif
