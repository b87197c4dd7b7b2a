-- Queries on rows: an operator that the planner turns into conditions on the columns.

CREATE FUNCTION userdir.email_domain(address text) RETURNS text
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_email_domain';
COMMENT ON FUNCTION userdir.email_domain(text) IS
'Returns the part of an e-mail address behind its last @, its case folded as by fold_case(): what the query field email.domain stands for.

address: any text.
Result: null when there is no @.';

CREATE FUNCTION userdir._record_matches_support(internal) RETURNS internal
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__record_matches_support';
COMMENT ON FUNCTION userdir._record_matches_support(internal) IS
'Turns record_matches() with a known query into conditions on the columns of the row; planner support function.';

-- STABLE, not IMMUTABLE: columns of some types are compared as text, which depends on settings.
CREATE FUNCTION userdir.record_matches(value record, query userdir.userquery) RETURNS boolean
  LANGUAGE c STABLE PARALLEL SAFE COST 50
  SUPPORT userdir._record_matches_support
  AS 'MODULE_PATHNAME', 'userdir_record_matches';
COMMENT ON FUNCTION userdir.record_matches(record, userdir.userquery) IS
'Returns whether a row matches a query; implementation of @@. A query that is known when the statement is planned becomes conditions on the columns, which indexes serve.

value: a row of any table, view, function or subquery; a null row is a row of nulls. query: its fields are the columns, paths below jsonb columns, and email.domain where there is a column email.
Result: true or false; null for a null query only.
Errors: UD022 for a field that the row does not have, UD023 for a value that does not fit the type of its field.';

CREATE FUNCTION userdir._record_matches_cost(internal) RETURNS internal
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__record_matches_cost';
COMMENT ON FUNCTION userdir._record_matches_cost(internal) IS
'Tells the planner what calls of _record_matches() cost, which depends on the size of the query; planner support function.';

CREATE FUNCTION userdir._record_matches(value record, query userdir.userquery) RETURNS boolean
  LANGUAGE c STABLE PARALLEL SAFE COST 50
  SUPPORT userdir._record_matches_cost
  AS 'MODULE_PATHNAME', 'userdir_record_matches';
COMMENT ON FUNCTION userdir._record_matches(record, userdir.userquery) IS
'Does what record_matches() does, always in memory: what a part of a query becomes that has no condition of its own.';

CREATE OPERATOR userdir.@@ (
  LEFTARG = record, RIGHTARG = userdir.userquery, FUNCTION = userdir.record_matches,
  RESTRICT = matchingsel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR userdir.@@ (record, userdir.userquery) IS 'row @@ query: the row matches; see record_matches().';

CREATE FUNCTION userdir.search_condition(relation regclass, query userdir.userquery, alias text DEFAULT NULL) RETURNS text
  LANGUAGE c STABLE PARALLEL SAFE COST 100
  SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO' SET extra_float_digits = 1
  AS 'MODULE_PATHNAME', 'userdir_search_condition';
COMMENT ON FUNCTION userdir.search_condition(regclass, userdir.userquery, text) IS
'Returns the SQL condition that a query is on the rows of a table or view, for statements that are put together elsewhere.

relation: the table or view. query: the query. alias: what qualifies the columns; null for no qualification.
Result: an expression for a WHERE clause, in which every name of ours is qualified. It may be null instead of false.
Errors: UD022 and UD023 as record_matches().';
