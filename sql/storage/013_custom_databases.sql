-- What the users of custom databases need before they are here.

-- Who has forgotten a password and has not logged in since the migration began is no user yet: a
-- ticket of theirs refers to none. Nobody becomes one by asking for a ticket.
CREATE TABLE userdir.migration_tickets (
  user_id text COLLATE "C" NOT NULL,
  token_hash bytea NOT NULL,
  connection text COLLATE "C" NOT NULL REFERENCES userdir.connections (name) ON DELETE CASCADE,
  login text NOT NULL,
  options jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  PRIMARY KEY (user_id, token_hash)
);
CREATE INDEX migration_tickets_expires_at_idx ON userdir.migration_tickets (expires_at);
COMMENT ON TABLE userdir.migration_tickets IS 'Tickets for a change of the password of users whom a custom database knows and the directory does not yet, by the SHA-256 of their tokens.';
COMMENT ON COLUMN userdir.migration_tickets.user_id IS 'The id that the user will have.';
COMMENT ON COLUMN userdir.migration_tickets.login IS 'The address, or another identifier, that the ticket was asked for.';
COMMENT ON COLUMN userdir.migration_tickets.options IS 'As those of userdir.tickets.';
