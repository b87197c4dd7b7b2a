# Rules in more than one session: figures in shared memory, a rule that cannot be stopped, cancelled
# statements, rules that change while others run, and what the server's log has of secrets.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use UserdirTest;

my $node = PostgreSQL::Test::Cluster->new('rules');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'userdir'\nuserdir.password_memory = '7MB'\nlog_statement = none\nlog_error_verbosity = verbose\nfsync = off");
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION userdir;
	SELECT count(*) FROM userdir.install('rules');
	SELECT count(userdir.create_connection('shop', 'auth0'));
	SELECT count(userdir.create_user('shop', '{"email": "ada@example.com", "user_id": "ada"}', 'Paper-Boat-1843'));
	CREATE SCHEMA app;
	CREATE TABLE app.progress (step text);
});
my $login = q{SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843')};

# rule gives the only rule of post_login another body.
sub rule
{
	my ($body) = @_;
	$node->safe_psql('postgres', "CREATE OR REPLACE FUNCTION app.rule() RETURNS trigger LANGUAGE plpgsql AS \$rule\$ BEGIN $body RETURN NEW; END \$rule\$");
	$node->safe_psql('postgres', q{SELECT userdir.create_rule('it', 'post_login', 'app.rule') WHERE NOT EXISTS (SELECT FROM userdir.rules)});
	return;
}

# The figures are those of all sessions.
rule('');
is($node->safe_psql('postgres', $login), 'success', 'a rule runs') for 1 .. 3;
rule(q{RAISE 'broken in another session';});
is($node->safe_psql('postgres', $login), 'rule_failed', 'a rule fails');
is($node->safe_psql('postgres', q{SELECT calls, failures, last_sqlstate, last_error FROM userdir.rules}), '4|1|P0001|broken in another session', 'figures are shared by sessions');
$node->safe_psql('postgres', 'CREATE DATABASE other TEMPLATE postgres');
is($node->safe_psql('other', q{SELECT calls, failures FROM userdir.rules}), '0|0', 'a database has its own figures');
# A caller who rolls back takes nothing of them back.
rule(q{RAISE 'rolled back';});
$node->safe_psql('postgres', "BEGIN; $login; ROLLBACK");
is($node->safe_psql('postgres', q{SELECT calls, failures, last_error FROM userdir.rules}), '5|2|rolled back', 'figures survive a rollback');

# A rule that catches every cancellation costs its own session, and no other.
rule(q{LOOP BEGIN PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP;});
my $log_from = -s $node->logfile;
my ($code, $out, $error) = $node->psql('postgres', "SET userdir.rules_timeout = '200ms'; $login");
is($code, 2, 'a rule that cannot be stopped loses its connection');
like($error, qr/a rule or action that does not let itself be cancelled ends the connection/, 'and is told why');
ok($node->log_contains(qr/FATAL:  UD064/, $log_from), 'the log has the code');
ok(!$node->log_contains(qr/Paper-Boat/, $log_from), 'and no password');
is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server goes on');

# A statement that somebody cancels is cancelled: that is no outcome of the rule.
rule(q{INSERT INTO app.progress VALUES ('in'); PERFORM pg_sleep(60);});
my $session = $node->background_psql('postgres', on_error_stop => 0);
my $pid = $session->query_safe('SELECT pg_backend_pid()');
$session->query_until(qr/started/, "\\echo started\n$login;\n");
$node->poll_query_until('postgres', "SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = $pid") or die 'the rule does not sleep';
$log_from = -s $node->logfile;
$node->safe_psql('postgres', "SELECT pg_cancel_backend($pid)");
$node->wait_for_log(qr/57014: canceling statement due to user request/, $log_from);
is($session->query('SELECT 2'), '2', 'the session is as before');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.progress'), '0', 'nothing of what the rule did stays');
ok(!$node->log_contains(qr/Paper-Boat/, $log_from), 'no password in the log');
$session->quit;

# Rules can be added while others run, and dropped when they are done; who logs in next has the new ones.
rule(q{PERFORM pg_sleep(0.5);});
$session = $node->background_psql('postgres');
$session->query_until(qr/started/, "\\echo started\n$login;\n");
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}) or die 'the rule does not sleep';
$node->safe_psql('postgres', q{
	CREATE FUNCTION app.deny() RETURNS trigger LANGUAGE plpgsql AS $rule$ BEGIN NEW.denied := 'closed'; RETURN NEW; END $rule$;
	SELECT userdir.create_rule('deny', 'post_login', 'app.deny');
});
is($node->safe_psql('postgres', $login), 'unauthorized', 'a new rule is there for the next login');
$session->quit;
$node->safe_psql('postgres', q{SELECT userdir.drop_rule('deny'), userdir.disable_rule('it')});
is($node->safe_psql('postgres', $login), 'success', 'and gone for the one after');

# A session that has logged in for a long time has the rules that others make, switch and drop.
$session = $node->background_psql('postgres');
my $outcome = q{SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843');};
is($session->query_safe($outcome), 'success', 'a session without rules') for 1 .. 7;
for ([ q{SELECT userdir.create_rule('deny', 'post_login', 'app.deny')}, 'unauthorized', 'made' ],
	[ q{SELECT userdir.disable_rule('deny')}, 'success', 'switched off' ],
	[ q{SELECT userdir.enable_rule('deny')}, 'unauthorized', 'switched on' ],
	[ q{SELECT userdir.rename_rule('deny', 'refuse')}, 'unauthorized', 'renamed' ],
	[ q{INSERT INTO userdir.disabled_rules (stage, name) SELECT stage, trigger_name FROM userdir.rules ON CONFLICT DO NOTHING}, 'success', 'switched off by hand' ],
	[ q{TRUNCATE userdir.disabled_rules; SELECT userdir.drop_rule('it')}, 'unauthorized', 'switched on by hand' ],
	[ q{BEGIN; SELECT userdir.disable_rule('refuse'); ROLLBACK}, 'unauthorized', 'switched off and that taken back' ],
	[ q{CREATE OR REPLACE FUNCTION app.deny() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'}, 'success', 'made another' ],
	[ q{CREATE OR REPLACE FUNCTION app.deny() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.denied := $$x$$; RETURN NEW; END'}, 'unauthorized', 'made as before' ],
	[ q{SELECT userdir.drop_rule('refuse')}, 'success', 'dropped' ])
{
	my ($change, $expected, $what) = @$_;
	$node->safe_psql('postgres', $change);
	is($session->query_safe($outcome), $expected, "a rule that another session has $what");
}
$session->quit;
rule('');

# Figures begin anew with the server.
$node->restart;
is($node->safe_psql('postgres', q{SELECT calls, failures FROM userdir.rules}), '0|0', 'figures end with the server');
$node->stop;

done_testing();
