-- Text search: case folding, wildcard patterns, and an operator class that finds them.

CREATE FUNCTION userdir.fold_case(value text) RETURNS text
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5
  AS 'MODULE_PATHNAME', 'userdir_fold_case';
COMMENT ON FUNCTION userdir.fold_case(text) IS
'Folds the case of a text as Unicode''s simple case folding does, the same in every database, encoding and locale.

value: any text.

Result: one character for each, so the German sharp s and the dotted capital I stay, I becomes i for Turks as well, and a final sigma becomes a sigma. Folding twice is folding once. In encodings other than UTF-8 a character whose folding the encoding does not have stays; in SQL_ASCII only A to Z fold.';

CREATE FUNCTION userdir.matches_wildcard(value text, pattern text) RETURNS boolean
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_matches_wildcard';
COMMENT ON FUNCTION userdir.matches_wildcard(text, text) IS
'Tells whether a whole value matches a wildcard pattern: the function of operator =*.

value: any text, compared byte by byte; fold the case of both sides where it shall not matter. pattern: * stands for any number of characters, ? for one, a backslash makes the character behind it stand for itself.

Errors: 22025 for a pattern that ends in a backslash which escapes nothing.';

CREATE FUNCTION userdir.wildcard_sel(internal, oid, internal, integer) RETURNS double precision
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_wildcard_sel';
COMMENT ON FUNCTION userdir.wildcard_sel(internal, oid, internal, integer) IS
'Estimates for the planner how many rows a condition with operator =* will find, by the statistics of the column or of the indexed expression.';

CREATE OPERATOR userdir.=* (
  LEFTARG = text,
  RIGHTARG = text,
  FUNCTION = userdir.matches_wildcard,
  RESTRICT = userdir.wildcard_sel,
  JOIN = pg_catalog.matchingjoinsel
);
COMMENT ON OPERATOR userdir.=* (text, text) IS
'Whole value matches wildcard pattern; see matches_wildcard().

Indexed by operator class text_wildcard_ops.';

CREATE FUNCTION userdir._text_wildcard_extract_value(text, internal) RETURNS internal
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__text_wildcard_extract_value';
COMMENT ON FUNCTION userdir._text_wildcard_extract_value(text, internal) IS
'Returns what an index of class text_wildcard_ops keeps of a value.

Errors: 54000 for a value of more than 16 MB.';

CREATE FUNCTION userdir._text_wildcard_extract_query(text, internal, smallint, internal, internal, internal, internal)
  RETURNS internal
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__text_wildcard_extract_query';
COMMENT ON FUNCTION userdir._text_wildcard_extract_query(text, internal, smallint, internal, internal, internal, internal) IS
'Returns what an index of class text_wildcard_ops is to be asked for a pattern.

Errors: 22025 as in matches_wildcard().';

CREATE FUNCTION userdir._text_wildcard_consistent(internal, smallint, text, integer, internal, internal, internal, internal)
  RETURNS boolean
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__text_wildcard_consistent';
COMMENT ON FUNCTION userdir._text_wildcard_consistent(internal, smallint, text, integer, internal, internal, internal, internal) IS
'Tells an index of class text_wildcard_ops whether a row may match.';

CREATE FUNCTION userdir._text_wildcard_tri_consistent(internal, smallint, text, integer, internal, internal, internal)
  RETURNS "char"
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__text_wildcard_tri_consistent';
COMMENT ON FUNCTION userdir._text_wildcard_tri_consistent(internal, smallint, text, integer, internal, internal, internal) IS
'Tells an index of class text_wildcard_ops whether a row may match of which not everything is known.';

CREATE FUNCTION userdir._text_wildcard_compare_partial(bigint, bigint, smallint, internal) RETURNS integer
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__text_wildcard_compare_partial';
COMMENT ON FUNCTION userdir._text_wildcard_compare_partial(bigint, bigint, smallint, internal) IS
'Tells an index of class text_wildcard_ops whether a key has the beginning that is looked for.';

CREATE OPERATOR FAMILY userdir.text_wildcard_ops USING gin;
COMMENT ON OPERATOR FAMILY userdir.text_wildcard_ops USING gin IS 'Wildcard patterns on text.';

CREATE OPERATOR CLASS userdir.text_wildcard_ops FOR TYPE text USING gin FAMILY userdir.text_wildcard_ops AS
  OPERATOR 1 userdir.=* (text, text),
  FUNCTION 2 userdir._text_wildcard_extract_value(text, internal),
  FUNCTION 3 userdir._text_wildcard_extract_query(text, internal, smallint, internal, internal, internal, internal),
  FUNCTION 4 userdir._text_wildcard_consistent(internal, smallint, text, integer, internal, internal, internal, internal),
  FUNCTION 5 userdir._text_wildcard_compare_partial(bigint, bigint, smallint, internal),
  FUNCTION 6 userdir._text_wildcard_tri_consistent(internal, smallint, text, integer, internal, internal, internal),
  STORAGE bigint;
COMMENT ON OPERATOR CLASS userdir.text_wildcard_ops USING gin IS
'Finds the values that match a wildcard pattern by operator =*, whatever the length of its literals and wherever they stand.

Keeps a value''s pieces of four characters. For patterns without regard to case: CREATE INDEX ON users USING gin (userdir.fold_case(email) userdir.text_wildcard_ops, userdir.fold_case(name) userdir.text_wildcard_ops) WITH (gin_pending_list_limit = 1024). A value may have 16 MB.';
