-- Who is acting: from the token on, through transactions, savepoints and sessions
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set identities :abs_srcdir '/identities.sql'
\i :identities

-- Nobody sees nothing and writes nothing.
SELECT who(), userdir.claim('sub'), userdir.claim_text('sub'), userdir.has_scope('openid') AS scope, userdir.has_permission('read:reports') AS permission, userdir.has_role('auditor') AS role, userdir.organization_id() AS org;
SELECT pg_temp.try($$INSERT INTO notes VALUES (3000, 'auth0|ann', 'x')$$);
SELECT pg_temp.try($$INSERT INTO notes (id, body) VALUES (3000, 'x')$$);

-- Somebody, for a transaction. A statement that is its own transaction leaves nothing.
BEGIN;
SELECT userdir.authenticate(:'ann');
SELECT who(), userdir.claim('https://shop.example.com/plan.name'), userdir.claim_text('sub'), userdir.has_scope('read:notes') AS scope, userdir.has_permission('read:reports') AS permission, userdir.has_role('auditor') AS role, userdir.organization_id() AS org;
INSERT INTO notes (id, body) VALUES (3000, 'of ann') RETURNING owner;
SELECT pg_temp.try($$INSERT INTO notes VALUES (3001, 'auth0|bob', 'for bob')$$);
SELECT pg_temp.try($$UPDATE notes SET owner = 'auth0|bob' WHERE id = 1$$);
UPDATE notes SET body = 'mine' WHERE id IN (1, 2) RETURNING id;
DELETE FROM notes WHERE id IN (2, 3000) RETURNING id;
SELECT userdir.authenticate(:'bob');
SELECT who();
COMMIT;
SELECT who();
SELECT userdir.authenticate(:'ann');
SELECT who();

-- The audience: one of those that the token is for.
SELECT pg_temp.try(format('SELECT userdir.authenticate(%L, %L)', t, a)) AS outcome, n AS token, a AS audience
  FROM (VALUES ('ann', :'ann'), ('bob', :'bob')) t (n, t), unnest('{https://api.example.com,https://other.example.com,https://api.example.com/,NULL}'::text[]) a ORDER BY n, a;

-- A token of another type, or none that is signed.
RESET ROLE;
SELECT userdir.sign_jwt('{"sub": "auth0|ann", "exp": 9999999999}', 'ES256', typ => 'logout+jwt') AS logout, userdir._make_token('at_', 'auth0|ann', '0123456789abcdef', 'x') AS opaque, userdir._make_token('rt_', 'auth0|ann', '0123456789abcdef', 'x') AS refresh \gset
SET ROLE ud_app;
SELECT pg_temp.try(format('SELECT userdir.authenticate(%L)', t)) FROM unnest(ARRAY[:'logout', :'opaque', :'refresh']) t;

