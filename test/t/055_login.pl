# Logins and what a ROLLBACK or a crash leaves of them: failed ones stay counted where the library is
# preloaded, and every user and password that was committed is there, and works, after kill -9.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

sub start_node
{
	my ($name, @settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init;
	$node->append_conf('postgresql.conf', join "\n", 'restart_after_crash = on', "userdir.password_memory = '7MB'", "userdir.password_queue_timeout = '1min'", @settings, '');
	$node->start;
	$node->safe_psql('postgres', q{CREATE EXTENSION userdir; SELECT userdir.install('test'); SELECT userdir.create_connection('shop', 'auth0');
		SELECT userdir.create_user('shop', '{"email": "ann@example.com", "user_id": "ann"}', 'Paper-Boat-1')});
	return $node;
}

sub login
{
	my ($node, $password, $ip) = @_;
	return $node->safe_psql('postgres', "SELECT outcome FROM userdir.login('shop', 'ann\@example.com', '$password', context => '{\"ip\": \"$ip\"}')");
}

my $rows = start_node('login_rows');
my $shared = start_node('login_shared', "shared_preload_libraries = 'userdir'");

#
# Attempts that are rolled back
#
my $guess = q{SELECT outcome FROM userdir.login('shop', 'ann@example.com', 'guess', context => '{"ip": "192.0.2.1"}')};
for my $node ($rows, $shared)
{
	is($node->safe_psql('postgres', "BEGIN; $guess; ROLLBACK;" x 10), join("\n", ('invalid_user_password') x 10), $node->name . ': ten failed logins, each rolled back');
	is($node->safe_psql('postgres', 'SELECT count(*) FROM userdir.logs WHERE type = \'fp\''), '0', $node->name . ': the log was rolled back');
}
is(login($shared, 'Paper-Boat-1', '192.0.2.1'), 'too_many_attempts', 'preloaded: they count, and the eleventh is refused');
is(login($shared, 'Paper-Boat-1', '192.0.2.2'), 'success', 'preloaded: from another address it is not');
is(login($rows, 'Paper-Boat-1', '192.0.2.1'), 'success', 'not preloaded: a rollback takes them back');
# An error in the same transaction, and a savepoint.
my $refused = q{SELECT outcome FROM userdir.login('shop', 'ann@example.com', 'guess', context => '{"ip": "192.0.2.3"}')};
$shared->psql('postgres', "BEGIN; $refused; SELECT 1 / 0; COMMIT;", on_error_stop => 0) for 1 .. 5;
$shared->psql('postgres', "BEGIN; SAVEPOINT s; $refused; ROLLBACK TO s; COMMIT;") for 1 .. 5;
is(login($shared, 'Paper-Boat-1', '192.0.2.3'), 'too_many_attempts', 'preloaded: nor does an error or a savepoint take them back');
# A change of the password that is rolled back leaves the old one; what it forgave stays forgiven.
$shared->safe_psql('postgres', q{BEGIN; SELECT userdir.set_password('auth0|ann', 'Paper-Boat-2'); ROLLBACK;});
is(login($shared, 'Paper-Boat-1', '192.0.2.3'), 'success', 'preloaded: a change that was rolled back has lifted the block, as documented, and changed nothing');
is(login($shared, 'Paper-Boat-2', '192.0.2.3'), 'invalid_user_password', 'and the new password is none');
$rows->stop;

#
# Crashes under load
#
# A client notes what it did in a transaction of its own, after the commit: what is noted must be there.
$shared->safe_psql('postgres', "CREATE TABLE done (n bigint PRIMARY KEY, password integer NOT NULL, logins integer NOT NULL)");
my $script = $shared->basedir . '/load.sql';
append_to_file($script, <<'SQL');
\set n random(1, 2000000000)
SELECT outcome FROM userdir.signup('shop', jsonb_build_object('email', 'u' || :n || '@example.com'), 'Paper-Boat-1');
INSERT INTO done VALUES (:n, 1, 0);
SELECT outcome FROM userdir.login('shop', 'u' || :n || '@example.com', 'Paper-Boat-1', context => '{"ip": "192.0.2.9"}');
UPDATE done SET logins = 1 WHERE n = :n;
SELECT outcome FROM userdir.login('shop', 'u' || :n || '@example.com', 'guess', context => jsonb_build_object('ip', '198.51.100.' || :n % 250));
SELECT outcome FROM userdir.change_password('shop', 'u' || :n || '@example.com', 'Paper-Boat-1', 'Paper-Boat-2');
UPDATE done SET password = 2 WHERE n = :n;
SELECT outcome FROM userdir.login('shop', 'u' || :n || '@example.com', 'Paper-Boat-2', context => '{"ip": "192.0.2.9"}');
UPDATE done SET logins = 2 WHERE n = :n;
SQL

sub start_load
{
	my ($more) = @_;
	my $before = $shared->safe_psql('postgres', 'SELECT count(*) FROM done WHERE logins = 2');
	my $bench = IPC::Run::start([ 'pgbench', '-n', '-c', '4', '-j', '2', '-T', '120', '-f', $script, $shared->connstr('postgres') ], '>', \my $out, '2>', \my $err);
	ok($shared->poll_query_until('postgres', "SELECT count(*) >= $before + $more FROM done WHERE logins = 2"), "$more users have signed up, logged in and changed their passwords");
	return $bench;
}

sub check_all
{
	my ($event) = @_;
	my $count = sub { $shared->safe_psql('postgres', "SELECT count(*) FROM $_[0]") };
	cmp_ok($count->('done'), '>', 10, "$event: there is something to look at");
	is($count->(q{done d WHERE NOT EXISTS (SELECT FROM userdir.users u WHERE u.email = 'u' || d.n || '@example.com')}), '0', "$event: every user is there");
	# The change may have been committed without a note of it.
	is($count->(q{done d JOIN userdir.users u ON u.email = 'u' || d.n || '@example.com' LEFT JOIN userdir.credentials k ON k.user_id = u.user_id
		WHERE (userdir._verify_password('Paper-Boat-2', k.hash) OR d.password = 1 AND userdir._verify_password('Paper-Boat-1', k.hash)) IS NOT TRUE}), '0', "$event: every password is good");
	is($count->(q{done d JOIN userdir.users u ON u.email = 'u' || d.n || '@example.com' LEFT JOIN userdir.user_logins l ON l.user_id = u.user_id
		WHERE coalesce(l.logins_count, 0) NOT BETWEEN d.logins AND d.logins + 1 OR d.password = 2 AND l.last_password_reset IS NULL}), '0', "$event: no login is lost from the statistics");
	is($count->(q{userdir.users u LEFT JOIN userdir.user_logins l USING (user_id)
		WHERE coalesce(l.logins_count, 0) <> (SELECT count(*) FROM userdir.logs g WHERE g.user_id = u.user_id AND g.type = 's')}), '0', "$event: statistics and log tell the same");
	is($count->(q{userdir.users u WHERE u.email ~ '^u[0-9]' AND ((SELECT count(*) FROM userdir.identities i WHERE i.user_id = u.user_id), (SELECT count(*) FROM userdir.identifiers i WHERE i.user_id = u.user_id),
		(SELECT count(*) FROM userdir.credentials k WHERE k.user_id = u.user_id), (SELECT count(*) FROM userdir.logs g WHERE g.user_id = u.user_id AND g.type = 'ss')) <> (1, 2, 1, 1)}), '0', "$event: no user is half done");
	is(login($shared, 'Paper-Boat-1', '192.0.2.1'), 'too_many_attempts', "$event: a block is kept");
	is(login($shared, 'Paper-Boat-1', '192.0.2.5'), 'success', "$event: logins go on");
	return;
}
$shared->safe_psql('postgres', "$guess;" x 10);
is(login($shared, 'Paper-Boat-1', '192.0.2.1'), 'too_many_attempts', 'a block before the crashes');

{
	my $bench = start_load(20);
	my $victim = $shared->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND query ~ 'example.com|done' AND pid <> pg_backend_pid() LIMIT 1");
	like($victim, qr/^[1-9][0-9]*$/, 'a backend under load') or die 'there is nobody to kill';
	my $offset = -s $shared->logfile;
	is(kill('KILL', $victim), 1, 'kill -9 of a backend');
	$bench->finish;
	ok($shared->poll_query_until('postgres', 'SELECT true'), 'the server comes back');
	like(substr(slurp_file($shared->logfile), $offset), qr/all server processes terminated; reinitializing/, 'after a crash');
	check_all('kill -9 of a backend');
}
{
	# Changes of passwords forgive what this load counts, and nothing else.
	my $used = $shared->safe_psql('postgres', 'SELECT used FROM userdir.attempts_status()');
	my $bench = start_load(20);
	my @children = split /\n/, $shared->safe_psql('postgres', 'SELECT pid FROM pg_stat_activity');
	$shared->kill9;
	$_ > 1 && kill 'KILL', $_ for @children;
	$bench->finish;
	for (1 .. 600)
	{
		last unless grep { $_ > 1 && kill 0, $_ } @children;
		usleep(100_000);
	}
	$shared->start;
	check_all('kill -9 of all processes');
	cmp_ok($shared->safe_psql('postgres', 'SELECT used FROM userdir.attempts_status()'), '>=', $used, 'no counter is lost');
}
$shared->stop;
done_testing();
