-- Fills a directory with users that look like people of several countries. The same count gives the
-- same users, whenever and wherever it runs; only their statistics of storage differ.
--
-- usage: psql -v count=100000 -f test/bench/generate_users.sql
--
-- What the benchmarks count on: plan is free for 60 %, gold for 30 % and silver for 10 % of the
-- users; the language is Polish for 5 %, the role admin for 2 %, beta for 1 %, vat exists for 0.2 %;
-- an organization has 50 users; stripe.customer is unique; quota is even from 0 to 999999.
\set ON_ERROR_STOP on

SET client_min_messages = warning;
SET search_path = pg_catalog, pg_temp;

CREATE SCHEMA IF NOT EXISTS bench;

-- A number from 0 to below_ - 1 that depends on the user and on what it is for.
CREATE OR REPLACE FUNCTION bench.draw(i bigint, what integer, below_ bigint) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT (hashint8extended(i, what) & 9223372036854775807) % below_ $$;

CREATE OR REPLACE FUNCTION bench.pick(i bigint, what integer, choices text[]) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT choices[1 + bench.draw(i, what, cardinality(choices))] $$;

DROP TABLE IF EXISTS bench.locales;
CREATE TABLE bench.locales (place integer PRIMARY KEY, lang text, given text[], family text[], cities text[], domains text[]);
INSERT INTO bench.locales VALUES
  (0, 'en', '{Olivia,Amelia,Jack,Harry,Charlotte,Noah,Grace,Oscar,Ella,Theo,Christopher,Alexandra,Martha,Edward}',
      '{Smith,Jones,Taylor,Brown,Williams,Wilson,Johnson,Davies,Robinson,Wright,Thompson,Evans,Walker,Whitfield}',
      '{London,Leeds,Bristol,Dublin,Glasgow}', '{mail.example,post.example}'),
  (1, 'de', '{Hannah,Mia,Jörg,Jürgen,Käthe,Lukas,Anneliese,Maximilian,Sören,Bärbel,Friederike,Günther}',
      '{Müller,Schmidt,Schneider,Fischer,Weber,Meyer,Wagner,Schäfer,Großmann,Krüger,Zimmermann,Böhm}',
      '{Berlin,München,Köln,Wien,Zürich}', '{brief.example,mail.example}'),
  (2, 'fr', '{Chloé,Léa,Hugo,Zoé,Gaël,Françoise,Jérôme,Mathéo,Inès,Noémie,Élodie,Baptiste}',
      '{Martin,Bernard,Dubois,Thomas,Lefèvre,Moreau,Garçon,Bénard,Rousseau,Lemaître,Fontaine,Marchand}',
      '{Paris,Lyon,Nantes,Bruxelles,Genève}', '{courrier.example,mail.example}'),
  (3, 'es', '{Lucía,Martín,Sofía,Hugo,Íñigo,Begoña,Raúl,Ángela,Joaquín,Ximena,Mateo,Valentina}',
      '{García,Martínez,López,Sánchez,Pérez,Gómez,Ibáñez,Núñez,Marín,Muñoz,Ordóñez,Castillo}',
      '{Madrid,Sevilla,Bogotá,Lima,Córdoba}', '{correo.example,mail.example}'),
  (4, 'pl', '{Zuzanna,Łukasz,Małgorzata,Paweł,Agnieszka,Wojciech,Jędrzej,Świętosława,Bożena,Michał}',
      '{Nowak,Kowalski,Wiśniewska,Wójcik,Kamiński,Lewandowska,Zieliński,Woźniak,Dąbrowska,Mazur}',
      '{Warszawa,Kraków,Łódź,Gdańsk,Poznań}', '{poczta.example,mail.example}'),
  (5, 'tr', '{Ayşe,İsmail,Işıl,Mehmet,Çağla,Gülşah,Ömer,Yiğit,Şebnem,Umut}',
      '{Yılmaz,Kaya,Demir,Şahin,Çelik,Yıldız,Öztürk,Aydın,Işık,Güneş}',
      '{İstanbul,Ankara,İzmir,Diyarbakır,Bursa}', '{posta.example,mail.example}'),
  (6, 'ru', '{Анна,Иван,Мария,Алексей,Ольга,Дмитрий,Наталья,Сергей,Екатерина,Павел}',
      '{Иванов,Смирнова,Кузнецов,Попова,Васильев,Петрова,Соколов,Михайлова,Новиков,Фёдорова}',
      '{Москва,Казань,Самара,Томск,Пермь}', '{pochta.example,mail.example}'),
  (7, 'ja', '{陽菜,蓮,結衣,大和,美咲,翔太,葵,健一,さくら,直樹}',
      '{佐藤,鈴木,高橋,田中,伊藤,渡辺,山本,中村,小林,加藤}',
      '{東京,大阪,京都,札幌,福岡}', '{yubin.example,mail.example}');

