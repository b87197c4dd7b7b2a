\echo Use "CREATE EXTENSION userdir" to load this file. \quit

-- The schema may have been made, and filled, by somebody else. With this path no name here can mean
-- an object of theirs: everything of ours is written with its schema.
SET LOCAL search_path TO pg_catalog, pg_temp;
SET LOCAL check_function_bodies TO off;