-- Once the directory has a name, its tokens have to bear it, whatever else its keys have signed; which name counts is asked at each call.
RESET ROLE;
CREATE FUNCTION pg_temp.named(issuer jsonb) RETURNS text LANGUAGE sql AS $$ SELECT userdir.sign_jwt(jsonb_strip_nulls(jsonb_build_object('sub', 'auth0|ann', 'exp', 9999999999, 'iss', issuer)), 'ES256') $$;
SELECT userdir.set_issuer('https://login.example.com') AS issuer;
SELECT pg_temp.named('"https://login.example.com/"') AS ours, pg_temp.named('"https://login.example.com"') AS unslashed, pg_temp.named('"https://login.example.com/x"') AS longer, pg_temp.named('"https://evil.example.com/"') AS others, pg_temp.named('""') AS unnamed, pg_temp.named(NULL) AS nobodys \gset
SET ROLE ud_app;
SELECT n, pg_temp.try(format('SELECT userdir.authenticate(%L)', t)) FROM (VALUES (1, :'ours'), (2, :'unslashed'), (3, :'longer'), (4, :'others'), (5, :'unnamed'), (6, :'nobodys')) v (n, t) ORDER BY n;
BEGIN;
SELECT userdir.authenticate(:'ours');
SAVEPOINT before;
SELECT userdir.authenticate(:'others');
ROLLBACK TO before;
SELECT who();
COMMIT;
RESET ROLE;
SELECT userdir.set_issuer('https://id.example.com') AS issuer;
SET ROLE ud_app;
SELECT pg_temp.try(format('SELECT userdir.authenticate(%L)', :'ours')) AS of_the_old_name;
RESET ROLE;
-- A key that was imported for that name, as that of a service that was left behind, verifies tokens of others: it makes nobody anybody.
SELECT userdir.import_verification_key('https://id.example.com/', (userdir.list_signing_keys() #> '{0,public_key}')::text, 'ES256', 'imported') ->> 'kid' AS kid;
SELECT pg_temp.named('"https://id.example.com/"') AS ours \gset
SET ROLE ud_app;
SELECT userdir.authenticate(:'ours');
RESET ROLE;
SELECT userdir.delete_verification_key('https://id.example.com/', 'imported') AS deleted;
UPDATE userdir.directory SET issuer = NULL;
SET ROLE ud_app;
SELECT userdir.authenticate(:'others') AS without_a_name;

-- A null token is nobody's, and so is what failed, even where a handler goes on, or a savepoint is rolled back to.
CREATE FUNCTION pg_temp.try_token(token text, audience text DEFAULT NULL, for_session boolean DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM userdir.authenticate(token, audience, for_session);
  RETURN 'ok, ' || who();
EXCEPTION WHEN OTHERS THEN
  RETURN sqlstate || ', ' || who();
END $$;
RESET ROLE;
SELECT token('auth0|ann', '{"exp": null}') AS endless, token('auth0|ann', '{"sub": null}') AS nameless,
       userdir.sign_jwt('{"sub": "auth0|ann", "exp": 9999999999}', 'ES256', typ => 'AT+jwt') AS access, userdir.sign_jwt('{"sub": "auth0|ann", "exp": 9999999999}', 'ES256', typ => 'logout+jwt') AS logout,
       token('auth0|ann', '{}', -1) AS over, token('auth0|ann', jsonb_build_object('nbf', floor(extract(epoch FROM now()) + 1000))) AS early \gset
SET ROLE ud_app;
BEGIN;
SELECT userdir.authenticate(:'ann');
SELECT userdir.authenticate(NULL), who();
SELECT who();
SELECT userdir.authenticate(:'ann'), userdir.authenticate(NULL, NULL, NULL);
SELECT who();
SELECT userdir.authenticate(:'ann');
SAVEPOINT before;
SELECT pg_temp.try_token(:'ann', 'https://elsewhere.example.com');
ROLLBACK TO before;
SELECT who();
COMMIT;
SELECT n AS token, pg_temp.try_token(t) FROM (VALUES ('ann', :'ann'), ('endless', :'endless'), ('nameless', :'nameless'), ('access', :'access'), ('logout', :'logout'), ('over', :'over'), ('early', :'early'),
  ('empty', ''), ('claims', '{"sub": "auth0|ann", "exp": 99999999999}'), ('no signature', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhdXRoMHxhbm4iLCJleHAiOjk5OTk5OTk5OTk5fQ.'),
  ('other signature', split_part(:'ann', '.', 1) || '.' || split_part(:'ann', '.', 2) || '.' || split_part(:'bob', '.', 3)), ('client', :'client')) t (n, t);
-- The session's goes too.
SELECT userdir.authenticate(:'ann', for_session => true);
SELECT who();
SELECT pg_temp.try_token(:'over');
SELECT who();
SELECT userdir.authenticate(:'ann', for_session => true);
SELECT userdir.authenticate('nonsense');
SELECT who();

-- Savepoints and handlers: what is rolled back was not.
BEGIN;
SELECT userdir.authenticate(:'ann');
SAVEPOINT a;
SELECT userdir.authenticate(:'bob');
SAVEPOINT b;
SELECT userdir.authenticate(NULL);
SAVEPOINT c;
SELECT userdir.authenticate(:'client');
SELECT userdir.authenticate(:'ann');
SELECT userdir.authenticate(:'client');
SELECT who() AS in_c;
RELEASE c;
SELECT who() AS c_released;
ROLLBACK TO b;
SELECT who() AS back_in_b;
RELEASE b;
ROLLBACK TO a;
SELECT who() AS back_in_a;
SAVEPOINT d;
SAVEPOINT e;
SELECT userdir.authenticate(:'bob');
RELEASE e;
SELECT 1 / 0;
ROLLBACK TO d;
SELECT who() AS back_in_d;
COMMIT;
SELECT who();
CREATE FUNCTION pg_temp.as_other(token text, fails boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  inside text;
BEGIN
  BEGIN
    PERFORM userdir.authenticate(token);
    inside := who();
    IF fails THEN RAISE EXCEPTION 'no'; END IF;
  EXCEPTION WHEN raise_exception THEN NULL;
  END;
  RETURN inside || ' then ' || who();
END $$;
BEGIN;
SELECT userdir.authenticate(:'ann');
SELECT pg_temp.as_other(:'bob', true);
SELECT pg_temp.as_other(:'bob', false);
ROLLBACK;

-- For a session: as a setting, it holds from transaction to transaction, and a rollback undoes it.
SELECT userdir.authenticate(:'ann', for_session => true);
SELECT who();
BEGIN;
SELECT userdir.authenticate(:'bob');
SELECT who() AS of_transaction;
COMMIT;
SELECT who();
BEGIN;
SELECT userdir.authenticate(NULL);
SELECT who() AS of_transaction;
COMMIT;
SELECT who();
BEGIN;
SELECT userdir.authenticate(:'bob', for_session => true);
SELECT who() AS of_session;
ROLLBACK;
SELECT who();
BEGIN;
SELECT userdir.authenticate(:'client');
SAVEPOINT a;
SELECT userdir.authenticate(:'bob', for_session => true);
SELECT who() AS of_session;
ROLLBACK TO a;
SELECT who() AS of_transaction;
SAVEPOINT a;
SELECT userdir.authenticate(:'bob', for_session => true);
RELEASE a;
COMMIT;
SELECT who() AS committed;
SELECT userdir.authenticate(NULL, for_session => true);
SELECT who();

-- Ways to end it, none of which a rollback undoes.
SELECT userdir.authenticate(:'ann', for_session => true);
BEGIN;
SELECT userdir.authenticate(:'bob');
SAVEPOINT a;
SELECT userdir.clear_identity();
SELECT who();
ROLLBACK TO a;
SELECT who();
ROLLBACK;
SELECT who() AS cleared;
SELECT userdir.authenticate(:'ann', for_session => true);
SHOW userdir.session_identity;
BEGIN;
RESET ALL;
SELECT who() AS reset;
ROLLBACK;
SELECT who() AS reset;
-- The identity of a transaction is none of its business.
BEGIN;
SELECT userdir.authenticate(:'ann', for_session => true);
SELECT userdir.authenticate(:'bob');
RESET ALL;
SELECT who() AS of_transaction;
COMMIT;
SELECT who() AS reset;

-- A token that is over is nobody's from the next statement on; one statement gets one answer.
RESET ROLE;
SELECT token('auth0|ann', '{}', 3) AS short \gset
SET ROLE ud_app;
SELECT userdir.authenticate(:'short', for_session => true);
BEGIN;
SELECT userdir.authenticate(:'short');
SELECT who();
SELECT userdir.user_id() AS at_first, pg_sleep(3.1), userdir.user_id() AS at_last, who();
SELECT who() AS of_transaction, userdir.claim('sub'), userdir.has_scope('openid');
COMMIT;
SELECT who() AS of_session;

-- What is returned outlives the identity.
RESET ROLE;
CREATE TABLE seen (at integer, argument text, now text);
CREATE PROCEDURE commits(argument text, org text, plan jsonb) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO seen VALUES (1, concat_ws(' ', argument, org, plan), who());
  COMMIT;
  PERFORM userdir.clear_identity();
  PERFORM userdir.authenticate(NULL) FROM generate_series(1, 100);
  INSERT INTO seen VALUES (2, concat_ws(' ', argument, org, plan), who());
END $$;
GRANT ALL ON seen TO ud_app;
SET ROLE ud_app;
SELECT userdir.authenticate(:'ann', for_session => true);
CALL commits(userdir.user_id(), userdir.organization_id(), userdir.claim('https://shop.example.com/plan'));
SELECT * FROM seen ORDER BY at;
-- One of the transaction ends where a procedure commits; one of the session does not.
RESET ROLE;
CREATE PROCEDURE commits_between(token text, for_session boolean) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM userdir.authenticate(token, for_session => for_session);
  RAISE NOTICE 'before: %', who();
  COMMIT;
  RAISE NOTICE 'after: %', who();
  PERFORM userdir.authenticate(token, for_session => for_session);
  ROLLBACK;
  RAISE NOTICE 'rolled back: %', who();
END $$;
SET ROLE ud_app;
CALL commits_between(:'ann', false);
CALL commits_between(:'ann', true);
SELECT userdir.clear_identity();

-- Deferred triggers still know who it was.
RESET ROLE;
CREATE TABLE audit (who text, id integer);
GRANT INSERT, SELECT ON audit TO ud_app;
CREATE FUNCTION audit_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (userdir.user_id(), NEW.id); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER audited AFTER UPDATE ON notes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_note();
SET ROLE ud_app;
BEGIN;
SELECT userdir.authenticate(:'bob');
UPDATE notes SET body = 'again' RETURNING id;
COMMIT;
SELECT * FROM audit;

-- A backend that becomes many, one after the other, keeps none but the last.
CREATE FUNCTION pg_temp.become_many(token text, for_session boolean) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  FOR n IN 1..1000 LOOP
    PERFORM userdir.authenticate(token, for_session => for_session);
    BEGIN
      PERFORM userdir.authenticate(token);
      IF n % 2 = 0 THEN RAISE EXCEPTION 'back'; END IF;
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
  END LOOP;
  RETURN (SELECT count(*) FILTER (WHERE name = 'userdir identity') FROM pg_backend_memory_contexts);
END $$;
RESET ROLE;
BEGIN;
SELECT pg_temp.become_many(:'ann', false) AS identities;
COMMIT;
SELECT pg_temp.become_many(:'ann', true) AS identities;
SELECT userdir.clear_identity();
SELECT count(*) AS identities, max(total_bytes) FILTER (WHERE name = 'userdir identity state') <= 8192 AS is_small FROM pg_backend_memory_contexts WHERE name LIKE 'userdir identity%';

-- What a pooler of sessions sends before the next client comes.
SET ROLE ud_app;
SELECT userdir.authenticate(:'ann', for_session => true);
SELECT who();
DISCARD ALL;
SELECT userdir.user_id();
SHOW userdir.session_identity;
SET ROLE ud_app;
SELECT who();