-- A few names that only a few users have, so that an infix can be rare.
CREATE OR REPLACE FUNCTION bench.family(i bigint, families text[]) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT CASE WHEN bench.draw(i, 41, 2000) = 0 THEN 'Fortescue-' ELSE '' END || bench.pick(i, 42, families)
$$;

SET session_replication_role = replica;

INSERT INTO userdir.connections (id, name, strategy)
SELECT 'con_bench0000000000' || n, name, strategy
  FROM (VALUES (0, 'customers', 'auth0'), (1, 'google-oauth2', 'google-oauth2'), (2, 'acme-saml', 'samlp')) c (n, name, strategy)
ON CONFLICT DO NOTHING;

CREATE TEMP TABLE people ON COMMIT PRESERVE ROWS AS
SELECT i, l.lang, n.given, n.family,
       CASE WHEN bench.draw(i, 1, 100) < 70 THEN 0 WHEN bench.draw(i, 1, 100) < 90 THEN 1 ELSE 2 END AS source,
       lpad(to_hex(1577836800 + i * 97), 8, '0') || substr(md5(i::text), 1, 16) AS id,
       lower(translate(CASE WHEN l.lang IN ('ru', 'ja') THEN 'user' ELSE n.given || '.' || n.family END COLLATE "C",
                       'öäüßéèêçàáíóúñąęłńśźżćĞğİıŞşÖÜÇÉÁÍÓÚŁŚŻŹÑ ', 'oausseeecaaiounaelnszzcggiissouceaioulszzn')) || i
         || '@' || CASE WHEN bench.draw(i, 2, 100) < 40 THEN 'gmail.example'
                        WHEN bench.draw(i, 2, 100) < 70 THEN bench.pick(i, 3, l.domains)
                        ELSE 'company' || bench.draw(i, 4, greatest(:count / 50, 1)) || '.example' END AS email
  FROM generate_series(1::bigint, :count) i
  JOIN bench.locales l ON l.place = CASE WHEN bench.draw(i, 5, 100) < 5 THEN 4
                                         ELSE (ARRAY[0, 0, 0, 1, 1, 2, 3, 5, 6, 7])[1 + bench.draw(i, 6, 10)] END,
       LATERAL (SELECT bench.pick(i, 7, l.given) AS given, bench.family(i, l.family) AS family) n;

INSERT INTO userdir.users (user_id, email, email_verified, name, given_name, family_name, nickname, picture, blocked, identities,
                           user_metadata, app_metadata, created_at, updated_at)
