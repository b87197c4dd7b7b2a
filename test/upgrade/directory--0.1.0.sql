--
-- PostgreSQL database dump
--

\restrict 5q0IqGUg67QJpqewaB7RCKyY8JpVb0WgPvCXSgia7vW8MH1HbES57HU6JfQbkWX

-- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
-- Dumped by pg_dump version 15.20 (Debian 15.20-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: userdir; Type: SCHEMA; Schema: -; Owner: shop_owner
--

CREATE SCHEMA userdir;


ALTER SCHEMA userdir OWNER TO shop_owner;

--
-- Name: userdir; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS userdir WITH SCHEMA userdir;


--
-- Name: users_guard(); Type: FUNCTION; Schema: userdir; Owner: shop_owner
--

CREATE FUNCTION userdir.users_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  IF NOT userdir._in_api() THEN
    IF TG_OP = 'INSERT' THEN
      RAISE EXCEPTION 'users are not inserted directly'
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Use userdir.create_user(connection, profile) or userdir.upsert_from_connection(connection, payload).';
    END IF;
    IF (NEW.user_id, NEW.email, NEW.username, NEW.phone_number, NEW.identities, NEW.created_at)
       IS DISTINCT FROM (OLD.user_id, OLD.email, OLD.username, OLD.phone_number, OLD.identities, OLD.created_at) THEN
      RAISE EXCEPTION 'identifiers of a user are not updated directly'
        USING ERRCODE = 'insufficient_privilege',
              DETAIL = 'user_id, email, username, phone_number, identities and created_at belong to the directory.',
              HINT = 'Use userdir.update_user(user_id, changes).';
    END IF;
    -- What a provider sent may be out of these bounds; only what this statement changes is judged.
    PERFORM userdir._check_user_columns(
      CASE WHEN NEW.name IS DISTINCT FROM OLD.name THEN NEW.name END,
      CASE WHEN NEW.given_name IS DISTINCT FROM OLD.given_name THEN NEW.given_name END,
      CASE WHEN NEW.family_name IS DISTINCT FROM OLD.family_name THEN NEW.family_name END,
      CASE WHEN NEW.nickname IS DISTINCT FROM OLD.nickname THEN NEW.nickname END,
      CASE WHEN NEW.picture IS DISTINCT FROM OLD.picture THEN NEW.picture END);
  END IF;

  IF NEW.user_metadata IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.user_metadata IS DISTINCT FROM OLD.user_metadata) THEN
    PERFORM userdir.check_metadata('user_metadata', NEW.user_metadata);
  END IF;
  IF NEW.app_metadata IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.app_metadata IS DISTINCT FROM OLD.app_metadata) THEN
    PERFORM userdir.check_metadata('app_metadata', NEW.app_metadata);
  END IF;

  IF TG_OP = 'UPDATE' AND NEW IS DISTINCT FROM OLD AND NEW.updated_at = OLD.updated_at AND NOT userdir._in_installer() THEN
    NEW.updated_at := now();
  END IF;
  RETURN NEW;
END
$$;


ALTER FUNCTION userdir.users_guard() OWNER TO shop_owner;

--
-- Name: FUNCTION users_guard(); Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON FUNCTION userdir.users_guard() IS 'Row-local trigger of userdir.users: refuses what must go through a function, checks metadata, keeps updated_at.';


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: bundle_grants; Type: TABLE; Schema: userdir; Owner: shop_owner
--

CREATE TABLE userdir.bundle_grants (
    role_name text NOT NULL,
    bundle text NOT NULL
);


ALTER TABLE userdir.bundle_grants OWNER TO shop_owner;

--
-- Name: TABLE bundle_grants; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON TABLE userdir.bundle_grants IS 'The bundles that grant_to() gave to roles.';


--
-- Name: connections; Type: TABLE; Schema: userdir; Owner: shop_owner
--

CREATE TABLE userdir.connections (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    strategy text NOT NULL COLLATE pg_catalog."C",
    display_name text,
    options jsonb DEFAULT '{}'::jsonb NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    updated_at timestamp(3) with time zone DEFAULT now() NOT NULL
);


ALTER TABLE userdir.connections OWNER TO shop_owner;

--
-- Name: TABLE connections; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON TABLE userdir.connections IS 'Sources of users. Written by create_connection() and its siblings only.';


--
-- Name: COLUMN connections.id; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON COLUMN userdir.connections.id IS 'con_ and 16 letters and digits.';


--
-- Name: COLUMN connections.name; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON COLUMN userdir.connections.name IS 'What identities and callers name the connection by.';


--
-- Name: COLUMN connections.strategy; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON COLUMN userdir.connections.strategy IS 'One of userdir.strategies().';


--
-- Name: COLUMN connections.options; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON COLUMN userdir.connections.options IS 'Whatever was given, verbatim; may hold secrets of the provider.';


--
-- Name: directory; Type: TABLE; Schema: userdir; Owner: shop_owner
--

CREATE TABLE userdir.directory (
    one_row boolean DEFAULT true NOT NULL,
    name text NOT NULL,
    data_version integer DEFAULT 1 NOT NULL,
    installed_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    updated_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    CONSTRAINT directory_one_row_check CHECK (one_row)
);


ALTER TABLE userdir.directory OWNER TO shop_owner;

--
-- Name: TABLE directory; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON TABLE userdir.directory IS 'The one row that names this directory and its data version.';


--
-- Name: COLUMN directory.name; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON COLUMN userdir.directory.name IS 'The name that uninstall() asks for.';


--
-- Name: COLUMN directory.data_version; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON COLUMN userdir.directory.data_version IS 'The last storage step that ran; see version().';


--
-- Name: identifiers; Type: TABLE; Schema: userdir; Owner: shop_owner
--

CREATE TABLE userdir.identifiers (
    value text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    connection text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    provider text NOT NULL COLLATE pg_catalog."C",
    provider_user_id text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT identifiers_check CHECK (((kind = 'identity'::text) = (connection = ''::text))),
    CONSTRAINT identifiers_kind_check CHECK ((kind = ANY (ARRAY['email'::text, 'username'::text, 'phone_number'::text, 'identity'::text])))
);


ALTER TABLE userdir.identifiers OWNER TO shop_owner;

--
-- Name: TABLE identifiers; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON TABLE userdir.identifiers IS 'Every name by which a login finds an identity, unique per connection.';


--
-- Name: COLUMN identifiers.value; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON COLUMN userdir.identifiers.value IS 'The lower-cased e-mail or user name, the phone number, or provider|id.';


--
-- Name: COLUMN identifiers.connection; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON COLUMN userdir.identifiers.connection IS 'Where the name is unique; empty for provider|id, which is unique everywhere.';


--
-- Name: identities; Type: TABLE; Schema: userdir; Owner: shop_owner
--

