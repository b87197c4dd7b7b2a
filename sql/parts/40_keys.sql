-- Keys that sign tokens, and keys of others to verify them with.

CREATE FUNCTION userdir._signing_keys_changed() RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir__signing_keys_changed';
COMMENT ON FUNCTION userdir._signing_keys_changed() IS
'Makes every session read the keys again.';

CREATE FUNCTION userdir._new_key(alg text, bits integer, subject text,
    OUT kid text, OUT algorithm text, OUT public_jwk jsonb, OUT certificate bytea, OUT sealed bytea)
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir__new_key';
COMMENT ON FUNCTION userdir._new_key(text, integer, text) IS
'Makes a key; subject is the name in its certificate, bits count for RSA alone.

Errors: UD048 for an unknown algorithm; UD04A for too few or too many bits; UD050 without a root key.';

CREATE FUNCTION userdir._read_private_key(key userdir.secret, alg text, key_id text, subject text,
    OUT kid text, OUT algorithm text, OUT public_jwk jsonb, OUT certificate bytea, OUT sealed bytea)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000
  AS 'MODULE_PATHNAME', 'userdir__read_private_key';
COMMENT ON FUNCTION userdir._read_private_key(userdir.secret, text, text, text) IS
'Reads a private key in JWK or PEM.

Errors: UD04A when it is refused; UD048 for an unknown algorithm; UD050 without a root key.';

CREATE FUNCTION userdir._read_public_key(key text, alg text, key_id text,
    OUT kid text, OUT algorithm text, OUT public_jwk jsonb, OUT certificate bytea, OUT sealed bytea)
  LANGUAGE c STABLE PARALLEL UNSAFE COST 100000
  AS 'MODULE_PATHNAME', 'userdir__read_public_key';
COMMENT ON FUNCTION userdir._read_public_key(text, text, text) IS
'Reads a public key in JWK or PEM, or that of a certificate in PEM.

Errors: UD04A when it is refused; UD048 for an unknown algorithm.';

CREATE FUNCTION userdir._x5t(certificate bytea) RETURNS text
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__x5t';
COMMENT ON FUNCTION userdir._x5t(bytea) IS
'Returns the SHA-1 of a certificate in base64url.';

CREATE FUNCTION userdir.jwk_thumbprint(jwk jsonb) RETURNS text
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100000
  AS 'MODULE_PATHNAME', 'userdir_jwk_thumbprint';
COMMENT ON FUNCTION userdir.jwk_thumbprint(jsonb) IS
'Returns the thumbprint of a public key by RFC 7638, with SHA-256: what the kid of our own keys is.

jwk: a public key of type RSA, EC or OKP (Ed25519).
Errors: UD04A when it is no such key.';

CREATE FUNCTION userdir._base64url(bytes bytea) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT pg_catalog.rtrim(pg_catalog.translate(pg_catalog.encode(bytes, 'base64'), E'+/\n', '-_'), '=') $$;
COMMENT ON FUNCTION userdir._base64url(bytea) IS
'Returns bytes in base64url without padding.';

CREATE FUNCTION userdir._signing_key_json(k jsonb, certificate bytea) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object(
           'kid', k -> 'kid', 'alg', k -> 'alg', 'state', k -> 'state', 'issuer', nullif(k ->> 'issuer', ''),
           'current', k ->> 'state' = 'current', 'next', k ->> 'state' = 'next', 'previous', k ->> 'state' = 'previous', 'revoked', k ->> 'state' = 'revoked',
           'created_at', userdir._iso_timestamp((k ->> 'created_at')::timestamptz),
           'current_since', userdir._iso_timestamp((k ->> 'current_since')::timestamptz),
           'current_until', userdir._iso_timestamp((k ->> 'previous_since')::timestamptz),
           'revoked_at', userdir._iso_timestamp((k ->> 'revoked_at')::timestamptz),
           'cert', E'-----BEGIN CERTIFICATE-----\n' || regexp_replace(translate(encode(certificate, 'base64'), E'\n', ''), '(.{1,64})', E'\\1\n', 'g') || E'-----END CERTIFICATE-----\n',
           'thumbprint', userdir._x5t(certificate),
           'public_key', k -> 'public_jwk'))
