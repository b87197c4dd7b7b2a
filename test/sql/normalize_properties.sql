-- What holds for every profile, whatever a provider sends: tried with answers made at random
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory

-- The names that the maps look for, those of the profile itself, and some that nobody knows
CREATE TEMP TABLE names AS
SELECT DISTINCT name FROM (
  SELECT (regexp_matches(attribute_map::text, '"([^"\\.\[\]@$#{}: ]+)', 'g'))[1] FROM userdir.default_attribute_maps()
   UNION ALL SELECT unnest('{user_id,email,email_verified,phone_number,phone_verified,username,name,given_name,family_name,nickname,picture,blocked,identities,user_metadata,app_metadata,metadata,attributes,created_at,updated_at,last_login,last_ip,logins_count,multifactor,password,access_token,refresh_token,expires_in,a.b,"",nameID,attributes}'::text[])) n (name);
SELECT count(*) > 300 AS enough FROM names;

-- A value of any type; random() follows from setseed(), so that a failure can be looked at again.
CREATE FUNCTION pg_temp.random_value(depth integer) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  kind integer := floor(random() * CASE WHEN depth > 0 THEN 13 ELSE 9 END);
BEGIN
  RETURN CASE kind
    WHEN 0 THEN 'null' WHEN 1 THEN 'true' WHEN 2 THEN 'false'
    WHEN 3 THEN to_jsonb((random() * 1e12)::bigint) WHEN 4 THEN to_jsonb(random())
    WHEN 5 THEN '""' WHEN 6 THEN to_jsonb('text ' || floor(random() * 100))
    WHEN 7 THEN to_jsonb('u' || floor(random() * 100) || '@example.com') WHEN 8 THEN to_jsonb('https://x.example.com/' || floor(random() * 100))
    WHEN 9 THEN '[]' WHEN 10 THEN '{}'
    WHEN 11 THEN (SELECT jsonb_agg(pg_temp.random_value(depth - 1)) FROM generate_series(1, 1 + floor(random() * 3)::integer))
    ELSE pg_temp.random_object(depth - 1, 1 + floor(random() * 4)::integer) END;
END $$;
CREATE FUNCTION pg_temp.random_object(depth integer, members integer) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT jsonb_object_agg((SELECT name FROM names OFFSET floor(random() * (SELECT count(*) FROM names) + 0 * i) LIMIT 1), pg_temp.random_value(depth))
            FROM generate_series(1, members) i);
END $$;

-- Per strategy, answers with some of its own names, and with names of the profile among them
SELECT setseed(0.5);
CREATE TEMP TABLE answers AS
SELECT m.name AS strategy, n,
       pg_temp.random_object(2, 12)
       || coalesce((SELECT jsonb_object_agg(w[1], pg_temp.random_value(3)) FROM regexp_matches(m.attribute_map::text || n, '"([^"\\.\[\]@$#{}: ]+)', 'g') w WHERE random() < 0.7), '{}')
       || CASE WHEN random() < 0.9 THEN jsonb_build_object('id', floor(random() * 1e6), 'sub', 's|' || n, 'user_id', pg_temp.random_value(0), 'nameID', 'n' || n, 'email', 'x@example.com') ELSE '{}' END
       || '{"identities": [{"provider": "evil"}], "user_metadata": {"evil": 1}, "app_metadata": {"evil": 1}, "blocked": true, "created_at": "evil", "logins_count": 99, "last_ip": "evil", "attributes": {"evil": 1}, "password": "evil", "access_token": "evil"}'::jsonb AS raw,
       pg_temp.random_object(3, 3) AS extras
  FROM userdir.default_attribute_maps() m, generate_series(1, 15) n
 WHERE m.kind <> 'preset';

