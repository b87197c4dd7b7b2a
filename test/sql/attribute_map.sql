-- Attribute maps: the whole language, and every mistake one can make in it
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory

-- What becomes of one source of "name" (or of another target) for a small answer.
CREATE FUNCTION pg_temp.source(source jsonb, target text DEFAULT 'attributes.x') RETURNS jsonb LANGUAGE sql AS $$
  SELECT coalesce(p -> target, p -> 'attributes' -> replace(target, 'attributes.', ''))
    FROM userdir.normalize_profile('oauth2', jsonb_build_object(
           'id', 7, 'name', 'Jane Doe', 'mail', 'Jane.Doe@example.com', 'active', true, 'blank', ' ', 'none', null, 'empty', '[]'::jsonb,
           'nested', '{"a": {"b": {"c": "deep"}}, "b.c": "dotted inside"}'::jsonb, 'nested.a', 'dotted', 'with[0]brackets', 'quoted', 'https://claims.example.com/x', 'claim',
           'list', '["first", "second", "third"]'::jsonb, 'sparse', '[null, "", [], "present", "last", {}]'::jsonb,
           'addresses', '[{"value": "old@example.com", "primary": false, "type": "home", "rank": 1}, {"value": "new@example.com", "primary": true, "type": "work", "rank": 2, "meta": {"ok": 1}},
                          {"value": "jane.doe@example.com", "primary": true, "type": "the \"best\"", "rank": 3.0}, 5, null]'::jsonb,
           'one', '{"value": "only@example.com", "primary": true}'::jsonb, 'url', 'https://x.example.com/users/42', 'label', 'a:b:c'), 'intranet',
           '{"emails": [{"email": "part@example.com"}], "text": "part", "with.dot": 1}',
           jsonb_build_object('colour', 'blue', 'attribute_map', jsonb_build_object('email', 'mail', 'user_id', 'id', 'raw', 'none', target, source))) p $$;

-- Paths
SELECT path, pg_temp.source(to_jsonb(path)) AS found
  FROM unnest(ARRAY['name', 'nested.a.b.c', 'nested.a', 'nested["a"].b.c', 'nested[''a''].b["c"]', 'nested["b.c"]', 'nested.b.c', '["nested.a"]', '["with[0]brackets"]',
                    'https://claims.example.com/x', '["https://claims.example.com/x"]', 'list[0]', 'list[2]', 'list[3]', 'list[-1]', 'list[-3]', 'list[-4]', 'list', 'name[0]', 'name[-1]', 'name[1]',
                    'list.x', 'name.x', 'missing', 'missing.x', 'none', 'blank', 'empty', 'active',
                    'addresses[primary eq true].value', 'addresses[primary eq false].value', 'addresses[type eq work].value', 'addresses[type eq "work"].value', 'addresses[type eq ''the "best"''].value',
                    'addresses[primary eq true and type eq home].value', 'addresses[primary eq true and rank eq 3].value', 'addresses[rank eq 1].value', 'addresses[meta.ok eq 1].value', 'addresses[meta.ok eq true].value',
                    'addresses[value eq $email].rank', 'addresses[value eq "$email"].rank', 'addresses[type eq nothing].value', 'addresses[ type eq work ].value', 'one[primary eq true].value', 'one[primary eq false].value', 'one[0].value',
                    '$email', '$name', '$user_id', '$picture', '@emails[0].email', '@text', '@with.dot', '@missing', '#colour', '#missing', '#attribute_map.email']) path;
SELECT pg_temp.source('""') ->> 'mail' AS of_the_whole;

-- A value of a condition that refers to an attribute takes that attribute's text.
SELECT userdir.normalize_profile('oauth2', '{"id": 1, "mail": "b@example.com", "all": [{"value": "a@example.com", "ok": 0}, {"value": "b@example.com", "ok": 1}]}', 'x', '{}',
         '{"attribute_map": {"email": "mail", "email_verified": "all[value eq $email].ok"}}') ->> 'email_verified' AS verified;

