-- The keys and tokens of the cookbook of JOSE (RFC 7520, sections 3 and 4)
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\set jwt_vectors :abs_srcdir '/jwt_vectors.sql'
\set jwt_cookbook :abs_srcdir '/jwt_cookbook.sql'
\i :fresh_directory
\set ECHO none
\i :jwt_vectors
\i :jwt_cookbook
\set ECHO all

-- Keys: public ones verify, private ones sign, and each is the other's. Symmetric ones are shared secrets, or not for signatures at all.
SELECT section, jwk::jsonb ->> 'kty' AS kty, pg_temp.try(format('SELECT userdir.import_verification_key(%L, %L)', section, jwk)) AS as_public FROM cookbook_keys ORDER BY 1;
SELECT section, pg_temp.try(format('SELECT userdir.import_signing_key(%L, kid => %L)', jwk, section)) AS as_private FROM cookbook_keys ORDER BY 1;
SELECT s.section, userdir.verify_jwt(userdir.sign_jwt(jsonb_build_object('iss', p.section), NULL, s.section), issuer => NULL) ->> 'iss' AS verified, userdir.jwk_thumbprint(s.jwk::jsonb - '{d,p,q,dp,dq,qi}'::text[]) = userdir.jwk_thumbprint(p.jwk::jsonb) AS same_key, k ->> 'alg' AS alg
  FROM cookbook_keys s JOIN cookbook_keys p ON (s.section, p.section) IN (('3.2', '3.1'), ('3.4', '3.3')), LATERAL userdir.get_signing_key(s.section) k ORDER BY 1;

-- Tokens. All that is signed there is a sentence: a right signature leads to a payload that is no JSON (UD040), a wrong one does not (UD041).
-- One key serves RS256 and PS384 there; here a key has one algorithm, so it stands for two issuers.
SELECT t.section, userdir.import_verification_key(t.section, k.jwk, t.alg) ->> 'kid' AS kid FROM cookbook_tokens t JOIN cookbook_keys k ON k.section = CASE t.alg WHEN 'ES512' THEN '3.1' ELSE '3.3' END WHERE t.alg IN ('RS256', 'PS384', 'ES512') ORDER BY 1;
CREATE FUNCTION pg_temp.verdict(issuer text, token text) RETURNS text LANGUAGE sql AS $$ SELECT split_part(pg_temp.try(format('SELECT userdir.verify_jwt(%L, issuer => %L)', token, issuer)), E'\n', 1) $$;
CREATE FUNCTION pg_temp.with_part(token text, n integer, part text) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(CASE WHEN place = n THEN part ELSE p END, '.' ORDER BY place) FROM string_to_table(token, '.') WITH ORDINALITY s (p, place) $$;
SELECT section, alg, pg_temp.verdict(section, token) AS as_it_is, pg_temp.verdict(section, pg_temp.with_part(token, 2, pg_temp.base64url('{"iss": "x"}'))) AS other_payload,
       pg_temp.verdict(section, pg_temp.with_part(token, 3, translate(left(split_part(token, '.', 3), 1), 'MARcs', 'NBSdt') || substr(split_part(token, '.', 3), 2))) AS other_signature
  FROM cookbook_tokens WHERE alg <> 'HS256' ORDER BY 1;
SELECT t.section, pg_temp.try(format('SELECT userdir.verify_jwt_with_secret(%L, %L, encoding => %L)', t.token, k.jwk::jsonb ->> 'k', 'base64')) AS as_it_is, pg_temp.try(format('SELECT userdir.verify_jwt_with_secret(%L, %L, encoding => %L)', t.token, 'A' || substr(k.jwk::jsonb ->> 'k', 2), 'base64')) AS other_secret
  FROM cookbook_tokens t, cookbook_keys k WHERE t.section IN ('4.4', '4.5') AND k.section = '3.5' ORDER BY 1;
-- The MAC is the one that is computed here.
SELECT pg_temp.base64url(pg_temp.hmac(convert_to(split_part(token, '.', 1) || '.' || split_part(token, '.', 2), 'UTF8'), pg_temp.from_base64url(k.jwk::jsonb ->> 'k'))) = split_part(token, '.', 3) AS as_computed_here FROM cookbook_tokens t, cookbook_keys k WHERE t.section = '4.4' AND k.section = '3.5';

-- As a token of another issuer. libjwt reads no payload but claims, so that PS384, which is verified without it, remains.
SELECT pg_temp.try(format('SELECT userdir._check_foreign_signature(%L, %L, %L)', t.token, t.alg, r.public_key)) AS as_it_is,
       pg_temp.try(format('SELECT userdir._check_foreign_signature(%L, %L, %L)', pg_temp.with_part(t.token, 2, pg_temp.base64url('{"iss": "x"}')), t.alg, r.public_key)) AS other_payload
  FROM cookbook_tokens t, cookbook_keys k, LATERAL userdir._read_jwk(k.jwk::jsonb) r WHERE t.alg = 'PS384' AND k.section = '3.3';
