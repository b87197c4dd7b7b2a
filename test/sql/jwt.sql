-- Tokens: the vectors of the RFCs, what is signed and verified, and what must be refused
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\set jwt_vectors :abs_srcdir '/jwt_vectors.sql'
\i :fresh_directory
\set ECHO none
\i :jwt_vectors
\set ECHO all

SELECT name, userdir.import_signing_key(jwk) ->> 'alg' = alg AS imported FROM vector_keys ORDER BY name;

-- The vectors: their signatures are right, so it is the claims that are refused: over since 2011 (UD042), or no JSON (UD040).
-- With one bit of the signature changed it is the signature (UD041).
SELECT name, pg_temp.code(format('SELECT userdir.verify_jwt(%L)', token)) AS as_it_is,
       pg_temp.code(format('SELECT userdir.verify_jwt(%L)', token || 'A')) AS longer,
       pg_temp.code(format('SELECT userdir.verify_jwt(%L)', regexp_replace(token, '(.)(.)$', CASE WHEN token ~ 'A.$' THEN 'B\2' ELSE 'A\2' END))) AS changed
  FROM vector_tokens WHERE name <> 'RFC 7515 A.1' ORDER BY name;
SELECT pg_temp.code(format('SELECT userdir.verify_jwt_with_secret(%L, ''AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow'', encoding => ''base64'')', token)) AS right_secret,
       pg_temp.code(format('SELECT userdir.verify_jwt_with_secret(%L, ''AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAoA'', encoding => ''base64'')', token)) AS other_secret
  FROM vector_tokens WHERE name = 'RFC 7515 A.1';
SELECT userdir.jwk_thumbprint('{"kty": "RSA", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}') AS rfc_7638;
SELECT userdir.jwk_thumbprint('{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}') AS rfc_8037_a_3;

-- What is signed is verified, whatever the algorithm, and says what was signed. RS256 and EdDSA are deterministic.
SELECT alg, userdir.create_signing_key(alg) ->> 'state' AS state FROM unnest('{RS384,RS512,PS256,PS384,PS512,ES384}'::text[]) alg;
\set claims '{"iss": "https://login.example.com/", "sub": "auth0|1", "aud": ["shop", "https://login.example.com/userinfo"], "iat": 1700000000, "exp": 4102444800, "scope": "openid é", "nested": {"a": [1, 2.50, null, true, {"b": ""}]}}'
SELECT k.alg, userdir.verify_jwt(t, 'shop', 'https://login.example.com/') = :'claims'::jsonb AS same, length(split_part(t, '.', 3)) AS signature,
       convert_from(pg_temp.from_base64url(split_part(t, '.', 1)), 'UTF8')::jsonb - 'kid' AS header, t = userdir.sign_jwt(:'claims', k.alg) AS deterministic
  FROM unnest('{RS256,RS384,RS512,PS256,PS384,PS512,ES256,ES384,ES512,EdDSA}'::text[]) WITH ORDINALITY k (alg, n), userdir.sign_jwt(:'claims', k.alg) t ORDER BY n;
SELECT alg, userdir.verify_jwt_with_secret(userdir.sign_jwt_with_secret(:'claims', repeat('s', 64), alg), repeat('s', 64), alg, 'shop') = :'claims'::jsonb AS same FROM unnest('{HS256,HS384,HS512}'::text[]) alg;
SELECT userdir.sign_jwt_with_secret('{"a": 1}', repeat('s', 32), kid => 'k1', typ => NULL) = pg_temp.hs256('{"alg":"HS256","kid":"k1"}', '{"a":1}') AS as_computed_here;
SELECT userdir.sign_jwt(NULL) AS null_claims, userdir.sign_jwt('{}', NULL) AS null_alg, userdir.verify_jwt(NULL) AS null_token, userdir.verify_jwt_with_secret('x', NULL) AS null_secret, userdir.sign_jwt_with_secret('{}', NULL) AS null_secret;
SELECT userdir.verify_jwt(userdir.sign_jwt('{}')) AS nothing_claimed;
-- A key by its kid; typ.
SELECT userdir.verify_jwt(userdir.sign_jwt('{"a": 1}', NULL, k ->> 'kid', 'at+jwt'), typ => t) FROM jsonb_array_elements(userdir.list_signing_keys()) k, unnest('{AT+JWT,application/at+jwt,*}'::text[]) t WHERE k ->> 'alg' = 'ES384' AND t <> 'application/at+jwt';
SELECT pg_temp.try($$SELECT userdir.verify_jwt(userdir.sign_jwt('{}', typ => 'at+jwt'))$$), pg_temp.try($$SELECT userdir.verify_jwt(userdir.sign_jwt('{}'), typ => 'at+jwt')$$), pg_temp.try($$SELECT userdir.verify_jwt(userdir.sign_jwt('{}', typ => NULL), typ => 'at+jwt')$$);
SELECT userdir.verify_jwt(userdir.sign_jwt('{"a": 1}', typ => NULL)) AS none, userdir.verify_jwt(userdir.sign_jwt('{"a": 1}', typ => 'application/JWT')) AS long_form;

