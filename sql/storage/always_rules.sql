-- The stages. A rule is an INSTEAD OF INSERT row trigger on one of these views; they hold nothing.

CREATE OR REPLACE VIEW userdir.pre_login AS
  SELECT NULL::text AS identifier, NULL::jsonb AS context, NULL::text AS denied WHERE false;
COMMENT ON VIEW userdir.pre_login IS 'Stage of rules: somebody wants to log in with a password, which has not been looked at yet.';
COMMENT ON COLUMN userdir.pre_login.identifier IS 'The e-mail address, user name or phone number that was given; there may be no such user.';
COMMENT ON COLUMN userdir.pre_login.context IS 'What is known of the request; see rules.md.';
COMMENT ON COLUMN userdir.pre_login.denied IS 'Set it to refuse the login: the reason, which the caller is told.';

CREATE OR REPLACE VIEW userdir.post_login AS
  SELECT NULL::text AS user_id, NULL::jsonb AS "user", NULL::jsonb AS context, NULL::jsonb AS id_token, NULL::jsonb AS access_token,
         NULL::text[] AS scope, NULL::jsonb AS user_metadata, NULL::jsonb AS app_metadata, NULL::text AS denied, NULL::text AS primary_user,
         NULL::text AS redirect WHERE false;
COMMENT ON VIEW userdir.post_login IS 'Stage of rules: a user has logged in, continues a session, or exchanges a refresh token; tokens are not made yet.';
COMMENT ON COLUMN userdir.post_login.user_id IS 'The user.';
COMMENT ON COLUMN userdir.post_login."user" IS 'The profile as get_user() returns it, with the properties of app_metadata at its root as well. Changes reach later rules and are not stored.';
COMMENT ON COLUMN userdir.post_login.context IS 'What is known of the login; see rules.md. Changes reach later rules.';
COMMENT ON COLUMN userdir.post_login.id_token IS 'Claims that the ID token gets beside its own; reserved ones are ignored.';
COMMENT ON COLUMN userdir.post_login.access_token IS 'Claims that the access token gets beside its own; reserved ones are ignored.';
COMMENT ON COLUMN userdir.post_login.scope IS 'The scopes that are granted; what the last rule leaves here holds.';
COMMENT ON COLUMN userdir.post_login.user_metadata IS 'Set it to store: an object that is merged into the user_metadata at its first level, after all rules.';
COMMENT ON COLUMN userdir.post_login.app_metadata IS 'Set it to store: an object that is merged into the app_metadata at its first level, after all rules.';
COMMENT ON COLUMN userdir.post_login.denied IS 'Set it to refuse the login: the reason, which the caller is told. No later rule runs.';
COMMENT ON COLUMN userdir.post_login.primary_user IS 'Set it when accounts were linked: the user_id for which the tokens are made from here on.';
COMMENT ON COLUMN userdir.post_login.redirect IS 'Set it to send the user to a URL before the login goes on; once in a login.';

CREATE OR REPLACE VIEW userdir.pre_user_registration AS
  SELECT NULL::jsonb AS "user", NULL::jsonb AS context, NULL::jsonb AS user_metadata, NULL::jsonb AS app_metadata, NULL::text AS denied WHERE false;
COMMENT ON VIEW userdir.pre_user_registration IS 'Stage of rules: somebody signs up, to a database or passwordless connection.';
COMMENT ON COLUMN userdir.pre_user_registration."user" IS 'The profile that is to be stored.';
COMMENT ON COLUMN userdir.pre_user_registration.context IS 'What is known of the request; see rules.md.';
COMMENT ON COLUMN userdir.pre_user_registration.user_metadata IS 'Set it to store: an object that is merged into the new user''s user_metadata.';
COMMENT ON COLUMN userdir.pre_user_registration.app_metadata IS 'Set it to store: an object that is merged into the new user''s app_metadata.';
COMMENT ON COLUMN userdir.pre_user_registration.denied IS 'Set it to refuse the sign-up: the reason, which the caller is told.';

CREATE OR REPLACE VIEW userdir.post_user_registration AS
  SELECT NULL::text AS user_id, NULL::jsonb AS "user", NULL::jsonb AS context WHERE false;
