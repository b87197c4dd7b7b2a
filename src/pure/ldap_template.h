/*
 * ldap_template.h: texts with names in braces that stand for values, as in "(uid={login})".
 */
#ifndef UD_PURE_LDAP_TEMPLATE_H
#define UD_PURE_LDAP_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "pure/span.h"

typedef enum UdLdapPiece
{
	UD_LDAP_PIECE_END,  /* nothing is left */
	UD_LDAP_PIECE_TEXT, /* text that stands for itself */
	UD_LDAP_PIECE_NAME, /* what stood between two braces */
	UD_LDAP_PIECE_BAD   /* a brace without its other one, or nothing between them */
} UdLdapPiece;

/*
 * ud_ldap_template_next returns the kind of the next piece of a template and moves *position, which
 * begins at 0, behind it. *piece is the piece, without braces; where a piece is bad, the rest.
 */
extern UdLdapPiece ud_ldap_template_next(UdSpan template_text, size_t *position, UdSpan *piece);

/*
 * ud_ldap_template_split splits "name:conversion" at its colon; a name alone has an empty
 * conversion. Returns false when the name is no attribute description of LDAP (RFC 4512): a letter,
 * then letters, digits and hyphens, or numbers with dots, then perhaps options behind semicolons.
 */
extern bool ud_ldap_template_split(UdSpan text, UdSpan *name, UdSpan *conversion);

#endif
