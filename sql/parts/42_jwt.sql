-- JSON Web Tokens: signing and verifying.
--
-- Tokens come in as userdir.secret, so that no logged parameter shows one that is still valid.

CREATE FUNCTION userdir.sign_jwt(claims jsonb, alg text DEFAULT 'RS256', kid text DEFAULT NULL, typ text DEFAULT 'JWT') RETURNS text
  LANGUAGE c VOLATILE PARALLEL RESTRICTED COST 10000
  AS 'MODULE_PATHNAME', 'userdir_sign_jwt';
COMMENT ON FUNCTION userdir.sign_jwt(jsonb, text, text, text) IS
'Returns a signed token (RFC 7519) of exactly these claims: none is added. Whoever may call it may be anybody: it belongs to few.

claims: an object. exp, nbf and iat must be times in seconds, iss, sub and jti strings, aud a string or an array of strings.
alg: as in create_signing_key(); its current key signs. kid: another key, current or next; alg must then be its own, or null.
typ: of the header; null for none.
Result: the compact form, in three parts; null when claims are null.
Errors: UD04B when the claims are refused, too large for a token of 64 kB, or beyond what verify_jwt() reads: nested more than 16 levels deep, more than 1024 members in the objects that are open at a time, a number of more than 100 characters; UD052 when there is no key; UD048 when the algorithm is not that of the key; UD049 when the key does not sign; 22023 for a malformed typ; UD050 when the root key cannot be used; UD101 without a directory.';

CREATE FUNCTION userdir.verify_jwt(token userdir.secret, audience text DEFAULT NULL, issuer text DEFAULT NULL, typ text DEFAULT NULL, leeway interval DEFAULT '0') RETURNS jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000
  AS 'MODULE_PATHNAME', 'userdir_verify_jwt';
COMMENT ON FUNCTION userdir.verify_jwt(userdir.secret, text, text, text, interval) IS
'Returns the claims of a token after everything about it was checked. The key decides which algorithm is right; the header''s word for it must agree. A token with exp must not be over; nbf and iat must not be in the future.

token: the compact form. audience: must be, or be in, its aud; null: not checked. issuer: must be its iss; null: not checked, and the token must be signed with one of our own keys. Where keys of that issuer were imported, only those count.
typ: of the header, without regard to case; null: JWT or none; ''*'': any. leeway: by how much clocks may differ, up to a day.
Result: the claims; null when the token is null.
Errors: UD040 malformed, also for an opaque token; UD041 signature; UD042 expired; UD043 not yet valid; UD044 issuer; UD045 audience; UD046 typ; UD047 crit; UD048 algorithm; UD049 key; 22023 for a leeway out of bounds; UD101 without a directory.';

CREATE FUNCTION userdir.sign_jwt_with_secret(claims jsonb, secret userdir.secret, alg text DEFAULT 'HS256', kid text DEFAULT NULL, typ text DEFAULT 'JWT', encoding text DEFAULT 'text') RETURNS text
  LANGUAGE c VOLATILE PARALLEL RESTRICTED COST 1000
  AS 'MODULE_PATHNAME', 'userdir_sign_jwt_with_secret';
COMMENT ON FUNCTION userdir.sign_jwt_with_secret(jsonb, userdir.secret, text, text, text, text) IS
'Returns a token that is signed with a shared secret, by HMAC.

claims, typ: as in sign_jwt(). secret: at least as long as the result of the algorithm: 32, 48 or 64 bytes. alg: HS256 (default), HS384 or HS512. kid: for the header; null: none.
encoding: text (default) when the bytes of the secret are those of its text in UTF-8; base64 when they are to be decoded first, from either alphabet.
Result: the compact form; null when claims, secret or alg are null.
Errors: UD04B when the claims are refused, as there; UD04A for a secret that is too short, in PEM or no base64; UD048 for another algorithm; 22023 for a malformed typ or kid, or another encoding.';

CREATE FUNCTION userdir.verify_jwt_with_secret(token userdir.secret, secret userdir.secret, alg text DEFAULT 'HS256', audience text DEFAULT NULL, issuer text DEFAULT NULL, typ text DEFAULT NULL, leeway interval DEFAULT '0', encoding text DEFAULT 'text') RETURNS jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000
  AS 'MODULE_PATHNAME', 'userdir_verify_jwt_with_secret';
COMMENT ON FUNCTION userdir.verify_jwt_with_secret(userdir.secret, userdir.secret, text, text, text, text, interval, text) IS
'Returns the claims of a token that was signed with a shared secret, after everything about it was checked as verify_jwt() does. No key of the directory counts.

token, audience, issuer, typ, leeway: as in verify_jwt(). secret, encoding: as in sign_jwt_with_secret(). alg: the one algorithm that is right.
Result: the claims; null when token, secret or alg are null.
Errors: as in verify_jwt(); UD04A for a secret that is too short, in PEM or no base64; 22023 for another encoding.';
