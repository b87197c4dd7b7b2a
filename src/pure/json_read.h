/*
 * json_read.h: a strict reader of JSON (RFC 8259) for what strangers send.
 *
 * It refuses what other readers let pass or read in different ways: members of one name in one
 * object, in whatever escapes the name is written; bytes that are no UTF-8; halves of surrogate
 * pairs; the character U+0000, which the server's texts cannot hold; numbers of absurd length; and
 * anything nested deeper than it is told.
 */
#ifndef UD_PURE_JSON_READ_H
#define UD_PURE_JSON_READ_H

#include "pure/span.h"

/* The deepest nesting that may be asked for, and the most names of the objects open at a time. */
#define UD_JSON_MAX_DEPTH 32
#define UD_JSON_MAX_NAMES 1024

/* The longest number, and the largest exponent in either direction. */
#define UD_JSON_MAX_NUMBER   100
#define UD_JSON_MAX_EXPONENT 400

typedef enum UdJsonFault
{
	UD_JSON_FINE,
	UD_JSON_SYNTAX,
	UD_JSON_NOT_UTF8,
	UD_JSON_DUPLICATE_NAME,
	UD_JSON_TOO_DEEP,
	UD_JSON_TOO_MANY_NAMES,
	UD_JSON_BAD_ESCAPE,
	UD_JSON_HUGE_NUMBER,
	UD_JSON_NO_OBJECT /* valid, but something else than an object */
} UdJsonFault;

typedef enum UdJsonEvent
{
	UD_JSON_OBJECT,
	UD_JSON_OBJECT_END,
	UD_JSON_ARRAY,
	UD_JSON_ARRAY_END,
	UD_JSON_NAME, /* of the member whose value comes next */
	UD_JSON_STRING,
	UD_JSON_NUMBER,
	UD_JSON_TRUE,
	UD_JSON_FALSE,
	UD_JSON_NULL
} UdJsonEvent;

/*
 * Who listens. text is that of a name, string (both decoded) or number, else empty; it points into
 * the text that is read, or into scratch. depth is 1 for what stands in the outermost object.
 */
typedef struct UdJsonListener
{
	void (*tell)(void *context, UdJsonEvent event, UdSpan text, int depth);
	void *context;
} UdJsonListener;

/*
 * ud_json_read reads a text that is to be one JSON object, and tells the listener (which may be
 * NULL) what is in it, piece by piece, before it knows whether all is well.
 *
 * scratch has room for as many bytes as text has. max_depth: up to UD_JSON_MAX_DEPTH, where 1
 * allows an object without objects or arrays in it.
 */
extern UdJsonFault ud_json_read(UdSpan text, int max_depth, char *scratch,
								const UdJsonListener *listener);

/*
 * ud_json_plain_length returns how many bytes at the beginning of a text are characters of ASCII
 * that stand for themselves in a string of JSON.
 */
extern size_t ud_json_plain_length(const char *text, size_t length);

/* ud_json_fault_text returns what is wrong, to stand behind "it". */
extern const char *ud_json_fault_text(UdJsonFault fault);

#endif
