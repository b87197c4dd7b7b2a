-- Identifiers: the syntax of the names of users and connections.

CREATE FUNCTION userdir._check_connection_name(name text) RETURNS void
  LANGUAGE c IMMUTABLE PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__check_connection_name';
COMMENT ON FUNCTION userdir._check_connection_name(text) IS
'Raises UD001 unless a connection may have this name: 1 to 128 letters and digits with single hyphens between them.';

CREATE FUNCTION userdir._check_email(email text) RETURNS void
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__check_email';
COMMENT ON FUNCTION userdir._check_email(text) IS
'Raises UD004 unless the text is an e-mail address of RFC 5321 and 6531 of at most 254 characters, 64 of them before the "@".';

CREATE FUNCTION userdir._check_username(username text, shortest integer, longest integer) RETURNS void
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__check_username';
COMMENT ON FUNCTION userdir._check_username(text, integer, integer) IS
'Raises UD004 unless the text, which is in lower case, is a user name of shortest to longest characters and no e-mail address.';

CREATE FUNCTION userdir._check_phone_number(phone_number text) RETURNS void
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__check_phone_number';
COMMENT ON FUNCTION userdir._check_phone_number(text) IS
'Raises UD004 unless the text is an E.164 number.';

CREATE FUNCTION userdir._check_picture(picture text) RETURNS void
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__check_picture';
COMMENT ON FUNCTION userdir._check_picture(text) IS
'Raises UD004 unless the text is an absolute http or https URI.';

CREATE FUNCTION userdir._check_user_id_part(id text) RETURNS void
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__check_user_id_part';
COMMENT ON FUNCTION userdir._check_user_id_part(text) IS
'Raises UD004 unless the text may follow the bar of a user_id: 1 to 255 characters without white space.';