CREATE TABLE userdir.identities (
    user_id text NOT NULL COLLATE pg_catalog."C",
    provider text NOT NULL COLLATE pg_catalog."C",
    provider_user_id text NOT NULL COLLATE pg_catalog."C",
    connection text NOT NULL COLLATE pg_catalog."C",
    is_primary boolean NOT NULL,
    is_social boolean NOT NULL,
    profile_data jsonb,
    created_at timestamp(3) with time zone DEFAULT now() NOT NULL
);


ALTER TABLE userdir.identities OWNER TO shop_owner;

--
-- Name: TABLE identities; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON TABLE userdir.identities IS 'The ways of being a user; the primary one gives the user_id.';


--
-- Name: COLUMN identities.provider_user_id; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON COLUMN userdir.identities.provider_user_id IS 'The id within the provider: what follows the first bar of provider|id.';


--
-- Name: COLUMN identities.profile_data; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON COLUMN userdir.identities.profile_data IS 'The profile of a linked identity; null for the primary one.';


--
-- Name: user_logins; Type: TABLE; Schema: userdir; Owner: shop_owner
--

CREATE TABLE userdir.user_logins (
    user_id text NOT NULL COLLATE pg_catalog."C",
    last_login timestamp(3) with time zone,
    last_ip inet,
    logins_count bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='70');


ALTER TABLE userdir.user_logins OWNER TO shop_owner;

--
-- Name: TABLE user_logins; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON TABLE userdir.user_logins IS 'Login statistics; no row until the first login.';


--
-- Name: users; Type: TABLE; Schema: userdir; Owner: shop_owner
--

CREATE TABLE userdir.users (
    user_id text NOT NULL COLLATE pg_catalog."C",
    email text,
    email_verified boolean,
    username text,
    phone_number text,
    phone_verified boolean,
    name text,
    given_name text,
    family_name text,
    nickname text,
    picture text,
    blocked boolean,
    identities jsonb DEFAULT '[]'::jsonb NOT NULL,
    user_metadata jsonb,
    app_metadata jsonb,
    attributes jsonb,
    created_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    updated_at timestamp(3) with time zone DEFAULT now() NOT NULL
);


ALTER TABLE userdir.users OWNER TO shop_owner;

--
-- Name: TABLE users; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON TABLE userdir.users IS 'Users under their normalized profile. Profile columns and metadata may be updated in place; identifiers and new rows go through functions.';


--
-- Name: COLUMN users.user_id; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON COLUMN userdir.users.user_id IS 'provider|id of the primary identity.';


--
-- Name: COLUMN users.blocked; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON COLUMN userdir.users.blocked IS 'Blocked by an administrator.';


--
-- Name: COLUMN users.identities; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON COLUMN userdir.users.identities IS 'What the table identities says of the user, as an array in the model''s shape, primary first; written with it.';


--
-- Name: COLUMN users.user_metadata; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON COLUMN userdir.users.user_metadata IS 'What the user may write; a JSON object.';


--
-- Name: COLUMN users.app_metadata; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON COLUMN userdir.users.app_metadata IS 'What only the application may write; a JSON object.';


--
-- Name: COLUMN users.attributes; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON COLUMN userdir.users.attributes IS 'What the provider sent beyond the normalized profile; a JSON object.';


--
-- Name: profiles; Type: VIEW; Schema: userdir; Owner: shop_owner
--

CREATE VIEW userdir.profiles WITH (security_invoker='true') AS
 SELECT u.user_id,
    u.email,
    u.email_verified,
    u.username,
    u.phone_number,
    u.phone_verified,
    u.name,
    u.given_name,
    u.family_name,
    u.nickname,
    u.picture,
    u.blocked,
    u.user_metadata,
    u.app_metadata,
    u.attributes,
    u.created_at,
    u.updated_at,
    l.last_login,
    l.last_ip,
    l.logins_count,
    u.identities
   FROM (userdir.users u
     LEFT JOIN userdir.user_logins l ON ((l.user_id = u.user_id)));


ALTER TABLE userdir.profiles OWNER TO shop_owner;

--
-- Name: VIEW profiles; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON VIEW userdir.profiles IS 'Users as a reader expects to see them: profile, login statistics and identities together.';


--
-- Data for Name: bundle_grants; Type: TABLE DATA; Schema: userdir; Owner: shop_owner
--

COPY userdir.bundle_grants (role_name, bundle) FROM stdin;
shop_reader	reader
shop "clerk"	editor
shop "clerk"	login
\.


--
-- Data for Name: connections; Type: TABLE DATA; Schema: userdir; Owner: shop_owner
--

COPY userdir.connections (id, name, strategy, display_name, options, metadata, created_at, updated_at) FROM stdin;
con_9ScdcrZNc3X7SXIZ	customers	auth0	Customers	{"validation": {"username": {"max": 20, "min": 2}}, "requires_username": true}	{"team": "shop"}	2026-11-24 23:01:48.814+00	2026-11-24 23:01:48.814+00
con_y27ZvnGL3uNqMaoT	mail	email	\N	{}	{}	2026-11-24 23:01:48.819+00	2026-11-24 23:01:48.819+00
con_EvuOZhhlWgKS4y2s	phone	sms	\N	{}	{}	2026-11-24 23:01:48.82+00	2026-11-24 23:01:48.82+00
con_roGJYuzqSfA70DB5	github	github	\N	{"non_persistent_attrs": ["bio"], "set_user_root_attributes": "on_first_login"}	{}	2026-11-24 23:01:48.82+00	2026-11-24 23:01:48.82+00
con_fU4NjewQgtVa78ML	partner	samlp	\N	{"attribute_map": {"name": ["displayName", "cn"], "email": "mail"}}	{}	2026-11-24 23:01:48.82+00	2026-11-24 23:01:48.82+00
\.


--
-- Data for Name: directory; Type: TABLE DATA; Schema: userdir; Owner: shop_owner
--

COPY userdir.directory (one_row, name, data_version, installed_at, updated_at) FROM stdin;
t	shop	1	2026-11-24 23:01:48.695+00	2026-11-24 23:01:48.695+00
\.


--
-- Data for Name: identifiers; Type: TABLE DATA; Schema: userdir; Owner: shop_owner
--

