-- The indexes that serve searches: ordinary indexes on userdir.users, kept by install().

CREATE FUNCTION userdir._search_indexes() RETURNS TABLE (name text, lean boolean, definition text)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 12
  SET search_path = pg_catalog, pg_temp
AS $$
  VALUES
    ('users_folded_email_idx', true, 'btree (userdir.fold_case(email) COLLATE "C")'),
    ('users_reversed_email_idx', true, 'btree (reverse(userdir.fold_case(email)) COLLATE "C")'),
    ('users_folded_name_idx', true, 'btree (userdir.fold_case(name) COLLATE "C")'),
    ('users_folded_given_name_idx', false, 'btree (userdir.fold_case(given_name) COLLATE "C")'),
    ('users_folded_family_name_idx', false, 'btree (userdir.fold_case(family_name) COLLATE "C")'),
    ('users_folded_nickname_idx', false, 'btree (userdir.fold_case(nickname) COLLATE "C")'),
    ('users_username_idx', true, 'btree (username COLLATE "C") WHERE username IS NOT NULL'),
    ('users_phone_number_idx', true, 'btree (phone_number COLLATE "C") WHERE phone_number IS NOT NULL'),
    ('users_blocked_idx', false, 'btree (blocked, user_id) WHERE blocked IS NOT NULL'),
    ('users_updated_at_idx', false, 'btree (updated_at, user_id)'),
    ('users_text_idx', false, 'gin (userdir.fold_case(email) userdir.text_wildcard_ops, userdir.fold_case(name) userdir.text_wildcard_ops, userdir.fold_case(nickname) userdir.text_wildcard_ops, userdir.fold_case(given_name) userdir.text_wildcard_ops, userdir.fold_case(family_name) userdir.text_wildcard_ops, username userdir.text_wildcard_ops, phone_number userdir.text_wildcard_ops) WITH (gin_pending_list_limit = 1024)'),
    ('users_metadata_idx', false, 'gin (user_metadata userdir.jsonb_query_ops, app_metadata userdir.jsonb_query_ops, identities userdir.jsonb_query_ops) WITH (gin_pending_list_limit = 256)')
$$;
COMMENT ON FUNCTION userdir._search_indexes() IS
'Lists the indexes on userdir.users that searches use: name, whether a lean directory has it too, definition.

Equality, prefixes and ranges use the B-trees, suffixes and domains of e-mail addresses the reversed one; everything inside a text uses users_text_idx, everything in metadata and identities users_metadata_idx.';

CREATE FUNCTION userdir._renew_search_indexes() RETURNS SETOF text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 12
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  full_set boolean := (SELECT d.search_indexes = 'full' FROM userdir.directory d);
  i record;
BEGIN
  FOR i IN SELECT s.name, s.definition, full_set OR s.lean AS wanted, to_regclass('userdir.' || s.name) IS NOT NULL AS present
             FROM userdir._search_indexes() s
  LOOP
    IF i.wanted AND NOT i.present THEN
      EXECUTE format('CREATE INDEX %I ON userdir.users USING %s', i.name, i.definition);
      RETURN NEXT format('created index %s', i.name);
    ELSIF i.present AND NOT i.wanted THEN
      EXECUTE format('DROP INDEX userdir.%I', i.name);
      RETURN NEXT format('dropped index %s', i.name);
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._renew_search_indexes() IS
'Creates the search indexes that are missing, which DROP EXTENSION ... CASCADE takes away, and drops those that a lean directory does not have.

Result: a line for each index created or dropped.';
