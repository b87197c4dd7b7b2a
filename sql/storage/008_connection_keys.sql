-- What tokens of other issuers are verified with.

CREATE TABLE userdir.connection_keys (
  connection_id text COLLATE "C" NOT NULL REFERENCES userdir.connections ON DELETE CASCADE,
  kid text COLLATE "C" NOT NULL,
  algorithms text[] COLLATE "C" NOT NULL,
  jwk jsonb NOT NULL,
  public_key text COLLATE "C" NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (connection_id, kid)
);
COMMENT ON TABLE userdir.connection_keys IS 'Public keys of the providers behind connections. Written by set_connection_jwks() only.';
COMMENT ON COLUMN userdir.connection_keys.kid IS 'What a token names the key by; empty when the key has no kid, there can be one then.';
COMMENT ON COLUMN userdir.connection_keys.algorithms IS 'Those that a token may be signed with, the first one where the connection''s options name none.';
COMMENT ON COLUMN userdir.connection_keys.jwk IS 'The key as a JWK, with its public members alone.';
COMMENT ON COLUMN userdir.connection_keys.public_key IS 'The same in PEM.';
COMMENT ON COLUMN userdir.connection_keys.created_at IS 'When the provider''s keys with this one among them were first set.';
