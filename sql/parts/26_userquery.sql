-- The type of a query of the search language, and queries made of queries.

CREATE TYPE userdir.userquery;

CREATE FUNCTION userdir.userquery_in(cstring) RETURNS userdir.userquery
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_userquery_in';
COMMENT ON FUNCTION userdir.userquery_in(cstring) IS
'Reads a query; input of type userquery.

Errors: UD020 for what is no query, with the position, UD021 for a feature that is not supported, 54000 beyond the limits that the settings userdir.query_max_size, query_max_nodes, query_max_depth and query_max_wildcards allow.';

CREATE FUNCTION userdir.userquery_out(userdir.userquery) RETURNS cstring
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_userquery_out';
COMMENT ON FUNCTION userdir.userquery_out(userdir.userquery) IS
'Returns the canonical text of a query; output of type userquery.';

CREATE FUNCTION userdir.userquery_recv(internal) RETURNS userdir.userquery
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_userquery_recv';
COMMENT ON FUNCTION userdir.userquery_recv(internal) IS
'Reads a query from the binary protocol, where it is text too; errors as in userquery_in().';

CREATE FUNCTION userdir.userquery_send(userdir.userquery) RETURNS bytea
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_userquery_send';
COMMENT ON FUNCTION userdir.userquery_send(userdir.userquery) IS
'Returns the canonical text of a query for the binary protocol.';

-- The category lets a literal beside "jsonb @@" be a query and not a jsonpath, if both can be meant.
CREATE TYPE userdir.userquery (
  INPUT = userdir.userquery_in,
  OUTPUT = userdir.userquery_out,
  RECEIVE = userdir.userquery_recv,
  SEND = userdir.userquery_send,
  INTERNALLENGTH = VARIABLE,
  STORAGE = extended,
  CATEGORY = 'S'
);
COMMENT ON TYPE userdir.userquery IS
'A query of the search language.

Its text form is canonical: AND, OR and NOT as words, comparisons as ranges, no more escapes than needed. Two queries are equal when they have the same conditions in the same order.';

-- A text that is known to be a query can be assigned; it never turns into one by itself.
CREATE FUNCTION userdir.userquery(text) RETURNS userdir.userquery
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_userquery_from_text';
COMMENT ON FUNCTION userdir.userquery(text) IS
'Reads a query; errors as in userquery_in().';

CREATE CAST (text AS userdir.userquery) WITH FUNCTION userdir.userquery(text) AS ASSIGNMENT;
CREATE CAST (varchar AS userdir.userquery) WITH FUNCTION userdir.userquery(text) AS ASSIGNMENT;
CREATE CAST (userdir.userquery AS text) WITHOUT FUNCTION AS ASSIGNMENT;
COMMENT ON CAST (text AS userdir.userquery) IS 'Reads a query; explicit, or in an assignment.';
COMMENT ON CAST (varchar AS userdir.userquery) IS 'Reads a query; explicit, or in an assignment.';
COMMENT ON CAST (userdir.userquery AS text) IS 'The canonical text; explicit, or in an assignment.';

CREATE FUNCTION userdir.userquery_eq(userdir.userquery, userdir.userquery) RETURNS boolean
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_userquery_eq';
COMMENT ON FUNCTION userdir.userquery_eq(userdir.userquery, userdir.userquery) IS
'Returns whether two queries have the same conditions in the same order; implementation of =.';

CREATE FUNCTION userdir.userquery_ne(userdir.userquery, userdir.userquery) RETURNS boolean
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_userquery_ne';
COMMENT ON FUNCTION userdir.userquery_ne(userdir.userquery, userdir.userquery) IS
'Returns whether two queries differ; implementation of <>.';

CREATE FUNCTION userdir.userquery_lt(userdir.userquery, userdir.userquery) RETURNS boolean
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_userquery_lt';
COMMENT ON FUNCTION userdir.userquery_lt(userdir.userquery, userdir.userquery) IS
'Returns whether the first query sorts before the second; implementation of <.';

