-- upsert_from_connection(): what a login brings
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SELECT userdir.create_connection('github', 'github', '{"non_persistent_attrs": ["location"]}') ->> 'name' AS name
 UNION ALL SELECT userdir.create_connection('once', 'google-oauth2', '{"set_user_root_attributes": "on_first_login"}') ->> 'name'
 UNION ALL SELECT userdir.create_connection('never', 'samlp', '{"set_user_root_attributes": "never_on_login"}') ->> 'name'
 UNION ALL SELECT userdir.create_connection('apple', 'apple') ->> 'name'
 UNION ALL SELECT userdir.create_connection('shop', 'auth0') ->> 'name'
 UNION ALL SELECT userdir.create_connection('other', 'github') ->> 'name';

-- on_each_login: created, then refreshed.
SELECT pg_temp.show(userdir.upsert_from_connection('github', '{"id": 583231, "login": "octo", "name": "Octo Cat", "location": "Sea", "company": "Harbour", "avatar_url": "https://example.com/1.png"}',
  '{"emails": [{"email": "old@example.com", "primary": false, "verified": true}, {"email": "Octo@example.com", "primary": true, "verified": true}]}'));
SELECT u ->> 'name' AS name, u ->> 'nickname' AS nickname, u ->> 'picture' AS picture, u ->> 'email' AS email, u -> 'attributes' AS attributes
  FROM userdir.upsert_from_connection('github', '{"id": 583231, "login": "octo2", "name": "Octo C.", "company": "Port", "avatar_url": "https://example.com/2.png"}') u;

-- A login that brings nothing new writes nothing.
SELECT xmin AS row_version FROM userdir.users WHERE user_id = 'github|583231' \gset
SELECT userdir.upsert_from_connection('github', '{"id": 583231, "login": "octo2", "name": "Octo C.", "company": "Port", "avatar_url": "https://example.com/2.png"}') ->> 'nickname' AS nickname;
SELECT xmin = :'row_version' AS not_written FROM userdir.users WHERE user_id = 'github|583231';

-- Metadata and the administrator's block are not the provider's.
SELECT userdir.update_user('github|583231', '{"blocked": true, "user_metadata": {"a": 1}}') ->> 'blocked' AS blocked;
SELECT u -> 'blocked' AS blocked, u -> 'user_metadata' AS user_metadata FROM userdir.upsert_from_connection('github', '{"id": 583231, "login": "octo3", "user_metadata": {"b": 1}, "blocked": false}') u;

-- on_first_login: the five root attributes stay, the rest is refreshed.
SELECT u ->> 'name' AS name, u ->> 'email' AS email FROM userdir.upsert_from_connection('once', '{"sub": "1", "name": "One", "email": "one@example.com", "email_verified": true, "locale": "en"}') u;
SELECT userdir.update_user('google-oauth2|1', '{"name": "Uno"}') ->> 'name' AS name;
SELECT u ->> 'name' AS name, u ->> 'email' AS email, u -> 'attributes' ->> 'locale' AS locale FROM userdir.upsert_from_connection('once', '{"sub": "1", "name": "One!", "email": "uno@example.com", "locale": "es"}') u;

-- never_on_login: nobody is created, nothing is changed.
SELECT pg_temp.try($$SELECT userdir.upsert_from_connection('never', '{"nameID": "ann"}')$$);
SELECT userdir.create_user('never', '{"user_id": "never|ann", "email": "ann@corp.example", "name": "Ann"}') ->> 'user_id' AS user_id;
SELECT u ->> 'name' AS name, u ? 'attributes' AS has_attributes
  FROM userdir.upsert_from_connection('never', '{"nameID": "ann", "attributes": {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name": "Not Ann"}}') u;

-- Apple tells the name once: what it does not repeat is not lost.
SELECT u ->> 'name' AS name, u ->> 'nickname' AS nickname FROM userdir.upsert_from_connection('apple', '{"sub": "001.abc", "email": "ann@example.com", "email_verified": "true"}', '{"user": {"name": {"firstName": "Ann", "lastName": "Example"}}}') u;
SELECT u ->> 'name' AS name, u ->> 'given_name' AS given_name, u ->> 'email' AS email FROM userdir.upsert_from_connection('apple', '{"sub": "001.abc", "email": "ann@example.com", "email_verified": "true"}') u;
SELECT u ->> 'name' AS name, u ->> 'email' AS email, u ->> 'email_verified' AS verified FROM userdir.upsert_from_connection('apple', '{"sub": "001.abc"}') u;

