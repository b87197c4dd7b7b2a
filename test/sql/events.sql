-- Events: consumers, what is written, reading and acknowledging
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SELECT userdir.create_connection('db', 'auth0', '{"requires_username": true}') ->> 'name' AS connection;
SELECT userdir.create_connection('github', 'github') ->> 'name' AS connection;

-- Without a consumer there are no triggers, and nothing is written.
SELECT userdir.create_user('db', '{"email": "early@example.com", "username": "early", "user_id": "early"}') ->> 'user_id' AS user_id;
SELECT count(*) AS triggers FROM pg_trigger WHERE tgname ~ 'events';
SELECT count(*) AS events FROM userdir.events;

-- Making consumers: only what they want has a trigger.
SELECT userdir.create_consumer('all');
SELECT userdir.create_consumer('mailer', '{user.created,user.email_verified,user.password_changed}', notify => false);
SELECT userdir.create_consumer('crm', '{user.updated,user.deleted}', with_profile => true);
SELECT userdir.create_consumer('new-only', '{user.created}');
SELECT userdir.create_consumer('passwords_only', '{user.password_changed}');
SELECT tgrelid::regclass AS "table", tgname, regexp_replace(pg_get_triggerdef(oid), '^.*(AFTER .*) ON .*EXECUTE FUNCTION (.*)$', '\1 \2') AS definition
  FROM pg_trigger WHERE tgname ~ '^00_userdir' ORDER BY 1, 2;
SELECT obj_description(oid, 'pg_trigger') FROM pg_trigger WHERE tgname = '00_userdir_events_new-only';

-- Bad input.
SELECT pg_temp.try(format('SELECT userdir.create_consumer(%s)', arguments)) FROM (VALUES
  ($$'all'$$), ('NULL'), ($$''$$), ($$'Upper'$$), ($$'-dash'$$), ($$'a b'$$), ($$'a''; DROP TABLE userdir.users; --'$$), ($$'ä'$$), ($$E'a\n'$$),
  (quote_literal(repeat('x', 41))), ($$'x', '{}'$$), ($$'x', '{user.nothing}'$$), ($$'x', '{user.created,NULL}'$$), ($$'x', '{{user.created},{user.deleted}}'$$),
  ($$'x', with_profile => NULL$$), ($$'x', notify => NULL$$), ($$'x', retention => '59 minutes'$$), ($$'x', retention => '-1 day'$$)) v (arguments);
SELECT pg_temp.try(format('SELECT count(*) FROM userdir.read_events(%s)', arguments)) FROM (VALUES
  ($$'nobody'$$), ('NULL'), ($$'all', 0$$), ($$'all', -1$$), ($$'all', 1001$$), ($$'all', NULL$$), ($$'all', lease => '-1 second'$$), ($$'all', lease => NULL$$), ($$'all', lease => '25 hours'$$)) v (arguments);
SELECT pg_temp.try(format('SELECT userdir.ack_events(%s)', arguments)) FROM (VALUES
  ($$'nobody', 1$$), ('NULL, 1'), ($$'all', NULL$$), ($$'all', -1$$), ($$'all', 1$$), ($$'all', 9223372036854775807$$)) v (arguments);
SELECT pg_temp.try($$SELECT userdir.drop_consumer('nobody')$$), pg_temp.try($$SELECT userdir.drop_consumer(NULL)$$);
SELECT pg_temp.try($$SELECT userdir._user_event()$$) AS not_called;
CREATE TABLE public.other (user_id text, blocked boolean);
CREATE TRIGGER wrong BEFORE INSERT ON public.other FOR EACH ROW EXECUTE FUNCTION userdir._user_event('all', '', '');
SELECT pg_temp.try($$INSERT INTO public.other VALUES ('x')$$);
DROP TRIGGER wrong ON public.other;
CREATE TRIGGER wrong AFTER INSERT ON public.other FOR EACH ROW EXECUTE FUNCTION userdir._user_event('all');
SELECT pg_temp.try($$INSERT INTO public.other VALUES ('x')$$);
DROP TRIGGER wrong ON public.other;
CREATE TRIGGER wrong AFTER UPDATE ON public.other FOR EACH ROW EXECUTE FUNCTION userdir._user_event('all', '', '');
INSERT INTO public.other VALUES ('x', false);
SELECT pg_temp.try($$UPDATE public.other SET blocked = true$$);
DROP TABLE public.other;

