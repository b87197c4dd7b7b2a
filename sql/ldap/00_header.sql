\echo Use "CREATE EXTENSION userdir_ldap" to load this file. \quit

-- With this path no name here can mean an object of somebody else's.
SET LOCAL search_path TO pg_catalog, pg_temp;
