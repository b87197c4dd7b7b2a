-- Versions and random identifiers.

CREATE FUNCTION userdir._library_version() RETURNS text
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__library_version';
COMMENT ON FUNCTION userdir._library_version() IS
'Returns the version of the loaded library.';

CREATE FUNCTION userdir._expected_data_version() RETURNS integer
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__expected_data_version';
COMMENT ON FUNCTION userdir._expected_data_version() IS
'Returns the data version that the loaded library works with.';

CREATE FUNCTION userdir._new_id(prefix text) RETURNS text
  LANGUAGE c VOLATILE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__new_id';
COMMENT ON FUNCTION userdir._new_id(text) IS
'Returns prefix followed by 16 random letters and digits.';

CREATE FUNCTION userdir._new_object_id() RETURNS text
  LANGUAGE c VOLATILE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__new_object_id';
COMMENT ON FUNCTION userdir._new_object_id() IS
'Returns 24 random hexadecimal digits that grow with time.';

CREATE FUNCTION userdir._api_caller() RETURNS oid
  LANGUAGE c STABLE PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'userdir__api_caller';
COMMENT ON FUNCTION userdir._api_caller() IS
'Returns the role that has called the API function in whose body this stands, null outside of any.';

CREATE FUNCTION userdir._in_api() RETURNS boolean
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__in_api';
COMMENT ON FUNCTION userdir._in_api() IS
'Tells a row trigger of the directory whether the statement that fired it is one of userdir''s own functions.';

CREATE FUNCTION userdir._in_installer() RETURNS boolean
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__in_installer';
COMMENT ON FUNCTION userdir._in_installer() IS
'Tells a row trigger of the directory whether the statement that fired it is a storage step of install().';
