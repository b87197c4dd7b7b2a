-- A few dozen people as their providers would send them: each payload in the shape that the
-- provider documents, made from a list of names.

CREATE TEMPORARY TABLE sample (n integer, given text, family text, plan text, source text);
INSERT INTO sample
SELECT row_number() OVER (), split_part(name, ' ', 1), split_part(name, ' ', 2),
       (ARRAY['free', 'free', 'silver', 'gold'])[1 + row_number() OVER () % 4],
       (ARRAY['google-oauth2', 'github', 'acme-saml', 'acme-ad', 'contoso', 'linkedin', 'customers', 'email'])[1 + row_number() OVER () % 8]
  FROM unnest(ARRAY['Ada Moreau', 'Ben Okafor', 'Carla Rossi', 'Dmitri Volkov', 'Elif Yilmaz', 'Farid Haddad', 'Greta Lindqvist',
                    'Hugo Almeida', 'Ines Navarro', 'Jonas Weber', 'Keiko Tanaka', 'Liam Byrne', 'Mina Park', 'Nadia Petrova',
                    'Omar Aziz', 'Paula Costa', 'Quentin Dubois', 'Rosa Jimenez', 'Sven Larsen', 'Tara Singh', 'Uma Krishnan',
                    'Viktor Nagy', 'Wanda Kowalska', 'Xavier Blanc', 'Yara Mansour', 'Zoe Papadaki', 'Anton Berg', 'Bianca Ionescu',
                    'Chidi Eze', 'Daphne Vermeer', 'Emil Hansen', 'Freya Olsen', 'Gianni Conti', 'Hana Novak', 'Ivo Horvat', 'Julia Schmidt']) name;

SELECT userdir.upsert_from_connection('google-oauth2', jsonb_build_object(
         'sub', '1090000000000000000' || (10 + n), 'name', given || ' ' || family, 'given_name', given, 'family_name', family,
         'picture', 'https://lh3.example.com/a/' || n, 'email', lower(given) || '@mail.example', 'email_verified', true, 'locale', 'en'))
  FROM sample WHERE source = 'google-oauth2';

SELECT userdir.upsert_from_connection('github', jsonb_build_object(
         'login', lower(given) || '-' || lower(family), 'id', 583000 + n, 'avatar_url', 'https://avatars.example.com/u/' || n,
         'name', given || ' ' || family, 'email', NULL, 'company', 'Harbour ' || n, 'followers', n),
         jsonb_build_object('emails', jsonb_build_array(
           jsonb_build_object('email', 'old-' || lower(given) || '@code.example', 'primary', false, 'verified', true),
           jsonb_build_object('email', lower(given) || '@code.example', 'primary', true, 'verified', true))))
  FROM sample WHERE source = 'github';

SELECT userdir.upsert_from_connection('acme-saml', jsonb_build_object(
         'issuer', 'https://idp.acme.example/saml', 'nameID', lower(given) || '.' || lower(family),
         'attributes', jsonb_build_object(
           'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress', jsonb_build_array(lower(given) || '@acme.example'),
           'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name', jsonb_build_array(given || ' ' || family),
           'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname', jsonb_build_array(given),
           'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname', jsonb_build_array(family),
           'http://schemas.xmlsoap.org/claims/Group', jsonb_build_array('staff', 'floor-' || n))))
  FROM sample WHERE source = 'acme-saml';

SELECT userdir.upsert_from_connection('acme-ad', jsonb_build_object(
         'dn', format('CN=%s %s,OU=People,DC=acme,DC=example', given, family), 'objectGUID', md5(given || family)::uuid,
         'displayName', given || ' ' || family, 'givenName', given, 'sn', family, 'mail', lower(given) || '@acme.example',
         'sAMAccountName', left(lower(given), 1) || lower(family), 'department', 'Floor ' || n))
  FROM sample WHERE source = 'acme-ad';

SELECT userdir.upsert_from_connection('contoso', jsonb_build_object(
         'oid', md5(family || given)::uuid, 'tid', md5('contoso')::uuid, 'name', given || ' ' || family, 'given_name', given,
         'family_name', family, 'upn', lower(given) || '@contoso.example', 'preferred_username', lower(given) || '@contoso.example'))
  FROM sample WHERE source = 'contoso';

SELECT userdir.upsert_from_connection('linkedin', jsonb_build_object(
         'sub', 'li' || md5(given), 'name', given || ' ' || family, 'given_name', given, 'family_name', family,
         'email', lower(given) || '@work.example', 'email_verified', true, 'picture', 'https://media.example.com/' || n, 'locale',
         jsonb_build_object('country', 'US', 'language', 'en')))
  FROM sample WHERE source = 'linkedin';

SELECT userdir.create_user('customers', jsonb_build_object(
         'email', lower(given) || '.' || lower(family) || '@example.com', 'given_name', given, 'family_name', family,
         'name', given || ' ' || family, 'user_metadata', jsonb_build_object('lang', 'en')))
  FROM sample WHERE source = 'customers';

SELECT userdir.create_user('email', jsonb_build_object('email', lower(given) || '@letters.example'))
  FROM sample WHERE source = 'email';

UPDATE userdir.users u SET app_metadata = jsonb_build_object('plan', s.plan)
  FROM sample s WHERE u.email ^@ lower(s.given);
