# A thousand users move here from another PostgreSQL, by the templates of docs/custom-databases.md: each
# is imported once at the first login, and signs in when the other server is gone. And what a server that is
# down, silent or slow does to logins.
use strict;
use warnings;
use IO::Socket::UNIX ();
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);
use UserdirTest;

my $crm = new_server('crm');
$crm->append_conf('postgresql.conf', "log_statement = 'all'\nlog_parameter_max_length = -1");
$crm->restart;
$crm->safe_psql('postgres', 'CREATE DATABASE crm');
$crm->safe_psql(
	'crm', q{
	CREATE EXTENSION pgcrypto;
	CREATE TABLE accounts (id bigint PRIMARY KEY DEFAULT 5000, email text UNIQUE, name text, password_hash text, email_verified boolean, plan text);
	CREATE INDEX ON accounts (lower(email));
	INSERT INTO accounts SELECT n, 'User' || n || '@example.com', 'User ' || n, crypt('Old-Boat-' || n, gen_salt('bf', 4)), n % 2 = 0, CASE n % 3 WHEN 0 THEN 'gold' ELSE 'free' END
	  FROM generate_series(1, 1000) n;
	DELETE FROM accounts WHERE id > 990});

my $here = new_server('here');
$here->append_conf('postgresql.conf', "shared_preload_libraries = 'userdir'\nuserdir.password_memory = '7MB'\nuserdir.password_queue_timeout = '1min'\nuserdir.custom_database_timeout = '10s'");
$here->restart;
$here->safe_psql('postgres', q{CREATE EXTENSION userdir; SELECT userdir.install('test'); SELECT userdir.create_connection('shop', 'auth0');});

# use_template runs a template of the documentation, with the address of our server in it.
sub use_template
{
	my ($name) = @_;
	my ($script) = read_file(root_file('docs/custom-databases.md')) =~ /^```sql\n(-- template: \Q$name\E\n.*?)^```$/ms or die "no template $name";
	my $host = $crm->host;
	my $port = $crm->port;

	$script =~ s/host 'crm\.example\.com', port '5432'/host '$host', port '$port'/;
	$script =~ s/OPTIONS \(user 'userdir', password '[^']*'\)//;
	$here->safe_psql('postgres', $script);
	return;
}

sub login_call
{
	my ($n, $password) = @_;
	return "SELECT outcome FROM userdir.login('shop', 'user$n\@example.com', '$password', context => '{\"ip\": \"192.0.2.7\"}');\n";
}

# start_session runs a script in a session of its own; its input is a file, as it is not to wait for ours.
my $scripts = 0;
sub start_session
{
	my ($script) = @_;
	my $file = $here->basedir . '/session' . $scripts++ . '.sql';
	my $session = { out => '', err => '' };

	append_to_file($file, $script);
	$session->{run} = IPC::Run::start([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $here->connstr('postgres'), '-f', $file ], '>', \$session->{out}, '2>', \$session->{err});
	return $session;
}

