-- Type secret: what becomes one, and what can be done with it
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory

-- Literals, text and varchar become secrets by themselves, in every place where a function takes one.
SELECT 'hunter2'::userdir.secret AS literal, 'hunter2'::text::userdir.secret AS text, 'hunter2'::varchar(9)::userdir.secret AS varchar, userdir.secret('hunter2') AS call, NULL::userdir.secret AS null;
SELECT rtrim(encode(decode(md5('hunter2'), 'hex'), 'base64'), '=') AS md5 \gset
PREPARE untyped AS SELECT userdir._verify_password($1, '$digest-md5$$' || :'md5'); EXECUTE untyped('hunter2'); EXECUTE untyped('hunter3'); DEALLOCATE untyped;
PREPARE typed(text, varchar) AS SELECT userdir._verify_password($1, '$digest-md5$$' || :'md5') AS text, userdir._verify_password($2, '$digest-md5$$' || :'md5') AS varchar; EXECUTE typed('hunter2', 'hunter2'); DEALLOCATE typed;
SELECT userdir._verify_password(p, '$digest-md5$$' || :'md5') FROM (VALUES ('hunter2'), ('hunter3')) v (p);
SELECT userdir._verify_password(NULL, 'x') AS null_password, userdir._verify_password('x', NULL) AS null_hash, userdir._hash_password(NULL) AS null_hashed;

-- Whatever prints it prints this.
SELECT format('%s %L', 'hunter2'::userdir.secret, 'hunter2'::userdir.secret) AS format, to_jsonb('hunter2'::userdir.secret) AS jsonb, 'hunter2'::userdir.secret::text AS text, ROW('hunter2'::userdir.secret, 1)::text AS row, ARRAY['hunter2'::userdir.secret]::text AS array, quote_literal('hunter2'::userdir.secret) AS quoted, 'hunter2'::userdir.secret || '!' AS concatenated;
COPY (SELECT 'hunter2'::userdir.secret) TO STDOUT;
SELECT encode(userdir._secret_send('hunter2'), 'escape') AS binary;
EXPLAIN (VERBOSE, COSTS OFF) SELECT userdir._verify_password('hunter2', 'x'), userdir._verify_password('hunter2'::text, 'x'), userdir._verify_password('hunter2'::varchar, 'x');
SET plan_cache_mode = force_custom_plan;
PREPARE typed(text) AS SELECT userdir._verify_password($1, 'x');
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE typed('hunter2');
DEALLOCATE typed;
RESET plan_cache_mode;

-- What is in the datum is not the password, is never the same twice, and says little about the length.
CREATE TEMPORARY TABLE kept (p userdir.secret);
INSERT INTO kept VALUES ('hunter2'), ('hunter2'), (repeat('x', 50)), (repeat('x', 60));
SELECT pg_column_size(p) AS size, p FROM kept;
SELECT pg_relation_filepath('kept') AS path \gset
CHECKPOINT;
SELECT position('hunter2'::bytea IN pg_read_binary_file(:'path')) AS at_byte, position('xxxx'::bytea IN pg_read_binary_file(:'path')) AS x_at_byte;

-- It compares with nothing, sorts and groups by nothing, and indexes nothing.
SELECT pg_temp.try($$SELECT 'a'::userdir.secret = 'a'::userdir.secret$$);
SELECT pg_temp.try($$SELECT 'a'::userdir.secret = 'a'::text$$);
SELECT pg_temp.try($$SELECT DISTINCT p FROM kept$$);
SELECT pg_temp.try($$SELECT p FROM kept ORDER BY p$$);
SELECT pg_temp.try($$SELECT ARRAY[p] = ARRAY[p] FROM kept$$);
SELECT pg_temp.try($$SELECT ROW(p) = ROW(p) FROM kept$$);
SELECT pg_temp.try($$CREATE INDEX ON kept (p)$$);
SELECT pg_temp.try($$SELECT p::bytea FROM kept$$);
SELECT pg_temp.try($$SELECT p::text::userdir.secret FROM kept$$);
SELECT pg_temp.try($$SELECT '[redacted]'::userdir.secret$$);
-- Casts to it change nothing for text.
SELECT 'a'::text = 'a' AS equal, 'a' || 'b'::text AS both, coalesce('a'::varchar, 'b') AS first, pg_typeof(lower('A')) AS type;

