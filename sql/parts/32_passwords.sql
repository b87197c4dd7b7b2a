-- Passwords and their hashes.
--
-- Nothing here reads or writes a table. The cost keeps the planner from hashing before it has looked
-- at cheaper conditions.

CREATE FUNCTION userdir._hash_password(password userdir.secret) RETURNS text
  LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED COST 1000000
  AS 'MODULE_PATHNAME', 'userdir__hash_password';
COMMENT ON FUNCTION userdir._hash_password(userdir.secret) IS
'Returns the argon2id hash of a password, at the cost that userdir.password_memory and userdir.password_passes set.

Errors: 22023 for an empty password; UD201 when too many passwords are being hashed; 53200 without memory.';

CREATE FUNCTION userdir._verify_password(password userdir.secret, stored text) RETURNS boolean
  LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED COST 1000000
  AS 'MODULE_PATHNAME', 'userdir__verify_password';
COMMENT ON FUNCTION userdir._verify_password(userdir.secret, text) IS
'Returns whether a password is the one behind a stored hash of any kind.

Errors: UD030 when what is stored is no hash; UD201 when too many passwords are being hashed; 53200 without memory.';

CREATE FUNCTION userdir._verify_nothing(password userdir.secret) RETURNS boolean
  LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED COST 1000000
  AS 'MODULE_PATHNAME', 'userdir__verify_nothing';
COMMENT ON FUNCTION userdir._verify_nothing(userdir.secret) IS
'Returns false, after as much work as verifying a password at today''s cost takes: for users who are not there.

Errors: UD201 when too many passwords are being hashed; 53200 without memory.';

CREATE FUNCTION userdir._password_needs_rehash(stored text) RETURNS boolean
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__password_needs_rehash';
COMMENT ON FUNCTION userdir._password_needs_rehash(text) IS
'Returns whether a stored hash is anything but argon2id at today''s cost.

Errors: UD030 when what is stored is no hash.';

CREATE FUNCTION userdir._is_costly_hash(stored text) RETURNS boolean
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__is_costly_hash';
COMMENT ON FUNCTION userdir._is_costly_hash(text) IS
'Returns whether verifying a stored hash is at least half the work of one at today''s cost: one by argon2, or a wrapped one; of other hashes that is not known.

Errors: UD030 when what is stored is no hash.';

CREATE FUNCTION userdir._is_weak_hash(stored text) RETURNS boolean
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__is_weak_hash';
COMMENT ON FUNCTION userdir._is_weak_hash(text) IS
'Returns whether a stored hash is quick to guess: by none of argon2, bcrypt, scrypt and yescrypt, and not wrapped.

Errors: UD030 when what is stored is no hash.';

CREATE FUNCTION userdir._wrap_password_hash(stored text) RETURNS text
  LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED COST 1000000
  AS 'MODULE_PATHNAME', 'userdir__wrap_password_hash';
COMMENT ON FUNCTION userdir._wrap_password_hash(text) IS
'Returns the argon2id hash of a fast hash, which the password still verifies; hashes by argon2, bcrypt, scrypt or yescrypt, and wrapped ones, come back as they are.

Errors: UD030 when what is stored is no hash; UD201 when too many passwords are being hashed; 53200 without memory.';

CREATE FUNCTION userdir._import_password_hash(custom_password_hash jsonb) RETURNS text
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__import_password_hash';
COMMENT ON FUNCTION userdir._import_password_hash(jsonb) IS
'Turns the custom_password_hash of an import file into the text that is stored for it.

Errors: as in check_password_hash().';

CREATE FUNCTION userdir._import_password_text(hash text) RETURNS text
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__import_password_text';
COMMENT ON FUNCTION userdir._import_password_text(text) IS
'Turns a hash that itself says of which kind it is, as the password_hash of an import file, into the text that is stored for it: a PHC string, one of crypt(3), phpass, LDAP or Django, or a stored hash.

Errors: as in check_password_hash().';

CREATE FUNCTION userdir.check_password_hash(custom_password_hash jsonb) RETURNS boolean
  LANGUAGE c STABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_check_password_hash';
COMMENT ON FUNCTION userdir.check_password_hash(jsonb) IS
'Returns true when a custom_password_hash can be imported.

custom_password_hash: an object with algorithm, hash and, depending on these, salt, password, keylen, cost, blockSize, parallelization.

Errors: UD030 when it is malformed, of no known kind or too costly to verify, with the property or parameter but never its value; 0A000 when this server''s OpenSSL does not have the digest.';

CREATE FUNCTION userdir.password_hash_info(stored text) RETURNS jsonb
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir_password_hash_info';
COMMENT ON FUNCTION userdir.password_hash_info(text) IS
'Tells the scheme of a stored password hash and its parameters, never hash, salt or key.

stored: a hash as it is stored.

Result: {"scheme": "argon2id", "version": 19, "memory": 19456, "passes": 2, "lanes": 1, ...}; memory in kB. A wrapped hash has wrapped_by with those of the hash around it.

Errors: UD030 when it is no hash that can be verified; 0A000 when this server''s OpenSSL does not have the digest.';