SELECT (ARRAY['auth0|', 'google-oauth2|', 'samlp|acme-saml|'])[source + 1] || id, email, bench.draw(i, 8, 10) < 8, given || ' ' || family, given, family,
       split_part(email, '@', 1), 'https://pictures.example/' || id || '.png', CASE WHEN bench.draw(i, 9, 200) = 0 THEN true END,
       jsonb_build_array(jsonb_build_object(
         'connection', (ARRAY['customers', 'google-oauth2', 'acme-saml'])[source + 1], 'provider', (ARRAY['auth0', 'google-oauth2', 'samlp'])[source + 1],
         'user_id', CASE source WHEN 2 THEN 'acme-saml|' ELSE '' END || id, 'isSocial', source = 1)),
       jsonb_build_object(
         'lang', lang, 'company', bench.pick(i, 10, '{Harbour,Northwind,Meridian,Bluebird,Quarry,Lantern,Juniper,Cobalt}') || ' ' || bench.draw(i, 11, greatest(:count / 200, 1)),
         'ui', jsonb_build_object('size', 10 + bench.draw(i, 12, 12), 'theme', bench.pick(i, 13, '{dark,light}')),
         'joined', to_char(timestamp '2015-01-01' + bench.draw(i, 14, 4000) * interval '1 day', 'YYYY-MM-DD'),
         'places', (SELECT jsonb_agg(jsonb_build_object('city', city, 'home', n = 1)) FROM unnest((SELECT ARRAY[bench.pick(i, 15, cities), bench.pick(i, 16, cities)] FROM bench.locales x WHERE x.lang = people.lang)) WITH ORDINALITY c (city, n)),
         'tags', (SELECT jsonb_agg(bench.pick(i, 17 + n, '{news,offers,beta,sport,music,travel,food,books}')) FROM generate_series(0, bench.draw(i, 25, 3)::integer) n))
       || CASE WHEN bench.draw(i, 26, 500) = 0 THEN jsonb_build_object('vat', 'EU' || (100000000 + i)) ELSE '{}' END,
       jsonb_build_object(
         'plan', CASE WHEN bench.draw(i, 27, 10) < 6 THEN 'free' WHEN bench.draw(i, 27, 10) < 9 THEN 'gold' ELSE 'silver' END,
         'org_id', 'org_' || bench.draw(i, 28, greatest(:count / 50, 1)), 'role', CASE WHEN bench.draw(i, 29, 50) = 0 THEN 'admin' ELSE 'user' END,
         'quota', bench.draw(i, 30, 1000000), 'stripe', jsonb_build_object('customer', 'cus_' || md5('s' || i)))
       || CASE WHEN bench.draw(i, 31, 100) = 0 THEN '{"beta": true}'::jsonb ELSE '{}' END,
       timestamptz '2020-01-01 00:00:00Z' + i * interval '97 seconds', timestamptz '2020-01-01 00:00:00Z' + i * interval '97 seconds' + bench.draw(i, 32, 9000) * interval '1 hour'
  FROM people;

INSERT INTO userdir.identities (user_id, provider, provider_user_id, connection, is_primary, is_social)
SELECT u.user_id, u.identities #>> '{0,provider}', u.identities #>> '{0,user_id}', u.identities #>> '{0,connection}', true, u.identities #>> '{0,isSocial}' = 'true'
  FROM userdir.users u;

INSERT INTO userdir.identifiers (value, kind, connection, user_id, provider, provider_user_id)
SELECT u.user_id, 'identity', '', u.user_id, u.identities #>> '{0,provider}', u.identities #>> '{0,user_id}' FROM userdir.users u
UNION ALL
SELECT u.email, 'email', 'customers', u.user_id, 'auth0', u.identities #>> '{0,user_id}' FROM userdir.users u WHERE u.identities #>> '{0,provider}' = 'auth0'
ON CONFLICT DO NOTHING;

-- One in eight never logged in.
INSERT INTO userdir.user_logins (user_id, last_login, last_ip, logins_count)
SELECT u.user_id, u.updated_at, ('10.' || bench.draw(n, 33, 256) || '.' || bench.draw(n, 34, 256) || '.' || bench.draw(n, 35, 256))::inet, 1 + bench.draw(n, 36, 60)
  FROM (SELECT user_id, updated_at, hashtextextended(user_id, 0) AS n FROM userdir.users) u
 WHERE bench.draw(n, 37, 8) > 0;

RESET session_replication_role;
VACUUM (ANALYZE) userdir.users, userdir.identities, userdir.identifiers, userdir.user_logins;