CREATE FUNCTION pg_temp.normalize(strategy text, raw jsonb, extras jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  RETURN userdir.normalize_profile(strategy, raw, 'conn', extras);
EXCEPTION WHEN SQLSTATE 'UD003' THEN
  RETURN NULL;
END $$;
CREATE TEMP TABLE profiles AS
SELECT a.*, m.kind, pg_temp.normalize(strategy, raw, extras) AS p FROM answers a JOIN userdir.default_attribute_maps() m ON m.name = a.strategy;
SELECT count(*) > 900 AS many, count(p) > count(*) / 2 AS most_have_an_id FROM profiles;

-- Nothing at the root but what belongs there: no row.
SELECT DISTINCT strategy, key FROM profiles, jsonb_object_keys(p) key
 WHERE key <> ALL ('{user_id,email,email_verified,phone_number,phone_verified,username,name,given_name,family_name,nickname,picture,blocked,identities,user_metadata,app_metadata,attributes}');

-- Every attribute has its type, and no text is empty: no row.
SELECT DISTINCT strategy, key, jsonb_typeof(value) FROM profiles, jsonb_each(p)
 WHERE jsonb_typeof(value) <> CASE WHEN key IN ('email_verified', 'phone_verified', 'blocked') THEN 'boolean' WHEN key = 'identities' THEN 'array'
                                   WHEN key IN ('user_metadata', 'app_metadata', 'attributes') THEN 'object' ELSE 'string' END
    OR btrim(p ->> key, E' \t\n') = '';
SELECT count(*) AS out_of_bounds FROM profiles
 WHERE length(p ->> 'name') > 300 OR length(p ->> 'given_name') > 150 OR length(p ->> 'email') > 254 OR p ->> 'phone_number' !~ '^\+[0-9]{1,15}$' OR p ->> 'picture' !~ '^https?://[^ ]+$';

-- The id is that of the one identity: no row.
SELECT strategy, p -> 'user_id' AS user_id, p -> 'identities' AS identities FROM profiles
 WHERE p IS NOT NULL AND (jsonb_array_length(p -> 'identities') <> 1
    OR p ->> 'user_id' <> (p #>> '{identities,0,provider}') || '|' || (p #>> '{identities,0,user_id}')
    OR p #>> '{identities,0,connection}' <> 'conn'
    OR (p #> '{identities,0,isSocial}')::boolean <> (kind = 'social')
    OR (p #> '{identities,0}') - '{connection,provider,user_id,isSocial,access_token,access_token_secret,refresh_token,expires_in}'::text[] <> '{}');

-- Only a strategy whose map says so takes metadata and the block from the answer: no row.
SELECT DISTINCT strategy FROM profiles
 WHERE kind NOT IN ('database', 'passwordless') AND (p ? 'user_metadata' OR p ? 'app_metadata' OR (p ? 'blocked' AND strategy NOT IN ('google-apps', 'scim')));
-- A name of the profile in the answer ends among the attributes at most, credentials nowhere: no row.
SELECT DISTINCT strategy FROM profiles WHERE p -> 'created_at' IS NOT NULL OR p ->> 'user_id' ~ 'evil' OR p -> 'identities' @> '[{"provider": "evil"}]' OR jsonb_path_exists(p -> 'attributes', '$.**.password') OR jsonb_path_exists(p -> 'attributes', '$.**.access_token');

-- Verified is what has an address; a default picture and nickname are those of the address: no row.
SELECT DISTINCT strategy FROM profiles WHERE (p ? 'email_verified' AND NOT p ? 'email') OR (p ? 'phone_verified' AND NOT p ? 'phone_number');
SELECT DISTINCT strategy FROM profiles WHERE p ? 'email' AND NOT (p ? 'name' AND p ? 'picture');
SELECT DISTINCT strategy FROM profiles WHERE p ->> 'picture' ~ 'gravatar.com/avatar/' AND p ->> 'picture' !~ md5(lower(p ->> 'email' COLLATE "C"));

-- The same answer gives the same profile; nothing of it is lost but what is listed above: no row.
SELECT DISTINCT strategy FROM profiles WHERE p IS DISTINCT FROM pg_temp.normalize(strategy, raw, extras);
SELECT DISTINCT strategy, key FROM profiles, jsonb_each(raw)
 WHERE p IS NOT NULL AND kind = 'social' AND strategy NOT IN (SELECT m.name FROM userdir.default_attribute_maps() m WHERE m.attribute_map ? 'root' OR m.attribute_map ? 'like' OR m.attribute_map ? 'fallback' OR m.attribute_map ? 'secret' OR m.attribute_map ->> 'raw' <> 'all')
   AND key <> ALL ('{password,access_token,refresh_token,access_token_secret,expires_in,token,id_token,secret,oauth_token,user_id,updated_at,birthdate,gender,locale}')
   AND (p #> ARRAY['attributes', key]) IS DISTINCT FROM value AND (p -> key) IS DISTINCT FROM value
   AND NOT value::text ~* '"(access_?token(_secret)?|id_?token|oauth_token(_secret)?|passw(or)?d(_hash)?|refresh_?token|secret|client_secret|session_(key|token)|signed_access_token|token|unicodePwd|userPassword)":';

-- What is stored is what was normalized, and storing it again changes nothing.
SELECT count(userdir.create_connection('conn', 'oauth2')) AS connections;
CREATE TEMP TABLE stored AS
SELECT n, raw, extras, p, userdir.upsert_from_connection('conn', raw, extras) AS u FROM profiles WHERE strategy = 'oauth2' AND p IS NOT NULL;
SELECT count(*) > 10 AS some, bool_and(u ->> 'user_id' = p ->> 'user_id') AS same_id FROM stored;
SELECT DISTINCT ON (u ->> 'user_id') n FROM stored s WHERE userdir.upsert_from_connection('conn', raw, extras) IS DISTINCT FROM userdir.upsert_from_connection('conn', raw, extras);