COPY userdir.identifiers (value, kind, connection, user_id, provider, provider_user_id) FROM stdin;
auth0|u1	identity		auth0|u1	auth0	u1
user1@example.com	email	customers	auth0|u1	auth0	u1
user1	username	customers	auth0|u1	auth0	u1
auth0|u2	identity		auth0|u2	auth0	u2
user2	username	customers	auth0|u2	auth0	u2
auth0|u4	identity		auth0|u4	auth0	u4
user4@example.com	email	customers	auth0|u4	auth0	u4
user4	username	customers	auth0|u4	auth0	u4
auth0|u5	identity		auth0|u5	auth0	u5
user5@example.com	email	customers	auth0|u5	auth0	u5
user5	username	customers	auth0|u5	auth0	u5
auth0|u6	identity		auth0|u6	auth0	u6
user6@example.com	email	customers	auth0|u6	auth0	u6
user6	username	customers	auth0|u6	auth0	u6
auth0|u7	identity		auth0|u7	auth0	u7
user7@example.com	email	customers	auth0|u7	auth0	u7
user7	username	customers	auth0|u7	auth0	u7
auth0|u8	identity		auth0|u8	auth0	u8
user8@example.com	email	customers	auth0|u8	auth0	u8
user8	username	customers	auth0|u8	auth0	u8
auth0|u9	identity		auth0|u9	auth0	u9
user9@example.com	email	customers	auth0|u9	auth0	u9
user9	username	customers	auth0|u9	auth0	u9
auth0|u10	identity		auth0|u10	auth0	u10
user10@example.com	email	customers	auth0|u10	auth0	u10
user10	username	customers	auth0|u10	auth0	u10
auth0|u11	identity		auth0|u11	auth0	u11
user11@example.com	email	customers	auth0|u11	auth0	u11
user11	username	customers	auth0|u11	auth0	u11
auth0|u12	identity		auth0|u12	auth0	u12
user12@example.com	email	customers	auth0|u12	auth0	u12
user12	username	customers	auth0|u12	auth0	u12
auth0|u13	identity		auth0|u13	auth0	u13
user13@example.com	email	customers	auth0|u13	auth0	u13
user13	username	customers	auth0|u13	auth0	u13
auth0|u14	identity		auth0|u14	auth0	u14
user14@example.com	email	customers	auth0|u14	auth0	u14
user14	username	customers	auth0|u14	auth0	u14
auth0|u15	identity		auth0|u15	auth0	u15
user15@example.com	email	customers	auth0|u15	auth0	u15
user15	username	customers	auth0|u15	auth0	u15
auth0|u16	identity		auth0|u16	auth0	u16
user16@example.com	email	customers	auth0|u16	auth0	u16
user16	username	customers	auth0|u16	auth0	u16
auth0|u17	identity		auth0|u17	auth0	u17
user17@example.com	email	customers	auth0|u17	auth0	u17
user17	username	customers	auth0|u17	auth0	u17
auth0|u18	identity		auth0|u18	auth0	u18
user18@example.com	email	customers	auth0|u18	auth0	u18
user18	username	customers	auth0|u18	auth0	u18
auth0|u19	identity		auth0|u19	auth0	u19
user19@example.com	email	customers	auth0|u19	auth0	u19
user19	username	customers	auth0|u19	auth0	u19
auth0|u20	identity		auth0|u20	auth0	u20
user20@example.com	email	customers	auth0|u20	auth0	u20
user20	username	customers	auth0|u20	auth0	u20
auth0|u21	identity		auth0|u21	auth0	u21
user21@example.com	email	customers	auth0|u21	auth0	u21
user21	username	customers	auth0|u21	auth0	u21
auth0|u22	identity		auth0|u22	auth0	u22
user22@example.com	email	customers	auth0|u22	auth0	u22
user22	username	customers	auth0|u22	auth0	u22
auth0|u23	identity		auth0|u23	auth0	u23
user23@example.com	email	customers	auth0|u23	auth0	u23
user23	username	customers	auth0|u23	auth0	u23
auth0|u24	identity		auth0|u24	auth0	u24
user24@example.com	email	customers	auth0|u24	auth0	u24
user24	username	customers	auth0|u24	auth0	u24
auth0|u25	identity		auth0|u25	auth0	u25
user25@example.com	email	customers	auth0|u25	auth0	u25
user25	username	customers	auth0|u25	auth0	u25
auth0|u26	identity		auth0|u26	auth0	u26
user26@example.com	email	customers	auth0|u26	auth0	u26
user26	username	customers	auth0|u26	auth0	u26
auth0|u27	identity		auth0|u27	auth0	u27
user27@example.com	email	customers	auth0|u27	auth0	u27
user27	username	customers	auth0|u27	auth0	u27
auth0|u28	identity		auth0|u28	auth0	u28
user28@example.com	email	customers	auth0|u28	auth0	u28
user28	username	customers	auth0|u28	auth0	u28
auth0|u29	identity		auth0|u29	auth0	u29
user29@example.com	email	customers	auth0|u29	auth0	u29
user29	username	customers	auth0|u29	auth0	u29
auth0|u30	identity		auth0|u30	auth0	u30
user30@example.com	email	customers	auth0|u30	auth0	u30
user30	username	customers	auth0|u30	auth0	u30
auth0|u31	identity		auth0|u31	auth0	u31
user31@example.com	email	customers	auth0|u31	auth0	u31
user31	username	customers	auth0|u31	auth0	u31
auth0|u32	identity		auth0|u32	auth0	u32
user32@example.com	email	customers	auth0|u32	auth0	u32
user32	username	customers	auth0|u32	auth0	u32
auth0|u33	identity		auth0|u33	auth0	u33
user33@example.com	email	customers	auth0|u33	auth0	u33
user33	username	customers	auth0|u33	auth0	u33
auth0|u34	identity		auth0|u34	auth0	u34
user34@example.com	email	customers	auth0|u34	auth0	u34
user34	username	customers	auth0|u34	auth0	u34
auth0|u35	identity		auth0|u35	auth0	u35
user35@example.com	email	customers	auth0|u35	auth0	u35
user35	username	customers	auth0|u35	auth0	u35
auth0|u36	identity		auth0|u36	auth0	u36
user36@example.com	email	customers	auth0|u36	auth0	u36
user36	username	customers	auth0|u36	auth0	u36
auth0|u37	identity		auth0|u37	auth0	u37
user37@example.com	email	customers	auth0|u37	auth0	u37
user37	username	customers	auth0|u37	auth0	u37
auth0|u38	identity		auth0|u38	auth0	u38
user38@example.com	email	customers	auth0|u38	auth0	u38
user38	username	customers	auth0|u38	auth0	u38
auth0|u39	identity		auth0|u39	auth0	u39
user39@example.com	email	customers	auth0|u39	auth0	u39
user39	username	customers	auth0|u39	auth0	u39
auth0|u40	identity		auth0|u40	auth0	u40
user40@example.com	email	customers	auth0|u40	auth0	u40
user40	username	customers	auth0|u40	auth0	u40
auth0|kate	identity		auth0|kate	auth0	kate
kate@example.com	email	customers	auth0|kate	auth0	kate
kate	username	customers	auth0|kate	auth0	kate
email|6b06175c4ac006dd9ffbbe2c	identity		email|6b06175c4ac006dd9ffbbe2c	email	6b06175c4ac006dd9ffbbe2c
letters@example.com	email	mail	email|6b06175c4ac006dd9ffbbe2c	email	6b06175c4ac006dd9ffbbe2c
sms|6b06175c6c1de9fde06f71ef	identity		sms|6b06175c6c1de9fde06f71ef	sms	6b06175c6c1de9fde06f71ef
+15551230000	phone_number	phone	sms|6b06175c6c1de9fde06f71ef	sms	6b06175c6c1de9fde06f71ef
github|583231	identity		github|583231	github	583231
samlp|partner|pat|1	identity		samlp|partner|pat|1	samlp	partner|pat|1
second@example.com	email	customers	auth0|u2	auth0	u2
\.


