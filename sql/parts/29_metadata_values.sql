-- The value at one path of a document, for ordinary SQL and its indexes.

CREATE FUNCTION userdir.metadata_text(document jsonb, VARIADIC path text[]) RETURNS text
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_metadata_text';
COMMENT ON FUNCTION userdir.metadata_text(jsonb, text[]) IS
'Returns the string at a path of a document, to compare, join and index by.

document: any JSON value. path: the names on the way, as in metadata_text(app_metadata, ''stripe'', ''customer'').
Result: the string; null where the path leads nowhere, through or to an array, or to a value of another type, and for strings of more than 2000 bytes, which no B-tree could hold: read those with #>>. There is no document for which it fails.';

CREATE FUNCTION userdir.metadata_number(document jsonb, VARIADIC path text[]) RETURNS numeric
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_metadata_number';
COMMENT ON FUNCTION userdir.metadata_number(jsonb, text[]) IS
'Returns the number at a path of a document.

document, path: as in metadata_text().
Result: the number; null as in metadata_text(), and for numbers that take more than 2000 bytes, some 4000 digits.';

CREATE FUNCTION userdir._metadata_boolean_support(internal) RETURNS internal
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__metadata_boolean_support';
COMMENT ON FUNCTION userdir._metadata_boolean_support(internal) IS
'Tells the planner how many rows metadata_boolean() is true for, if there is an index on it.';

CREATE FUNCTION userdir.metadata_boolean(document jsonb, VARIADIC path text[]) RETURNS boolean
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE SUPPORT userdir._metadata_boolean_support
  AS 'MODULE_PATHNAME', 'userdir_metadata_boolean';
COMMENT ON FUNCTION userdir.metadata_boolean(jsonb, text[]) IS
'Returns the boolean at a path of a document.

document, path: as in metadata_text().
Result: true or false; null as in metadata_text().';

CREATE FUNCTION userdir.metadata_date(document jsonb, VARIADIC path text[]) RETURNS timestamptz
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_metadata_date';
COMMENT ON FUNCTION userdir.metadata_date(jsonb, text[]) IS
'Returns the date at a path of a document, as searches read it.

document, path: as in metadata_text().
Result: the instant of a string like 2024-03-05 or 2024-03-05T10:30:00+01:00; what the string does not say is the beginning of the day or minute, and UTC, whatever TimeZone is. Null for other strings and as in metadata_text(); a year or month alone is no date in searches either.';

CREATE FUNCTION userdir.metadata_sort_key(document jsonb, VARIADIC path text[]) RETURNS jsonb
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_metadata_sort_key';
COMMENT ON FUNCTION userdir.metadata_sort_key(jsonb, text[]) IS
'Returns the value at a path of a document by which list_users() and its siblings sort.

document: any JSON value. path: names, and numbers of elements of arrays, from 0.
Result: the value; of a string its first 500 bytes. Null, and so last in every list, where there is nothing or JSON''s null, and for objects, arrays and numbers of more than 1000 bytes.';
