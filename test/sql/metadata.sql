-- Metadata: checks, the two merges, and their operators
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SET search_path = public, userdir;

-- The model's merge: first level, null deletes, {} wipes, nested values are replaced whole.
SELECT stored, changes, merge_metadata(stored, changes) AS merged, stored |+ changes = merge_metadata(stored, changes) AS same
  FROM (VALUES ('{"a": 1, "b": {"c": 2, "d": 3}}'::jsonb, '{"b": {"e": 4}}'::jsonb), ('{"a": 1}', '{"b": 2}'), ('{"a": 1, "b": 2}', '{"a": null}'),
               ('{"a": 1}', '{}'), ('{}', '{}'), ('{}', '{"a": null}'), ('{"a": [1, 2]}', '{"a": [3]}'), ('{"a": 1}', '{"a": {"b": null}}'),
               ('{"a": {"b": 1}}', '{"a": "text"}'), (NULL, '{"a": 1}'), (NULL, '{"a": null, "b": {"c": null}}'), ('{"a": 1}', NULL), (NULL, NULL),
               ('{"": 1}', '{"": null, " ": 2}'), ('{"a": 1}', '{"a": 1.0}')) t (stored, changes);
SELECT pg_temp.try($$SELECT userdir.merge_metadata('[]', '{}')$$), pg_temp.try($$SELECT userdir.merge_metadata('{}', '"x"')$$);

-- The examples of RFC 7396, appendix A.
SELECT target, patch, json_merge_patch(target, patch) AS result, json_merge_patch(target, patch) = expected AS right_,
       (target |++ patch) = expected AS operator_right
  FROM (VALUES ('{"a":"b"}'::jsonb, '{"a":"c"}'::jsonb, '{"a":"c"}'::jsonb), ('{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'),
               ('{"a":"b"}', '{"a":null}', '{}'), ('{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'), ('{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'),
               ('{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'), ('{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'),
               ('{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'), ('["a","b"]', '["c","d"]', '["c","d"]'), ('{"a":"b"}', '["c"]', '["c"]'),
               ('{"a":"foo"}', 'null', 'null'), ('{"a":"foo"}', '"bar"', '"bar"'), ('{"e":null}', '{"a":1}', '{"e":null,"a":1}'),
               ('[1,2]', '{"a":"b","c":null}', '{"a":"b"}'), ('{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}')) t (target, patch, expected);
-- And that of its section 3.
SELECT jsonb_pretty('{"title": "Goodbye!", "author": {"givenName": "John", "familyName": "Doe"}, "tags": ["example", "sample"], "content": "This will be unchanged"}'::jsonb
                    |++ '{"title": "Hello!", "phoneNumber": "+01-123-456-7890", "author": {"familyName": null}, "tags": ["example"]}');
SELECT json_merge_patch(NULL, '{}') IS NULL AS null_target, json_merge_patch('{}', NULL) IS NULL AS null_patch;

-- Both against their definitions in plain SQL, on random documents.
CREATE FUNCTION random_json(depth integer) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  RETURN CASE
    WHEN depth > 0 AND random() < 0.6 THEN
      (SELECT coalesce(jsonb_object_agg(chr(97 + (random() * 4)::integer), random_json(depth - 1)), '{}')
         FROM generate_series(1, (random() * 4)::integer))
    WHEN random() < 0.3 THEN 'null'
    WHEN random() < 0.3 THEN jsonb_build_array((random() * 3)::integer, 'x')
    WHEN random() < 0.5 THEN to_jsonb((random() * 3)::integer)
    ELSE to_jsonb(chr(120 + (random() * 2)::integer)) END;