-- Every transform
SELECT source, pg_temp.source(source) AS found
  FROM unnest(ARRAY['{"path": "id", "as": "to_text"}', '{"path": "active", "as": "to_text"}', '{"path": "nested", "as": "to_text"}',
                    '{"path": "active", "as": "to_bool"}', '{"path": "id", "as": "to_bool"}', '{"const": "TRUE", "as": "to_bool"}', '{"const": 0, "as": "to_bool"}',
                    '{"path": "active", "as": "not"}', '{"const": "false", "as": ["not"]}', '{"path": "name", "as": "not"}',
                    '{"path": "mail", "as": "lower"}', '{"const": "ÄÖ-AB", "as": "lower"}', '{"const": "  a b  ", "as": "trim"}', '{"path": "blank", "as": "trim"}',
                    '{"path": "mail", "as": "local_part"}', '{"const": "a@b@example.com", "as": "local_part"}', '{"const": "@example.com", "as": "local_part"}', '{"path": "name", "as": "local_part"}',
                    '{"path": "mail", "as": "email"}', '{"path": "name", "as": "email"}', '{"const": "x@", "as": "email"}', '{"const": " x@y ", "as": "email"}',
                    '{"const": "+44 (0)20 7946-0018", "as": "phone"}', '{"const": "020 7946 0018", "as": "phone"}', '{"const": "+1234567890123456", "as": "phone"}',
                    '{"path": "url", "as": "uri"}', '{"const": "/x.png", "as": "uri"}',
                    '{"path": "list", "as": "first"}', '{"path": "list", "as": "last"}', '{"path": "sparse", "as": "first"}', '{"path": "sparse", "as": "last"}', '{"path": "name", "as": "first"}', '{"path": "empty", "as": "first"}',
                    '{"path": "url", "as": "after_last:/"}', '{"path": "url", "as": "after_first://"}', '{"path": "url", "as": "before_first:/"}', '{"path": "url", "as": "before_last:/"}', '{"path": "label", "as": "after_last::"}',
                    '{"path": "name", "as": "after_last:/"}', '{"path": "name", "as": "after_last:Doe"}', '{"path": "name", "as": ["before_first: ", "lower", "prefix:@"]}', '{"const": "@jane", "as": "prefix:@"}',
                    '{"path": "name", "as": "localized"}', '{"const": {"localized": {"de_DE": "Johanna", "en_US": "Jane"}, "preferredLocale": {"language": "en", "country": "US"}}, "as": "localized"}',
                    '{"const": {"localized": {"de": "Johanna"}, "preferredLocale": {"language": "fr"}}, "as": "localized"}', '{"const": {"de": "Johanna"}, "as": "localized"}', '{"const": {"localized": {}}, "as": "localized"}',
                    '{"path": "list", "as": ["last", "prefix:the ", "lower"]}']::jsonb[]) source;

-- join, format, const and conditions; a list of sources is tried in order.
SELECT source, pg_temp.source(source) AS found
  FROM unnest(ARRAY['{"join": ["name", "mail"]}', '{"join": ["name", "missing", "id"], "with": "/"}', '{"join": ["missing", "none"]}', '{"join": ["name", "name", "id"], "with": ", "}', '{"join": [{"path": "mail", "as": "local_part"}, {"const": "x"}], "with": ""}',
                    '{"format": "https://img.example.com/{id}/{name}.png"}', '{"format": "{missing}/x"}', '{"format": "no braces"}', '{"format": "{id}"}', '{"format": "a{id}b{id}c"}', '{"format": "{$email}"}', '{"format": "{@emails[0].email}"}', '{"format": "{nested}"}', '{"format": "{}"}',
                    '{"const": "x"}', '{"const": 5}', '{"const": false}', '{"const": {"a": [1]}}', '{"const": null}', '{"const": ""}',
                    '{"const": "yes", "if": "active"}', '{"const": "yes", "if": "missing"}', '{"const": "yes", "if": "blank"}', '{"const": "yes", "if": {"const": false}}', '{"const": "yes", "unless": "active"}', '{"const": "yes", "unless": "missing"}', '{"const": "yes", "unless": {"const": "false"}}',
                    '{"const": "yes", "if": "#colour", "eq": "blue"}', '{"const": "yes", "if": "#colour", "eq": "red"}', '{"const": "yes", "if": "id", "eq": 7}', '{"const": "yes", "if": "id", "eq": "7"}', '{"const": "yes", "if": "active", "eq": true}', '{"const": "yes", "if": "active", "eq": "true"}', '{"const": "yes", "if": "name", "eq": "jane doe"}',
                    '{"path": "name", "if": "active", "unless": "none", "as": "lower"}',
                    '["missing", "none", "blank", "empty", "name"]', '["missing"]', '[]', '[{"path": "name", "if": "missing"}, {"const": "second"}]']::jsonb[]) source;

