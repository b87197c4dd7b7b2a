-- Nothing here is for PUBLIC. The owner of the database gets everything with the right to pass it
-- on, so that install() and grant_to() need no superuser. The comment on the extension goes: only
-- the extension's owner may set it, so that a restore of a dump by anybody else would stumble on it.

DO $privileges$
DECLARE
  member record;
  database_owner name;
BEGIN
  SELECT r.rolname INTO STRICT database_owner
    FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) d.datdba
   WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database();

  FOR member IN
    SELECT CASE d.classid
             WHEN 'pg_catalog.pg_proc'::pg_catalog.regclass THEN
               pg_catalog.format('FUNCTION %s', d.objid::pg_catalog.regprocedure)
             ELSE pg_catalog.format('TYPE %s', d.objid::pg_catalog.regtype)
           END AS object
      FROM pg_catalog.pg_depend d
      JOIN pg_catalog.pg_extension e ON e.oid OPERATOR(pg_catalog.=) d.refobjid
     WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass
       AND d.deptype OPERATOR(pg_catalog.=) 'e'
       AND e.extname OPERATOR(pg_catalog.=) 'userdir'
       AND (d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass
            OR d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass)
  LOOP
    EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM PUBLIC', member.object);
    EXECUTE pg_catalog.format('GRANT ALL ON %s TO %I WITH GRANT OPTION', member.object, database_owner);
  END LOOP;

  EXECUTE pg_catalog.format('GRANT USAGE, CREATE ON SCHEMA userdir TO %I WITH GRANT OPTION', database_owner);
  COMMENT ON EXTENSION userdir IS NULL;
END
$privileges$;
