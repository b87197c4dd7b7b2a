-- Keys that sign tokens, and keys of others to verify them with.

CREATE TABLE userdir.signing_keys (
  issuer text COLLATE "C" NOT NULL DEFAULT '',
  kid text COLLATE "C" NOT NULL,
  alg text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL CHECK (state IN ('current', 'next', 'previous', 'revoked', 'external')),
  public_jwk jsonb NOT NULL,
  certificate bytea,
  sealed bytea,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  current_since timestamptz(3),
  previous_since timestamptz(3),
  revoked_at timestamptz(3),
  PRIMARY KEY (issuer, kid),
  CHECK ((state = 'external') = (issuer <> ''))
);
CREATE UNIQUE INDEX signing_keys_state_idx ON userdir.signing_keys (alg, state) WHERE state IN ('current', 'next');
COMMENT ON TABLE userdir.signing_keys IS 'Keys that sign tokens, and public keys of other issuers. Written by create_signing_key() and its siblings only.';
COMMENT ON COLUMN userdir.signing_keys.issuer IS 'Whose key it is, as in the claim iss; empty for the directory''s own.';
COMMENT ON COLUMN userdir.signing_keys.state IS 'current signs; next will, and is published already; previous still verifies; revoked does not; external is a public key of another issuer.';
COMMENT ON COLUMN userdir.signing_keys.public_jwk IS 'The public key: the members that RFC 7638 asks for.';
COMMENT ON COLUMN userdir.signing_keys.certificate IS 'A certificate of the key, signed by itself, in DER; for x5c.';
COMMENT ON COLUMN userdir.signing_keys.sealed IS 'The private key, sealed under a root key that is not in the database.';
