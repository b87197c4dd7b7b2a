-- What the tests of identities share: two users with tokens, rows that policies guard, roles.
-- Included after fresh_directory.sql with:  \set identities :abs_srcdir '/identities.sql'
--                                           \i :identities
-- Everything is in schema public, so that it outlasts DISCARD ALL. The role is ud_app then.
\set ECHO none
SET client_min_messages = warning;
DROP ROLE IF EXISTS ud_app, ud_other, ud_owner;
CREATE ROLE ud_app;
CREATE ROLE ud_other;
CREATE ROLE ud_owner;
GRANT ud_other TO ud_app;
GRANT CREATE ON SCHEMA public TO ud_owner;
DO $$ BEGIN
  PERFORM userdir.grant_to(r, 'identity') FROM unnest('{ud_app,ud_other,ud_owner}'::text[]) r;
  PERFORM userdir.create_signing_key('ES256');
END $$;

-- A token of this directory, for an hour unless said otherwise; null takes a claim away.
CREATE FUNCTION public.token(who text, more jsonb DEFAULT '{}', lifetime double precision DEFAULT 3600) RETURNS text LANGUAGE sql AS $$
  SELECT userdir.sign_jwt(jsonb_strip_nulls(jsonb_build_object('sub', who, 'iat', floor(extract(epoch FROM now())) - 10,
                                                               'exp', extract(epoch FROM clock_timestamp()) + lifetime) || more), 'ES256') $$;
SELECT public.token('auth0|ann', '{"aud": "https://api.example.com", "org_id": "org_a", "scope": "openid read:notes", "permissions": ["read:reports"], "roles": ["auditor"], "https://shop.example.com/plan": {"name": "gold"}}') AS ann,
       public.token('auth0|bob', '{"aud": ["https://api.example.com", "https://other.example.com"], "scope": "openid"}') AS bob,
       public.token('client@clients') AS client \gset

CREATE TABLE public.notes (id integer PRIMARY KEY, owner text NOT NULL DEFAULT userdir.user_id(), body text NOT NULL);
CREATE INDEX notes_owner ON public.notes (owner);
INSERT INTO public.notes SELECT n, CASE n WHEN 1 THEN 'auth0|ann' WHEN 2 THEN 'auth0|bob' ELSE 'auth0|' || n END, 'note ' || n FROM generate_series(1, 2000) n;
ANALYZE public.notes;
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.notes USING (owner = userdir.user_id());
CREATE TABLE public.reports (id integer PRIMARY KEY, org text NOT NULL);
INSERT INTO public.reports VALUES (1, 'org_a'), (2, 'org_b');
ALTER TABLE public.reports ENABLE ROW LEVEL SECURITY;
CREATE POLICY permitted ON public.reports USING (userdir.has_permission('read:reports') AND org = userdir.organization_id());
GRANT SELECT, INSERT, UPDATE, DELETE ON public.notes, public.reports TO ud_app, ud_other, ud_owner;

-- Who is acting: number and first of the notes / number of the reports that the policies show.
CREATE FUNCTION public.who() RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(userdir.user_id(), '(null)') || ': ' || (SELECT concat_ws(',', count(*), min(id)) FROM public.notes) || ' / ' || (SELECT count(*) FROM public.reports) $$;
RESET client_min_messages;
SET ROLE ud_app;
\set ECHO all