COMMENT ON VIEW userdir.post_user_registration IS 'Stage of rules: somebody has signed up. What goes wrong here is logged; the user stays.';
COMMENT ON COLUMN userdir.post_user_registration.user_id IS 'The new user.';
COMMENT ON COLUMN userdir.post_user_registration."user" IS 'The profile as get_user() returns it.';
COMMENT ON COLUMN userdir.post_user_registration.context IS 'What is known of the request; see rules.md.';

CREATE OR REPLACE VIEW userdir.post_change_password AS
  SELECT NULL::text AS user_id, NULL::jsonb AS "user", NULL::jsonb AS context WHERE false;
COMMENT ON VIEW userdir.post_change_password IS 'Stage of rules: a password was changed. What goes wrong here is logged; the new password stays.';
COMMENT ON COLUMN userdir.post_change_password.user_id IS 'The user.';
COMMENT ON COLUMN userdir.post_change_password."user" IS 'The profile as get_user() returns it.';
COMMENT ON COLUMN userdir.post_change_password.context IS 'What is known of the request; see rules.md.';

CREATE OR REPLACE VIEW userdir.credentials_exchange AS
  SELECT NULL::jsonb AS client, NULL::jsonb AS context, NULL::text AS audience, NULL::text[] AS scope, NULL::jsonb AS access_token, NULL::text AS denied WHERE false;
COMMENT ON VIEW userdir.credentials_exchange IS 'Stage of rules: an application asks for an access token of its own, without a user.';
COMMENT ON COLUMN userdir.credentials_exchange.client IS 'The application: id, name, metadata.';
COMMENT ON COLUMN userdir.credentials_exchange.context IS 'What is known of the request; see rules.md.';
COMMENT ON COLUMN userdir.credentials_exchange.audience IS 'The API.';
COMMENT ON COLUMN userdir.credentials_exchange.scope IS 'The scopes that are granted; what the last rule leaves here holds.';
COMMENT ON COLUMN userdir.credentials_exchange.access_token IS 'Claims that the access token gets beside its own; reserved ones are ignored.';
COMMENT ON COLUMN userdir.credentials_exchange.denied IS 'Set it to refuse the token: the reason, which the caller is told.';

-- The functions of the extension are found when this is called, so that the view does not depend on it.
CREATE OR REPLACE FUNCTION userdir.rules_listing()
  RETURNS TABLE (stage text, "position" integer, "order" integer, name text, trigger_name text, state text, function text, owner text,
                 calls bigint, failures bigint, mean_ms double precision, last_error_at timestamptz, last_sqlstate text, last_error text)
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 20
  SET search_path = pg_catalog, pg_temp
AS $rules$
BEGIN
  RETURN QUERY SELECT r.* FROM jsonb_to_recordset(userdir.list_rules())
    AS r (stage text, "position" integer, "order" integer, name text, trigger_name text, state text, function text, owner text,
          calls bigint, failures bigint, mean_ms double precision, last_error_at timestamptz, last_sqlstate text, last_error text);
END
$rules$;
COMMENT ON FUNCTION userdir.rules_listing() IS 'Rows of userdir.rules, from list_rules().';
REVOKE ALL ON FUNCTION userdir.rules_listing() FROM PUBLIC;

CREATE OR REPLACE VIEW userdir.rules AS SELECT * FROM userdir.rules_listing();
COMMENT ON VIEW userdir.rules IS 'The rules of all stages, in the order in which they run.';
COMMENT ON COLUMN userdir.rules.position IS 'The place among the rules of the stage, from 1 on.';
COMMENT ON COLUMN userdir.rules."order" IS 'The number that create_rule() or move_rule() gave; null for a trigger that was made by hand.';
COMMENT ON COLUMN userdir.rules.state IS 'enabled or disabled.';
COMMENT ON COLUMN userdir.rules.owner IS 'The owner of the function, with whose rights it runs.';
COMMENT ON COLUMN userdir.rules.calls IS 'Calls since the server started when userdir is preloaded, else those of this session; failures, mean_ms and the last error likewise.';
COMMENT ON COLUMN userdir.rules.mean_ms IS 'How long a call takes on average, in milliseconds.';
