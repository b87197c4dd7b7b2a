-- Three simple rules, and the same as plain functions, which an application would call after a login
-- without rules: one after the other, each with the user and the context, and what the one before has
-- returned. And the same rules as triggers of a view of our own.
--
-- usage: psql -f test/bench/login/rules.sql
\set ON_ERROR_STOP on
SET client_min_messages = warning;

CREATE FUNCTION bench.plain_plan("user" jsonb, context jsonb, claims jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  RETURN claims || jsonb_build_object('https://example.com/plan', "user" #> '{app_metadata,plan}');
END $$;
CREATE FUNCTION bench.plain_domain("user" jsonb, context jsonb, claims jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  IF lower(split_part("user" ->> 'email', '@', 2)) <> 'mail.example' THEN
    RAISE 'not from here' USING ERRCODE = 'UD061';
  END IF;
  RETURN claims;
END $$;
CREATE FUNCTION bench.plain_address("user" jsonb, context jsonb, claims jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  RETURN claims || jsonb_build_object('https://example.com/ip', context #> '{request,ip}');
END $$;

CREATE FUNCTION bench.rule_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.id_token := NEW.id_token || jsonb_build_object('https://example.com/plan', NEW.user #> '{app_metadata,plan}');
  RETURN NEW;
END $$;
CREATE FUNCTION bench.rule_domain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF lower(split_part(NEW.user ->> 'email', '@', 2)) <> 'mail.example' THEN
    RAISE 'not from here' USING ERRCODE = 'UD061';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION bench.rule_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.id_token := NEW.id_token || jsonb_build_object('https://example.com/ip', NEW.context #> '{request,ip}');
  RETURN NEW;
END $$;

CREATE VIEW bench.insertable AS SELECT * FROM userdir.post_login;
CREATE TRIGGER "0001_plan" INSTEAD OF INSERT ON bench.insertable FOR EACH ROW EXECUTE FUNCTION bench.rule_plan();
CREATE TRIGGER "0002_domain" INSTEAD OF INSERT ON bench.insertable FOR EACH ROW EXECUTE FUNCTION bench.rule_domain();
CREATE TRIGGER "0003_address" INSTEAD OF INSERT ON bench.insertable FOR EACH ROW EXECUTE FUNCTION bench.rule_address();

-- What the rules of the benchmark's logins get as context.
CREATE FUNCTION bench.context() RETURNS jsonb LANGUAGE sql AS $$
  SELECT userdir._rule_context(userdir._find_connection('customers'), NULL,
           '{"ip": "10.0.1.7", "user_agent": "Mozilla/5.0 (X11; Linux x86_64)", "hostname": "shop.example.com"}', 'oauth2-password', NULL, NULL,
           '2', userdir._login_method('pwd'))
$$;
