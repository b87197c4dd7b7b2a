-- Signing keys: their life, what is imported and refused, what is published, the root key
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\set jwt_vectors :abs_srcdir '/jwt_vectors.sql'
\i :fresh_directory
\set ECHO none
\i :jwt_vectors
\set ECHO all
-- Keys by what they were called when they came.
CREATE TEMPORARY TABLE called (name text PRIMARY KEY, kid text);
CREATE FUNCTION pg_temp.call_it(name text, key jsonb) RETURNS text LANGUAGE sql AS $$ INSERT INTO called SELECT name, key ->> 'kid' RETURNING name $$;
CREATE FUNCTION pg_temp.states() RETURNS TABLE (name text, alg text, state text, times text, sealed boolean) LANGUAGE sql AS $$
  SELECT coalesce(c.name, '(new)'), k.alg, k.state, concat_ws(',', CASE WHEN k.current_since IS NOT NULL THEN 'current' END, CASE WHEN k.previous_since IS NOT NULL THEN 'previous' END, CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' END), k.sealed IS NOT NULL
    FROM userdir.signing_keys k LEFT JOIN called c USING (kid) ORDER BY 2, array_position('{current,next,previous,revoked,external}', k.state), 1 $$;

SELECT pg_temp.try($$SELECT userdir.sign_jwt('{}')$$);
SELECT pg_temp.try($$SELECT userdir.rotate_signing_keys()$$);
SELECT userdir.jwks();

-- Current, next, previous, revoked.
SELECT pg_temp.call_it('a', userdir.create_signing_key('ES256'));
SELECT userdir.sign_jwt('{"n": 1}', 'ES256') AS by_a \gset
SELECT pg_temp.call_it('b', userdir.create_signing_key('ES256'));
SELECT replace(pg_temp.try($$SELECT userdir.create_signing_key('ES256')$$), '''ES256''', 'ES256');
SELECT * FROM pg_temp.states();
SELECT userdir.rotate_signing_keys('ES256') ->> 'kid' AS current \gset
SELECT name AS current FROM called WHERE kid = :'current';
SELECT * FROM pg_temp.states();
SELECT userdir.sign_jwt('{"n": 2}', 'ES256') AS by_b \gset
SELECT userdir.verify_jwt(:'by_a') AS by_a, userdir.verify_jwt(:'by_b') AS by_b;
SELECT (SELECT name FROM called WHERE kid = convert_from(pg_temp.from_base64url(split_part(:'by_b', '.', 1)), 'UTF8')::jsonb ->> 'kid') AS kid;
SELECT userdir.revoke_signing_key(kid) - '{kid,cert,thumbprint,public_key,created_at,current_since,current_until,revoked_at}'::text[] FROM called WHERE name = 'a';
SELECT pg_temp.try(format('SELECT userdir.verify_jwt(%L)', :'by_a')), userdir.verify_jwt(:'by_b') AS by_b;
-- A current key that is revoked leaves its place to the next one; twice is no error; nobody is one.
SELECT userdir.revoke_signing_key(kid) ->> 'state' FROM called WHERE name = 'b';
SELECT userdir.revoke_signing_key(kid) ->> 'state' FROM called WHERE name = 'b';
SELECT * FROM pg_temp.states();
SELECT pg_temp.try(format('SELECT userdir.verify_jwt(%L)', :'by_b')), pg_temp.try($$SELECT userdir.revoke_signing_key('nobody')$$);
SELECT userdir.verify_jwt(userdir.sign_jwt('{"n": 3}', 'ES256')) AS by_the_third;

-- A rollback takes the new keys back, also from this session's memory; a savepoint too.
BEGIN;
SELECT userdir.create_signing_key('EdDSA') ->> 'state';
SELECT userdir.verify_jwt(userdir.sign_jwt('{"n": 4}', 'EdDSA')) AS within;
SELECT userdir.create_signing_key('EdDSA') ->> 'state';
SAVEPOINT s;
SELECT userdir.rotate_signing_keys('EdDSA') ->> 'state';
SELECT userdir.verify_jwt(userdir.sign_jwt('{"n": 5}', 'EdDSA')) AS within;
ROLLBACK TO s;
SELECT userdir.verify_jwt(userdir.sign_jwt('{"n": 6}', 'EdDSA')) AS back, (SELECT count(*) FROM userdir.signing_keys WHERE alg = 'EdDSA') AS keys;
ROLLBACK;
SELECT pg_temp.try($$SELECT userdir.sign_jwt('{}', 'EdDSA')$$);
-- A row that is changed by hand counts at once.
SELECT userdir.create_signing_key('EdDSA') ->> 'state';
SELECT userdir.sign_jwt('{"n": 7}', 'EdDSA') AS by_ed \gset
UPDATE userdir.signing_keys SET state = 'revoked' WHERE alg = 'EdDSA';
SELECT pg_temp.code(format('SELECT userdir.verify_jwt(%L)', :'by_ed')) AS revoked, pg_temp.code($$SELECT userdir.sign_jwt('{}', 'EdDSA')$$) AS signs;
UPDATE userdir.signing_keys SET state = 'current' WHERE alg = 'EdDSA';
SELECT pg_temp.code(format('SELECT userdir.verify_jwt(%L)', :'by_ed')) AS again;
-- Sealed parts cannot change places, nor be damaged.
BEGIN;
SELECT userdir.create_signing_key('EdDSA') ->> 'state';
UPDATE userdir.signing_keys k SET sealed = o.sealed FROM userdir.signing_keys o WHERE k.alg = 'EdDSA' AND k.state = 'current' AND o.alg = 'EdDSA' AND o.state = 'next';
SELECT regexp_replace(pg_temp.try($$SELECT userdir.sign_jwt('{}', 'EdDSA')$$), ':[A-Za-z0-9_-]{43}', ':KID');
ROLLBACK;
BEGIN;
UPDATE userdir.signing_keys SET sealed = set_byte(sealed, length(sealed) - 1, get_byte(sealed, length(sealed) - 1) # 1) WHERE alg = 'EdDSA';
SELECT pg_temp.code($$SELECT userdir.sign_jwt('{}', 'EdDSA')$$) AS damaged;
UPDATE userdir.signing_keys SET sealed = 'x' WHERE alg = 'EdDSA';
SELECT pg_temp.code($$SELECT userdir.sign_jwt('{}', 'EdDSA')$$) AS none;
UPDATE userdir.signing_keys SET sealed = decode('01' || repeat('ab', 8) || repeat('00', 60), 'hex') WHERE alg = 'EdDSA';
SELECT regexp_replace(pg_temp.try($$SELECT userdir.sign_jwt('{}', 'EdDSA')$$), 'File ".*" holds \d+', 'File "..." holds N') AS another_root_key, pg_temp.code(format('SELECT userdir.verify_jwt(%L)', :'by_ed')) AS verifies_all_the_same;
SELECT jsonb_agg(k ORDER BY k ->> 'id') @> '[{"id": "rk_abababababababab", "is_present": false, "in_use": false, "sealed_values": 1}]' AS listed FROM jsonb_array_elements(userdir.root_keys()) k;
ROLLBACK;

-- What is made: bits and algorithms.
SELECT pg_temp.try(format('SELECT userdir.create_signing_key(%L, %s)', a, b)) FROM (VALUES ('RS256', 2047), ('RS256', 1024), ('RS256', 8193), ('HS256', 2048), ('none', 2048), ('ES256K', 2048), ('', 2048)) v (a, b);
SELECT userdir.create_signing_key('RS256', 3072) ->> 'state';
SELECT length(userdir.get_signing_key((SELECT kid FROM userdir.signing_keys WHERE alg = 'RS256')) #>> '{public_key,n}') * 6 AS bits;
-- No key signs that was not published before: there is a next one first, and those who asked for keys then know the one that signs later.
SELECT pg_temp.try($$SELECT userdir.rotate_signing_keys('RS256')$$) AS without_a_next_one;
SELECT userdir.create_signing_key('RS256', 3072) ->> 'state';
SELECT jsonb_path_query_array(userdir.jwks(), '$.keys[*].kid') AS published \gset
SELECT userdir.rotate_signing_keys('RS256') ->> 'state';
SELECT :'published'::jsonb ? (convert_from(pg_temp.from_base64url(split_part(userdir.sign_jwt('{}'), '.', 1)), 'UTF8')::jsonb ->> 'kid') AS signs_by_what_was_published;
SELECT (SELECT array_agg(DISTINCT length(public_jwk ->> 'n')) FROM userdir.signing_keys WHERE alg = 'RS256') AS as_long_as_before;
-- The kid is the thumbprint, and the certificate is that of the key.
SELECT bool_and(k ->> 'kid' = userdir.jwk_thumbprint(k -> 'public_key')) AS by_thumbprint, bool_and(k ->> 'cert' ~ E'^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END CERTIFICATE-----\n$') AS pem FROM jsonb_array_elements(userdir.list_signing_keys()) k;
SELECT bool_and(userdir.import_verification_key('https://by-certificate/', k ->> 'cert', k ->> 'alg', k ->> 'kid') -> 'public_key' = k -> 'public_key') AS certificates_hold_the_keys FROM jsonb_array_elements(userdir.list_signing_keys()) k;
SELECT userdir.delete_verification_key('https://by-certificate/', kid) FROM userdir.signing_keys WHERE issuer = 'https://by-certificate/' ORDER BY alg LIMIT 1;
-- Nothing secret is listed or published.
SELECT userdir.list_signing_keys()::text ~ '"(d|p|q|dp|dq|qi|sealed)"' AS listed, userdir.jwks()::text ~ '"(d|p|q|dp|dq|qi|sealed)"' AS published;
SELECT k ->> 'alg' AS alg, k ->> 'kty' AS kty, ARRAY(SELECT jsonb_object_keys(k) ORDER BY 1) AS members, (SELECT s.state FROM userdir.signing_keys s WHERE s.kid = k ->> 'kid' AND s.issuer = '') AS state,
       k ->> 'x5t#S256' = userdir._base64url(sha256(decode(k #>> '{x5c,0}', 'base64'))) AS x5t_s256, length(k ->> 'x5t') AS x5t
  FROM jsonb_array_elements(userdir.jwks() -> 'keys') WITH ORDINALITY e (k, n) ORDER BY n;

-- Rotated and revoked by age. A key without a next one gets it first, and is rotated an hour later, however old it is.
SELECT regexp_replace(userdir.maintain_signing_keys()::text, '[A-Za-z0-9_-]{43}', 'KID', 'g');
SELECT userdir.maintain_signing_keys();
BEGIN;
DELETE FROM userdir.signing_keys WHERE alg = 'EdDSA' AND state = 'next';
UPDATE userdir.signing_keys SET current_since = now() - interval '91 days' WHERE alg = 'EdDSA' AND state = 'current';
SELECT userdir.maintain_signing_keys() AS done \gset
SELECT kid AS next_kid FROM userdir.signing_keys WHERE alg = 'EdDSA' AND state = 'next' \gset
SELECT :'done' = format('{"made for EdDSA: key %s is next"}', :'next_kid') AS made, strpos(userdir.jwks()::text, :'next_kid') > 0 AS published;
UPDATE userdir.signing_keys SET created_at = now() - interval '59 minutes' WHERE kid = :'next_kid';
SELECT userdir.maintain_signing_keys() AS too_early;
UPDATE userdir.signing_keys SET created_at = now() - interval '61 minutes' WHERE kid = :'next_kid';
SELECT regexp_replace(userdir.maintain_signing_keys()::text, '[A-Za-z0-9_-]{43}', 'KID', 'g');
SELECT userdir.get_signing_key(:'next_kid') ->> 'state' AS is_now;
ROLLBACK;
UPDATE userdir.signing_keys SET current_since = now() - interval '91 days', created_at = now() - interval '92 days' WHERE alg = 'EdDSA';
SELECT regexp_replace(userdir.maintain_signing_keys()::text, '[A-Za-z0-9_-]{43}', 'KID', 'g');
UPDATE userdir.signing_keys SET previous_since = now() - interval '61 days' WHERE alg = 'EdDSA' AND state = 'previous';
SELECT regexp_replace(userdir.maintain_signing_keys()::text, '[A-Za-z0-9_-]{43}', 'KID', 'g');
SELECT userdir.maintain_signing_keys(), pg_temp.try($$SELECT userdir.maintain_signing_keys('0')$$), pg_temp.try($$SELECT userdir.maintain_signing_keys('1 day', '-1 day')$$);

-- Imported: private keys.
SELECT jwk AS rsa FROM vector_keys WHERE alg = 'RS256' \gset
SELECT jwk AS ec FROM vector_keys WHERE alg = 'ES256' \gset
SELECT jwk AS ed FROM vector_keys WHERE alg = 'EdDSA' \gset
SELECT userdir.import_signing_key(:'rsa') - '{cert,thumbprint,public_key,created_at,current_since}'::text[];
SELECT alg, state FROM userdir.signing_keys WHERE alg = 'RS256' AND issuer = '' ORDER BY state;
SELECT pg_temp.try(format('SELECT userdir.import_signing_key(%L)', :'rsa'));
SELECT userdir.import_signing_key(:'rsa', 'PS256', 'pss', 'previous') - '{cert,thumbprint,public_key,created_at,current_until}'::text[];
SELECT userdir.import_signing_key(jsonb_set(:'ec', '{kid}', '"named"')::text) ->> 'kid' AS named_by_the_jwk, userdir.import_signing_key(:'ed', kid => 'k', state => 'previous') ->> 'kid' AS named_by_us;
SELECT userdir.import_signing_key(E'-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n', kid => 'pem', state => 'previous') ->> 'alg' AS from_pem;
SELECT name, regexp_replace(pg_temp.try(format('SELECT userdir.import_signing_key(%L, %L, %L, %L)', key, alg, kid, state)), '"[A-Za-z0-9_-]{43}"', '"KID"') FROM (VALUES
  (1, 'no private part', (:'rsa'::jsonb - 'd')::text, NULL, NULL, 'current'), (2, 'no primes', (:'rsa'::jsonb - '{p,q,dp,dq,qi}'::text[])::text, NULL, NULL, 'current'), (3, 'other modulus', jsonb_set(:'rsa', '{n}', to_jsonb('p' || substr(:'rsa'::jsonb ->> 'n', 2)))::text, NULL, NULL, 'current'), (4, 'other exponent', jsonb_set(:'rsa', '{e}', '"Aw"')::text, NULL, NULL, 'current'),
  (5, 'for another algorithm', jsonb_set(:'rsa', '{alg}', '"RS512"')::text, 'RS256', NULL, 'current'), (6, 'for encryption', jsonb_set(:'rsa', '{use}', '"enc"')::text, NULL, NULL, 'current'), (7, 'for wrapping', jsonb_set(:'rsa', '{key_ops}', '["wrapKey"]')::text, NULL, NULL, 'current'), (8, 'RSA as EC', :'rsa', 'ES256', NULL, 'current'), (9, 'P-256 for ES384', :'ec', 'ES384', NULL, 'current'), (10, 'EC as Ed25519', :'ec', 'EdDSA', NULL, 'current'),
  (11, 'another point', jsonb_set(:'ec', '{x}', '"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"')::text, NULL, NULL, 'current'), (12, 'no point', jsonb_set(:'ec', '{y}', '"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"')::text, NULL, NULL, 'current'), (13, 'short coordinate', jsonb_set(:'ec', '{x}', '"f83OJ3D2"')::text, NULL, NULL, 'current'), (14, 'scalar zero', jsonb_set(:'ec', '{d}', '"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"')::text, NULL, NULL, 'current'), (15, 'unknown curve', jsonb_set(:'ec', '{crv}', '"secp256k1"')::text, NULL, NULL, 'current'),
  (16, 'Ed25519, another public half', jsonb_set(:'ed', '{x}', '"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"')::text, NULL, NULL, 'current'), (17, 'X25519', jsonb_set(:'ed', '{crv}', '"X25519"')::text, NULL, NULL, 'current'), (18, 'a shared secret', '{"kty": "oct", "k": "AAAA"}', NULL, NULL, 'current'), (19, 'no type', '{"x": "AAAA"}', NULL, NULL, 'current'), (20, 'a number twice', replace(:'ec', '"kty"', '"x":"AAAA", "kty"'), NULL, NULL, 'current'), (21, 'a number that is none', jsonb_set(:'ec', '{x}', '1')::text, NULL, NULL, 'current'), (22, 'padding', jsonb_set(:'ec', '{x}', '"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU="')::text, NULL, NULL, 'current'),
  (23, 'no key', 'x', NULL, NULL, 'current'), (24, 'empty', '', NULL, NULL, 'current'), (25, 'a public key in PEM', E'-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----', NULL, NULL, 'current'), (26, 'an encrypted PEM', E'-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAc\n-----END ENCRYPTED PRIVATE KEY-----', NULL, NULL, 'current'), (27, 'unknown algorithm', :'ed', 'Ed448', NULL, 'current'), (28, 'empty kid', :'ed', NULL, '', 'current'), (29, 'kid with a blank', :'ed', NULL, 'a b', 'current'), (30, 'kid that is there', :'ed', NULL, 'pem', 'current'), (31, 'second next', :'ed', NULL, 'again', 'next'), (32, 'unknown state', :'ed', NULL, NULL, 'revoked')
) v (n, name, key, alg, kid, state) ORDER BY n;
-- RSA of 1024 bits, made for this.
SELECT pg_temp.try(format('SELECT userdir.import_verification_key(''x'', %L)', '{"kty": "RSA", "e": "AQAB", "n": "' || translate(encode(decode('c' || repeat('5', 254) || '7', 'hex'), 'base64'), E'+/\n=', '-_') || '"}')) AS short;
SELECT pg_temp.try(format('SELECT userdir.import_verification_key(''x'', %L)', '{"kty": "RSA", "e": "AQAB", "n": "' || translate(encode(decode('c' || repeat('5', 4094) || '7', 'hex'), 'base64'), E'+/\n=', '-_') || '"}')) AS long;
-- Imported: public keys. A private part is refused, and points that are none or of small order.
SELECT name, pg_temp.try(format('SELECT userdir.import_verification_key(%L, %L)', issuer, key)) FROM (VALUES
  (1, 'private', 'x', :'ec'), (2, 'no issuer', '', (:'ec'::jsonb - 'd')::text), (3, 'null issuer', NULL, (:'ec'::jsonb - 'd')::text), (4, 'as it should be', 'x', (:'ec'::jsonb - 'd')::text), (5, 'again', 'x', (:'ec'::jsonb - 'd')::text), (6, 'same, of another', 'y', (:'ec'::jsonb - 'd')::text), (7, 'identity', 'x', '{"kty": "OKP", "crv": "Ed25519", "x": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}'), (8, 'zero', 'x', '{"kty": "OKP", "crv": "Ed25519", "x": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}'), (9, 'order 8', 'x', '{"kty": "OKP", "crv": "Ed25519", "x": "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1TwFU"}'), (10, 'not canonical', 'x', '{"kty": "OKP", "crv": "Ed25519", "x": "7v_______________________________________38"}'), (11, 'PEM', 'x', E'-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----'), (12, 'no PEM', 'x', '-----BEGIN PUBLIC KEY-----'), (13, 'even exponent', 'x', jsonb_set(:'rsa'::jsonb - '{d,p,q,dp,dq,qi}'::text[], '{e}', '"AQAA"')::text), (14, 'exponent 1', 'x', jsonb_set(:'rsa'::jsonb - '{d,p,q,dp,dq,qi}'::text[], '{e}', '"AQ"')::text), (15, 'huge exponent', 'x', jsonb_set(:'rsa'::jsonb - '{d,p,q,dp,dq,qi}'::text[], '{e}', '"AQAAAAAAAAAAAAAB"')::text), (16, 'even modulus', 'x', jsonb_set(:'rsa'::jsonb - '{d,p,q,dp,dq,qi}'::text[], '{n}', to_jsonb(left(:'rsa'::jsonb ->> 'n', 340) || 'oA'))::text)
) v (n, name, issuer, key) ORDER BY n;

-- Discovery.
SELECT jsonb_pretty(userdir.openid_configuration('https://login.example.com/'));
SELECT userdir.openid_configuration('http://localhost:8080') ->> 'jwks_uri', pg_temp.try($$SELECT userdir.openid_configuration('login.example.com')$$), pg_temp.try($$SELECT userdir.openid_configuration('https://a/?b')$$);

-- Export and import: keys that are gone come back, with what they were; others stay. The passphrase alone opens it.
SELECT userdir.sign_jwt('{"n": 8}', 'EdDSA') AS before_export, count(*) FROM userdir.signing_keys \gset
SELECT userdir.export_keys('correct horse battery') AS exported \gset
SELECT left(:'exported', 15) AS begins, position('signing_keys'::bytea IN pg_temp.from_base64url(substr(:'exported', 16))) > 0 AS readable;
SELECT userdir.import_keys('correct horse battery', :'exported') AS nothing_missing;
CREATE TEMPORARY TABLE before AS SELECT * FROM userdir.signing_keys;
DELETE FROM userdir.signing_keys;
SELECT pg_temp.code(format('SELECT userdir.verify_jwt(%L)', :'before_export')) AS without;
SELECT pg_temp.try(format('SELECT userdir.import_keys(''another passphrase'', %L)', :'exported')), pg_temp.try(format('SELECT userdir.import_keys(''correct horse battery'', %L)', left(:'exported', -8) || 'AAAAAAAA')), pg_temp.try($$SELECT userdir.import_keys('correct horse battery', 'x')$$), pg_temp.try($$SELECT userdir.import_keys('correct horse battery', 'userdir-keys-1:AAAA')$$), pg_temp.try($$SELECT userdir.export_keys('short')$$);
SELECT (userdir.import_keys('correct horse battery', :'exported') ->> 'keys_added')::integer = :count AS all_added;
SELECT count(*) AS different FROM (SELECT to_jsonb(k) - 'sealed' || jsonb_build_object('sealed', k.sealed IS NULL) FROM userdir.signing_keys k EXCEPT SELECT to_jsonb(b) - 'sealed' || jsonb_build_object('sealed', b.sealed IS NULL) FROM before b) d;
SELECT userdir.verify_jwt(:'before_export') AS verified, userdir.sign_jwt('{"n": 8}', 'EdDSA') = :'before_export' AS signs_the_same;

-- The root key: everything is sealed anew, and works; nothing of it is shown. Only superusers change it.
SELECT jsonb_array_length(userdir.root_keys()) AS keys \gset
SELECT userdir.rotate_root_key() AS root_key \gset
SELECT jsonb_array_length(userdir.root_keys()) = :keys + 1 AS one_more, bool_and((k ->> 'in_use')::boolean = (k ->> 'id' = :'root_key')) AS in_use, bool_and((k ->> 'in_use')::boolean = ((k ->> 'sealed_values')::integer > 0)) AS holds_all FROM jsonb_array_elements(userdir.root_keys()) k;
SELECT userdir.sign_jwt('{"n": 8}', 'EdDSA') = :'before_export' AS signs_the_same, userdir.reseal_all() AS nothing_left;
SELECT regexp_replace(pg_temp.try(format('SELECT userdir.remove_root_key(%L)', :'root_key')), 'rk_\w{16}', 'RK'), pg_temp.code($$SELECT userdir.remove_root_key('rk_0000000000000000')$$);
SELECT count(userdir.remove_root_key(k ->> 'id')) > 0 AS removed FROM jsonb_array_elements(userdir.root_keys()) k WHERE NOT (k ->> 'in_use')::boolean;
SELECT jsonb_array_length(userdir.root_keys()) AS left, userdir.sign_jwt('{"n": 8}', 'EdDSA') = :'before_export' AS signs_the_same;
SELECT userdir._seal_text('a:1', 'secret') = userdir._seal_text('a:1', 'secret') AS same_twice, length(userdir._seal_text('a:1', 'secret')) AS length, userdir._sealed_key_id(userdir._seal_text('a:1', 'secret')) = :'root_key' AS names_its_key;
SELECT pg_temp.try($$SELECT userdir._reseal('a:2', userdir._seal_text('a:1', 'x'))$$), pg_temp.try($$SELECT userdir._sealed_key_id('x')$$), pg_temp.try($$SELECT userdir._seal_text('', 'x')$$);
CREATE ROLE regress_keys_admin;
SELECT userdir.grant_to('regress_keys_admin', 'admin');
SET ROLE regress_keys_admin;
SELECT userdir.create_signing_key('ES384') ->> 'state' AS may_create;
SELECT pg_temp.code('SELECT userdir.add_root_key()') AS add, pg_temp.code('SELECT userdir.rotate_root_key()') AS rotate, pg_temp.code($$SELECT userdir.remove_root_key('x')$$) AS remove, pg_temp.code($$SELECT userdir.export_keys('correct horse battery')$$) AS export, pg_temp.code('SELECT sealed FROM userdir.signing_keys') AS read, pg_temp.code($$SELECT userdir._reseal('a', 'b')$$) AS reseal, pg_temp.code('SHOW userdir.root_key_file') AS file, pg_temp.code($$SET userdir.root_key_file = '/tmp/x'$$) AS set_file;
RESET ROLE;
SELECT userdir.revoke_from('regress_keys_admin', 'admin');
DROP ROLE regress_keys_admin;
