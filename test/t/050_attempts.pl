# Failed logins in shared memory: no ROLLBACK erases them, databases do not mix, nothing is lost when
# the table is full, at a crash or by concurrent attempts; and all the rest is as it is in rows.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $root = $ENV{USERDIR_ROOT} || '.';

# start_node makes a server; settings are added to its configuration.
sub start_node
{
	my ($name, @settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init;
	$node->append_conf('postgresql.conf', join "\n", 'fsync = off', 'restart_after_crash = on', @settings, '');
	$node->start;
	make_directory($node, 'postgres');
	return $node;
}

sub make_directory
{
	my ($node, $database) = @_;
	$node->safe_psql($database, "CREATE EXTENSION userdir; SELECT userdir.install('test'); SELECT userdir.create_connection('c', 'auth0')");
	return;
}

# fail_login returns statements that count failed logins, each of them on its own.
sub fail_login
{
	my ($times, $identifier, $ip) = @_;
	return "SELECT userdir._attempt_failed('c', '$identifier', '$ip');\n" x $times;
}

sub allowed
{
	my ($node, $identifier, $ip, $database) = @_;
	return $node->safe_psql($database // 'postgres', "SELECT allowed, reason FROM userdir._attempt_allowed('c', '$identifier', '$ip')");
}

sub level
{
	my ($node, $kind, $who, $ip) = @_;
	return $node->safe_psql('postgres', "SELECT level FROM userdir._attempts_read('$kind', '$who', '$ip', 0, clock_timestamp())");
}

# log_since returns what the server has logged since its log had some size.
sub log_since
{
	my ($node, $offset) = @_;
	return substr slurp_file($node->logfile), $offset;
}

my $who = '\x' . '0123456789abcdef' x 2;
my $rows = start_node('rows');
my $shared = start_node('shared', "shared_preload_libraries = 'userdir'");
is($rows->safe_psql('postgres', 'SELECT mode FROM userdir.attempts_status()'), 'rows', 'rows without preload');
is($shared->safe_psql('postgres', 'SELECT mode, capacity, used, estimated FROM userdir.attempts_status()'),
	'shared memory|65536|0|0', 'shared memory with preload');

# The same script says the same on both.
{
	my $try = slurp_file("$root/t/try.sql");
	my $script = $try . slurp_file("$root/t/attempts.sql");
	my %said;
	for my $node ($rows, $shared)
	{
		$node->safe_psql('postgres', 'CREATE DATABASE semantics');
		$node->safe_psql('semantics', "CREATE EXTENSION userdir; SELECT userdir.install('test')");
		$node->psql('semantics', $script, stdout => \$said{ $node->name }, stderr => \my $errors, on_error_stop => 1);
		is($errors, '', $node->name . ': the script runs to its end');
	}
	ok(length $said{rows} > 2000, 'the script says something');
	is($said{shared}, $said{rows}, 'shared memory and rows lead to the same');
	is($shared->safe_psql('semantics', 'SELECT count(*) FROM userdir.login_attempts'), '0', 'and no row was written in the one');
}

# ROLLBACK.
$_->psql('postgres', "BEGIN;\n" . fail_login(10, 'rolled', '192.0.2.1') . 'ROLLBACK;') for $rows, $shared;
is(allowed($shared, 'rolled', '192.0.2.1'), 'f|limit_wc', 'a ROLLBACK does not erase attempts in shared memory');
is(allowed($rows, 'rolled', '192.0.2.1'), 't|', 'a ROLLBACK erases them in rows');
$shared->psql('postgres', fail_login(9, 'cut', '192.0.2.1') . "BEGIN; SAVEPOINT s;\n" . fail_login(1, 'cut', '192.0.2.1') . "ROLLBACK TO s; SELECT 1/0; COMMIT;");
is(allowed($shared, 'cut', '192.0.2.1'), 'f|limit_wc', 'nor does an error or a savepoint');
like($shared->safe_psql('postgres', "SELECT userdir.user_blocks('rolled')"), qr/"ip": "192.0.2.1"/, 'and the block is shown');

# Databases, and directories that follow one another in a database.
$shared->safe_psql('postgres', 'CREATE DATABASE other');
make_directory($shared, 'other');
is(allowed($shared, 'rolled', '192.0.2.1', 'other'), 't|', 'another database knows nothing of it');
$shared->safe_psql('other', fail_login(10, 'theirs', '192.0.2.1'));
is(allowed($shared, 'theirs', '192.0.2.1'), 't|', 'nor this one of the other');
is($shared->safe_psql('other', "SELECT userdir.unblock_user('rolled')"), 'f', 'and cannot unblock there');
is(allowed($shared, 'rolled', '192.0.2.1'), 'f|limit_wc', 'so that the block stays');
$shared->safe_psql('postgres', "CREATE DATABASE copy TEMPLATE other");
is(allowed($shared, 'theirs', '192.0.2.1', 'copy'), 't|', 'a copy of a database starts without attempts');
$shared->safe_psql('other', "SELECT userdir.uninstall('test'); SELECT userdir.install('test'); SELECT userdir.create_connection('c', 'auth0')");
is(allowed($shared, 'theirs', '192.0.2.1', 'other'), 't|', 'a new directory starts without those of the old one');

# Concurrency: exact counts, and exactly one attempt that reaches the limit.
for my $node ($rows, $shared)
{
	my $name = $node->name;
	$node->safe_psql('postgres', 'CREATE TABLE reached (wc boolean, mu boolean)');
	my $script = $node->basedir . '/count.sql';
	append_to_file($script, "SELECT userdir._attempts_add('identifier', '$who', NULL, 0, 1e9, clock_timestamp());\n");
	$node->command_ok(['pgbench', '-n', '-c', '8', '-j', '2', '-t', '125', '-f', $script, 'postgres'], "$name: eight clients count");
	is($node->safe_psql('postgres', "SELECT level FROM userdir._attempts_read('identifier', '$who', NULL, 0, clock_timestamp())"), '1000', "$name: every attempt counts, once");

	my $race = $node->basedir . '/race.sql';
	append_to_file($race, "INSERT INTO reached SELECT * FROM userdir._attempt_failed('c', 'raced', '192.0.2.3');\n");
	$node->command_ok(['pgbench', '-n', '-c', '8', '-j', '2', '-t', '20', '-f', $race, 'postgres'], "$name: eight clients fail to log in");
	is($node->safe_psql('postgres', 'SELECT count(*), count(*) FILTER (WHERE wc), count(*) FILTER (WHERE mu) FROM reached'), '160|1|1',
		"$name: one attempt reached each limit");
}
{
	# As close together as can be, so that increments that were not exclusive would be lost.
	my $script = $shared->basedir . '/hammer.sql';
	append_to_file($script, "SELECT count(a.after) FROM generate_series(1, 2000) n, LATERAL userdir._attempts_add('identifier', '$who', NULL, 0, 1e9 + n, clock_timestamp()) a;\n");
	$shared->command_ok(['pgbench', '-n', '-c', '8', '-j', '2', '-t', '25', '-f', $script, 'postgres'], 'eight clients hammer one key');
	is($shared->safe_psql('postgres', "SELECT level FROM userdir._attempts_read('identifier', '$who', NULL, 0, clock_timestamp())"), '401000', 'no increment is lost');
}
is(allowed($rows, 'raced', '192.0.2.3'), 'f|limit_wc', 'the race ends in a block in rows');

# Neither a restart nor kill -9 loses a count.
sub check_kept
{
	my ($event) = @_;
	is(level($shared, 'identifier_ip', $who, '192.0.2.4'), '7', "$event: a count is kept");
	is(allowed($shared, 'rolled', '192.0.2.1'), 'f|limit_wc', "$event: a block is kept");
	return;
}
$shared->safe_psql('postgres', "SELECT userdir._attempts_add('identifier_ip', '$who', '192.0.2.4', 0, 10, clock_timestamp());\n" x 7);
$shared->restart;
check_kept('restart');

my $load = $shared->basedir . '/load.sql';
append_to_file($load, "\\set n random(1, 100000)\nSELECT userdir._attempt_failed('c', 'load' || :n, NULL);\n");
{
	my $bench = IPC::Run::start(['pgbench', '-n', '-c', '4', '-T', '60', '-f', $load, $shared->connstr('postgres')], '>', \my $out, '2>', \my $err);
	ok($shared->poll_query_until('postgres', 'SELECT used > 100 FROM userdir.attempts_status()'), 'load counts attempts');
	my $victim = $shared->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1");
	like($victim, qr/^[1-9][0-9]*$/, 'a backend under load') or die 'there is nobody to kill';
	my $offset = -s $shared->logfile;
	is(kill('KILL', $victim), 1, 'kill -9 of a backend');
	$bench->finish;
	ok($shared->poll_query_until('postgres', 'SELECT true'), 'the server comes back');
	like(log_since($shared, $offset), qr/all server processes terminated; reinitializing/, 'after a crash');
	check_kept('kill -9 of a backend');
}
{
	my $bench = IPC::Run::start(['pgbench', '-n', '-c', '4', '-T', '60', '-f', $load, $shared->connstr('postgres')], '>', \my $out, '2>', \my $err);
	my $used = $shared->safe_psql('postgres', 'SELECT used FROM userdir.attempts_status()');
	ok($shared->poll_query_until('postgres', "SELECT used > $used + 100 FROM userdir.attempts_status()"), 'load counts attempts again');
	$used = $shared->safe_psql('postgres', 'SELECT used FROM userdir.attempts_status()');
	$shared->stop('immediate');
	$bench->finish;
	$shared->start;
	check_kept('immediate stop');
	cmp_ok($shared->safe_psql('postgres', 'SELECT used FROM userdir.attempts_status()'), '>=', $used, 'nothing that was counted is lost');
	# Its children notice a moment later, and until then no other server may start.
	my @children = split /\n/, $shared->safe_psql('postgres', 'SELECT pid FROM pg_stat_activity');
	$shared->kill9;
	for (1 .. 600)
	{
		last unless grep { $_ > 1 && kill 0, $_ } @children;
		usleep(100_000);
	}
	$shared->start;
	check_kept('kill -9 of the postmaster');
}

# The file says nothing of identifiers, and is for nobody else.
my $file = $shared->data_dir . '/pg_stat/userdir_attempts.map';
$shared->safe_psql('postgres', fail_login(1, 'marker_identifier', '192.0.2.5'));
unlike(slurp_file($file), qr/marker_identifier/, 'identifiers are hashed');
is(sprintf('%o', (stat $file)[2] & 07777), '600', 'the file is for the server alone');
is(-s $file, $shared->safe_psql('postgres', 'SELECT bytes FROM userdir.attempts_status()'), 'it has the size that the status tells');

# A full table.
{
	$shared->append_conf('postgresql.conf', 'userdir.attempts_capacity = 20');
	my $offset = -s $shared->logfile;
	$shared->restart;
	like(log_since($shared, $offset), qr/WARNING: .*failed logins that were counted before are forgotten/, 'another capacity is told of');
	is($shared->safe_psql('postgres', 'SELECT capacity, used, estimated FROM userdir.attempts_status()'), '32|0|0', 'and starts with an empty table');
	is(allowed($shared, 'rolled', '192.0.2.1'), 't|', 'that has forgotten');

	# Nothing yet in the sketch: forgetting needs no marks.
	$shared->safe_psql('postgres', fail_login(10, 'early', '192.0.2.6') . "SELECT userdir.unblock_user('early')");
	is($shared->safe_psql('postgres', 'SELECT used FROM userdir.attempts_status()'), '1', 'unblocking leaves nothing but the address');

	$shared->safe_psql('postgres', fail_login(10, 'victim', '192.0.2.7') . fail_login(6, 'halfway', '192.0.2.8')
		. "SELECT userdir._attempts_add('login_ip', userdir._attempt_who((SELECT salt FROM userdir.attack_protection), '', ''), '192.0.2.9', 864000, 100, clock_timestamp()) FROM generate_series(1, 100);");
	my $flood = "SELECT count(*) FROM generate_series(1, %d) n, LATERAL userdir._attempts_add('identifier_ip', sha256(convert_to('%s' || n, 'UTF8'))::bytea, NULL, 0, 10, clock_timestamp()) a";
	# Keys have 16 bytes.
	$flood =~ s/sha256\((.*?\))\)::bytea/substr(sha256($1), 1, 16)/;
	$shared->safe_psql('postgres', sprintf $flood, 40, 'flood') for 1 .. 3;
	cmp_ok($shared->safe_psql('postgres', 'SELECT estimated FROM userdir.attempts_status()'), '>', 50, 'more keys than places');
	is($shared->safe_psql('postgres', 'SELECT used <= capacity FROM userdir.attempts_status()'), 't', 'the table stays as large as it is');

	# Never less than the truth: each of the forty has failed three times.
	is($shared->safe_psql('postgres', "SELECT count(*) FROM generate_series(1, 40) n, LATERAL userdir._attempts_read('identifier_ip', substr(sha256(convert_to('flood' || n, 'UTF8')), 1, 16), NULL, 0, clock_timestamp()) a WHERE a.level < 3"),
		'0', 'no count is less than the truth');
	is(allowed($shared, 'victim', '192.0.2.7'), 'f|limit_wc', 'a block survives the flood');
	is($shared->safe_psql('postgres', "SELECT userdir.ip_block('192.0.2.9')"), 't', 'so does the block of an address');
	$shared->safe_psql('postgres', fail_login(4, 'halfway', '192.0.2.8'));
	is(allowed($shared, 'halfway', '192.0.2.8'), 'f|limit_wc', 'and a count below the limit goes on from where it was');

	# A heavier flood of keys of ten attempts drives out everything.
	my $heavy = $flood =~ s/, LATERAL/, generate_series(1, 10) times, LATERAL/r;
	$shared->safe_psql('postgres', sprintf $heavy, 200, 'heavy');
	is(allowed($shared, 'victim', '192.0.2.7'), 'f|limit_wc', 'a block survives a flood of blocks');
	is($shared->safe_psql('postgres', "SELECT userdir.ip_block('192.0.2.9')"), 't', 'so does that of an address');

	# What was driven out can be unblocked all the same.
	$shared->safe_psql('postgres', "SELECT userdir.unblock_user('victim'), userdir.unblock_ip('192.0.2.9')");
	is(allowed($shared, 'victim', '192.0.2.7'), 't|', 'unblocking overrules the sketch');
	is($shared->safe_psql('postgres', "SELECT userdir.ip_block('192.0.2.9')"), 'f', 'also for an address');
	$shared->safe_psql('postgres', fail_login(9, 'victim', '192.0.2.7'));
	is(allowed($shared, 'victim', '192.0.2.7'), 't|', 'after it, counting starts anew');
	is($shared->safe_psql('postgres', "SELECT (userdir._attempt_succeeded('c', 'victim', '192.0.2.7')).allowed"), 't', 'a success is allowed');
	$shared->safe_psql('postgres', fail_login(9, 'victim', '192.0.2.7'));
	is(allowed($shared, 'victim', '192.0.2.7'), 't|', 'and forgets as well');
	$shared->safe_psql('postgres', fail_login(1, 'victim', '192.0.2.7'));
	is(allowed($shared, 'victim', '192.0.2.7'), 'f|limit_wc', 'and it ends in a block again');
	is($shared->safe_psql('postgres', "SELECT allowed, reason FROM userdir._attempt_succeeded('c', 'victim', '192.0.2.7')"), 'f|limit_wc', 'a success that comes too late is refused');
	is(allowed($shared, 'victim', '192.0.2.7'), 'f|limit_wc', 'and forgets nothing');
	$shared->restart;
	is(allowed($shared, 'halfway', '192.0.2.8'), 'f|limit_wc', 'what was driven out survives a restart');

	# All of it expires.
	is($shared->safe_psql('postgres', "SELECT allowed FROM userdir._attempt_allowed('c', 'halfway', '192.0.2.8', moment => clock_timestamp() + interval '30 days 1 minute')"), 't', 'and expires');
}

# A file that is damaged.
{
	$shared->stop;
	open my $out, '+<:raw', $file or die "$file: $!";
	print $out 'x' x 100;
	close $out;
	my $offset = -s $shared->logfile;
	$shared->start;
	like(log_since($shared, $offset), qr/is damaged or of another version/, 'a damaged file is told of');
	is($shared->safe_psql('postgres', 'SELECT used, estimated FROM userdir.attempts_status()'), '0|0', 'and replaced');

	# Entries of which only the middle is noise are freed; what they say cannot hurt.
	$shared->safe_psql('postgres', fail_login(10, 'before', '192.0.2.1'));
	$shared->stop;
	open $out, '+<:raw', $file or die "$file: $!";
	seek $out, -(32 * 64), 2;
	print $out "\xff" x (31 * 64);
	close $out;
	$shared->start;
	cmp_ok($shared->safe_psql('postgres', 'SELECT used FROM userdir.attempts_status()'), '<=', 1, 'entries that cannot be are freed');
	$shared->safe_psql('postgres', fail_login(10, 'after', '192.0.2.1'));
	is(allowed($shared, 'after', '192.0.2.1'), 'f|limit_wc', 'and counting goes on');
}

my ($status, undef, $errors) = $shared->psql('postgres', 'SET userdir.attempts_capacity = 100');
like($errors, qr/cannot be changed without restarting the server/, 'the capacity is set at the start');

$rows->stop;
$shared->stop;
done_testing();