-- What is not signed: claims of wrong types, without a key, with a bad name.
SELECT pg_temp.try(format('SELECT userdir.sign_jwt(%L)', c)) FROM unnest(ARRAY['[]', '1', '"x"', '{"exp": "1"}', '{"exp": -1}', '{"exp": 1e12}', '{"nbf": true}', '{"iat": null}', '{"iss": 1}', '{"sub": {}}', '{"jti": []}', '{"aud": 1}', '{"aud": []}', '{"aud": ["a", 1]}', '{"aud": {"a": 1}}']) c;
SELECT pg_temp.try($$SELECT userdir.sign_jwt(jsonb_build_object('a', repeat('x', 47000)))$$), pg_temp.try($$SELECT userdir.sign_jwt(jsonb_build_object('a', repeat('x', 49000)))$$);
-- Nor what could not be read back: the bounds are those of the reader, and what is within them is verified.
CREATE FUNCTION pg_temp.members(first integer, last integer) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(format('"%s": 1', n), ', ') FROM generate_series(first, last) n $$;
CREATE TEMPORARY TABLE bounds (number serial, name text, claims jsonb);
INSERT INTO bounds (name, claims) VALUES
  ('16 levels', ('{"a": ' || repeat('[', 15) || repeat(']', 15) || '}')::jsonb), ('17 levels', ('{"a": ' || repeat('[', 16) || repeat(']', 16) || '}')::jsonb), ('17 levels of objects', (repeat('{"a": ', 17) || '1' || repeat('}', 17))::jsonb), ('17 levels beside others', ('{"a": [1, {}], "b": ' || repeat('[', 16) || '1' || repeat(']', 16) || ', "c": 1}')::jsonb), ('levels beside each other', (SELECT jsonb_object_agg(n, '[[[]]]'::jsonb) FROM generate_series(1, 50) n)),
  ('1024 members', ('{' || pg_temp.members(1, 1024) || '}')::jsonb), ('1025 members', ('{' || pg_temp.members(1, 1025) || '}')::jsonb), ('1024 that are open', ('{"a": [{' || pg_temp.members(1, 1023) || '}]}')::jsonb), ('1025 that are open', ('{"a": [{' || pg_temp.members(1, 1024) || '}]}')::jsonb), ('closed ones', (SELECT jsonb_build_object('a', jsonb_agg(('{' || pg_temp.members(1, 900) || '}')::jsonb)) FROM generate_series(1, 4))),
  ('100 digits', ('{"a": ' || repeat('9', 100) || '}')::jsonb), ('101 digits', ('{"a": ' || repeat('9', 101) || '}')::jsonb), ('99 digits below zero', ('{"a": -' || repeat('9', 99) || '}')::jsonb), ('100 digits below zero', ('{"a": -' || repeat('9', 100) || '}')::jsonb), ('1e99', '{"a": 1e99}'), ('1e500', '{"a": 1e500}'), ('1e500 inside', '{"a": [{"b": [1, 1e500]}]}'), ('1e-98', '{"a": 1e-98}'), ('1e-500', '{"a": 1e-500}');
CREATE FUNCTION pg_temp.by_key(claims jsonb) RETURNS boolean LANGUAGE sql AS $$ SELECT userdir.verify_jwt(userdir.sign_jwt(claims, 'EdDSA')) = claims $$;
CREATE FUNCTION pg_temp.by_secret(claims jsonb) RETURNS boolean LANGUAGE sql AS $$ SELECT userdir.verify_jwt_with_secret(userdir.sign_jwt_with_secret(claims, repeat('s', 32)), repeat('s', 32)) = claims $$;
SELECT name, pg_temp.try(format('SELECT 1 / pg_temp.by_key(%L)::integer', claims)) AS by_key, pg_temp.code(format('SELECT 1 / pg_temp.by_secret(%L)::integer', claims)) AS by_secret FROM bounds ORDER BY number;
SELECT pg_temp.try($$SELECT userdir.sign_jwt('{}', 'HS256')$$);
SELECT pg_temp.try($$SELECT userdir.sign_jwt('{}', 'none')$$);
SELECT pg_temp.try($$SELECT userdir.sign_jwt('{}', NULL, 'nobody')$$);
SELECT pg_temp.try(format('SELECT userdir.sign_jwt(''{}'', ''RS256'', %L)', k ->> 'kid')) LIKE 'UD048: key "%" is for ES384, not for RS256' AS other_algorithm FROM jsonb_array_elements(userdir.list_signing_keys()) k WHERE k ->> 'alg' = 'ES384';
SELECT pg_temp.try(format('SELECT userdir.sign_jwt(''{}'', typ => %L)', t)) FROM unnest(ARRAY['', 'a b', '"', repeat('x', 65)]) t;
SELECT pg_temp.try($$SELECT userdir.sign_jwt_with_secret('{}', 'short')$$), pg_temp.try($$SELECT userdir.sign_jwt_with_secret('{}', repeat('x', 33), 'HS384')$$), pg_temp.try($$SELECT userdir.sign_jwt_with_secret('{}', repeat('x', 32), 'RS256')$$);
SELECT pg_temp.try($$SELECT userdir.sign_jwt_with_secret('{}', '-----BEGIN PUBLIC KEY-----' || repeat('x', 32))$$), pg_temp.try($$SELECT userdir.sign_jwt_with_secret('{}', repeat('x', 32), encoding => 'hex')$$), pg_temp.try($$SELECT userdir.sign_jwt_with_secret('{}', '!', encoding => 'base64')$$);

