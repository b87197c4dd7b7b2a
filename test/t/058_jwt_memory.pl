# Whatever is signed, verified or refused in one session, its memory does not grow.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'only Linux tells memory in /proc' if !-r '/proc/self/status';

my $node = PostgreSQL::Test::Cluster->new('jwt_memory');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\njit = off\n");
$node->start;
$node->safe_psql('postgres', q(
	CREATE EXTENSION userdir;
	SELECT userdir.install();
	SELECT userdir.create_signing_key(a) IS NULL FROM unnest('{RS256,PS256,ES256,EdDSA}'::text[]) a;
	CREATE TABLE tokens AS SELECT a AS alg, userdir.sign_jwt('{"sub": "auth0|1", "exp": 4102444800}', a) AS token FROM unnest('{RS256,PS256,ES256,EdDSA}'::text[]) a;
	CREATE FUNCTION is_refused(token text, secret text DEFAULT NULL) RETURNS boolean LANGUAGE plpgsql AS $$
	BEGIN
		IF secret IS NULL THEN
			PERFORM userdir.verify_jwt(token);
		ELSE
			PERFORM userdir.verify_jwt_with_secret(token, secret);
		END IF;
		RETURN false;
	EXCEPTION WHEN OTHERS THEN
		RETURN true;
	END $$;
	CREATE FUNCTION spoil(token text, n integer) RETURNS text LANGUAGE sql AS $$
		SELECT CASE n % 4 WHEN 0 THEN left(token, -8) || 'AAAAAAAA' WHEN 1 THEN 'x' || token WHEN 2 THEN token || '.' ELSE replace(token, '.', '.eyJ9.') END $$;
	CREATE PROCEDURE use_tokens(OUT signed bigint, OUT verified bigint, OUT refused bigint) LANGUAGE plpgsql AS $$
	BEGIN
		SELECT count(userdir.sign_jwt('{"sub": "auth0|1"}', 'ES256')) + count(userdir.sign_jwt('{"sub": "auth0|1"}', 'EdDSA')) + count(userdir.sign_jwt_with_secret('{"sub": "auth0|1"}', repeat('s', 32 + n % 300)))
			INTO signed FROM generate_series(1, 5000) n;
		signed := signed + (SELECT count(userdir.sign_jwt('{"sub": "auth0|1"}', a)) FROM generate_series(1, 100) n, unnest('{RS256,PS256}'::text[]) a);
		SELECT count(userdir.verify_jwt(token)) INTO verified FROM tokens, generate_series(1, 2500);
		verified := verified + (SELECT count(*) FROM generate_series(1, 5000) n, LATERAL (SELECT jsonb_build_object('n', random(), 'pad', repeat('x', n % 5000)) AS claims) c
			WHERE userdir.verify_jwt_with_secret(userdir.sign_jwt_with_secret(c.claims, repeat('s', 32)), repeat('s', 32)) = c.claims);
		SELECT count(*) FILTER (WHERE is_refused(spoil(token, n))) INTO refused FROM tokens, generate_series(1, 2000) n;
		refused := refused + (SELECT count(*) FILTER (WHERE is_refused(spoil(userdir.sign_jwt_with_secret('{"sub": "auth0|1"}', repeat('s', 32)), n), repeat('s', 32))) FROM generate_series(1, 2000) n);
	END $$;
));

my $rss = "(regexp_match(pg_read_file('/proc/self/status', 0, 100000), 'VmRSS:\\s+(\\d+)'))[1]::int";
my ($first, $before, @rest) = split /\n/, $node->safe_psql('postgres', "CALL use_tokens(NULL, NULL, NULL);\nSELECT $rss;\n" . ("CALL use_tokens(NULL, NULL, NULL);\n" x 4) . "SELECT $rss");
my $after = pop @rest;
is($first, '15200|15000|10000', 'all are signed, verified, refused');
is(join(' ', @rest), join(' ', ('15200|15000|10000') x 4), 'and again');
cmp_ok($after - $before, '<', 1024, "a hundred and sixty thousand tokens leave less than a megabyte behind ($before kB to $after kB)");

# What the keys of a session keep with them does not grow by types that are refused.
my $kept = "SELECT total_bytes FROM pg_backend_memory_contexts WHERE name = 'userdir key ring'";
my ($signed, $kept_before, $refused, $kept_after) = split /\n/, $node->safe_psql('postgres', qq(
	CREATE FUNCTION pg_temp.is_refused(typ text) RETURNS boolean LANGUAGE plpgsql AS \$\$
	BEGIN
		PERFORM userdir.sign_jwt('{}', 'EdDSA', NULL, typ);
		RETURN false;
	EXCEPTION WHEN invalid_parameter_value THEN
		RETURN true;
	END \$\$;
	SELECT count(userdir.sign_jwt('{}', 'EdDSA', NULL, 't' || n)) FROM generate_series(1, 100) n;
	$kept;
	SELECT count(*) FILTER (WHERE pg_temp.is_refused('a "typ" ' || n)) FROM generate_series(1, 100000) n;
	$kept;
));
is("$signed|$refused", '100|100000', 'types that are fine and types that are not');
cmp_ok($kept_before, '>', 0, 'there are keys that keep something');
is($kept_after, $kept_before, 'a hundred thousand refused types leave nothing with the keys');

$node->stop;
done_testing();
