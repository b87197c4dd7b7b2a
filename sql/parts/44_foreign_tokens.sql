-- Tokens of other issuers: the keys of the providers behind connections, and what their tokens are held against.

CREATE FUNCTION userdir._read_jwk(jwk jsonb, OUT kid text, OUT algorithms text[], OUT public_jwk jsonb, OUT public_key text, OUT unsupported text)
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100000
  AS 'MODULE_PATHNAME', 'userdir__read_jwk';
COMMENT ON FUNCTION userdir._read_jwk(jsonb) IS
'Reads a public key of another issuer.

Result: kid, empty when the key has none; algorithms, those that it can verify, the usual one first; public_jwk, the key without all that is not needed; public_key, the same in PEM; unsupported, why no token can be verified with it, the others but kid are null then.
Errors: UD04A when the key is malformed, weak, private or symmetric.';

CREATE FUNCTION userdir._read_jwks(jwks jsonb, OUT kid text, OUT algorithms text[], OUT public_jwk jsonb, OUT public_key text, OUT unsupported text) RETURNS SETOF record
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 3 COST 100000
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  key jsonb;
  seen text[] := '{}';
BEGIN
  IF jwks IS NULL OR jsonb_typeof(jwks -> 'keys') IS DISTINCT FROM 'array' THEN
    RAISE EXCEPTION 'this is no set of keys: it has no array "keys"'
      USING ERRCODE = 'UD04A', HINT = 'Pass the document that the provider''s jwks_uri leads to.';
  ELSIF jsonb_array_length(jwks -> 'keys') > 100 THEN
    RAISE EXCEPTION 'a set of keys holds more than 100' USING ERRCODE = 'program_limit_exceeded';
  END IF;
  FOR key IN SELECT k FROM jsonb_array_elements(jwks -> 'keys') k LOOP
    SELECT r.* INTO kid, algorithms, public_jwk, public_key, unsupported FROM userdir._read_jwk(key) r;
    IF unsupported IS NULL THEN
      IF kid = ANY (seen) THEN
        RAISE EXCEPTION '%', CASE kid WHEN '' THEN 'two keys have no kid' ELSE format('two keys have the same kid "%s"', left(kid, 64)) END USING ERRCODE = 'UD04A', HINT = 'A token could not say which one is meant.';
      END IF;
      seen := seen || kid;
    END IF;
    RETURN NEXT;
  END LOOP;
  IF cardinality(seen) = 0 AND jsonb_array_length(jwks -> 'keys') > 0 THEN
    RAISE EXCEPTION 'none of the keys can verify a token' USING ERRCODE = 'UD04A',
      DETAIL = format('The first one: %s.', unsupported),
      HINT = 'Supported are RSA, EC with P-256, P-384 or P-521, and OKP with Ed25519, for signatures. An empty array removes all keys.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._read_jwks(jsonb) IS
'Reads a JWK set; a row of _read_jwk() for each key.

Errors: UD04A when it is no such set, when two keys have the same kid, none is supported, or one is refused; 54000 for more than 100 keys.';

