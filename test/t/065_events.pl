# Events: nothing is lost when the server is killed, when a directory with waiting events is dumped and restored into
# another cluster, or when many write and read at once. And the publication of docs/events.md: users without secrets.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use UserdirTest;

my $node = new_server('events');
my $dir = PostgreSQL::Test::Utils::tempdir();

sql_script($node, 'postgres', read_file(root_file('t/sample_roles.sql')));
$node->safe_psql('postgres', 'CREATE DATABASE shop OWNER shop_owner');
$node->safe_psql('shop', 'CREATE EXTENSION userdir');
as_owner($node, q{SELECT userdir.install('shop'); SELECT userdir.create_connection('db', 'auth0')});

sub as_owner
{
	my ($on, $sql) = @_;
	return $on->safe_psql('shop', $sql, extra_params => [ '-U', 'shop_owner' ]);
}

# read_all reads and acknowledges until there is nothing, and returns "user changed-name" for each event.
sub read_all
{
	my ($on, $consumer) = @_;
	my @events;
	while (my $lines = as_owner($on, qq{SELECT position, type, user_id FROM userdir.read_events('$consumer', 100, '0') ORDER BY 1}))
	{
		my @lines = split /\n/, $lines;
		push @events, @lines;
		my ($last) = $lines[-1] =~ /^(\d+)/;
		as_owner($on, "SELECT userdir.ack_events('$consumer', $last)");
	}
	return @events;
}

#
# NOTIFY, within the transaction
#
as_owner($node, q{SELECT userdir.create_consumer('mailer'), userdir.create_consumer('quiet', notify => false)});
my $heard = $node->safe_psql('shop', q{
	LISTEN userdir_events;
	BEGIN;
	SELECT userdir.create_user('db', '{"email": "rolled.back@example.com"}') IS NOT NULL;
	ROLLBACK;
	SELECT 'quiet until here';
	BEGIN;
	SELECT count(userdir.create_user('db', jsonb_build_object('email', 'n' || n || '@example.com', 'user_id', 'n' || n))) FROM generate_series(1, 3) n;
	COMMIT;
	SELECT 'heard';
}, extra_params => [ '-U', 'shop_owner' ]);
like($heard, qr/\At\nquiet until here\n3\nAsynchronous/, 'nothing is notified of what is rolled back');
is(scalar(() = $heard =~ /Asynchronous notification "userdir_events" with payload "mailer"/g), 1, 'one notification for a transaction');
unlike($heard, qr/payload "quiet"/, 'a consumer without notify sends none');
is(scalar(read_all($node, 'mailer')), 3, 'the events are there');

