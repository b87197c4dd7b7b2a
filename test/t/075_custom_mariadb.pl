# Users move here from MariaDB, by the template of docs/custom-databases.md: salted SHA-256 and bcrypt.
# And what a server that is slow or down does to logins.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);
use UserdirTest;

my $sharedir = `@{[ $ENV{PG_CONFIG} || 'pg_config' ]} --sharedir` =~ s/\n//r;
my ($mariadbd) = grep { -x } map { "$_/mariadbd" } split(/:/, $ENV{PATH}), '/usr/sbin';
plan skip_all => 'mysql_fdw is not installed (Debian: postgresql-15-mysql-fdw)' unless -e "$sharedir/extension/mysql_fdw.control";
plan skip_all => q{MariaDB is not installed (Debian: mariadb-server-core, mariadb-client-core)} unless $mariadbd && grep { -x "$_/mariadb-install-db" } split(/:/, $ENV{PATH});

#
# A server of our own, on the loopback address: mysql_fdw knows no path of a socket
#
my $dir = PostgreSQL::Test::Utils::tempdir_short();
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $pid;

sub start_mariadb
{
	$pid = fork() // die "fork: $!";
	if ($pid == 0)
	{
		open STDOUT, '>>', "$dir/server.log";
		open STDERR, '>&', \*STDOUT;
		exec $mariadbd, '--no-defaults', "--datadir=$dir/data", "--socket=$dir/socket", "--pid-file=$dir/pid", '--bind-address=127.0.0.1', "--port=$port",
		  '--skip-log-bin', '--innodb-buffer-pool-size=8M', '--innodb-flush-log-at-trx-commit=0', '--skip-name-resolve', '--character-set-server=utf8mb4'
		  or die "exec: $!";
	}
	for (1 .. 600)
	{
		return if system("mariadb --no-defaults -u root -S $dir/socket -e 'SELECT 1' >/dev/null 2>&1") == 0;
		usleep(100_000);
	}
	die "MariaDB did not start:\n" . slurp_file("$dir/server.log");
}

sub stop_mariadb
{
	return unless $pid;
	kill 'TERM', $pid;
	waitpid $pid, 0;
	$pid = undef;
	return;
}
END { stop_mariadb() }

sub mariadb
{
	my ($sql) = @_;
	my ($out, $err);
	IPC::Run::run([ 'mariadb', '--no-defaults', '-N', '-u', 'root', '-S', "$dir/socket" ], '<', \$sql, '>', \$out, '2>', \$err) or die $err;
	return $out;
}

system("mariadb-install-db --no-defaults --datadir=$dir/data --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve >$dir/install.log 2>&1") == 0 or die slurp_file("$dir/install.log");
start_mariadb();

my $here = new_server('here');
$here->append_conf('postgresql.conf', "userdir.password_memory = '7MB'");
$here->restart;
$here->safe_psql('postgres', q{CREATE EXTENSION userdir; SELECT userdir.install('test'); SELECT userdir.create_connection('shop', 'auth0'); CREATE EXTENSION pgcrypto});

# Odd customers have salted SHA-256, even ones bcrypt.
my @bcrypt = split /\n/, $here->safe_psql('postgres', q{SELECT crypt('Old-Boat-' || n, gen_salt('bf', 4)) FROM generate_series(2, 40, 2) n});
my $rows = join ', ', map {
	my $n = $_;
	$n % 2 ? "($n, 'Customer$n\@example.com', 'Given', 'Fam\xc3\xadly $n', 'salt$n', SHA2(CONCAT('salt$n', 'Old-Boat-$n'), 256))"
	       : "($n, 'Customer$n\@example.com', 'Given', 'Fam\xc3\xadly $n', NULL, '$bcrypt[$n / 2 - 1]')"
} 1 .. 40;
mariadb(qq{SET NAMES utf8mb4; CREATE DATABASE shop; CREATE USER userdir\@'127.0.0.1' IDENTIFIED BY 'for the test'; GRANT SELECT ON shop.* TO userdir\@'127.0.0.1'; USE shop;
	CREATE TABLE customers (id int PRIMARY KEY, email varchar(255) UNIQUE, first_name varchar(100), last_name varchar(100), salt varchar(32), passwd varchar(128));
	INSERT INTO customers VALUES $rows;});

my ($script) = read_file(root_file('docs/custom-databases.md')) =~ /^```sql\n(-- template: mariadb\n.*?)^```$/ms or die 'no template';
$script =~ s/port '3306'/port '$port'/;
$script =~ s/of the account over there/for the test/;
$here->safe_psql('postgres', $script);

