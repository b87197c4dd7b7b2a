/*
 * field_hint.h: what somebody may have meant who names a field that a row does not have.
 */
#ifndef UD_SEARCH_FIELD_HINT_H
#define UD_SEARCH_FIELD_HINT_H

#include "base/userdir.h"

#include "access/tupdesc.h"

#include "pure/query.h"

/* The field for the domain of an address in the column email */
#define UD_FIELD_DOMAIN "email.domain"

/* ud_field_hint returns a sentence for a field whose first name is no column of a row. */
extern char *ud_field_hint(TupleDesc row, const UdQueryField *name);

/* ud_field_clip returns at most limit bytes of a text as a string, at the end of a character. */
extern char *ud_field_clip(UdSpan text, int limit);

/* ud_field_find_column returns the index of the column of that name in a row, or -1. */
extern int ud_field_find_column(TupleDesc row, UdSpan name);

#endif
