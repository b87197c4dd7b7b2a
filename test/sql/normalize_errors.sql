-- normalize_profile() and upsert_from_connection(): payloads that nobody should send
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory

-- Not an object
SELECT pg_temp.try(format('SELECT userdir.normalize_profile(%L, %L)', strategy, raw))
  FROM (VALUES ('github', '"text"'), ('github', '7'), ('github', 'null'), ('github', 'true'), ('github', '[]'),
               ('github', '[{"id": 1}]'), ('github', '[[[]]]')) v (strategy, raw);
SELECT pg_temp.try($$SELECT userdir.normalize_profile('oauth2', '[1, "x"]', 'mailru')$$);
SELECT pg_temp.try($$SELECT userdir.normalize_profile('samlp', '[]', 'acme')$$);
SELECT pg_temp.try($$SELECT userdir.normalize_profile('github', NULL)$$);
SELECT pg_temp.try($$SELECT userdir.normalize_profile(NULL, '{}')$$);

-- No usable id: the error tells what was tried and what is there instead.
SELECT pg_temp.try(format('SELECT userdir.normalize_profile(%L, %L)', 'github', raw))
  FROM (VALUES ('{}'), ('{"id": null}'), ('{"id": ""}'), ('{"id": " \t"}'), ('{"id": true}'), ('{"id": {"id": 1}}'), ('{"id": [1]}')) v (raw);
SELECT pg_temp.try($$SELECT userdir.normalize_profile('samlp', '{"issuer": "urn:x", "attributes": {"email": "a@example.com"}}', 'acme')$$);
SELECT pg_temp.try($$SELECT userdir.normalize_profile('twitter', '{"data": {"name": "x"}}')$$);
SELECT pg_temp.try($$SELECT userdir.normalize_profile('vkontakte', '{"response": []}')$$);
SELECT pg_temp.try($$SELECT userdir.normalize_profile('oauth2', '{"error": "invalid_token"}', 'spotify')$$);
SELECT pg_temp.try(format('SELECT userdir.normalize_profile(%L, %L)', 'github', jsonb_build_object('id', repeat('x', 256))));
SELECT length(userdir.normalize_profile('github', jsonb_build_object('id', repeat('x', 255))) ->> 'user_id') AS longest,
       length(userdir.normalize_profile('github', jsonb_build_object('id', repeat(U&'\4e03', 255))) ->> 'user_id') AS longest_in_characters;

-- Ids stay what they are: numbers become text without loss, blanks and bars are part of a text.
SELECT raw, userdir.normalize_profile('github', raw::jsonb) ->> 'user_id' AS user_id
  FROM (VALUES ('{"id": 0}'), ('{"id": 583231}'), ('{"id": 583231.0}'), ('{"id": 1e2}'), ('{"id": 1.50}'), ('{"id": -7}'), ('{"id": -0}'),
               ('{"id": 9007199254740993}'), ('{"id": 9223372036854775808}'), ('{"id": 123456789012345678901234567890}'),
               ('{"id": 12345678901234567890.123456789}'), ('{"id": "00583231"}'), ('{"id": "1e2"}'), ('{"id": "a|b|c"}'), ('{"id": "|"}'),
               ('{"id": " padded "}'), ('{"id": "two words"}'), ('{"id": "\u4e03\u5473"}'), ('{"id": "a\u0001b"}')) v (raw);
SELECT pg_temp.try($$SELECT userdir.normalize_profile('github', '{"id": 1e300}')$$);
SELECT userdir.normalize_profile('samlp', '{"nameID": "github|583231"}', 'acme') -> 'identities' AS split_at_the_first_bar;

-- Wrong types: what cannot be a normalized attribute is none, and stays what it is.
SELECT jsonb_pretty(userdir.normalize_profile('google-oauth2', '{"sub": 1, "name": {"a": 1}, "given_name": ["x"], "family_name": true, "nickname": 5, "email": 42, "email_verified": "perhaps", "picture": "no uri", "phone_number": 15550100123, "phone_verified": true, "username": {}}'));
SELECT jsonb_pretty(userdir.normalize_profile('google-oauth2', '{"sub": 1, "name": "", "given_name": null, "email": "  ", "email_verified": true, "picture": "javascript:alert(1)"}'));
SELECT email, userdir.normalize_profile('oidc', jsonb_build_object('sub', 1, 'email', 'a@example.com', 'email_verified', email::jsonb), 'corp') ->> 'email_verified' AS verified
  FROM unnest('{true,false,"\"true\"","\"TRUE\"","\"false\"",1,0,"\"1\"",2,"\"yes\"",null,[],"{}","[true]"}'::text[]) email;
