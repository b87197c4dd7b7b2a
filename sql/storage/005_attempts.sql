-- Protection against attacks: its settings, and failed logins where the library is not preloaded.

CREATE TABLE userdir.attack_protection (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  salt bytea NOT NULL DEFAULT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
  brute_force_protection jsonb NOT NULL DEFAULT
    '{"enabled": true, "shields": ["block", "user_notification"], "mode": "count_per_identifier_and_ip",
      "allowlist": [], "max_attempts": 10}',
  suspicious_ip_throttling jsonb NOT NULL DEFAULT
    '{"enabled": true, "shields": ["admin_notification", "block"], "allowlist": [],
      "stage": {"pre-login": {"max_attempts": 100, "rate": 864000},
                "pre-user-registration": {"max_attempts": 50, "rate": 1728000}}}',
  breached_password_detection jsonb NOT NULL DEFAULT
    '{"enabled": false, "shields": [], "admin_notification_frequency": [], "method": "standard",
      "stage": {"pre-user-registration": {"shields": []}, "pre-change-password": {"shields": []}}}',
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON TABLE userdir.attack_protection IS 'The one row of settings against attacks; install() sees that it is there. Written by update_attack_protection() only.';
COMMENT ON COLUMN userdir.attack_protection.salt IS 'Hashed with every identifier whose failed logins are counted.';
COMMENT ON COLUMN userdir.attack_protection.brute_force_protection IS 'Failed logins of one identifier.';
COMMENT ON COLUMN userdir.attack_protection.suspicious_ip_throttling IS 'Failed logins and sign-ups from one address.';
COMMENT ON COLUMN userdir.attack_protection.breached_password_detection IS 'Passwords that are known from a breach.';

-- One row for each key that attempts are counted for. A row is found by its hash alone, so the hash
-- would be the column to distribute by.
CREATE TABLE userdir.login_attempts (
  who bytea NOT NULL,
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('identifier_ip', 'identifier', 'login_ip', 'signup_ip')),
  address inet NOT NULL,
  level double precision NOT NULL,
  counted_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (who, kind, address)
) WITH (fillfactor = 70);
COMMENT ON TABLE userdir.login_attempts IS 'Failed logins and sign-ups, where the library is not preloaded.';
COMMENT ON COLUMN userdir.login_attempts.who IS 'Hash of salt, connection and identifier; of the salt alone where only an address is counted.';
COMMENT ON COLUMN userdir.login_attempts.address IS 'The address, or the network of 64 bits; 0.0.0.0/0 where none belongs to the key.';
COMMENT ON COLUMN userdir.login_attempts.level IS 'How many attempts, at the time of counted_at.';
COMMENT ON COLUMN userdir.login_attempts.expires_at IS 'From then on nothing is left of the level.';