-- Times: the moment of exp is over, that of nbf has come; leeway widens both; fractions count.
CREATE FUNCTION pg_temp.timed(claim text, seconds numeric, leeway interval DEFAULT '0') RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.code(format('SELECT userdir.verify_jwt(%L, leeway => %L)', userdir.sign_jwt(jsonb_build_object(claim, extract(epoch FROM clock_timestamp()) + seconds), 'EdDSA'), leeway)) $$;
SELECT pg_temp.timed('exp', 60) AS later, pg_temp.timed('exp', -1) AS over, pg_temp.timed('exp', -10, '1 minute') AS over_in_leeway, pg_temp.timed('exp', -61, '1 minute') AS over_beyond, pg_temp.timed('exp', 0) AS now;
SELECT pg_temp.timed('nbf', 60) AS later, pg_temp.timed('nbf', -1) AS begun, pg_temp.timed('nbf', 50, '1 minute') AS in_leeway, pg_temp.timed('nbf', 90, '1 minute') AS beyond, pg_temp.timed('nbf', 0) AS now;
SELECT pg_temp.timed('iat', 60) AS later, pg_temp.timed('iat', -1) AS before, pg_temp.timed('iat', 50, '1 minute') AS in_leeway, pg_temp.timed('iat', 90, '1 minute') AS beyond;
SELECT pg_temp.code(format('SELECT userdir.verify_jwt(%L, leeway => %L)', userdir.sign_jwt('{}'), l)) FROM unnest('{-1 second,1 day,25 hours,1 month,0.5 seconds}'::interval[]) l;
SELECT pg_temp.code(format('SELECT userdir.verify_jwt(%L)', userdir.sign_jwt(c::jsonb, 'EdDSA'))) FROM unnest(ARRAY['{"exp": 253402300799}', '{"exp": 0}', '{"exp": 4102444800.75}', '{"nbf": 0.5}', '{"exp": 41e8}']) c;

-- Issuer and audience.
SELECT a, pg_temp.code(format('SELECT userdir.verify_jwt(%L, %L)', userdir.sign_jwt(c::jsonb, 'EdDSA'), a)) FROM unnest(ARRAY['{"aud": "shop"}', '{"aud": ["x", "shop"]}', '{"aud": "shopx"}', '{"aud": ["x"]}', '{}']) WITH ORDINALITY c (c, n), unnest('{shop,x,NULL}'::text[]) a ORDER BY n, a;
SELECT pg_temp.code(format('SELECT userdir.verify_jwt(%L, issuer => %L)', userdir.sign_jwt(c::jsonb, 'EdDSA'), 'https://a/')) FROM unnest(ARRAY['{"iss": "https://a/"}', '{"iss": "https://a"}', '{"iss": "HTTPS://A/"}', '{}']) c;

-- Keys of other issuers: for their tokens alone, and where the issuer is named alone.
\set elsewhere '{"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}'
SELECT userdir.import_verification_key('https://joe/', :'elsewhere', kid => 'e1') - '{created_at,public_key}'::text[];
SELECT userdir.import_verification_key('joe', (jwk::jsonb - '{d,p,q,dp,dq,qi}'::text[])::text, kid => 'joe-' || alg) ->> 'kid' AS kid FROM vector_keys ORDER BY alg;
SELECT name, pg_temp.code(format('SELECT userdir.verify_jwt(%L, issuer => ''joe'')', token)) AS joe, pg_temp.code(format('SELECT userdir.verify_jwt(%L, issuer => ''https://joe/'')', token)) AS another FROM vector_tokens WHERE name ~ 'A.[23]' ORDER BY name;
SELECT pg_temp.code(format('SELECT userdir.verify_jwt(%L, issuer => %L)', userdir.sign_jwt('{"iss": "joe"}', 'EdDSA'), i)) FROM unnest('{joe,https://joe/,NULL,https://jane/}'::text[]) i;
SELECT userdir.delete_verification_key('joe', 'joe-ES256') AS deleted, userdir.delete_verification_key('joe', 'joe-ES256') AS again, userdir.delete_verification_key('', (SELECT k ->> 'kid' FROM jsonb_array_elements(userdir.list_signing_keys()) k WHERE k ->> 'alg' = 'RS256' AND k ->> 'current' = 'true')) AS our_own;
SELECT pg_temp.code(format('SELECT userdir.verify_jwt(%L, issuer => ''joe'')', token)) AS without_its_key FROM vector_tokens WHERE name = 'RFC 7515 A.3';