--
-- Data for Name: identities; Type: TABLE DATA; Schema: userdir; Owner: shop_owner
--

COPY userdir.identities (user_id, provider, provider_user_id, connection, is_primary, is_social, profile_data, created_at) FROM stdin;
auth0|u1	auth0	u1	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u2	auth0	u2	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u4	auth0	u4	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u5	auth0	u5	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u6	auth0	u6	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u7	auth0	u7	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u8	auth0	u8	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u9	auth0	u9	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u10	auth0	u10	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u11	auth0	u11	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u12	auth0	u12	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u13	auth0	u13	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u14	auth0	u14	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u15	auth0	u15	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u16	auth0	u16	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u17	auth0	u17	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u18	auth0	u18	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u19	auth0	u19	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u20	auth0	u20	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u21	auth0	u21	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u22	auth0	u22	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u23	auth0	u23	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u24	auth0	u24	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u25	auth0	u25	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u26	auth0	u26	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u27	auth0	u27	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u28	auth0	u28	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u29	auth0	u29	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u30	auth0	u30	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u31	auth0	u31	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u32	auth0	u32	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u33	auth0	u33	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u34	auth0	u34	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u35	auth0	u35	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u36	auth0	u36	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u37	auth0	u37	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u38	auth0	u38	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u39	auth0	u39	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|u40	auth0	u40	customers	t	f	\N	2026-11-24 23:01:48.821+00
auth0|kate	auth0	kate	customers	t	f	\N	2026-11-24 23:01:48.893+00
email|6b06175c4ac006dd9ffbbe2c	email	6b06175c4ac006dd9ffbbe2c	mail	t	f	\N	2026-11-24 23:01:48.896+00
sms|6b06175c6c1de9fde06f71ef	sms	6b06175c6c1de9fde06f71ef	phone	t	f	\N	2026-11-24 23:01:48.898+00
github|583231	github	583231	github	t	t	\N	2026-11-24 23:01:48.903+00
samlp|partner|pat|1	samlp	partner|pat|1	partner	t	f	\N	2026-11-24 23:01:48.905+00
\.


--
-- Data for Name: user_logins; Type: TABLE DATA; Schema: userdir; Owner: shop_owner
--

COPY userdir.user_logins (user_id, last_login, last_ip, logins_count) FROM stdin;
auth0|u5	2024-02-29 12:34:56.789+00	2001:db8::1	7
auth0|u10	2024-02-29 12:34:56.789+00	2001:db8::1	7
auth0|u15	2024-02-29 12:34:56.789+00	2001:db8::1	7
auth0|u20	2024-02-29 12:34:56.789+00	2001:db8::1	7
auth0|u25	2024-02-29 12:34:56.789+00	2001:db8::1	7
auth0|u30	2024-02-29 12:34:56.789+00	2001:db8::1	7
auth0|u35	2024-02-29 12:34:56.789+00	2001:db8::1	7
auth0|u40	2024-02-29 12:34:56.789+00	2001:db8::1	7
\.


--
-- Data for Name: users; Type: TABLE DATA; Schema: userdir; Owner: shop_owner
--

