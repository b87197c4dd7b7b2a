-- Queries on JSON documents, and the operator class of GIN that finds them

-- How the planner knows what to expect.

CREATE FUNCTION userdir._jsonb_matches_sel(internal, oid, internal, integer) RETURNS double precision
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__jsonb_matches_sel';
COMMENT ON FUNCTION userdir._jsonb_matches_sel(internal, oid, internal, integer) IS
'Estimates the rows of "document @@ query": from an index of class jsonb_query_ops on the column, or else from the documents that ANALYZE has kept.';

CREATE FUNCTION userdir._jsonb_value_matches_sel(internal, oid, internal, integer) RETURNS double precision
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__jsonb_value_matches_sel';
COMMENT ON FUNCTION userdir._jsonb_value_matches_sel(internal, oid, internal, integer) IS
'Estimates the rows of "document @@= query"; as _jsonb_matches_sel().';

CREATE FUNCTION userdir._jsonb_matches_support(internal) RETURNS internal
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__jsonb_matches_support';
COMMENT ON FUNCTION userdir._jsonb_matches_support(internal) IS
'Tells the planner about calls of jsonb_matches().';

CREATE FUNCTION userdir._jsonb_value_matches_support(internal) RETURNS internal
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__jsonb_value_matches_support';
COMMENT ON FUNCTION userdir._jsonb_value_matches_support(internal) IS
'Tells the planner about calls of jsonb_value_matches().';

CREATE FUNCTION userdir.jsonb_matches(document jsonb, query userdir.userquery) RETURNS boolean
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT userdir._jsonb_matches_support
  AS 'MODULE_PATHNAME', 'userdir_jsonb_matches';
COMMENT ON FUNCTION userdir.jsonb_matches(jsonb, userdir.userquery) IS
'Returns whether a document matches a query; implementation of @@. The planner calls it by this name where it is better to check a part of a query on the rows that an index has found by the other part.

document: any JSON value. query: its fields are paths from the root of the document; arrays are transparent, at every level.
Errors: UD022 for a value without field.';

CREATE FUNCTION userdir.jsonb_value_matches(document jsonb, query userdir.userquery) RETURNS boolean
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT userdir._jsonb_value_matches_support
  AS 'MODULE_PATHNAME', 'userdir_jsonb_value_matches';
COMMENT ON FUNCTION userdir.jsonb_value_matches(jsonb, userdir.userquery) IS
'Returns whether a document, as a value or list of values itself, matches a query; implementation of @@=.

document: any JSON value. query: as in jsonb_matches(), but a value without field is compared with the document itself: ["a", "b"] matches a.';