CREATE FUNCTION userdir.userquery_le(userdir.userquery, userdir.userquery) RETURNS boolean
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_userquery_le';
COMMENT ON FUNCTION userdir.userquery_le(userdir.userquery, userdir.userquery) IS
'Returns whether the first query sorts not behind the second; implementation of <=.';

CREATE FUNCTION userdir.userquery_gt(userdir.userquery, userdir.userquery) RETURNS boolean
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_userquery_gt';
COMMENT ON FUNCTION userdir.userquery_gt(userdir.userquery, userdir.userquery) IS
'Returns whether the first query sorts behind the second; implementation of >.';

CREATE FUNCTION userdir.userquery_ge(userdir.userquery, userdir.userquery) RETURNS boolean
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_userquery_ge';
COMMENT ON FUNCTION userdir.userquery_ge(userdir.userquery, userdir.userquery) IS
'Returns whether the first query sorts not before the second; implementation of >=.';

CREATE FUNCTION userdir.userquery_cmp(userdir.userquery, userdir.userquery) RETURNS integer
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_userquery_cmp';
COMMENT ON FUNCTION userdir.userquery_cmp(userdir.userquery, userdir.userquery) IS
'Orders two queries by the bytes of their canonical texts: negative, zero or positive.';

CREATE FUNCTION userdir.userquery_hash(userdir.userquery) RETURNS integer
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_userquery_hash';
COMMENT ON FUNCTION userdir.userquery_hash(userdir.userquery) IS
'Returns a hash of a query, for hash joins, DISTINCT and GROUP BY.';

CREATE FUNCTION userdir.userquery_hash_extended(userdir.userquery, bigint) RETURNS bigint
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_userquery_hash_extended';
COMMENT ON FUNCTION userdir.userquery_hash_extended(userdir.userquery, bigint) IS
'Returns a hash of a query with a seed, for hash partitions.';

