-- Nothing here is for PUBLIC: who may call these functions can make the database server connect to any
-- other. The owner of the database, and of a directory that is there already, gets them with the right
-- to pass them on. Updates of the extension end with this as well.

DO $privileges$
DECLARE
  found record;
BEGIN
  -- A function that stood here before under one of the names could be taken for ours.
  FOR found IN
    SELECT p.oid::regprocedure::text AS object
      FROM pg_proc p
     WHERE p.pronamespace = 'userdir'::regnamespace AND p.proname LIKE 'ldap\_%'
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  LOOP
    RAISE EXCEPTION '% stands in schema userdir under a name of the extension', found.object
      USING ERRCODE = 'duplicate_function', HINT = 'Find out who made it, and drop it.';
  END LOOP;

  FOR found IN
    SELECT d.objid::regprocedure::text AS function, owner.name AS owner
      FROM pg_depend d
      JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid
     CROSS JOIN (SELECT pg_get_userbyid(b.datdba)::text FROM pg_database b WHERE b.datname = current_database()
                 UNION SELECT o FROM userdir._directory_owner() o WHERE o IS NOT NULL) owner (name)
     WHERE d.deptype = 'e' AND e.extname = 'userdir_ldap' AND d.classid = 'pg_proc'::regclass
       AND NOT EXISTS (SELECT FROM pg_init_privs i WHERE i.classoid = d.classid AND i.objoid = d.objid)
     ORDER BY 1, 2
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', found.function);
    EXECUTE format('GRANT ALL ON FUNCTION %s TO %I WITH GRANT OPTION', found.function, found.owner);
  END LOOP;

  -- Only the extension's owner may set its comment: a dump that anybody else restores would stumble on it.
  COMMENT ON EXTENSION userdir_ldap IS NULL;
END
$privileges$;