-- The type of the target decides which source is the first that gives something.
SELECT target, source, pg_temp.source(source, target) AS found
  FROM (VALUES ('given_name', '["list", "nested", "active", "id"]'::jsonb), ('email', '["id", "name"]'), ('email', '[]'), ('email_verified', '["name", "active"]'), ('phone_number', '["name", {"const": "+1 555 010 0123"}]'),
               ('picture', '["name", "url"]'), ('blocked', '["list", {"path": "active", "as": "not"}]'), ('user_metadata', '["list", "name", "nested"]'), ('app_metadata', '{"const": {"plan": "gold"}}'),
               ('username', '"name"'), ('locale', '"list"'), ('attributes.any name: even this', '"name"')) v (target, source);
SELECT p -> 'user_metadata' AS user_metadata, p -> 'app_metadata' AS app_metadata, p -> 'attributes' AS attributes
  FROM userdir.normalize_profile('oauth2', '{"id": 1, "lang": "en", "plan": "gold", "seats": 3, "settings": {"theme": "dark", "lang": "de"}}', 'x', '{}',
         '{"attribute_map": {"user_metadata": "settings", "user_metadata.lang": "lang", "app_metadata.plan": "plan", "app_metadata.seats": "seats", "raw": "none", "attributes.plan": "plan"}}') p;

-- Paths that are none, and everything else that is no map: the message names it and its place.
SELECT pg_temp.try(format('SELECT userdir.check_attribute_map(%L)', jsonb_build_object('name', path)))
  FROM unnest(ARRAY['a..b', '.a', 'a.', 'a[', 'a[]', 'a[0', 'a[0]b', 'a[x]', 'a[-]', 'a[9999999999]', 'a]', 'a["x]', 'a[k eq ]', 'a[k eq v', 'a[k ne v]', 'a[k eq "v]', 'a[k eq v and ]', 'a[eq v]', '$', '@', '#', '$nothing', '$name', '$picture', '$email.x', 'x[k eq $picture]',
                    'a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q', repeat('x', 1025), U&'\4e03..x']) path;
