-- What happens to users, for those who follow it: consumers, and reading.

CREATE FUNCTION userdir._user_event() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__user_event';
COMMENT ON FUNCTION userdir._user_event() IS
'Trigger of a consumer on userdir.users: writes what happened to the user into userdir.events.

Arguments: the consumer, the kinds that it wants (none: all), and its options among profile and notify.';

CREATE FUNCTION userdir._password_event() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__password_event';
COMMENT ON FUNCTION userdir._password_event() IS
'Trigger of a consumer on userdir.credentials: writes that a password was changed. Arguments as those of _user_event().';

CREATE FUNCTION userdir._event_kinds() RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT '{user.created,user.updated,user.deleted,user.password_changed,user.email_changed,user.phone_changed,user.username_changed,user.metadata_changed,user.email_verified,user.phone_verified,user.blocked,user.unblocked,user.identity_linked,user.identity_unlinked}'::pg_catalog.text[]
$$;
COMMENT ON FUNCTION userdir._event_kinds() IS 'Lists the names by which events go.';

CREATE FUNCTION userdir._raise_unknown_consumer(consumer text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'there is no consumer "%"', left(consumer, 64)
    USING ERRCODE = 'UD070', HINT = 'Make it by userdir.create_consumer(); userdir.event_consumers lists those that there are.';
END
$$;
COMMENT ON FUNCTION userdir._raise_unknown_consumer(text) IS 'Raises UD070.';

CREATE FUNCTION userdir._event_trigger_name(consumer text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT '00_userdir_events_' || consumer $$;
COMMENT ON FUNCTION userdir._event_trigger_name(text) IS
'Returns the name of a consumer''s triggers. They fire before those of the application, whose statements may change the same user again.';

CREATE FUNCTION userdir._make_event_triggers(c record) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  arguments text := format('%L, %L, %L', c.name, coalesce(array_to_string(c.types, ','), ''),
                           concat_ws(',', CASE WHEN c.with_profile THEN 'profile' END, CASE WHEN c.notify THEN 'notify' END));
  operations text := concat_ws(' OR ',
    CASE WHEN c.types IS NULL OR 'user.created' = ANY (c.types) THEN 'INSERT' END,
    CASE WHEN c.types IS NULL OR NOT c.types <@ '{user.created,user.deleted,user.password_changed}' THEN 'UPDATE' END,
    CASE WHEN c.types IS NULL OR 'user.deleted' = ANY (c.types) THEN 'DELETE' END);
  trigger_name text := userdir._event_trigger_name(c.name);
  words text := format('Writes events for consumer "%s".', c.name);
BEGIN
  IF operations <> '' THEN
    EXECUTE format('CREATE OR REPLACE TRIGGER %I AFTER %s ON userdir.users FOR EACH ROW EXECUTE FUNCTION userdir._user_event(%s)',
                   trigger_name, operations, arguments);
    EXECUTE format('COMMENT ON TRIGGER %I ON userdir.users IS %L', trigger_name, words);
  END IF;
  IF c.types IS NULL OR 'user.password_changed' = ANY (c.types) THEN
    EXECUTE format('CREATE OR REPLACE TRIGGER %I AFTER INSERT OR UPDATE OF set_at ON userdir.credentials FOR EACH ROW EXECUTE FUNCTION userdir._password_event(%s)',
                   trigger_name, arguments);
    EXECUTE format('COMMENT ON TRIGGER %I ON userdir.credentials IS %L', trigger_name, words);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._make_event_triggers(record) IS
'Creates, or renews, the triggers that write the events of a consumer. c: a row of userdir.consumers.';

CREATE FUNCTION userdir._renew_event_triggers() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c record;
BEGIN
  FOR c IN SELECT k.* FROM userdir.consumers k ORDER BY k.name LOOP
    PERFORM userdir._make_event_triggers(c);
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._renew_event_triggers() IS 'Sees that every consumer has its triggers, after the extension was dropped and created again, for instance.';

CREATE FUNCTION userdir._check_consumer(consumer text, types text[], retention interval) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  unknown text;
BEGIN
  IF consumer IS NULL OR consumer !~ '^[a-z0-9][a-z0-9_-]{0,39}$' THEN
    RAISE EXCEPTION 'a consumer''s name must have 1 to 40 lower-case letters, digits, "_" or "-", a letter or digit first'
      USING ERRCODE = 'invalid_parameter_value';
  ELSIF types = '{}' OR array_ndims(types) > 1 THEN
    RAISE EXCEPTION 'types must be a list of the kinds of events that are wanted'
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Null stands for all.';
  ELSIF retention < interval '1 hour' THEN
    RAISE EXCEPTION 'events have to be kept for an hour at least'
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Null keeps them until they are acknowledged.';
  END IF;
  SELECT coalesce(quote_ident(left(t, 64)), 'null') INTO unknown FROM unnest(types) t WHERE t IS NULL OR t <> ALL (userdir._event_kinds()) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'unknown type of event: %', unknown
      USING ERRCODE = 'invalid_parameter_value', HINT = format('There are: %s.', array_to_string(userdir._event_kinds(), ', '));
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_consumer(text, text[], interval) IS 'Raises 22023 unless a consumer can be made so.';

CREATE FUNCTION userdir._create_consumer(consumer text, types text[], with_profile boolean, notify boolean, retention interval) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c record;
BEGIN
  PERFORM userdir._check_consumer(consumer, types, retention);
  IF with_profile IS NULL OR notify IS NULL THEN
    RAISE EXCEPTION 'with_profile and notify must be true or false' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO userdir.consumers (name, types, with_profile, notify, retention)
    VALUES (consumer, _create_consumer.types, _create_consumer.with_profile, _create_consumer.notify, _create_consumer.retention)
    ON CONFLICT (name) DO NOTHING
    RETURNING * INTO c;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'consumer "%" exists already', consumer USING ERRCODE = 'unique_violation';
  END IF;
  PERFORM userdir._make_event_triggers(c);
END
$$;
COMMENT ON FUNCTION userdir._create_consumer(text, text[], boolean, boolean, interval) IS 'Body of create_consumer().';

CREATE FUNCTION userdir.create_consumer(consumer text, types text[] DEFAULT NULL, with_profile boolean DEFAULT false, notify boolean DEFAULT true,
    retention interval DEFAULT '30 days') RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.create_consumer(text, text[], boolean, boolean, interval) IS
'Makes a consumer of events: from now on every change of a user that it wants is written for it, in the transaction of the change, to be read by read_events(). Without a consumer nothing is written.

consumer: its name, up to 40 lower-case letters, digits, "_" and "-". types: the kinds of events that it wants, any of user.created, user.updated, user.deleted, user.password_changed, user.email_changed, user.phone_changed, user.username_changed, user.metadata_changed, user.email_verified, user.phone_verified, user.blocked, user.unblocked, user.identity_linked, user.identity_unlinked; null: all. with_profile: whether events hold the user, and what has changed as it was before. notify: whether a NOTIFY userdir_events with the name of the consumer goes out when an event is committed. retention: how long events are kept that it does not acknowledge, an hour at least; null: for ever.
It waits until no transaction is open that has written to users or passwords, and keeps others from doing so meanwhile; every change that is made after it has returned is caught.
Errors: 22023 for a bad name, kind or retention; 23505 when there is a consumer of that name; 55006 in a transaction with triggers of users still to fire.';

CREATE FUNCTION userdir._drop_event_triggers(consumer text, from_tables regclass[]) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  stands_on text;
BEGIN
  FOR stands_on IN SELECT t.tgrelid::regclass FROM pg_trigger t
                    WHERE t.tgrelid = ANY (from_tables) AND t.tgname = userdir._event_trigger_name(consumer)
                    ORDER BY 1 DESC
  LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', userdir._event_trigger_name(consumer), stands_on);
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._drop_event_triggers(text, regclass[]) IS 'Drops those triggers of a consumer that stand on some tables.';

CREATE FUNCTION userdir._check_consumer_changes(changes jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  unknown text;
BEGIN
  IF jsonb_typeof(changes) IS DISTINCT FROM 'object' THEN
    RAISE EXCEPTION 'the changes of a consumer must be a JSON object' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT key INTO unknown FROM jsonb_object_keys(changes) key WHERE key NOT IN ('types', 'with_profile', 'notify', 'retention') LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'property "%" of a consumer cannot be changed', left(unknown, 64)
      USING ERRCODE = 'invalid_parameter_value', HINT = 'types, with_profile, notify and retention can.';
  ELSIF jsonb_typeof(changes -> 'types') NOT IN ('array', 'null') THEN
    RAISE EXCEPTION 'types must be a list of the kinds of events that are wanted' USING ERRCODE = 'invalid_parameter_value', HINT = 'Null stands for all.';
  ELSIF jsonb_typeof(changes -> 'with_profile') <> 'boolean' OR jsonb_typeof(changes -> 'notify') <> 'boolean' THEN
    RAISE EXCEPTION 'with_profile and notify must be true or false' USING ERRCODE = 'invalid_parameter_value';
  ELSIF jsonb_typeof(changes -> 'retention') NOT IN ('string', 'null') THEN
    RAISE EXCEPTION 'retention must be a string, as "30 days"' USING ERRCODE = 'invalid_parameter_value', HINT = 'Null keeps events until they are acknowledged.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_consumer_changes(jsonb) IS 'Raises 22023 for what cannot be changes of a consumer.';

CREATE FUNCTION userdir._update_consumer(consumer text, changes jsonb) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  former record;
  c record;
BEGIN
  PERFORM userdir._check_consumer_changes(changes);
  SELECT k.* INTO former FROM userdir.consumers k WHERE k.name = consumer FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    PERFORM userdir._raise_unknown_consumer(consumer);
  END IF;
  c := former;
  IF changes ? 'types' THEN
    c.types := CASE WHEN changes -> 'types' <> 'null' THEN ARRAY(SELECT jsonb_array_elements_text(changes -> 'types')) END;
  END IF;
  c.with_profile := coalesce((changes -> 'with_profile')::boolean, c.with_profile);
  c.notify := coalesce((changes -> 'notify')::boolean, c.notify);
  IF changes ? 'retention' THEN
    c.retention := (changes ->> 'retention')::interval;
  END IF;
  PERFORM userdir._check_consumer(c.name, c.types, c.retention);
  UPDATE userdir.consumers k SET types = c.types, with_profile = c.with_profile, notify = c.notify, retention = c.retention WHERE k.name = c.name;

  -- Triggers know of all but the retention; where nothing else changes, nobody has to wait.
  IF (c.types, c.with_profile, c.notify) IS DISTINCT FROM (former.types, former.with_profile, former.notify) THEN
    PERFORM userdir._make_event_triggers(c);
    PERFORM userdir._drop_event_triggers(c.name, ARRAY(
      SELECT CASE WHEN c.types <@ '{user.password_changed}' THEN 'userdir.users'::regclass END
       UNION SELECT CASE WHEN 'user.password_changed' <> ALL (c.types) THEN 'userdir.credentials'::regclass END));
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._update_consumer(text, jsonb) IS 'Body of update_consumer().';

CREATE FUNCTION userdir.update_consumer(consumer text, changes jsonb) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.update_consumer(text, jsonb) IS
'Changes what a consumer of events wants. What is waiting for it stays as it is; every change of a user that is made after this has returned is judged anew.

consumer: its name. changes: an object with any of types, with_profile, notify and retention, which have the meaning that they have in create_consumer(); what is absent stays.
It waits until nobody reads for the consumer, and, unless only the retention changes, until no transaction is open that has written to users or passwords, and keeps others from doing so meanwhile.
Errors: UD070 when there is no such consumer; 22023 and 22007 for bad changes; 55006 in a transaction with triggers of users still to fire.';

CREATE FUNCTION userdir._drop_consumer(consumer text) RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  unread bigint;
BEGIN
  PERFORM FROM userdir.consumers c WHERE c.name = consumer FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM userdir._raise_unknown_consumer(consumer);
  END IF;
  PERFORM userdir._drop_event_triggers(consumer, '{userdir.users,userdir.credentials}');
  DELETE FROM userdir.events e WHERE e.consumer = _drop_consumer.consumer;
  GET DIAGNOSTICS unread = ROW_COUNT;
  DELETE FROM userdir.consumers c WHERE c.name = consumer;
  RETURN unread;
END
$$;
COMMENT ON FUNCTION userdir._drop_consumer(text) IS 'Body of drop_consumer().';

CREATE FUNCTION userdir.drop_consumer(consumer text) RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.drop_consumer(text) IS
'Drops a consumer with all events that it has not acknowledged. It waits until no transaction is open that has used the table of users, and keeps others from it meanwhile.

Result: how many events were dropped with it.
Errors: UD070 when there is no such consumer.';

CREATE FUNCTION userdir._purge_other_events(reader text) RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  late record;
  old record;
  purged bigint := 0;
BEGIN
  -- Whoever is at it already is left alone, so nobody waits for anybody here.
  SELECT c.name, (extract(epoch FROM now() - c.retention) * 1000000)::bigint AS oldest INTO late
    FROM userdir.consumers c
   WHERE c.name <> reader
     AND EXISTS (SELECT FROM userdir.events e WHERE e.consumer = c.name AND e.moment < (extract(epoch FROM now() - c.retention) * 1000000)::bigint)
   ORDER BY c.name LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  FOR old IN SELECT o.user_id, o.moment FROM userdir.events o WHERE o.consumer = late.name AND o.moment < late.oldest
              ORDER BY o.moment, o.user_id LIMIT 1000
  LOOP
    DELETE FROM userdir.events e WHERE e.user_id = old.user_id AND e.consumer = late.name AND e.moment = old.moment;
    purged := purged + 1;
  END LOOP;
  UPDATE userdir.consumers c SET lost = c.lost + purged, lost_at = now() WHERE c.name = late.name;
END
$$;
COMMENT ON FUNCTION userdir._purge_other_events(text) IS
'Purges up to 1000 events of a consumer that has not read them for longer than they are kept; called by those that read.';

CREATE FUNCTION userdir._lock_consumer(consumer text) RETURNS record
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c record;
BEGIN
  SELECT k.* INTO c FROM userdir.consumers k WHERE k.name = consumer FOR NO KEY UPDATE SKIP LOCKED;
  IF NOT FOUND AND NOT EXISTS (SELECT FROM userdir.consumers k WHERE k.name = consumer) THEN
    PERFORM userdir._raise_unknown_consumer(consumer);
  END IF;
  RETURN c;
END
$$;
COMMENT ON FUNCTION userdir._lock_consumer(text) IS
'Locks a consumer and returns its row; nulls when another transaction has locked it. Errors: UD070 when there is no such consumer.';

CREATE FUNCTION userdir._purged_before(consumer text, users text[], moments bigint[]) RETURNS integer
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  FOR i IN 1 .. cardinality(users) LOOP
    IF EXISTS (SELECT FROM userdir.events e WHERE e.user_id = users[i] AND e.consumer = _purged_before.consumer AND e.moment = moments[i]) THEN
      RETURN i - 1;
    END IF;
  END LOOP;
  RETURN cardinality(users);
END
$$;
COMMENT ON FUNCTION userdir._purged_before(text, text[], bigint[]) IS
'Returns how many of the events that were read are gone before the first one that is not.';

-- The table may have grown a thousandfold since it was analyzed: whatever is known of it, the index is the way.
CREATE FUNCTION userdir.__read_events(consumer text, max_events integer, lease interval) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET enable_seqscan = off
  SET enable_bitmapscan = off
AS $$
DECLARE
  c record;
  again integer;
  purged integer;
  fresh_users text[];
  fresh_moments bigint[];
BEGIN
  IF max_events IS NULL OR max_events NOT BETWEEN 1 AND 1000 THEN
    RAISE EXCEPTION 'max_events must be between 1 and 1000' USING ERRCODE = 'invalid_parameter_value';
  ELSIF lease IS NULL OR lease NOT BETWEEN interval '0' AND interval '1 day' THEN
    RAISE EXCEPTION 'lease must be between 0 and one day' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  c := userdir._lock_consumer(consumer);
  IF c.name IS NULL OR c.leased_until > clock_timestamp() THEN
    RETURN '[]';
  END IF;

  -- What was purged after it was read can neither come again nor be acknowledged.
  purged := userdir._purged_before(c.name, c.read_users, c.read_moments);
  c.acked_position := c.acked_position + purged;
  c.read_users := c.read_users[purged + 1:];
  c.read_moments := c.read_moments[purged + 1:];

  -- What was read and not acknowledged comes again under its positions, then what is new, in the order of its
  -- moments. A change that was committed late is new, however old it is. Of the first rows no more were read than
  -- are remembered, so this many more are enough.
  again := least(max_events, cardinality(c.read_users));
  SELECT coalesce(array_agg(n.user_id ORDER BY n.moment, n.user_id), '{}'), coalesce(array_agg(n.moment ORDER BY n.moment, n.user_id), '{}')
    INTO fresh_users, fresh_moments
    FROM (SELECT o.user_id, o.moment
            FROM (SELECT e.user_id, e.moment FROM userdir.events e WHERE e.consumer = c.name
                   ORDER BY e.moment, e.user_id LIMIT max_events + cardinality(c.read_users)) o
           WHERE NOT EXISTS (SELECT FROM unnest(c.read_users, c.read_moments) r (user_id, moment)
                              WHERE r.user_id = o.user_id AND r.moment = o.moment)
           ORDER BY o.moment, o.user_id LIMIT max_events - again) n;
  c.read_users := c.read_users || fresh_users;
  c.read_moments := c.read_moments || fresh_moments;
  UPDATE userdir.consumers k
     SET acked_position = c.acked_position, read_users = c.read_users, read_moments = c.read_moments, read_at = clock_timestamp(),
         leased_until = CASE WHEN c.read_users <> '{}' AND lease > interval '0' THEN clock_timestamp() + lease END
   WHERE k.name = c.name;
  PERFORM userdir._purge_other_events(c.name);

  RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('position', c.acked_position + r.number, 'type', e.type, 'user_id', e.user_id,
                                      'happened_at', to_timestamp(e.moment / 1000000.0), 'kinds', e.kinds, 'changed', e.changed, 'data', e.data) ORDER BY r.number), '[]')
            FROM unnest(c.read_users[:max_events], c.read_moments[:max_events]) WITH ORDINALITY r (user_id, moment, number)
                 -- OFFSET keeps the planner from joining all that is waiting.
                 CROSS JOIN LATERAL (SELECT * FROM userdir.events o WHERE o.user_id = r.user_id AND o.consumer = c.name AND o.moment = r.moment OFFSET 0) e);