COPY userdir.users (user_id, email, email_verified, username, phone_number, phone_verified, name, given_name, family_name, nickname, picture, blocked, identities, user_metadata, app_metadata, attributes, created_at, updated_at) FROM stdin;
auth0|u5	user5@example.com	f	user5	\N	\N	user5@example.com	Given 5	\N	user5	https://s.gravatar.com/avatar/cfa35b8cd2ec278026357769582fa563?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u5", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 5, "lang": "en", "tags": ["a", 5, null]}	{"plan": "free"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u6	user6@example.com	f	user6	\N	\N	user6@example.com	Given 6	\N	user6	https://s.gravatar.com/avatar/3efbe51f864c6666bc27caf4c6ff90ed?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u6", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 6, "lang": "en", "tags": ["a", 6, null]}	{"plan": "gold"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u7	user7@example.com	f	user7	\N	\N	user7@example.com	Given 7	\N	user7	https://s.gravatar.com/avatar/e80a711d4de44c30054806ebbd488464?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	t	[{"user_id": "u7", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 7, "lang": "en", "tags": ["a", 7, null]}	{"plan": "free"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u8	user8@example.com	f	user8	\N	\N	user8@example.com	Given 8	\N	user8	https://s.gravatar.com/avatar/2b9b320416cd31020bb6844c3fadefd1?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u8", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 8, "lang": "en", "tags": ["a", 8, null]}	{"plan": "free"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u9	user9@example.com	f	user9	\N	\N	user9@example.com	Given 9	\N	user9	https://s.gravatar.com/avatar/f784fdb21d26dd2c64f5135f35ec401f?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u9", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 9, "lang": "en", "tags": ["a", 9, null]}	{"plan": "gold"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u10	user10@example.com	f	user10	\N	\N	user10@example.com	Given 10	\N	user10	https://s.gravatar.com/avatar/fce8ff4ff56d75ad587d1bbaa5ef0563?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u10", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 10, "lang": "en", "tags": ["a", 10, null]}	{"plan": "free"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u15	user15@example.com	f	user15	\N	\N	user15@example.com	Given 15	\N	user15	https://s.gravatar.com/avatar/399a11ad21cd216a88977da4bd730fe4?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u15", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 15, "lang": "en", "tags": ["a", 15, null]}	{"plan": "gold"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u16	user16@example.com	f	user16	\N	\N	user16@example.com	Given 16	\N	user16	https://s.gravatar.com/avatar/a7d2463e27311fc5ff5a2c04a30ad70b?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u16", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 16, "lang": "en", "tags": ["a", 16, null]}	{"plan": "free"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u17	user17@example.com	f	user17	\N	\N	user17@example.com	Given 17	\N	user17	https://s.gravatar.com/avatar/a52ccb1440980e69f85854c2a6019a8c?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u17", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 17, "lang": "en", "tags": ["a", 17, null]}	{"plan": "free"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u18	user18@example.com	f	user18	\N	\N	user18@example.com	Given 18	\N	user18	https://s.gravatar.com/avatar/9e6fa1f22a82ba2e61879025fd640a03?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u18", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 18, "lang": "en", "tags": ["a", 18, null]}	{"plan": "gold"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u4	user4@example.com	f	user4	\N	\N	user4@example.com	Given 4	\N	user4	https://s.gravatar.com/avatar/7e65550957227bd38fe2d7fbc6fd2f7b?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u4", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 4, "lang": "en", "tags": ["a", 4, null]}	{"plan": "free"}	\N	2020-01-01 00:00:00.001+00	2021-06-01 12:00:00.5+00
auth0|u11	user11@example.com	f	user11	\N	\N	user11@example.com	Given 11	\N	user11	https://s.gravatar.com/avatar/ad6d67d0c4495e186010732a7d360028?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u11", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 11, "lang": "en", "tags": ["a", 11, null]}	{"plan": "free"}	\N	2020-01-01 00:00:00.001+00	2021-06-01 12:00:00.5+00
auth0|u19	user19@example.com	f	user19	\N	\N	user19@example.com	Given 19	\N	user19	https://s.gravatar.com/avatar/344fcf600911d4cdc4a89bbe8c57d22e?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u19", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 19, "lang": "en", "tags": ["a", 19, null]}	{"plan": "free"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u20	user20@example.com	f	user20	\N	\N	user20@example.com	Given 20	\N	user20	https://s.gravatar.com/avatar/3d67433db6e5deb7685759425360bafc?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u20", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 20, "lang": "en", "tags": ["a", 20, null]}	{"plan": "free"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u25	user25@example.com	f	user25	\N	\N	user25@example.com	Given 25	\N	user25	https://s.gravatar.com/avatar/6015f8ca27dea9ad92cec605a2f8ac57?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u25", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 25, "lang": "en", "tags": ["a", 25, null]}	{"plan": "free"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u26	user26@example.com	f	user26	\N	\N	user26@example.com	Given 26	\N	user26	https://s.gravatar.com/avatar/6901e386423cf29a04fcd5bf0d7fb25a?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u26", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 26, "lang": "en", "tags": ["a", 26, null]}	{"plan": "free"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u27	user27@example.com	f	user27	\N	\N	user27@example.com	Given 27	\N	user27	https://s.gravatar.com/avatar/7095710e927665f1bdd1ced94152f232?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u27", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 27, "lang": "en", "tags": ["a", 27, null]}	{"plan": "gold"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u28	user28@example.com	f	user28	\N	\N	user28@example.com	Given 28	\N	user28	https://s.gravatar.com/avatar/d3b2a78948bb757aa5d7096f95949d4f?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	t	[{"user_id": "u28", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 28, "lang": "en", "tags": ["a", 28, null]}	{"plan": "free"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u29	user29@example.com	f	user29	\N	\N	user29@example.com	Given 29	\N	user29	https://s.gravatar.com/avatar/ba8b63a7281c7f7861e8483a73a13603?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u29", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 29, "lang": "en", "tags": ["a", 29, null]}	{"plan": "free"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u30	user30@example.com	f	user30	\N	\N	user30@example.com	Given 30	\N	user30	https://s.gravatar.com/avatar/eae1f44b34ff27284cb0792c7601c89c?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u30", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 30, "lang": "en", "tags": ["a", 30, null]}	{"plan": "gold"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u35	user35@example.com	f	user35	\N	\N	user35@example.com	Given 35	\N	user35	https://s.gravatar.com/avatar/913b2db075de4347d209fae0e31b2125?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	t	[{"user_id": "u35", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 35, "lang": "en", "tags": ["a", 35, null]}	{"plan": "free"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u36	user36@example.com	f	user36	\N	\N	user36@example.com	Given 36	\N	user36	https://s.gravatar.com/avatar/12ccb85a406fdf3dacf1e0906495e9f6?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u36", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 36, "lang": "en", "tags": ["a", 36, null]}	{"plan": "gold"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u37	user37@example.com	f	user37	\N	\N	user37@example.com	Given 37	\N	user37	https://s.gravatar.com/avatar/b693084a8a0150b49d80f2d657d0b3b3?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u37", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 37, "lang": "en", "tags": ["a", 37, null]}	{"plan": "free"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u38	user38@example.com	f	user38	\N	\N	user38@example.com	Given 38	\N	user38	https://s.gravatar.com/avatar/e4a895f28f93b1633a44652801f2af5a?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u38", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 38, "lang": "en", "tags": ["a", 38, null]}	{"plan": "free"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u39	user39@example.com	f	user39	\N	\N	user39@example.com	Given 39	\N	user39	https://s.gravatar.com/avatar/8f896ea086e84e27c6b2ae09bb5aea50?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u39", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 39, "lang": "en", "tags": ["a", 39, null]}	{"plan": "gold"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|u40	user40@example.com	f	user40	\N	\N	user40@example.com	Given 40	\N	user40	https://s.gravatar.com/avatar/f3ff0b7288ed70951db716370170b977?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u40", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 40, "lang": "en", "tags": ["a", 40, null]}	{"plan": "free"}	\N	2026-11-24 23:01:48.821+00	2026-11-24 23:01:48.821+00
auth0|kate	kate@example.com	f	kate	\N	\N	Káte "Q" O'Neil \\ €	\N	\N	tab\tnewline\nend	https://s.gravatar.com/avatar/bd129833cef105ed306e2efef0b7592f?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fka.png	\N	[{"user_id": "kate", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"": [[]], "ä": "世界", "deep": {"a": {"b": [1.10, 10000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000, "\\\\n"]}}, "empty": {}}	\N	\N	2026-11-24 23:01:48.893+00	2026-11-24 23:01:48.893+00
email|6b06175c4ac006dd9ffbbe2c	Letters@Example.com	f	\N	\N	\N	Letters@Example.com	\N	\N	Letters	https://s.gravatar.com/avatar/0b1a345a908e38223db760432ca4bb99?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fle.png	\N	[{"user_id": "6b06175c4ac006dd9ffbbe2c", "isSocial": false, "provider": "email", "connection": "mail"}]	\N	\N	\N	2026-11-24 23:01:48.896+00	2026-11-24 23:01:48.896+00
sms|6b06175c6c1de9fde06f71ef	\N	\N	\N	+15551230000	f	+15551230000	\N	\N	+15551230000	\N	\N	[{"user_id": "6b06175c6c1de9fde06f71ef", "isSocial": false, "provider": "sms", "connection": "phone"}]	\N	\N	\N	2026-11-24 23:01:48.898+00	2026-11-24 23:01:48.898+00
auth0|u12	user12@example.com	f	user12	\N	\N	user12@example.com	Given 12	\N	user12	https://s.gravatar.com/avatar/ef1debc1364806281c42eeedfdeb943b?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u12", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 12, "lang": "en", "tags": ["a", 12, null]}	{"plan": "gold"}	\N	2020-01-01 00:00:00.001+00	2021-06-01 12:00:00.5+00
auth0|u13	user13@example.com	f	user13	\N	\N	user13@example.com	Given 13	\N	user13	https://s.gravatar.com/avatar/48b3fb3a4f3049403e8fbe222d709424?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u13", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 13, "lang": "en", "tags": ["a", 13, null]}	{"plan": "free"}	\N	2020-01-01 00:00:00.001+00	2021-06-01 12:00:00.5+00
auth0|u14	user14@example.com	f	user14	\N	\N	user14@example.com	Given 14	\N	user14	https://s.gravatar.com/avatar/b9e3f76032af53c9ff2df52d51ada717?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	t	[{"user_id": "u14", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 14, "lang": "en", "tags": ["a", 14, null]}	{"plan": "free"}	\N	2020-01-01 00:00:00.001+00	2021-06-01 12:00:00.5+00
auth0|u2	second@example.com	f	user2	\N	\N	user2@example.com	Given 2	\N	user2	https://s.gravatar.com/avatar/ab53a2911ddf9b4817ac01ddcd3d975f?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u2", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 2, "lang": "en", "tags": ["a", 2, null]}	{"plan": "free"}	\N	2020-01-01 00:00:00.001+00	2021-06-01 12:00:00.5+00
auth0|u21	user21@example.com	f	user21	\N	\N	user21@example.com	Given 21	\N	user21	https://s.gravatar.com/avatar/1a894527b2dcce3476c69007bbde70b9?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	t	[{"user_id": "u21", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 21, "lang": "en", "tags": ["a", 21, null]}	{"plan": "gold"}	\N	2020-01-01 00:00:00.001+00	2021-06-01 12:00:00.5+00
auth0|u22	user22@example.com	f	user22	\N	\N	user22@example.com	Given 22	\N	user22	https://s.gravatar.com/avatar/828cadd6dd500088845b3c84d326f1ca?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u22", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 22, "lang": "en", "tags": ["a", 22, null]}	{"plan": "free"}	\N	2020-01-01 00:00:00.001+00	2021-06-01 12:00:00.5+00
auth0|u23	user23@example.com	f	user23	\N	\N	user23@example.com	Given 23	\N	user23	https://s.gravatar.com/avatar/89e50d78a5e30789d30165b2464c1b9f?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u23", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 23, "lang": "en", "tags": ["a", 23, null]}	{"plan": "free"}	\N	2020-01-01 00:00:00.001+00	2021-06-01 12:00:00.5+00
auth0|u24	user24@example.com	f	user24	\N	\N	user24@example.com	Given 24	\N	user24	https://s.gravatar.com/avatar/c74e805abaea2d22797d4310fdec0892?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u24", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 24, "lang": "en", "tags": ["a", 24, null]}	{"plan": "gold"}	\N	2020-01-01 00:00:00.001+00	2021-06-01 12:00:00.5+00
auth0|u31	user31@example.com	f	user31	\N	\N	user31@example.com	Given 31	\N	user31	https://s.gravatar.com/avatar/79866aa18fe1148b69b8faed777f4102?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u31", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 31, "lang": "en", "tags": ["a", 31, null]}	{"plan": "free"}	\N	2020-01-01 00:00:00.001+00	2021-06-01 12:00:00.5+00
auth0|u32	user32@example.com	f	user32	\N	\N	user32@example.com	Given 32	\N	user32	https://s.gravatar.com/avatar/3c710e8952c964e24ceb6f320aa03f48?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u32", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 32, "lang": "en", "tags": ["a", 32, null]}	{"plan": "free"}	\N	2020-01-01 00:00:00.001+00	2021-06-01 12:00:00.5+00
auth0|u33	user33@example.com	f	user33	\N	\N	user33@example.com	Given 33	\N	user33	https://s.gravatar.com/avatar/49e4a5bf63274cd408b571dd78ce6697?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u33", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 33, "lang": "en", "tags": ["a", 33, null]}	{"plan": "gold"}	\N	2020-01-01 00:00:00.001+00	2021-06-01 12:00:00.5+00
auth0|u34	user34@example.com	f	user34	\N	\N	user34@example.com	Given 34	\N	user34	https://s.gravatar.com/avatar/8b5770882d6991af57d599e502429380?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u34", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 34, "lang": "en", "tags": ["a", 34, null]}	{"plan": "free"}	\N	2020-01-01 00:00:00.001+00	2021-06-01 12:00:00.5+00
github|583231	octocat@example.com	f	\N	\N	\N	The Octocat	\N	\N	octocat	https://s.gravatar.com/avatar/05b00f1ca73969977d724588e9c8bf75?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Foc.png	\N	[{"user_id": "583231", "isSocial": true, "provider": "github", "connection": "github"}]	\N	\N	{"id": 583231, "login": "octocat", "company": "Harbour"}	2020-01-01 00:00:00.001+00	2021-06-01 12:00:00.5+00
samlp|partner|pat|1	pat@partner.example	f	\N	\N	\N	Pat	\N	\N	pat	https://secure.gravatar.com/avatar/a52d1f8462d8e0d21557681ccff2355d?s=480&r=pg&d=https%3A%2F%2Fssl.gstatic.com%2Fs2%2Fprofiles%2Fimages%2Fsilhouette80.png	\N	[{"user_id": "partner|pat|1", "isSocial": false, "provider": "samlp", "connection": "partner"}]	\N	\N	{"cn": "Pat", "mail": "pat@partner.example", "groups": ["a", "b"], "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier": "pat|1"}	2020-01-01 00:00:00.001+00	2021-06-01 12:00:00.5+00
auth0|u1	user1@example.com	f	user1	\N	\N	user1@example.com	Given 1	\N	user1	https://s.gravatar.com/avatar/111d68d06e2d317b5a59c2c6c5bad808?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png	f	[{"user_id": "u1", "isSocial": false, "provider": "auth0", "connection": "customers"}]	{"n": 1, "tags": ["a", 1, null], "theme": "dark"}	{"plan": "free"}	\N	2020-01-01 00:00:00.001+00	2021-06-01 12:00:00.5+00
\.


