-- Custom databases: taking over accounts, guessing passwords, finding out who there is, and what a failed action gives away
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set custom_database :abs_srcdir '/custom_database.sql'
\i :custom_database
SET userdir.password_memory = '7MB';
SELECT userdir.create_connection(n, 'auth0') ->> 'name' AS connection FROM unnest('{import,legacy}'::text[]) n;
SELECT userdir.set_custom_database('import', 'import', login => 'legacy.login', get_user => 'legacy.get_user') ->> 'name' AS connection;
SELECT userdir.set_custom_database('legacy', 'legacy', login => 'legacy.login', get_user => 'legacy.get_user', create_user => 'legacy.create_account',
  change_password => 'legacy.change_password', change_email => 'legacy.change_email', delete_user => 'legacy.delete_account') ->> 'name' AS connection;
CREATE FUNCTION pg_temp.login(connection text, identifier text, password text) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', outcome, user_id) FROM userdir.login(connection, identifier, password, context => '{"ip": "192.0.2.7"}') $$;

-- A ticket of somebody who was not here yet does not outlive a change of the password, by the user, an administrator or a later ticket.
SELECT userdir.request_password_change('import', 'ann@example.com') AS ticket \gset
SELECT pg_temp.login('import', 'ann@example.com', 'ann-Old-Boat-1');
SELECT outcome FROM userdir.change_password('import', 'ann@example.com', 'ann-Old-Boat-1', 'ann-New-Boat-2');
SELECT outcome, description FROM userdir.reset_password(:'ticket', 'ann-Bad-Boat-3');
SELECT pg_temp.login('import', 'ann@example.com', 'ann-New-Boat-2');
SELECT userdir.request_password_change('import', 'ben@example.com') AS ticket \gset
SELECT pg_temp.login('import', 'ben@example.com', 'ben-Old-Boat-1');
SELECT userdir.set_password('auth0|ben', 'ben-New-Boat-2');
SELECT outcome FROM userdir.reset_password(:'ticket', 'ben-Bad-Boat-3');
SELECT userdir.request_password_change('import', 'cyd@example.com') AS ticket \gset
SELECT pg_temp.login('import', 'cyd@example.com', 'cyd-Old-Boat-1');
SELECT userdir.request_password_change('import', 'cyd@example.com') IS NOT NULL AS later;
SELECT outcome FROM userdir.reset_password(:'ticket', 'cyd-Bad-Boat-3');
-- Nor does it serve whoever has an address that the user has given up.
SELECT userdir.request_password_change('import', 'dan@example.com') AS ticket \gset
SELECT pg_temp.login('import', 'dan@example.com', 'dan-Old-Boat-1');
SELECT userdir.update_user('auth0|dan', '{"email": "dan.new@example.com"}') ->> 'email' AS email;
SELECT outcome, description FROM userdir.reset_password(:'ticket', 'dan-Bad-Boat-3');
SELECT userdir.request_password_change('import', 'dan@example.com') IS NULL AS none;
SELECT pg_temp.login('import', 'dan.new@example.com', 'dan-Old-Boat-1');

-- In mode legacy the other database says whose an address is. Where it has changed there, it can be used at once,
-- but not the old one for the account that had it.
SELECT pg_temp.login('legacy', 'eve@example.com', 'eve-Old-Boat-1');
UPDATE legacy.accounts SET email = 'eve.new@example.com' WHERE id = 'eve';
INSERT INTO legacy.accounts VALUES ('other', 'eve@example.com', 'Other', legacy.hash('other-Old-Boat-1'));
SELECT userdir.request_password_change('legacy', 'eve@example.com') AS ticket \gset
SELECT outcome FROM userdir.reset_password(:'ticket', 'eve-Bad-Boat-3');
SELECT userdir.request_password_change('legacy', 'eve.new@example.com') AS ticket \gset
SELECT outcome, user_id FROM userdir.reset_password(:'ticket', 'eve-New-Boat-2');
SELECT email FROM userdir.users WHERE user_id = 'auth0|eve';
SELECT pg_temp.login('legacy', 'eve.new@example.com', 'eve-New-Boat-2'), pg_temp.login('legacy', 'eve@example.com', 'other-Old-Boat-1');
SELECT outcome FROM userdir.reset_password(:'ticket', 'eve-Bad-Boat-3');
-- An id of another connection gets no ticket.
SELECT userdir.request_password_change('legacy', 'ann@example.com') IS NULL AS none;

