-- Keys, tokens and the usual way to sign with HMAC without an extension for it: PL/pgSQL and SQL over pgcrypto.
CREATE EXTENSION IF NOT EXISTS userdir;
CREATE EXTENSION IF NOT EXISTS pgcrypto;
SELECT userdir.install();
SELECT userdir.create_signing_key(a) ->> 'alg' FROM unnest('{RS256,ES256,EdDSA}'::text[]) a;

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