$$;
COMMENT ON FUNCTION userdir._signing_key_json(jsonb, bytea) IS
'Returns a row of signing_keys in the model''s shape, without what is secret.';

CREATE FUNCTION userdir._list_signing_keys() RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(userdir._signing_key_json(to_jsonb(k) - '{sealed,certificate}'::text[], k.certificate)
                            ORDER BY k.issuer, k.alg, array_position('{current,next,previous,revoked,external}', k.state), k.created_at, k.kid), '[]')
    FROM userdir.signing_keys k
$$;
COMMENT ON FUNCTION userdir._list_signing_keys() IS 'Body of list_signing_keys().';

CREATE FUNCTION userdir.list_signing_keys() RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.list_signing_keys() IS
'Lists the keys that sign tokens, and the public keys of other issuers; never a private part.

Result: an array of objects: kid, alg, state, current, next, previous, revoked, issuer (of a key of others), created_at, current_since, current_until, revoked_at, cert, thumbprint, public_key.';

CREATE FUNCTION userdir._get_signing_key(kid text) RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT userdir._signing_key_json(to_jsonb(k) - '{sealed,certificate}'::text[], k.certificate)
    FROM userdir.signing_keys k WHERE k.issuer = '' AND k.kid = _get_signing_key.kid
$$;
COMMENT ON FUNCTION userdir._get_signing_key(text) IS 'Body of get_signing_key().';

CREATE FUNCTION userdir.get_signing_key(kid text) RETURNS jsonb
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.get_signing_key(text) IS
'Returns one of our own keys, without its private part, as list_signing_keys() has it; null when there is none.';

CREATE FUNCTION userdir._certificate_subject() RETURNS text
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT convert_from(substr(convert_to(regexp_replace(d.name, '[^[:ascii:]]', '?', 'g'), 'UTF8'), 1, 64), 'UTF8') FROM userdir.directory d $$;
COMMENT ON FUNCTION userdir._certificate_subject() IS
'Returns the directory''s name as the subject of a certificate: at most 64 characters of ASCII.';

CREATE FUNCTION userdir._add_signing_key(alg text, bits integer, state text) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  made record := userdir._new_key(alg, bits, userdir._certificate_subject());
BEGIN
  INSERT INTO userdir.signing_keys (kid, alg, state, public_jwk, certificate, sealed, current_since)
    VALUES (made.kid, made.algorithm, _add_signing_key.state, made.public_jwk, made.certificate, made.sealed,
            CASE _add_signing_key.state WHEN 'current' THEN now() END);
  RETURN made.kid;
END
$$;
COMMENT ON FUNCTION userdir._add_signing_key(text, integer, text) IS
'Makes a key and stores it; returns its kid.';

CREATE FUNCTION userdir._lock_signing_keys() RETURNS void
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$ BEGIN LOCK TABLE userdir.signing_keys IN SHARE ROW EXCLUSIVE MODE; END $$;
COMMENT ON FUNCTION userdir._lock_signing_keys() IS
'Keeps others from changing keys until the transaction ends; reading them goes on.';

CREATE FUNCTION userdir._create_signing_key(alg text, bits integer) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  has_current boolean;
  has_next boolean;
  new_kid text;
BEGIN
  PERFORM userdir._lock_signing_keys();
  SELECT coalesce(bool_or(k.state = 'current'), false), coalesce(bool_or(k.state = 'next'), false) INTO has_current, has_next
    FROM userdir.signing_keys k WHERE k.issuer = '' AND k.alg = _create_signing_key.alg;
  IF has_current AND has_next THEN
    RAISE EXCEPTION 'there are a current and a next key for % already', alg
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = format('SELECT userdir.rotate_signing_keys(%L);', alg);
  END IF;
  new_kid := userdir._add_signing_key(alg, bits, CASE WHEN has_current THEN 'next' ELSE 'current' END);
  RETURN userdir._get_signing_key(new_kid);
END
$$;
COMMENT ON FUNCTION userdir._create_signing_key(text, integer) IS 'Body of create_signing_key().';

