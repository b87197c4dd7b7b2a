# Identities behind PgBouncer: nobody gets that of the client who had the server's session before.
#
# Without PgBouncer that part is skipped. After it come prepared transactions, and the server's log.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use UserdirTest;

my $node = new_server('primary');
$node->append_conf('postgresql.conf', "max_prepared_transactions = 2");
$node->restart;

$node->safe_psql('postgres', q{
	CREATE ROLE app LOGIN;
	CREATE EXTENSION userdir;
	SELECT userdir.install('test');
	SELECT userdir.create_signing_key('ES256');
	SELECT userdir.grant_to('app', 'identity');
	CREATE TABLE notes (owner text, body text);
	INSERT INTO notes VALUES ('auth0|ann', 'of ann'), ('auth0|bob', 'of bob');
	ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
	CREATE POLICY own ON notes USING (owner = userdir.user_id());
	GRANT SELECT ON notes TO app;
});
my %token = map {
	$_ => $node->safe_psql('postgres', qq{
		SELECT userdir.sign_jwt(jsonb_build_object('sub', 'auth0|$_', 'iat', floor(extract(epoch FROM now())), 'exp', floor(extract(epoch FROM now())) + 3600), 'ES256')})
} qw(ann bob);

# What a client asks: which session of the server it has, who is acting, and what the policy shows.
my $ask = q{SELECT 'pid ' || pg_backend_pid(), coalesce(userdir.user_id(), 'nobody'), coalesce(string_agg(body, ','), 'nothing') FROM notes};
my $pooler = find_pooler();

SKIP:
{
	skip 'PgBouncer IS NOT INSTALLED, so nothing shows that identities are safe behind it (Debian: apt-get install pgbouncer)', 1
	  unless $pooler;

	subtest 'pooling of transactions' => sub {
		my $dir = start_pooler('transaction', '');

		my @first = ask($dir, "BEGIN; SELECT userdir.authenticate('$token{ann}'); $ask; COMMIT; $ask;");
		is_deeply([ map { [ @$_[ 1, 2 ] ] } @first ], [ [ 'auth0|ann', 'of ann' ], [ 'nobody', 'nothing' ] ], 'an identity lasts as long as its transaction');

		my @second = ask($dir, $ask);
		is($second[0][0], $first[0][0], 'the next client has the same session of the server');
		is_deeply([ @{ $second[0] }[ 1, 2 ] ], [ 'nobody', 'nothing' ], 'but nothing of the identity');

		my @failed = ask($dir, "BEGIN; SELECT userdir.authenticate('$token{ann}'); SELECT 1 / 0; ROLLBACK; $ask;");
		my @third = ask($dir, $ask);
		is($third[0][0], $second[0][0], 'after an error too the session is the same');
		is_deeply([ map { $_->[1] } @failed, @third ], [ 'nobody', 'nobody' ], 'nor is anything left of it after an error');

		my @bob = ask($dir, "BEGIN; SELECT userdir.authenticate('$token{bob}'); $ask; COMMIT;");
		is_deeply([ @{ $bob[0] }[ 1, 2 ] ], [ 'auth0|bob', 'of bob' ], 'another client is another user in the same session');

		# A client that ends in the middle of its transaction takes the session with it.
		ask($dir, "BEGIN; SELECT userdir.authenticate('$token{ann}'); $ask;");
		my @last = ask($dir, $ask);
		is_deeply([ @{ $last[0] }[ 1, 2 ] ], [ 'nobody', 'nothing' ], 'an open transaction that a client left leaves nothing');

		# What the manual warns of is so: an identity for the session stays with the session.
		my @careless = ask($dir, "SELECT userdir.authenticate('$token{ann}', for_session => true); $ask;");
		my @victim = ask($dir, $ask);
		is_deeply($victim[0], $careless[-1], 'an identity of the session would go to the next client, as documented');
		ask($dir, 'SELECT userdir.clear_identity();');
		is((ask($dir, $ask))[0][1], 'nobody', 'and ends by clear_identity()');
		stop_pooler($dir);
	};

	subtest 'pooling of transactions, with a query that resets' => sub {
		my $dir = start_pooler('transaction', 'server_reset_query_always = 1');

		my @careless = ask($dir, "SELECT userdir.authenticate('$token{ann}', for_session => true);");
		my @next = ask($dir, $ask);
		is($next[0][1], 'nobody', 'DISCARD ALL after each transaction ends an identity of the session');
		stop_pooler($dir);
	};

	subtest 'pooling of sessions' => sub {
		my $dir = start_pooler('session', '');

		my @first = ask($dir, "SELECT userdir.authenticate('$token{ann}', for_session => true); BEGIN; $ask; COMMIT; $ask;");
		is_deeply([ map { $_->[1] } @first ], [ 'auth0|ann', 'auth0|ann' ], 'an identity of the session lasts as long as the client');
		my @second = ask($dir, $ask);
		is($second[0][0], $first[0][0], 'the next client has the same session of the server');
		is_deeply([ @{ $second[0] }[ 1, 2 ] ], [ 'nobody', 'nothing' ], 'but DISCARD ALL has ended the identity');
		stop_pooler($dir);
	};
}