SELECT picture, left(userdir.normalize_profile('oidc', jsonb_build_object('sub', 1, 'email', 'a@example.com', 'picture', picture), 'corp') ->> 'picture', 40) AS normalized
  FROM unnest('{https://img.example.com/a?b=c#d,http://x,HTTPS://x,//img.example.com/a,/a.png,data:text/plain;base64\,x,https://,https:///a,https://img.example.com/a b,https://img.example.com/%zz,https://img.example.com/ä,"  https://img.example.com/a  "}'::text[]) picture;
SELECT length(userdir.normalize_profile('oidc', jsonb_build_object('sub', 1, 'picture', 'https://img.example.com/' || repeat('a', 3000)), 'corp') ->> 'picture') AS too_long_a_picture;

-- Long texts are cut where a name is still a name; a cut address would be another one.
SELECT length(p ->> 'name') AS name, length(p ->> 'given_name') AS given_name, length(p ->> 'nickname') AS nickname, p ? 'email' AS email, p ? 'picture' AS picture
  FROM userdir.normalize_profile('oidc', jsonb_build_object('sub', 1, 'name', repeat(U&'\4e03', 100000), 'given_name', repeat('g', 100000), 'nickname', repeat('n', 301),
                                                            'email', repeat('e', 250) || '@example.com'), 'corp') p;

-- Size and depth, of the payload and of the further parts
SELECT pg_temp.try(format('SELECT userdir.normalize_profile(%L, %L)', 'github', jsonb_build_object('id', 1, 'x', repeat('x', 1024 * 1024))));
SELECT pg_temp.try(format('SELECT userdir.normalize_profile(%L, %L)', 'github', jsonb_build_object('id', 1, 'name', repeat('x', 1024 * 1024))));
SELECT pg_temp.try(format('SELECT userdir.normalize_profile(%L, %L, NULL, %L)', 'github', '{"id": 1}', jsonb_build_object('emails', repeat('x', 1024 * 1024))));
SELECT pg_temp.try(format('SELECT userdir.normalize_profile(%L, %L)', 'github', jsonb_build_object('id', 1, 'x', repeat('x', 512 * 1024 - 40))));
SELECT pg_temp.try(format('SELECT userdir.normalize_profile(%L, %L)', 'github', '{"id": 1, "a": ' || repeat('[', 31) || repeat(']', 31) || '}'));
SELECT pg_temp.try(format('SELECT userdir.normalize_profile(%L, %L)', 'github', '{"id": 1, "a": [1, {"b": ' || repeat('[', 30) || repeat(']', 30) || '}]}'));
SELECT pg_temp.try(format('SELECT userdir.normalize_profile(%L, %L)', 'github', '{"id": 1, "a": ' || repeat('{"b": ', 2000) || '1' || repeat('}', 2000) || '}'));
SELECT pg_temp.try(format('SELECT userdir.normalize_profile(%L, %L, NULL, %L)', 'github', '{"id": 1}', '{"emails": ' || repeat('[', 32) || repeat(']', 32) || '}'));
SELECT pg_temp.try(format('SELECT userdir.normalize_profile(%L, %L)', 'oauth2', repeat('[', 100) || repeat(']', 100)));
-- Whether 10,000 levels get past the JSON parser is a matter of the server's stack; past ours they do not.
SELECT pg_temp.try(format('SELECT userdir.normalize_profile(%L, %L)', 'github', repeat('[', 10000) || repeat(']', 10000))) ~ '^(54000|54001): ' AS refused;