END $$;
CREATE FUNCTION naive_patch(target jsonb, patch jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  result jsonb := CASE WHEN jsonb_typeof(target) = 'object' THEN target ELSE '{}' END;
  member record;
BEGIN
  IF jsonb_typeof(patch) <> 'object' THEN RETURN patch; END IF;
  FOR member IN SELECT * FROM jsonb_each(patch) LOOP
    IF member.value = 'null' THEN
      result := result - member.key;
    ELSE
      result := jsonb_set(result, ARRAY[member.key], naive_patch(coalesce(result -> member.key, 'null'), member.value));
    END IF;
  END LOOP;
  RETURN result;
END $$;
CREATE FUNCTION naive_merge(stored jsonb, changes jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT CASE WHEN changes = '{}' THEN '{}' ELSE
    (stored || changes) - ARRAY(SELECT key FROM jsonb_each(changes) WHERE value = 'null') END $$;
SELECT setseed(0.42) IS NOT NULL AS seeded;
CREATE TEMP TABLE pairs AS SELECT random_json(4) AS a, random_json(4) AS b FROM generate_series(1, 3000);
SELECT count(*) FILTER (WHERE jsonb_typeof(a) = 'object' AND jsonb_typeof(b) = 'object') > 500 AS enough_objects,
       count(*) FILTER (WHERE json_merge_patch(a, b) IS DISTINCT FROM naive_patch(a, b)) AS wrong_patches,
       count(*) FILTER (WHERE jsonb_typeof(a) = 'object' AND jsonb_typeof(b) = 'object'
                          AND merge_metadata(a, b) IS DISTINCT FROM naive_merge(a, b)) AS wrong_merges
  FROM pairs;
-- The result is a proper jsonb: it equals its own text read again, to the byte.
SELECT count(*) AS different FROM pairs WHERE json_merge_patch(a, b)::text::jsonb IS DISTINCT FROM json_merge_patch(a, b);

-- Names, at any level; values may hold anything.
SELECT kind, document, pg_temp.try(format('SELECT userdir.check_metadata(%L, %L)', kind, document)) AS answer
  FROM (VALUES ('user_metadata', '{"a": {"b": [{"c": "x.y$z"}]}}'), ('user_metadata', '{}'), ('user_metadata', '{"": 1}'), ('user_metadata', '{"email": "x", "blocked": true}'),
               ('user_metadata', '{"a.b": 1}'), ('user_metadata', '{"a": [{"b": {"$c": 1}}]}'), ('user_metadata', '{"a$": 1}'), ('app_metadata', '{"email": 1}'),
               ('app_metadata', '{"nested": {"email": 1}}'), ('app_metadata', '{"multifactor_last_modified": null}'), ('app_metadata', '{"Email": 1}'),
               ('user_metadata', '[]'), ('user_metadata', '"x"'), ('user_metadata', 'null'), ('client_metadata', '{}')) t (kind, document);
SELECT pg_temp.try(format('SELECT userdir.check_metadata(%L, %L)', 'user_metadata', jsonb_build_object(repeat('ä', 300) || '.', 1)));
SELECT count(*) AS reserved FROM unnest('{__tenant,_id,blocked,clientID,created_at,email,email_verified,globalClientID,global_client_id,identities,lastIP,lastLogin,loginsCount,metadata,multifactor,multifactor_last_modified,updated_at,user_id}'::text[]) name
 WHERE pg_temp.try(format('SELECT userdir.check_metadata(%L, %L)', 'app_metadata', jsonb_build_object(name, 1))) ~ '^UD005';

-- Sizes and depths, at the limit and beyond it.
SELECT depth, pg_temp.try(format('SELECT userdir.check_metadata(%L, %L)', 'app_metadata', repeat('{"a": ', depth) || '1' || repeat('}', depth))) FROM unnest('{32,33,5000}'::integer[]) depth;
SET userdir.metadata_max_depth = 2;
SELECT pg_temp.try($$SELECT userdir.check_metadata('app_metadata', '{"a": [[]]}')$$);
RESET userdir.metadata_max_depth;
SET userdir.metadata_max_size = '4kB';
SELECT size, pg_temp.try(format('SELECT userdir.check_metadata(%L, %L)', 'app_metadata', jsonb_build_object('a', repeat('x', size)))) FROM unnest('{4000,4096,100000}'::integer[]) size;
RESET userdir.metadata_max_size;
-- Few bytes that would be gigabytes in text: nobody could read that user again.
SELECT count, pg_temp.try(format('SELECT userdir.check_metadata(%L, %L)', 'user_metadata', '{"a": [' || repeat('1e131071, ', count) || '1]}')) FROM unnest('{7,9,12000}'::integer[]) count;
SELECT pg_temp.try($$SELECT userdir.check_metadata('app_metadata', jsonb_build_object('a', jsonb_build_array(1e131071, jsonb_build_object('b', 1e-16383)), 'c', -1.5e300))$$);
-- The merges themselves go deep without harm, and stop before the stack does.
SELECT length(json_merge_patch('{}', (repeat('{"a": ', 2000) || '1' || repeat('}', 2000))::jsonb)::text);

-- Every path of writing is checked, and nothing is half done.
SELECT create_connection('users', 'auth0') ->> 'name' AS name;
SELECT create_user('users', '{"email": "ann@example.com", "user_id": "ann", "user_metadata": {"lang": "en", "ui": {"size": 13, "theme": "dark"}}}') ->> 'user_id' AS user_id;
SELECT statement, pg_temp.try(statement) AS answer
  FROM (VALUES ($$SELECT userdir.create_user('users', '{"email": "bob@example.com", "app_metadata": {"_id": 1}}')$$),
               ($$SELECT userdir.update_user('auth0|ann', '{"nickname": "x", "user_metadata": {"a.b": 1}}')$$),
               ($$UPDATE userdir.users SET nickname = 'x', user_metadata = user_metadata || '{"$": 1}'$$),
               ($$UPDATE userdir.users SET app_metadata = '1'$$)) t (statement);
SELECT email, nickname, user_metadata, app_metadata FROM users;

-- update_user() merges as the function does; the operators serve plain SQL.
SELECT update_user('auth0|ann', '{"user_metadata": {"ui": {"size": 15}, "lang": null, "new": true}}') -> 'user_metadata' AS user_metadata;
UPDATE users SET user_metadata = user_metadata |++ '{"ui": {"theme": "light"}, "new": null}' WHERE user_id = 'auth0|ann' RETURNING user_metadata;
UPDATE users SET app_metadata = app_metadata |+ '{"plan": "gold"}' WHERE user_id = 'auth0|ann' RETURNING app_metadata;
-- PostgreSQL's own helpers fit: a path is removed, and its existence asked.
UPDATE users SET user_metadata = user_metadata #- '{ui,theme}' WHERE user_metadata @? '$.ui.theme' RETURNING user_metadata;
SELECT update_user('auth0|ann', '{"user_metadata": {}}') ? 'user_metadata' AS still_there, update_user('auth0|ann', '{"user_metadata": null}') ? 'user_metadata' AS removed;
