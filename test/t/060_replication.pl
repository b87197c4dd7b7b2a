# A hot standby serves the functions that read; those that write say where to go, with one message.
# And logical replication carries a directory to another server, as docs/operations.md says.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use UserdirTest;

my $primary = new_server('primary');
sql_script($primary, 'postgres', read_file(root_file('t/sample_roles.sql')));
$primary->safe_psql('postgres', 'CREATE DATABASE shop OWNER shop_owner');
$primary->safe_psql('shop', 'CREATE EXTENSION userdir');
$primary->safe_psql('shop', q{SELECT userdir.install('shop')}, extra_params => [ '-U', 'shop_owner' ]);
sql_script($primary, 'shop', read_file(root_file('t/sample_directory.sql')), 'shop_owner');

$primary->safe_psql('shop', q{SELECT userdir.create_signing_key('ES256')}, extra_params => [ '-U', 'shop_owner' ]);

$primary->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'copy', has_streaming => 1);
$standby->start;
$primary->wait_for_catchup($standby);

# Every public function that is volatile, but for those that write nothing; whoever adds one adds a call of it below.
my @functions = split /\n/, $primary->safe_psql('shop', q{
	SELECT DISTINCT p.proname FROM pg_proc p
	  JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
	  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'userdir'
	 WHERE p.proname !~ '^_' AND p.provolatile = 'v'
	   AND p.proname NOT IN ('search_explain', 'authenticate', 'clear_identity', 'sign_jwt', 'sign_jwt_with_secret', 'password_matches', 'reveal', 'root_keys', 'export_keys',
	                         -- These change a file of the server's.
	                         'add_root_key', 'remove_root_key')});