-- Attacks. First headers, judged before any signature: as tokens of HMAC that a right secret has signed, and before our keys.
CREATE TEMPORARY TABLE attacks (number serial, name text, token text, with_secret text, with_keys text);
INSERT INTO attacks (name, token, with_secret, with_keys)
SELECT 'header: ' || h.name, pg_temp.hs256(convert_to(h.header, 'UTF8'), '{"sub":"x"}'), h.with_secret, coalesce(h.with_keys, h.with_secret) FROM (VALUES
  ('none', '{"alg":"none"}', 'UD048', NULL), ('None', '{"alg":"None"}', 'UD048', NULL), ('NONE', '{"alg":"NONE"}', 'UD048', NULL), ('nOnE', '{"alg":"nOnE"}', 'UD048', NULL), ('escaped none', '{"alg":"\u006eone"}', 'UD048', NULL),
  ('no algorithm', '{"typ":"JWT"}', 'UD040', NULL), ('empty object', '{}', 'UD040', NULL), ('null algorithm', '{"alg":null}', 'UD040', NULL), ('algorithm as a number', '{"alg":256}', 'UD040', NULL), ('algorithm as an array', '{"alg":["HS256"]}', 'UD040', NULL), ('algorithm as an object', '{"alg":{"a":"HS256"}}', 'UD040', NULL), ('empty algorithm', '{"alg":""}', 'UD048', 'UD049'),
  ('lower case', '{"alg":"hs256"}', 'UD048', 'UD049'), ('with a blank', '{"alg":"HS256 "}', 'UD048', 'UD049'), ('with a newline', '{"alg":"HS256\n"}', 'UD048', 'UD049'), ('cut', '{"alg":"HS25"}', 'UD048', 'UD049'), ('longer', '{"alg":"HS2560"}', 'UD048', 'UD049'), ('HMAC of another length', '{"alg":"HS512"}', 'UD048', 'UD049'), ('HMAC for a public key', '{"alg":"HS256"}', 'ok', 'UD049'),
  ('RSA for a secret', '{"alg":"RS256"}', 'UD048', 'UD041'), ('EC for a secret', '{"alg":"ES256"}', 'UD048', 'UD041'), ('EdDSA for a secret', '{"alg":"EdDSA"}', 'UD048', 'UD041'), ('PSS for a secret', '{"alg":"PS256"}', 'UD048', 'UD041'), ('secp256k1', '{"alg":"ES256K"}', 'UD048', 'UD049'), ('Ed448', '{"alg":"Ed448"}', 'UD048', 'UD049'), ('RSA of 1.5 encryption', '{"alg":"RSA1_5"}', 'UD048', 'UD049'), ('direct', '{"alg":"dir"}', 'UD048', 'UD049'),
  ('algorithm twice', '{"alg":"HS256","alg":"none"}', 'UD040', NULL), ('algorithm twice, same', '{"alg":"HS256","alg":"HS256"}', 'UD040', NULL), ('algorithm twice, escaped', '{"alg":"HS256","\u0061lg":"none"}', 'UD040', NULL), ('kid twice', '{"alg":"HS256","kid":"a","kid":"b"}', 'UD040', NULL), ('a name twice, deep', '{"alg":"HS256","x":{"a":1,"a":2}}', 'UD040', NULL),
  ('crit', '{"alg":"HS256","crit":["exp"],"exp":1}', 'UD047', NULL), ('crit of a known member', '{"alg":"HS256","crit":["alg"]}', 'UD047', NULL), ('empty crit', '{"alg":"HS256","crit":[]}', 'UD047', NULL), ('crit as a string', '{"alg":"HS256","crit":"b64"}', 'UD047', NULL), ('null crit', '{"alg":"HS256","crit":null}', 'UD047', NULL), ('b64', '{"alg":"HS256","b64":false,"crit":["b64"]}', 'UD047', NULL), ('b64 without crit', '{"alg":"HS256","b64":false}', 'UD047', NULL), ('b64 true', '{"alg":"HS256","b64":true}', 'UD047', NULL), ('escaped crit', '{"alg":"HS256","\u0063rit":["x"]}', 'UD047', NULL),
  ('a key', '{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}}', 'UD049', NULL), ('a null key', '{"alg":"HS256","jwk":null}', 'UD049', NULL), ('the address of keys', '{"alg":"HS256","jku":"https://evil.example/jwks"}', 'UD049', NULL), ('the address of a certificate', '{"alg":"HS256","x5u":"https://evil.example/x"}', 'UD049', NULL), ('certificates', '{"alg":"HS256","x5c":["MIIB"]}', 'UD049', NULL), ('an RSA key of its own', '{"alg":"RS256","jwk":{"kty":"RSA","n":"AQAB","e":"AQAB"}}', 'UD049', NULL),
  ('encrypted', '{"alg":"dir","enc":"A256GCM"}', 'UD040', NULL), ('compressed', '{"alg":"HS256","zip":"DEF"}', 'UD040', NULL),
  ('kid as a number', '{"alg":"HS256","kid":1}', 'UD040', NULL), ('null kid', '{"alg":"HS256","kid":null}', 'UD040', NULL), ('kid as an object', '{"alg":"HS256","kid":{"a":1}}', 'UD040', NULL), ('kid of nobody', '{"alg":"EdDSA","kid":"nobody"}', 'UD048', 'UD049'), ('empty kid', '{"alg":"EdDSA","kid":""}', 'UD048', 'UD049'), ('kid with a quotation mark', '{"alg":"EdDSA","kid":"a'' OR true --"}', 'UD048', 'UD049'), ('kid as a path', '{"alg":"EdDSA","kid":"../../../../dev/null"}', 'UD048', 'UD049'), ('kid of another issuer''s key', '{"alg":"ES256","kid":"e1"}', 'UD048', 'UD049'), ('long kid', '{"alg":"EdDSA","kid":"' || repeat('k', 300) || '"}', 'UD048', 'UD049'),
  ('another typ', '{"alg":"HS256","typ":"at+jwt"}', 'UD046', NULL), ('typ as a number', '{"alg":"HS256","typ":1}', 'UD040', NULL), ('null typ', '{"alg":"HS256","typ":null}', 'UD040', NULL), ('empty typ', '{"alg":"HS256","typ":""}', 'UD046', NULL), ('typ with a NUL', '{"alg":"HS256","typ":"JWT\u0000"}', 'UD040', NULL), ('only the beginning of a long typ', '{"alg":"HS256","typ":"application/"}', 'UD046', NULL), ('typ in lower case', '{"alg":"HS256","typ":"jwt"}', 'ok', 'UD049'), ('typ as long form', '{"alg":"HS256","typ":"application/jwt"}', 'ok', 'UD049'),
  ('an array', '[{"alg":"HS256"}]', 'UD040', NULL), ('a string', '"HS256"', 'UD040', NULL), ('a number', '1', 'UD040', NULL), ('null', 'null', 'UD040', NULL), ('two objects', '{"alg":"HS256"}{}', 'UD040', NULL), ('a comma too much', '{"alg":"HS256",}', 'UD040', NULL), ('single quotes', '{''alg'':''HS256''}', 'UD040', NULL), ('a comment', '{"alg":"HS256"/**/}', 'UD040', NULL), ('not closed', '{"alg":"HS256"', 'UD040', NULL), ('a byte order mark', U&'\feff{"alg":"HS256"}', 'UD040', NULL), ('a blank first', ' {"alg":"HS256"} ', 'ok', 'UD049'),
  ('nested deep', '{"alg":"HS256","x":' || repeat('[', 1000) || repeat(']', 1000) || '}', 'UD040', NULL), ('nested to the bound', '{"alg":"HS256","x":[[[]]]}', 'ok', 'UD049'), ('nested beyond it', '{"alg":"HS256","x":[[[[]]]]}', 'UD040', NULL), ('long', '{"alg":"HS256","x":"' || repeat('x', 3100) || '"}', 'UD040', NULL), ('many members', '{"alg":"HS256"' || (SELECT string_agg(format(',"%s":1', n), '') FROM generate_series(1, 300) n) || '}', 'ok', 'UD049'), ('half a pair', '{"alg":"HS256","x":"\ud800"}', 'UD040', NULL), ('a huge number', '{"alg":"HS256","x":1e999999999}', 'UD040', NULL)
) h (name, header, with_secret, with_keys);
INSERT INTO attacks (name, token, with_secret, with_keys)
SELECT 'header: ' || h.name, pg_temp.hs256(h.header, '{"sub":"x"}'), 'UD040', 'UD040' FROM (VALUES
  ('no UTF-8', '{"alg":"HS256","x":"\377"}'::bytea), ('UTF-8 longer than need be', '{"alg":"HS256","x":"\300\200"}'), ('a surrogate', '{"alg":"HS256","x":"\355\240\200"}'), ('a NUL', '{"alg":"HS256"}\000'), ('UTF-16', '\376\377\000{'), ('a raw newline in a string', '{"alg":"HS256","x":"\012"}')) h (name, header);
