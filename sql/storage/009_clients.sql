-- Applications, APIs, and what the directory calls itself in tokens. These are few rows that change rarely.

ALTER TABLE userdir.directory ADD COLUMN issuer text COLLATE "C";
ALTER TABLE userdir.directory ADD COLUMN session_lifetime integer NOT NULL DEFAULT 168;
ALTER TABLE userdir.directory ADD COLUMN idle_session_lifetime integer NOT NULL DEFAULT 72;
COMMENT ON COLUMN userdir.directory.issuer IS 'The iss of every token, with a slash at its end; see set_issuer().';
COMMENT ON COLUMN userdir.directory.session_lifetime IS 'How many hours a session lasts at most.';
COMMENT ON COLUMN userdir.directory.idle_session_lifetime IS 'How many hours a session lasts without being used.';

CREATE TABLE userdir.clients (
  client_id text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  description text,
  app_type text COLLATE "C",
  logo_uri text,
  is_first_party boolean NOT NULL,
  oidc_conformant boolean NOT NULL,
  token_endpoint_auth_method text COLLATE "C" NOT NULL,
  grant_types text[] COLLATE "C" NOT NULL,
  callbacks text[] NOT NULL,
  allowed_origins text[] NOT NULL,
  web_origins text[] NOT NULL,
  allowed_logout_urls text[] NOT NULL,
  initiate_login_uri text,
  jwt_configuration jsonb NOT NULL,
  refresh_token jsonb NOT NULL,
  client_metadata jsonb NOT NULL,
  sealed_secret bytea NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON TABLE userdir.clients IS 'Applications that users log in to. Written by create_client() and its siblings only.';
COMMENT ON COLUMN userdir.clients.app_type IS 'native, spa, regular_web or non_interactive.';
COMMENT ON COLUMN userdir.clients.jwt_configuration IS 'alg and lifetime_in_seconds of ID tokens.';
COMMENT ON COLUMN userdir.clients.refresh_token IS 'How long refresh tokens last, and whether they rotate.';
COMMENT ON COLUMN userdir.clients.sealed_secret IS 'The client secret, sealed under the root key.';

CREATE TABLE userdir.resource_servers (
  id text COLLATE "C" PRIMARY KEY,
  identifier text COLLATE "C" NOT NULL UNIQUE,
  name text NOT NULL,
  scopes jsonb NOT NULL,
  signing_alg text COLLATE "C" NOT NULL,
  token_lifetime integer NOT NULL,
  token_lifetime_for_web integer NOT NULL,
  token_dialect text COLLATE "C" NOT NULL,
  enforce_policies boolean NOT NULL,
  allow_offline_access boolean NOT NULL,
  skip_consent_for_verifiable_first_party_clients boolean NOT NULL,
  sealed_signing_secret bytea,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON TABLE userdir.resource_servers IS 'APIs that access tokens are for. Written by create_resource_server() and its siblings only.';
COMMENT ON COLUMN userdir.resource_servers.identifier IS 'What tokens name as their audience.';
COMMENT ON COLUMN userdir.resource_servers.scopes IS 'An array of objects with value and description.';
COMMENT ON COLUMN userdir.resource_servers.sealed_signing_secret IS 'What an API and the directory share to sign by HS256, sealed under the root key; null for other algorithms.';