CREATE FUNCTION userdir.create_signing_key(alg text DEFAULT 'RS256', bits integer DEFAULT 2048) RETURNS jsonb
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.create_signing_key(text, integer) IS
'Makes a key for an algorithm: the current one, or the next one where there is a current one. The private part is sealed under the root key, which the first call makes; see the page about tokens.

alg: RS256 (default), RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA (Ed25519). bits: of an RSA key, 2048 to 8192.
Result: the key, as in list_signing_keys().
Errors: UD048 for another algorithm; UD04A for other bits; 55000 when there are both keys already; UD050 when the root key cannot be used.';

CREATE FUNCTION userdir._jwk_bits(public_jwk jsonb) RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT coalesce((length(public_jwk ->> 'n') * 6) / 8 * 8, 2048) $$;
COMMENT ON FUNCTION userdir._jwk_bits(jsonb) IS
'Returns how many bits an RSA key has, a multiple of eight; 2048 for other keys, which have no choice.';

CREATE FUNCTION userdir._rotate_signing_keys(alg text) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  bits integer;
  new_current text;
BEGIN
  PERFORM userdir._lock_signing_keys();
  SELECT userdir._jwk_bits(k.public_jwk) INTO bits
    FROM userdir.signing_keys k WHERE k.issuer = '' AND k.alg = _rotate_signing_keys.alg AND k.state IN ('current', 'next')
   ORDER BY k.state LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no key for % to be rotated', left(alg, 32)
      USING ERRCODE = 'UD052', HINT = 'Call userdir.create_signing_key() first.';
  END IF;
  PERFORM FROM userdir.signing_keys k WHERE k.issuer = '' AND k.alg = _rotate_signing_keys.alg AND k.state = 'next';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no next key for %', left(alg, 32)
      USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = 'A key that was not published before it signs makes tokens that nobody can verify yet.',
            HINT = format('SELECT userdir.create_signing_key(%L); makes one. Rotate when those who verify have read jwks() again.', alg);
  END IF;

  UPDATE userdir.signing_keys k SET state = 'previous', previous_since = now()
   WHERE k.issuer = '' AND k.alg = _rotate_signing_keys.alg AND k.state = 'current';
  UPDATE userdir.signing_keys k SET state = 'current', current_since = now()
   WHERE k.issuer = '' AND k.alg = _rotate_signing_keys.alg AND k.state = 'next' RETURNING k.kid INTO new_current;
  PERFORM userdir._add_signing_key(alg, bits, 'next');
  RETURN userdir._get_signing_key(new_current);
END
$$;
COMMENT ON FUNCTION userdir._rotate_signing_keys(text) IS 'Body of rotate_signing_keys().';

CREATE FUNCTION userdir.rotate_signing_keys(alg text DEFAULT 'RS256') RETURNS jsonb
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.rotate_signing_keys(text) IS
'Makes the next key of an algorithm the current one, and a new next one. The one that was current is previous from then on: it verifies what it has signed until it is revoked.

alg: as in create_signing_key().
Result: the new current key, as in list_signing_keys().
Errors: UD052 when there is no key of the algorithm; 55000 when there is no next one, which those who verify could know already: create_signing_key() and maintain_signing_keys() make it; UD050 when the root key cannot be used.';

CREATE FUNCTION userdir._revoke_signing_key(kid text) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found_alg text;
  found_state text;
BEGIN
  PERFORM userdir._lock_signing_keys();
  SELECT k.alg, k.state INTO found_alg, found_state FROM userdir.signing_keys k WHERE k.issuer = '' AND k.kid = _revoke_signing_key.kid;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no key "%"', left(kid, 64) USING ERRCODE = 'UD049', HINT = 'See userdir.list_signing_keys().';
  END IF;
  IF found_state = 'current' AND EXISTS (SELECT FROM userdir.signing_keys k WHERE k.issuer = '' AND k.alg = found_alg AND k.state = 'next') THEN
    PERFORM userdir._rotate_signing_keys(found_alg);
  END IF;
  IF found_state <> 'revoked' THEN
    UPDATE userdir.signing_keys k SET state = 'revoked', revoked_at = now(), sealed = NULL WHERE k.issuer = '' AND k.kid = _revoke_signing_key.kid;
  END IF;
  RETURN userdir._get_signing_key(kid);