--
-- Name: bundle_grants bundle_grants_pkey; Type: CONSTRAINT; Schema: userdir; Owner: shop_owner
--

ALTER TABLE ONLY userdir.bundle_grants
    ADD CONSTRAINT bundle_grants_pkey PRIMARY KEY (role_name, bundle);


--
-- Name: connections connections_name_key; Type: CONSTRAINT; Schema: userdir; Owner: shop_owner
--

ALTER TABLE ONLY userdir.connections
    ADD CONSTRAINT connections_name_key UNIQUE (name);


--
-- Name: connections connections_pkey; Type: CONSTRAINT; Schema: userdir; Owner: shop_owner
--

ALTER TABLE ONLY userdir.connections
    ADD CONSTRAINT connections_pkey PRIMARY KEY (id);


--
-- Name: directory directory_pkey; Type: CONSTRAINT; Schema: userdir; Owner: shop_owner
--

ALTER TABLE ONLY userdir.directory
    ADD CONSTRAINT directory_pkey PRIMARY KEY (one_row);


--
-- Name: identifiers identifiers_pkey; Type: CONSTRAINT; Schema: userdir; Owner: shop_owner
--

ALTER TABLE ONLY userdir.identifiers
    ADD CONSTRAINT identifiers_pkey PRIMARY KEY (value, kind, connection);


