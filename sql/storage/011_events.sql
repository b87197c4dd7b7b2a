-- What happens to users, for those who follow it.

CREATE TABLE userdir.consumers (
  name text COLLATE "C" PRIMARY KEY,
  types text[] COLLATE "C",
  with_profile boolean NOT NULL,
  notify boolean NOT NULL,
  retention interval,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  acked_position bigint NOT NULL DEFAULT 0,
  acked_at timestamptz(3),
  read_users text[] COLLATE "C" NOT NULL DEFAULT '{}',
  read_moments bigint[] NOT NULL DEFAULT '{}',
  read_at timestamptz(3),
  leased_until timestamptz(3),
  lost bigint NOT NULL DEFAULT 0,
  lost_at timestamptz(3),
  CHECK (cardinality(read_users) = cardinality(read_moments))
) WITH (fillfactor = 50);
COMMENT ON TABLE userdir.consumers IS 'Who follows the changes of users. Written by create_consumer(), read_events() and their siblings only; see the view userdir.event_consumers.';
COMMENT ON COLUMN userdir.consumers.types IS 'The kinds of events that it wants; null: all.';
COMMENT ON COLUMN userdir.consumers.acked_position IS 'How many events it has acknowledged: the position of the last of them.';
COMMENT ON COLUMN userdir.consumers.read_users IS 'The users of the events that were read and not acknowledged; the first one has the position after acked_position.';
COMMENT ON COLUMN userdir.consumers.read_moments IS 'The moments of these events.';
COMMENT ON COLUMN userdir.consumers.leased_until IS 'Until then nobody else is given the events that were read.';
COMMENT ON COLUMN userdir.consumers.lost IS 'How many events were purged before they were acknowledged.';

-- A row for each change and each consumer that wants it, until it is acknowledged. No key leads to users,
-- who may be gone, and no number is drawn: what comes first is decided when events are read.
CREATE TABLE userdir.events (
  user_id text COLLATE "C" NOT NULL,
  consumer text COLLATE "C" NOT NULL,
  moment bigint NOT NULL,
  type text COLLATE "C" NOT NULL,
  kinds text[] COLLATE "C" NOT NULL,
  changed text[] COLLATE "C",
  data jsonb,
  PRIMARY KEY (user_id, consumer, moment)
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX events_consumer_idx ON userdir.events (consumer, moment, user_id);
COMMENT ON TABLE userdir.events IS 'Changes of users that a consumer has not acknowledged yet; written by triggers in the transaction of the change, read by read_events().';
COMMENT ON COLUMN userdir.events.moment IS 'When it happened, in microseconds since 1970; grows with every event of a user.';
COMMENT ON COLUMN userdir.events.kinds IS 'All names that the event goes by; see _event_kinds().';
COMMENT ON COLUMN userdir.events.changed IS 'The columns that an update has changed.';
COMMENT ON COLUMN userdir.events.data IS 'The user after the change and what changed as it was before, where the consumer asked for profiles.';