END
$$;
COMMENT ON FUNCTION userdir._revoke_signing_key(text) IS 'Body of revoke_signing_key().';

CREATE FUNCTION userdir.revoke_signing_key(kid text) RETURNS jsonb
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.revoke_signing_key(text) IS
'Makes a key useless: nothing that it has signed is verified any more, it leaves jwks(), and its private part is forgotten. Where it was the current one, the next one takes its place.

kid: of one of our own keys.
Result: the key, as in list_signing_keys().
Errors: UD049 when there is no such key; UD050 when a new key has to be made and the root key cannot be used.';

CREATE FUNCTION userdir._maintain_signing_keys(rotate_after interval, revoke_after interval) RETURNS text[]
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found record;
  done text[] := '{}';
BEGIN
  IF rotate_after <= '0' OR revoke_after <= '0' THEN
    RAISE EXCEPTION 'keys cannot be rotated or revoked at once' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'Both intervals must be longer than nothing, the second one longer than the lifetime of tokens.';
  END IF;
  PERFORM userdir._lock_signing_keys();
  FOR found IN SELECT k.alg, k.kid FROM userdir.signing_keys k
                WHERE k.issuer = '' AND k.state = 'current' AND k.current_since < now() - rotate_after
                  -- An hour is for those who keep the document of our keys.
                  AND EXISTS (SELECT FROM userdir.signing_keys n WHERE n.issuer = '' AND n.alg = k.alg AND n.state = 'next' AND n.created_at < now() - interval '1 hour') ORDER BY k.alg LOOP
    PERFORM userdir._rotate_signing_keys(found.alg);
    done := done || format('rotated %s: key %s is previous', found.alg, found.kid);
  END LOOP;
  -- A key that has not been published before it signs makes tokens that verifiers do not know yet: first it is the next one.
  FOR found IN SELECT k.alg, userdir._jwk_bits(k.public_jwk) AS bits FROM userdir.signing_keys k
                WHERE k.issuer = '' AND k.state = 'current'
                  AND NOT EXISTS (SELECT FROM userdir.signing_keys n WHERE n.issuer = '' AND n.alg = k.alg AND n.state = 'next') ORDER BY k.alg LOOP
    done := done || format('made for %s: key %s is next', found.alg, userdir._add_signing_key(found.alg, found.bits, 'next'));
  END LOOP;
  FOR found IN SELECT k.alg, k.kid FROM userdir.signing_keys k
                WHERE k.issuer = '' AND k.state = 'previous' AND k.previous_since < now() - revoke_after ORDER BY k.alg, k.kid LOOP
    PERFORM userdir._revoke_signing_key(found.kid);
    done := done || format('revoked %s: key %s', found.alg, found.kid);
  END LOOP;
  RETURN done;
END
$$;
COMMENT ON FUNCTION userdir._maintain_signing_keys(interval, interval) IS 'Body of maintain_signing_keys().';

CREATE FUNCTION userdir.maintain_signing_keys(rotate_after interval DEFAULT '90 days', revoke_after interval DEFAULT '60 days') RETURNS text[]
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.maintain_signing_keys(interval, interval) IS
'Rotates the keys that have been current for long, makes a next one where there is none, and revokes those that have been previous for long. To be called every day by whatever runs jobs.

rotate_after: how long a key signs; one without a next key is given it now, and rotated by a call that is an hour later or more. revoke_after: how long it verifies after that; longer than any token lives.
Result: a line for each thing that was done.
Errors: 22023 for intervals that are not longer than nothing; UD050 when the root key cannot be used.';