SELECT pg_temp.try(format('SELECT userdir.check_attribute_map(%L)', map))
  FROM unnest(ARRAY['[]', '"x"', 'null', '{"nmae": "x"}', '{"map": {"nmae": "x"}}', '{"map": []}', '{"attributes.": "x"}', '{"attributes": {"nmae": "x"}}', '{"attributes": "x"}',
                    '{"name": 5}', '{"name": null}', '{"name": {}}', '{"name": [5]}', '{"name": [["x"]]}', '{"name": {"pth": "x"}}', '{"name": {"path": 5}}', '{"name": {"path": "x", "const": 1}}', '{"name": {"join": "x"}}', '{"name": {"join": []}}', '{"name": {"join": [5]}}',
                    '{"name": {"format": 5}}', '{"name": {"format": "{x"}}', '{"name": {"format": "{a..b}"}}', '{"name": {"path": "x", "with": "-"}}', '{"name": {"join": ["x"], "with": 5}}', '{"name": {"path": "x", "eq": 5}}', '{"name": {"path": "x", "if": 5}}', '{"name": {"path": "x", "if": "y", "eq": []}}',
                    '{"name": {"path": "x", "as": "upper"}}', '{"name": {"path": "x", "as": ["lower", "upper"]}}', '{"name": {"path": "x", "as": []}}', '{"name": {"path": "x", "as": 5}}', '{"name": {"path": "x", "as": "after_last"}}', '{"name": {"path": "x", "as": "after_last:"}}', '{"name": {"path": "x", "as": "lower:x"}}',
                    '{"name": ["ok", {"join": ["ok", {"path": "x", "as": "upper"}]}]}', '{"map": {"name": ["ok", "a..b"]}}',
                    '{"root": 5}', '{"root": [5]}', '{"root": "a..b"}', '{"root": "@part"}', '{"root": ["", "#option"]}', '{"root": "$email"}', '{"secret": "x"}', '{"secret": [5]}', '{"raw": "some"}', '{"raw": true}', '{"mapping_mode": "bind"}', '{"prepare": "xml"}', '{"email_verified_default": true}', '{"email_verified_default": "false"}',
                    '{"like": "nobody"}', '{"like": 5}', '{"fallback": "nobody"}', '{"attributes": {"name": "${context.nothing.x}"}}', '{"attributes": {"name": "${context.tokenset.x"}}', '{"attributes": {"name": "${context.tokenset.a..b}"}}',
                    '{"user_metadata.a.b": "x"}', '{"app_metadata.$a": "x"}', '{"app_metadata.user_id": "x"}', '{"identities": "x"}', '{"created_at": "x"}', '{"user_id": {"path": "$email"}}']::jsonb[]) map;
SELECT pg_temp.try(format('SELECT userdir.check_attribute_map(%L)', map))
  FROM (VALUES (jsonb_build_object(repeat('x', 1000000), 'x')), (jsonb_build_object('name', array_fill('x'::text, '{65}'))), (jsonb_build_object('root', array_fill('x'::text, '{33}'))),
               (jsonb_build_object('name', jsonb_build_object('format', repeat('{x}', 65)))), (jsonb_build_object('name', jsonb_build_object('path', 'x', 'as', array_fill('lower'::text, '{17}')))),
               (jsonb_build_object('name', jsonb_build_object('path', 'x', 'as', 'prefix:' || repeat('x', 257)))),
               ((SELECT jsonb_object_agg('attributes.' || i, 'x') FROM generate_series(1, 129) i)),
               (('{"name": ' || repeat('{"join": [', 7) || '"x"' || repeat(']}', 7) || '}')::jsonb),
               (('{"name": ' || repeat('{"join": [', 3000) || '"x"' || repeat(']}', 3000) || '}')::jsonb)) v (map);
SELECT userdir.check_attribute_map(attribute_map) AS valid, count(*) > 120 AS many FROM userdir.default_attribute_maps() GROUP BY 1;

-- A connection's map goes over the default one, attribute by attribute; an empty list switches one off.
SELECT options, p - 'identities' AS profile
  FROM unnest(ARRAY['{}', '{"attribute_map": {"name": "display"}}', '{"attribute_map": {"map": {"name": "display"}}}', '{"attribute_map": {"name": [], "picture": []}}', '{"attribute_map": {"user_id": "node_id"}}', '{"attribute_map": {"raw": "none"}}', '{"attribute_map": {"secret": ["company"]}}',
                    '{"user_id_attribute": "node_id"}', '{"user_id_attribute": ["missing", "node_id"]}', '{"fieldsMap": {"name": "display", "company": ["missing", "company"]}}', '{"attribute_map": null, "fieldsMap": null, "user_id_attribute": null}', '{"unknown_option": 1}']::jsonb[]) options,
       LATERAL userdir.normalize_profile('github', '{"id": 1, "node_id": "N1", "login": "janed", "name": "Jane", "display": "Jane D.", "company": "Acme"}', NULL, '{}', options) p;

