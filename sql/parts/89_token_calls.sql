-- What applications and APIs ask about tokens: whether they hold, whom they are of, and taking them back.

CREATE FUNCTION userdir._revoke_token(client_id text, token userdir.secret, OUT outcome text, OUT description text)
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  client record := userdir._token_client(client_id);
  t record := userdir._read_token(token);
  family userdir.refresh_tokens;
  stored userdir.access_tokens;
BEGIN
  outcome := 'success';
  IF t.kind = 'rt_' THEN
    PERFORM FROM userdir.users u WHERE u.user_id = t.user_id FOR KEY SHARE;
    SELECT f.* INTO family FROM userdir.refresh_tokens f WHERE f.user_id = t.user_id AND f.id = t.id FOR UPDATE;
    IF family.id IS NULL OR NOT userdir._is_token_of(token, family.check_key) THEN
      RETURN;
    ELSIF family.client_id = client.id THEN
      PERFORM userdir._end_family(family);
      PERFORM userdir._write_log('srrt', 'The refresh token was revoked.', NULL::record, family.user_id, (userdir._user_label(family.user_id)).label,
                                 jsonb_build_object('client_id', client.id));
      RETURN;
    END IF;
  ELSIF t.kind = 'at_' THEN
    SELECT a.* INTO stored FROM userdir.access_tokens a WHERE a.user_id = t.user_id AND a.id = t.id AND a.token_hash = t.token_hash;
    IF stored.client_id IS NULL OR stored.client_id = client.id THEN
      DELETE FROM userdir.access_tokens a WHERE a.user_id = stored.user_id AND a.id = stored.id;
      RETURN;
    END IF;
  ELSIF userdir._looks_like_jwt(token) THEN
    outcome := 'unsupported_token_type';
    description := 'A signed token cannot be revoked: it is good until it expires.';
    RETURN;
  ELSE
    RETURN;
  END IF;
  outcome := 'unauthorized_client';
  description := 'The token was given to another client.';
END
$$;
COMMENT ON FUNCTION userdir._revoke_token(text, userdir.secret) IS 'Body of revoke_token().';

