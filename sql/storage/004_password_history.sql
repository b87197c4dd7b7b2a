-- Earlier passwords, which may not be taken again.

CREATE TABLE userdir.password_history (
  user_id text COLLATE "C" NOT NULL REFERENCES userdir.users ON DELETE CASCADE,
  hash text COLLATE "C" NOT NULL,
  set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (user_id, hash)
);
COMMENT ON TABLE userdir.password_history IS 'Passwords that a user has set while the connection kept a history, the current one among them.';
COMMENT ON COLUMN userdir.password_history.hash IS 'The hash, as it is stored for the login.';
