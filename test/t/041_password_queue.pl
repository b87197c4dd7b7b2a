# The limit on passwords that are hashed at the same time: waiting, time-outs, interrupts and what
# happens when a waiter or the one that hashes goes away; once with locks, once with the library
# preloaded and shared memory.
use strict;
use warnings;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

# The costliest hash that the settings allow takes more than a second.
my $slow = "SET userdir.password_memory = '128MB'; SET userdir.password_passes = 16; SELECT length(userdir._hash_password('slow'))";
my $quick = "SET userdir.password_memory = '7MB'; SELECT userdir._hash_password('x') LIKE '\$argon2id\$%'";

for my $mode ('locks', 'shared memory')
{
	my $node = PostgreSQL::Test::Cluster->new($mode =~ s/ /_/r);
	$node->init;
	$node->append_conf('postgresql.conf', "fsync = off\nlog_statement = none\nmax_connections = 60\nrestart_after_crash = on\nuserdir.password_max_concurrent = 1\nuserdir.password_queue_timeout = 1min\n"
		. ($mode eq 'locks' ? '' : "shared_preload_libraries = 'userdir'\n"));
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION userdir');
	is($node->safe_psql('postgres', 'SHOW shared_preload_libraries'), $mode eq 'locks' ? '' : 'userdir', "$mode: the mode");

	# start runs a statement in a session of its own.
	my $start = sub {
		my ($sql, @more) = @_;
		my %session = (out => '', err => '');
		$session{run} = IPC::Run::start(['psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose', '-d', $node->connstr('postgres'), '-c', $sql, @more],
			'>', \$session{out}, '2>', \$session{err});
		return \%session;
	};
	my $wait_for = sub {
		my ($query, $what) = @_;
		$node->poll_query_until('postgres', $query) or die "$mode: $what";
	};
	# A backend that hashes is running; one that waits for its turn waits for an event.
	my $running = "FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%_hash_password%' AND pid <> pg_backend_pid() AND wait_event IS NULL";
	my $waiting = "FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%_hash_password%' AND wait_event_type = 'Extension'";
	my $hold = sub {
		my $holder = $start->($slow);
		$wait_for->("SELECT count(*) = 1 $running", 'nobody hashes');
		return $holder;
	};
	my $finish = sub {
		my ($session) = @_;
		$session->{run}->finish;
		return $session->{out} . $session->{err};
	};

	# Somebody hashes: a second one waits for its turn and gets it.
	my $holder = $hold->();
	my $begin = time;
	is($node->safe_psql('postgres', $quick), 't', "$mode: who waits gets a turn");
	cmp_ok(time - $begin, '>', 0.3, "$mode: after waiting for it");
	like($finish->($holder), qr/^99$/m, "$mode: who came first has its hash");

	# Time-out of the queue.
	$holder = $hold->();
	$begin = time;
	my ($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSET userdir.password_queue_timeout = '100ms'; $quick");
	like($err, qr/ERROR:  UD201: too many passwords are being verified or hashed/, "$mode: a time-out of the queue");
	like($err, qr/DETAIL:  None of 1 places became free within 100 ms\./, "$mode: its detail");
	like($err, qr/HINT:  Try again\./, "$mode: its hint");
	cmp_ok(time - $begin, '<', 3, "$mode: it comes in time");

	# Without any waiting: whatever is slow fails at once; a plain digest is no burden and needs no turn.
	# All in one session, so that it is over before the hash is.
	my @slow = ("_hash_password('x')", "_verify_password('x', '\$2b\$04\$T1qHqV816QqRkZToeIAGXuQLUNn6Yp3sRzeWj3aVoR0nux26Y/3IS')", "_verify_nothing('x')", "_wrap_password_hash('\$digest-md5\$\$AAAAAAAAAAAAAAAAAAAAAA')");
	my $every = $start->("SET userdir.password_queue_timeout = 0", '-v', 'ON_ERROR_STOP=0', map { ('-c', "SELECT userdir.$_") } @slow, "_verify_password('x', '\$digest-md5\$\$AAAAAAAAAAAAAAAAAAAAAA')");
	my $answers = $finish->($every);
	is(scalar(() = $answers =~ /ERROR:  UD201: too many passwords/g), 4, "$mode: without time to wait whatever is slow fails at once") or diag($answers);
	like($answers, qr/^f$/m, "$mode: a fast hash needs no turn");
	$finish->($holder);
	is($node->safe_psql('postgres', "SET userdir.password_queue_timeout = 0; $quick"), 't', "$mode: the place is free again");

	# Interrupts while waiting.
	$holder = $hold->();
	$begin = time;
	($status, $out, $err) = $node->psql('postgres', "SET statement_timeout = '100ms'; $quick");
	like($err, qr/canceling statement due to statement timeout/, "$mode: statement_timeout ends the wait");
	my @waiters = map { $start->("SET userdir.password_queue_timeout = '1min'; $quick") } 1 .. 3;
	$wait_for->("SELECT count(*) = 3 $waiting", 'nobody waits');
	is($node->safe_psql('postgres', "SELECT bool_and(CASE n WHEN 1 THEN pg_cancel_backend(pid) ELSE pg_terminate_backend(pid) END) FROM (SELECT pid, row_number() OVER () AS n FROM pg_stat_activity WHERE wait_event_type = 'Extension' AND query LIKE '%_hash_password%' LIMIT 2) w"), 't', "$mode: one waiter is cancelled, one terminated");
	my $said = join '', map { $finish->($_) } @waiters;
	like($said, qr/canceling statement due to user request/, "$mode: the cancelled one says so");
	like($said, qr/terminating connection due to administrator command/, "$mode: the terminated one says so");
	like($said, qr/^t$/m, "$mode: the third one has its turn");
	$finish->($holder);

	# The one that hashes is terminated: it ends after the hash, and its place is free.
	$holder = $hold->();
	$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%_hash_password%' AND pid <> pg_backend_pid()");
	is($node->safe_psql('postgres', $quick), 't', "$mode: the place of a terminated backend is free");
	like($finish->($holder), qr/terminating connection/, "$mode: it was terminated");

	# Errors give the place back: inside a block with an exception, and after an aborted transaction.
	is($node->safe_psql('postgres', "SET userdir.password_queue_timeout = '10s'; SET statement_timeout = '1min'; SET userdir.password_memory = '7MB';
		CREATE FUNCTION pg_temp.try() RETURNS text LANGUAGE plpgsql AS \$\$ DECLARE h text; BEGIN h := userdir._hash_password('x'); RAISE EXCEPTION 'no'; EXCEPTION WHEN OTHERS THEN RETURN 'caught'; END \$\$;
		SELECT pg_temp.try(); BEGIN; SELECT length(userdir._hash_password('x')); ROLLBACK; SELECT length(userdir._hash_password('x'))"), "caught\n96\n96", "$mode: a place is given back whatever follows");

	# Many at once: all get their turn, and all can be cancelled at once.
	$holder = $hold->();
	@waiters = map { $start->("SET userdir.password_queue_timeout = '1min'; $quick") } 1 .. 40;
	$wait_for->("SELECT count(*) = 40 $waiting", 'not all wait');
	$begin = time;
	$node->safe_psql('postgres', "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Extension' AND query LIKE '%_hash_password%' LIMIT 30");
	$wait_for->("SELECT count(*) < 11 $waiting", 'they are not cancelled');
	$said = join '', map { $finish->($_) } @waiters;
	is(scalar(() = $said =~ /canceling statement due to user request/g), 30, "$mode: thirty of forty waiters are cancelled");
	is(scalar(() = $said =~ /^t$/mg), 10, "$mode: the ten others have their turn");
	$finish->($holder);

	# Never more at once than the limit says: locks can be counted.
	if ($mode eq 'locks')
	{
		$holder = $hold->();
		is($node->safe_psql('postgres', "SELECT count(*), min(database::text), bool_and(granted) FROM pg_locks WHERE locktype = 'advisory'"), '1|0|t', "$mode: the place is one lock of no database");
		is($node->safe_psql('postgres', 'SELECT pg_try_advisory_lock(classid::int, objid::int), pg_try_advisory_lock((classid::bigint << 32) | objid::bigint) FROM pg_locks WHERE locktype = \'advisory\''), 't|t', "$mode: no SQL function can take it");
		$finish->($holder);
		is($node->safe_psql('postgres', "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), 0, "$mode: nothing stays locked");
	}

	# The limit counts in the whole cluster, and a reload changes it.
	$node->safe_psql('postgres', 'CREATE DATABASE other');
	$node->safe_psql('other', 'CREATE EXTENSION userdir');
	$holder = $hold->();
	($status, $out, $err) = $node->psql('other', "SET userdir.password_queue_timeout = 0; $quick");
	like($err, qr/too many passwords/, "$mode: another database waits too");
	$node->append_conf('postgresql.conf', 'userdir.password_max_concurrent = 2');
	$node->reload;
	is($node->safe_psql('other', $quick), 't', "$mode: with two places it does not");
	$finish->($holder);

	# A crash frees every place.
	if ($mode eq 'shared memory')
	{
		$node->append_conf('postgresql.conf', 'userdir.password_max_concurrent = 1');
		$node->reload;
		$holder = $hold->();
		kill 'KILL', $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%_hash_password%' AND pid <> pg_backend_pid()");
		$finish->($holder);
		$node->poll_query_until('postgres', 'SELECT true') or die 'no recovery';
		is($node->safe_psql('postgres', "SET userdir.password_queue_timeout = 0; $quick"), 't', "$mode: the place of a killed backend is free after recovery");
	}

	# Under load from many clients nothing is lost, and nobody waits for ever.
	$node->append_conf('postgresql.conf', 'userdir.password_max_concurrent = 0');
	$node->reload;
	my $script = $node->basedir . '/load.sql';
	append_to_file($script, "SELECT userdir._hash_password('x');\n");
	my ($pgbench_out, $pgbench_err);
	{
		local $ENV{PGOPTIONS} = '-c userdir.password_memory=7MB -c userdir.password_queue_timeout=1min';
		IPC::Run::run(['pgbench', '-n', '-c', '20', '-t', '10', '-f', $script, '-h', $node->host, '-p', $node->port, 'postgres'], '>', \$pgbench_out, '2>', \$pgbench_err);
	}
	like($pgbench_out, qr{number of transactions actually processed: 200/200}, "$mode: twenty clients get their two hundred hashes") or diag($pgbench_err);
	is($node->safe_psql('postgres', "SET userdir.password_queue_timeout = 0; $quick"), 't', "$mode: and every place is free after them");
	$node->stop;
}

done_testing();