sub login
{
	my ($name, $password, $settings) = @_;
	my $start = time;
	my $answer = $here->safe_psql('postgres', ($settings // '') . "SELECT concat_ws(' ', outcome, user_id) FROM userdir.login('shop', '$name', '$password', context => '{\"ip\": \"192.0.2.7\"}')");
	return wantarray ? ($answer, time - $start) : $answer;
}
sub number { my ($query) = @_; return $here->safe_psql('postgres', $query) }

like(number(q{SET plan_cache_mode = force_generic_plan; PREPARE p(text) AS SELECT * FROM webshop.customers c WHERE c.email = $1; EXPLAIN (VERBOSE) EXECUTE p('x')}),
	qr/Remote query: .* WHERE \(\(`email` = \?\)\)/, 'the condition is sent to the other server');
is(join(' ', map { scalar login("customer$_\@example.com", "Old-Boat-$_") } 1 .. 38), join(' ', map { "success auth0|$_" } 1 .. 38), 'users with both kinds of hashes sign in');
is(login('CUSTOMER38@EXAMPLE.COM', 'Old-Boat-38'), 'success auth0|38', 'and again');
is(login('customer39@example.com', 'Old-Boat-38'), 'invalid_user_password', 'not with another password');
is(login('customer40@example.com', 'Old-Boat-39'), 'invalid_user_password', 'of either kind');
is(login('nobody@example.com', 'Old-Boat-39'), 'invalid_user_password', 'nor as somebody unknown');
is(login(q{x'' OR ''a''=''a}, 'x'), 'invalid_user_password', 'a name is never SQL');
is(number(q{SELECT string_agg(type || coalesce(' ' || user_id, ''), ', ' ORDER BY date, log_id) FROM userdir.logs WHERE type <> 's'}), 'fp auth0|39, fp auth0|40, fu, fu', 'the log tells them apart');
is(number(q{SELECT count(*), count(DISTINCT email), sum((userdir.password_hash_info(hash) ->> 'scheme' = 'argon2id')::integer) FROM userdir.users JOIN userdir.credentials USING (user_id)}), '38|38|38', 'each is here once, with an argon2id hash');
is(number(q{SELECT name, email FROM userdir.users WHERE user_id = 'auth0|7'}), "Given Fam\xc3\xadly 7|customer7\@example.com", 'names arrive as they are');
my $ticket = number(q{SELECT userdir.request_password_change('shop', 'customer39@example.com')});
is(number(qq{SELECT outcome, user_id FROM userdir.reset_password('$ticket', 'New-Boat-39')}), 'success|auth0|39', 'a new password before the first login');
is(login('customer39@example.com', 'New-Boat-39'), 'success auth0|39', 'is good');

# A slow server ends its query itself.
mariadb('USE shop; RENAME TABLE customers TO stored; CREATE VIEW customers AS SELECT s.* FROM stored s WHERE SLEEP(30) = 0');
number(q{ALTER SERVER webshop OPTIONS (SET init_command 'SET SESSION max_statement_time = 1')});
my ($answer, $seconds) = login('customer40@example.com', 'Old-Boat-40');
is($answer, 'access_denied', 'a slow server: an outcome');
cmp_ok($seconds, '<', 10, 'within its own limit');
like(number(q{SELECT details ->> 'message' FROM userdir.logs WHERE type = 'f' ORDER BY date DESC LIMIT 1}), qr/max_statement_time exceeded/, 'and the reason in the log');
is(number(q{SELECT count(*) FROM userdir.users WHERE user_id = 'auth0|40'}), '0', 'nobody is imported');
mariadb('USE shop; DROP VIEW customers; RENAME TABLE stored TO customers');
is(login('customer40@example.com', 'Old-Boat-40'), 'success auth0|40', 'when it is quick again, the user comes');

# The server goes, and comes back.
stop_mariadb();
($answer, $seconds) = login('customer41@example.com', 'x');
is($answer, 'access_denied', 'a server that is down: an outcome');
cmp_ok($seconds, '<', 5, 'at once');
is(join(' ', map { scalar login("customer$_\@example.com", "Old-Boat-$_") } 1 .. 38), join(' ', map { "success auth0|$_" } 1 .. 38), 'all who have come sign in');
start_mariadb();
is(login('customer41@example.com', 'x'), 'invalid_user_password', 'when it is there again, it is asked');

done_testing();