CREATE OPERATOR userdir.@@ (
  LEFTARG = jsonb, RIGHTARG = userdir.userquery, FUNCTION = userdir.jsonb_matches,
  RESTRICT = userdir._jsonb_matches_sel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR userdir.@@ (jsonb, userdir.userquery) IS 'document @@ query: the document matches; see jsonb_matches().';

CREATE OPERATOR userdir.@@= (
  LEFTARG = jsonb, RIGHTARG = userdir.userquery, FUNCTION = userdir.jsonb_value_matches,
  RESTRICT = userdir._jsonb_value_matches_sel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR userdir.@@= (jsonb, userdir.userquery) IS 'document @@= query: the document, or a value in it, matches; see jsonb_value_matches().';

-- Support functions are declared with the indexed type where they get the query, as GIN wants it.
CREATE FUNCTION userdir._jsonb_gin_compare(bytea, bytea) RETURNS integer
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__jsonb_gin_compare';
COMMENT ON FUNCTION userdir._jsonb_gin_compare(bytea, bytea) IS
'Orders two keys of an index; support function of jsonb_query_ops.';

CREATE FUNCTION userdir._jsonb_gin_extract_value(jsonb, internal, internal) RETURNS internal
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__jsonb_gin_extract_value';
COMMENT ON FUNCTION userdir._jsonb_gin_extract_value(jsonb, internal, internal) IS
'Returns the keys of a document; support function of jsonb_query_ops.';

CREATE FUNCTION userdir._jsonb_gin_extract_query(jsonb, internal, smallint, internal, internal, internal, internal) RETURNS internal
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__jsonb_gin_extract_query';
COMMENT ON FUNCTION userdir._jsonb_gin_extract_query(jsonb, internal, smallint, internal, internal, internal, internal) IS
'Returns the keys that a scan for a query needs; support function of jsonb_query_ops.';

CREATE FUNCTION userdir._jsonb_gin_compare_partial(bytea, bytea, smallint, internal) RETURNS integer
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__jsonb_gin_compare_partial';
COMMENT ON FUNCTION userdir._jsonb_gin_compare_partial(bytea, bytea, smallint, internal) IS
'Tests a key in a walk through many; support function of jsonb_query_ops.';

CREATE FUNCTION userdir._jsonb_gin_triconsistent(internal, smallint, jsonb, integer, internal, internal, internal) RETURNS "char"
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__jsonb_gin_triconsistent';
COMMENT ON FUNCTION userdir._jsonb_gin_triconsistent(internal, smallint, jsonb, integer, internal, internal, internal) IS
'Returns whether a row with some keys matches a query, if they tell; support function of jsonb_query_ops.';

CREATE OPERATOR CLASS userdir.jsonb_query_ops FOR TYPE jsonb USING gin AS
  OPERATOR 1 userdir.@@ (jsonb, userdir.userquery),
  OPERATOR 2 userdir.@@= (jsonb, userdir.userquery),
  FUNCTION 1 userdir._jsonb_gin_compare(bytea, bytea),
  FUNCTION 2 userdir._jsonb_gin_extract_value(jsonb, internal, internal),
  FUNCTION 3 userdir._jsonb_gin_extract_query(jsonb, internal, smallint, internal, internal, internal, internal),
  FUNCTION 5 userdir._jsonb_gin_compare_partial(bytea, bytea, smallint, internal),
  FUNCTION 6 userdir._jsonb_gin_triconsistent(internal, smallint, jsonb, integer, internal, internal, internal),
  STORAGE bytea;
COMMENT ON OPERATOR CLASS userdir.jsonb_query_ops USING gin IS
'Indexes every path of JSON documents for @@: values, ranges, prefixes and patterns, dates, existence.';
COMMENT ON OPERATOR FAMILY userdir.jsonb_query_ops USING gin IS
'Indexes every path of JSON documents for @@: values, ranges, prefixes and patterns, dates, existence.';

-- The same for chosen paths. The operators stand for parts of queries that such an index answers; the
-- planner makes them of @@ and @@=, which are in no class of theirs.
CREATE FUNCTION userdir._jsonb_gin_options(internal) RETURNS void
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__jsonb_gin_options';
COMMENT ON FUNCTION userdir._jsonb_gin_options(internal) IS
'Declares the options of an index column; support function of jsonb_query_paths_ops.';

CREATE OPERATOR userdir.@@~ (
  LEFTARG = jsonb, RIGHTARG = userdir.userquery, FUNCTION = userdir.jsonb_matches,
  RESTRICT = userdir._jsonb_matches_sel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR userdir.@@~ (jsonb, userdir.userquery) IS 'document @@~ query: as @@; what the planner asks an index of class jsonb_query_paths_ops.';

CREATE OPERATOR userdir.@@=~ (
  LEFTARG = jsonb, RIGHTARG = userdir.userquery, FUNCTION = userdir.jsonb_value_matches,
  RESTRICT = userdir._jsonb_value_matches_sel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR userdir.@@=~ (jsonb, userdir.userquery) IS 'document @@=~ query: as @@=; what the planner asks an index of class jsonb_query_paths_ops.';

CREATE OPERATOR CLASS userdir.jsonb_query_paths_ops FOR TYPE jsonb USING gin AS
  OPERATOR 1 userdir.@@~ (jsonb, userdir.userquery),
  OPERATOR 2 userdir.@@=~ (jsonb, userdir.userquery),
  FUNCTION 1 userdir._jsonb_gin_compare(bytea, bytea),
  FUNCTION 2 userdir._jsonb_gin_extract_value(jsonb, internal, internal),
  FUNCTION 3 userdir._jsonb_gin_extract_query(jsonb, internal, smallint, internal, internal, internal, internal),
  FUNCTION 5 userdir._jsonb_gin_compare_partial(bytea, bytea, smallint, internal),
  FUNCTION 6 userdir._jsonb_gin_triconsistent(internal, smallint, jsonb, integer, internal, internal, internal),
  FUNCTION 7 userdir._jsonb_gin_options(internal),
  STORAGE bytea;
COMMENT ON OPERATOR CLASS userdir.jsonb_query_paths_ops USING gin IS
'Indexes chosen paths of JSON documents for @@, with all that is below them: (paths = ''plan,stripe.customer'').';
COMMENT ON OPERATOR FAMILY userdir.jsonb_query_paths_ops USING gin IS
'Indexes chosen paths of JSON documents for @@, with all that is below them: (paths = ''plan,stripe.customer'').';
