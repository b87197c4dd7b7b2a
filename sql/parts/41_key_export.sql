-- Moving what is sealed to another server.

CREATE FUNCTION userdir._export_sealed(passphrase userdir.secret, purposes text[], sealed bytea[], companion text) RETURNS text
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir__export_sealed';
COMMENT ON FUNCTION userdir._export_sealed(userdir.secret, text[], bytea[], text) IS
'Returns sealed values, and a text that goes with them, encrypted under a passphrase.

Errors: 22023 for a short passphrase; 54000 for more than 64 MB; UD050 and UD051 when a value cannot be opened.';

CREATE FUNCTION userdir._open_export(passphrase userdir.secret, exported text, OUT purposes text[], OUT sealed bytea[], OUT companion text)
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir__open_export';
COMMENT ON FUNCTION userdir._open_export(userdir.secret, text) IS
'Opens what _export_sealed() returned; the values come sealed under the root key of this server.

Errors: UD051 when it is damaged or the passphrase is another one; UD050 without a root key.';

CREATE FUNCTION userdir._export_keys(passphrase userdir.secret) RETURNS text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  purposes text[];
  sealed bytea[];
BEGIN
  SELECT coalesce(array_agg(s.purpose), '{}'), coalesce(array_agg(s.sealed), '{}') INTO purposes, sealed FROM userdir._all_sealed() s;
  RETURN userdir._export_sealed(passphrase, purposes, sealed,
           (SELECT jsonb_build_object('signing_keys', coalesce(jsonb_agg(to_jsonb(k) - 'sealed'), '[]'))::text FROM userdir.signing_keys k));
END
$$;
COMMENT ON FUNCTION userdir._export_keys(userdir.secret) IS 'Body of export_keys().';

CREATE FUNCTION userdir.export_keys(passphrase userdir.secret) RETURNS text
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.export_keys(userdir.secret) IS
'Returns the signing keys, and everything else that is sealed in this directory, encrypted under a passphrase (argon2id and libsodium''s secretbox): for a server that does not have the root keys of this one. For the owner.

passphrase: at least 12 bytes. It is all that protects the result.
Result: a text for import_keys().
Errors: 22023 for a short passphrase; UD050 and UD051 when something sealed cannot be opened here; 54000 for more than 64 MB.';

CREATE FUNCTION userdir._import_keys(passphrase userdir.secret, exported text) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  opened record := userdir._open_export(passphrase, exported);
  present text[] := userdir._root_key_ids();
  keys_added bigint;
  written bigint;
  restored bigint := 0;
  place record;
BEGIN
  PERFORM userdir._lock_signing_keys();
  INSERT INTO userdir.signing_keys AS k (issuer, kid, alg, state, public_jwk, certificate, sealed, created_at, current_since, previous_since, revoked_at)
    SELECT n.issuer, n.kid, n.alg,
           CASE WHEN n.state IN ('current', 'next') AND EXISTS (SELECT FROM userdir.signing_keys o WHERE o.issuer = '' AND o.alg = n.alg AND o.state = n.state)
                THEN 'previous' ELSE n.state END,
           n.public_jwk, n.certificate,
           CASE WHEN n.issuer = '' AND n.state <> 'revoked' THEN opened.sealed[array_position(opened.purposes, 'signing_keys.sealed:' || n.kid)] END,
           n.created_at, n.current_since,
           coalesce(n.previous_since, CASE WHEN n.state IN ('current', 'next') AND EXISTS (SELECT FROM userdir.signing_keys o WHERE o.issuer = '' AND o.alg = n.alg AND o.state = n.state) THEN now() END),
           n.revoked_at
      FROM jsonb_to_recordset(opened.companion::jsonb -> 'signing_keys')
           AS n (issuer text, kid text, alg text, state text, public_jwk jsonb, certificate bytea, created_at timestamptz, current_since timestamptz,
                 previous_since timestamptz, revoked_at timestamptz)
    ON CONFLICT (issuer, kid) DO NOTHING;
  GET DIAGNOSTICS keys_added = ROW_COUNT;

  -- What can be opened here is not older than the export; the rest cannot be used as it is.
  FOR place IN SELECT c.relation, c.column_name, c.purpose FROM userdir._sealed_columns() c
                WHERE to_regclass('userdir.' || quote_ident(c.relation)) IS NOT NULL
  LOOP
    EXECUTE format('UPDATE userdir.%I t SET %I = $2[array_position($1, %s)]
                     WHERE t.%I IS NOT NULL AND userdir._sealed_key_id(t.%I) <> ALL ($3) AND array_position($1, %s) IS NOT NULL',
                   place.relation, place.column_name, place.purpose, place.column_name, place.column_name, place.purpose)
      USING opened.purposes, opened.sealed, present || (userdir._root_key_ids());
    GET DIAGNOSTICS written = ROW_COUNT;
    restored := restored + written;
  END LOOP;
  RETURN jsonb_build_object('keys_added', keys_added, 'values_restored', restored);
END
$$;
COMMENT ON FUNCTION userdir._import_keys(userdir.secret, text) IS 'Body of import_keys().';

CREATE FUNCTION userdir.import_keys(passphrase userdir.secret, exported text) RETURNS jsonb
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 1000000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.import_keys(userdir.secret, text) IS
'Brings back what export_keys() gave: signing keys that are not here are added, and sealed values whose root key this server does not have are sealed anew under the one it has. Everything else stays as it is. For the owner.

passphrase: the one of the export. exported: the result of export_keys().
Result: {"keys_added": ..., "values_restored": ...}. A key that was current or next becomes previous where there is such a one already.
Errors: UD051 when the passphrase is another one or the export is damaged; UD050 when there is no root key file though something is sealed: a superuser calls add_root_key() first.';
