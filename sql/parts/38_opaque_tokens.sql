-- Tokens that mean something to this directory alone, and randomness.

CREATE FUNCTION userdir._random_bytes(count integer) RETURNS bytea
  LANGUAGE c VOLATILE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__random_bytes';
COMMENT ON FUNCTION userdir._random_bytes(integer) IS
'Returns 1 to 256 bytes of the server''s strong random numbers.

Errors: 22023 for another number.';

CREATE FUNCTION userdir._random_text(count integer) RETURNS text
  LANGUAGE sql VOLATILE STRICT PARALLEL SAFE
AS $$ SELECT userdir._base64url(userdir._random_bytes(count)) $$;
COMMENT ON FUNCTION userdir._random_text(integer) IS 'Returns as many random bytes in base64url.';

CREATE FUNCTION userdir._secret_length(secret userdir.secret) RETURNS integer
  LANGUAGE c IMMUTABLE STRICT PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'userdir__secret_length';
COMMENT ON FUNCTION userdir._secret_length(userdir.secret) IS 'Returns how many bytes of UTF-8 a secret has.';

CREATE FUNCTION userdir._make_token(kind text, user_id text, id text, check_key bytea) RETURNS text
  LANGUAGE c VOLATILE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__make_token';
COMMENT ON FUNCTION userdir._make_token(text, text, text, bytea) IS
'Returns a new token.

kind: rt_ for a refresh token, at_ for an access token. user_id, id: where its row is; the id has 16 letters and digits. check_key: what _is_token_of() knows it by later.
Result: kind, user_id in base64url, id, and 256 random bits with a tag of 128.';

CREATE FUNCTION userdir._next_token(token userdir.secret, salt bytea, check_key bytea) RETURNS text
  LANGUAGE c IMMUTABLE STRICT PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'userdir__next_token';
COMMENT ON FUNCTION userdir._next_token(userdir.secret, bytea, bytea) IS
'Returns the token that replaces another, always the same for the same salt: the HMAC of the salt under the random bits of the other. Neither the salt nor the other token alone lead to it. Null when the other is no token.';

CREATE FUNCTION userdir._read_token(token userdir.secret, OUT kind text, OUT user_id text, OUT id text, OUT token_hash bytea)
  LANGUAGE c IMMUTABLE PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'userdir__read_token';
COMMENT ON FUNCTION userdir._read_token(userdir.secret) IS
'Takes a token apart: where its row would be, and its SHA-256. All are null for what is no token; only the hash shows that it is a good one.';

CREATE FUNCTION userdir._is_token_of(token userdir.secret, check_key bytea) RETURNS boolean
  LANGUAGE c IMMUTABLE STRICT PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'userdir__is_token_of';
COMMENT ON FUNCTION userdir._is_token_of(userdir.secret, bytea) IS
'Tells whether a token was once made with this key, and not made up by somebody.';