-- Then payloads, signed well; for our keys they are just a bad algorithm.
INSERT INTO attacks (name, token, with_secret, with_keys)
SELECT 'payload: ' || p.name, pg_temp.hs256('{"alg":"HS256"}', convert_to(p.payload, 'UTF8')), p.with_secret, 'UD049' FROM (VALUES
  ('empty object', '{}', 'ok'), ('an array', '[]', 'UD040'), ('an array of an object', '[{"sub":"x"}]', 'UD040'), ('a string', '"x"', 'UD040'), ('null', 'null', 'UD040'), ('no JSON', 'x', 'UD040'), ('two objects', '{}{}', 'UD040'), ('a blank', ' ', 'UD040'), ('a byte order mark', U&'\feff{}', 'UD040'), ('NaN', '{"exp":NaN}', 'UD040'),
  ('sub twice', '{"sub":"a","sub":"b"}', 'UD040'), ('exp twice', '{"exp":1,"exp":9999999999}', 'UD040'), ('sub twice, escaped', '{"sub":"a","s\u0075b":"b"}', 'UD040'), ('twice, deep', '{"a":[{"b":{"c":1,"c":2}}]}', 'UD040'), ('other case', '{"sub":"a","SUB":"b"}', 'ok'),
  ('exp as a string', '{"exp":"4102444800"}', 'UD040'), ('exp null', '{"exp":null}', 'UD040'), ('exp true', '{"exp":true}', 'UD040'), ('exp as an array', '{"exp":[4102444800]}', 'UD040'), ('exp as an object', '{"exp":{"a":4102444800}}', 'UD040'), ('exp below zero', '{"exp":-1}', 'UD040'), ('exp huge', '{"exp":1e300}', 'UD040'), ('exp beyond all', '{"exp":1e99999}', 'UD040'), ('exp in milliseconds', '{"exp":4102444800000}', 'UD040'), ('exp long ago', '{"exp":1}', 'UD042'), ('exp zero', '{"exp":0}', 'UD042'), ('exp minus zero', '{"exp":-0}', 'UD042'), ('exp with a fraction', '{"exp":4102444800.5}', 'ok'), ('exp with an exponent', '{"exp":4.1e9}', 'ok'),
  ('nbf as a string', '{"nbf":"1"}', 'UD040'), ('nbf in the future', '{"nbf":4102444800}', 'UD043'), ('iat as a string', '{"iat":"1"}', 'UD040'), ('iat in the future', '{"iat":4102444800}', 'UD043'), ('iat huge', '{"iat":1e20}', 'UD040'),
  ('iss as a number', '{"iss":1}', 'UD040'), ('iss as an array', '{"iss":["a"]}', 'UD040'), ('sub as a number', '{"sub":1}', 'UD040'), ('sub as an object', '{"sub":{"a":1}}', 'UD040'), ('jti as a number', '{"jti":1}', 'UD040'), ('aud as a number', '{"aud":1}', 'UD040'), ('aud as an object', '{"aud":{"shop":1}}', 'UD040'), ('aud as an empty array', '{"aud":[]}', 'UD040'), ('aud with a number', '{"aud":["a",1]}', 'UD040'), ('aud in an array of arrays', '{"aud":[["a"]]}', 'UD040'), ('aud null', '{"aud":null}', 'UD040'),
  ('a NUL', '{"sub":"a\u0000b"}', 'UD040'), ('half a pair', '{"sub":"\ud83d"}', 'UD040'), ('the other half', '{"sub":"\ude00"}', 'UD040'), ('a whole pair', '{"sub":"\ud83d\ude00"}', 'ok'), ('nested to the bound', '{"a":' || repeat('[', 15) || repeat(']', 15) || '}', 'ok'), ('nested beyond it', '{"a":' || repeat('[', 16) || repeat(']', 16) || '}', 'UD040'), ('nested deep', '{"a":' || repeat('[', 20000) || repeat(']', 20000) || '}', 'UD040'), ('many members', '{' || (SELECT string_agg(format('"%s":1', n), ',') FROM generate_series(1, 1024) n) || '}', 'ok'), ('too many members', '{' || (SELECT string_agg(format('"%s":1', n), ',') FROM generate_series(1, 1025) n) || '}', 'UD040'), ('a long number', '{"a":' || repeat('9', 101) || '}', 'UD040'), ('a number of 100 digits', '{"a":' || repeat('9', 100) || '}', 'ok'), ('long', '{"a":"' || repeat('x', 48000) || '"}', 'ok'), ('too long', '{"a":"' || repeat('x', 49200) || '"}', 'UD040')
) p (name, payload, with_secret);
UPDATE attacks SET with_keys = 'UD040' WHERE name = 'payload: too long';
INSERT INTO attacks (name, token, with_secret, with_keys)
SELECT 'payload: ' || p.name, pg_temp.hs256('{"alg":"HS256"}', p.payload), 'UD040', 'UD049' FROM (VALUES
  ('no UTF-8', '{"a":"\377"}'::bytea), ('UTF-8 longer than need be', '{"a":"\300\257"}'), ('a surrogate', '{"a":"\355\240\200"}'), ('a NUL', '{}\000'), ('compressed', '\037\213\010')) p (name, payload);