is($node->safe_psql('postgres', qq{
	SELECT userdir.authenticate('$token{ann}', for_session => true);
	BEGIN;
	SELECT userdir.authenticate('$token{bob}');
	CREATE TABLE t ();
	PREPARE TRANSACTION 'x';
	SELECT userdir.user_id();
	ROLLBACK PREPARED 'x';
	SELECT userdir.user_id();
}), join("\n", map { "auth0|$_" } qw(ann bob ann ann)), 'an identity of a transaction ends where that is prepared');

# No token in the log, whatever is logged and whatever comes of it.
$node->append_conf('postgresql.conf', join "\n", 'log_min_duration_statement = 0', 'log_parameter_max_length_on_error = -1', "log_error_verbosity = verbose");
$node->reload;
my $start = -s $node->logfile;
my $broken = substr($token{ann}, 0, -4) . 'AAAA';
for my $token ($token{ann}, $broken, "$token{ann}x", 'x' x 3000)
{
	my ($out, $err);
	my $script = PostgreSQL::Test::Utils::tempdir() . '/authenticate.sql';
	append_to_file($script, "SELECT userdir.authenticate(:token);\n");
	IPC::Run::run([ 'pgbench', '-n', '-M', 'extended', '-t', '1', '-f', $script, '-D', "token=$token", $node->connstr('postgres') ], '>', \$out, '2>', \$err);
}
my $log = substr(slurp_file($node->logfile), $start);
like($log, qr/authenticate.*\[redacted\]/s, 'calls of authenticate() are logged');
unlike($log, qr/\Q$_\E/, 'without their tokens') for substr($token{ann}, 10, 30), substr($token{ann}, -30, 20), 'x' x 100;

$node->stop;
done_testing();

# find_pooler returns the path of PgBouncer, or nothing.
sub find_pooler
{
	my ($path) = grep { -x } map { "$_/pgbouncer" } split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/local/sbin';
	return $path;
}

# start_pooler starts PgBouncer with one session of the server for all of its clients. Result: the
# directory of its socket.
sub start_pooler
{
	my ($mode, $more) = @_;
	my $dir = PostgreSQL::Test::Utils::tempdir_short();
	my ($host, $port) = ($node->host, $node->port);

	append_to_file("$dir/users", "\"app\" \"\"\n");
	append_to_file("$dir/pgbouncer.ini", <<"END");
[databases]
postgres = host=$host port=$port dbname=postgres
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = $dir
auth_type = trust
auth_file = $dir/users
pool_mode = $mode
default_pool_size = 1
max_client_conn = 20
logfile = $dir/log
pidfile = $dir/pid
$more
END
	system_or_bail($pooler, '-q', '-d', "$dir/pgbouncer.ini");
	for (1 .. 100)
	{
		last if -S "$dir/.s.PGSQL.6432";
		select undef, undef, undef, 0.1;
	}
	return $dir;
}

sub stop_pooler
{
	my ($dir) = @_;
	my $pid = slurp_file("$dir/pid") + 0;

	kill 'TERM', $pid;
	for (1 .. 100)
	{
		last unless kill 0, $pid;
		select undef, undef, undef, 0.1;
	}
	ok(!kill(0, $pid), 'the pooler has ended');
	return;
}

# ask runs statements through the pooler, each as a message of its own, and returns the answers to
# the question, each as a list of its columns.
sub ask
{
	my ($dir, $statements) = @_;
	my ($out, $err) = ('', '');

	IPC::Run::run([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=0', '-d', "host=$dir port=6432 dbname=postgres user=app" ], '<', \$statements, '>', \$out, '2>', \$err);
	diag($err) if $err =~ /FATAL|pgbouncer|server closed/i;
	return map { [ split /\|(?=nobody|auth0|of|nothing)/ ] } grep { /^pid / } split /\n/, $out;
}