CREATE FUNCTION userdir._import_signing_key(key userdir.secret, alg text, kid text, state text) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  read record;
BEGIN
  IF state IS NULL OR state NOT IN ('current', 'next', 'previous') THEN
    RAISE EXCEPTION 'an imported key is current, next or previous' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  read := userdir._read_private_key(key, alg, kid, userdir._certificate_subject());
  PERFORM userdir._lock_signing_keys();
  IF EXISTS (SELECT FROM userdir.signing_keys k WHERE k.issuer = '' AND (k.kid = read.kid OR k.state = 'next' AND _import_signing_key.state = 'next' AND k.alg = read.algorithm)) THEN
    RAISE EXCEPTION 'there is a key "%", or a next one, already', left(read.kid, 64) USING ERRCODE = 'unique_violation';
  END IF;
  IF state = 'current' THEN
    UPDATE userdir.signing_keys k SET state = 'previous', previous_since = now() WHERE k.issuer = '' AND k.alg = read.algorithm AND k.state = 'current';
  END IF;
  INSERT INTO userdir.signing_keys (kid, alg, state, public_jwk, certificate, sealed, current_since, previous_since)
    VALUES (read.kid, read.algorithm, _import_signing_key.state, read.public_jwk, read.certificate, read.sealed,
            CASE _import_signing_key.state WHEN 'current' THEN now() END, CASE _import_signing_key.state WHEN 'previous' THEN now() END);
  RETURN userdir._get_signing_key(read.kid);
END
$$;
COMMENT ON FUNCTION userdir._import_signing_key(userdir.secret, text, text, text) IS 'Body of import_signing_key().';

CREATE FUNCTION userdir.import_signing_key(key userdir.secret, alg text DEFAULT NULL, kid text DEFAULT NULL, state text DEFAULT 'current') RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.import_signing_key(userdir.secret, text, text, text) IS
'Takes over a private key from elsewhere.

key: a JWK with its private part, or PEM without a passphrase. RSA keys need all their numbers.
alg: by default what the JWK says, else RS256, ES256, ES384, ES512 or EdDSA as the type of the key suggests. kid: by default that of the JWK, else the thumbprint.
state: current (default; the one that was current becomes previous), next, or previous for a key that only verifies.
Result: the key, as in list_signing_keys().
Errors: UD04A when the key is refused: malformed, too short, a bad point, parts that do not belong together; UD048 for an unknown algorithm; 23505 when there is a key of that kid, or a next one; 22023 for another state; UD050 when the root key cannot be used.';

CREATE FUNCTION userdir._import_verification_key(issuer text, key text, alg text, kid text) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  read record;
BEGIN
  IF coalesce(issuer, '') = '' OR length(issuer) > 2048 THEN
    RAISE EXCEPTION 'an issuer must have 1 to 2048 characters' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  read := userdir._read_public_key(key, alg, kid);
  INSERT INTO userdir.signing_keys AS k (issuer, kid, alg, state, public_jwk)
    VALUES (_import_verification_key.issuer, read.kid, read.algorithm, 'external', read.public_jwk)
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is a key "%" of this issuer already', left(read.kid, 64) USING ERRCODE = 'unique_violation';
  END IF;
  RETURN (SELECT userdir._signing_key_json(to_jsonb(k) - '{sealed,certificate}'::text[], NULL) FROM userdir.signing_keys k
           WHERE k.issuer = _import_verification_key.issuer AND k.kid = read.kid);
END
$$;
COMMENT ON FUNCTION userdir._import_verification_key(text, text, text, text) IS 'Body of import_verification_key().';

CREATE FUNCTION userdir.import_verification_key(issuer text, key text, alg text DEFAULT NULL, kid text DEFAULT NULL) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.import_verification_key(text, text, text, text) IS
'Takes a public key of another issuer. It verifies tokens of that issuer alone, and only where verify_jwt() is told that issuer.

issuer: exactly as in the claim iss. key: a public key as JWK or PEM, or a certificate in PEM. alg, kid: as in import_signing_key().
Result: the key, as in list_signing_keys().
Errors: UD04A when the key is refused, also for a private part that comes with it; UD048 for an unknown algorithm; 23505 when the issuer has a key of that kid; 22023 for no issuer.';

CREATE FUNCTION userdir._delete_verification_key(issuer text, kid text) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  DELETE FROM userdir.signing_keys k WHERE k.state = 'external' AND k.issuer = _delete_verification_key.issuer AND k.kid = _delete_verification_key.kid;
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION userdir._delete_verification_key(text, text) IS 'Body of delete_verification_key().';