CREATE OPERATOR userdir.= (
  LEFTARG = userdir.userquery, RIGHTARG = userdir.userquery, FUNCTION = userdir.userquery_eq,
  COMMUTATOR = OPERATOR(userdir.=), NEGATOR = OPERATOR(userdir.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR userdir.= (userdir.userquery, userdir.userquery) IS 'query = query: the same conditions in the same order.';

CREATE OPERATOR userdir.<> (
  LEFTARG = userdir.userquery, RIGHTARG = userdir.userquery, FUNCTION = userdir.userquery_ne,
  COMMUTATOR = OPERATOR(userdir.<>), NEGATOR = OPERATOR(userdir.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR userdir.<> (userdir.userquery, userdir.userquery) IS 'query <> query: not the same conditions in the same order.';

CREATE OPERATOR userdir.< (
  LEFTARG = userdir.userquery, RIGHTARG = userdir.userquery, FUNCTION = userdir.userquery_lt,
  COMMUTATOR = OPERATOR(userdir.>), NEGATOR = OPERATOR(userdir.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR userdir.< (userdir.userquery, userdir.userquery) IS 'query < query: sorts before, by the canonical texts.';

CREATE OPERATOR userdir.<= (
  LEFTARG = userdir.userquery, RIGHTARG = userdir.userquery, FUNCTION = userdir.userquery_le,
  COMMUTATOR = OPERATOR(userdir.>=), NEGATOR = OPERATOR(userdir.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR userdir.<= (userdir.userquery, userdir.userquery) IS 'query <= query: sorts before, or is equal, by the canonical texts.';

CREATE OPERATOR userdir.> (
  LEFTARG = userdir.userquery, RIGHTARG = userdir.userquery, FUNCTION = userdir.userquery_gt,
  COMMUTATOR = OPERATOR(userdir.<), NEGATOR = OPERATOR(userdir.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR userdir.> (userdir.userquery, userdir.userquery) IS 'query > query: sorts behind, by the canonical texts.';

CREATE OPERATOR userdir.>= (
  LEFTARG = userdir.userquery, RIGHTARG = userdir.userquery, FUNCTION = userdir.userquery_ge,
  COMMUTATOR = OPERATOR(userdir.<=), NEGATOR = OPERATOR(userdir.<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR userdir.>= (userdir.userquery, userdir.userquery) IS 'query >= query: sorts behind, or is equal, by the canonical texts.';

CREATE OPERATOR CLASS userdir.userquery_hash_ops DEFAULT FOR TYPE userdir.userquery USING hash AS
  OPERATOR 1 userdir.=,
  FUNCTION 1 userdir.userquery_hash(userdir.userquery),
  FUNCTION 2 userdir.userquery_hash_extended(userdir.userquery, bigint);
COMMENT ON OPERATOR CLASS userdir.userquery_hash_ops USING hash IS 'Hashing of queries, for hash joins, DISTINCT and GROUP BY.';
COMMENT ON OPERATOR FAMILY userdir.userquery_hash_ops USING hash IS 'Hashing of queries, for hash joins, DISTINCT and GROUP BY.';

CREATE OPERATOR CLASS userdir.userquery_ops DEFAULT FOR TYPE userdir.userquery USING btree AS
  OPERATOR 1 userdir.<,
  OPERATOR 2 userdir.<=,
  OPERATOR 3 userdir.=,
  OPERATOR 4 userdir.>=,
  OPERATOR 5 userdir.>,
  FUNCTION 1 userdir.userquery_cmp(userdir.userquery, userdir.userquery);
COMMENT ON OPERATOR CLASS userdir.userquery_ops USING btree IS 'Order of queries by their canonical texts, for sorting and unique indexes.';
COMMENT ON OPERATOR FAMILY userdir.userquery_ops USING btree IS 'Order of queries by their canonical texts, for sorting and unique indexes.';

CREATE FUNCTION userdir.userquery_and(userdir.userquery, userdir.userquery) RETURNS userdir.userquery
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_userquery_and';
COMMENT ON FUNCTION userdir.userquery_and(userdir.userquery, userdir.userquery) IS
'Returns the query for what both queries find; implementation of &&.

Errors: 54000 when the result is beyond the limits of a query.';

CREATE FUNCTION userdir.userquery_or(userdir.userquery, userdir.userquery) RETURNS userdir.userquery
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_userquery_or';
COMMENT ON FUNCTION userdir.userquery_or(userdir.userquery, userdir.userquery) IS
'Returns the query for what either query finds; implementation of ||.

Errors: 54000 when the result is beyond the limits of a query.';

CREATE FUNCTION userdir.userquery_not(userdir.userquery) RETURNS userdir.userquery
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_userquery_not';
COMMENT ON FUNCTION userdir.userquery_not(userdir.userquery) IS
'Returns the query for what a query does not find; implementation of !!.

Errors: 54000 when the result is beyond the limits of a query.';

CREATE OPERATOR userdir.&& (
  LEFTARG = userdir.userquery, RIGHTARG = userdir.userquery, FUNCTION = userdir.userquery_and
);
COMMENT ON OPERATOR userdir.&& (userdir.userquery, userdir.userquery) IS 'query && query: what both find.';

CREATE OPERATOR userdir.|| (
  LEFTARG = userdir.userquery, RIGHTARG = userdir.userquery, FUNCTION = userdir.userquery_or
);
COMMENT ON OPERATOR userdir.|| (userdir.userquery, userdir.userquery) IS 'query || query: what either finds.';

CREATE OPERATOR userdir.!! (RIGHTARG = userdir.userquery, FUNCTION = userdir.userquery_not);
COMMENT ON OPERATOR userdir.!! (NONE, userdir.userquery) IS '!! query: what the query does not find.';