# sign_in logs users in, by several sessions at once, and returns how often which outcome came. Each session
# gets its share of the users, or all of them.
sub sign_in
{
	my ($users, $password, %how) = @_;
	my @scripts = ('') x 4;
	my %count;

	for my $i (0 .. $#$users)
	{
		$scripts[$_] .= login_call($users->[$i], $password->($users->[$i])) for $how{all} ? (0 .. 3) : $i % 4;
	}
	for my $session (map { start_session($_) } @scripts)
	{
		$session->{run}->finish;
		$count{$_}++ for split /\n/, $session->{out};
		$count{error} .= $session->{err} if $session->{err};
	}
	return \%count;
}

my $old = sub { return "Old-Boat-$_[0]" };

# asked counts what the other server was asked since a place in its log.
sub asked
{
	my ($start) = @_;
	my $log = substr(slurp_file($crm->logfile), $start);
	return scalar(() = $log =~ /(?:statement|execute [^:]*): DECLARE c\d+ CURSOR FOR/g);
}

sub log_end { return -s $crm->logfile }

sub number { my ($query) = @_; return $here->safe_psql('postgres', $query) }

#
# Moving
#
use_template('postgresql');
like($here->safe_psql('postgres', q{SET plan_cache_mode = force_generic_plan; PREPARE p(text) AS SELECT * FROM crm.accounts a WHERE lower(a.email) = $1; EXPLAIN (VERBOSE) EXECUTE p('x')}),
	qr/Remote SQL: .* WHERE \(\(lower\(email\) = \$1::text\)\)/, 'the condition is sent to the other server');

my $before = log_end();
is_deeply(sign_in([ 1 .. 900 ], $old), { success => 900 }, '900 users sign in for the first time');
is(asked($before), 900, 'the other server was asked once for each');
is(number(q{SELECT count(*), count(DISTINCT user_id) FROM userdir.identities WHERE connection = 'shop' AND is_primary}), '900|900', 'each is imported once');
is(number(q{SELECT count(*) FROM userdir.profiles p, generate_series(1, 900) n
	WHERE p.user_id = 'auth0|' || n AND p.email = 'user' || n || '@example.com' AND p.name = 'User ' || n AND p.email_verified = (n % 2 = 0)
	  AND p.app_metadata ->> 'plan' = CASE n % 3 WHEN 0 THEN 'gold' ELSE 'free' END AND p.logins_count = 1}), '900', 'with id, address, name, metadata and one login');
is(number(q{SELECT count(*) FROM userdir.credentials WHERE userdir.password_hash_info(hash) ->> 'scheme' = 'argon2id'}), '900', 'and with an argon2id hash');

$before = log_end();
is_deeply(sign_in([ 1 .. 40 ], $old), { success => 40 }, 'they sign in again');
is_deeply(sign_in([ 41 .. 60 ], sub { return 'wrong' }), { invalid_user_password => 20 }, 'not with a wrong password');
is(asked($before), 0, 'and nobody asks the other server');

is_deeply(sign_in([ 901 .. 940 ], $old, all => 1), { success => 160 }, '40 users sign in by four sessions each, at once');
is(number(q{SELECT count(*), count(DISTINCT user_id) FROM userdir.identities i WHERE i.provider_user_id::integer BETWEEN 901 AND 940}), '40|40', 'each is imported once');
is(number(q{SELECT count(*), sum(l.logins_count) FROM userdir.credentials k JOIN userdir.user_logins l USING (user_id) WHERE k.provider_user_id::integer BETWEEN 901 AND 940}), '40|160', 'with one password and four logins');

is_deeply(sign_in([ 991 .. 1000 ], $old), { invalid_user_password => 10 }, 'users who were deleted there do not sign in');
is_deeply(sign_in([ 951 .. 960 ], sub { return 'wrong' }), { invalid_user_password => 10 }, 'nor does a wrong password import anybody');
is(number(q{SELECT count(*) FROM userdir.users}), '940', 'none of them is here');

my %ticket = map { $_ => number("SELECT userdir.request_password_change('shop', 'user$_\@example.com')") } 941 .. 950;
is(number(q{SELECT count(*) FROM userdir.users}), '940', 'asking for a new password imports nobody');
is(join(' ', map { number("SELECT outcome FROM userdir.reset_password('$ticket{$_}', 'New-Boat-$_')") } sort keys %ticket), join(' ', ('success') x 10), 'ten users choose a new password before their first login');
is_deeply(sign_in([ 941 .. 950 ], sub { return "New-Boat-$_[0]" }), { success => 10 }, 'and sign in with it');
is_deeply(sign_in([ 941 .. 950 ], $old), { invalid_user_password => 10 }, 'but not with the old one');

is(number(q{SELECT userdir.delete_user('auth0|1')}), 't', 'a user is deleted here');
is_deeply(sign_in([1], $old), { success => 1 }, 'and comes again, as the other server has the user');
$crm->safe_psql('crm', 'DELETE FROM accounts WHERE id = 2');
number(q{SELECT userdir.delete_user('auth0|2')});
is_deeply(sign_in([2], $old), { invalid_user_password => 1 }, 'one who is deleted on both sides does not');

#
# The other server is slow
#
sub timed_login
{
	my ($n, $settings) = @_;
	my $start = time;
	my $answer = $here->safe_psql('postgres', "$settings " . login_call($n, "Old-Boat-$n") . "SELECT details ->> 'sqlstate' FROM userdir.logs ORDER BY date DESC, log_id DESC LIMIT 1");
	return ($answer, time - $start);
}
$crm->safe_psql('crm', q{ALTER TABLE accounts RENAME TO stored; CREATE FUNCTION slowly() RETURNS boolean LANGUAGE plpgsql VOLATILE AS 'BEGIN PERFORM pg_sleep(60); RETURN true; END';
	CREATE VIEW accounts AS SELECT s.* FROM stored s WHERE slowly()});
my ($answer, $seconds) = timed_login(961, q{SET userdir.custom_database_timeout = '1s';});
is($answer, "access_denied\nUD064", 'a slow server: an outcome, and the time limit in the log');
cmp_ok($seconds, '<', 6, 'within the limit');
ok($crm->poll_query_until('crm', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%accounts%' AND pid <> pg_backend_pid()}), 'its query is cancelled there');
is(number(q{SELECT count(*) FROM userdir.users WHERE email LIKE 'user961@%'}), '0', 'nobody is imported');
my (undef, undef, $error) = $here->psql('postgres', "SET statement_timeout = '1s'; " . login_call(961, 'Old-Boat-961'));
like($error, qr/canceling statement due to statement timeout/, 'a limit of the caller is an error');

# No more than so many wait for it.
my @waiting = map { start_session(q{SET userdir.custom_database_max_concurrent = 2; SET userdir.custom_database_timeout = '30s';} . login_call(961 + $_, 'x')) } 1 .. 5;
ok($here->poll_query_until('postgres', q{SELECT count(*) = 3 FROM userdir.logs WHERE details ->> 'sqlstate' = 'UD202'}), 'of five logins at once two wait, three are told so');
is(number(q{SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%userdir.login%' AND pid <> pg_backend_pid()}), '2', 'while these still wait');
$crm->safe_psql('crm', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%accounts%' AND pid <> pg_backend_pid()});
$_->{run}->finish for @waiting;
is(join(' ', map { $_->{out} =~ s/\n//r } @waiting), join(' ', ('access_denied') x 5), 'all have an outcome, also when the query is ended over there');
$crm->safe_psql('crm', 'DROP VIEW accounts; ALTER TABLE stored RENAME TO accounts');
is_deeply(sign_in([961], $old), { success => 1 }, 'when it is quick again, the user comes');

#
# The other server is down, or silent
#
$crm->stop('immediate');
($answer, $seconds) = timed_login(970, '');
is($answer, "access_denied\n08001", 'a server that is down: an outcome, and the reason in the log');
cmp_ok($seconds, '<', 5, 'at once');
is_deeply(sign_in([ 1, 3 .. 940, 961 ], $old), { success => 940 }, 'all who have come sign in');
is(number(q{SELECT outcome FROM userdir.signup('shop', '{"email": "new@example.com"}', 'New-Boat-1')}), 'access_denied', 'nobody signs up who may be there');
is(number(q{SELECT userdir.request_password_change('shop', 'user970@example.com') IS NULL, userdir.request_password_change('shop', 'user3@example.com') IS NULL}), 't|f', 'a password can be changed by whoever is here');

my $path = $crm->host . '/.s.PGSQL.' . $crm->port;
unlink $path;
my $silent = IO::Socket::UNIX->new(Type => IO::Socket::UNIX::SOCK_STREAM(), Local => $path, Listen => 10) or die "$path: $!";
($answer, $seconds) = timed_login(970, '');
like($answer, qr/^access_denied\n(?:08001|UD064)$/, 'a server that takes connections and says nothing: an outcome');
# From PostgreSQL 16 on postgres_fdw heeds connect_timeout no longer, but can be stopped.
cmp_ok($seconds, '<', $here->pg_version < 16 ? 9 : 15, 'within the time for connecting, or for an action');
$silent->close;
unlink $path;
number(q{CREATE OR REPLACE FUNCTION crm.login(login text, password userdir.secret, context jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb';
	CREATE OR REPLACE FUNCTION crm.get_user(login text, context jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb'});
is_deeply(sign_in([970], $old), { invalid_user_password => 1 }, 'the end of the migration: who never came is unknown');
is(number(q{SELECT outcome FROM userdir.signup('shop', '{"email": "new@example.com"}', 'New-Boat-1')}), 'success', 'and new users sign up');

#
# Users who stay there
#
$crm->start;
number(q{DROP SCHEMA crm CASCADE; DROP SERVER crm CASCADE; SELECT userdir.delete_connection('shop', true); SELECT userdir.create_connection('shop', 'auth0')});
use_template('postgresql');
use_template('postgresql-legacy');
is_deeply(sign_in([ 971 .. 980 ], $old), { success => 10 }, 'legacy: ten users sign in');
is(number(q{SELECT (SELECT count(*) FROM userdir.users), (SELECT count(*) FROM userdir.credentials)}), '10|0', 'with profiles here and no hash');
is(number(q{SELECT outcome, user_id FROM userdir.signup('shop', '{"email": "New@example.com", "name": "New"}', 'New-Boat-1')}), 'success|auth0|5000', 'somebody signs up');
is($crm->safe_psql('crm', q{SELECT email, name, password_hash LIKE '$2a$10$%' FROM accounts WHERE id = 5000}), 'new@example.com|New|t', 'and is there, with a bcrypt hash');
is(number(q{SELECT outcome FROM userdir.signup('shop', '{"email": "new@example.com"}', 'New-Boat-1')}), 'user_exists', 'once');
is(number(q{SELECT outcome FROM userdir.signup('shop', '{"email": "other@example.com"}', 'New-Boat-1')}), 'user_exists', 'a conflict that the other server finds is one');
is(number(q{SELECT success FROM userdir.verify_email(userdir.create_email_verification_ticket('auth0|5000'))}), 't', 'verified');
is(number(q{SELECT userdir.set_password('auth0|5000', 'New-Boat-2'); SELECT outcome FROM userdir.login('shop', 'new@example.com', 'New-Boat-2'); SELECT outcome FROM userdir.login('shop', 'new@example.com', 'New-Boat-1')}), "\nsuccess\ninvalid_user_password", 'a new password');
is(number(q{SELECT email_verified FROM userdir.users WHERE user_id = 'auth0|5000'}), 't', 'what was verified there is known here after a login');
is(number(q{SELECT userdir.update_user('auth0|5000', '{"email": "newer@example.com"}') ->> 'email'}), 'newer@example.com', 'a new address');
is($crm->safe_psql('crm', q{SELECT email, email_verified FROM accounts WHERE id = 5000}), 'newer@example.com|f', 'is there');
$here->psql('postgres', q{BEGIN; SELECT userdir.delete_user('auth0|5000'); ROLLBACK;});
is($crm->safe_psql('crm', q{SELECT count(*) FROM accounts WHERE id = 5000}), '1', 'a deletion that is rolled back here is rolled back there');
is(number(q{SELECT userdir.delete_user('auth0|5000')}), 't', 'a deletion');
is($crm->safe_psql('crm', q{SELECT count(*) FROM accounts WHERE id = 5000}), '0', 'happens there');

#
# A dump carries the actions, and what they need
#
my $dump = $here->basedir . '/dump.sql';
$here->safe_psql('postgres', 'CREATE DATABASE restored');
$here->command_ok([ 'pg_dump', '-f', $dump, $here->connstr('postgres') ], 'dumped');
$here->command_ok([ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-f', $dump, '-d', $here->connstr('restored') ], 'restored');
is($here->safe_psql('restored', login_call(971, 'Old-Boat-971') . login_call(981, 'Old-Boat-981') . login_call(981, 'wrong')), "success\nsuccess\ninvalid_user_password", 'users sign in to the copy');
is($here->safe_psql('restored', q{SELECT userdir.set_password('auth0|981', 'New-Boat-981'); SELECT outcome FROM userdir.login('shop', 'user981@example.com', 'New-Boat-981')}), "\nsuccess", 'and choose new passwords');

done_testing();