-- Then the form: dots, padding, foreign characters, bits that no byte takes.
INSERT INTO attacks (name, token, with_secret, with_keys)
SELECT 'form: ' || f.name, f.token, 'UD040', 'UD040' FROM (SELECT pg_temp.hs256('{"alg":"HS256"}', '{"sub":"x"}') AS t) s,
  LATERAL (VALUES ('empty', ''), ('a dot', '.'), ('two dots', '..'), ('two parts', split_part(t, '.', 1) || '.' || split_part(t, '.', 2)), ('no signature', split_part(t, '.', 1) || '.' || split_part(t, '.', 2) || '.'), ('no payload', split_part(t, '.', 1) || '..' || split_part(t, '.', 3)), ('no header', '.' || split_part(t, '.', 2) || '.' || split_part(t, '.', 3)), ('four parts', t || '.'), ('five parts', t || '.a.b'), ('a blank in front', ' ' || t), ('a blank behind', t || ' '), ('a newline behind', t || E'\n'), ('Bearer', 'Bearer ' || t), ('in quotation marks', '"' || t || '"'), ('JSON form', '{"payload":"e30","signatures":[]}'), ('padding', t || '='), ('a plus', translate(t, 'J', '+')), ('a slash', translate(t, 'e', '/')), ('percent', replace(t, '.', '%2E')), ('not ASCII', replace(t, 'e', 'é')), ('the last bits', regexp_replace(t, '.$', chr(ascii(right(t, 1)) + 1))), ('two characters', t || 'AA'), ('long signature', t || repeat('A', 2000)), ('too long', t || repeat('A', 70000)), ('long header', repeat('A', 5000) || substr(t, strpos(t, '.')))) f (name, token);
