-- What the catalogs say of every function, and rules that hold for every object
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
SET search_path = pg_catalog;

-- Every function: language, volatility, parallel, what else is set, cost, rows, and its settings. The planner
-- believes these, so a change of one is to be meant.
\pset format unaligned
\pset tuples_only on
SELECT concat_ws(' ', p.oid::regprocedure || ':', l.lanname,
                 CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
                 CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END,
                 CASE WHEN p.prokind <> 'f' THEN 'kind=' || p.prokind::text END,
                 CASE WHEN p.proisstrict THEN 'strict' END, CASE WHEN p.proleakproof THEN 'LEAKPROOF' END, CASE WHEN p.prosecdef THEN 'DEFINER' END,
                 CASE WHEN EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0) THEN 'PUBLIC' END,
                 'cost=' || p.procost, CASE WHEN p.proretset THEN 'rows=' || p.prorows END,
                 CASE WHEN p.prosupport <> 0 THEN 'support=' || p.prosupport END,
                 array_to_string(p.proconfig, '; '))
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
 WHERE p.pronamespace = 'userdir'::regnamespace
 ORDER BY p.oid::regprocedure::text COLLATE "C";
\pset format aligned
\pset tuples_only off

-- None is executable by everybody, has the rights of its owner, or claims not to leak.
SELECT p.oid::regprocedure AS wrong FROM pg_proc p
 WHERE p.pronamespace = 'userdir'::regnamespace
   AND (p.prosecdef OR p.proleakproof OR EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0));
SELECT t.oid::regtype AS wrong FROM pg_type t JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e', aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) a
 WHERE t.typnamespace = 'userdir'::regnamespace AND a.grantee = 0
   -- Types of arrays have the privileges of their types.
   AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid);

-- C functions are in our library and named like ours. Others fix their path, but for the ones in SQL
-- that the planner may inline: tools/check_sql sees that these qualify every name. breached_lines_add() has
-- nothing that is looked up by a path, and would take thrice as long.
SELECT p.oid::regprocedure AS wrong FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
 WHERE p.pronamespace = 'userdir'::regnamespace
   AND CASE l.lanname WHEN 'c' THEN p.probin <> '$libdir/userdir' OR p.prosrc !~ '^userdir_'
                      WHEN 'sql' THEN p.proconfig IS NOT NULL AND 'search_path=pg_catalog, pg_temp' <> ALL (p.proconfig)
                      ELSE 'search_path=pg_catalog, pg_temp' <> ALL (coalesce(p.proconfig, '{}')) AND p.proname <> 'breached_lines_add' END;

-- Everything has its comment.
SELECT pg_describe_object(o.classid, o.objid, 0) AS without_comment
  FROM (SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid WHERE e.extname = 'userdir' AND d.deptype = 'e'
        UNION SELECT 'pg_class'::regclass, c.oid FROM pg_class c WHERE c.relnamespace = 'userdir'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND NOT c.relispartition
        UNION SELECT 'pg_proc'::regclass, p.oid FROM pg_proc p WHERE p.pronamespace = 'userdir'::regnamespace
        UNION SELECT 'pg_trigger'::regclass, t.oid FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'userdir'::regnamespace AND NOT t.tgisinternal) o (classid, objid)
 WHERE NOT EXISTS (SELECT FROM pg_description c WHERE c.classoid = o.classid AND c.objoid = o.objid AND c.objsubid = 0)
   -- Types of arrays come with their types.
   AND NOT (o.classid = 'pg_type'::regclass AND EXISTS (SELECT FROM pg_type t WHERE t.typarray = o.objid))
 ORDER BY 1;

-- The first line of a comment tells what the object does, in one sentence.
SELECT p.oid::regprocedure AS without_sentence FROM pg_proc p
 WHERE p.pronamespace = 'userdir'::regnamespace AND split_part(obj_description(p.oid, 'pg_proc'), E'\n', 1) !~ '^[A-Z].*[.;]$';

-- No signature names the row type of a table: the function would go with the table, or the table with the function.
SELECT p.oid::regprocedure AS names_a_table
  FROM pg_proc p, unnest(array_prepend(p.prorettype, coalesce(p.proallargtypes, p.proargtypes::oid[]))) a (type) JOIN pg_type t ON t.oid = a.type
 WHERE p.pronamespace = 'userdir'::regnamespace AND (t.typrelid <> 0 OR EXISTS (SELECT FROM pg_type e WHERE e.oid = t.typelem AND e.typrelid <> 0));

-- Tables outlive the extension: none is a member of it, and no column, default, generated column or
-- check needs it; nor are there sequences, whose values a copy of the rows would not carry along.
SELECT pg_describe_object(d.classid, d.objid, d.objsubid) AS member
  FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid
 WHERE e.extname = 'userdir' AND d.deptype = 'e' AND d.classid = 'pg_class'::regclass;
SELECT a.attrelid::regclass || '.' || a.attname AS of_our_type
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type e ON e.oid = t.typelem
 WHERE c.relnamespace = 'userdir'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
   AND 'pg_catalog'::regnamespace <> ANY (ARRAY[t.typnamespace, coalesce(e.typnamespace, 'pg_catalog'::regnamespace)]);
SELECT a.attrelid::regclass || '.' || a.attname AS generated FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
 WHERE c.relnamespace = 'userdir'::regnamespace AND a.attgenerated <> '';
SELECT pg_describe_object(d.classid, d.objid, d.objsubid) AS needs, pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid) AS of_the_extension
  FROM pg_depend d
  JOIN pg_depend m ON m.classid = d.refclassid AND m.objid = d.refobjid AND m.deptype = 'e'
  JOIN pg_extension e ON m.refclassid = 'pg_extension'::regclass AND e.oid = m.refobjid AND e.extname = 'userdir'
 WHERE d.classid IN ('pg_attrdef'::regclass, 'pg_constraint'::regclass, 'pg_trigger'::regclass)
    OR d.classid = 'pg_class'::regclass AND (SELECT c.relkind FROM pg_class c WHERE c.oid = d.objid) NOT IN ('i', 'I');
SELECT c.oid::regclass AS sequence FROM pg_class c WHERE c.relnamespace = 'userdir'::regnamespace AND c.relkind = 'S';

-- Foreign keys point to users or to configuration, and set nothing to null.
SELECT c.conrelid::regclass, pg_get_constraintdef(c.oid) AS definition FROM pg_constraint c
 WHERE c.connamespace = 'userdir'::regnamespace AND c.contype = 'f' ORDER BY c.conrelid::regclass::text, c.conname;
SELECT c.conname AS wrong FROM pg_constraint c
 WHERE c.connamespace = 'userdir'::regnamespace AND c.contype = 'f' AND (c.confdeltype IN ('n', 'd') OR c.confupdtype <> 'a');

-- The extension lists no tables for dumps: they are dumped as what they are.
SELECT extrelocatable, extconfig, obj_description(oid, 'pg_extension') AS comment FROM pg_extension WHERE extname = 'userdir';
