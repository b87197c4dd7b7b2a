-- The directory's own row, its connections, and the users with all that belongs to them.
--
-- These are ordinary tables: nothing here may use a type or function of the extension, or the rows
-- could not be restored, or kept, without it. User ids are COLLATE "C": they are compared as bytes.
-- Timestamps have milliseconds, as in every answer, so that what was read finds its row again.

CREATE TABLE userdir.directory (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  name text NOT NULL,
  data_version integer NOT NULL,
  installed_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON TABLE userdir.directory IS 'The one row that names this directory and its data version.';
COMMENT ON COLUMN userdir.directory.name IS 'The name that uninstall() asks for.';
COMMENT ON COLUMN userdir.directory.data_version IS 'The last storage step that ran; see version().';

CREATE TABLE userdir.connections (
  id text COLLATE "C" PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  strategy text COLLATE "C" NOT NULL,
  display_name text,
  options jsonb NOT NULL DEFAULT '{}',
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON TABLE userdir.connections IS 'Sources of users. Written by create_connection() and its siblings only.';
COMMENT ON COLUMN userdir.connections.id IS 'con_ and 16 letters and digits.';
COMMENT ON COLUMN userdir.connections.name IS 'What identities and callers name the connection by.';
COMMENT ON COLUMN userdir.connections.strategy IS 'One of userdir.strategies().';
COMMENT ON COLUMN userdir.connections.options IS 'Whatever was given, verbatim; may hold secrets of the provider.';

CREATE TABLE userdir.users (
  user_id text COLLATE "C" PRIMARY KEY,
  email text,
  email_verified boolean,
  username text,
  phone_number text,
  phone_verified boolean,
  name text,
  given_name text,
  family_name text,
  nickname text,
  picture text,
  blocked boolean,
  identities jsonb NOT NULL DEFAULT '[]',
  user_metadata jsonb,
  app_metadata jsonb,
  attributes jsonb,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX users_email_idx ON userdir.users (email);
CREATE INDEX users_created_at_idx ON userdir.users (created_at, user_id);
COMMENT ON TABLE userdir.users IS 'Users under their normalized profile. Profile columns and metadata may be updated in place; identifiers and new rows go through functions.';
COMMENT ON COLUMN userdir.users.user_id IS 'provider|id of the primary identity.';
COMMENT ON COLUMN userdir.users.blocked IS 'Blocked by an administrator.';
COMMENT ON COLUMN userdir.users.identities IS 'What the table identities says of the user, as an array in the model''s shape, primary first; written with it.';
COMMENT ON COLUMN userdir.users.user_metadata IS 'What the user may write; a JSON object.';
COMMENT ON COLUMN userdir.users.app_metadata IS 'What only the application may write; a JSON object.';
COMMENT ON COLUMN userdir.users.attributes IS 'What the provider sent beyond the normalized profile; a JSON object.';

CREATE TABLE userdir.identities (
  user_id text COLLATE "C" NOT NULL REFERENCES userdir.users ON DELETE CASCADE,
  provider text COLLATE "C" NOT NULL,
  provider_user_id text COLLATE "C" NOT NULL,
  connection text COLLATE "C" NOT NULL REFERENCES userdir.connections (name),
  is_primary boolean NOT NULL,
  is_social boolean NOT NULL,
  profile_data jsonb,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, provider, provider_user_id)
);
CREATE UNIQUE INDEX identities_one_primary_idx ON userdir.identities (user_id) WHERE is_primary;
CREATE INDEX identities_connection_idx ON userdir.identities (connection, user_id);
COMMENT ON TABLE userdir.identities IS 'The ways of being a user; the primary one gives the user_id.';
COMMENT ON COLUMN userdir.identities.provider_user_id IS 'The id within the provider: what follows the first bar of provider|id.';
COMMENT ON COLUMN userdir.identities.profile_data IS 'The profile of a linked identity; null for the primary one.';

CREATE TABLE userdir.identifiers (
  value text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  connection text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL REFERENCES userdir.users ON DELETE CASCADE,
  provider text COLLATE "C" NOT NULL,
  provider_user_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (value, kind, connection),
  CHECK (kind IN ('email', 'username', 'phone_number', 'identity')),
  CHECK ((kind = 'identity') = (connection = ''))
);
CREATE INDEX identifiers_user_id_idx ON userdir.identifiers (user_id);
COMMENT ON TABLE userdir.identifiers IS 'Every name by which a login finds an identity, unique per connection.';
COMMENT ON COLUMN userdir.identifiers.value IS 'The lower-cased e-mail or user name, the phone number, or provider|id.';
COMMENT ON COLUMN userdir.identifiers.connection IS 'Where the name is unique; empty for provider|id, which is unique everywhere.';

-- Touched by every login and by nothing else, so that a login rewrites no search index.
CREATE TABLE userdir.user_logins (
  user_id text COLLATE "C" PRIMARY KEY REFERENCES userdir.users ON DELETE CASCADE,
  last_login timestamptz(3),
  last_ip inet,
  logins_count bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
COMMENT ON TABLE userdir.user_logins IS 'Login statistics; no row until the first login.';

-- Who was given which bundle, so that later versions can add to it.
CREATE TABLE userdir.bundle_grants (
  role_name text NOT NULL,
  bundle text NOT NULL,
  PRIMARY KEY (role_name, bundle)
);
COMMENT ON TABLE userdir.bundle_grants IS 'The bundles that grant_to() gave to roles.';