-- And signatures of real tokens: every character changed, cut, lengthened, taken from another.
CREATE TEMPORARY TABLE real AS SELECT a.alg, userdir.sign_jwt('{"sub":"x"}', a.alg) AS token, userdir.sign_jwt('{"sub":"y"}', a.alg) AS other FROM unnest('{RS256,PS256,ES256,ES384,ES512,EdDSA}'::text[]) a (alg);
INSERT INTO attacks (name, token, with_secret, with_keys)
SELECT format('signature: %s, %s', r.alg, s.name), split_part(token, '.', 1) || '.' || split_part(token, '.', 2) || '.' || s.signature, 'UD048', s.code FROM real r,
  LATERAL (VALUES ('another''s', split_part(other, '.', 3), 'UD041'), ('all zeros', repeat('A', length(split_part(token, '.', 3))), 'UD041'), ('all ones', repeat('_', length(split_part(token, '.', 3)) / 4 * 4), 'UD041'), ('short', left(split_part(token, '.', 3), 40), 'UD041'), ('four characters', 'AAAA', 'UD041'), ('longer', left(split_part(token, '.', 3), length(split_part(token, '.', 3)) / 4 * 4) || 'AAAA', 'UD041'), ('zeros in front', 'AAAA' || split_part(token, '.', 3), 'UD041'), ('as a DER', 'MEUCIQDNzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzAIgDMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMw', 'UD041')) s (name, signature, code);
INSERT INTO attacks (name, token, with_secret, with_keys)
SELECT format('signature: %s, character %s', r.alg, n), split_part(token, '.', 1) || '.' || split_part(token, '.', 2) || '.' || overlay(split_part(token, '.', 3) PLACING CASE substr(split_part(token, '.', 3), n, 1) WHEN 'Q' THEN 'g' ELSE 'Q' END FROM n FOR 1), 'UD048', 'UD041'
  FROM real r, generate_series(1, length(split_part(token, '.', 3)) - 1, 9) n;
INSERT INTO attacks (name, token, with_secret, with_keys)
SELECT format('content: %s, %s', r.alg, c.name), c.token, c.with_secret, c.code FROM real r,
  LATERAL (VALUES ('another payload', split_part(token, '.', 1) || '.' || pg_temp.base64url('{"sub":"admin"}') || '.' || split_part(token, '.', 3), 'UD048', 'UD041'), ('another header, same meaning', pg_temp.base64url(convert_to(' ' || convert_from(pg_temp.from_base64url(split_part(token, '.', 1)), 'UTF8'), 'UTF8')) || '.' || split_part(token, '.', 2) || '.' || split_part(token, '.', 3), 'UD048', 'UD041'),
    ('none with its kid', pg_temp.base64url(convert_to(replace(convert_from(pg_temp.from_base64url(split_part(token, '.', 1)), 'UTF8'), alg, 'none'), 'UTF8')) || '.' || split_part(token, '.', 2) || '.' || split_part(token, '.', 3), 'UD048', 'UD048'),
    ('HMAC with its kid, by the public key', pg_temp.hs256(convert_to(replace(convert_from(pg_temp.from_base64url(split_part(token, '.', 1)), 'UTF8'), alg, 'HS256'), 'UTF8'), '{"sub":"admin"}', sha256(convert_to(alg, 'UTF8'))), 'UD041', 'UD048'),
    ('RS512 with its kid', pg_temp.base64url(convert_to(replace(convert_from(pg_temp.from_base64url(split_part(token, '.', 1)), 'UTF8'), alg, 'RS512'), 'UTF8')) || '.' || split_part(token, '.', 2) || '.' || split_part(token, '.', 3), 'UD048', 'UD048'),
    ('a kid of another algorithm', (SELECT split_part(o.token, '.', 1) FROM real o WHERE o.alg = CASE r.alg WHEN 'ES384' THEN 'EdDSA' ELSE 'ES384' END) || '.' || split_part(token, '.', 2) || '.' || split_part(token, '.', 3), 'UD048', 'UD041')) c (name, token, with_secret, code);