-- like takes another map as the base, fallback puts one behind.
SELECT options, p ->> 'user_id' AS user_id, p ->> 'name' AS name, p ->> 'nickname' AS nickname
  FROM unnest(ARRAY['{"attribute_map": {"like": "gitlab"}}', '{"attribute_map": {"like": "gitlab", "name": "title"}}', '{"attribute_map": {"like": "stripe", "fallback": "any-social"}}', '{"attribute_map": {"like": "oidc"}}']::jsonb[]) options,
       LATERAL userdir.normalize_profile('oauth2', '{"id": 1, "sub": "s", "username": "janed", "title": "Title", "display_name": "Jane"}', 'company', '{}', options) p;
SELECT pg_temp.try($$SELECT userdir.normalize_profile('oauth2', '{"uid": 1}', 'x', '{}', '{"attribute_map": {"like": "spotify"}}')$$);

-- root, raw, mapping_mode, prepare, email_verified_default
SELECT options, userdir.normalize_profile('oauth2', '{"iss": "i", "exp": 1, "outer": 1, "user": {"id": 1, "mail": "a@example.com", "iat": 2, "inner": 3}}', 'x', '{}', options) - 'identities' - 'picture' AS profile
  FROM unnest(ARRAY['{"attribute_map": {"root": "user", "raw": "all"}}', '{"attribute_map": {"root": "user", "raw": "claims"}}', '{"attribute_map": {"root": ["missing", "user"], "raw": "none"}}', '{"attribute_map": {"root": "user", "mapping_mode": "use_map"}}', '{"attribute_map": {"root": "user", "mapping_mode": "bind_all"}}', '{"attribute_map": {"root": "user", "mapping_mode": "basic_profile", "email_verified_default": null}}']::jsonb[]) options;
SELECT userdir.normalize_profile('oauth2', '{"all": [{"kind": "org", "id": 1}, {"kind": "person", "id": 2, "main": false}, {"kind": "person", "id": 3, "main": true}]}', 'x', '{}', '{"attribute_map": {"root": "all[kind eq person and main eq true]"}}') ->> 'user_id' AS user_id;
SELECT userdir.normalize_profile('oauth2', '{"nameID": "n", "attributes": [{"name": "mail", "values": ["a@example.com", "b@example.com"]}]}', 'x', '{}', '{"attribute_map": {"prepare": "saml", "root": "", "user_id": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier", "email": "mail[1]"}}') - 'identities' - 'picture' AS profile;

-- The model's own form of a map for OpenID Connect connections
SELECT userdir.normalize_profile('oidc', '{"sub": "s", "first": "Jane", "last": "Doe", "level": 3, "email": "a@example.com"}', 'corp', '{"userinfo": {"department": "R&D"}}',
         '{"attribute_map": {"mapping_mode": "use_map", "userinfo_scope": "openid email", "attributes": {"name": "${context.tokenset.first} ${context.tokenset.last}", "nickname": "${context.tokenset.first}", "department": "${context.userinfo.department}", "attributes.level": "${context.tokenset.level}", "attributes.fixed": "literal", "attributes.braces": "{not a variable}"}}}') - 'identities' - 'picture' AS profile;

-- SAML: fieldsMap with an attribute or an ordered array; names of attributes are plain, dots and all.
SELECT p - 'identities' - 'picture' - 'attributes' AS profile, p -> 'attributes' AS attributes
  FROM userdir.normalize_profile('samlp', '{"nameID": "_t1", "attributes": {"User.Mail": ["a@example.com", "b@example.com"], "User.FirstName": "Jane", "urn:oid:2.5.4.4": "Doe", "Department": ["R&D"], "Groups": ["x", "y"], "uid": "jd"}}', 'acme', '{}',
         '{"fieldsMap": {"email": ["missing", "User.Mail"], "given_name": "User.FirstName", "family_name": ["urn:oid:2.5.4.4"], "department": "Department", "groups": "Groups"}, "user_id_attribute": "uid"}') p;