-- A database of somebody else: identifiers follow the profile, metadata is merged.
\set import_profile :abs_srcdir '/import_profile.sql'
\i :import_profile
SELECT u ->> 'user_id' AS user_id, u ->> 'email' AS email, u -> 'user_metadata' AS user_metadata FROM userdir.import_profile('shop', '{"user_id": "42", "email": "Dee@Example.com", "user_metadata": {"size": "M"}}') u;
SELECT u ->> 'email' AS email, u -> 'user_metadata' AS user_metadata FROM userdir.import_profile('shop', '{"user_id": "42", "email": "dee2@example.com", "user_metadata": {"colour": "red"}}') u;
SELECT value, kind, connection FROM userdir.identifiers WHERE user_id = 'auth0|42' ORDER BY kind;
SELECT userdir.import_profile('shop', '{"user_id": "43", "email": "eli@example.com"}') ->> 'user_id' AS user_id;
SELECT pg_temp.try($$SELECT userdir.import_profile('shop', '{"user_id": "44", "email": "eli@example.com"}')$$);
SELECT pg_temp.try($$SELECT userdir.import_profile('shop', '{"user_id": "42", "email": "eli@example.com"}')$$);

-- No provider sends the users of a database connection: whoever may call this must not become one of them.
SELECT userdir.create_user('shop', '{"user_id": "ann", "email": "ann@example.com"}', 'Paper-Boat-1843') ->> 'user_id' AS user_id;
SELECT pg_temp.try($$SELECT userdir.upsert_from_connection('shop', '{"user_id": "ann", "email": "evil@attacker.example", "email_verified": true}')$$);
SELECT pg_temp.try($$SELECT userdir.upsert_from_connection('shop', '{"user_id": "made-up", "email": "new@example.com"}')$$);
SELECT email, (SELECT count(*) FROM userdir.users WHERE email = 'new@example.com') AS made_up FROM userdir.users WHERE user_id = 'auth0|ann';

-- Two connections must not give one id; two accounts of a provider may share an address.
SELECT pg_temp.try($$SELECT userdir.upsert_from_connection('other', '{"id": 583231}')$$);
SELECT userdir.upsert_from_connection('github', '{"id": 2, "email": "octo@example.com"}') ->> 'user_id' AS user_id;

-- Through a linked identity one comes in as the user it is linked to.
INSERT INTO userdir.identities (user_id, provider, provider_user_id, connection, is_primary, is_social, profile_data)
  VALUES ('auth0|42', 'github', '99', 'github', false, true, '{"nickname": "dee"}');
INSERT INTO userdir.identifiers (value, kind, connection, user_id, provider, provider_user_id)
  VALUES ('github|99', 'identity', '', 'auth0|42', 'github', '99');
SET session_replication_role = replica;
SELECT userdir._renew_identities('{auth0|42}');
RESET session_replication_role;
SELECT u ->> 'user_id' AS user_id, u ->> 'name' AS name, u #>> '{identities,1,profileData,name}' AS linked_name, u #>> '{identities,1,profileData,attributes,company}' AS linked_company
  FROM userdir.upsert_from_connection('github', '{"id": 99, "login": "dee", "name": "Dee Dee", "company": "Port"}') u;

-- Tokens of the provider are stored nowhere.
SELECT userdir.upsert_from_connection('github', '{"id": 3, "access_token": "kept-out", "refresh_token": "kept-out", "expires_in": 3600, "bot": {"token": "kept-out", "name": "b"}}') -> 'attributes' AS attributes;
SELECT count(*) AS rows_with_a_token FROM userdir.users u WHERE u::text LIKE '%kept-out%';

-- Bad input leaves nothing behind.
SELECT count(*) AS before FROM userdir.users \gset
SELECT pg_temp.try($$SELECT userdir.upsert_from_connection('github', '[]')$$) ~ '^UD003' AS not_an_object,
       pg_temp.try($$SELECT userdir.upsert_from_connection('github', '{"login": "x"}')$$) ~ '^UD003' AS no_id,
       pg_temp.try($$SELECT userdir.upsert_from_connection('github', NULL)$$) ~ '^(UD003|22004)' AS no_payload,
       pg_temp.try(format('SELECT userdir.upsert_from_connection(%L, %L)', 'github', jsonb_build_object('id', 5, 'x', repeat('x', 1024 * 1024)))) ~ '^54000' AS too_large,
       pg_temp.try(format('SELECT userdir.upsert_from_connection(%L, %L)', 'github', '{"id": 5, "x": ' || repeat('[', 200) || repeat(']', 200) || '}')) ~ '^54000' AS too_deep,
       pg_temp.try($$SELECT userdir.upsert_from_connection('nobody', '{"id": 5}')$$) ~ '^UD008' AS no_connection;
SELECT count(*) = :before AS nothing_stored FROM userdir.users;
