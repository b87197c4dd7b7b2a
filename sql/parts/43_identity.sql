-- Who is acting. The answers come from memory that no SQL can write, so that policies may rely on them.

CREATE FUNCTION userdir.authenticate(token userdir.secret, audience text DEFAULT NULL, for_session boolean DEFAULT false) RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_authenticate';
COMMENT ON FUNCTION userdir.authenticate(userdir.secret, text, boolean) IS
'Verifies a token and makes its user the one who is acting: until the end of the transaction, or of the session.

token: an access or id token of this directory, with claims "sub" and "exp", and once set_issuer() was called with that issuer as "iss"; null: nobody acts, whoever did before. audience: for whom the token has to be; null: not looked at, which is right only where all tokens of this directory are for one application. for_session: true: until clear_identity(), RESET ALL, DISCARD ALL, or the token is over; never where sessions go from one client to the next in between, as behind a pooler of transactions.
Whatever the role is or becomes, the identity stays; a rollback, also to a savepoint, brings back the one before. Call it by itself, before the statements that rely on it.
Result: the user_id; null for nobody.
Errors: UD040 to UD049 as in verify_jwt(), UD040 also without "sub" or "exp", UD044 also for another issuer or none where the directory has one; after these nobody acts, whoever did before. 25000 during a parallel operation, 42501 in a security-restricted one, as REFRESH MATERIALIZED VIEW is.';

CREATE FUNCTION userdir.user_id() RETURNS text
  LANGUAGE c STABLE PARALLEL RESTRICTED COST 1
  AS 'MODULE_PATHNAME', 'userdir_user_id';
COMMENT ON FUNCTION userdir.user_id() IS
'Returns the user_id of who is acting: claim "sub" of the token that authenticate() verified.

Result: null when nobody is authenticated, or the token was over when the statement began. Of a token that a client got for itself it is the client''s id followed by @clients.
For policies, as in USING (owner = userdir.user_id()); an index on the column is used.
Errors: 25000 in a parallel worker, where only a function that is wrongly declared safe can call it; with userdir.trust_request_claims also 22P02, 54000 and UD040 for what request.jwt.claims holds.';

CREATE FUNCTION userdir.organization_id() RETURNS text
  LANGUAGE c STABLE PARALLEL RESTRICTED COST 1
  AS 'MODULE_PATHNAME', 'userdir_organization_id';
COMMENT ON FUNCTION userdir.organization_id() IS
'Returns the organization for which somebody is acting: claim "org_id".

Result: null when the token is for none, or as in user_id().
Errors: as in user_id().';

CREATE FUNCTION userdir.claim(path text) RETURNS jsonb
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 5
  AS 'MODULE_PATHNAME', 'userdir_claim';
COMMENT ON FUNCTION userdir.claim(text) IS
'Returns a claim of who is acting.

path: the name of the claim, or names with dots between them for what is inside of it. Names can hold dots themselves: the longest that there is counts first, so that "https://shop.example.com/plan.name" is a claim of that name, or else "name" inside of a claim "https://shop.example.com/plan".
Result: null when there is no such claim, or nobody is authenticated.
Errors: as in user_id().';

CREATE FUNCTION userdir.claim_text(path text) RETURNS text
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 5
  AS 'MODULE_PATHNAME', 'userdir_claim_text';
COMMENT ON FUNCTION userdir.claim_text(text) IS
'Returns a claim of who is acting as text.

path: as of claim().
Result: a string without its quotes, anything else as JSON; null where claim() is null or JSON''s null.
Errors: as in user_id().';

CREATE FUNCTION userdir.has_scope(scope text) RETURNS boolean
  LANGUAGE c STABLE PARALLEL RESTRICTED COST 1
  AS 'MODULE_PATHNAME', 'userdir_has_scope';
COMMENT ON FUNCTION userdir.has_scope(text) IS
'Tells whether the token of who is acting has a scope.

scope: one name of those in claim "scope", which is a string of names with blanks between them, or an array of such.
Result: false also for nobody and for null; never null, so that IF NOT has_scope(...) THEN RAISE refuses nobody too.
Errors: as in user_id().';

CREATE FUNCTION userdir.has_permission(permission text) RETURNS boolean
  LANGUAGE c STABLE PARALLEL RESTRICTED COST 1
  AS 'MODULE_PATHNAME', 'userdir_has_permission';
COMMENT ON FUNCTION userdir.has_permission(text) IS
'Tells whether the token of who is acting has a permission.

permission: one of the strings in claim "permissions", which is an array, or the only one as a string.
Result: as of has_scope().
Errors: as in user_id().';

CREATE FUNCTION userdir.has_role(role text) RETURNS boolean
  LANGUAGE c STABLE PARALLEL RESTRICTED COST 1
  AS 'MODULE_PATHNAME', 'userdir_has_role';
COMMENT ON FUNCTION userdir.has_role(text) IS
'Tells whether the token of who is acting has a role.

role: one of the strings in the claim that the setting userdir.roles_claim names, which is an array, or the only one as a string. A rule that adds roles to tokens gives their claim a name of its own, such as https://shop.example.com/roles; that name belongs into the setting.
Result: as of has_scope(). The claim is read when the token is authenticated; a change of the setting holds from the next one on.
Errors: as in user_id().';

CREATE FUNCTION userdir.clear_identity() RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE
  AS 'MODULE_PATHNAME', 'userdir_clear_identity';
COMMENT ON FUNCTION userdir.clear_identity() IS
'Forgets who is acting, in this transaction and in this session; no rollback brings it back.

Errors: 25000 during a parallel operation, 42501 in a security-restricted one.';
