-- Password policies: the options of a connection, the report on a password, the reason of a refusal
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
-- A report as one line: each rule with + or -, the classes of characters in brackets.
CREATE FUNCTION pg_temp.rules(report jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT CASE WHEN (report -> 'verified')::boolean THEN 'good:' ELSE 'refused:' END
         || coalesce(string_agg(' ' || CASE WHEN (r -> 'verified')::boolean THEN '+' ELSE '-' END || (r ->> 'code')
                                || coalesce('(' || (SELECT string_agg(f, ',') FROM jsonb_array_elements_text(r -> 'format') f) || ')', '')
                                || coalesce('[' || (SELECT string_agg(CASE WHEN (i -> 'verified')::boolean THEN '+' ELSE '-' END || (i ->> 'code'), ' ' ORDER BY p)
                                                      FROM jsonb_array_elements(r -> 'items') WITH ORDINALITY x (i, p)) || ']', ''), '' ORDER BY n), '')
    FROM jsonb_array_elements(report -> 'rules') WITH ORDINALITY y (r, n) $$;
CREATE FUNCTION pg_temp.judge(options jsonb, password text, profile jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.rules(userdir._judge_password(options, profile, '{}', password, NULL, NULL)) $$;

-- The five levels, at their borders.
SELECT level, password, pg_temp.judge(jsonb_build_object('passwordPolicy', level), password) AS verdict
  FROM (VALUES (1, 'none', ''), (2, 'none', 'x'), (3, 'low', '12345'), (4, 'low', '123456'),
               (5, 'fair', 'abcdefgh'), (6, 'fair', 'Abcdef1'), (7, 'fair', 'Abcdefg1'),
               (8, 'good', 'abcdefg1'), (9, 'good', 'abcdef1!'), (10, 'good', 'abc 123'),
               (11, 'excellent', 'Abcdefgh1'), (12, 'excellent', 'Abcdefghi1'), (13, 'excellent', 'Abccc12345'), (14, 'excellent', 'ABCDEFGHIJ')) c (n, level, password)
 ORDER BY n;
-- No policy is "none"; null is as good as nothing.
SELECT pg_temp.judge('{}', 'x'), pg_temp.judge('{"passwordPolicy": null, "password_options": null, "password_history": null}', 'x');

-- The whole report.
SELECT jsonb_pretty(userdir._judge_password('{"passwordPolicy": "excellent"}', NULL, NULL, 'aaab', NULL, NULL));
SELECT userdir._judge_password('{"password_options": {"complexity": {"min_length": 12, "identical_characters": "block", "sequential_characters": "block", "max_length_exceeded": "error"}}}', NULL, NULL, 'abc', NULL, NULL);

-- Characters are code points of the normalized password, bytes those of UTF-8.
SELECT what, pg_temp.judge(options::jsonb, password) AS verdict
  FROM (VALUES (1, 'six characters of four bytes', '{"passwordPolicy": "low"}', repeat(U&'\+01F600', 6)),
               (2, 'five of them', '{"passwordPolicy": "low"}', repeat(U&'\+01F600', 5)),
               (3, 'two code points that normalize to one', '{"password_complexity_options": {"min_length": 2}}', U&'a\0308'),
               (4, 'one that normalizes to three', '{"password_complexity_options": {"min_length": 3}}', U&'\FB03'),
               (5, 'full-width letters and digits are those of ASCII', '{"passwordPolicy": "fair"}', U&'\FF21\FF42\FF43\FF11defg'),
               (6, 'letters of other scripts are of no class', '{"passwordPolicy": "fair"}', 'Ääöüßéñç'),
               (7, 'three of one sign in a row', '{"passwordPolicy": "excellent"}', U&'Abcdefg1' || repeat(U&'\+01F600', 3)),
               (8, '72 bytes', '{"password_options": {"complexity": {"max_length_exceeded": "error"}}}', repeat('ä', 36)),
               (9, '73 bytes', '{"password_options": {"complexity": {"max_length_exceeded": "error"}}}', repeat('ä', 36) || 'x'),
               (10, 'a long one that nothing truncates', '{"password_options": {"complexity": {"max_length_exceeded": "truncate"}}}', repeat('ab', 2000))) c (n, what, options, password)
 ORDER BY n;
SELECT pg_temp.try($$SELECT userdir._judge_password('{}', NULL, NULL, repeat('x', 5000), NULL, NULL)$$);

-- min_length goes before the level's own, in both directions.
SELECT pg_temp.judge('{"passwordPolicy": "excellent", "password_complexity_options": {"min_length": 4}}', 'Ab1!') AS shorter,
       pg_temp.judge('{"passwordPolicy": "none", "password_complexity_options": {"min_length": 12}}', 'elevenchars') AS longer,
       pg_temp.judge('{"passwordPolicy": "low", "password_complexity_options": {}}', 'seven77') AS absent;

-- The flexible form, which replaces the levels.
SELECT n, pg_temp.judge(jsonb_build_object('passwordPolicy', 'excellent', 'password_options', options::jsonb), password) AS verdict
  FROM (VALUES (1, '{}', 'x'), (2, '{}', ''), (3, '{"complexity": {"min_length": 9}}', 'eightchr'),
               (4, '{"complexity": {"character_types": ["special", "lowercase"]}}', 'abc1'),
               (5, '{"complexity": {"character_types": ["uppercase", "lowercase", "number", "special"]}}', 'Abc1!'),
               (6, '{"complexity": {"character_types": ["uppercase", "lowercase", "number", "special"], "character_type_rule": "three_of_four"}}', 'Abc1'),
               (7, '{"complexity": {"character_types": []}}', 'x'),
               (8, '{"complexity": {"identical_characters": "block"}}', 'aabbccc'),
               (9, '{"complexity": {"identical_characters": "allow", "sequential_characters": "block"}}', 'aaaxyz'),
               (10, '{"complexity": {"sequential_characters": "block"}}', 'ab21ef'),
               (11, '{"dictionary": {"active": true}}', 'QWERTY'),
               (12, '{"dictionary": {"active": false, "custom": ["qwerty"]}}', 'qwerty')) c (n, options, password)
 ORDER BY n;

-- The dictionary: whole passwords, in whatever case, and words of the connection's own.
SELECT password, pg_temp.judge('{"password_dictionary": {"enable": true, "dictionary": ["Sesame Street", "Straße", "ΣΊΣΥΦΟΣ", "ﬁnance"]}}', password) AS verdict
  FROM (VALUES (1, '123456'), (2, 'password'), (3, 'PassWord'), (4, 'password!'), (5, 'mypassword99'), (6, 'sesame street'), (7, 'SESAME STREET'),
               (8, 'sesame'), (9, 'STRAßE'), (10, 'σίσυφος'), (11, 'FINANCE'), (12, 'kmkdjfkjd')) c (n, password) ORDER BY n;
-- The ten thousand and all of them.
SELECT password, pg_temp.judge('{"password_options": {"dictionary": {"active": true, "default": "en_10k"}}}', password) AS en_10k,
       pg_temp.judge('{"password_options": {"dictionary": {"active": true, "default": "en_100k"}}}', password) AS en_100k
  FROM (VALUES ('michael'), ('1qaz2wsx3edc4rfv'), ('hd764nw5d7e1vb1'), ('xq7!vhzk')) c (password);
-- Every word of the list is found, and none that is only like one.
\set file :abs_srcdir '/../src/crypto/data/common_passwords.txt'
\set list `cat :'file'`
CREATE TEMP TABLE parts AS SELECT part, words FROM regexp_split_to_table(:'list', '\n\n') WITH ORDINALITY l (words, part) WHERE part > 1;
CREATE TEMP TABLE common AS SELECT part - 1 AS part, word FROM parts, regexp_split_to_table(words, '\s+') word WHERE word <> '';
SELECT part, count(*) AS words,
       count(*) FILTER (WHERE userdir._judge_password('{"password_options": {"dictionary": {"active": true}}}', NULL, NULL, upper(word), NULL, NULL) @> '{"verified": false}') AS in_first,
       count(*) FILTER (WHERE userdir._judge_password('{"password_options": {"dictionary": {"active": true, "default": "en_100k"}}}', NULL, NULL, word, NULL, NULL) @> '{"verified": false}') AS in_all,
       count(*) FILTER (WHERE userdir._judge_password('{"password_options": {"dictionary": {"active": true, "default": "en_100k"}}}', NULL, NULL, word || '~', NULL, NULL) @> '{"verified": false}') AS longer
  FROM common GROUP BY part ORDER BY part;

-- Personal data: contained anywhere, in whatever case; of an address the part before the "@".
CREATE FUNCTION pg_temp.personal(password text, profile jsonb, options jsonb DEFAULT '{"password_no_personal_info": {"enable": true}}') RETURNS text
  LANGUAGE sql AS $$ SELECT pg_temp.judge(options, password, profile) $$;
SELECT n, pg_temp.personal(password, profile::jsonb) AS verdict
  FROM (VALUES (1, 'xxJANExx', '{"name": "Jane"}'), (2, 'xxjanexx', '{"given_name": "Jane"}'), (3, 'jane.doe99', '{"email": "jane.doe@example.com"}'),
               (4, 'janedoe', '{"email": "jane.doe@example.com"}'), (5, 'example.com!', '{"email": "jane.doe@example.com"}'),
               (6, 'my jd99', '{"username": "jd99"}'), (7, 'nick-1', '{"nickname": "Nick"}'),
               (8, 'mümmel1', '{"user_metadata": {"first": "MÜMMEL"}}'), (9, '1last', '{"user_metadata": {"last": "Last"}}'), (10, 'aname', '{"user_metadata": {"name": "name"}}'),
               (11, 'other', '{"user_metadata": {"other": "other"}, "app_metadata": {"name": "other"}}'),
               (12, 'ng and more', '{"name": "Ng"}'), (13, 'anything', '{"name": "", "nickname": null, "username": {"a": "anything"}}'),
               (14, 'Jane Doe', '{"name": "Jane Doe"}'), (15, 'Doe Jane', '{"name": "Jane Doe"}'), (16, 'anything', NULL)) c (n, password, profile)
 ORDER BY n;
-- Other fields, by their paths.
SELECT n, pg_temp.personal(password, '{"name": "Jane", "phone_number": "+15551234", "user_metadata": {"pet": {"name": "Rex!"}, "born": 1985, "teams": ["Eagles", ["Owls"], 7777]}}',
                           '{"password_options": {"profile_data": {"active": true, "blocked_fields": ["phone_number", "user_metadata.pet.name", "user_metadata.born", "user_metadata.teams", "no.such.field", "user_metadata.pet"]}}}') AS verdict
  FROM (VALUES (1, 'jane-1'), (2, 'x+15551234x'), (3, 'my rex!'), (4, 'in 1985'), (5, 'eagles!'), (6, 'owls!'), (7, '77777'), (8, 'pet.name')) c (n, password) ORDER BY n;
SELECT pg_temp.personal('jane-1', '{"name": "Jane"}', '{"password_options": {"profile_data": {"active": true}}}') AS default_fields,
       pg_temp.personal('jane-1', '{"name": "Jane"}', '{"password_options": {"profile_data": {"active": true, "blocked_fields": []}}}') AS no_fields;
-- What looks like a pattern is none.
SELECT pg_temp.personal('abc%def', '{"name": "a%f"}'), pg_temp.personal('abcdef', '{"name": "a.*f"}'), pg_temp.personal('x\\\\y"', '{"name": "\\\\\\\\y\""}');

-- nist: length, the whole list, words of the place, no rules of composition.
CREATE FUNCTION pg_temp.nist(password text, options jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.rules(userdir._judge_password('{"passwordPolicy": "nist"}' || options, '{"email": "jane.miller@acme-shop.example", "name": "Jane Miller"}',
                                               '{customers,"The Shop",NULL}', password, NULL, NULL)) $$;
SELECT password, pg_temp.nist(password) AS verdict
  FROM (VALUES (1, 'fourteen chars'), (2, 'fifteen chars 1'), (3, 'aaaaaaaaaaaaaaa'), (4, 'passwordpassword'), (5, '1qaz2wsx3edc4rfv'),
               (6, 'janemilleracmeshop'), (7, 'J4n3.M1ll3r.2024!'), (8, 'customers-2024-shop'), (9, 'jane and the owls'), (10, '2024-2024-2024-2024'), (11, 'jane jane jane jane')) c (n, password) ORDER BY n;
SELECT pg_temp.nist('eight ch', '{"password_nist_options": {"second_factor": true}}') AS second_factor,
       pg_temp.nist('eight c', '{"password_nist_options": {"second_factor": true}}') AS too_short,
       pg_temp.nist('fifteen chars 1', '{"password_complexity_options": {"min_length": 20}}') AS longer,
       pg_temp.nist('our own word here', '{"password_dictionary": {"enable": true, "dictionary": ["Our own word here"]}}') AS own_word,
       pg_temp.nist(repeat('long ', 800)) AS long;

-- History and breaches are reported where they are known.
SELECT pg_temp.rules(userdir._judge_password('{"password_history": {"enable": true, "size": 3}}', NULL, NULL, 'x', true, true)) AS both,
       pg_temp.rules(userdir._judge_password('{"password_history": {"enable": true}}', NULL, NULL, 'x', false, false)) AS neither,
       pg_temp.rules(userdir._judge_password('{"password_history": {"enable": true}}', NULL, NULL, 'x', NULL, NULL)) AS unknown,
       pg_temp.rules(userdir._judge_password('{"password_history": {"enable": false}}', NULL, NULL, 'x', true, NULL)) AS not_kept;
-- Nothing holds of an empty password, or of none.
SELECT pg_temp.rules(userdir._judge_password('{"passwordPolicy": "nist", "password_no_personal_info": {"enable": true}, "password_history": {"enable": true}}', '{}', '{}', '', false, false)) AS empty,
       pg_temp.rules(userdir._judge_password('{"passwordPolicy": "nist", "password_no_personal_info": {"enable": true}, "password_history": {"enable": true}}', '{}', '{}', NULL, false, false)) AS none;
SELECT pg_temp.try($$SELECT userdir._judge_password(NULL, NULL, NULL, 'x', NULL, NULL)$$);

-- Options are judged when the connection is stored.
CREATE FUNCTION pg_temp.options(options text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.try(format('SELECT userdir._check_password_options(%L, %L)', 'auth0', options)) $$;
SELECT options, pg_temp.options(options) AS verdict
  FROM (VALUES (1, '{"passwordPolicy": "best"}'), (2, '{"passwordPolicy": 1}'), (3, '{"passwordPolicy": "Good"}'), (4, '{"passwordPolicy": ""}'),
               (10, '{"password_complexity_options": {"min_length": 0}}'), (11, '{"password_complexity_options": {"min_length": 129}}'),
               (12, '{"password_complexity_options": {"min_length": 8.5}}'), (13, '{"password_complexity_options": {"min_length": "8"}}'),
               (14, '{"password_complexity_options": {"min_length": 1e30}}'), (15, '{"password_complexity_options": {"minLength": 8}}'),
               (16, '{"password_complexity_options": 8}'), (17, '{"password_complexity_options": [8]}'), (18, '{"password_complexity_options": {"min_length": 128}}'),
               (19, '{"password_complexity_options": {"min_length": 8.0}}'), (20, '{"password_complexity_options": {"min_length": -1}}'),
               (30, '{"password_history": {"enable": "yes"}}'), (31, '{"password_history": {"enable": true, "size": 25}}'), (32, '{"password_history": {"enable": true, "size": 24}}'),
               (33, '{"password_history": {"enable": true, "size": 0}}'), (34, '{"password_history": [{"enable": true}]}'),
               (40, '{"password_dictionary": {"enable": true, "dictionary": "word"}}'), (41, '{"password_dictionary": {"enable": true, "dictionary": ["a", 1]}}'),
               (42, '{"password_dictionary": {"enable": true, "dictionary": ["", "a"]}}'), (43, '{"password_dictionary": {"enabled": true}}'),
               (50, '{"password_no_personal_info": {"enable": 1}}'), (51, '{"password_no_personal_info": true}'),
               (60, '{"passwordPolicy": "nist", "password_complexity_options": {"min_length": 14}}'), (61, '{"passwordPolicy": "nist", "password_nist_options": {"second_factor": true}, "password_complexity_options": {"min_length": 8}}'),
               (62, '{"passwordPolicy": "good", "password_nist_options": {"second_factor": true}}'), (63, '{"passwordPolicy": "nist", "password_options": {}}'),
               (64, '{"passwordPolicy": "nist", "password_nist_options": {"second_factor": "yes"}}'),
               (70, '{"password_options": []}'), (71, '{"password_options": {"complexty": {}}}'), (72, '{"password_options": {"complexity": {"min_length": 73}}}'),
               (73, '{"password_options": {"complexity": {"min_length": 72}}}'), (74, '{"password_options": {"complexity": {"character_types": ["upper"]}}}'),
               (75, '{"password_options": {"complexity": {"character_types": "number"}}}'), (76, '{"password_options": {"complexity": {"character_type_rule": "three_of_four"}}}'),
               (77, '{"password_options": {"complexity": {"character_type_rule": "three_of_four", "character_types": ["lowercase", "uppercase", "number", "number"]}}}'),
               (78, '{"password_options": {"complexity": {"character_type_rule": "two", "character_types": []}}}'), (79, '{"password_options": {"complexity": {"identical_characters": true}}}'),
               (80, '{"password_options": {"complexity": {"sequential_characters": "deny"}}}'), (81, '{"password_options": {"complexity": {"max_length_exceeded": "cut"}}}'),
               (82, '{"password_options": {"complexity": {"character_types": ["lowercase", "lowercase", "lowercase", "lowercase", "lowercase"]}}}'),
               (90, '{"password_options": {"dictionary": {"active": true, "default": "en_1k"}}}'), (91, '{"password_options": {"dictionary": {"enable": true}}}'),
               (92, '{"password_options": {"history": {"active": true, "size": 0}}}'), (93, '{"password_options": {"history": {"active": true, "size": 25}}}'),
               (94, '{"password_options": {"profile_data": {"active": true, "blocked_fields": ["a","b","c","d","e","f","g","h","i","j","k","l","m"]}}}'),
               (95, '{"password_options": {"profile_data": {"active": true, "blocked_fields": "name"}}}'), (96, '{"password_options": {"profile_data": {"active": null}}}'),
               (97, '{"passwordPolicy": "bad", "password_options": {}}')) c (n, options)
 ORDER BY n;
SELECT pg_temp.options(jsonb_build_object('password_dictionary', jsonb_build_object('enable', true, 'dictionary', (SELECT jsonb_agg('w' || i) FROM generate_series(1, 200) i)))::text) AS words_200,
       pg_temp.options(jsonb_build_object('password_dictionary', jsonb_build_object('enable', true, 'dictionary', (SELECT jsonb_agg('w' || i) FROM generate_series(1, 201) i)))::text) AS words_201,
       pg_temp.options(jsonb_build_object('password_dictionary', jsonb_build_object('dictionary', jsonb_build_array(repeat('ä', 50))))::text) AS length_50,
       pg_temp.options(jsonb_build_object('password_dictionary', jsonb_build_object('dictionary', jsonb_build_array(repeat('ä', 51))))::text) AS length_51;
SELECT pg_temp.try($$SELECT userdir.create_connection('c', 'auth0', '{"passwordPolicy": "fiar"}')$$);
SELECT pg_temp.try($$SELECT userdir.create_connection('c', 'github', '{"password_options": {}}')$$);
SELECT pg_temp.try($$SELECT userdir.create_connection('c', 'custom', '{"password_options": {}}')$$);
SELECT userdir.create_connection('customers', 'auth0', '{"passwordPolicy": "good"}') ->> 'name' AS name;
SELECT pg_temp.try($$SELECT userdir.update_connection('customers', '{"options": {"password_history": {"size": -1}}}')$$);
SELECT userdir.get_connection('customers') -> 'options' AS options;

-- check_password_policy: the options of a connection, for somebody new and for a user.
SELECT pg_temp.rules(userdir.check_password_policy('customers', NULL, 'abc')) AS verdict;
SELECT pg_temp.rules(userdir.check_password_policy('customers', '{"email": "ann@example.com"}', NULL)) AS verdict;
SELECT userdir.check_password_policy('customers', '{}', 'Abcdefg1') = userdir.check_password_policy(userdir.get_connection('customers') ->> 'id', '{}', 'Abcdefg1') AS by_id;
SELECT pg_temp.try($$SELECT userdir.check_password_policy('nobody', '{}', 'x')$$);
SELECT pg_temp.try($$SELECT userdir.check_password_policy('customers', '[]', 'x')$$);
SELECT userdir.create_connection('github', 'github') ->> 'name' AS name;
SELECT pg_temp.try($$SELECT userdir.check_password_policy('github', '{}', 'x')$$);

-- What is stored of the user counts, and what is given, too.
SELECT userdir.update_connection('customers', '{"options": {"password_no_personal_info": {"enable": true}, "password_history": {"enable": true, "size": 2}}}') ->> 'name' AS name;
SELECT userdir.create_user('customers', '{"user_id": "1", "email": "ann@example.com", "nickname": "Annie", "user_metadata": {"first": "Annette"}}') ->> 'user_id' AS user_id;
SELECT n, pg_temp.rules(userdir.check_password_policy('customers', profile::jsonb, password)) AS verdict
  FROM (VALUES (1, '{"user_id": "auth0|1"}', 'annie-1'), (2, '{"user_id": "auth0|1", "nickname": "Bob"}', 'annie-1'), (3, '{"user_id": "auth0|1", "nickname": "Bobby"}', 'bobby-1'),
               (4, '{"user_id": "auth0|1", "user_metadata": {"last": "Owl"}}', 'annette-1'), (5, '{"user_id": "auth0|1"}', 'other'), (6, '{"user_id": "auth0|2"}', 'annie-1'), (7, '{"nickname": "Annie"}', 'other')) c (n, profile, password)
 ORDER BY n;

-- History: the last passwords, the current one among them.
SET userdir.password_memory = '7MB';
SET userdir.password_passes = 1;
SELECT userdir._remember_password('auth0|1', userdir._hash_password('first one'), 2);
SELECT userdir._remember_password('auth0|1', userdir._hash_password('second one'), 2);
SELECT password, userdir._is_in_password_history('auth0|1', password, 2) AS of_two, userdir._is_in_password_history('auth0|1', password, 1) AS of_one,
       pg_temp.rules(userdir.check_password_policy('customers', '{"user_id": "auth0|1"}', password)) AS verdict
  FROM unnest('{first one,second one,third one}'::text[]) password;
SELECT userdir._remember_password('auth0|1', userdir._hash_password('third one'), 2);
SELECT password, userdir._is_in_password_history('auth0|1', password, 24) AS found FROM unnest('{first one,second one,third one,Third one}'::text[]) password;
SELECT userdir._is_in_password_history('auth0|2', 'first one', 24) AS of_another;
SELECT userdir._remember_password('auth0|1', userdir._import_password_text('$2b$10$nFguVi9LsCAcvTZFKQlRKeLVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K'), 24);
SELECT userdir._is_in_password_history('auth0|1', 'hello', 24) AS imported, count(*) AS kept FROM userdir.password_history;
SELECT userdir._remember_password('auth0|1', userdir._hash_password('fourth one'), 0);
SELECT count(*) AS kept_none FROM userdir.password_history;
SELECT pg_temp.try($$SELECT userdir._remember_password('auth0|2', userdir._hash_password('x'), 2)$$);
SELECT userdir._remember_password('auth0|1', userdir._hash_password('x'), 2), userdir.delete_user('auth0|1'), (SELECT count(*) FROM userdir.password_history) AS deleted_with_the_user;
RESET userdir.password_memory;
RESET userdir.password_passes;

-- The reason of a refusal, as the model has it.
CREATE FUNCTION pg_temp.reason(options jsonb, password text, in_history boolean DEFAULT NULL, breached boolean DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
  SELECT userdir._password_rejection(userdir._judge_password(options, '{"name": "Jane"}', '{Acme}', password, in_history, breached)) $$;
SELECT pg_temp.reason('{"passwordPolicy": "excellent"}', 'aaab') - 'description' AS weak;
SELECT pg_temp.reason('{"passwordPolicy": "excellent"}', 'aaab') ->> 'policy' AS policy;
SELECT pg_temp.reason('{"passwordPolicy": "fair"}', 'aaab') ->> 'policy' AS policy;
SELECT pg_temp.reason('{"password_options": {"complexity": {"min_length": 2, "max_length_exceeded": "error"}, "dictionary": {"active": true}}}', 'x') ->> 'policy' AS policy;
SELECT pg_temp.reason('{"passwordPolicy": "low"}', 'abc') -> 'description' = userdir._judge_password('{"passwordPolicy": "low"}', NULL, NULL, 'abc', NULL, NULL) AS description_is_the_report;
SELECT pg_temp.reason('{"password_dictionary": {"enable": true}}', 'dragon') - 'description' AS common,
       pg_temp.reason('{"password_no_personal_info": {"enable": true}}', 'jane') - 'description' AS personal;
SELECT pg_temp.reason('{"passwordPolicy": "nist"}', 'jane-acme-123456') - 'description' AS context,
       pg_temp.reason('{"password_history": {"enable": true}}', 'x', true) - 'description' AS used;
SELECT pg_temp.reason('{}', 'x', NULL, true) - 'description' AS leaked, pg_temp.reason('{}', 'x') AS good;
-- The first that applies.
SELECT pg_temp.reason(options, 'dragon', true, true) ->> 'name' AS name
  FROM (VALUES (1, '{"passwordPolicy": "fair", "password_dictionary": {"enable": true}, "password_history": {"enable": true}}'::jsonb),
               (2, '{"password_dictionary": {"enable": true}, "password_history": {"enable": true}}'), (3, '{"password_history": {"enable": true}}'), (4, '{}')) c (n, options) ORDER BY n;

-- Refusing: what a program reads of the error, and nothing of the password.
SELECT userdir.update_connection('customers', '{"options": {"passwordPolicy": "low"}}') ->> 'name' AS name;
SELECT pg_temp.try($$SELECT userdir._require_password_policy('customers', '{}', 'abcde')$$);
SELECT pg_temp.try($$SELECT userdir._require_password_policy('customers', '{}', 'abcdef')$$);
DO $$
DECLARE
  reason text; detail text;
BEGIN
  PERFORM userdir._require_password_policy('customers', '{}', 'abcde');
EXCEPTION WHEN SQLSTATE 'UD031' THEN
  GET STACKED DIAGNOSTICS reason = CONSTRAINT_NAME, detail = PG_EXCEPTION_DETAIL;
  RAISE NOTICE '%: %', reason, detail::jsonb ->> 'code';
END $$;

-- In a database of another encoding, and in one without any, the same.
\set database :DBNAME
CREATE DATABASE regression_latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0;
\c regression_latin1
SET client_encoding = 'UTF8';
CREATE EXTENSION userdir;
SELECT r ->> 'code' AS code, r -> 'verified' AS verified
  FROM jsonb_array_elements(userdir._judge_password('{"password_complexity_options": {"min_length": 4}, "password_no_personal_info": {"enable": true}, "password_dictionary": {"enable": true, "dictionary": ["ÄÖÜ"]}}',
                                                    '{"name": "MÜLLER"}', NULL, 'äöü', NULL, NULL) -> 'rules') r;
SELECT userdir._judge_password('{"password_no_personal_info": {"enable": true}}', '{"name": "MÜLLER"}', NULL, 'xxmüllerxx', NULL, NULL) -> 'verified' AS verified;
\c :database
DROP DATABASE regression_latin1;
CREATE DATABASE regression_ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0;
\c regression_ascii
CREATE EXTENSION userdir;
SELECT userdir._judge_password('{"password_no_personal_info": {"enable": true}}', '{"name": "MÜLLER"}', NULL, 'xxmüllerxx', NULL, NULL) -> 'verified' AS verified;
-- A name that is not UTF-8 is none that a password could have.
SELECT userdir._judge_password('{"password_no_personal_info": {"enable": true}}', jsonb_build_object('name', E'M\xdcLLER'), NULL, 'xxmllerxx', NULL, NULL) -> 'verified' AS verified;
\c :database
DROP DATABASE regression_ascii;
