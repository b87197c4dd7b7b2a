-- Users: creating, reading, deleting
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SELECT userdir.create_connection('users', 'auth0') ->> 'name' AS name
 UNION ALL SELECT userdir.create_connection('named', 'auth0', '{"requires_username": true, "validation": {"username": {"min": 3, "max": 20}}}') ->> 'name'
 UNION ALL SELECT userdir.create_connection('email', 'email') ->> 'name'
 UNION ALL SELECT userdir.create_connection('sms', 'sms') ->> 'name'
 UNION ALL SELECT userdir.create_connection('github', 'github') ->> 'name'
 UNION ALL SELECT userdir.create_connection('provisioned', 'samlp', '{"set_user_root_attributes": "never_on_login"}') ->> 'name';

-- What the model's defaults make of an e-mail address.
SELECT pg_temp.show(userdir.create_user('users', '{"email": "Jane.Doe+news@Example.COM", "user_id": "jane"}'));
SELECT userdir.create_user('users', '{"email": "random@example.com"}') ->> 'user_id' ~ '^auth0\|[0-9a-f]{24}$' AS generated_id;

-- Everything that can be given.
SELECT pg_temp.show(userdir.create_user('named', '{"email": "max@example.com", "email_verified": true, "username": "Max_M", "user_id": "named|1",
  "phone_number": "+15551234567", "phone_verified": true, "name": "Max M", "given_name": "Max", "family_name": "Mustermann", "nickname": "maxi",
  "picture": "https://example.com/max.png", "blocked": true, "verify_email": false, "connection": "named",
  "user_metadata": {"lang": "de", "nested": {"null": null}}, "app_metadata": {"plan": "gold"}}'));

-- Passwordless.
SELECT u ->> 'email' AS email, u ->> 'name' AS name FROM userdir.create_user('email', '{"email": "Case@Kept.example", "user_id": "e1"}') u;
SELECT u ->> 'user_id' AS user_id, u ->> 'phone_verified' AS phone_verified, u ->> 'name' AS name, u ? 'email_verified' AS has_email_verified
  FROM userdir.create_user('sms', '{"phone_number": "+49301234567", "user_id": "s1"}') u;

-- Provisioned for a connection whose logins create nobody.
SELECT u ->> 'user_id' AS user_id, u -> 'identities' AS identities FROM userdir.create_user('provisioned', '{"user_id": "provisioned|ann", "email": "ann@corp.example"}') u;

-- Uniqueness: per connection, and of ids everywhere.
SELECT pg_temp.try($$SELECT userdir.create_user('users', '{"email": "JANE.doe+news@example.com"}')$$);
SELECT pg_temp.try($$SELECT userdir.create_user('named', '{"email": "jane.doe+news@example.com", "username": "jane"}')$$) AS other_connection;
SELECT pg_temp.try($$SELECT userdir.create_user('named', '{"email": "x@example.com", "username": "MAX_m"}')$$);
SELECT pg_temp.try($$SELECT userdir.create_user('named', '{"email": "x@example.com", "username": "xyz", "phone_number": "+15551234567"}')$$);
SELECT pg_temp.try($$SELECT userdir.create_user('named', '{"email": "x@example.com", "username": "xyz", "user_id": "jane"}')$$);
SELECT pg_temp.try($$SELECT userdir.create_user('email', '{"email": "cASE@kEPT.example"}')$$);

-- Malformed, missing, unknown, too long.
SELECT body, pg_temp.try(format('SELECT userdir.create_user(%L, %L)', 'users', body))
  FROM (VALUES ('{}'), ('[]'), ('"x"'), ('{"email": 1}'), ('{"email": null}'), ('{"email": "no at"}'), ('{"email": ""}'),
               ('{"email": "a@b.co", "naem": "x"}'), ('{"email": "a@b.co", "password": "secret"}'), ('{"email": "a@b.co", "username": "a"}'),
               ('{"email": "a@b.co", "blocked": "yes"}'), ('{"email": "a@b.co", "name": ""}'), ('{"email": "a@b.co", "user_id": "a b"}'),
               ('{"email": "a@b.co", "user_id": ""}'), ('{"email": "a@b.co", "picture": "not a uri"}'), ('{"email": "a@b.co", "phone_number": "0301234"}'),
               ('{"email": "a@b.co", "user_metadata": []}'), ('{"email": "a@b.co", "user_metadata": {"a.b": 1}}'), ('{"email": "a@b.co", "app_metadata": {"user_id": 1}}'),
               ('{"email": "a@b.co", "connection": "named"}'), ('{"email": "a@b.co", "identities": []}'), ('{"email": "a@b.co", "created_at": "2020-01-01"}')) t (body);
SELECT pg_temp.try(format('SELECT userdir.create_user(%L, %L)', 'users', jsonb_build_object('email', 'a@b.co', 'given_name', repeat('x', 151))));
SELECT pg_temp.try(format('SELECT userdir.create_user(%L, %L)', 'users', jsonb_build_object('email', 'a@b.co', 'name', repeat('ä', 300)))) AS three_hundred;
SELECT pg_temp.try(format('SELECT userdir.create_user(%L, %L)', 'users', jsonb_build_object('email', 'a2@b.co', 'user_id', repeat('x', 256))));
SELECT pg_temp.try($$SELECT userdir.create_user('users', NULL)$$);
SELECT pg_temp.try($$SELECT userdir.create_user('named', '{"email": "n@example.com"}')$$);
SELECT pg_temp.try($$SELECT userdir.create_user('named', '{"email": "n@example.com", "username": "ab"}')$$);
SELECT pg_temp.try($$SELECT userdir.create_user('named', '{"email": "n@example.com", "username": "a@b.co"}')$$);
SELECT pg_temp.try($$SELECT userdir.create_user('email', '{"user_id": "e2"}')$$);
SELECT pg_temp.try($$SELECT userdir.create_user('sms', '{"email": "a@b.co"}')$$);
SELECT pg_temp.try($$SELECT userdir.create_user('github', '{"email": "a@b.co"}')$$);
SELECT pg_temp.try($$SELECT userdir.create_user('provisioned', '{"email": "a@b.co"}')$$);
SELECT pg_temp.try($$SELECT userdir.create_user('nobody', '{"email": "a@b.co"}')$$);

-- Reading. A nested null is a value; an absent key is absent.
SELECT userdir.get_user('auth0|jane', 'user_id,email') AS only_these, userdir.get_user('auth0|named|1', 'identities,picture,created_at,updated_at,app_metadata', false) AS all_but_these;
SELECT userdir.get_user('auth0|nobody') AS nobody, userdir.get_user(NULL) AS null_id;
SELECT pg_temp.try($$SELECT userdir.get_user('auth0|jane', 'email,passwords')$$);
SELECT userdir.get_user('auth0|jane') ->> 'created_at' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$' AS iso;
SELECT jsonb_path_query_array(userdir.get_users_by_email('jane.doe+news@example.com'), '$[*].identities[0].connection') AS of_connections,
       userdir.get_users_by_email('Jane.Doe+news@Example.COM') AS case_matters;

-- Statistics of logins appear with the first login.
INSERT INTO userdir.user_logins VALUES ('auth0|jane', '2024-05-06 07:08:09.123456+02', '2001:db8::1', 3);
SELECT userdir.get_user('auth0|jane', 'last_login,last_ip,logins_count');
SELECT last_ip, logins_count FROM userdir.profiles WHERE user_id IN ('auth0|jane', 'sms|s1') ORDER BY user_id;

-- Deleting takes all that belongs to the user, and is no error when there is nobody.
SELECT userdir.delete_user('auth0|jane') AS deleted, userdir.delete_user('auth0|jane') AS again;
SELECT (SELECT count(*) FROM userdir.identities WHERE user_id = 'auth0|jane') + (SELECT count(*) FROM userdir.identifiers WHERE user_id = 'auth0|jane')
     + (SELECT count(*) FROM userdir.user_logins WHERE user_id = 'auth0|jane') AS left_over;
SELECT pg_temp.try($$SELECT userdir.create_user('users', '{"email": "jane.doe+news@example.com", "user_id": "jane"}')$$) AS may_come_back;
