-- Hashes of other systems: importing, verifying, wrapping
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
\set password_vectors :abs_srcdir '/password_vectors.sql'
\i :password_vectors

-- Each becomes the text that is stored; the right password verifies, no other does.
ALTER TABLE vectors ADD stored text;
UPDATE vectors SET stored = userdir._import_password_hash(custom);
SELECT name, stored FROM vectors ORDER BY id;
SELECT count(*) AS verified FROM vectors WHERE userdir._verify_password(password, stored);
SELECT name AS not_verified FROM vectors WHERE NOT userdir._verify_password(password, stored);
SELECT name AS empty_verifies FROM vectors WHERE userdir._verify_password('', stored);
SELECT name AS longer_verifies FROM vectors WHERE userdir._verify_password(password || ' ', stored);
SELECT name AS shorter_verifies FROM vectors WHERE userdir._verify_password(left(password, -1), stored);
SELECT name AS other_case_verifies FROM vectors WHERE userdir._verify_password(translate(password, 'adehlpstuxP', 'ADEHLPSTUXp'), stored);

-- What is stored comes back from an import as it is, and nothing but argon2id at today's cost is good enough.
SELECT name AS changed FROM vectors WHERE userdir._import_password_text(stored) <> stored;
SELECT name AS kept FROM vectors WHERE NOT userdir._password_needs_rehash(stored);
SELECT count(*) AS checked FROM vectors WHERE userdir.check_password_hash(custom);

-- The same vectors where they say themselves what they are.
WITH own AS MATERIALIZED (SELECT name, stored, custom #>> '{hash,value}' AS text FROM vectors WHERE custom ->> 'algorithm' IN ('argon2', 'bcrypt', 'pbkdf2', 'ldap', 'crypt', 'phpass', 'django') AND custom -> 'salt' IS NULL AND custom -> 'password' IS NULL)
SELECT count(*) AS recognized, array_agg(name) FILTER (WHERE stored <> userdir._import_password_text(text)) AS otherwise FROM own;

-- What may be told of them holds no salt, no key and no hash.
SELECT name, userdir.password_hash_info(stored) FROM vectors ORDER BY id;

-- Wrapping: the fast hash itself is gone, the password still verifies.
SET userdir.password_memory = '7MB';
CREATE TEMPORARY TABLE wrapped AS SELECT v.*, userdir._wrap_password_hash(stored) AS wrapped FROM vectors v;
SELECT name, regexp_replace(wrapped, '(\$wrapped\$argon2id\$v=19\$m=7168,t=5,p=1)\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}', '\1$..$..') AS wrapped FROM wrapped WHERE wrapped <> stored ORDER BY id;
SELECT name AS not_wrapped FROM wrapped WHERE wrapped = stored ORDER BY id;
SELECT count(*) AS verified FROM wrapped WHERE wrapped <> stored AND userdir._verify_password(password, wrapped);
SELECT name AS longer_verifies FROM wrapped WHERE wrapped <> stored AND userdir._verify_password(password || ' ', wrapped);
SELECT name AS hash_left FROM wrapped WHERE wrapped <> stored AND position(right(stored, 20) IN wrapped) > 0;
SELECT name AS wrapped_twice FROM wrapped WHERE userdir._wrap_password_hash(wrapped) <> wrapped;
SELECT name AS kept FROM wrapped WHERE wrapped <> stored AND NOT userdir._password_needs_rehash(wrapped);
SELECT userdir.password_hash_info(wrapped) FROM wrapped WHERE name = 'sha1, binary salt behind';
SELECT bool_and(userdir._import_password_text(wrapped) = wrapped) AS comes_back FROM wrapped WHERE wrapped <> stored;
RESET userdir.password_memory;

-- bcrypt looks at 72 bytes, and so does verifying what others have made by it.
SELECT userdir._verify_password(repeat('x', 71), stored) AS "71", userdir._verify_password(repeat('x', 72), stored) AS "72", userdir._verify_password(repeat('x', 73) || 'anything', stored) AS "73" FROM vectors WHERE name = 'bcrypt of 72 bytes';
-- A longer one is no password for sha-crypt, which takes 511 bytes here.
SELECT userdir._verify_password(repeat('x', 512), stored) AS "512", userdir._verify_password(repeat('x', 4096), stored) AS "4096" FROM vectors WHERE name = 'crypt sha512-crypt';

-- What another encoding does not have cannot have been the password.
SELECT userdir._verify_password('plain ascii', stored) AS "right", userdir._verify_password('plain ascii' || chr(228), stored) AS umlaut FROM vectors WHERE name = 'sha1 of ascii';
SELECT userdir._verify_password('Pa$$wörd 1', stored) AS "right", userdir._verify_password('Pa$$w' || chr(256 + 246) || 'rd 1', stored) AS beyond FROM vectors WHERE name = 'sha1 of latin1';

-- Others have hashed what was typed: ½ is 1⁄2 in NFKC, and both are tried.
SELECT userdir._verify_password('½', '$digest-sha256$$' || rtrim(encode(sha256(convert_to('½', 'UTF8')), 'base64'), '=')) AS as_typed,
       userdir._verify_password('½', '$digest-sha256$$' || rtrim(encode(sha256(convert_to(normalize('½', NFKC), 'UTF8')), 'base64'), '=')) AS normalized,
       userdir._verify_password('1/2', '$digest-sha256$$' || rtrim(encode(sha256(convert_to('½', 'UTF8')), 'base64'), '=')) AS other;

-- The literal UTF-8 of a salt is its bytes.
SELECT userdir._import_password_hash('{"algorithm": "md5", "hash": {"value": "00000000000000000000000000000000", "encoding": "hex"}, "salt": {"value": "é"}}');