-- One that was made in another session, here written as bytes, cannot be used.
CREATE TEMPORARY TABLE other (p bytea);
INSERT INTO other SELECT decode(repeat('00', n), 'hex') FROM unnest('{0,1,39,40,43,44,104,200}'::int[]) n;
CREATE CAST (bytea AS userdir.secret) WITHOUT FUNCTION;
SELECT length(p), pg_temp.try(format('SELECT userdir._verify_password(%L::bytea::userdir.secret, ''$digest-md5$$%s'')', p, :'md5')) FROM other;
DROP CAST (bytea AS userdir.secret);

-- Limits: bytes of UTF-8, before and after normalization.
SELECT userdir._verify_password(repeat('x', 4096), '$digest-md5$$' || rtrim(encode(decode(md5(repeat('x', 4096)), 'hex'), 'base64'), '=')) AS longest;
SELECT pg_temp.try(format('SELECT %L::userdir.secret', repeat('x', 131073)));
SELECT pg_temp.try('SELECT repeat(''x'', 131072)::userdir.secret'), pg_temp.try('SELECT repeat(''x'', 131073)::userdir.secret');
SELECT pg_temp.try('SELECT userdir._hash_password(repeat(''x'', 4097))');
SELECT pg_temp.try('SELECT repeat(''x'', 1000000)::userdir.secret');
SELECT pg_temp.try('SELECT userdir._hash_password(repeat(''x'', 1000000))');
SELECT pg_temp.try('SELECT repeat(''é'', 65536)::userdir.secret'), pg_temp.try('SELECT repeat(''é'', 65537)::userdir.secret');
-- U+FDFA is three bytes, and 33 after NFKC.
SELECT pg_temp.try('SELECT repeat(chr(65018), 3971)::userdir.secret'), pg_temp.try('SELECT repeat(chr(65018), 3972)::userdir.secret');
SELECT pg_temp.try('SELECT ''''::userdir.secret') AS empty;

-- NFKC: what looks the same is the same.
CREATE TEMPORARY TABLE forms (name text, a text, b text, same boolean);
INSERT INTO forms VALUES ('é, composed and not', U&'caf\00e9', U&'cafe\0301', true), ('Å, ångström', U&'\00c5', U&'\212b', true), ('full width', U&'\ff30\ff57', 'Pw', true), ('ligature', U&'\fb01sh', 'fish', true),
  ('Hangul', U&'\d55c', U&'\1112\1161\11ab', true), ('no-break space', U&'a\00a0b', 'a b', true), ('emoji', U&'\+01f511', U&'\+01f511', true), ('emoji with and without variation', U&'\2764\fe0f', U&'\2764', false),
  ('upper case', 'A', 'a', false), ('sharp s', U&'\00df', 'ss', false), ('order of marks', U&'a\0323\0301', U&'a\0301\0323', true), ('a space', 'a', 'a ', false), ('control characters', E'a\tb', E'a b', false);
SET userdir.password_memory = '7MB';
SELECT name, userdir._verify_password(b, userdir._hash_password(a)) AS same, userdir._verify_password(b, userdir._hash_password(a)) = same AND userdir._verify_password(a, userdir._hash_password(b)) = same AS as_expected FROM forms;
-- The bytes are those of UTF-8: computed by the reference implementation's command line over "café".
SELECT userdir._verify_password(U&'cafe\0301', '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$YI1vSnczX5BlTwHUw5+XmVvjLZ2k/cHO9MdRB34dvvQ') AS cafe;

-- A secret literal in what is stored is of no use in another session, and shows nothing.
CREATE VIEW with_secret AS SELECT userdir._verify_password('hunter2', '$digest-md5$$' || :'md5') AS v;
SELECT v FROM with_secret;
SELECT pg_get_viewdef('with_secret');
\c
SELECT v FROM with_secret;
DROP VIEW with_secret;
