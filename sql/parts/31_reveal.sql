-- What the actions of custom databases can do with a password.

CREATE FUNCTION userdir.password_matches(password userdir.secret, hash text) RETURNS boolean
  LANGUAGE c VOLATILE PARALLEL RESTRICTED COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_password_matches';
COMMENT ON FUNCTION userdir.password_matches(userdir.secret, text) IS
'Tells whether a password is the one behind a hash of another system.

password: the password. hash: one that says of which kind it is: a PHC string, one of crypt(3) such as bcrypt, phpass, LDAP or Django.
Result: true or false; without a hash false, after the work of one, so that somebody who is not there takes as long as anybody else; null without a password.
Errors: UD030 for a hash that is malformed, of no known kind or too costly to verify; UD201 when too many passwords are being hashed.';

CREATE FUNCTION userdir.password_matches(password userdir.secret, hash jsonb) RETURNS boolean
  LANGUAGE c VOLATILE PARALLEL RESTRICTED COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_password_matches_json';
COMMENT ON FUNCTION userdir.password_matches(userdir.secret, jsonb) IS
'Tells whether a password is the one behind a hash of another system, as password_matches(secret, text) does.

password, result: as there. hash: a custom_password_hash, as check_password_hash() takes it: for hashes with the salt beside them.
Errors: as there.';

CREATE FUNCTION userdir.reveal(password userdir.secret) RETURNS text
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir_reveal';
COMMENT ON FUNCTION userdir.reveal(userdir.secret) IS
'Returns the text in a secret to a running action of a custom database, for a system that wants the password itself. From there on it is a text like any other: it must not get into a table, an error or the text of a statement. Where the other system lets you read its hashes, use password_matches().

password: the secret that the action was given.
Result: the text.
Errors: 55000 when no action of a custom database is running; 22P05 when a character has no equivalent in the encoding of the database.';
