# Many logins, exchanges and revocations of one user at once: the limits hold, and nobody waits for each other in a circle.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('token_limits');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\njit = off\ndeadlock_timeout = 100ms\nlog_min_messages = warning\n");
$node->start;
$node->safe_psql('postgres', q(
	CREATE EXTENSION userdir;
	SELECT userdir.install();
	SELECT userdir.set_issuer('https://login.example.com/');
	SELECT userdir.create_signing_key('ES256');
	SELECT userdir.create_connection('shop', 'auth0');
	SELECT userdir.create_user('shop', '{"email": "ada@example.com", "user_id": "ada"}', 'Paper-Boat-1843');
	SELECT userdir.create_client(c, jsonb_build_object('client_id', c, 'grant_types', jsonb_build_array('refresh_token'), 'jwt_configuration', '{"alg": "ES256"}'::jsonb,
	         'refresh_token', jsonb_build_object('rotation_type', r)))
	  FROM (VALUES ('keeping', 'non-rotating'), ('rotating', 'rotating')) v (c, r);
	CREATE TABLE given (client text, token text);
	INSERT INTO given SELECT c, t.refresh_token FROM unnest('{keeping,rotating}'::text[]) c, generate_series(1, 199) n,
	  LATERAL userdir.issue_tokens('auth0|ada', c, scope => 'openid offline_access', context => jsonb_build_object('nonce', n::text)) t;
	ANALYZE;
));

# What one user does in eight sessions at once. Tokens are taken at random, also those that are the next to go.
my $any = 'FROM (SELECT client, token FROM given OFFSET floor(random() * 380) LIMIT 1) g';
my %scripts = (
	login => qq(INSERT INTO given SELECT c, t.refresh_token FROM (SELECT CASE WHEN random() < 0.5 THEN 'keeping' ELSE 'rotating' END AS c) v,
	             LATERAL userdir.issue_tokens('auth0|ada', c, scope => 'openid offline_access') t;),
	continue => q(SELECT t.outcome FROM (SELECT session_id FROM userdir.sessions ORDER BY random() LIMIT 1) s,
	                LATERAL userdir.issue_tokens('auth0|ada', 'keeping', scope => 'openid', context => jsonb_build_object('session_id', s.session_id)) t;),
	refresh => qq(SELECT t.outcome $any, LATERAL userdir.refresh_tokens(g.client, g.token) t;),
	revoke => qq(SELECT t.outcome $any, LATERAL userdir.revoke_token(g.client, g.token) t;),
	logout => q(SELECT userdir.revoke_session(session_id) FROM (SELECT session_id FROM userdir.sessions ORDER BY random() LIMIT 1) s;),
	purge => q(SELECT userdir.purge_tokens();));
my %weights = (login => 40, continue => 10, refresh => 40, revoke => 4, logout => 4, purge => 2);
my @files;
for my $name (sort keys %scripts)
{
	my $file = $node->basedir . "/$name.sql";
	append_to_file($file, $scripts{$name} =~ s/\n\s*/ /gr . "\n");
	push @files, '-f', "$file\@$weights{$name}";
}
$node->command_checks_all([ 'pgbench', '-n', '-c', '8', '-t', '250', @files, '-h', $node->host, '-p', $node->port, 'postgres' ],
	0, [qr{transactions actually processed: 2000/2000}], [qr{^((?!error).)*$}s], 'two thousand calls in eight sessions come to their end');
unlike(slurp_file($node->logfile), qr/deadlock detected|could not serialize/, 'none waited in a circle');

my $counts = sub { $node->safe_psql('postgres', q(
	SELECT (SELECT max(n) FROM (SELECT count(*) AS n FROM userdir.sessions GROUP BY user_id) s), (SELECT max(n) FROM (SELECT count(*) AS n FROM userdir.refresh_tokens GROUP BY user_id, client_id) r),
	       (SELECT max(n) FROM (SELECT count(*) AS n FROM userdir.access_tokens GROUP BY user_id, client_id) a))) };
my @most = split /\|/, $counts->();
cmp_ok($most[0], '<=', 200, "sessions: $most[0]");
cmp_ok($most[1], '<=', 200, "refresh tokens for a client: $most[1]");
cmp_ok($most[2], '<=', 208, "opaque access tokens for a client, of which each session at work may add one: $most[2]");

# One that has none to wait for brings all of them to the limit, and keeps it; an exchange does, too.
$node->safe_psql('postgres', q(SELECT userdir.revoke_user_access('auth0|ada'); TRUNCATE given;
	INSERT INTO given SELECT 'keeping', t.refresh_token FROM generate_series(1, 210) n, LATERAL userdir.issue_tokens('auth0|ada', 'keeping', scope => 'openid offline_access', context => jsonb_build_object('nonce', n::text)) t));
is($counts->(), '200|200|200', 'two hundred of each are left of two hundred and ten');
$node->safe_psql('postgres', q(SELECT count(t.outcome) FROM generate_series(1, 20) n, LATERAL userdir.refresh_tokens('keeping', (SELECT token FROM given OFFSET 209), context => jsonb_build_object('n', n)) t));
is($counts->(), '200|200|200', 'and no more by exchanges');

$node->stop;
done_testing();