END
$$;
COMMENT ON FUNCTION userdir.__read_events(text, integer, interval) IS 'Body of _read_events().';

CREATE FUNCTION userdir._read_events(consumer text, max_events integer, lease interval) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir._read_events(text, integer, interval) IS 'Does what read_events() does, and returns the events as a JSON array.';

CREATE FUNCTION userdir.read_events(consumer text, max_events integer DEFAULT 100, lease interval DEFAULT '1 minute')
  RETURNS TABLE ("position" bigint, type text, user_id text, happened_at timestamptz, kinds text[], changed text[], data jsonb)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 100
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY SELECT e.* FROM jsonb_to_recordset(userdir._read_events(consumer, max_events, lease))
    AS e ("position" bigint, type text, user_id text, happened_at timestamptz, kinds text[], changed text[], data jsonb);
END
$$;
COMMENT ON FUNCTION userdir.read_events(text, integer, interval) IS
'Returns the next events of a consumer: first those that were read before and not acknowledged, then new ones. It never waits. An event comes at least once: until ack_events() has been committed it comes again, after the lease. The events of one user come in the order in which the changes were committed.

consumer: its name. max_events: 1 to 1000. lease: how long nobody else is given events of this consumer, unless all are acknowledged before; 0: no longer than this transaction, which is right where it also acknowledges.
Result: a row for each event. position: counts the events of the consumer, in the order in which they are read; for ack_events(). type: user.created, user.updated, user.deleted or user.password_changed. user_id. happened_at. kinds: all names that it goes by, type among them. changed: the columns of userdir.users that an update has changed. data: null, or where the consumer has profiles, an object of user, the user as the change left it, and before, what has changed as it was. No row: there is none, or another reader has them.
Errors: UD070 when there is no such consumer; 22023 for a bad max_events or lease; 40001 in a transaction that is repeatable and has begun before another one read.';