CREATE TEMPORARY TABLE judged AS SELECT a.*, pg_temp.code(format('SELECT userdir.verify_jwt_with_secret(%L, repeat(''s'', 32))', token)) AS got_with_secret, pg_temp.code(format('SELECT userdir.verify_jwt(%L)', token)) AS got_with_keys FROM attacks a;
SELECT count(*) >= 150 AS enough, count(*) FILTER (WHERE got_with_keys = 'ok') AS let_in_by_keys FROM judged;
SELECT name, with_secret, got_with_secret, with_keys, got_with_keys FROM judged WHERE (with_secret, with_keys) IS DISTINCT FROM (got_with_secret, got_with_keys) ORDER BY number;
SELECT name FROM judged WHERE got_with_secret = 'ok' ORDER BY number;

-- What is said, and that it repeats nothing of the token but the beginning of a typ.
SELECT DISTINCT ON (message) got_with_keys, message FROM (SELECT number, got_with_keys, pg_temp.try(format('SELECT userdir.verify_jwt(%L)', token)) AS message FROM judged) m ORDER BY message;
SELECT DISTINCT ON (message) got_with_secret, message FROM (SELECT number, got_with_secret, pg_temp.try(format('SELECT userdir.verify_jwt_with_secret(%L, repeat(''s'', 32))', token)) AS message FROM judged WHERE name LIKE 'payload: %') m ORDER BY message;
-- All real ones still pass.
SELECT alg, userdir.verify_jwt(token) AS claims FROM real;

-- A typ is shown as a stranger's word is.
SELECT pg_temp.try(format('SELECT userdir.verify_jwt_with_secret(%L, repeat(''s'', 32), typ => %L)', pg_temp.hs256(convert_to(h.header, 'UTF8'), '{}'), w.typ))
  FROM unnest(ARRAY['{"alg":"HS256"}', '{"alg":"HS256","typ":"application/AT+JWT"}', '{"alg":"HS256","typ":"a\"b\\c\nd\u001b[31m é"}', '{"alg":"HS256","typ":"' || repeat('x', 64) || '"}', '{"alg":"HS256","typ":"' || repeat('x', 65) || '"}', '{"alg":"HS256","typ":""}']) WITH ORDINALITY h (header, n), unnest(ARRAY[NULL, 'logout+jwt', 'a"b']) w (typ) WHERE w.typ IS NOT NULL OR h.n > 1 ORDER BY h.n, w.typ;
-- A token that is not signed at all, but one of the directory's own kind, is called by its name, whole or cut; of others that is not said.
SELECT n, pg_temp.try(format('SELECT userdir.verify_jwt(%L)', t)) AS by_key, pg_temp.code(format('SELECT userdir.verify_jwt_with_secret(%L, repeat(''s'', 32))', t)) AS by_secret
  FROM (VALUES (1, userdir._make_token('at_', 'auth0|1', '0123456789abcdef', 'x')), (2, userdir._make_token('rt_', 'auth0|1', '0123456789abcdef', 'x')), (3, left(userdir._make_token('at_', 'auth0|1', '0123456789abcdef', 'x'), 20)), (4, 'rt_'), (5, 'AT_x.x.x'), (6, 'at.x.x')) v (n, t) ORDER BY n;

-- Nobody may sign or verify without being let.
CREATE ROLE regress_token_nobody;
SET ROLE regress_token_nobody;
SELECT pg_temp.try($$SELECT userdir.sign_jwt('{}')$$), pg_temp.try($$SELECT userdir.verify_jwt('x')$$);
RESET ROLE;
DROP ROLE regress_token_nobody;
-- Without a directory: an error that says so.
DO $$ BEGIN PERFORM userdir.uninstall('test'); END $$;
SELECT pg_temp.try($$SELECT userdir.sign_jwt('{}')$$), pg_temp.try($$SELECT userdir.verify_jwt('eyJhbGciOiJFZERTQSJ9.e30.AAAA')$$);
SELECT userdir.verify_jwt_with_secret(userdir.sign_jwt_with_secret('{"a": 1}', repeat('s', 32)), repeat('s', 32)) AS with_a_secret;
