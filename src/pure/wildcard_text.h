/*
 * wildcard_text.h: patterns as they are written.
 *
 *	pattern   = *( "*" / "?" / escaped / character )
 *	escaped   = "\" character               ; the character itself, whatever it is
 *
 * "*" stands for any number of characters, none included, "?" for one, everything else for itself.
 */
#ifndef UD_PURE_WILDCARD_TEXT_H
#define UD_PURE_WILDCARD_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "pure/charset.h"
#include "pure/span.h"
#include "pure/wildcard.h"

/* ud_wildcard_text_room returns how many bytes ud_wildcard_text_parse() needs for a text. */
extern size_t ud_wildcard_text_room(UdSpan text);

/*
 * ud_wildcard_text_parse reads a pattern.
 *
 * room is memory of ud_wildcard_text_room() bytes, aligned for any type, in which parts and
 * literals are laid down; text is not needed afterwards. In a row of wildcards those for one
 * character come first and a single "*" last. Returns false when the text ends in a backslash that
 * escapes nothing, its only possible fault.
 */
extern bool ud_wildcard_text_parse(UdSpan text, const UdCharset *charset, void *room,
								   UdWildcard *pattern);

/* ud_wildcard_text_bound returns the most bytes that a pattern can have when it is written. */
extern size_t ud_wildcard_text_bound(const UdWildcard *pattern);

/*
 * ud_wildcard_text_write writes a pattern, with a backslash before a literal's "*", "?" and "\",
 * and returns its length. target needs ud_wildcard_text_bound() bytes and is not terminated.
 */
extern size_t ud_wildcard_text_write(const UdWildcard *pattern, const UdCharset *charset,
									 char *target);

#endif