CREATE FUNCTION userdir._ack_events(consumer text, "position" bigint) RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c record;
  count bigint;
BEGIN
  IF "position" IS NULL OR "position" < 0 THEN
    RAISE EXCEPTION 'position must be that of an event' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT k.* INTO c FROM userdir.consumers k WHERE k.name = consumer FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    PERFORM userdir._raise_unknown_consumer(consumer);
  END IF;
  count := "position" - c.acked_position;
  IF count > cardinality(c.read_users) THEN
    RAISE EXCEPTION 'consumer "%" has not read position %', consumer, "position"
      USING ERRCODE = 'UD071', DETAIL = format('It has read up to position %s and acknowledged up to %s.', c.acked_position + cardinality(c.read_users), c.acked_position),
            HINT = 'What a transaction has read that was rolled back counts as not read.';
  ELSIF count <= 0 THEN
    RETURN 0;
  END IF;

  -- One by one, so that the planner cannot decide to look at all that is waiting.
  FOR i IN 1 .. count LOOP
    DELETE FROM userdir.events e WHERE e.user_id = c.read_users[i] AND e.consumer = c.name AND e.moment = c.read_moments[i];
  END LOOP;
  UPDATE userdir.consumers k
     SET acked_position = "position", acked_at = clock_timestamp(), read_users = c.read_users[count + 1:], read_moments = c.read_moments[count + 1:],
         leased_until = CASE WHEN count < cardinality(c.read_users) THEN c.leased_until END
   WHERE k.name = c.name;
  RETURN count;
