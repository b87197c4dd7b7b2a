-- Run by every install(): views and triggers, which a DROP EXTENSION or an older version may have
-- left behind in another shape.

CREATE OR REPLACE FUNCTION userdir.users_guard() RETURNS trigger
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $guard$
BEGIN
  IF NOT userdir._in_api() THEN
    IF TG_OP = 'INSERT' THEN
      RAISE EXCEPTION 'users are not inserted directly'
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Use userdir.create_user(connection, profile) or userdir.upsert_from_connection(connection, payload).';
    END IF;
    IF (NEW.user_id, NEW.email, NEW.username, NEW.phone_number, NEW.identities, NEW.created_at)
       IS DISTINCT FROM (OLD.user_id, OLD.email, OLD.username, OLD.phone_number, OLD.identities, OLD.created_at) THEN
      RAISE EXCEPTION 'identifiers of a user are not updated directly'
        USING ERRCODE = 'insufficient_privilege',
              DETAIL = 'user_id, email, username, phone_number, identities and created_at belong to the directory.',
              HINT = 'Use userdir.update_user(user_id, changes).';
    END IF;
    -- What a provider sent may be out of these bounds; only what this statement changes is judged.
    PERFORM userdir._check_user_columns(
      CASE WHEN NEW.name IS DISTINCT FROM OLD.name THEN NEW.name END,
      CASE WHEN NEW.given_name IS DISTINCT FROM OLD.given_name THEN NEW.given_name END,
      CASE WHEN NEW.family_name IS DISTINCT FROM OLD.family_name THEN NEW.family_name END,
      CASE WHEN NEW.nickname IS DISTINCT FROM OLD.nickname THEN NEW.nickname END,
      CASE WHEN NEW.picture IS DISTINCT FROM OLD.picture THEN NEW.picture END);
  END IF;

  IF NEW.user_metadata IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.user_metadata IS DISTINCT FROM OLD.user_metadata) THEN
    PERFORM userdir.check_metadata('user_metadata', NEW.user_metadata);
  END IF;
  IF NEW.app_metadata IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.app_metadata IS DISTINCT FROM OLD.app_metadata) THEN
    PERFORM userdir.check_metadata('app_metadata', NEW.app_metadata);
  END IF;

  IF TG_OP = 'UPDATE' AND NEW IS DISTINCT FROM OLD AND NEW.updated_at = OLD.updated_at AND NOT userdir._in_installer() THEN
    NEW.updated_at := now();
  END IF;
  RETURN NEW;
END
$guard$;
COMMENT ON FUNCTION userdir.users_guard() IS 'Row-local trigger of userdir.users: refuses what must go through a function, checks metadata, keeps updated_at.';
REVOKE ALL ON FUNCTION userdir.users_guard() FROM PUBLIC;

-- Triggers fire in the order of their names; this one is to see what all others made of the row.
CREATE OR REPLACE TRIGGER zz_userdir_guard
  BEFORE INSERT OR UPDATE ON userdir.users
  FOR EACH ROW EXECUTE FUNCTION userdir.users_guard();
COMMENT ON TRIGGER zz_userdir_guard ON userdir.users IS 'Refuses what must go through a function, checks metadata, keeps updated_at; see users_guard().';

-- With the rights of the reader: a policy on userdir.users holds here too.
CREATE OR REPLACE VIEW userdir.profiles WITH (security_invoker = true) AS
  SELECT u.user_id, u.email, u.email_verified, u.username, u.phone_number, u.phone_verified,
         u.name, u.given_name, u.family_name, u.nickname, u.picture, u.blocked,
         u.user_metadata, u.app_metadata, u.attributes, u.created_at, u.updated_at,
         l.last_login, l.last_ip, l.logins_count, u.identities, l.last_password_reset
    FROM userdir.users u
    LEFT JOIN userdir.user_logins l ON l.user_id = u.user_id;
COMMENT ON VIEW userdir.profiles IS 'Users as a reader expects to see them: profile, login statistics and identities together.';

-- With the rights of the owner: whoever may see it need not see the events.
CREATE OR REPLACE VIEW userdir.event_consumers AS
  SELECT c.name AS consumer, c.types, c.with_profile, c.notify, c.retention, c.created_at,
         q.waiting, q.oldest_at, now() - q.oldest_at AS lag, cardinality(c.read_users) AS unacknowledged,
         c.acked_position AS "position", c.read_at, c.acked_at, CASE WHEN c.leased_until > now() THEN c.leased_until END AS leased_until,
         c.lost, c.lost_at, t.writing,
         CASE WHEN NOT t.writing THEN 'its triggers are missing or disabled, so that changes escape it: run userdir.install(), or ALTER TABLE ... ENABLE TRIGGER'
              WHEN q.oldest_at < now() - c.retention THEN 'it does not keep up: its oldest events are older than they are kept, and will be purged'
              WHEN c.lost_at > now() - interval '30 days' THEN 'events were purged before it acknowledged them'
              WHEN q.oldest_at < now() - c.retention / 2 THEN 'it does not keep up: half of the time is over for which its events are kept'
              WHEN c.retention IS NULL AND q.oldest_at < now() - interval '1 day' THEN 'it does not keep up, and its events are kept for ever'
         END AS warning
    FROM userdir.consumers c
    CROSS JOIN LATERAL (SELECT count(*) AS waiting, to_timestamp(min(e.moment) / 1000000.0)::timestamptz(3) AS oldest_at
                          FROM userdir.events e WHERE e.consumer = c.name) q
    CROSS JOIN LATERAL (SELECT count(*) = (c.types IS NULL OR 'user.password_changed' = ANY (c.types))::integer
                                        + (c.types IS NULL OR NOT c.types <@ '{user.password_changed}')::integer AS writing
                          FROM pg_trigger g
                         WHERE g.tgrelid IN (to_regclass('userdir.users'), to_regclass('userdir.credentials'))
                           AND g.tgname = '00_userdir_events_' || c.name AND g.tgenabled IN ('O', 'A')) t;
COMMENT ON VIEW userdir.event_consumers IS 'Consumers of events, how far they are behind, and what is wrong with them.';
