-- Queries in databases of other encodings
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SET client_min_messages = warning;
DROP DATABASE IF EXISTS userdir_latin1;
DROP DATABASE IF EXISTS userdir_euc_jp;
DROP DATABASE IF EXISTS userdir_sql_ascii;
CREATE DATABASE userdir_latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0;
CREATE DATABASE userdir_euc_jp ENCODING 'EUC_JP' LOCALE 'C' TEMPLATE template0;
CREATE DATABASE userdir_sql_ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0;
SELECT current_database() AS home \gset

-- One byte a character: positions and "?" count them, \u gives those that there are.
\c userdir_latin1
SET client_encoding = 'UTF8';
CREATE EXTENSION userdir;
SET search_path = public, userdir;
SELECT 'straße:\u00fc'::userquery AS escape, octet_length('straße:\u00fc'::userquery::text) AS bytes, '{"straße": "ü"}'::jsonb @@ 'straße:?'::userquery AS one, '{"straße": "ü"}'::jsonb @@ 'straße:??'::userquery AS two, '{"straße": "Mühle"}'::jsonb @@ 'straße:M?hl*'::userquery AS pattern;
SELECT 'ä:ö AND )'::userquery;
SELECT 'a:\u20ac'::userquery;
SELECT 'a:\u3042'::userquery;
CREATE TABLE documents (document jsonb);
INSERT INTO documents SELECT jsonb_build_object('näme', 'wört' || i) FROM generate_series(1, 100) i;
CREATE INDEX ON documents USING gin (document jsonb_query_ops);
SET enable_seqscan = off;
SELECT count(*) FROM documents WHERE document @@ 'näme:wör?1*';
SELECT document FROM documents WHERE document @@ 'näme:"wört77"';

-- Several bytes a character, which do not synchronize.
\c userdir_euc_jp
SET client_encoding = 'UTF8';
CREATE EXTENSION userdir;
SET search_path = public, userdir;
SELECT '名前:\u3042'::userquery AS escape, '{"名前": "あ"}'::jsonb @@ '名前:?'::userquery AS one, '{"名前": "あ"}'::jsonb @@ '名前:??'::userquery AS two, '{"名前": "山田太郎"}'::jsonb @@ '名前:山*郎'::userquery AS pattern, '{"名前": "山田太郎"}'::jsonb @@ '名前:*田?郎'::userquery AS mixed;
-- Bytes that begin in the middle of a character are no match.
SELECT '{"a": "あい"}'::jsonb @@ ('a:*' || convert_from(substr(convert_to('あい', 'EUC_JP'), 3, 2), 'EUC_JP') || '*')::userquery AS second, convert_to('ア', 'EUC_JP') AS bytes, '{"a": "ヴァ"}'::jsonb @@ 'a:*ァ*'::userquery AS last;
SELECT count(*) FILTER (WHERE jsonb_build_object('a', a || b) @@ ('a:*' || c || '*')::userquery <> (c IN (a, b))) AS wrong
  FROM unnest('{あ,い,う,ア,イ,山,田,太,郎,亜,唖}'::text[]) a, unnest('{あ,い,う,ア,イ,山,田,太,郎,亜,唖}'::text[]) b, unnest('{あ,い,う,ア,イ,山,田,太,郎,亜,唖,宇,烏}'::text[]) c;
SELECT '名:前 AND )'::userquery;
SELECT 'a:\u00e9 b:\ud83d\ude00'::userquery;

-- No encoding at all.
\c userdir_sql_ascii
CREATE EXTENSION userdir;
SET search_path = public, userdir;
SELECT '{"a": "x"}'::jsonb @@ 'a:\u0078'::userquery AS ascii;
SELECT 'a:\u00e9'::userquery;
SELECT jsonb_build_object('a', convert_from('\xe9', 'SQL_ASCII')) @@ 'a:?'::userquery AS byte;

\c :home
DROP DATABASE userdir_latin1;
DROP DATABASE userdir_euc_jp;
DROP DATABASE userdir_sql_ascii;
