-- Rules are triggers on views; here is what goes with them.

CREATE TABLE userdir.disabled_rules (
  stage text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  disabled_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (stage, name)
);
COMMENT ON TABLE userdir.disabled_rules IS 'Rules that are switched off: PostgreSQL cannot disable a trigger of a view. Written by disable_rule() and its siblings.';
COMMENT ON COLUMN userdir.disabled_rules.stage IS 'The view.';
COMMENT ON COLUMN userdir.disabled_rules.name IS 'The trigger, with what its name begins with for the order.';

CREATE TABLE userdir.rule_configuration (
  key text COLLATE "C" PRIMARY KEY,
  sealed_value bytea NOT NULL,
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON TABLE userdir.rule_configuration IS 'What rules and actions read with configuration(): keys of other services and the like.';
COMMENT ON COLUMN userdir.rule_configuration.sealed_value IS 'The value, sealed under the root key.';

CREATE TABLE userdir.login_continuations (
  user_id text COLLATE "C" NOT NULL REFERENCES userdir.users ON DELETE CASCADE,
  token_hash bytea NOT NULL,
  flow jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  PRIMARY KEY (user_id, token_hash)
);
COMMENT ON TABLE userdir.login_continuations IS 'Logins that a rule has interrupted by a redirect, by the SHA-256 of their states; see continue_login().';
COMMENT ON COLUMN userdir.login_continuations.flow IS 'What the login was asked for, and how the user authenticated.';

CREATE TABLE userdir.client_grants (
  id text COLLATE "C" PRIMARY KEY,
  client_id text COLLATE "C" NOT NULL REFERENCES userdir.clients ON DELETE CASCADE,
  audience text COLLATE "C" NOT NULL REFERENCES userdir.resource_servers (identifier) ON DELETE CASCADE,
  scope text[] COLLATE "C" NOT NULL,
  UNIQUE (client_id, audience)
);
COMMENT ON TABLE userdir.client_grants IS 'APIs that applications may call for themselves, without a user; see create_client_grant().';
COMMENT ON COLUMN userdir.client_grants.scope IS 'The scopes that they may have at most.';