-- The limits are settings of a superuser.
SET userdir.payload_max_depth = 3;
SELECT pg_temp.try($$SELECT userdir.normalize_profile('github', '{"id": 1, "a": {"b": {"c": {}}}}')$$);
SELECT pg_temp.try($$SELECT userdir.normalize_profile('github', '{"id": 1, "a": {"b": {"c": 1}}}')$$);
SET userdir.payload_max_depth = 512;
SELECT jsonb_typeof(userdir.normalize_profile('github', ('{"id": 1, "a": ' || repeat('[', 511) || repeat(']', 511) || '}')::jsonb) #> '{attributes,a}') AS at_the_largest_limit;
RESET userdir.payload_max_depth;

-- What is no JSON does not get here.
SELECT pg_temp.try($$SELECT userdir.normalize_profile('github', '{"id": "a\u0000b"}')$$);
SELECT pg_temp.try($$SELECT userdir.normalize_profile('github', '{"id": "\ud83d"}')$$);
SELECT pg_temp.try($$SELECT userdir.normalize_profile('github', '{"id": "\xff"}')$$);
SELECT pg_temp.try($$SELECT userdir.normalize_profile('github', E'{"id": "\xff"}')$$);
SELECT pg_temp.try($$SELECT userdir.normalize_profile('github', '{"id": 1')$$);
SELECT userdir.normalize_profile('github', '{"id": 1, "id": 2}') ->> 'user_id' AS the_last_of_two;

-- Strategy, connection and the other arguments
SELECT pg_temp.try(format('SELECT userdir.normalize_profile(%L, %L, %L)', strategy, '{"id": 1, "sub": "1"}', connection))
  FROM (VALUES ('gihtub', 'x'), ('', 'x'), (repeat('x', 1000000), 'x'), ('discord', 'x'), ('any-social', 'x'),
               ('oidc', NULL), ('oauth2', NULL), ('auth0', NULL), ('scim', NULL),
               ('oidc', ''), ('oidc', 'a|b'), ('oidc', repeat('c', 129)), ('oidc', repeat('c', 128)), ('github', NULL)) v (strategy, connection);
SELECT pg_temp.try(format('SELECT userdir.normalize_profile(%L, %L, %L, %L, %L)', 'github', '{"id": 1}', 'github', extras, options))
  FROM (VALUES ('[]', '{}'), ('7', '{}'), ('{}', '[]'), ('{}', '"x"'), (NULL, NULL), ('{"emails": 5}', '{}'), ('{"emails": [null, [], {"primary": true}]}', '{}')) v (extras, options);
SELECT pg_temp.try(format('SELECT userdir.normalize_profile(%L, %L, %L, %L, %L)', 'github', '{"id": 1}', 'github', '{}', jsonb_build_object('non_persistent_attrs', denied)))
  FROM (VALUES ('"x"'::jsonb), ('{}'), ('[1]'), ('[""]'), (to_jsonb(array_fill('x'::text, '{97}'))), (to_jsonb(array_fill('x'::text, '{96}'))),
               (jsonb_build_array(repeat('x', 256))), (jsonb_build_array(repeat('x', 255))), ('null')) v (denied);
SELECT pg_temp.try($$SELECT userdir.normalize_profile('custom', '{"id": 1, "app_metadata": "x"}', 'legacy')$$);
SELECT pg_temp.try($$SELECT userdir.normalize_profile('custom', '{"id": 1, "user_metadata": [1]}', 'legacy')$$);
SELECT pg_temp.try($$SELECT userdir.normalize_profile('scim', '{"id": "1"}', 'corp', '{}', '{"strategy": "nothing"}')$$);

-- Nothing is stored by what fails.
SELECT userdir.create_connection('github', 'github') IS NOT NULL AND userdir.create_connection('acme', 'samlp') IS NOT NULL
   AND userdir.create_connection('legacy', 'auth0', '{"enabledDatabaseCustomization": true}') IS NOT NULL AS created;
\set import_profile :abs_srcdir '/import_profile.sql'
\i :import_profile
SELECT pg_temp.try(format('SELECT userdir.upsert_from_connection(%L, %L)', connection, raw))
  FROM (VALUES ('github', '[]'), ('github', '{"login": "x"}'), ('github', '{"id": {}}'), ('acme', '{"attributes": {}}')) v (connection, raw);
SELECT pg_temp.try(format('SELECT userdir.import_profile(%L, %L)', connection, raw))
  FROM (VALUES ('legacy', '{"id": 1, "app_metadata": 1}'),
               ('legacy', '{"id": 1, "app_metadata": {"user_id": 1}}'), ('legacy', '{"id": 1, "user_metadata": {"a.b": 1}}')) v (connection, raw);
SELECT pg_temp.try(format('SELECT userdir.upsert_from_connection(%L, %L)', 'github', '{"id": 1, "x": ' || repeat('[', 1000) || repeat(']', 1000) || '}'));
SELECT pg_temp.try(format('SELECT userdir.upsert_from_connection(%L, %L)', 'github', jsonb_build_object('id', 1, 'x', repeat('x', 1024 * 1024))));
SELECT pg_temp.try(format('SELECT userdir.upsert_from_connection(%L, %L)', 'github', '{"id": 1, "x": [' || repeat('1e131071, ', 12000) || '1]}'));
SELECT (SELECT count(*) FROM userdir.users) AS users, (SELECT count(*) FROM userdir.identities) AS identities, (SELECT count(*) FROM userdir.identifiers) AS identifiers;
-- A failed login does not spoil a transaction that goes on, nor a later one of the same backend.
SELECT userdir.upsert_from_connection('github', '{"id": 1}') ->> 'user_id' AS user_id;
