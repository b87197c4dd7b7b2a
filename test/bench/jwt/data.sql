-- Keys, tokens and the two usual ways to sign with HMAC without an extension in C: the functions that the extension pgjwt
-- brings, here written anew with the same names, steps and languages, SQL and PL/pgSQL over pgcrypto; and PL/pgSQL that was
-- made for this one purpose, with fewer calls, knowing one algorithm and checking less.
CREATE EXTENSION IF NOT EXISTS userdir;
CREATE EXTENSION IF NOT EXISTS pgcrypto;
SELECT userdir.install();
SELECT userdir.create_signing_key(a) ->> 'alg' FROM unnest('{RS256,ES256,EdDSA}'::text[]) a;

CREATE SCHEMA pgjwt_style;
CREATE FUNCTION pgjwt_style.url_encode(data bytea) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT translate(encode(data, 'base64'), E'+/=\n', '-_') $$;
CREATE FUNCTION pgjwt_style.url_decode(data text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  WITH plain AS (SELECT translate(data, '-_', '+/') AS text), missing AS (SELECT length(text) % 4 AS odd FROM plain)
  SELECT decode(plain.text || CASE WHEN odd > 0 THEN repeat('=', 4 - odd) ELSE '' END, 'base64') FROM plain, missing $$;
CREATE FUNCTION pgjwt_style.algorithm_sign(signables text, secret text, algorithm text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  WITH digest AS (SELECT CASE algorithm WHEN 'HS256' THEN 'sha256' WHEN 'HS384' THEN 'sha384' WHEN 'HS512' THEN 'sha512' ELSE '' END AS name)
  SELECT pgjwt_style.url_encode(public.hmac(signables, secret, digest.name)) FROM digest $$;
CREATE FUNCTION pgjwt_style.sign(payload json, secret text, algorithm text DEFAULT 'HS256') RETURNS text LANGUAGE sql IMMUTABLE AS $$
  WITH header AS (SELECT pgjwt_style.url_encode(convert_to('{"alg":"' || algorithm || '","typ":"JWT"}', 'utf8')) AS part),
       body AS (SELECT pgjwt_style.url_encode(convert_to(payload::text, 'utf8')) AS part),
       signables AS (SELECT header.part || '.' || body.part AS text FROM header, body)
  SELECT signables.text || '.' || pgjwt_style.algorithm_sign(signables.text, secret, algorithm) FROM signables $$;
CREATE FUNCTION pgjwt_style.try_cast_double(number text) RETURNS double precision LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  BEGIN
    RETURN number::double precision;
  EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
  END;
END $$;
CREATE FUNCTION pgjwt_style.verify(token text, secret text, algorithm text DEFAULT 'HS256') RETURNS TABLE (header json, payload json, valid boolean)
  LANGUAGE sql IMMUTABLE AS $$
  SELECT t.header, t.payload,
         t.signature_ok AND tstzrange(to_timestamp(pgjwt_style.try_cast_double(t.payload ->> 'nbf')), to_timestamp(pgjwt_style.try_cast_double(t.payload ->> 'exp'))) @> CURRENT_TIMESTAMP
    FROM (SELECT convert_from(pgjwt_style.url_decode(part[1]), 'utf8')::json AS header, convert_from(pgjwt_style.url_decode(part[2]), 'utf8')::json AS payload,
                 part[3] = pgjwt_style.algorithm_sign(part[1] || '.' || part[2], secret, algorithm) AS signature_ok
            FROM regexp_split_to_array(token, '\.') part) t $$;

CREATE SCHEMA by_hand;
CREATE FUNCTION by_hand.encode_part(bytes bytea) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT translate(encode(bytes, 'base64'), E'+/=\n', '-_') $$;
CREATE FUNCTION by_hand.decode_part(part text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT decode(rpad(translate(part, '-_', '+/'), (length(part) + 3) / 4 * 4, '='), 'base64') $$;
CREATE FUNCTION by_hand.sign(claims json, secret text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  input text := by_hand.encode_part(convert_to('{"alg":"HS256","typ":"JWT"}', 'utf8')) || '.' || by_hand.encode_part(convert_to(claims::text, 'utf8'));
BEGIN
  RETURN input || '.' || by_hand.encode_part(hmac(input, secret, 'sha256'));
END $$;
CREATE FUNCTION by_hand.verify(token text, secret text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  parts text[] := string_to_array(token, '.');
  claims jsonb;
BEGIN
  IF parts[3] <> by_hand.encode_part(hmac(parts[1] || '.' || parts[2], secret, 'sha256'))
     OR convert_from(by_hand.decode_part(parts[1]), 'utf8')::jsonb ->> 'alg' <> 'HS256' THEN
    RAISE EXCEPTION 'bad token';
  END IF;
  claims := convert_from(by_hand.decode_part(parts[2]), 'utf8')::jsonb;
  IF to_timestamp((claims ->> 'exp')::double precision) <= now() THEN
    RAISE EXCEPTION 'expired token';
  END IF;
  RETURN claims;
END $$;

CREATE TABLE claims AS SELECT '{"iss": "https://login.example.com/", "sub": "auth0|5f7c8ec7c33c6c004bbafe82", "aud": ["https://api.example.com/", "https://login.example.com/userinfo"], "iat": 1700000000, "exp": 4102444800, "azp": "my_client_id_of_32_characters_abc", "scope": "openid profile email read:orders write:orders", "permissions": ["read:orders", "write:orders"]}'::jsonb AS claims;
CREATE TABLE tokens AS SELECT a AS alg, userdir.sign_jwt(c.claims, a) AS token FROM claims c, unnest('{RS256,ES256,EdDSA}'::text[]) a
 UNION ALL SELECT 'HS256', userdir.sign_jwt_with_secret(c.claims, repeat('s', 32)) FROM claims c;

-- 500 tokens of each algorithm, over and over.
CREATE TABLE many AS
WITH numbered AS (SELECT i, c.claims || jsonb_build_object('jti', i::text) AS claims FROM claims c, generate_series(1, 500) i),
signed AS (SELECT a AS alg, i, userdir.sign_jwt(claims, a) AS token FROM numbered, unnest('{RS256,ES256,EdDSA}'::text[]) a
           UNION ALL SELECT 'HS256', i, userdir.sign_jwt_with_secret(claims, repeat('s', 32)) FROM numbered)
SELECT alg, row_number() OVER (PARTITION BY alg ORDER BY again, i) AS n, token FROM signed, generate_series(1, 40) again ORDER BY 1, 2;
CREATE INDEX ON many (alg, n);
ANALYZE many;