CREATE FUNCTION userdir._set_connection_jwks(connection text, jwks jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c record := userdir._find_connection(connection);
  result jsonb;
BEGIN
  -- Two callers at once would mix their sets. The connection may have been deleted meanwhile.
  PERFORM FROM userdir.connections o WHERE o.id = c.id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    PERFORM userdir._find_connection(c.id);
  END IF;
  IF coalesce(c.kind, 'database') = 'database' THEN
    RAISE EXCEPTION 'connection "%" is of no provider, and has no keys', c.name USING ERRCODE = 'UD006',
      DETAIL = format('Its strategy is "%s".', c.strategy), HINT = 'Its users log in with userdir.login(). Keys belong to social and enterprise connections, such as those of the strategy oidc.';
  END IF;
  WITH fresh AS MATERIALIZED (
    SELECT r.kid, r.algorithms, r.public_jwk, r.public_key, r.unsupported FROM userdir._read_jwks(jwks) r
  ), gone AS (
    DELETE FROM userdir.connection_keys k
     WHERE k.connection_id = c.id AND NOT EXISTS (SELECT FROM fresh f WHERE f.kid = k.kid AND f.unsupported IS NULL)
  ), stored AS (
    INSERT INTO userdir.connection_keys AS k (connection_id, kid, algorithms, jwk, public_key)
    SELECT c.id, f.kid, f.algorithms, f.public_jwk, f.public_key FROM fresh f WHERE f.unsupported IS NULL
        ON CONFLICT (connection_id, kid) DO UPDATE SET algorithms = excluded.algorithms, jwk = excluded.jwk, public_key = excluded.public_key, created_at = excluded.created_at
           WHERE k.jwk <> excluded.jwk
  )
  SELECT jsonb_build_object(
           'keys', coalesce(jsonb_agg(f.public_jwk ORDER BY f.kid) FILTER (WHERE f.unsupported IS NULL), '[]'),
           'skipped', coalesce(jsonb_agg(jsonb_build_object('kid', nullif(f.kid, ''), 'reason', f.unsupported) ORDER BY f.kid) FILTER (WHERE f.unsupported IS NOT NULL), '[]'))
    INTO result
    FROM fresh f;
  RETURN result;
END
$$;
COMMENT ON FUNCTION userdir._set_connection_jwks(text, jsonb) IS 'Body of set_connection_jwks().';

CREATE FUNCTION userdir.set_connection_jwks(connection text, jwks jsonb) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.set_connection_jwks(text, jsonb) IS
'Sets the keys that the tokens of a connection''s provider are verified with, in the place of those before. Nothing is fetched: pass what the provider''s jwks_uri gives, at first and whenever verify_foreign_token() does not know a key.

connection: its name or id. jwks: an object with an array "keys" of up to 100 JWKs; an empty one removes all. Keys for RS256 to RS512 and PS256 to PS512 (RSA, 2048 to 8192 bits), ES256, ES384, ES512 (EC) and EdDSA (OKP, Ed25519) are supported. Without alg a key is good for the algorithms of its kind that the connection''s option id_token_signed_response_algs names, and for RS256, or the one of its curve, when there is no such option.
Result: an object of keys, what is stored now, and skipped, the kid and a reason for each key of another kind, use or algorithm.
Errors: UD008 for an unknown connection; UD006 for a database; UD04A for no set of keys, a private or symmetric key, one that is malformed or weak or whose point is not on its curve, a kid that stands there twice, and a set of which no key is supported; 54000 for more than 100 keys. The keys stay as they were then.';

CREATE FUNCTION userdir._get_connection_jwks(connection text) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c record := userdir._find_connection(connection);
BEGIN
  RETURN (SELECT jsonb_build_object('keys', coalesce(jsonb_agg(k.jwk ORDER BY k.kid), '[]')) FROM userdir.connection_keys k WHERE k.connection_id = c.id);
END
$$;
COMMENT ON FUNCTION userdir._get_connection_jwks(text) IS 'Body of get_connection_jwks().';

CREATE FUNCTION userdir.get_connection_jwks(connection text) RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.get_connection_jwks(text) IS
'Returns the keys that set_connection_jwks() stored, as a JWK set in the order of their kids.

connection: its name or id.
Errors: UD008 for an unknown connection.';

CREATE FUNCTION userdir._strings_of(options jsonb, option text) RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE jsonb_typeof(options -> option)
           WHEN 'string' THEN ARRAY[options ->> option]
           WHEN 'array' THEN ARRAY(SELECT s #>> '{}' FROM jsonb_array_elements(options -> option) s WHERE jsonb_typeof(s) = 'string')
           ELSE '{}' END
$$;
COMMENT ON FUNCTION userdir._strings_of(jsonb, text) IS 'Returns a member of an object that is a string or an array of them as an array.';

CREATE FUNCTION userdir._check_token_options(options jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  option text;
BEGIN
  FOREACH option IN ARRAY '{issuer,client_id,tenantId}'::text[] LOOP
    IF jsonb_typeof(options -> option) NOT IN ('string', 'null') THEN
      RAISE EXCEPTION 'connection option "%" is no string', option USING ERRCODE = 'UD001';
    END IF;
  END LOOP;
  FOREACH option IN ARRAY '{allowed_audiences,id_token_signed_response_algs}'::text[] LOOP
    IF jsonb_typeof(options -> option) NOT IN ('array', 'null')
       OR cardinality(userdir._strings_of(options, option)) <> jsonb_array_length(coalesce(nullif(options -> option, 'null'), '[]')) THEN
      RAISE EXCEPTION 'connection option "%" is no array of strings', option USING ERRCODE = 'UD001';
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._check_token_options(jsonb) IS
'Raises UD001 unless the options that say whose tokens a connection takes are of the right types.';

CREATE FUNCTION userdir._provider_issuers(strategy text, options jsonb) RETURNS text[]
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  tenant text := CASE WHEN strategy = 'windowslive' THEN '9188040d-6c67-4c5b-b112-36a304b66dad'
                      WHEN options -> 'useCommonEndpoint' = 'true' THEN '{tenantid}'
                      ELSE lower(options ->> 'tenantId') END;
BEGIN
  RETURN CASE
    WHEN options ->> 'issuer' <> '' THEN ARRAY[options ->> 'issuer']
    WHEN options #>> '{oidc_metadata,issuer}' <> '' THEN ARRAY[options #>> '{oidc_metadata,issuer}']
    WHEN strategy IN ('google-oauth2', 'google-apps') THEN '{https://accounts.google.com,accounts.google.com}'
    WHEN strategy = 'apple' THEN '{https://appleid.apple.com}'
    WHEN strategy = 'line' THEN '{https://access.line.me}'
    WHEN strategy = 'okta' AND options ->> 'domain' <> '' THEN ARRAY['https://' || (options ->> 'domain')]
    WHEN strategy IN ('waad', 'windowslive') AND tenant <> ''
      THEN ARRAY[format('https://login.microsoftonline.com/%s/v2.0', tenant), format('https://sts.windows.net/%s/', tenant)]
    ELSE '{}' END;
END
$$;
COMMENT ON FUNCTION userdir._provider_issuers(text, jsonb) IS
'Returns the issuers whose tokens a connection takes: the option issuer, the issuer in oidc_metadata, or what the strategy and its own options say; {tenantid} in one of them stands for any tenant of Microsoft''s. Empty when nothing says it.';

CREATE FUNCTION userdir._token_expectation(c record, OUT issuers text[], OUT audiences text[], OUT domains text[])
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  issuers := userdir._provider_issuers(c.strategy, c.options);
  audiences := array_remove(userdir._strings_of(c.options, 'client_id') || userdir._strings_of(c.options, 'allowed_audiences'), '');
  IF c.strategy = 'google-apps' THEN
    domains := ARRAY(SELECT lower(d) FROM unnest(userdir._strings_of(c.options, 'domain') || userdir._strings_of(c.options, 'tenant_domain')
                                                 || userdir._strings_of(c.options, 'domain_aliases')) d WHERE d <> '');
  END IF;
  IF issuers = '{}' THEN
    RAISE EXCEPTION 'nothing says who issues the tokens of connection "%"', c.name USING ERRCODE = 'UD001',
      HINT = CASE WHEN c.strategy = 'waad' THEN 'Set its option tenantId, or issuer.' ELSE 'Set its option issuer.' END;
  ELSIF audiences = '{}' THEN
    RAISE EXCEPTION 'nothing says for whom the tokens of connection "%" are', c.name USING ERRCODE = 'UD001',
      HINT = 'Set its option client_id to the id that the provider gave to the application, and allowed_audiences where there are more.';
  ELSIF domains = '{}' THEN
    RAISE EXCEPTION 'nothing says whose users connection "%" is for', c.name USING ERRCODE = 'UD001',
      HINT = 'Set its option domain to the domain of the workspace: the issuer is the same for everybody.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._token_expectation(record) IS
'Returns what the tokens of a connection must say: their issuers, their audiences, and the domains that hd must be one of, null where it does not matter. c: a row of _find_connection().

Errors: UD001 when the options do not say.';

CREATE FUNCTION userdir._time_claim(claims jsonb, name text, is_required boolean) RETURNS numeric
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF jsonb_typeof(claims -> name) = 'number' THEN
    RETURN (claims ->> name)::numeric;
  ELSIF claims ? name OR is_required THEN
    RAISE EXCEPTION 'claim "%" of the token is missing or no number', name USING ERRCODE = 'UD040';
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION userdir._time_claim(jsonb, text, boolean) IS 'Returns a claim that is a number of seconds; raises UD040 when it is something else, or missing where it is required.';

CREATE FUNCTION userdir._check_token_times(claims jsonb, leeway interval) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  present numeric := extract(epoch FROM statement_timestamp());
  slack numeric := extract(epoch FROM leeway);
BEGIN
  IF leeway IS NULL OR slack < 0 OR slack > 600 THEN
    RAISE EXCEPTION 'leeway must be from 0 to 10 minutes' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF userdir._time_claim(claims, 'exp', true) <= present - slack THEN
    RAISE EXCEPTION 'the token has expired' USING ERRCODE = 'UD042';
  ELSIF userdir._time_claim(claims, 'nbf', false) > present + slack THEN
    RAISE EXCEPTION 'the token is not valid yet' USING ERRCODE = 'UD043';
  ELSIF userdir._time_claim(claims, 'iat', true) > present + slack THEN
    RAISE EXCEPTION 'the token was issued in the future' USING ERRCODE = 'UD043', HINT = 'One of the two clocks may be wrong.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_token_times(jsonb, interval) IS
'Raises unless exp, nbf and iat of a token, by the clock of this statement give or take leeway, are right.

Errors: UD042 when it is over; UD043 when it has not begun; UD040 when exp or iat is missing or one of the three is no number; 22023 when leeway is not from 0 to 10 minutes.';

CREATE FUNCTION userdir._check_token_audience(claims jsonb, audiences text[]) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  given text[] := userdir._strings_of(claims, 'aud');
BEGIN
  IF given = '{}' OR jsonb_typeof(claims -> 'aud') = 'array' AND cardinality(given) <> jsonb_array_length(claims -> 'aud') THEN
    RAISE EXCEPTION 'claim "aud" of the token is neither a string nor an array of them' USING ERRCODE = 'UD040';
  ELSIF NOT given && audiences THEN
    RAISE EXCEPTION 'the token is for somebody else' USING ERRCODE = 'UD045', DETAIL = format('Its audience is "%s".', left(given[1], 200));
  ELSIF NOT coalesce(given <@ audiences OR claims ->> 'azp' = ANY (audiences), false) THEN
    RAISE EXCEPTION 'the token is for others as well, and not given to a client of this connection' USING ERRCODE = 'UD045',
      DETAIL = format('Its azp is "%s".', left(claims ->> 'azp', 200));
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_token_audience(jsonb, text[]) IS
'Raises unless a token is for one of some audiences; where it is for others as well, azp must be one of them.

Errors: UD045 when it is for somebody else; UD040 when aud is malformed.';

CREATE FUNCTION userdir._check_foreign_claims(claims jsonb, expected record, nonce text, leeway interval) RETURNS void
  LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  tenant text := CASE WHEN claims ->> 'tid' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN claims ->> 'tid' END;
BEGIN
  IF jsonb_typeof(claims -> 'iss') IS DISTINCT FROM 'string' THEN
    RAISE EXCEPTION 'claim "iss" of the token is missing or no string' USING ERRCODE = 'UD040';
  ELSIF NOT EXISTS (SELECT FROM unnest(expected.issuers) i WHERE claims ->> 'iss' = replace(i, '{tenantid}', coalesce(tenant, '{tenantid}')))
        OR claims ->> 'iss' LIKE '%{tenantid}%' THEN
    RAISE EXCEPTION 'the token was issued by somebody else' USING ERRCODE = 'UD044', DETAIL = format('Its issuer is "%s".', left(claims ->> 'iss', 200));
  END IF;
  PERFORM userdir._check_token_audience(claims, expected.audiences);
  PERFORM userdir._check_token_times(claims, leeway);
  IF jsonb_typeof(claims -> 'sub') IS DISTINCT FROM 'string' OR claims ->> 'sub' = '' THEN
    RAISE EXCEPTION 'claim "sub" of the token is missing, empty or no string' USING ERRCODE = 'UD040';
  ELSIF nonce IS NOT NULL AND (jsonb_typeof(claims -> 'nonce') IS DISTINCT FROM 'string' OR claims ->> 'nonce' <> nonce) THEN
    RAISE EXCEPTION 'the token answers another request: its nonce is missing or different' USING ERRCODE = 'UD04C';
  ELSIF NOT coalesce(lower(claims ->> 'hd') = ANY (expected.domains), expected.domains IS NULL) THEN
    RAISE EXCEPTION 'the token is of a user of another workspace' USING ERRCODE = 'UD044', DETAIL = format('Its hd is "%s".', left(claims ->> 'hd', 200));
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_foreign_claims(jsonb, record, text, interval) IS
'Raises unless the claims of a token, whose signature is right, are those of one for a connection. expected: a row of _token_expectation(). nonce: null when it is not to be looked at.

Errors: those of verify_foreign_token().';

CREATE FUNCTION userdir._read_foreign_token(token userdir.secret, OUT algorithm text, OUT kid text, OUT claims jsonb)
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100
  AS 'MODULE_PATHNAME', 'userdir__read_foreign_token';
COMMENT ON FUNCTION userdir._read_foreign_token(userdir.secret) IS
'Reads a token of another issuer without a look at its signature: nothing in it is true yet.

Result: algorithm and kid from its header, kid empty when there is none; its claims.
Errors: UD040 when it is malformed; UD046 when it is of another type than JWT; UD047 when it names extensions that have to be understood; UD048 when it says that it is not signed; UD049 when it brings its own key.';

CREATE FUNCTION userdir._check_foreign_signature(token userdir.secret, algorithm text, public_key text) RETURNS void
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100000
  AS 'MODULE_PATHNAME', 'userdir__check_foreign_signature';
COMMENT ON FUNCTION userdir._check_foreign_signature(userdir.secret, text, text) IS
'Raises UD041 unless a token was signed by an algorithm with the key that belongs to a public one, in PEM. Not for tokens that _read_foreign_token() did not read.

Errors: UD048 for an algorithm that there is not; 0A000 where libjwt is needed and missing.';

CREATE FUNCTION userdir._find_foreign_key(c record, wanted_kid text, algorithm text) RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  key userdir.connection_keys;
  chosen text[] := userdir._strings_of(c.options, 'id_token_signed_response_algs');
BEGIN
  -- A token without a kid can mean the only key alone.
  SELECT k.* INTO key FROM userdir.connection_keys k
   WHERE k.connection_id = c.id
     AND (k.kid = wanted_kid OR wanted_kid = '' AND NOT EXISTS (SELECT FROM userdir.connection_keys o WHERE o.connection_id = c.id AND o.kid <> k.kid));
  IF NOT FOUND THEN
    RAISE EXCEPTION 'connection "%" has no key that the token names', c.name USING ERRCODE = 'UD049',
      DETAIL = CASE wanted_kid WHEN '' THEN 'It names none.' ELSE format('It names "%s".', left(wanted_kid, 64)) END,
      HINT = 'Providers change their keys: fetch the set from its jwks_uri again, not more often than every few minutes, and call userdir.set_connection_jwks().';
  ELSIF NOT algorithm = ANY (key.algorithms) OR NOT algorithm = ANY (coalesce(nullif(chosen, '{}'), key.algorithms[:1])) THEN
    RAISE EXCEPTION 'the token is signed by an algorithm that its key is not for' USING ERRCODE = 'UD048',
      DETAIL = format('It is signed by %s.', algorithm),
      HINT = 'The option id_token_signed_response_algs of a connection names the algorithms of keys that say none.';
  END IF;
  RETURN key.public_key;
END
$$;
COMMENT ON FUNCTION userdir._find_foreign_key(record, text, text) IS
'Returns the key of a connection that a token names, in PEM. c: a row of _find_connection(). wanted_kid: empty when the token has none.

Errors: UD049 when there is none; UD048 when the algorithm is not one of the key and of the connection.';

CREATE FUNCTION userdir._verify_token_for(c record, token userdir.secret, nonce text, leeway interval) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  expected record := userdir._token_expectation(c);
  read record := userdir._read_foreign_token(token);
BEGIN
  IF token IS NULL THEN
    RAISE EXCEPTION 'there is no token' USING ERRCODE = 'UD040';
  END IF;
  PERFORM userdir._check_foreign_signature(token, read.algorithm, userdir._find_foreign_key(c, read.kid, read.algorithm));
  PERFORM userdir._check_foreign_claims(read.claims, expected, nonce, leeway);
  RETURN read.claims;
END
$$;
COMMENT ON FUNCTION userdir._verify_token_for(record, userdir.secret, text, interval) IS
'Verifies a token of the provider behind a connection, a row of _find_connection(). The rest as in verify_foreign_token().';

CREATE FUNCTION userdir._verify_foreign_token(connection text, token userdir.secret, nonce text, leeway interval) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN userdir._verify_token_for(userdir._find_connection(connection), token, nonce, leeway);
END
$$;
COMMENT ON FUNCTION userdir._verify_foreign_token(text, userdir.secret, text, interval) IS 'Body of verify_foreign_token().';

CREATE FUNCTION userdir.verify_foreign_token(connection text, token userdir.secret, nonce text DEFAULT NULL, leeway interval DEFAULT '60 s') RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 100000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.verify_foreign_token(text, userdir.secret, text, interval) IS
'Verifies an ID token that the provider behind a connection has signed. federated_login() does so as well.

connection: its name or id; it needs keys, see set_connection_jwks(). token: the compact token. nonce: what the request was sent with; null does not look at it. leeway: how far the two clocks may differ, up to 10 minutes.
What the token must say comes from the connection''s options: the issuer from issuer, or the issuer in oidc_metadata, or domain (okta), tenantId or useCommonEndpoint (waad), or the strategy (google-oauth2, google-apps, apple, line, windowslive); the audience from client_id and allowed_audiences; the algorithms from id_token_signed_response_algs, where the keys do not say; the workspace (google-apps) from domain, tenant_domain and domain_aliases.
Result: the claims.
Errors: UD008 for an unknown connection; UD001 when its options do not say all that; UD040 when the token is malformed or a claim is missing; UD041 for a wrong signature; UD042 when it has expired; UD043 before its time; UD044 for another issuer or workspace; UD045 for another audience; UD046 for another type of token; UD047 for one with critical extensions; UD048 for an algorithm that is not that of its key, none among them; UD049 when its key is unknown, or it brings one; UD04C for another nonce; 54000 when it is too long; 22023 for a bad leeway; 0A000 where libjwt is missing.';
