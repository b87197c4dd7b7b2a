-- Included by tests of tokens, after fresh_directory.sql: an issuer, keys, and a look into signed tokens.
\set ECHO none
SET client_min_messages = warning;
-- Hashes as cheap as they may be.
SET userdir.password_memory = '7MB';
DO $$ BEGIN PERFORM userdir.set_issuer('https://login.example.com'); PERFORM userdir.create_signing_key('RS256'); END $$;

-- Parts of a signed token as JSON, without checking anything.
CREATE FUNCTION pg_temp.part(token text, n integer) RETURNS jsonb LANGUAGE sql AS $$
  SELECT convert_from(decode(rpad(p, (length(p) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::jsonb
    FROM (SELECT translate(split_part(token, '.', n), '-_', '+/')) t (p) $$;
-- Claims without what differs from run to run; times as their distance to now.
CREATE FUNCTION pg_temp.claims(token text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  c jsonb := pg_temp.part(token, 2);
  now bigint := extract(epoch FROM clock_timestamp());
BEGIN
  RETURN c - '{iat,exp,auth_time,updated_at,sid,at_hash,picture,jti}'::text[]
    || jsonb_build_object('lifetime', (c ->> 'exp')::bigint - (c ->> 'iat')::bigint, 'now', abs((c ->> 'iat')::bigint - now) < 60,
                          'also', (SELECT coalesce(jsonb_agg(k ORDER BY k), '[]') FROM jsonb_object_keys(c) k WHERE k IN ('auth_time', 'updated_at', 'sid', 'at_hash', 'picture', 'jti')));
END $$;
RESET client_min_messages;
\set ECHO all
