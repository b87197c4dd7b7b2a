/*
 * field_table.h: what a field of a query means on the rows of a type.
 *
 * The first segment of a field's path is the name of a column; further ones lead into a jsonb
 * document. Beside its columns a row with a text column email has the virtual field email.domain.
 * Columns are told apart by what their values are compared as, domains looked through.
 */
#ifndef UD_SEARCH_FIELD_TABLE_H
#define UD_SEARCH_FIELD_TABLE_H

#include "base/userdir.h"

#include "access/tupdesc.h"

#include "pure/query.h"

typedef enum UdFieldClass
{
	UD_FIELD_TEXT, /* the types of strings */
	UD_FIELD_BOOLEAN,
	UD_FIELD_INTEGER,
	UD_FIELD_FLOAT,
	UD_FIELD_NUMERIC,
	UD_FIELD_TIME,  /* timestamp with or without time zone, date; without one is UTC */
	UD_FIELD_INET,  /* inet, cidr */
	UD_FIELD_JSONB, /* jsonb, json */
	UD_FIELD_OWN,   /* any other type with an order of its own: enums, uuid, time, macaddr, ... */
	UD_FIELD_OTHER  /* as text, by the type's output */
} UdFieldClass;

typedef struct UdField
{
	AttrNumber attnum;
	const char *column;
	Oid type;           /* of the values: no domain, and of an array its elements' */
	Oid array_type;     /* InvalidOid if the column is no array */
	Oid collation;      /* of the column */
	UdFieldClass class; /* of the values */
	bool folds;         /* case does not count */
	bool is_domain;     /* email.domain */
	bool not_null;      /* the column is declared so */
	int npath;          /* below the column */
	const UdSpan *path;
	const UdQueryField *name; /* as a query writes it */
} UdField;

/* The query that an error is about, and where in it, in bytes. */
typedef struct UdFieldPlace
{
	UdSpan query;
	size_t offset;
} UdFieldPlace;

/*
 * ud_field_resolve finds the field of that name in a row.
 *
 * Errors: UD022 for a column that is not there, naming the nearest ones, and for a path below a
 * column that holds no documents.
 */
extern void ud_field_resolve(TupleDesc row, const UdQueryField *name, UdFieldPlace place,
							 UdField *field);

/*
 * ud_field_bare lists the fields that a value without field may stand in: those of user_id, email,
 * username, phone_number, name, given_name, family_name and nickname that are text in this row, or
 * if there are none all its text columns. Returns how many; they are palloc'ed.
 *
 * Errors: UD022 when the row has no text.
 */
extern int ud_field_bare(TupleDesc row, UdFieldPlace place, UdField **fields);

/* ud_field_position returns where a place is, in characters from 1, for messages. */
extern int ud_field_position(UdFieldPlace place);

#endif
