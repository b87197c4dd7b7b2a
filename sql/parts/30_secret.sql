-- The type in which passwords, tokens and keys arrive.

CREATE TYPE userdir.secret;

CREATE FUNCTION userdir._secret_in(cstring) RETURNS userdir.secret
  LANGUAGE c IMMUTABLE STRICT PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'userdir__secret_in';
COMMENT ON FUNCTION userdir._secret_in(cstring) IS
'Input function of userdir.secret.';

CREATE FUNCTION userdir._secret_out(userdir.secret) RETURNS cstring
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__secret_out';
COMMENT ON FUNCTION userdir._secret_out(userdir.secret) IS
'Output function of userdir.secret: [redacted].';

CREATE FUNCTION userdir._secret_recv(internal) RETURNS userdir.secret
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'userdir__secret_recv';
COMMENT ON FUNCTION userdir._secret_recv(internal) IS
'Binary input function of userdir.secret: a text in the client''s encoding.';

CREATE FUNCTION userdir._secret_send(userdir.secret) RETURNS bytea
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__secret_send';
COMMENT ON FUNCTION userdir._secret_send(userdir.secret) IS
'Binary output function of userdir.secret: [redacted].';

CREATE TYPE userdir.secret (
  INPUT = userdir._secret_in,
  OUTPUT = userdir._secret_out,
  RECEIVE = userdir._secret_recv,
  SEND = userdir._secret_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = int4,
  STORAGE = plain
);
COMMENT ON TYPE userdir.secret IS
'A password, token or key on its way to a function; prints as [redacted], compares with nothing, and is of no use when stored.

Literals, untyped parameters, text and varchar become secrets by themselves. At most 128 kB of UTF-8, and a password 4096 bytes.';

-- The casts are immutable so that the planner folds them: a plan that is logged shows [redacted].
CREATE FUNCTION userdir.secret(password text) RETURNS userdir.secret
  LANGUAGE c IMMUTABLE STRICT PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'userdir_secret';
COMMENT ON FUNCTION userdir.secret(text) IS
'Turns a text into a secret.

password: the text, in any encoding of the database; at most 128 kB of UTF-8.
Result: the secret, which only the functions of userdir can read, and only in this session.
Errors: 54000 when it is too long; 22021 when a character has no equivalent in UTF-8, or the text is not UTF-8 in a database without encoding; 22P02 for "[redacted]".';

CREATE FUNCTION userdir.secret(password varchar) RETURNS userdir.secret
  LANGUAGE c IMMUTABLE STRICT PARALLEL RESTRICTED
  AS 'MODULE_PATHNAME', 'userdir_secret';
COMMENT ON FUNCTION userdir.secret(varchar) IS
'Turns a varchar into a secret, as secret(text) does for a text.

Errors: as in secret(text).';

CREATE CAST (text AS userdir.secret) WITH FUNCTION userdir.secret(text) AS IMPLICIT;
COMMENT ON CAST (text AS userdir.secret) IS
'Lets a text be passed where a secret is wanted.';

CREATE CAST (varchar AS userdir.secret) WITH FUNCTION userdir.secret(varchar) AS IMPLICIT;
COMMENT ON CAST (varchar AS userdir.secret) IS
'Lets a varchar be passed where a secret is wanted.';