#
# Many writers and two readers at once: every event is read, once, and each user's in order
#
my $script = "$dir/write.sql";
append_to_file($script, q{\set u random(1, 3)
BEGIN;
UPDATE userdir.users SET user_metadata = jsonb_build_object('n', coalesce((user_metadata ->> 'n')::integer, 0) + 1) WHERE user_id = 'auth0|n:u';
\sleep :u ms
COMMIT;
});
as_owner($node, q{
	SELECT userdir.create_consumer('history', with_profile => true);
	CREATE TABLE public.received (nr bigint GENERATED ALWAYS AS IDENTITY, position bigint, user_id text, n integer);
	-- Reads, works and acknowledges in one transaction.
	CREATE FUNCTION public.take() RETURNS bigint LANGUAGE plpgsql AS $$
	DECLARE last bigint;
	BEGIN
	  INSERT INTO public.received (position, user_id, n)
	    SELECT e.position, e.user_id, (e.data #>> '{user,user_metadata,n}')::integer FROM userdir.read_events('history', 10, '0') e ORDER BY 1;
	  last := (SELECT max(r.position) FROM public.received r);
	  RETURN CASE WHEN last IS NOT NULL THEN userdir.ack_events('history', last) END;
	END $$;
});
append_to_file("$dir/read.sql", 'SELECT public.take();');
my @processes;
for my $command ([ 'write.sql', 5, 120 ], [ 'read.sql', 2, 200 ])
{
	my ($file, $clients, $transactions) = @$command;
	my $out = '';
	push @processes, [ IPC::Run::start([ 'pgbench', '-n', '-h', $node->host, '-p', $node->port, '-U', 'shop_owner', '-c', $clients, '-t', $transactions, '-f', "$dir/$file", 'shop' ], '>&', \$out), \$out ];
}
for (@processes)
{
	ok($_->[0]->finish, 'writers and readers ran') or diag(${ $_->[1] });
}
1 while as_owner($node, 'SELECT public.take()') =~ /^[1-9]/;
is(as_owner($node, 'SELECT count(*), count(DISTINCT position), max(position) FROM public.received'), '600|600|600', 'every event was read, and none twice');
is(as_owner($node, 'SELECT count(*) FROM (SELECT n, row_number() OVER (PARTITION BY user_id ORDER BY position) AS wanted FROM public.received) r WHERE n <> wanted'),
	'0', 'those of each user in the order of their commits');

#
# kill -9: what was committed is there, what was read and not acknowledged comes again
#
read_all($node, $_) for qw(mailer quiet);
as_owner($node, q{SELECT userdir.update_user('auth0|n' || n, '{"name": "before the crash"}') IS NOT NULL FROM generate_series(1, 3) n});
is(as_owner($node, q{SELECT string_agg(user_id, ' ' ORDER BY position) FROM userdir.read_events('mailer', 2)}), 'auth0|n1 auth0|n2', 'two are read');
my $open = $node->background_psql('shop');
$open->query_safe(q{BEGIN; UPDATE userdir.users SET name = 'never committed' WHERE user_id = 'auth0|n1'; SELECT count(*) FROM userdir.read_events('quiet')});
$node->stop('immediate');
eval { $open->quit };
$node->start;
is(as_owner($node, q{SELECT count(*) FROM userdir.read_events('mailer', 100, '0')}), '0', 'kill: the lease still stands');
is(as_owner($node, q{SELECT waiting, unacknowledged FROM userdir.event_consumers WHERE consumer = 'mailer'}), '3|2', 'kill: all are waiting');
$node->safe_psql('shop', 'UPDATE userdir.consumers SET leased_until = now()');
is(join(',', map { (split /\|/)[2] . '|' . (split /\|/)[3] } read_all($node, 'mailer')), 'auth0|n1,auth0|n2,auth0|n3', 'kill: and come again, in order, without what was not committed');
is(scalar(read_all($node, 'quiet')), 3, 'kill: a transaction that had read took nothing away');

#
# Dump and restore into another cluster, which knows nothing of the transactions of this one
#
as_owner($node, q{SELECT userdir.update_user('auth0|n' || n, '{"name": "in the dump"}') IS NOT NULL FROM generate_series(1, 3) n});
as_owner($node, q{SELECT userdir.ack_events('mailer', max(position) - 1) FROM userdir.read_events('mailer', 2, '0')});
my $position = as_owner($node, q{SELECT position, unacknowledged, waiting FROM userdir.event_consumers WHERE consumer = 'mailer'});
like($position, qr/^\d+\|1\|2$/, 'dump: one was read, two are waiting');

my $young = new_server('young');
my $old_xid = $node->safe_psql('shop', 'SELECT pg_current_xact_id()');
cmp_ok($old_xid, '>', $young->safe_psql('postgres', 'SELECT pg_current_xact_id()'), 'dump: the new cluster is younger');
my $aged = new_server('aged');
$aged->stop;
command_ok([ 'pg_resetwal', '-x', '2000000', $aged->data_dir ], 'dump: a cluster that is older');
# The commit log of the transactions that were skipped.
my $segment = $aged->data_dir . '/pg_xact/0001';
append_to_file($segment, "\0" x (256 * 1024)) unless -e $segment;
$aged->start;
my $wanted = $node->safe_psql('shop', 'SELECT user_id, moment FROM userdir.events ORDER BY 1, 2');
for my $target ($young, $aged)
{
	my $name = $target->name;
	sql_script($target, 'postgres', read_file(root_file('t/sample_roles.sql')));
	$target->safe_psql('postgres', 'CREATE DATABASE shop OWNER shop_owner');
	my ($from, $to) = map { $_->connstr('shop') } $node, $target;
	command_ok([ 'sh', '-c', "pg_dump -Fc -d \"$from\" | pg_restore -e -d \"$to\"" ], "$name: dump and restore");
	# New changes before anybody reads.
	as_owner($target, q{SELECT userdir.update_user('auth0|n1', '{"name": "after the restore"}') IS NOT NULL});
	is(as_owner($target, q{SELECT string_agg(substr(user_id, 7), ' ' ORDER BY position), min(position) FROM userdir.read_events('mailer', 100, '0')}),
		'n2 n3 n1|' . ((split /\|/, $position)[0] + 1), "$name: what was waiting comes first, under its positions, then what is new");
	as_owner($target, q{SELECT userdir.ack_events('mailer', max(position)) FROM userdir.read_events('mailer', 100, '0')});
	as_owner($target, q{SELECT userdir.delete_user('auth0|n1')});
	is(as_owner($target, q{SELECT type, user_id FROM userdir.read_events('mailer')}), 'user.deleted|auth0|n1', "$name: and it goes on");
	is(as_owner($target, q{SELECT consumer, waiting FROM userdir.event_consumers WHERE consumer = 'quiet'}), 'quiet|5', "$name: other consumers have theirs");
	is(as_owner($target, q{SELECT count(*) FROM userdir.event_consumers WHERE NOT writing}), '0', "$name: all triggers are there");
}
is($node->safe_psql('shop', 'SELECT user_id, moment FROM userdir.events ORDER BY 1, 2'), $wanted, 'dump: the source is as it was');

#
# The publication and the copy of docs/events.md
#
my %block;
my $page = read_file(root_file('docs/events.md'));
$block{$1} = $2 while $page =~ /^<!-- publication: (\w+) -->\n(?:<!-- sql: skip -->\n)?```sql\n(.*?)^```$/msg;
is(join(' ', sort keys %block), 'copy publish subscribe', 'the page has what is to be run');
as_owner($node, q{
	SELECT userdir.create_user('db', '{"email": "secret@example.com", "user_id": "secret", "app_metadata": {"internal": "hidden-in-app-metadata"}, "user_metadata": {"own": "hidden-in-user-metadata"}}', 'Hidden-Boat-1') IS NOT NULL;
	SELECT userdir.create_connection('hub', 'github', '{"client_secret": "hidden-in-options"}') IS NOT NULL;
	SELECT userdir.create_password_change_ticket('auth0|secret') IS NOT NULL;
});
$node->safe_psql('shop', $block{publish});
my $copy = new_server('copy');
$copy->safe_psql('postgres', $block{copy});
my $connection = $node->connstr('shop');
$copy->safe_psql('postgres', $block{subscribe} =~ s/CONNECTION '.*?'/CONNECTION \$\$$connection\$\$/r);
$copy->wait_for_subscription_sync($node, 'userdir_profiles');
my $fields = 'user_id, email, email_verified, name, nickname, blocked, created_at';
is($copy->safe_psql('postgres', "SET TimeZone = 'UTC'; SELECT $fields FROM userdir.users ORDER BY 1"),
	$node->safe_psql('shop', "SET TimeZone = 'UTC'; SELECT $fields FROM userdir.users ORDER BY 1"), 'publication: all users');
as_owner($node, q{
	SELECT userdir.update_user('auth0|secret', '{"name": "Changed"}') IS NOT NULL, userdir.delete_user('auth0|n2');
	SELECT userdir.create_user('db', '{"email": "late@example.com", "user_id": "late"}', 'Hidden-Boat-2') IS NOT NULL;
});
$node->wait_for_catchup('userdir_profiles');
is($copy->safe_psql('postgres', "SET TimeZone = 'UTC'; SELECT $fields FROM userdir.users ORDER BY 1"),
	$node->safe_psql('shop', "SET TimeZone = 'UTC'; SELECT $fields FROM userdir.users ORDER BY 1"), 'publication: changes, deletions and new users');
is($copy->safe_psql('postgres', 'SELECT user_id, connection FROM userdir.identities ORDER BY 1'), $node->safe_psql('shop', 'SELECT user_id, connection FROM userdir.identities ORDER BY 1'), 'publication: identities');
$copy->safe_psql('postgres', 'DROP SUBSCRIPTION userdir_profiles');

# What goes over the wire holds no secret: here as the server's own decoder writes it, for exactly the published columns.
my $published = $node->safe_psql('shop', q{SELECT schemaname || '.' || tablename || ': ' || array_to_string(attnames, ' ') FROM pg_publication_tables WHERE pubname = 'userdir_profiles' ORDER BY 1});
unlike($published, qr/hash|token|options|metadata|attributes|profile_data|salt|credentials|tickets|password/, 'publication: no column with a secret');
$node->safe_psql('shop', q{SELECT pg_create_logical_replication_slot('look', 'pgoutput')});
as_owner($node, q{SELECT userdir.set_password('auth0|secret', 'Hidden-Boat-3'), userdir.update_user('auth0|secret', '{"name": "Changed again", "app_metadata": {"internal": "hidden-again"}}') IS NOT NULL});
my $wire = $node->safe_psql('shop', q{SELECT string_agg(encode(data, 'escape'), '') FROM pg_logical_slot_get_binary_changes('look', NULL, NULL, 'proto_version', '1', 'publication_names', 'userdir_profiles')});
like($wire, qr/Changed again/, 'publication: the change is on the wire');
unlike($wire, qr/hidden|argon2/i, 'publication: no secret is');
$node->safe_psql('shop', q{SELECT pg_drop_replication_slot('look')});

done_testing();
