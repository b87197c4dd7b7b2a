-- Everything that the catalogs say of the schema :schema and of an extension in it, one fact a line, without
-- OIDs and without what differs between two databases that are the same to every user.
--
-- Two databases whose lines are equal hold the same functions, types, operators, tables, views,
-- constraints, indexes, triggers, policies, comments and rights.
SET search_path = pg_catalog;
\pset format unaligned
\pset tuples_only on
\pset pager off

-- Rights: absent ones are written out as the defaults that they stand for; the order says nothing.
CREATE FUNCTION pg_temp.rights(acl aclitem[], kind "char", owner oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT string_agg(a.grantor::regrole || '->' || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
                    || ':' || a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END, ' '
                    ORDER BY a.grantor::regrole::text, a.grantee = 0, a.grantee::regrole::text, a.privilege_type)
    FROM aclexplode(coalesce(acl, acldefault(kind, owner))) a
$$;

CREATE FUNCTION pg_temp.initial_rights(catalog regclass, object oid, part integer, kind "char", owner oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT pg_temp.rights(i.initprivs, kind, owner) FROM pg_init_privs i
   WHERE i.classoid = catalog AND i.objoid = object AND i.objsubid = part
$$;

CREATE TEMPORARY VIEW listing (title, facts) AS
  WITH ours AS (SELECT :'schema'::regnamespace::oid AS schema)
  SELECT 'schema ' || n.nspname,
         jsonb_build_object('owner', n.nspowner::regrole, 'rights', pg_temp.rights(n.nspacl, 'n', n.nspowner),
                            'comment', obj_description(n.oid, 'pg_namespace'))
    FROM pg_namespace n, ours WHERE n.oid = ours.schema
UNION ALL
  SELECT 'extension ' || e.extname,
         jsonb_build_object('owner', e.extowner::regrole, 'schema', e.extnamespace::regnamespace, 'version', e.extversion,
                            'relocatable', e.extrelocatable, 'tables', e.extconfig::text, 'comment', obj_description(e.oid, 'pg_extension'))
    FROM pg_extension e, ours WHERE e.extnamespace = ours.schema
UNION ALL
  SELECT 'member ' || pg_describe_object(d.classid, d.objid, d.objsubid), '{"kind": "extension"}'
    FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid, ours
   WHERE e.extnamespace = ours.schema AND d.deptype = 'e'
UNION ALL
  SELECT 'function ' || p.oid::regprocedure,
         jsonb_build_object('owner', p.proowner::regrole, 'kind', p.prokind, 'language', l.lanname, 'arguments', pg_get_function_arguments(p.oid),
                            'result', pg_get_function_result(p.oid), 'volatility', p.provolatile, 'parallel', p.proparallel, 'strict', p.proisstrict,
                            'leakproof', p.proleakproof, 'definer', p.prosecdef, 'set', p.proretset, 'cost', p.procost, 'rows', p.prorows,
                            'variadic', p.provariadic::regtype, 'support', p.prosupport, 'settings', p.proconfig::text)
         || jsonb_build_object('library', p.probin, 'source', p.prosrc, 'body', pg_get_function_sqlbody(p.oid), 'transforms', p.protrftypes::regtype[]::text,
                            'rights', pg_temp.rights(p.proacl, 'f', p.proowner),
                            'initial rights', pg_temp.initial_rights('pg_proc', p.oid, 0, 'f', p.proowner),
                            'comment', obj_description(p.oid, 'pg_proc'))
         || coalesce((SELECT to_jsonb(a) - 'aggfnoid' FROM pg_aggregate a WHERE a.aggfnoid = p.oid), '{}')
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang, ours WHERE p.pronamespace = ours.schema
UNION ALL
  SELECT 'type ' || t.oid::regtype,
         jsonb_build_object('owner', t.typowner::regrole, 'kind', t.typtype, 'category', t.typcategory, 'preferred', t.typispreferred, 'length', t.typlen,
                            'by value', t.typbyval, 'alignment', t.typalign, 'storage', t.typstorage, 'delimiter', t.typdelim, 'defined', t.typisdefined,
                            'element', t.typelem::regtype, 'subscript', t.typsubscript, 'base', t.typbasetype::regtype, 'modifier', t.typtypmod,
                            'not null', t.typnotnull, 'default', t.typdefault, 'collation', t.typcollation::regcollation)
         || jsonb_build_object('input', t.typinput, 'output', t.typoutput, 'receive', t.typreceive, 'send', t.typsend, 'analyze', t.typanalyze,
                            'modifier input', t.typmodin, 'modifier output', t.typmodout,
                            'labels', (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
                            'range of', (SELECT r.rngsubtype::regtype FROM pg_range r WHERE r.rngtypid = t.oid),
                            'rights', pg_temp.rights(t.typacl, 'T', t.typowner),
                            'initial rights', pg_temp.initial_rights('pg_type', t.oid, 0, 'T', t.typowner),
                            'comment', obj_description(t.oid, 'pg_type'))
    FROM pg_type t, ours WHERE t.typnamespace = ours.schema
UNION ALL
  SELECT 'operator ' || o.oid::regoperator,
         jsonb_build_object('owner', o.oprowner::regrole, 'kind', o.oprkind, 'result', o.oprresult::regtype, 'function', o.oprcode,
                            'commutator', o.oprcom::regoperator, 'negator', o.oprnegate::regoperator, 'restriction', o.oprrest, 'join', o.oprjoin,
                            'merges', o.oprcanmerge, 'hashes', o.oprcanhash, 'comment', obj_description(o.oid, 'pg_operator'))
    FROM pg_operator o, ours WHERE o.oprnamespace = ours.schema
UNION ALL
  SELECT format('operator family %s using %s', f.opfname, m.amname),
         jsonb_build_object('owner', f.opfowner::regrole, 'comment', obj_description(f.oid, 'pg_opfamily'))
         || coalesce((SELECT jsonb_object_agg(format('operator %s (%s, %s)', a.amopstrategy, a.amoplefttype::regtype, a.amoprighttype::regtype),
                                              format('%s for %s by %s', a.amopopr::regoperator, a.amoppurpose, a.amopsortfamily))
                        FROM pg_amop a WHERE a.amopfamily = f.oid), '{}')
         || coalesce((SELECT jsonb_object_agg(format('support %s (%s, %s)', a.amprocnum, a.amproclefttype::regtype, a.amprocrighttype::regtype), a.amproc::text)
                        FROM pg_amproc a WHERE a.amprocfamily = f.oid), '{}')
    FROM pg_opfamily f JOIN pg_am m ON m.oid = f.opfmethod, ours WHERE f.opfnamespace = ours.schema
UNION ALL
  SELECT format('operator class %s using %s', c.opcname, m.amname),
         jsonb_build_object('owner', c.opcowner::regrole, 'type', c.opcintype::regtype, 'key', c.opckeytype::regtype, 'default', c.opcdefault,
                            'family', f.opfname, 'comment', obj_description(c.oid, 'pg_opclass'))
    FROM pg_opclass c JOIN pg_am m ON m.oid = c.opcmethod JOIN pg_opfamily f ON f.oid = c.opcfamily, ours WHERE c.opcnamespace = ours.schema
UNION ALL
  SELECT format('cast (%s as %s)', c.castsource::regtype, c.casttarget::regtype),
         jsonb_build_object('context', c.castcontext, 'method', c.castmethod, 'function', c.castfunc::regprocedure, 'comment', obj_description(c.oid, 'pg_cast'))
    FROM pg_cast c JOIN pg_type s ON s.oid = c.castsource JOIN pg_type t ON t.oid = c.casttarget, ours
   WHERE ours.schema IN (s.typnamespace, t.typnamespace)
UNION ALL
  SELECT 'collation ' || c.collname, jsonb_build_object('owner', c.collowner::regrole, 'provider', c.collprovider, 'comment', obj_description(c.oid, 'pg_collation'))
    FROM pg_collation c, ours WHERE c.collnamespace = ours.schema
UNION ALL
  SELECT 'relation ' || c.oid::regclass,
         jsonb_build_object('owner', c.relowner::regrole, 'kind', c.relkind, 'method', (SELECT m.amname FROM pg_am m WHERE m.oid = c.relam),
                            'tablespace', c.reltablespace, 'options', c.reloptions::text, 'persistence', c.relpersistence, 'row security', c.relrowsecurity,
                            'row security for owner', c.relforcerowsecurity, 'replica identity', c.relreplident,
                            'rights', CASE WHEN c.relkind NOT IN ('i', 'I') THEN pg_temp.rights(c.relacl, CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END, c.relowner) END,
                            'definition', CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid, true) END, 'comment', obj_description(c.oid, 'pg_class'))
    FROM pg_class c, ours WHERE c.relnamespace = ours.schema
UNION ALL
  SELECT format('column %s.%I', a.attrelid::regclass, a.attname),
         jsonb_build_object('place', row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum), 'type', format_type(a.atttypid, a.atttypmod), 'not null', a.attnotnull,
                            'default', (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum),
                            'identity', a.attidentity, 'generated', a.attgenerated, 'collation', a.attcollation::regcollation, 'storage', a.attstorage,
                            'compression', a.attcompression, 'statistics', nullif(a.attstattarget, -1),
                            -- Some servers stamp columns with a number of their own.
                            'options', nullif(ARRAY(SELECT o FROM unnest(a.attoptions) o WHERE o !~ '^pg_attver='), '{}')::text,
                            'rights', pg_temp.rights(a.attacl, 'c', c.relowner), 'comment', col_description(a.attrelid, a.attnum))
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid, ours
   WHERE c.relnamespace = ours.schema AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
  SELECT format('constraint %I on %s%s', c.conname, nullif(c.conrelid, 0)::regclass, nullif(c.contypid, 0)::regtype),
         jsonb_build_object('definition', pg_get_constraintdef(c.oid), 'validated', c.convalidated, 'comment', obj_description(c.oid, 'pg_constraint'))
    FROM pg_constraint c, ours WHERE c.connamespace = ours.schema
UNION ALL
  SELECT 'index ' || i.indexrelid::regclass,
         jsonb_build_object('definition', pg_get_indexdef(i.indexrelid), 'valid', i.indisvalid, 'clustered', i.indisclustered, 'replica identity', i.indisreplident)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid, ours WHERE c.relnamespace = ours.schema
UNION ALL
  SELECT format('trigger %I on %s', t.tgname, t.tgrelid::regclass),
         jsonb_build_object('definition', pg_get_triggerdef(t.oid), 'enabled', t.tgenabled, 'comment', obj_description(t.oid, 'pg_trigger'))
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid, ours WHERE c.relnamespace = ours.schema AND NOT t.tgisinternal
UNION ALL
  SELECT format('rule %I on %s', r.rulename, r.ev_class::regclass), jsonb_build_object('definition', pg_get_ruledef(r.oid), 'enabled', r.ev_enabled)
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class, ours WHERE c.relnamespace = ours.schema
UNION ALL
  SELECT format('policy %I on %s', p.polname, p.polrelid::regclass),
         jsonb_build_object('for', p.polcmd, 'permissive', p.polpermissive, 'to', p.polroles::regrole[]::text, 'using', pg_get_expr(p.polqual, p.polrelid),
                            'check', pg_get_expr(p.polwithcheck, p.polrelid), 'comment', obj_description(p.oid, 'pg_policy'))
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid, ours WHERE c.relnamespace = ours.schema
UNION ALL
  SELECT 'statistics ' || s.stxname,
         jsonb_build_object('owner', s.stxowner::regrole, 'definition', pg_get_statisticsobjdef(s.oid), 'comment', obj_description(s.oid, 'pg_statistic_ext'))
    FROM pg_statistic_ext s, ours WHERE s.stxnamespace = ours.schema
UNION ALL
  SELECT format('publication %s of %s', p.pubname, r.prrelid::regclass),
         jsonb_build_object('columns', r.prattrs::text, 'rows', pg_get_expr(r.prqual, r.prrelid))
    FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid JOIN pg_class c ON c.oid = r.prrelid, ours WHERE c.relnamespace = ours.schema
UNION ALL
  SELECT format('partition %s of %s', i.inhrelid::regclass, i.inhparent::regclass), jsonb_build_object('bounds', CASE WHEN c.relname ~ '^logs_[0-9]{4}_[0-9]{2}$' THEN 'of a month' ELSE pg_get_expr(c.relpartbound, c.oid) END, 'place', i.inhseqno)
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid, ours WHERE c.relnamespace = ours.schema;

-- One line a fact; a value of several lines stays readable in one. Logs have partitions named by months,
-- others in every month: whatever their number, they have to be alike.
SELECT DISTINCT regexp_replace(regexp_replace(line, 'logs_[0-9]{4}_[0-9]{2}', 'logs_MONTH', 'g'),
                               '(logs_MONTH.*?)[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9:.+-]+)?', '\1DAY')
  FROM (SELECT format('%s %s = %s', l.title, f.key, replace(f.value, E'\n', '\n'))
          FROM listing l, jsonb_each_text(l.facts) f WHERE f.value IS NOT NULL) lines (line);