END
$$;
COMMENT ON FUNCTION userdir._ack_events(text, bigint) IS 'Body of ack_events().';

CREATE FUNCTION userdir.ack_events(consumer text, "position" bigint) RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.ack_events(text, bigint) IS
'Acknowledges the events of a consumer up to a position: they are done, and come no more.

consumer: its name. position: of the last event that is done, as read_events() returned it.
Result: how many were acknowledged; 0 when they had been before, which is no error.
Errors: UD071 for a position that was not read; UD070 when there is no such consumer; 22023 for null or a negative position.';

CREATE FUNCTION userdir._purge_events() RETURNS bigint
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c record;
  purged bigint;
  total bigint := 0;
BEGIN
  FOR c IN SELECT k.name, (extract(epoch FROM now() - k.retention) * 1000000)::bigint AS oldest
             FROM userdir.consumers k WHERE k.retention IS NOT NULL ORDER BY k.name FOR NO KEY UPDATE
  LOOP
    DELETE FROM userdir.events e WHERE e.consumer = c.name AND e.moment < c.oldest;
    GET DIAGNOSTICS purged = ROW_COUNT;
    IF purged > 0 THEN
      UPDATE userdir.consumers k SET lost = k.lost + purged, lost_at = now() WHERE k.name = c.name;
    END IF;
    total := total + purged;
  END LOOP;
  RETURN total;
END
$$;
COMMENT ON FUNCTION userdir._purge_events() IS 'Body of purge_events().';

CREATE FUNCTION userdir.purge_events() RETURNS bigint
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.purge_events() IS
'Deletes the events that their consumers have not acknowledged within the time for which they are kept, so that a consumer that is gone does not fill the disk. maintain_logs() does it too, and each reader purges some events of others. What was lost is told by userdir.event_consumers.

Result: how many events were deleted.';