my %writer = (
	create_connection      => q{'new', 'auth0'},
	update_connection      => q{'mail', '{}'},
	delete_connection      => q{'mail'},
	create_user            => q{'mail', '{"email": "n@example.com"}'},
	update_user            => q{'auth0|kate', '{"nickname": "k"}'},
	delete_user            => q{'auth0|kate'},
	upsert_from_connection => q{'github', '{"id": 583231, "login": "octocat", "email": "changed@example.com"}'},
	grant_to               => q{'shop_reader', 'editor'},
	revoke_from            => q{'shop_reader', 'reader'},
	install                => '',
	uninstall              => q{'shop'},
	add_breached_passwords   => q{'96E58C52E52B5F3BCB307D3309264D420B60403C'},
	clear_breached_passwords => '',
	update_attack_protection => q{'breached-password-detection', '{}'},
	unblock_user             => q{'kate@example.com'},
	unblock_user_by_id       => q{'auth0|kate'},
	unblock_ip               => q{'192.0.2.1'},
	purge_attempts           => '',
	login                    => q{'customers', 'kate', 'Kates-Second-Boat'},
	federated_login          => q{'github', profile => '{"id": 583231, "login": "octocat"}'},
	set_custom_database      => q{'crm'},
	try_custom_database      => q{'crm', 'get_user', 'ann@crm.example'},
	set_connection_jwks      => q{'corp', '{"keys": []}'},
	authenticate_password    => q{'customers', 'kate', 'Kates-Second-Boat'},
	signup                   => q{'customers', '{"email": "n@example.com", "username": "n"}', 'x'},
	change_password          => q{'customers', 'kate', 'Kates-Second-Boat', 'Kates-Third-Boat'},
	set_password             => q{'auth0|kate', 'Kates-Third-Boat'},
	set_password_hash        => q{'auth0|kate', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g='},
	request_password_change  => q{'customers', 'kate@example.com'},
	reset_password           => q{'x.y', 'Kates-Third-Boat'},
	verify_email             => q{'x.y'},
	create_password_change_ticket    => q{'auth0|kate'},
	create_email_verification_ticket => q{'auth0|kate'},
	wrap_weak_hashes         => '',
	maintain_logs            => '',
	create_client            => q{'new'},
	update_client            => q{'web', '{}'},
	rotate_client_secret     => q{'web'},
	delete_client            => q{'web'},
	create_resource_server   => q{'urn:new'},
	update_resource_server   => q{'https://api.example.com/', '{}'},
	delete_resource_server   => q{'https://api.example.com/'},
	set_issuer               => q{'https://other.example.com/'},
	set_session_lifetimes    => '',
	issue_tokens             => q{'auth0|kate', 'web'},
	refresh_tokens           => q{'web', 'x'},
	revoke_token             => q{'web', 'x'},
	revoke_refresh_token     => q{'x'},
	revoke_session           => q{'x'},
	revoke_user_access       => q{'auth0|kate'},
	purge_tokens             => '',
	create_signing_key       => q{'ES384'},
	rotate_signing_keys      => q{'ES256'},
	revoke_signing_key       => q{'x'},
	maintain_signing_keys    => '',
	import_signing_key       => q{'{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}'},
	import_verification_key  => q{'https://idp.example.com/', '{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}'},
	delete_verification_key  => q{'https://idp.example.com/', 'x'},
	import_keys              => q{'a long passphrase', 'x'},
	rotate_root_key          => '',
	reseal_all               => '',
	create_consumer          => q{'new'},
	update_consumer          => q{'mailer', '{"notify": false}'},
	drop_consumer            => q{'mailer'},
	read_events              => q{'mailer'},
	ack_events               => q{'mailer', 4},
	purge_events             => '',
	continue_login           => q{'x.y'},
	issue_client_tokens      => q{'web', 'https://api.example.com/'},
	create_client_grant      => q{'web', 'https://api.example.com/'},
	delete_client_grant      => q{'x'},
	create_rule              => q{'late', 'post_login', 'public.greet'},
	drop_rule                => q{'greet'},
	rename_rule              => q{'greet', 'welcome'},
	move_rule                => q{'greet', 7},
	enable_rule              => q{'refuse'},
	disable_rule             => q{'greet'},
	try_rule                 => q{'greet', 'auth0|kate'},
	set_configuration        => q{'greeting', 'x'},
	delete_configuration     => q{'greeting'},
	create_metadata_index    => q{'app_metadata.plan', 'text'},
	drop_metadata_index      => q{'app_metadata.plan', 'text'},
);

# error_of returns SQLSTATE, message and hint of a statement, as the owner of the directory.
sub error_of
{
	my ($statement) = @_;
	my (undef, undef, $error) = $standby->psql('shop', "\\set VERBOSITY verbose\n$statement", extra_params => [ '-U', 'shop_owner' ]);
	return $error;
}

for my $name (@functions)
{
	if (!exists $writer{$name})
	{
		fail("$name has no call in this test");
		next;
	}
	like(error_of("SELECT userdir.$name($writer{$name})"),
		qr/ERROR: +25006: a directory cannot be changed on a standby\nHINT: +Connect to the primary server\./, "$name is refused with the hint");
}
is(join(' ', grep { my $name = $_; !grep { $_ eq $name } @functions } sort keys %writer), '', 'every writing function exists');
like(error_of(q{UPDATE userdir.users SET nickname = 'x'}), qr/25006: cannot execute UPDATE in a read-only transaction/, 'plain SQL is refused by the server');

# Reading gives the same on both.
my @readers = (
	q{SELECT library = sql, data, remedy IS NULL FROM userdir.version()},
	q{SELECT userdir.get_user('auth0|kate')},
	q{SELECT userdir.get_user('nobody') IS NULL},
	q{SELECT userdir.get_users_by_email('user5@example.com')},
	q{SELECT userdir.list_users(page => 1, per_page => 7, sort => 'email:-1', include_totals => true)},
	q{SELECT userdir.list_users(take => 3, connection => 'customers')},
	q{SELECT count(*), count(last_login) FROM userdir.profiles},
	q{SELECT userdir.normalize_profile('github', '{"id": 1, "login": "x"}')},
	q{SELECT count(*) FROM userdir.strategies()},
	q{SELECT userdir.merge_metadata('{"a": 1}', '{"a": null, "b": 2}'), userdir.check_metadata('user_metadata', '{}')},
);
for my $role (qw(shop_owner shop_reader))
{
	my @answers = map { my $node = $_; join "\n", map { $node->safe_psql('shop', $_, extra_params => [ '-U', $role ]) } @readers } $primary, $standby;
	is($answers[1], $answers[0], "$role reads the same on the standby");
}
my $connections = q{SELECT userdir.list_connections(), userdir.get_connection('github'), userdir.get_connection_jwks('corp'),
	userdir.verify_foreign_token('corp', 'eyJhbGciOiJFUzI1NiIsImtpZCI6InAtMjU2In0.eyJhdWQiOiJhcHAiLCJlbWFpbCI6ImpvaG5AZXhhbXBsZS5jb20iLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJuYW1lIjoiSm9obiBSb2UiLCJzdWIiOiJqb2huIn0.OXxwiKkxCIKGpYWPW7pP82Xd2yCqdh1odCfBdKHv2feR6gyo5CR6O_SioxxKqzozteBKqbtyZYgoV335TCiRLA'),
	userdir.check_password_policy('customers', '{"user_id": "auth0|kate"}', 'an earlier one'), userdir.breached_passwords_info(), userdir.get_attack_protection('breached-password-detection'),
	userdir.user_blocks('kate@example.com'), userdir.user_blocks_by_id('auth0|kate'), userdir.ip_block('192.0.2.1'), userdir.attempts_status(),
	userdir.get_client('web'), userdir.list_clients(), userdir.list_resource_servers(), userdir.get_resource_server('https://api.example.com/'), userdir.issuer(),
	userdir.list_sessions('auth0|kate'), userdir.list_refresh_tokens('auth0|kate'), userdir.get_session('x'), userdir.introspect('x'), userdir.userinfo('x')};
is($standby->safe_psql('shop', $connections, extra_params => [ '-U', 'shop_owner' ]),
	$primary->safe_psql('shop', $connections, extra_params => [ '-U', 'shop_owner' ]), 'functions that read as the owner do so on the standby');

# Tokens are verified there, too.
my $token = $primary->safe_psql('shop', q{SELECT userdir.sign_jwt('{"iss": "https://login.example.com/", "sub": "auth0|kate", "exp": 9999999999}', 'ES256')}, extra_params => [ '-U', 'shop_owner' ]);
is($standby->safe_psql('shop', "BEGIN; SELECT userdir.authenticate('$token'); SELECT userdir.user_id(); SELECT userdir.clear_identity(); SELECT userdir.user_id() IS NULL; COMMIT", extra_params => [ '-U', 'shop_reader' ]),
	"auth0|kate\nauth0|kate\n\nt", 'authenticate() works on the standby');

# Changes arrive, and a promoted standby takes writes.
$primary->safe_psql('shop', q{SELECT userdir.update_user('auth0|kate', '{"nickname": "arrived"}')}, extra_params => [ '-U', 'shop_owner' ]);
$primary->wait_for_catchup($standby);
is($standby->safe_psql('shop', q{SELECT userdir.get_user('auth0|kate') ->> 'nickname'}), 'arrived', 'changes arrive');
$standby->promote;
works_like_a_directory($standby, 'shop', 'shop_owner', 'promoted');
$standby->stop;

# Logical replication: the guard trigger lets the rows through, and changes nothing in them.
my $subscriber = new_server('subscriber');
sql_script($subscriber, 'postgres', read_file(root_file('t/sample_roles.sql')));
$subscriber->safe_psql('postgres', 'CREATE DATABASE shop OWNER shop_owner');
$subscriber->safe_psql('shop', 'CREATE EXTENSION userdir');
$subscriber->safe_psql('shop', 'SELECT userdir.install(); TRUNCATE userdir.directory, userdir.bundle_grants, userdir.attack_protection', extra_params => [ '-U', 'shop_owner' ]);
# The functions that a custom database is asked by are no rows.
my $get_user = $primary->safe_psql('shop', q{SELECT pg_get_functiondef('crm.get_user'::regproc)});
$subscriber->safe_psql('shop', "CREATE SCHEMA crm; $get_user", extra_params => [ '-U', 'shop_owner' ]);
$primary->safe_psql('shop', 'CREATE PUBLICATION directory FOR TABLES IN SCHEMA userdir');
$subscriber->safe_psql('shop', 'CREATE SUBSCRIPTION directory CONNECTION $$' . $primary->connstr('shop') . '$$ PUBLICATION directory');
$subscriber->wait_for_subscription_sync($primary, 'directory', 'shop');
is_same_lines(row_lines($subscriber, 'shop', 'userdir'), row_lines($primary, 'shop', 'userdir'), 'logical replication: all rows');
$primary->safe_psql('shop', q{
	SELECT userdir.update_user('auth0|u1', '{"user_metadata": {"moved": true}}'), userdir.delete_user('auth0|u2');
	SELECT userdir.create_user('mail', '{"email": "late@example.com"}'), userdir.create_connection('later', 'github', '{"a": 1}');
}, extra_params => [ '-U', 'shop_owner' ]);
$primary->wait_for_catchup('directory');
is_same_lines(row_lines($subscriber, 'shop', 'userdir'), row_lines($primary, 'shop', 'userdir'), 'logical replication: all changes');
is($subscriber->safe_psql('shop', 'SELECT remedy IS NULL FROM userdir.version()'), 't', 'logical replication: the copy fits its code');
$subscriber->safe_psql('shop', 'DROP SUBSCRIPTION directory');
works_like_a_directory($subscriber, 'shop', 'shop_owner', 'logical replication, cut off');

done_testing();