-- What is written: every way in which a user changes.
SELECT userdir.create_user('db', '{"email": "Ann@Example.com", "username": "ann", "user_id": "ann", "email_verified": true, "app_metadata": {"secret": 1}}', 'Anns-Boat-1') ->> 'user_id' AS user_id;
SELECT userdir.update_user('auth0|ann', '{"email": "ann2@example.com"}') ->> 'email' AS email;
SELECT userdir.update_user('auth0|ann', '{"email_verified": true, "name": "Ann"}') ->> 'name' AS name;
SELECT userdir.update_user('auth0|ann', '{"email": "ann3@example.com", "email_verified": true}') ->> 'email' AS email;
SELECT userdir.update_user('auth0|ann', '{"username": "annie", "phone_number": "+15551230000"}') ->> 'username' AS username;
SELECT userdir.update_user('auth0|ann', '{"phone_verified": true, "user_metadata": {"a": 1}, "app_metadata": {"b": 2}}') ->> 'phone_verified' AS phone_verified;
SELECT userdir.update_user('auth0|ann', '{"blocked": false}') ->> 'blocked' AS blocked;
SELECT userdir.update_user('auth0|ann', '{"blocked": true}') ->> 'blocked' AS blocked;
SELECT userdir.set_password('auth0|ann', 'Anns-Boat-2');
UPDATE userdir.users SET nickname = 'direct' WHERE user_id = 'auth0|ann';
-- Changes that are none.
SELECT userdir.update_user('auth0|ann', '{"nickname": "direct"}') ->> 'nickname' AS nickname;
UPDATE userdir.users SET nickname = nickname, app_metadata = app_metadata WHERE user_id = 'auth0|ann';
UPDATE userdir.users SET updated_at = now() + interval '1 second' WHERE user_id = 'auth0|ann';
-- The first password of somebody who was there before is a change, too.
SELECT userdir.set_password('auth0|early', 'Early-Boat-1');
-- A column of the application's.
ALTER TABLE userdir.users ADD COLUMN loyalty integer;
UPDATE userdir.users SET loyalty = 1 WHERE user_id = 'auth0|ann';
-- Providers.
SELECT userdir.upsert_from_connection('github', '{"id": 1, "login": "octo", "email": "octo@example.com"}') ->> 'user_id' AS user_id;
SELECT userdir.upsert_from_connection('github', '{"id": 1, "login": "octo", "email": "octo@example.com"}') ->> 'user_id' AS nothing_new;
SELECT userdir.upsert_from_connection('github', '{"id": 1, "login": "octo", "name": "Octo", "email": "octo2@example.com"}') ->> 'name' AS refreshed;
-- Signing up, and a login that renews the hash: no change of the user.
SELECT outcome, user_id AS sam FROM userdir.signup('db', '{"email": "sam@example.com", "username": "sam"}', 'Sams-Boat-1') \gset
SELECT userdir.set_password_hash(:'sam', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=');
SELECT count(*) AS before FROM userdir.events \gset
SELECT outcome FROM userdir.login('db', 'sam', 'password');
SELECT left(hash, 9) AS renewed FROM userdir.credentials WHERE user_id = :'sam';
SELECT outcome FROM userdir.login('db', 'sam', 'wrong');
SELECT count(*) - :before AS events_of_logins FROM userdir.events;
SELECT count(*) AS triggers FROM pg_trigger WHERE tgrelid = 'userdir.user_logins'::regclass AND NOT tgisinternal;
-- Identities come and go.
INSERT INTO userdir.identities (user_id, provider, provider_user_id, connection, is_primary, is_social) VALUES ('auth0|early', 'github', '9', 'github', false, true);
CREATE FUNCTION public.renew() RETURNS void LANGUAGE sql AS $$ SELECT userdir._renew_identities('{auth0|early}') $$;
ALTER TABLE userdir.users DISABLE TRIGGER zz_userdir_guard;
SELECT public.renew();
UPDATE userdir.identities SET profile_data = '{"a": 1}' WHERE provider = 'github' AND user_id = 'auth0|early';
SELECT public.renew();
DELETE FROM userdir.identities WHERE provider = 'github' AND user_id = 'auth0|early';
SELECT public.renew();
ALTER TABLE userdir.users ENABLE TRIGGER zz_userdir_guard;
SELECT userdir.delete_user('auth0|ann');
DELETE FROM userdir.users WHERE user_id = 'github|1';
SELECT regexp_replace(user_id, '[0-9a-f]{24}', 'ID') AS user_id, kinds, changed, data FROM userdir.events WHERE consumer = 'all' ORDER BY moment;
SELECT type, kinds[2:] AS kinds, regexp_replace(user_id, '[0-9a-f]{24}', 'ID') AS user_id FROM userdir.events WHERE consumer = 'mailer' ORDER BY moment;
SELECT consumer, count(*) FROM userdir.events WHERE consumer ~ 'only' GROUP BY 1 ORDER BY 1;
-- Kinds are those that are documented.
SELECT DISTINCT kind FROM userdir.events, unnest(kinds) kind WHERE kind <> ALL (userdir._event_kinds());

-- Profiles, for whoever asked for them: the user as it is after the change, and what has changed as it was. No password, no hash.
SELECT type, user_id, changed, data -> 'user' ->> 'email' AS email, data -> 'user' -> 'app_metadata' AS app_metadata, data -> 'before' AS before
  FROM userdir.events WHERE consumer = 'crm' AND user_id = 'auth0|ann' AND type = 'user.updated' ORDER BY moment;
SELECT type, data ? 'user' AS has_user, (data -> 'before') - '{created_at,updated_at,picture}'::text[] AS before
  FROM userdir.events WHERE consumer = 'crm' AND type = 'user.deleted' ORDER BY moment;
SELECT count(*) AS leaks FROM userdir.events e WHERE e::text ~ 'argon2|Boat|W6ph5';

-- Reading: it starts at 1 for every consumer, goes on where it was acknowledged, and others wait for the lease.
SELECT "position", type, user_id FROM userdir.read_events('all', 3);
SELECT count(*) AS leased FROM userdir.read_events('all', 3);
SELECT userdir.ack_events('all', 2), userdir.ack_events('all', 2) AS again, userdir.ack_events('all', 1) AS backwards, userdir.ack_events('all', 0) AS start;
SELECT pg_temp.try($$SELECT userdir.ack_events('all', 4)$$);
SELECT count(*) AS still_leased FROM userdir.read_events('all', 3);
SELECT userdir.ack_events('all', 3);
SELECT "position", type, user_id FROM userdir.read_events('all', 2);
SELECT consumer, waiting, unacknowledged, "position", oldest_at IS NOT NULL AS old, leased_until > now() AS leased, writing, lost, warning FROM userdir.event_consumers ORDER BY 1;
-- A lease of 0 is none: the same come again, and more where more are asked for.
UPDATE userdir.consumers SET leased_until = NULL;
SELECT "position", type FROM userdir.read_events('all', 1, '0');
SELECT "position", type FROM userdir.read_events('all', 4, '0');
SELECT "position", type FROM userdir.read_events('all', 2, '0');
SELECT userdir.ack_events('all', 7);
-- All of it, in pieces: nothing is missing, nothing comes twice.
CREATE FUNCTION pg_temp.drain(consumer text, size integer) RETURNS TABLE ("position" bigint, user_id text, type text) LANGUAGE plpgsql AS $$
DECLARE last bigint;
BEGIN
  LOOP
    last := NULL;
    FOR "position", user_id, type IN SELECT e."position", e.user_id, e.type FROM userdir.read_events(consumer, size) e LOOP
      last := "position";
      RETURN NEXT;
    END LOOP;
    EXIT WHEN last IS NULL;
    PERFORM userdir.ack_events(consumer, last);
  END LOOP;
END $$;
SELECT count(*), count(DISTINCT "position"), min("position"), max("position") FROM pg_temp.drain('all', 3);
SELECT count(*) AS left FROM userdir.events WHERE consumer = 'all';
SELECT count(*) AS none FROM userdir.read_events('all');
SELECT consumer, waiting, unacknowledged, "position" > 7 AS further, oldest_at, lag, leased_until, warning FROM userdir.event_consumers WHERE consumer = 'all';
-- Positions go on. In one transaction: read, work, acknowledge.
BEGIN;
SELECT userdir.update_user('auth0|early', '{"name": "E1"}') ->> 'name' AS name;
SELECT "position", type, userdir.ack_events('all', "position") FROM userdir.read_events('all', lease => '0');
ROLLBACK;
SELECT count(*) AS undone FROM userdir.read_events('all', lease => '0');

-- Growing moments, whatever the clock does.
INSERT INTO userdir.events (user_id, consumer, moment, type, kinds) VALUES ('auth0|early', 'all', 32503680000000000, 'user.updated', '{user.updated}');
UPDATE userdir.users SET name = 'E2' WHERE user_id = 'auth0|early';
UPDATE userdir.users SET name = 'E3' WHERE user_id = 'auth0|early';
SELECT happened_at AT TIME ZONE 'UTC' AS happened_at, changed FROM userdir.read_events('all', lease => '0');
SELECT moment, changed FROM userdir.events WHERE consumer = 'all' ORDER BY moment;
SELECT count(*) FROM pg_temp.drain('all', 1000);

-- The same moment for two users, of which one is read: the other stays.
INSERT INTO userdir.events (user_id, consumer, moment, type, kinds) SELECT 'x|' || n, 'all', 5, 'user.updated', '{user.updated}' FROM generate_series(1, 3) n;
SELECT user_id, "position" - (SELECT e."position" FROM userdir.event_consumers e WHERE e.consumer = 'all') AS nth FROM userdir.read_events('all', 2);
SELECT userdir.ack_events('all', (SELECT c."position" + 2 FROM userdir.event_consumers c WHERE consumer = 'all'));
SELECT user_id FROM userdir.events WHERE consumer = 'all';
SELECT count(*) FROM pg_temp.drain('all', 1000);

-- A trigger of the application's that changes the user again: its change comes second.
CREATE FUNCTION public.welcome() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE userdir.users SET app_metadata = '{"welcome": true}' WHERE user_id = NEW.user_id; RETURN NULL; END $$;
CREATE TRIGGER a_welcome AFTER INSERT ON userdir.users FOR EACH ROW EXECUTE FUNCTION public.welcome();
SELECT userdir.create_user('db', '{"email": "w@example.com", "username": "w", "user_id": "w"}') ->> 'user_id' AS user_id;
SELECT type, changed FROM userdir.read_events('all', lease => '0');
DROP TRIGGER a_welcome ON userdir.users;
-- An event that belongs to a change that is undone is undone; large documents that stay are not read and not told.
BEGIN;
SAVEPOINT s;
UPDATE userdir.users SET name = 'gone' WHERE user_id = 'auth0|w';
ROLLBACK TO s;
UPDATE userdir.users SET user_metadata = (SELECT jsonb_object_agg(n, md5(n::text)) FROM generate_series(1, 5000) n) WHERE user_id = 'auth0|w';
UPDATE userdir.users SET name = 'W' WHERE user_id = 'auth0|w';
COMMIT;
SELECT count(*) FROM pg_temp.drain('all', 2);
UPDATE userdir.users SET name = 'W2' WHERE user_id = 'auth0|w';
SELECT changed FROM userdir.events WHERE consumer = 'all';

-- Retention: what is not read in time is purged, told, and does not block what follows.
SELECT count(*) FROM pg_temp.drain('crm', 1000);
UPDATE userdir.events SET moment = moment - 31 * 86400 * 1000000::bigint WHERE consumer IN ('mailer', 'new-only');
SELECT consumer, warning FROM userdir.event_consumers WHERE warning IS NOT NULL ORDER BY 1;
-- Somebody else's reading purges some, one consumer at a time.
SELECT count(*) AS read FROM userdir.read_events('passwords_only', lease => '0');
SELECT consumer, lost > 0 AS lost, lost_at > now() - interval '1 minute' AS just_now, waiting, warning FROM userdir.event_consumers WHERE consumer IN ('mailer', 'new-only') ORDER BY 1;
SELECT count(*) > 0 AS late_but_not_lost FROM userdir.read_events('new-only', lease => '0');
UPDATE userdir.events SET moment = moment - 31 * 86400 * 1000000::bigint WHERE consumer = 'passwords_only';
SELECT userdir.purge_events() > 0 AS purged, userdir.purge_events() AS again;
SELECT consumer, waiting, unacknowledged, lost > 0 AS lost, warning FROM userdir.event_consumers ORDER BY 1;
-- What was read and then purged can still be acknowledged, and what comes after it can be read.
SELECT userdir.create_user('db', '{"email": "v@example.com", "username": "v", "user_id": "v"}') ->> 'user_id' AS user_id;
SELECT type, user_id FROM userdir.read_events('new-only', lease => '0');
SELECT userdir.ack_events('new-only', (SELECT c."position" + c.unacknowledged FROM userdir.event_consumers c WHERE c.consumer = 'new-only'));
-- maintain_logs() does it too.
UPDATE userdir.events SET moment = moment - 31 * 86400 * 1000000::bigint WHERE consumer = 'mailer';
SELECT userdir.maintain_logs();
-- Kept for ever.
SELECT userdir.create_consumer('archive', '{user.updated}', retention => NULL);
UPDATE userdir.users SET name = 'V' WHERE user_id = 'auth0|v';
UPDATE userdir.events SET moment = 1 WHERE consumer = 'archive';
SELECT userdir.maintain_logs();
SELECT waiting, retention, warning FROM userdir.event_consumers WHERE consumer = 'archive';

-- A consumer whose triggers are gone or off is told of, and install() brings them back.
ALTER TABLE userdir.users DISABLE TRIGGER "00_userdir_events_archive";
SELECT consumer, writing, warning FROM userdir.event_consumers WHERE NOT writing;
ALTER TABLE userdir.users ENABLE TRIGGER "00_userdir_events_archive";
SET client_min_messages = warning;
DROP EXTENSION userdir CASCADE;
SELECT consumer, writing FROM userdir.event_consumers ORDER BY 1;
SELECT pg_temp.try($$UPDATE userdir.users SET name = 'unseen'$$) ~ '_in_api' AS nothing_escapes;
CREATE EXTENSION userdir;
DO $$ BEGIN PERFORM userdir.install(); END $$;
RESET client_min_messages;
SELECT consumer, writing FROM userdir.event_consumers ORDER BY 1;
SELECT "position", type FROM userdir.read_events('archive');

-- What a consumer wants can be changed; what is waiting stays, and so do its positions.
SELECT userdir.create_consumer('changing', '{user.password_changed}', retention => '1 day');
SELECT count(userdir.create_user('db', '{"email": "changing@example.com", "username": "changing", "user_id": "changing"}', 'Paper-Boat-1843')) AS created;
SELECT userdir.set_password('auth0|changing', 'Another-Boat-1843'), count(userdir.update_user('auth0|changing', '{"name": "unheard"}')) AS renamed;
CREATE FUNCTION pg_temp.change(changes jsonb) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN pg_temp.try(format('SELECT userdir.update_consumer(%L, %L)', 'changing', changes)); END $$;
SELECT pg_temp.change('{"types": ["user.metadata_changed", "user.created"], "with_profile": true, "retention": null}');
SELECT types, with_profile, notify, retention, waiting, writing FROM userdir.event_consumers WHERE consumer = 'changing';
SELECT tgrelid::regclass, tgtype FROM pg_trigger WHERE tgname = '00_userdir_events_changing' ORDER BY 1;
SELECT userdir.set_password('auth0|changing', 'Third-Boat-18433'), count(userdir.update_user('auth0|changing', '{"name": "Chang"}')) AS renamed, count(userdir.update_user('auth0|changing', '{"app_metadata": {"a": 1}}')) AS changed;
SELECT "position", type, kinds, data #>> '{user,name}' AS name FROM userdir.read_events('changing', lease => '0');
SELECT pg_temp.change('{"types": null, "notify": false}');
SELECT types, with_profile, notify, retention, writing FROM userdir.event_consumers WHERE consumer = 'changing';
SELECT pg_temp.change('{"types": ["user.password_changed"], "retention": "2 days"}');
SELECT types, retention, writing FROM userdir.event_consumers WHERE consumer = 'changing';
SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = '00_userdir_events_changing';
SELECT userdir.set_password('auth0|changing', 'Fourth-Boat-1843'), count(userdir.update_user('auth0|changing', '{"name": "unheard again"}')) AS renamed;
SELECT userdir.ack_events('changing', 2), (SELECT array_agg("position" || ' ' || type) FROM userdir.read_events('changing')) AS rest;
-- Only the retention: nobody waits.
BEGIN;
SELECT pg_temp.change('{"retention": "3 days"}'), pg_temp.change('{}'), pg_temp.change('{"types": ["user.password_changed"]}');
SELECT count(*) AS locks FROM pg_locks WHERE pid = pg_backend_pid() AND relation IN ('userdir.users'::regclass, 'userdir.credentials'::regclass) AND mode ~ 'Exclusive' AND mode <> 'RowExclusiveLock';
COMMIT;
SELECT changes, pg_temp.change(changes) FROM unnest(ARRAY[NULL, '[]', '{"name": "x"}', '{"types": []}', '{"types": "user.created"}', '{"types": ["user.born"]}', '{"types": [null]}', '{"types": [["user.created"]]}', '{"with_profile": null}', '{"notify": "yes"}',
  '{"retention": 7}', '{"retention": "a while"}', '{"retention": "1 minute"}']::jsonb[]) changes;
SELECT pg_temp.try($$SELECT userdir.update_consumer('nobody', '{}')$$);
SELECT userdir.drop_consumer('changing'), userdir.delete_user('auth0|changing');
-- Who may what: editors cause events and cannot write or read them; consumers read events and nothing else.
CREATE ROLE regress_events_editor;
CREATE ROLE regress_events_consumer;
SELECT userdir.grant_to('regress_events_editor', 'editor'), userdir.grant_to('regress_events_consumer', 'events');
SELECT count(*) FROM pg_temp.drain('all', 1000);
SET ROLE regress_events_editor;
UPDATE userdir.users SET name = 'by an editor' WHERE user_id = 'auth0|v';
SELECT userdir.update_user('auth0|v', '{"nickname": "by an editor"}') ->> 'nickname' AS nickname;
SELECT pg_temp.try($$SELECT * FROM userdir.events$$), pg_temp.try($$INSERT INTO userdir.events VALUES ('a', 'all', 1, 'x', '{x}')$$),
       pg_temp.try($$SELECT * FROM userdir.read_events('all')$$), pg_temp.try($$SELECT userdir._read_events('all', 1, '0')$$), pg_temp.try($$SELECT userdir.create_consumer('x')$$);
CREATE TEMP TABLE forged (user_id text);
SELECT pg_temp.try($$CREATE TRIGGER forged AFTER INSERT ON forged FOR EACH ROW EXECUTE FUNCTION userdir._user_event('all', '', '')$$);
SET ROLE regress_events_consumer;
SELECT "position" > 0 AS numbered, type, changed FROM userdir.read_events('all', lease => '0');
SELECT consumer, waiting FROM userdir.event_consumers WHERE consumer = 'all';
SELECT pg_temp.try($$SELECT * FROM userdir.events$$), pg_temp.try($$SELECT * FROM userdir.consumers$$), pg_temp.try($$SELECT * FROM userdir.users$$),
       pg_temp.try($$SELECT userdir.purge_events()$$), pg_temp.try($$SELECT userdir.drop_consumer('all')$$), pg_temp.try($$SELECT userdir.update_consumer('all', '{}')$$);
RESET ROLE;
SELECT userdir.revoke_from('regress_events_editor', 'editor'), userdir.revoke_from('regress_events_consumer', 'events');
DROP TABLE forged;
DROP ROLE regress_events_editor, regress_events_consumer;

-- Dropping.
SELECT userdir.drop_consumer('archive'), userdir.drop_consumer('passwords_only') AS none;
SELECT userdir.drop_consumer(consumer) >= 0 AS dropped FROM userdir.event_consumers;
SELECT (SELECT count(*) FROM pg_trigger WHERE tgname ~ '^00_userdir') AS triggers, (SELECT count(*) FROM userdir.events) AS events, (SELECT count(*) FROM userdir.consumers) AS consumers;
-- A directory from before there were events gets them by install().
DROP VIEW userdir.event_consumers;
DROP TABLE userdir.events, userdir.consumers;
DO $$ BEGIN EXECUTE (SELECT script FROM userdir._storage_steps() WHERE name ~ '^\d+_events$'); PERFORM userdir.install(); END $$;
SELECT userdir.create_consumer('again');
UPDATE userdir.users SET name = 'after the upgrade' WHERE user_id = 'auth0|v';
SELECT "position", type, user_id FROM userdir.read_events('again');
SELECT userdir.uninstall('test');