--
-- Name: identities identities_pkey; Type: CONSTRAINT; Schema: userdir; Owner: shop_owner
--

ALTER TABLE ONLY userdir.identities
    ADD CONSTRAINT identities_pkey PRIMARY KEY (user_id, provider, provider_user_id);


--
-- Name: user_logins user_logins_pkey; Type: CONSTRAINT; Schema: userdir; Owner: shop_owner
--

ALTER TABLE ONLY userdir.user_logins
    ADD CONSTRAINT user_logins_pkey PRIMARY KEY (user_id);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: userdir; Owner: shop_owner
--

ALTER TABLE ONLY userdir.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (user_id);


--
-- Name: identifiers_user_id_idx; Type: INDEX; Schema: userdir; Owner: shop_owner
--

CREATE INDEX identifiers_user_id_idx ON userdir.identifiers USING btree (user_id);


--
-- Name: identities_connection_idx; Type: INDEX; Schema: userdir; Owner: shop_owner
--

CREATE INDEX identities_connection_idx ON userdir.identities USING btree (connection, user_id);


--
-- Name: identities_one_primary_idx; Type: INDEX; Schema: userdir; Owner: shop_owner
--

CREATE UNIQUE INDEX identities_one_primary_idx ON userdir.identities USING btree (user_id) WHERE is_primary;


--
-- Name: users_created_at_idx; Type: INDEX; Schema: userdir; Owner: shop_owner
--

CREATE INDEX users_created_at_idx ON userdir.users USING btree (created_at, user_id);


--
-- Name: users_email_idx; Type: INDEX; Schema: userdir; Owner: shop_owner
--

CREATE INDEX users_email_idx ON userdir.users USING btree (email);


--
-- Name: users zz_userdir_guard; Type: TRIGGER; Schema: userdir; Owner: shop_owner
--

CREATE TRIGGER zz_userdir_guard BEFORE INSERT OR UPDATE ON userdir.users FOR EACH ROW EXECUTE FUNCTION userdir.users_guard();


--
-- Name: TRIGGER zz_userdir_guard ON users; Type: COMMENT; Schema: userdir; Owner: shop_owner
--

COMMENT ON TRIGGER zz_userdir_guard ON userdir.users IS 'Refuses what must go through a function, checks metadata, keeps updated_at; see users_guard().';


--
-- Name: identifiers identifiers_user_id_fkey; Type: FK CONSTRAINT; Schema: userdir; Owner: shop_owner
--

ALTER TABLE ONLY userdir.identifiers
    ADD CONSTRAINT identifiers_user_id_fkey FOREIGN KEY (user_id) REFERENCES userdir.users(user_id) ON DELETE CASCADE;


--
-- Name: identities identities_connection_fkey; Type: FK CONSTRAINT; Schema: userdir; Owner: shop_owner
--

ALTER TABLE ONLY userdir.identities
    ADD CONSTRAINT identities_connection_fkey FOREIGN KEY (connection) REFERENCES userdir.connections(name);


--
-- Name: identities identities_user_id_fkey; Type: FK CONSTRAINT; Schema: userdir; Owner: shop_owner
--

ALTER TABLE ONLY userdir.identities
    ADD CONSTRAINT identities_user_id_fkey FOREIGN KEY (user_id) REFERENCES userdir.users(user_id) ON DELETE CASCADE;


--
-- Name: user_logins user_logins_user_id_fkey; Type: FK CONSTRAINT; Schema: userdir; Owner: shop_owner
--

ALTER TABLE ONLY userdir.user_logins
    ADD CONSTRAINT user_logins_user_id_fkey FOREIGN KEY (user_id) REFERENCES userdir.users(user_id) ON DELETE CASCADE;


--
-- Name: SCHEMA userdir; Type: ACL; Schema: -; Owner: shop_owner
--

GRANT USAGE ON SCHEMA userdir TO shop_reader;
GRANT USAGE ON SCHEMA userdir TO "shop ""clerk""";


--
-- Name: FUNCTION _check_picture(picture text); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._check_picture(picture text) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION _check_user_columns(name text, given_name text, family_name text, nickname text, picture text); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._check_user_columns(name text, given_name text, family_name text, nickname text, picture text) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION _data_version(); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._data_version() TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._data_version() TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION _decode_cursor(cursor text, sort text); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._decode_cursor(cursor text, sort text) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._decode_cursor(cursor text, sort text) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION _expected_data_version(); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._expected_data_version() TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._expected_data_version() TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION _extension_version(); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._extension_version() TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._extension_version() TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION _in_api(); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._in_api() TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION _in_installer(); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._in_installer() TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION _iso_timestamp(moment timestamp with time zone); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._iso_timestamp(moment timestamp with time zone) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._iso_timestamp(moment timestamp with time zone) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION _library_version(); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._library_version() TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._library_version() TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION _page_condition(field text, descending boolean, place jsonb); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._page_condition(field text, descending boolean, place jsonb) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._page_condition(field text, descending boolean, place jsonb) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION _select_fields(document jsonb, fields text, include_fields boolean, known text[]); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._select_fields(document jsonb, fields text, include_fields boolean, known text[]) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._select_fields(document jsonb, fields text, include_fields boolean, known text[]) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION _sort_column(field text, OUT column_type text, OUT nullable boolean); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._sort_column(field text, OUT column_type text, OUT nullable boolean) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._sort_column(field text, OUT column_type text, OUT nullable boolean) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION _user_fields(); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._user_fields() TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._user_fields() TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION _users_json(user_ids text[]); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._users_json(user_ids text[]) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir._users_json(user_ids text[]) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION check_attribute_map(map jsonb); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.check_attribute_map(map jsonb) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.check_attribute_map(map jsonb) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION check_metadata(kind text, metadata jsonb); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.check_metadata(kind text, metadata jsonb) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.check_metadata(kind text, metadata jsonb) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION create_user(connection text, profile jsonb); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.create_user(connection text, profile jsonb) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION default_attribute_map(strategy text, connection text); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.default_attribute_map(strategy text, connection text) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.default_attribute_map(strategy text, connection text) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION default_attribute_maps(); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.default_attribute_maps() TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.default_attribute_maps() TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION default_nickname(email text); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.default_nickname(email text) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.default_nickname(email text) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION default_picture(email text, strategy text); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.default_picture(email text, strategy text) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.default_picture(email text, strategy text) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION delete_user(user_id text); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.delete_user(user_id text) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION get_user(user_id text, fields text, include_fields boolean); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.get_user(user_id text, fields text, include_fields boolean) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.get_user(user_id text, fields text, include_fields boolean) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION get_users_by_email(email text, fields text, include_fields boolean); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.get_users_by_email(email text, fields text, include_fields boolean) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.get_users_by_email(email text, fields text, include_fields boolean) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION json_merge_patch(target jsonb, patch jsonb); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.json_merge_patch(target jsonb, patch jsonb) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.json_merge_patch(target jsonb, patch jsonb) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION list_users(page integer, per_page integer, sort text, fields text, include_fields boolean, include_totals boolean, connection text, take integer, cursor text); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.list_users(page integer, per_page integer, sort text, fields text, include_fields boolean, include_totals boolean, connection text, take integer, cursor text) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.list_users(page integer, per_page integer, sort text, fields text, include_fields boolean, include_totals boolean, connection text, take integer, cursor text) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION merge_metadata(stored jsonb, changes jsonb); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.merge_metadata(stored jsonb, changes jsonb) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.merge_metadata(stored jsonb, changes jsonb) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION normalize_profile(strategy text, raw jsonb, connection text, extras jsonb, options jsonb); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.normalize_profile(strategy text, raw jsonb, connection text, extras jsonb, options jsonb) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.normalize_profile(strategy text, raw jsonb, connection text, extras jsonb, options jsonb) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION strategies(); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.strategies() TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.strategies() TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION update_user(user_id text, changes jsonb); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.update_user(user_id text, changes jsonb) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION upsert_from_connection(connection text, raw jsonb, extras jsonb); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.upsert_from_connection(connection text, raw jsonb, extras jsonb) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: FUNCTION users_guard(); Type: ACL; Schema: userdir; Owner: shop_owner
--

