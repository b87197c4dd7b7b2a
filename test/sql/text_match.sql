-- Folding and wildcard patterns
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory

-- Folding: one character for each, no locale asked.
SELECT t AS text, userdir.fold_case(t) AS folded
  FROM unnest(ARRAY['', 'Jane DOE', 'already folded', 'ÀÉÜ Ÿ', 'Straße STRASSE ẞ', 'I ı İ i', 'ΣΊΣΥΦΟΣ Σίσυφος', 'ΆΈΉ άέή', 'ЖЁЩ Ґ Ї', 'µ Μ μ', 'DŽ Dž dž', 'ſ K Å Ω', 'ȺȾ ⱥⱦ', 'Ａ Ⅷ Ⓐ',
                    'Ꭰ ꭰ ᏸ Ᏸ', 'Ა ა', '𐐀 𐐨 𞤀', E'E\u0301 É', 'ﬀ ŉ ǰ', '李 さくら 김', '😀', 'ǅungla', E'tab\tand\nline']) t;
SELECT userdir.fold_case(NULL) IS NULL AS null_stays,
       bool_and(userdir.fold_case(userdir.fold_case(c)) = userdir.fold_case(c)) AS folds_once,
       bool_and(char_length(userdir.fold_case(c)) = char_length(c)) AS keeps_length,
       bool_and(octet_length(userdir.fold_case(c)) <= octet_length(c) * 3 / 2) AS bounded,
       count(*) FILTER (WHERE userdir.fold_case(c) <> c) AS folding, count(*) AS tried
  FROM (SELECT chr(i) AS c FROM generate_series(1, 1114111) i WHERE i NOT BETWEEN 55296 AND 57343) t;
SELECT userdir.fold_case('IİıiÄẞΣς' COLLATE "C") AS c, userdir.fold_case('IİıiÄẞΣς' COLLATE "tr-x-icu") AS turkish, lower('IİıiÄẞΣς' COLLATE "tr-x-icu") AS lower_turkish, userdir.fold_case('IİıiÄẞΣς' COLLATE "el-x-icu") AS greek;
SELECT octet_length(userdir.fold_case(repeat('Ⱥ', 400000))) AS grown, userdir.fold_case(repeat('MÜLLER ', 300000)) = repeat('müller ', 300000) AS toasted;

-- Patterns.
SELECT value, pattern, value OPERATOR(userdir.=*) pattern AS matches
  FROM (VALUES ('', ''), ('', '*'), ('', '?'), ('a', ''), ('marta', 'marta'), ('marta', 'mart'), ('marta', 'arta'), ('marta', 'Marta'), ('marta', 'mar*'), ('marta', '*rta'), ('marta', '*art*'), ('marta', '*'),
               ('marta', '*m*a*'), ('marta', 'm?r?a'), ('marta', '?????'), ('marta', '????'), ('marta', '??????'), ('marta', '??????*'), ('marta', '*?????*'), ('marta', 'm*a*a'), ('marta', 'ma*ar*ta'), ('marta', '*a?t*'),
               ('marta', 'marta*'), ('marta', '*marta*'), ('marta', '**m**a**'), ('a*b', 'a\*b'), ('aXb', 'a\*b'), ('a?b', 'a\?b'), ('a\b', 'a\\b'), ('a%b', 'a%b'), ('aXb', 'a%b'), ('a_b', 'a_b'), ('aXb', 'a_b'),
               ('müller', 'm?ller'), ('müller', 'm??ller'), ('müller', '*ü*'), ('李伟明', '李*'), ('李伟明', '?伟?'), ('😀😀', '??'), ('😀😀', '????'), (NULL, '*'), ('a', NULL)) v (value, pattern);
SELECT pattern, pg_temp.try(format('SELECT ''x'' OPERATOR(userdir.=*) %L', pattern)) AS error FROM unnest(ARRAY['\', 'ab\', '*\\\', 'üü\']) pattern;
SELECT pg_temp.try($$SELECT userdir.matches_wildcard('x', repeat('a', 1000000) || '\')$$);

-- The objects: valid, described, and with no namesake in pg_catalog.
SELECT opcname, amvalidate(oid) AS valid FROM pg_opclass WHERE opcnamespace = 'userdir'::regnamespace AND opcname = 'text_wildcard_ops';
SELECT count(*) AS namesakes FROM pg_operator WHERE oprname = '=*' AND oprnamespace = 'pg_catalog'::regnamespace;
SELECT p.oid::regprocedure AS function, p.provolatile, p.proparallel, p.proisstrict, p.proleakproof, p.procost, obj_description(p.oid, 'pg_proc') IS NOT NULL AS described
  FROM pg_proc p WHERE p.pronamespace = 'userdir'::regnamespace AND (p.proname ~ 'wildcard' OR p.proname = 'fold_case') ORDER BY p.oid::regprocedure::text COLLATE "C";
SELECT obj_description('userdir.=*(text,text)'::regoperator, 'pg_operator') IS NOT NULL AS operator, (SELECT obj_description(oid, 'pg_opclass') IS NOT NULL FROM pg_opclass WHERE opcname = 'text_wildcard_ops') AS class,
       (SELECT obj_description(oid, 'pg_opfamily') IS NOT NULL FROM pg_opfamily WHERE opfname = 'text_wildcard_ops') AS family;
