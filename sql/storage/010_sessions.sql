-- Sessions and the opaque tokens of users. Of a token only its hash is here.
--
-- Keys begin with the user, whose id every token carries. None leads to clients: each login would
-- lock the row of its application, and those of all users the same few.

CREATE TABLE userdir.sessions (
  user_id text COLLATE "C" NOT NULL REFERENCES userdir.users ON DELETE CASCADE,
  session_id text COLLATE "C" NOT NULL,
  clients text[] COLLATE "C" NOT NULL,
  device jsonb NOT NULL,
  authentication jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  authenticated_at timestamptz(3) NOT NULL,
  last_interacted_at timestamptz(3) NOT NULL,
  idle_expires_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  PRIMARY KEY (user_id, session_id)
) WITH (fillfactor = 80);
CREATE INDEX sessions_session_id_idx ON userdir.sessions (session_id);
COMMENT ON TABLE userdir.sessions IS 'A row for each login to an application, until it ends.';
COMMENT ON COLUMN userdir.sessions.session_id IS 'The sid of ID tokens; no secret.';
COMMENT ON COLUMN userdir.sessions.clients IS 'The applications that got tokens in this session.';
COMMENT ON COLUMN userdir.sessions.device IS 'Address and user agent, at the beginning and last.';
COMMENT ON COLUMN userdir.sessions.authentication IS 'An array of how the user authenticated and when.';

-- A row is a family: the token of a login, and all that came out of it by rotation.
CREATE TABLE userdir.refresh_tokens (
  user_id text COLLATE "C" NOT NULL REFERENCES userdir.users ON DELETE CASCADE,
  id text COLLATE "C" NOT NULL,
  client_id text COLLATE "C" NOT NULL,
  session_id text COLLATE "C" NOT NULL,
  audience text COLLATE "C",
  scope text NOT NULL,
  grant_type text COLLATE "C",
  rotating boolean NOT NULL,
  token_hash bytea NOT NULL,
  check_key bytea NOT NULL,
  generation integer NOT NULL DEFAULT 1,
  previous_hash bytea,
  rotation_salt bytea,
  rotated_at timestamptz,
  device jsonb NOT NULL,
  authentication jsonb NOT NULL,
  authenticated_at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL,
  last_exchanged_at timestamptz(3),
  idle_expires_at timestamptz(3),
  expires_at timestamptz(3),
  PRIMARY KEY (user_id, id)
) WITH (fillfactor = 80);
CREATE INDEX refresh_tokens_id_idx ON userdir.refresh_tokens (id);
COMMENT ON TABLE userdir.refresh_tokens IS 'Refresh tokens that hold, by the SHA-256 of the latest of each family.';
COMMENT ON COLUMN userdir.refresh_tokens.token_hash IS 'Of the token that is good now.';
COMMENT ON COLUMN userdir.refresh_tokens.check_key IS 'By which a token is known to be of this family, however old. It makes none that is good.';
COMMENT ON COLUMN userdir.refresh_tokens.previous_hash IS 'Of the token before, which is good once more for the leeway of its client.';
COMMENT ON COLUMN userdir.refresh_tokens.rotation_salt IS 'From which, and from the token before, the present one was made; null when no leeway was to be had.';
COMMENT ON COLUMN userdir.refresh_tokens.grant_type IS 'password when the family began with a password, as the claim gty tells; else null.';
COMMENT ON COLUMN userdir.refresh_tokens.idle_expires_at IS 'When it ends unless it is used before; null: never.';
COMMENT ON COLUMN userdir.refresh_tokens.expires_at IS 'When it ends; null: never.';

-- Access tokens for an API are signed and not stored; these are those for userinfo().
CREATE TABLE userdir.access_tokens (
  user_id text COLLATE "C" NOT NULL REFERENCES userdir.users ON DELETE CASCADE,
  id text COLLATE "C" NOT NULL,
  token_hash bytea NOT NULL,
  client_id text COLLATE "C" NOT NULL,
  session_id text COLLATE "C" NOT NULL,
  refresh_token_id text COLLATE "C",
  scope text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  PRIMARY KEY (user_id, id)
);
COMMENT ON TABLE userdir.access_tokens IS 'Opaque access tokens, which were given out for no API, by their SHA-256.';
COMMENT ON COLUMN userdir.access_tokens.refresh_token_id IS 'The family with which, or out of which, it came.';
