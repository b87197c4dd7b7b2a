/*
 * attribute_path.h: the path that names a value inside an identity provider's answer.
 *
 *	path      = [ origin ] step *( "." name / selector )
 *	origin    = "$" | "@" | "#"
 *	step      = name / selector
 *	name      = 1*(any character but "." "[" "]")
 *	selector  = "[" ( index / quoted / condition *( " and " condition ) ) "]"
 *	index     = [ "-" ] 1*9DIGIT           ; a negative one counts from the end
 *	condition = key " eq " ( quoted / bare )    ; a key may lead further in by its dots
 *	quoted    = DQUOTE *(any but DQUOTE) DQUOTE / "'" *(any but "'") "'"
 *
 * The empty path is the answer as a whole. "$name" is an attribute that is normalized already,
 * "@emails" a further answer of the provider, "#option" an option of the connection; all else
 * starts in the answer. A quoted selector is a member whose name holds a character of the grammar.
 * That a member named like the whole path goes first is the evaluator's business.
 */
#ifndef UD_PURE_ATTRIBUTE_PATH_H
#define UD_PURE_ATTRIBUTE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#define UD_PATH_MAX_STEPS  16
#define UD_PATH_MAX_LENGTH 1024

typedef enum UdPathOrigin
{
	UD_PATH_ANSWER,
	UD_PATH_PROFILE,
	UD_PATH_PART,
	UD_PATH_OPTION
} UdPathOrigin;

typedef enum UdPathStepKind
{
	UD_STEP_MEMBER, /* name */
	UD_STEP_INDEX,  /* index */
	UD_STEP_WHERE,  /* the first element whose member name equals value */
	UD_STEP_AND     /* one more condition of the UD_STEP_WHERE before it */
} UdPathStepKind;

/* Names and values point into the text that was parsed; they are not terminated. */
typedef struct UdPathStep
{
	UdPathStepKind kind;
	const char *name;
	int name_length;
	const char *value;
	int value_length;
	bool value_quoted;
	int index;
} UdPathStep;

typedef struct UdPath
{
	UdPathOrigin origin;
	const char *whole; /* the text behind the origin's sign */
	int whole_length;
	int nsteps;
	const UdPathStep *steps;
} UdPath;

typedef struct UdPathError
{
	const char *message; /* constant, lower-case, without full stop */
	int offset;          /* in bytes, from 0 */
} UdPathError;

/*
 * ud_attribute_path_parse reads a path.
 *
 * text is not terminated; steps is the caller's room for at least UD_PATH_MAX_STEPS steps, which
 * path then refers to, as it refers to text. Returns false, with error filled, for anything that
 * is no path. Needs no memory of its own.
 */
extern bool ud_attribute_path_parse(const char *text, int length, UdPathStep *steps, UdPath *path,
									UdPathError *error);

#endif
