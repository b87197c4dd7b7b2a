-- Passwords, what logins leave behind, and tickets.

-- A password belongs to an identity: a user to whom an account of another database was linked has two.
CREATE TABLE userdir.credentials (
  user_id text COLLATE "C" NOT NULL REFERENCES userdir.users ON DELETE CASCADE,
  provider text COLLATE "C" NOT NULL,
  provider_user_id text COLLATE "C" NOT NULL,
  hash text COLLATE "C" NOT NULL,
  set_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, provider, provider_user_id)
) WITH (fillfactor = 80);
COMMENT ON TABLE userdir.credentials IS 'Passwords, by their hashes. Written by signup(), set_password() and their siblings only.';
COMMENT ON COLUMN userdir.credentials.hash IS 'A PHC string, or the hash of another system as it is stored; see password_hash_info().';
COMMENT ON COLUMN userdir.credentials.set_at IS 'When the password was set; a hash that is renewed at a login leaves it.';

ALTER TABLE userdir.user_logins ADD COLUMN last_password_reset timestamptz(3);
COMMENT ON COLUMN userdir.user_logins.last_password_reset IS 'When the password was last changed; null before the first change.';

-- No key leads to users: what happened stays known when they are gone.
CREATE TABLE userdir.logs (
  date timestamptz(3) NOT NULL,
  log_id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  description text,
  connection text COLLATE "C",
  connection_id text COLLATE "C",
  strategy text COLLATE "C",
  strategy_type text COLLATE "C",
  client_id text COLLATE "C",
  ip inet,
  hostname text,
  user_agent text,
  user_id text COLLATE "C",
  user_name text,
  audience text,
  scope text,
  details jsonb,
  PRIMARY KEY (date, log_id)
) PARTITION BY RANGE (date);
CREATE INDEX logs_user_id_idx ON userdir.logs (user_id, date);
CREATE INDEX logs_type_idx ON userdir.logs (type, date);
COMMENT ON TABLE userdir.logs IS 'What happened: a row for each login, sign-up, change of a password and the like; a partition for each month, see maintain_logs().';
COMMENT ON COLUMN userdir.logs.type IS 'The model''s code, as s for a login and fp for a wrong password.';
COMMENT ON COLUMN userdir.logs.user_name IS 'The e-mail address, user name or phone number that was given.';
COMMENT ON COLUMN userdir.logs.strategy_type IS 'database, social, enterprise or passwordless.';

-- Rows of months that have no partition yet.
CREATE TABLE userdir.logs_other PARTITION OF userdir.logs DEFAULT;
COMMENT ON TABLE userdir.logs_other IS 'Rows of userdir.logs whose month has no partition; maintain_logs() moves them.';

CREATE TABLE userdir.tickets (
  user_id text COLLATE "C" NOT NULL REFERENCES userdir.users ON DELETE CASCADE,
  token_hash bytea NOT NULL,
  purpose text COLLATE "C" NOT NULL CHECK (purpose IN ('email_verification', 'password_change')),
  provider text COLLATE "C" NOT NULL,
  provider_user_id text COLLATE "C" NOT NULL,
  email text COLLATE "C",
  options jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  PRIMARY KEY (user_id, token_hash)
);
COMMENT ON TABLE userdir.tickets IS 'Tickets that were handed out and not used, by the SHA-256 of their tokens.';
COMMENT ON COLUMN userdir.tickets.email IS 'The address that a ticket was made for; it is void when the user has another.';
COMMENT ON COLUMN userdir.tickets.options IS 'What was asked for with it: result_url, client_id, mark_email_as_verified and the like.';
