-- Nothing here is for PUBLIC. The owner of the database, and of a directory that is there already,
-- gets everything with the right to pass it on, so that install() and grant_to() need no superuser.
--
-- Updates of the extension end with this as well. It grants on new objects only and on no schema:
-- whatever rights an object has at that point count as the extension's own from then on, and a dump
-- would leave out those that grant_to() gave.

DO $privileges$
DECLARE
  found record;
BEGIN
  -- A function or operator that stood here before and has the name of one of ours could be taken for it.
  FOR found IN
    SELECT p.oid::regprocedure::text AS object
      FROM pg_proc p
     WHERE p.pronamespace = 'userdir'::regnamespace
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
       AND EXISTS (SELECT FROM pg_proc o JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = o.oid AND d.deptype = 'e'
                    WHERE o.pronamespace = p.pronamespace AND o.proname = p.proname)
    UNION ALL
    SELECT p.oid::regoperator::text
      FROM pg_operator p
     WHERE p.oprnamespace = 'userdir'::regnamespace
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_operator'::regclass AND d.objid = p.oid AND d.deptype = 'e')
       AND EXISTS (SELECT FROM pg_operator o JOIN pg_depend d ON d.classid = 'pg_operator'::regclass AND d.objid = o.oid AND d.deptype = 'e'
                    WHERE o.oprnamespace = p.oprnamespace AND o.oprname = p.oprname)
  LOOP
    RAISE EXCEPTION '% stands in schema userdir under a name of the extension', found.object
      USING ERRCODE = 'duplicate_function', HINT = 'Find out who made it, and drop it.';
  END LOOP;

  FOR found IN
    SELECT CASE d.classid WHEN 'pg_proc'::regclass THEN format('FUNCTION %s', d.objid::regprocedure)
                          ELSE format('TYPE %s', d.objid::regtype) END AS object,
           owner.name AS owner
      FROM pg_depend d
      JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid
     CROSS JOIN (SELECT pg_get_userbyid(b.datdba)::text FROM pg_database b WHERE b.datname = current_database()
                 UNION SELECT o FROM userdir._directory_owner() o WHERE o IS NOT NULL) owner (name)
     WHERE d.deptype = 'e' AND e.extname = 'userdir' AND d.classid IN ('pg_proc'::regclass, 'pg_type'::regclass)
       -- Since PostgreSQL 17 the array of a type is a member too; it has the privileges of its elements.
       AND NOT EXISTS (SELECT FROM pg_type t WHERE d.classid = 'pg_type'::regclass AND t.typarray = d.objid)
       AND NOT EXISTS (SELECT FROM pg_init_privs i WHERE i.classoid = d.classid AND i.objoid = d.objid)
     ORDER BY 1, 2
  LOOP
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', found.object);
    EXECUTE format('GRANT ALL ON %s TO %I WITH GRANT OPTION', found.object, found.owner);
  END LOOP;

  -- A schema that came with the extension goes to the owner of the database, who will create tables in it.
  FOR found IN
    SELECT pg_get_userbyid(b.datdba)::text AS owner
      FROM pg_database b, pg_namespace n
     WHERE b.datname = current_database() AND n.nspname = 'userdir'
       AND n.nspowner <> b.datdba AND pg_get_userbyid(n.nspowner) = current_user
  LOOP
    EXECUTE format('ALTER SCHEMA userdir OWNER TO %I', found.owner);
  END LOOP;

  FOR found IN
    SELECT pg_get_userbyid(n.nspowner)::text AS owner
      FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner JOIN pg_database b ON b.datname = current_database()
     WHERE n.nspname = 'userdir' AND NOT r.rolsuper AND n.nspowner <> b.datdba
       AND r.rolname::text IS DISTINCT FROM userdir._directory_owner()
  LOOP
    RAISE WARNING 'schema userdir belongs to role "%"', found.owner
      USING HINT = 'Whoever owns a schema can drop what is in it. ALTER SCHEMA userdir OWNER TO somebody whom you trust with the directory.';
  END LOOP;

  -- Only the extension's owner may set its comment: a dump that anybody else restores would stumble on it.
  COMMENT ON EXTENSION userdir IS NULL;
END
$privileges$;
