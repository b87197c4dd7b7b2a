-- What an application adds to the directory's tables and builds around them; run as their owner. It
-- calls no function that writes, so that it can be added while versions do not fit, too.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

GRANT SELECT (name, options) ON userdir.connections TO shop_reader;
GRANT EXECUTE ON FUNCTION userdir.create_connection(text, text, jsonb, text, jsonb) TO shop_reader;

-- Columns, a generated one too, with their comments and statistics targets.
ALTER TABLE userdir.users ADD COLUMN loyalty integer NOT NULL DEFAULT 0;
ALTER TABLE userdir.users ADD COLUMN mail_domain text GENERATED ALWAYS AS (split_part(email, '@', 2)) STORED;
ALTER TABLE userdir.connections ADD COLUMN "Color" text COLLATE "C" CHECK ("Color" <> '');
COMMENT ON COLUMN userdir.users.loyalty IS 'points of the shop';
COMMENT ON TABLE userdir.users IS 'our users';
ALTER TABLE userdir.users ALTER COLUMN email SET STATISTICS 500;
ALTER TABLE userdir.users ALTER COLUMN attributes SET STORAGE EXTERNAL;
ALTER TABLE userdir.users SET (autovacuum_vacuum_scale_factor = 0.01);
ALTER TABLE userdir.identities REPLICA IDENTITY FULL;
UPDATE userdir.users SET loyalty = length(user_id);
UPDATE userdir.connections SET "Color" = 'red' WHERE name = 'github';

-- Indexes, on expressions too.
CREATE INDEX users_by_domain ON userdir.users (mail_domain, lower(name)) WHERE loyalty > 0;
CREATE INDEX users_app_metadata ON userdir.users USING gin (app_metadata jsonb_path_ops);
CREATE STATISTICS userdir.users_names (dependencies) ON given_name, family_name FROM userdir.users;
COMMENT ON INDEX userdir.users_by_domain IS 'an index of the shop';

-- Triggers: one that counts, one that changes the row, one that is disabled, one that always fires.
CREATE TABLE public.audit (id bigint GENERATED ALWAYS AS IDENTITY, what text, user_id text);
CREATE FUNCTION public.audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.audit (what, user_id) VALUES (TG_OP, coalesce(NEW.user_id, OLD.user_id));
  RETURN NULL;
END $$;
CREATE FUNCTION public.rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.nickname := 'rewritten ' || NEW.nickname;
  RETURN NEW;
END $$;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON userdir.users FOR EACH ROW EXECUTE FUNCTION public.audit();
CREATE TRIGGER rewrite BEFORE INSERT ON userdir.users FOR EACH ROW EXECUTE FUNCTION public.rewrite();
CREATE TRIGGER asleep BEFORE DELETE ON userdir.users FOR EACH ROW EXECUTE FUNCTION public.audit();
CREATE TRIGGER always AFTER UPDATE OF last_login ON userdir.user_logins FOR EACH ROW EXECUTE FUNCTION public.audit();
ALTER TABLE userdir.users DISABLE TRIGGER asleep;
ALTER TABLE userdir.user_logins ENABLE ALWAYS TRIGGER always;
COMMENT ON TRIGGER audit ON userdir.users IS 'tells the shop';

-- Row security.
ALTER TABLE userdir.users ENABLE ROW LEVEL SECURITY;
CREATE POLICY only_kate ON userdir.users FOR SELECT TO shop_reader USING (user_id = 'auth0|kate');
CREATE POLICY clerks ON userdir.users AS PERMISSIVE TO "shop ""clerk""" USING (loyalty >= 0) WITH CHECK (user_metadata IS NOT NULL);
COMMENT ON POLICY only_kate ON userdir.users IS 'the reader is for Kate';

-- Relations of the application that lean on the directory.
CREATE TABLE public.orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id text NOT NULL REFERENCES userdir.users ON DELETE CASCADE,
  note jsonb NOT NULL DEFAULT userdir.merge_metadata('{"a": 1}', '{"b": 2}'),
  CHECK (userdir.check_metadata('user_metadata', note))
);
CREATE INDEX orders_note ON public.orders ((userdir.json_merge_patch(note, '{"a": null}')));
INSERT INTO public.orders (user_id) SELECT user_id FROM userdir.users;
CREATE VIEW public.customers AS SELECT p.user_id, p.email, p.user_metadata OPERATOR(userdir.|+) '{"seen": true}' AS seen FROM userdir.profiles p;
CREATE MATERIALIZED VIEW public.totals AS SELECT mail_domain, count(*) AS users, jsonb_agg(userdir.get_user(user_id) -> 'email' ORDER BY user_id) AS emails FROM userdir.users GROUP BY mail_domain;
CREATE VIEW userdir.shop_users AS SELECT user_id, loyalty FROM userdir.users;
CREATE PUBLICATION shop FOR TABLE userdir.users WHERE (user_id IS NOT NULL), TABLE public.orders;

-- A document that today's limits and rules would refuse.
ALTER TABLE userdir.users DISABLE TRIGGER USER;
UPDATE userdir.users SET app_metadata = '{"email": "old.rules@example.com", "$x": 1}', picture = 'no address', updated_at = '2019-01-01 00:00:00Z' WHERE user_id = 'auth0|u9';
ALTER TABLE userdir.users ENABLE TRIGGER USER;
ALTER TABLE userdir.users DISABLE TRIGGER asleep;

-- Rules: one that runs, one that is switched off, and one of another stage, switched off as well.
CREATE FUNCTION public.greet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.user_metadata := jsonb_build_object('greeted', TG_NAME);
  RETURN NEW;
END $$;
CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.denied := 'closed'; RETURN NEW; END $$;
CREATE TRIGGER "0001_greet" INSTEAD OF INSERT ON userdir.post_login FOR EACH ROW EXECUTE FUNCTION public.greet();
CREATE TRIGGER "0002_refuse" INSTEAD OF INSERT ON userdir.post_login FOR EACH ROW EXECUTE FUNCTION public.refuse();
CREATE TRIGGER by_hand INSTEAD OF INSERT ON userdir.pre_user_registration FOR EACH ROW EXECUTE FUNCTION public.refuse('an argument');
COMMENT ON TRIGGER by_hand ON userdir.pre_user_registration IS 'a rule made by hand';
INSERT INTO userdir.disabled_rules (stage, name) VALUES ('post_login', '0002_refuse'), ('pre_user_registration', 'by_hand');
