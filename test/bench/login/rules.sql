-- Three simple rules, and the same as plain functions, which an application would call after a login
-- without rules: one after the other, each with the user and the context, and what the one before has
-- returned.
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
