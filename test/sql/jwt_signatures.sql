-- Signatures in other forms than the right one; keys of RFC 7517; keys that must not be taken
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\set jwt_vectors :abs_srcdir '/jwt_vectors.sql'
\set jwt_signatures :abs_srcdir '/jwt_signatures.sql'
\i :fresh_directory
\set ECHO none
\i :jwt_vectors
\i :jwt_signatures
\set ECHO all

-- RSA, by a key of the usual exponent: padding, digest and number have one form each (RFC 8017, section 8.2.2).
SELECT userdir.import_verification_key('rsa', (jwk::jsonb - '{d,p,q,dp,dq,qi}'::text[])::text, 'RS256') ->> 'alg' AS alg FROM vector_keys WHERE alg = 'RS256';
CREATE FUNCTION pg_temp.verdict(issuer text, token text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  code text := pg_temp.code(format('SELECT userdir.verify_jwt(%L, issuer => %L)', token, issuer));
BEGIN
  -- These tokens name no issuer, which is looked at last: it stands for a signature that is right.
  RETURN CASE code WHEN 'UD044' THEN 'ok' ELSE code END;
END $$;
SELECT name, pg_temp.verdict('rsa', :'rsa_token' || '.' || signature) AS found, verdict AS wanted FROM rsa_signatures WHERE pg_temp.verdict('rsa', :'rsa_token' || '.' || signature) <> verdict;
SELECT verdict, count(*) FROM rsa_signatures GROUP BY 1 ORDER BY 1;
-- And by a key of exponent 3, where forging needs no key once the end of the padding is not looked at.
SELECT userdir.import_verification_key('cube', json_build_object('kty', 'RSA', 'e', 'Aw', 'n', :'cube_modulus')::text, 'RS256') ->> 'alg' AS alg;
SELECT name, pg_temp.verdict('cube', :'rsa_token' || '.' || signature) AS found, verdict AS wanted FROM cube_signatures ORDER BY name;

-- ECDSA.
SELECT userdir.import_verification_key('joe', (jwk::jsonb - 'd')::text) ->> 'alg' AS alg FROM vector_keys WHERE alg = 'ES256';
SELECT pg_temp.code(format('SELECT userdir.verify_jwt(%L, issuer => ''joe'')', token)) AS right_but_old FROM vector_tokens WHERE name = 'RFC 7515 A.3';
SELECT pg_temp.code(format('SELECT userdir.verify_jwt(%L, issuer => ''joe'')', split_part(token, '.', 1) || '.' || split_part(token, '.', 2) || '.' || s.signature)) AS code, count(*), array_agg(s.name ORDER BY s.name)
  FROM vector_tokens t, ec_signatures s WHERE t.name = 'RFC 7515 A.3' GROUP BY 1 ORDER BY 1;
-- What is signed has numbers with zeros in front every now and then, in each half.
SELECT userdir.create_signing_key(alg) ->> 'state' AS state FROM unnest('{ES256,ES384,ES512}'::text[]) alg;
CREATE TEMPORARY TABLE signed AS SELECT alg, userdir.sign_jwt(jsonb_build_object('n', n), alg) AS token, n FROM unnest('{ES256,ES384,ES512}'::text[]) alg, generate_series(1, 1000) n;
SELECT alg, count(*) FILTER (WHERE (userdir.verify_jwt(token) ->> 'n')::integer = n) AS verified, min(length(pg_temp.from_base64url(split_part(token, '.', 3)))) AS shortest, max(length(pg_temp.from_base64url(split_part(token, '.', 3)))) AS longest FROM signed GROUP BY 1 ORDER BY 1;

-- The keys of RFC 7517, appendix A: those for signatures are taken, under the names that they bring.
SELECT userdir.import_verification_key('rfc', :'rfc_7517_a_1_rsa') ->> 'kid' AS a_1_rsa, pg_temp.try(format('SELECT userdir.import_verification_key(''rfc'', %L)', :'rfc_7517_a_1_ec')) AS a_1_ec,
       userdir.import_verification_key('rfc', (:'rfc_7517_a_1_ec'::jsonb - 'use')::text) ->> 'kid' AS a_1_ec_without_use;
SELECT k ->> 'kid' AS kid, k ->> 'alg' AS alg, userdir.jwk_thumbprint(k -> 'public_key') AS thumbprint FROM jsonb_array_elements(userdir.list_signing_keys()) k WHERE k ->> 'issuer' = 'rfc' ORDER BY 1;
SELECT userdir.jwk_thumbprint(:'rfc_7517_a_1_ec') AS for_encryption, userdir.jwk_thumbprint(:'rfc_7517_a_1_ec'::jsonb || '{"key_ops": ["deriveKey"], "alg": "ECDH-ES"}') AS for_derivation;
SELECT userdir.import_signing_key(:'rfc_7517_a_2_rsa') ->> 'kid' AS a_2_rsa, pg_temp.try(format('SELECT userdir.import_signing_key(%L)', :'rfc_7517_a_2_ec')) AS a_2_ec,
       userdir.import_signing_key((:'rfc_7517_a_2_ec'::jsonb - 'use')::text, state => 'previous') ->> 'kid' AS a_2_ec_without_use;
SELECT userdir.verify_jwt(userdir.sign_jwt('{"iss": "rfc"}'), issuer => 'rfc') AS by_their_public_key;
SELECT pg_temp.try($$SELECT userdir.import_signing_key('{"kty":"oct","alg":"A128KW","k":"GawgguFyGrWKav7AX4VKUg"}')$$) AS a_3;

-- What a key is for, in its own words.
SELECT operations, pg_temp.try(format('SELECT userdir.import_verification_key(%L, %L) ->> ''alg''', operations::text, (jwk::jsonb - 'd' || jsonb_build_object('key_ops', operations))::text)) AS public,
       pg_temp.try(format('SELECT userdir.import_signing_key(%L, state => ''previous'', kid => %L) ->> ''alg''', (jwk::jsonb || jsonb_build_object('key_ops', operations))::text, md5(operations::text))) AS private
  FROM vector_keys, unnest(ARRAY['["sign"]', '["verify"]', '["sign", "verify"]', '[]', '["encrypt"]', '"verify"', '"sign"', '[["verify", "sign"]]', '{"verify": "sign"}', '{"a": ["verify", "sign"]}', '["verify", "sign", 1]', 'null', '["Verify", "Sign"]']::jsonb[]) WITH ORDINALITY o (operations, n)
 WHERE alg = 'ES256' ORDER BY n;
-- A modulus of the generator that CVE-2017-15361 is about.
SELECT pg_temp.try(format('SELECT userdir.import_verification_key(''x'', %L)', json_build_object('kty', 'RSA', 'e', 'AQAB', 'n', :'marked_modulus')));
-- Nothing is no key.
SELECT pg_temp.try('SELECT userdir.import_signing_key(NULL)'), pg_temp.try('SELECT userdir.import_verification_key(''x'', NULL)'), pg_temp.try(format('SELECT userdir.import_signing_key(%L, state => NULL)', jwk)) FROM vector_keys WHERE alg = 'EdDSA';

-- Claims are written without blanks, with the escapes that JSON asks for, and read as they were.
SELECT convert_from(pg_temp.from_base64url(split_part(userdir.sign_jwt_with_secret(c, repeat('s', 32)), '.', 2)), 'UTF8') AS written, userdir.verify_jwt_with_secret(userdir.sign_jwt_with_secret(c, repeat('s', 32)), repeat('s', 32)) = c AS same
  FROM (VALUES (1, '{}'::jsonb), (2, '{"a": [], "b": {}, "c": [[], {}, [{}]], "d": [1, [2, 3], {"e": null, "f": [true, false]}]}'), (3, '{"": ""}'), (4, '{"n": [0, -1, 1.50, 1e20, 1e-7, -0.0, 123456789012345678901234567890]}'),
               (5, '{"s": "\"\\/\b\f\n\r\t\u0001\u001f\u007f é € 😀"}'), (6, '{"\"\n": "\\"}'), (7, '{"long": "0123456é\"89012345678\n12345678901é"}')) v (n, c) ORDER BY n;
SELECT bool_and(userdir.verify_jwt_with_secret(userdir.sign_jwt_with_secret(c, repeat('s', 32)), repeat('s', 32)) = c) AS same, count(*)
  FROM generate_series(0, 20) before, generate_series(0, 10) behind, generate_series(1, 160) code, LATERAL (SELECT jsonb_build_object('s', repeat('x', before) || chr(code) || repeat('y', behind), chr(code), code) AS c) v WHERE code % 4 = before % 4;

-- A signature that was right is known again: that one alone, by that key alone, and only as long as the key counts.
CREATE TEMPORARY TABLE shown AS SELECT alg, n, userdir.sign_jwt(jsonb_build_object('n', n, 'exp', extract(epoch FROM clock_timestamp()) + 3600), kid => kid, alg => NULL) AS token, kid
  FROM (SELECT alg, userdir.create_signing_key(alg) ->> 'kid' AS kid FROM unnest('{RS256,PS256,ES256,EdDSA}'::text[]) alg) k, generate_series(1, 200) n;
CREATE FUNCTION pg_temp.with_signature(token text, signature text) RETURNS text LANGUAGE sql AS $$ SELECT split_part(token, '.', 1) || '.' || split_part(token, '.', 2) || '.' || signature $$;
CREATE FUNCTION pg_temp.verdicts(OUT alg text, OUT kept bigint, OUT changed text, OUT swapped text) RETURNS SETOF record LANGUAGE sql AS $$
  SELECT alg, count(*) FILTER (WHERE (userdir.verify_jwt(token) ->> 'n')::integer = n AND (userdir.verify_jwt(token) ->> 'n')::integer = n),
         string_agg(DISTINCT pg_temp.code(format('SELECT userdir.verify_jwt(%L)', pg_temp.with_signature(token, translate(left(split_part(token, '.', 3), 1), 'ABCDEFGH', 'BCDEFGHA') || substr(split_part(token, '.', 3), 2)))), ' ')
           FILTER (WHERE split_part(token, '.', 3) ~ '^[A-H]'),
         string_agg(DISTINCT pg_temp.code(format('SELECT userdir.verify_jwt(%L)', pg_temp.with_signature(token, split_part((SELECT o.token FROM shown o WHERE o.alg = s.alg AND o.n = s.n % 200 + 1), '.', 3)))), ' ')
    FROM shown s GROUP BY 1 ORDER BY 1 $$;
SELECT * FROM pg_temp.verdicts();
SELECT * FROM pg_temp.verdicts();
SELECT DISTINCT userdir.revoke_signing_key(kid) ->> 'state' AS state FROM (SELECT DISTINCT kid FROM shown) k;
SELECT alg, pg_temp.code(format('SELECT userdir.verify_jwt(%L)', token)) AS code, count(*) FROM shown GROUP BY 1, 2 ORDER BY 1;
-- Times are looked at each time.
SELECT userdir.sign_jwt(jsonb_build_object('exp', extract(epoch FROM clock_timestamp()) - 5), 'ES256') AS old \gset
SELECT pg_temp.code(format('SELECT userdir.verify_jwt(%L, leeway => %L)', :'old', leeway)) FROM unnest('{1 day,0,1 day,0}'::interval[]) leeway;
