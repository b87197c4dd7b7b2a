-- Secrets that clients and APIs share with the directory, and tokens that are checked without an error.

CREATE FUNCTION userdir._is_sealed_text(value userdir.secret, purpose text, sealed bytea) RETURNS boolean
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100
  AS 'MODULE_PATHNAME', 'userdir__is_sealed_text';
COMMENT ON FUNCTION userdir._is_sealed_text(userdir.secret, text, bytea) IS
'Tells whether a secret is the one that was sealed for a purpose, in constant time.

Errors: UD050, UD051 when the sealed one cannot be read.';

CREATE FUNCTION userdir._signs_by_hs256(secret userdir.secret) RETURNS boolean
  LANGUAGE c IMMUTABLE STRICT PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'userdir__signs_by_hs256';
COMMENT ON FUNCTION userdir._signs_by_hs256(userdir.secret) IS 'Tells whether a secret is one that tokens may be signed with by HS256: of 32 bytes or more, and no key in PEM.';

CREATE FUNCTION userdir._signs_by_hs256(purpose text, sealed bytea) RETURNS boolean
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100
  AS 'MODULE_PATHNAME', 'userdir__sealed_signs_by_hs256';
COMMENT ON FUNCTION userdir._signs_by_hs256(text, bytea) IS
'Tells the same of a secret that was sealed for a purpose.

Errors: UD050, UD051 when it cannot be read.';

CREATE FUNCTION userdir._sign_with_sealed(claims jsonb, typ text, purpose text, sealed bytea) RETURNS text
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100
  AS 'MODULE_PATHNAME', 'userdir__sign_with_sealed';
COMMENT ON FUNCTION userdir._sign_with_sealed(jsonb, text, text, bytea) IS
'Signs claims by HS256 with the secret that was sealed for a purpose.

Errors: UD050, UD051 when the secret cannot be read; UD04A when it is shorter than 32 bytes; UD04B for claims that a token cannot have.';

CREATE FUNCTION userdir._verify_own(token userdir.secret) RETURNS jsonb
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000
  AS 'MODULE_PATHNAME', 'userdir__verify_own';
COMMENT ON FUNCTION userdir._verify_own(userdir.secret) IS
'Returns the claims of a token, of any typ, that a key of the directory has signed.

Errors: UD040 to UD049 for any other.';

CREATE FUNCTION userdir._verify_with_sealed(token userdir.secret, purpose text, sealed bytea) RETURNS jsonb
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000
  AS 'MODULE_PATHNAME', 'userdir__verify_with_sealed';
COMMENT ON FUNCTION userdir._verify_with_sealed(userdir.secret, text, bytea) IS
'Returns the claims of a token, of any typ, that was signed by HS256 with the secret that was sealed for a purpose.

Errors: UD040 to UD049 for any other; UD050, UD051 when the secret cannot be read.';

CREATE FUNCTION userdir._looks_like_jwt(token userdir.secret) RETURNS boolean
  LANGUAGE c IMMUTABLE STRICT PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'userdir__looks_like_jwt';
COMMENT ON FUNCTION userdir._looks_like_jwt(userdir.secret) IS 'Tells whether something has the form of a signed token.';

CREATE FUNCTION userdir._shared_audience(token userdir.secret) RETURNS text
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100
  AS 'MODULE_PATHNAME', 'userdir__shared_audience';
COMMENT ON FUNCTION userdir._shared_audience(userdir.secret) IS
'Returns the one audience that a token says it is for, of a token by HS256; null for any other, and for one that is for several. Nothing of it is verified.

Errors: UD040, UD047 to UD049 when its header is refused; 22P05 when the database''s encoding lacks a character.';

CREATE FUNCTION userdir._try_signed_token(token userdir.secret) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  of_api text;
  sealed bytea;
BEGIN
  of_api := userdir._shared_audience(token);
  IF of_api IS NULL THEN
    RETURN userdir._verify_own(token);
  END IF;
  -- The secret of an API makes tokens for that API, and for nobody else beside it.
  SELECT s.sealed_signing_secret INTO sealed FROM userdir.resource_servers s WHERE s.identifier = of_api;
  RETURN userdir._verify_with_sealed(token, userdir._signing_purpose(of_api), sealed);
EXCEPTION
  WHEN SQLSTATE 'UD040' OR SQLSTATE 'UD041' OR SQLSTATE 'UD042' OR SQLSTATE 'UD043' OR SQLSTATE 'UD044' OR SQLSTATE 'UD045'
       OR SQLSTATE 'UD046' OR SQLSTATE 'UD047' OR SQLSTATE 'UD048' OR SQLSTATE 'UD049' OR untranslatable_character THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION userdir._try_signed_token(userdir.secret) IS
'Returns the claims of a token that a key of the directory, or the secret of the API that it is for alone, has signed; null when it does not hold.';