-- The other database may find one account by many spellings of its name: the failures are the account's.
CREATE FUNCTION legacy.loose_login(login text, password userdir.secret, context jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT legacy.login(translate(login, 'âáà ', 'aaa'), password, context) $$;
SELECT userdir.set_custom_database(n, login => 'legacy.loose_login') ->> 'name' AS connection FROM unnest('{import,legacy}'::text[]) n;
CREATE FUNCTION pg_temp.guess(connection text, count integer) RETURNS TABLE (outcome text, times bigint) LANGUAGE sql AS $$
  SELECT pg_temp.login(connection, CASE i % 4 WHEN 0 THEN 'fay' WHEN 1 THEN 'fáy' WHEN 2 THEN 'fày' ELSE 'fây' END || '@example.com' || repeat(' ', i / 8), 'guess'), count(*)
    FROM generate_series(1, count) i GROUP BY 1 ORDER BY 1 $$;
SELECT * FROM pg_temp.guess('import', 24);
SELECT pg_temp.login('import', ' fay@example.com', 'fay-Old-Boat-1');
SELECT count(*) AS imported FROM userdir.users WHERE email = 'fay@example.com';
SELECT outcome FROM userdir.login('import', 'fáy@example.com', 'guess', context => '{"ip": "198.51.100.7"}');
SELECT userdir.user_blocks('auth0|fay');
SELECT userdir.unblock_user('auth0|fay');
SELECT pg_temp.login('import', ' fay@example.com', 'fay-Old-Boat-1');
-- The address counts such a failure once.
SELECT userdir.update_attack_protection('suspicious-ip-throttling', '{"stage": {"pre-login": {"max_attempts": 16}}}') #> '{stage,pre-login,max_attempts}' AS most;
SELECT DISTINCT (userdir.login('import', 'hal@example.com', 'guess', context => '{"ip": "203.0.113.9"}')).outcome FROM generate_series(1, 9);
SELECT userdir.ip_block('203.0.113.9');
SELECT userdir.update_attack_protection('suspicious-ip-throttling', '{"stage": {"pre-login": {"max_attempts": 100}}}') #> '{stage,pre-login,max_attempts}' AS most;
SELECT userdir.delete_user('auth0|fay');
SELECT * FROM pg_temp.guess('legacy', 9);
SELECT pg_temp.login('legacy', ' fay@example.com', 'fay-Old-Boat-1');
SELECT * FROM pg_temp.guess('legacy', 12);
SELECT userdir.user_blocks_by_id('auth0|fay');
SELECT userdir.set_password('auth0|fay', 'fay-New-Boat-2');
SELECT userdir.user_blocks_by_id('auth0|fay');
SELECT pg_temp.login('legacy', 'fay@example.com', 'fay-New-Boat-2');
-- What is no id names no account.
CREATE TABLE legacy.raised (detail text);
CREATE FUNCTION legacy.raising_login(login text, password userdir.secret, context jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'no' USING ERRCODE = 'UD060', DETAIL = (SELECT r.detail FROM legacy.raised r);
END $$;
SELECT userdir.set_custom_database('legacy', login => 'legacy.raising_login') ->> 'name' AS connection;
DELETE FROM userdir.logs;
CREATE FUNCTION pg_temp.raise(told text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM legacy.raised;
  INSERT INTO legacy.raised VALUES (told);
  RETURN pg_temp.login('legacy', 'zed@example.com', 'x');
END $$;
SELECT pg_temp.raise(v) FROM unnest(ARRAY['7', '', 'two words', E'a\u0007b', repeat('x', 256)]) v;
SELECT type, user_id FROM userdir.logs ORDER BY date, log_id;
SELECT userdir.set_custom_database(n, login => 'legacy.login') ->> 'name' AS connection FROM unnest('{import,legacy}'::text[]) n;

-- A wrong password takes as long as an unknown user, whatever the action does.
RESET userdir.password_memory;
CREATE FUNCTION legacy.quick_login(login text, password userdir.secret, context jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  IF login LIKE 'known%' THEN
    RAISE EXCEPTION 'wrong' USING ERRCODE = 'UD060';
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION pg_temp.seconds(connection text, identifier text) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
  started timestamptz;
  least_seconds double precision := 'infinity';
BEGIN
  FOR i IN 1..4 LOOP
    started := clock_timestamp();
    PERFORM userdir.login(connection, identifier, 'guess', context => jsonb_build_object('ip', '198.51.100.' || i));
    least_seconds := least(least_seconds, extract(epoch FROM clock_timestamp() - started));
  END LOOP;
  RETURN least_seconds;
END $$;
CREATE FUNCTION pg_temp.is_even(one double precision, other double precision) RETURNS boolean LANGUAGE sql AS $$ SELECT one BETWEEN other / 3 AND other * 3 $$;
SELECT n AS connection, pg_temp.is_even(pg_temp.seconds(n, 'gus@example.com'), pg_temp.seconds(n, 'nobody@example.com')) AS even_by_hash FROM unnest('{import,legacy}'::text[]) n;
SELECT userdir.set_custom_database(n, login => 'legacy.quick_login') ->> 'name' AS connection FROM unnest('{import,legacy}'::text[]) n;
SELECT n AS connection, pg_temp.is_even(pg_temp.seconds(n, 'known@example.com'), pg_temp.seconds(n, 'nobody@example.com')) AS even_without FROM unnest('{import,legacy}'::text[]) n;
-- Once, not twice.
CREATE FUNCTION legacy.careful_login(login text, password userdir.secret, context jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  PERFORM userdir.password_matches(password, NULL::text);
  RETURN NULL;
END $$;
SELECT pg_temp.seconds('import', 'nobody@example.com') AS quick \gset
SELECT userdir.set_custom_database('import', login => 'legacy.careful_login') ->> 'name' AS connection;
SELECT pg_temp.seconds('import', 'nobody@example.com') < :quick * 1.8 AS once;
SET userdir.password_memory = '7MB';

-- What an action fails with goes to the log without the password, and without the row that a constraint refuses.
CREATE TABLE legacy.strict (email text, password text CHECK (length(password) > 100));
CREATE FUNCTION legacy.leaky_login(login text, password userdir.secret, context jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  CASE login
    WHEN 'row' THEN INSERT INTO legacy.strict VALUES (login, userdir.reveal(password));
    WHEN 'hash' THEN INSERT INTO legacy.strict VALUES (login, md5(userdir.reveal(password)));
    WHEN 'message' THEN PERFORM userdir.reveal(password)::integer;
    WHEN 'detail' THEN RAISE EXCEPTION 'refused' USING DETAIL = 'It was ' || userdir.reveal(password);
    ELSE RAISE EXCEPTION 'refused' USING DETAIL = 'It was another.';
  END CASE;
  RETURN NULL;
END $$;
SELECT userdir.set_custom_database('legacy', login => 'legacy.leaky_login') ->> 'name' AS connection;
DELETE FROM userdir.logs;
SELECT pg_temp.login('legacy', n, 'Härdly-Secret-Boat') FROM unnest('{row,hash,message,detail,other}'::text[]) n;
SELECT user_name, details - 'function' AS details FROM userdir.logs ORDER BY date, log_id;
SELECT outcome, code, message, detail FROM userdir.try_custom_database('legacy', 'login', 'detail', 'Härdly-Secret-Boat');

-- Names of somebody who may still come from there are not free, but an administrator may bring that very person.
SELECT userdir.set_custom_database('import', login => 'legacy.login') ->> 'name' AS connection;
SELECT pg_temp.try($$SELECT userdir.create_user('import', '{"email": "gus@example.com"}')$$);
SELECT pg_temp.try($$SELECT userdir.create_user('import', '{"email": "gus@example.com", "user_id": "hal"}')$$);
SELECT userdir.create_user('import', '{"email": "gus@example.com", "user_id": "gus"}') ->> 'user_id' AS user_id;
SELECT userdir.set_password_hash('auth0|gus', legacy.hash('gus-Old-Boat-1'));
SELECT pg_temp.login('import', 'gus@example.com', 'gus-Old-Boat-1');
INSERT INTO legacy.accounts VALUES ('ida', NULL, 'Ida', legacy.hash('ida-Old-Boat-1'));
CREATE FUNCTION legacy.phone_login(login text, password userdir.secret, context jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{"user_id": "ida", "phone_number": "+4930123456"}'::jsonb $$;
SELECT userdir.set_custom_database('import', login => 'legacy.phone_login') ->> 'name' AS connection;
SELECT pg_temp.login('import', '+4930123456', 'ida-Old-Boat-1');
SELECT pg_temp.try($$SELECT userdir.update_user('auth0|ida', '{"email": "hal@example.com"}')$$);

-- A moment that no JSON can tell.
CREATE FUNCTION legacy.forever(login text, password userdir.secret, context jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{"last_password_reset": "infinity"}'::jsonb $$;
SELECT userdir.set_custom_database('legacy', login => 'legacy.login', change_password => 'legacy.forever') ->> 'name' AS connection;
SELECT pg_temp.try($$SELECT userdir.set_password('auth0|eve', 'eve-New-Boat-4')$$);

-- What rules add to a sign-up reaches the other database.
CREATE FUNCTION public.add_metadata() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.user_metadata := NEW.user_metadata || '{"tour": null}';
  NEW.app_metadata := '{"plan": "trial"}';
  RETURN NEW;
END $$;
SELECT userdir.create_rule('metadata', 'pre_user_registration', 'public.add_metadata()') IS NOT NULL AS created;
SELECT outcome FROM userdir.signup('legacy', '{"email": "joe@example.com", "user_metadata": {"color": "red"}}', 'joe-New-Boat-1');
SELECT asked FROM legacy.accounts WHERE email = 'joe@example.com';

-- Whoever returns a whole row gives no hash away, by whatever usual name it goes.
CREATE FUNCTION legacy.whole_login(login text, password userdir.secret, context jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('user_id', 'kit', 'email', login, 'plan', 'gold') || jsonb_object_agg(n, 'x')
    FROM unnest('{hash,encrypted_password,crypted_password,passwordHash,password_hash,password_salt,user_pass,password,salt}'::text[]) n $$;
SELECT userdir.set_custom_database('legacy', login => 'legacy.whole_login') ->> 'name' AS connection;
SELECT pg_temp.login('legacy', 'kit@example.com', 'kit-Old-Boat-1');
SELECT attributes FROM userdir.users WHERE user_id = 'auth0|kit';