REVOKE ALL ON FUNCTION userdir.users_guard() FROM PUBLIC;


--
-- Name: FUNCTION version(OUT library text, OUT sql text, OUT data integer, OUT remedy text); Type: ACL; Schema: userdir; Owner: postgres
--

SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.version(OUT library text, OUT sql text, OUT data integer, OUT remedy text) TO shop_reader;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION shop_owner;
GRANT ALL ON FUNCTION userdir.version(OUT library text, OUT sql text, OUT data integer, OUT remedy text) TO "shop ""clerk""";
RESET SESSION AUTHORIZATION;


--
-- Name: COLUMN connections.id; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT SELECT(id) ON TABLE userdir.connections TO shop_reader;
GRANT SELECT(id) ON TABLE userdir.connections TO "shop ""clerk""";


--
-- Name: COLUMN connections.name; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT SELECT(name) ON TABLE userdir.connections TO shop_reader;
GRANT SELECT(name) ON TABLE userdir.connections TO "shop ""clerk""";


--
-- Name: COLUMN connections.strategy; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT SELECT(strategy) ON TABLE userdir.connections TO shop_reader;
GRANT SELECT(strategy) ON TABLE userdir.connections TO "shop ""clerk""";


--
-- Name: COLUMN connections.display_name; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT SELECT(display_name) ON TABLE userdir.connections TO shop_reader;
GRANT SELECT(display_name) ON TABLE userdir.connections TO "shop ""clerk""";


--
-- Name: COLUMN connections.metadata; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT SELECT(metadata) ON TABLE userdir.connections TO shop_reader;
GRANT SELECT(metadata) ON TABLE userdir.connections TO "shop ""clerk""";


--
-- Name: COLUMN connections.created_at; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT SELECT(created_at) ON TABLE userdir.connections TO shop_reader;
GRANT SELECT(created_at) ON TABLE userdir.connections TO "shop ""clerk""";


--
-- Name: COLUMN connections.updated_at; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT SELECT(updated_at) ON TABLE userdir.connections TO shop_reader;
GRANT SELECT(updated_at) ON TABLE userdir.connections TO "shop ""clerk""";


--
-- Name: TABLE directory; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT SELECT ON TABLE userdir.directory TO shop_reader;
GRANT SELECT ON TABLE userdir.directory TO "shop ""clerk""";


--
-- Name: TABLE identities; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT SELECT ON TABLE userdir.identities TO shop_reader;
GRANT SELECT ON TABLE userdir.identities TO "shop ""clerk""";


--
-- Name: TABLE user_logins; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT SELECT ON TABLE userdir.user_logins TO shop_reader;
GRANT SELECT ON TABLE userdir.user_logins TO "shop ""clerk""";


--
-- Name: TABLE users; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT SELECT ON TABLE userdir.users TO shop_reader;
GRANT SELECT ON TABLE userdir.users TO "shop ""clerk""";


--
-- Name: COLUMN users.email_verified; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT UPDATE(email_verified) ON TABLE userdir.users TO "shop ""clerk""";


--
-- Name: COLUMN users.phone_verified; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT UPDATE(phone_verified) ON TABLE userdir.users TO "shop ""clerk""";


--
-- Name: COLUMN users.name; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT UPDATE(name) ON TABLE userdir.users TO "shop ""clerk""";


--
-- Name: COLUMN users.given_name; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT UPDATE(given_name) ON TABLE userdir.users TO "shop ""clerk""";


--
-- Name: COLUMN users.family_name; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT UPDATE(family_name) ON TABLE userdir.users TO "shop ""clerk""";


--
-- Name: COLUMN users.nickname; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT UPDATE(nickname) ON TABLE userdir.users TO "shop ""clerk""";


--
-- Name: COLUMN users.picture; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT UPDATE(picture) ON TABLE userdir.users TO "shop ""clerk""";


--
-- Name: COLUMN users.blocked; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT UPDATE(blocked) ON TABLE userdir.users TO "shop ""clerk""";


--
-- Name: COLUMN users.user_metadata; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT UPDATE(user_metadata) ON TABLE userdir.users TO "shop ""clerk""";


--
-- Name: COLUMN users.app_metadata; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT UPDATE(app_metadata) ON TABLE userdir.users TO "shop ""clerk""";


--
-- Name: COLUMN users.attributes; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT UPDATE(attributes) ON TABLE userdir.users TO "shop ""clerk""";


--
-- Name: TABLE profiles; Type: ACL; Schema: userdir; Owner: shop_owner
--

GRANT SELECT ON TABLE userdir.profiles TO shop_reader;
GRANT SELECT ON TABLE userdir.profiles TO "shop ""clerk""";


--
-- PostgreSQL database dump complete
--

\unrestrict 5q0IqGUg67QJpqewaB7RCKyY8JpVb0WgPvCXSgia7vW8MH1HbES57HU6JfQbkWX