SELECT pg_temp.try(format('SELECT userdir.normalize_profile(%L, %L, %L, %L, %L)', 'samlp', '{"nameID": "n"}', 'acme', '{}', options))
  FROM unnest(ARRAY['{"fieldsMap": []}', '{"fieldsMap": {"email": 5}}', '{"fieldsMap": {"email": [5]}}', '{"fieldsMap": {"email": ""}}', '{"fieldsMap": {"email": {}}}', '{"fieldsMap": {"email": []}}', '{"user_id_attribute": 5}', '{"user_id_attribute": ""}', '{"user_id_attribute": {}}', '{"attribute_map": []}', '{"attribute_map": "x"}']::jsonb[]
       || jsonb_build_object('fieldsMap', jsonb_build_object('email', array_fill('x'::text, '{65}')))) options;
SELECT p ->> 'user_id' AS user_id, p ->> 'email' AS off FROM userdir.normalize_profile('samlp', '{"nameID": "n", "attributes": {"email": "a@example.com"}}', 'acme', '{}', '{"fieldsMap": {"user_id": "email", "email": []}}') p;

-- The deny list names what the provider sends, claim URIs too; a denied address gives no nickname and no picture.
SELECT denied, userdir.normalize_profile('samlp', '{"nameID": "n", "attributes": {"http://schemas.xmlsoap.org/claims/Group": "g", "http://claims.example.com/salary": "much", "email": "a@example.com", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name": "Jane", "role": "x"}}',
                'acme', '{}', jsonb_build_object('non_persistent_attrs', denied)) - 'identities' AS profile
  FROM unnest(ARRAY['[]', '["http://claims.example.com/salary", "http://schemas.xmlsoap.org/claims/Group", "groups_saml"]', '["email"]', '["name", "nickname", "picture", "email_verified"]', '["role", "user_id", "identities", "attributes"]']::jsonb[]) denied;

-- The map is checked when a connection is stored, and nothing is stored when it is wrong.
SELECT pg_temp.try($$SELECT userdir.create_connection('a', 'oauth2', '{"attribute_map": {"nmae": "x"}}')$$);
SELECT pg_temp.try($$SELECT userdir.create_connection('a', 'samlp', '{"fieldsMap": {"email": [1]}}')$$);
SELECT pg_temp.try($$SELECT userdir.create_connection('a', 'oauth2', '{"non_persistent_attrs": "email"}')$$);
SELECT pg_temp.try($$SELECT userdir.create_connection('a', 'oauth2', '{"set_user_root_attributes": "sometimes"}')$$);
SELECT userdir.create_connection('b', 'oauth2', '{"attribute_map": {"name": "title"}}') ->> 'name' AS created;
SELECT pg_temp.try($$SELECT userdir.update_connection('b', '{"options": {"attribute_map": {"name": {"path": "title", "as": "upper"}}}}')$$);
SELECT name, options FROM userdir.connections;

-- Changed options are in force at once, however many of them one backend has seen.
SELECT userdir.upsert_from_connection('b', '{"id": 1, "title": "Title", "caption": "Caption"}') ->> 'name' AS name;
SELECT userdir.update_connection('b', '{"options": {"attribute_map": {"name": "caption"}}}') IS NOT NULL AS updated;
SELECT userdir.upsert_from_connection('b', '{"id": 1, "title": "Title", "caption": "Caption"}') ->> 'name' AS name;
SELECT count(*) AS wrong
  FROM generate_series(1, 3) round, generate_series(1, 100) i,
       LATERAL userdir.normalize_profile('oauth2', jsonb_build_object('id', 1, 'm' || i, 'name ' || i), 'b', '{}', jsonb_build_object('attribute_map', jsonb_build_object('name', 'm' || i))) p
 WHERE p ->> 'name' IS DISTINCT FROM 'name ' || i;
SELECT name, count(*) <= 32 AS bounded FROM pg_backend_memory_contexts WHERE name = 'userdir connection options' GROUP BY name;