CREATE FUNCTION userdir.delete_verification_key(issuer text, kid text) RETURNS boolean
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.delete_verification_key(text, text) IS
'Removes a public key of another issuer; returns whether there was one.';

CREATE FUNCTION userdir._jwks() RETURNS jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object('keys', coalesce(jsonb_agg(
           k.public_jwk || jsonb_build_object('alg', k.alg, 'use', 'sig', 'kid', k.kid)
           || CASE WHEN k.certificate IS NULL THEN '{}'
                   ELSE jsonb_build_object('x5t', userdir._x5t(k.certificate), 'x5t#S256', userdir._base64url(sha256(k.certificate)),
                                           'x5c', jsonb_build_array(translate(encode(k.certificate, 'base64'), E'\n', ''))) END
           ORDER BY array_position('{current,next,previous}', k.state), k.alg, k.created_at DESC, k.kid), '[]'))
    FROM userdir.signing_keys k WHERE k.state IN ('current', 'next', 'previous')
$$;
COMMENT ON FUNCTION userdir._jwks() IS 'Body of jwks().';

CREATE FUNCTION userdir.jwks() RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.jwks() IS
'Returns the public keys that verify our tokens, as a JSON Web Key Set (RFC 7517): what to serve at /.well-known/jwks.json.

Result: {"keys": [...]}: first the current keys, then the next and the previous ones; each with kid, alg, use, x5t and x5c.';

CREATE FUNCTION userdir._openid_configuration(issuer text) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  base text := rtrim(issuer, '/') || '/';
BEGIN
  IF issuer !~ '^https?://[^/?#[:space:]]+[^?#[:space:]]*$' THEN
    RAISE EXCEPTION 'an issuer must be a web address without query and fragment'
      USING ERRCODE = 'invalid_parameter_value', HINT = 'For example https://login.example.com/';
  END IF;
  RETURN jsonb_build_object(
    'issuer', issuer,
    'authorization_endpoint', base || 'authorize', 'token_endpoint', base || 'oauth/token', 'userinfo_endpoint', base || 'userinfo',
    'revocation_endpoint', base || 'oauth/revoke', 'jwks_uri', base || '.well-known/jwks.json', 'end_session_endpoint', base || 'oidc/logout',
    'scopes_supported', '["openid", "profile", "offline_access", "name", "given_name", "family_name", "nickname", "email", "email_verified", "picture", "created_at", "identities", "phone", "address"]'::jsonb,
    'response_types_supported', '["code", "token", "id_token", "code token", "code id_token", "token id_token", "code token id_token"]'::jsonb,
    'response_modes_supported', '["query", "fragment", "form_post"]'::jsonb,
    'subject_types_supported', '["public"]'::jsonb,
    'code_challenge_methods_supported', '["S256", "plain"]'::jsonb,
    'token_endpoint_auth_methods_supported', '["client_secret_basic", "client_secret_post"]'::jsonb,
    'id_token_signing_alg_values_supported',
      (SELECT coalesce(jsonb_agg(DISTINCT k.alg), '[]') FROM userdir.signing_keys k WHERE k.state = 'current') || '["HS256"]',
    'claims_supported', '["aud", "auth_time", "created_at", "email", "email_verified", "exp", "family_name", "given_name", "iat", "identities", "iss", "name", "nickname", "phone_number", "picture", "sub"]'::jsonb,
    'request_uri_parameter_supported', false, 'request_parameter_supported', false);
END
$$;
COMMENT ON FUNCTION userdir._openid_configuration(text) IS 'Body of openid_configuration().';

CREATE FUNCTION userdir.openid_configuration(issuer text) RETURNS jsonb
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.openid_configuration(text) IS
'Returns what a front end serves at /.well-known/openid-configuration (OpenID Connect Discovery), with the addresses that the model has.

issuer: the front end''s address, exactly as in the claim iss of its tokens.
Errors: 22023 when it is no web address, or has a query or fragment.';