CREATE FUNCTION userdir.revoke_token(client_id text, token userdir.secret, OUT outcome text, OUT description text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.revoke_token(text, userdir.secret) IS
'Takes back a token, as RFC 7009 has it.

client_id: the application, which authenticate_client() knows. token: a refresh token, which goes with all that came out of it by rotation and with its opaque access tokens; or an opaque access token.
Result: one row: outcome: success, also for a token that does not hold; unauthorized_client when it was given to another client; unsupported_token_type for a signed token. description: the same in words.
Errors: UD009 for an unknown client.';

CREATE FUNCTION userdir._token_user_holds(of_user text) RETURNS boolean
  LANGUAGE sql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT EXISTS (SELECT FROM userdir.users u WHERE u.user_id = of_user AND u.blocked IS NOT TRUE) $$;
COMMENT ON FUNCTION userdir._token_user_holds(text) IS 'Tells whether a user is there and not blocked.';

CREATE FUNCTION userdir._find_access_token(t record) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found jsonb;
BEGIN
  SELECT jsonb_build_object('sub', a.user_id, 'client_id', a.client_id, 'scope', a.scope, 'sid', a.session_id, 'token_type', 'Bearer',
                            'iat', floor(extract(epoch FROM a.created_at))::bigint, 'exp', floor(extract(epoch FROM a.expires_at))::bigint,
                            'iss', d.issuer, 'aud', d.issuer || 'userinfo')
    INTO found
    FROM userdir.access_tokens a CROSS JOIN userdir.directory d
   WHERE a.user_id = t.user_id AND a.id = t.id AND a.token_hash = t.token_hash AND a.expires_at > clock_timestamp()
     AND userdir._token_user_holds(a.user_id) AND userdir._token_parties_hold(a.client_id, NULL, a.created_at);
  RETURN found;
END
$$;
COMMENT ON FUNCTION userdir._find_access_token(record) IS 'Returns what is known of an opaque access token that holds, null for another. t: a row of _read_token().';

CREATE FUNCTION userdir._find_refresh_token(t record) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found jsonb;
BEGIN
  SELECT jsonb_build_object('sub', f.user_id, 'client_id', f.client_id, 'scope', f.scope, 'sid', f.session_id, 'token_type', 'refresh_token',
                            'iat', floor(extract(epoch FROM coalesce(f.rotated_at, f.created_at)))::bigint,
                            'exp', floor(extract(epoch FROM least(f.idle_expires_at, f.expires_at)))::bigint,
                            'iss', d.issuer, 'aud', f.audience)
    INTO found
    FROM userdir.refresh_tokens f CROSS JOIN userdir.directory d
   WHERE f.user_id = t.user_id AND f.id = t.id AND f.token_hash = t.token_hash AND coalesce(least(f.idle_expires_at, f.expires_at) > clock_timestamp(), true)
     AND userdir._token_user_holds(f.user_id) AND userdir._token_parties_hold(f.client_id, f.audience, f.created_at);
  RETURN jsonb_strip_nulls(found);
END
$$;
COMMENT ON FUNCTION userdir._find_refresh_token(record) IS 'Returns what is known of a refresh token that holds, null for another. t: a row of _read_token().';

CREATE FUNCTION userdir._find_signed_token(token userdir.secret) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  claims jsonb;
  of_client text;
  given_at timestamptz;
BEGIN
  IF NOT coalesce(userdir._looks_like_jwt(token), false) THEN
    RETURN NULL;
  END IF;
  claims := userdir._try_signed_token(token);
  -- An ID token is for its client, whatever that is called: it opens no API. It has neither of these claims.
  of_client := coalesce(claims ->> 'client_id', claims ->> 'azp');
  -- iat leaves the part of the second out.
  given_at := coalesce(to_timestamp((claims ->> 'iat')::float8 + 1), 'infinity');
  IF claims ->> 'iss' = (SELECT d.issuer FROM userdir.directory d) AND userdir._token_user_holds(claims ->> 'sub')
     AND EXISTS (SELECT FROM unnest(userdir._strings_of(claims, 'aud')) a WHERE a <> claims ->> 'iss' || 'userinfo' AND userdir._token_parties_hold(of_client, a, given_at)) THEN
    RETURN claims || jsonb_build_object('token_type', 'Bearer', 'client_id', of_client);
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION userdir._find_signed_token(userdir.secret) IS 'Returns the claims of an access token of ours for an API, null for anything else.';

CREATE FUNCTION userdir._introspect(token userdir.secret) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  t record := userdir._read_token(token);
  found jsonb;
BEGIN
  found := CASE t.kind WHEN 'at_' THEN userdir._find_access_token(t) WHEN 'rt_' THEN userdir._find_refresh_token(t) ELSE userdir._find_signed_token(token) END;
  IF found IS NULL THEN
    RETURN '{"active": false}';
  END IF;
  RETURN found || jsonb_strip_nulls(jsonb_build_object('active', true, 'username', (userdir._user_label(found ->> 'sub')).label));
END
$$;
COMMENT ON FUNCTION userdir._introspect(userdir.secret) IS 'Body of introspect().';

CREATE FUNCTION userdir.introspect(token userdir.secret) RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.introspect(userdir.secret) IS
'Tells whether a token holds, and what it says, as RFC 7662 has it.

token: an access token, signed or opaque, or a refresh token.
Result: {"active": false} for anything that does not hold: one that has expired, was taken back or tampered with, is of a user who was deleted or is blocked, or of a client or API that was deleted, an ID token, or no token at all. Else active, token_type (Bearer or refresh_token), sub, client_id, scope, aud, iss, iat, exp, username, and sid or the other claims of a signed token.';

CREATE FUNCTION userdir._userinfo(token userdir.secret) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  t record := userdir._read_token(token);
  found jsonb;
  scopes text[];
BEGIN
  found := CASE WHEN t.kind = 'at_' THEN userdir._find_access_token(t) WHEN t.kind IS NULL THEN userdir._find_signed_token(token) END;
  scopes := string_to_array(found ->> 'scope', ' ');
  IF 'openid' = ANY (scopes) AND (t.kind = 'at_' OR found -> 'aud' ? ((found ->> 'iss') || 'userinfo')) THEN
    RETURN userdir._user_claims(found ->> 'sub', scopes);
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION userdir._userinfo(userdir.secret) IS 'Body of userinfo().';

CREATE FUNCTION userdir.userinfo(token userdir.secret) RETURNS jsonb
  LANGUAGE c STABLE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner_in_secret';
COMMENT ON FUNCTION userdir.userinfo(userdir.secret) IS
'Returns the claims about the user of an access token that its scopes stand for, as they are now.

token: an opaque access token, or a signed one whose audiences include that of userinfo.
Result: an object with sub and what the scopes profile, email, phone and address give; null when the token does not hold, or scope openid was not granted.';
