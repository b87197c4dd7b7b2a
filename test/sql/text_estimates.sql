-- Estimates of operator =*, and who may have them from statistics
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory

CREATE TABLE text_names AS
SELECT i AS id, substr(md5(i::text), 1, 12) || CASE WHEN i % 10 = 0 THEN '@Example.com' ELSE '@mail' || i % 500 || '.test' END AS email, 'Name ' || md5((i % 4000)::text) AS name FROM generate_series(1, 20000) i;
CREATE INDEX text_names_idx ON text_names USING gin (userdir.fold_case(email) userdir.text_wildcard_ops, userdir.fold_case(name) userdir.text_wildcard_ops) WITH (gin_pending_list_limit = 256);
VACUUM ANALYZE text_names;

-- Row security keeps the operator from the index, as it does with every operator that is not leakproof; the result is right.
CREATE ROLE ud_text_reader;
GRANT USAGE ON SCHEMA userdir TO ud_text_reader;
GRANT EXECUTE ON FUNCTION userdir.fold_case(text), userdir.matches_wildcard(text, text) TO ud_text_reader;
GRANT SELECT ON text_names TO ud_text_reader;
ALTER TABLE text_names ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenths ON text_names USING (id % 10 = 0);
CREATE FUNCTION pg_temp.estimate(statement text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) ' || statement INTO plan;
  RETURN (plan -> 0 -> 'Plan' ->> 'Plan Rows')::bigint;
END $$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_temp TO ud_text_reader;
SELECT pg_temp.estimate($$SELECT * FROM text_names WHERE userdir.fold_case(email) OPERATOR(userdir.=*) '*@example.com'$$) BETWEEN 1000 AND 4000 AS owner_sees_statistics;
SET ROLE ud_text_reader;
SELECT count(*) FROM text_names WHERE userdir.fold_case(email) OPERATOR(userdir.=*) '*@example.com';
SELECT pg_temp.estimate($$SELECT * FROM text_names WHERE userdir.fold_case(email) OPERATOR(userdir.=*) '*@example.com'$$) < 100 AS others_do_not;
RESET ROLE;
ALTER TABLE text_names DISABLE ROW LEVEL SECURITY;
DROP POLICY tenths ON text_names;

-- Estimates on skewed data: the number of rows within a factor, never none.
CREATE TABLE text_skewed AS
SELECT CASE WHEN i % 2 = 0 THEN 'gmail' WHEN i % 5 = 0 THEN 'outlook' WHEN i % 11 = 0 THEN NULL ELSE 'host-' || md5(i::text) END AS domain, (CASE WHEN i % 3 = 0 THEN 'Frequent' ELSE md5(i::text) END)::varchar(40) AS label
  FROM generate_series(1, 20000) i;
CREATE INDEX ON text_skewed USING gin (userdir.fold_case(label) userdir.text_wildcard_ops);
CREATE INDEX ON text_skewed USING gin (label userdir.text_wildcard_ops);
ANALYZE text_skewed;
CREATE FUNCTION pg_temp.guess(condition text, OUT estimated bigint, OUT actual bigint, OUT within_factor numeric) LANGUAGE plpgsql AS $$
BEGIN
  estimated := pg_temp.estimate('SELECT * FROM text_skewed WHERE ' || condition);
  EXECUTE 'SELECT count(*) FROM text_skewed WHERE ' || condition INTO actual;
  within_factor := round(greatest(estimated, actual, 1)::numeric / greatest(least(estimated, actual), 1), 1);
END $$;
SELECT condition, within_factor <= factor AS good, CASE WHEN within_factor > factor THEN g.estimated || ' for ' || g.actual END AS bad
  FROM (VALUES ('domain OPERATOR(userdir.=*) ''gma*''', 1.1), ('domain OPERATOR(userdir.=*) ''*look''', 1.2), ('domain OPERATOR(userdir.=*) ''gmail''', 1.1), ('domain OPERATOR(userdir.=*) ''*o*''', 1.2), ('domain OPERATOR(userdir.=*) ''*''', 1.1),
               ('domain OPERATOR(userdir.=*) ''host-a*''', 1.5), ('domain OPERATOR(userdir.=*) ''host-ab*''', 3), ('domain OPERATOR(userdir.=*) ''host-abc*''', 10), ('domain OPERATOR(userdir.=*) ''*-*''', 1.2), ('domain OPERATOR(userdir.=*) ''*zzz*''', 20), ('domain OPERATOR(userdir.=*) ''zz*''', 3),
               ('domain OPERATOR(userdir.=*) ''host-????????????????????????????????''', 1.2), ('domain OPERATOR(userdir.=*) ''*abc*''', 3), ('domain OPERATOR(userdir.=*) ''*abcd*''', 8), ('domain OPERATOR(userdir.=*) ''nothing''', 3), ('domain OPERATOR(userdir.=*) NULL', 1),
               ('userdir.fold_case(label) OPERATOR(userdir.=*) ''frequ*''', 1.1), ('userdir.fold_case(label) OPERATOR(userdir.=*) ''Frequ*''', 10), ('label OPERATOR(userdir.=*) ''*uent''', 1.1), ('label OPERATOR(userdir.=*) ''*7a*''', 2), ('NOT label OPERATOR(userdir.=*) ''*uent''', 1.1),
               ('label || ''x'' OPERATOR(userdir.=*) ''*uent*''', 10000)) c (condition, factor), LATERAL pg_temp.guess(condition) g;
-- A broken pattern is no matter for the planner.
EXPLAIN (COSTS OFF) SELECT * FROM text_skewed WHERE domain OPERATOR(userdir.=*) 'a\';

DROP TABLE text_names, text_skewed;
DROP OWNED BY ud_text_reader;
DROP ROLE ud_text_reader;
