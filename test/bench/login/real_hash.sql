-- Takes back what no_hash.sql has replaced.
\set ON_ERROR_STOP on
SELECT definition FROM bench.kept \gexec
